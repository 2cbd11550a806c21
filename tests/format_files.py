"""Makes one file of every format with the same twenty sentences, by writers that are not the readers' own."""

from __future__ import annotations

import csv
import gzip
import io
import json
import mailbox
import zipfile
from email.message import EmailMessage
from pathlib import Path

SECTIONS = {
    "Harbour": [
        "The ferry left the harbour at noon with forty barrels of pilchards.",
        "Nobody had told the quartermaster that the lighthouse was closed.",
        "A storm from Skagerrak tore two moorings out of the granite quay.",
        "Dr. Almqvist counted seventeen cormorants on the breakwater.",
        "The customs officer wrote everything into a green ledger.",
    ],
    "Orchard": [
        "The orchard gave eleven tonnes of quinces in a dry September.",
        "Bees from the monastery pollinated the medlar trees first.",
        "Frost killed 3.5 percent of the blossoms on the northern slope.",
        "The cider press was built in Ghent and repaired in Leuven.",
        "Her grandfather grafted every walnut tree with his own knife.",
    ],
    "Observatory": [
        "The telescope was pointed at Betelgeuse for nine nights.",
        "A cracked mirror delayed the spectrograph until February.",
        "Professor Oyelaran found the comet on a discarded plate.",
        "The dome turns on rails that were meant for a tramway.",
        "Clouds of dust over the plateau spoiled the last exposure.",
    ],
    "Foundry": [
        "The foundry cast a bell of bronze that weighed 812 kilograms.",
        "Molten tin was poured through a funnel of soapstone.",
        "The apprentices polished the clapper with wet pumice.",
        "A hairline fissure appeared when the metal cooled overnight.",
        "The parish paid in instalments over twenty-six years.",
    ],
}  # fmt: skip
TITLE = "Four places of work"
DAY = "2025-03-04"


def docx() -> bytes:
    """Make a Word document: chapters below a part, one of them a table, a footnote-free body."""
    import docx as writer

    document = writer.Document()
    document.core_properties.title = "The template's title"
    document.add_paragraph(TITLE, style="Title")
    document.add_paragraph("4 March 2025")
    for section, sentences in SECTIONS.items():
        document.add_heading("Report", 1) if section == "Harbour" else None
        document.add_heading(section, 2)
        document.add_paragraph(" ".join(sentences[:3]))
        table = document.add_table(rows=1, cols=2)
        table.rows[0].cells[0].text, table.rows[0].cells[1].text = "Number", "Statement"
        for number, sentence in enumerate(sentences[3:], start=4):
            cells = table.add_row().cells
            cells[0].text, cells[1].text = str(number), sentence
    return _saved(document)


def _saved(document: object) -> bytes:
    stream = io.BytesIO()
    document.save(stream)  # type: ignore[attr-defined]
    return stream.getvalue()


def pptx() -> bytes:
    """Make a presentation: a slide a section, its last sentence in the notes."""
    import pptx as writer

    deck = writer.Presentation()
    deck.core_properties.title = TITLE
    for section, sentences in SECTIONS.items():
        slide = deck.slides.add_slide(deck.slide_layouts[1])
        slide.shapes.title.text = section
        slide.placeholders[1].text = "\n".join(sentences[:4])
        slide.notes_slide.notes_text_frame.text = sentences[4]
    return _saved(deck)


def odt() -> bytes:
    """Make an OpenDocument text."""
    from odf import dc, text
    from odf.opendocument import OpenDocumentText

    document = OpenDocumentText()
    document.meta.addElement(dc.Title(text=TITLE))
    document.text.addElement(text.P(text="4 March 2025"))
    for section, sentences in SECTIONS.items():
        if section == "Harbour":
            document.text.addElement(text.H(outlinelevel=1, text="Report"))
        document.text.addElement(text.H(outlinelevel=2, text=section))
        paragraph = text.P(text=" ".join(sentences[:3]))
        paragraph.addElement(text.S(c=2))
        document.text.addElement(paragraph)
        items = text.List()
        for sentence in sentences[3:]:
            item = text.ListItem()
            item.addElement(text.P(text=sentence))
            items.addElement(item)
        document.text.addElement(items)
    return _saved(document)


def ods() -> bytes:
    """Make a spreadsheet: a sheet a section, with a date and a whole number in each row, and rows that are repeated."""
    from odf import dc, text
    from odf.opendocument import OpenDocumentSpreadsheet
    from odf.table import CoveredTableCell, Table, TableCell, TableRow

    def row(*cells: TableCell, **attributes: object) -> TableRow:
        made = TableRow(**attributes)
        for cell in cells:
            made.addElement(cell)
        return made

    def cell(shown: str, **attributes: object) -> TableCell:
        made = TableCell(**attributes)
        made.addElement(text.P(text=shown))
        return made

    document = OpenDocumentSpreadsheet()
    document.meta.addElement(dc.Title(text=TITLE))
    for section, sentences in SECTIONS.items():
        sheet = Table(name=section)
        sheet.addElement(row(cell("Number"), TableCell(numbercolumnsrepeated=2), cell("Day"), cell("Statement")))
        for number, sentence in enumerate(sentences, start=1):
            day = cell(f"{number:02}/03/25", valuetype="date", datevalue=f"2025-03-{number:02}")
            plain = TableCell(valuetype="float", value=number)
            sheet.addElement(row(plain, cell(""), CoveredTableCell(), day, cell(sentence)))
            sheet.addElement(row(TableCell(numbercolumnsrepeated=16384), numberrowsrepeated=1_000_000))
        sheet.addElement(row(TableCell(), cell("Twice."), numberrowsrepeated=2))
        document.spreadsheet.addElement(sheet)
    return _saved(document)


def odp() -> bytes:
    """Make a presentation: a slide a section with a footer, its last sentence in the notes."""
    from odf import dc, draw, meta, presentation, style, text
    from odf.namespaces import PRESENTATIONNS
    from odf.opendocument import OpenDocumentPresentation

    document = OpenDocumentPresentation()
    document.meta.addElement(dc.Title(text=TITLE))
    document.meta.addElement(meta.CreationDate(text=f"{DAY}T09:00:00"))
    layout = style.PageLayout(name="layout")
    document.automaticstyles.addElement(layout)
    document.masterstyles.addElement(style.MasterPage(name="master", pagelayoutname=layout))

    def frame(kind: str, *lines: str) -> draw.Frame:
        made = draw.Frame(width="9cm", height="9cm")
        made.setAttrNS(PRESENTATIONNS, "class", kind)
        box = draw.TextBox()
        for line in lines:
            box.addElement(text.P(text=line))
        made.addElement(box)
        return made

    for section, sentences in SECTIONS.items():
        slide = draw.Page(masterpagename="master", name=section)
        slide.addElement(frame("footer", "Confidential"))
        slide.addElement(frame("outline", *sentences[:4]))
        slide.addElement(frame("title", section))
        notes = presentation.Notes()
        notes.addElement(frame("notes", sentences[4]))
        slide.addElement(notes)
        document.presentation.addElement(slide)
    return _saved(document)


def rtf() -> bytes:
    """Make an RTF text by hand."""
    body = "".join(rf"\pard\b {name}\b0\par {' '.join(lines)}\par " for name, lines in SECTIONS.items())
    information = rf"{{\info{{\title {TITLE}}}{{\creatim\yr2025\mo3\dy4\hr9}}}}"
    return rf"{{\rtf1\ansi\deff0{{\fonttbl{{\f0 Times;}}}}{information}{body}}}".encode("ascii")


def xlsx() -> bytes:
    """Make a workbook: a sheet a section, with a date, a whole number and a formula in each row."""
    from datetime import date

    import xlsxwriter

    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream)
    book.set_properties({"title": TITLE})
    day = book.add_format({"num_format": "dd/mm/yyyy"})
    for section, sentences in SECTIONS.items():
        sheet = book.add_worksheet(section)
        sheet.write_row(0, 0, ["Number", "Day", "Twice", "Statement"])
        for number, sentence in enumerate(sentences, start=1):
            sheet.write(number, 0, number)
            sheet.write_datetime(number, 1, date(2025, 3, number), day)
            sheet.write_formula(number, 2, f"=2*A{number + 1}", None, 2 * number)
            sheet.write(number, 3, sentence)
    book.close()
    return stream.getvalue()


def table(delimiter: str) -> bytes:
    """Make a delimited table in the encoding of old spreadsheets."""
    stream = io.StringIO()
    writer = csv.writer(stream, delimiter=delimiter)
    writer.writerow(["Place", "Café", "Statement"])
    for section, sentences in SECTIONS.items():
        writer.writerows([section, "né, ici", sentence] for sentence in sentences)
    return stream.getvalue().encode("cp1252")


_CONTAINER = """<?xml version="1.0"?><container xmlns="urn:oasis:names:tc:opendocument:xmlns:container" version="1.0">
<rootfiles><rootfile full-path="OEBPS/book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>"""
_XHTML = '<?xml version="1.0" encoding="utf-8"?><html xmlns="http://www.w3.org/1999/xhtml"><head><title/></head>'


def epub(version: int = 3) -> bytes:
    """Make an e-book: two chapters of its contents in one file, two in files of their own."""
    files = {"one": ["Harbour", "Orchard"], "two": ["Observatory"], "three": ["Foundry"]}
    parts = {"mimetype": "application/epub+zip", "META-INF/container.xml": _CONTAINER}
    entries = []
    for name, sections in files.items():
        body = "".join(f'<div><a id="{section}"/><p>{" ".join(SECTIONS[section])}</p></div>' for section in sections)
        parts[f"OEBPS/text/{name}.xhtml"] = f"{_XHTML}<body>{body}</body></html>"
        entries += [(f"text/{name}.xhtml" + (f"#{s}" if len(sections) > 1 else ""), s) for s in sections]
    items = "".join(f'<item id="{n}" href="text/{n}.xhtml" media-type="application/xhtml+xml"/>' for n in files)
    if version == 3:
        items += '<item id="nav" href="nav.xhtml" properties="nav" media-type="application/xhtml+xml"/>'
        links = "".join(f'<li><a href="{href}">{section}</a></li>' for href, section in entries)
        parts["OEBPS/nav.xhtml"] = (
            f'{_XHTML}<body><nav epub:type="toc"><ol><li><span>Report</span><ol>{links}</ol></li></ol></nav></body>'
            "</html>"
        )
    else:
        items += '<item id="ncx" href="toc.ncx" media-type="application/x-dtbncx+xml"/>'
        points = "".join(
            f'<navPoint><navLabel><text>{section}</text></navLabel><content src="{href}"/></navPoint>'
            for href, section in entries
        )
        parts["OEBPS/toc.ncx"] = (
            '<?xml version="1.0"?><ncx xmlns="http://www.daisy.org/z3986/2005/ncx/"><navMap><navPoint><navLabel><text>'
            f'Report</text></navLabel><content src="text/none.xhtml"/>{points}</navPoint></navMap></ncx>'
        )
    spine = "".join(f'<itemref idref="{name}"/>' for name in files)
    parts["OEBPS/book.opf"] = (
        '<?xml version="1.0"?><package xmlns="http://www.idpf.org/2007/opf" version="3.0">'
        f'<metadata xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>{TITLE}</dc:title><dc:date>2025-03-04</dc:date>'
        f"</metadata><manifest>{items}</manifest><spine>{spine}</spine></package>"
    )
    return zipped(parts)


def zipped(parts: dict[str, str] | dict[str, bytes]) -> bytes:
    """Make a ZIP archive."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return stream.getvalue()


def message(subject: str, sentences: list[str], day: int = 4) -> EmailMessage:
    """Make a mail with a plain and an HTML body and an attachment."""
    mail = EmailMessage()
    mail["From"], mail["To"] = "Zoë Ångström <zoe@example.org>", "Ned <ned@example.org>"
    mail["Subject"], mail["Date"] = subject, f"Tue, {day} Mar 2025 09:00:00 +0100"
    quoted = "".join(f"> {line}\n" for line in sentences[3:])
    mail.set_content("\n\n".join(sentences[:3]) + "\n\nOn Monday Ned wrote:\n" + quoted, cte="quoted-printable")
    mail.add_alternative("<p>Not this.</p>", subtype="html")
    mail.add_attachment(b"%PDF-", maintype="application", subtype="pdf", filename="plan.pdf")
    return mail


def eml() -> bytes:
    """Make one mail with all the sentences."""
    return message(TITLE, [sentence for sentences in SECTIONS.values() for sentence in sentences]).as_bytes()


def mbox(folder: Path) -> bytes:
    """Make a mailbox with a message a section."""
    box = mailbox.mbox(folder / "made.mbox")
    for day, (section, sentences) in enumerate(SECTIONS.items(), start=4):
        box.add(message(section, sentences, day))
    box.close()
    return (folder / "made.mbox").read_bytes()


def cues(vtt: bool = False) -> bytes:
    """Make subtitles: a minute a section, every sentence broken over two cues of two seconds."""
    blocks = [f"WEBVTT - {TITLE}\n\nNOTE made\nby hand" if vtt else ""]
    for minute, sentences in enumerate(SECTIONS.values()):
        for number, sentence in enumerate(sentences):
            middle = sentence.index(" ", len(sentence) // 2)
            for half, words in enumerate((sentence[:middle], sentence[middle + 1 :])):
                second = 4 * number + 2 * half
                mark = "." if vtt else ","
                times = f"00:{minute:02}:{second:02}{mark}000 --> 00:{minute:02}:{second + 2:02}{mark}000"
                said = f"<c.yellow>{words}</c>" if vtt else f"{{\\an8}}<i>{words}</i>"
                blocks.append(f"{times} align:start\n{said}" if vtt else f"{len(blocks)}\r\n{times}\r\n{said}")
    return ("\n\n" if vtt else "\r\n\r\n").join(blocks).encode()


def records(lines: bool = False) -> bytes:
    """Make JSON records, an article a section."""
    articles = [
        {"id": n, "headline": section, "published": f"2025-03-0{n}", "body": " ".join(sentences), "author": "Zoë"}
        for n, (section, sentences) in enumerate(SECTIONS.items(), start=1)
    ]
    if lines:
        return "\n".join(map(json.dumps, articles)).encode()
    return json.dumps({"title": TITLE, "articles": articles}, ensure_ascii=False).encode()


def markdown() -> bytes:
    """Make Markdown with both kinds of headings, and what only looks like one."""
    parts = [f"# {TITLE}\n\n4 March 2025\n"]
    for number, (section, sentences) in enumerate(SECTIONS.items()):
        parts.append(f"## {section} ##" if number % 2 else f"{section}\n-------")
        parts.append(f"{' '.join(sentences)}\n\n```sh\n# no heading\n```\n")
    return "\n".join(parts).encode()


def html() -> bytes:
    """Make a web page."""
    body = "".join(f"<h2>{name}</h2><p>{' '.join(lines)}</p>" for name, lines in SECTIONS.items())
    return f"<title>x</title><h1>{TITLE}</h1><time>2025-03-04</time>{body}".encode()


def gz() -> bytes:
    """Make a gzipped web page."""
    return gzip.compress(html(), mtime=0)
