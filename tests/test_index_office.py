"""Of Office files is read what people ask about, wherever it stands: margins, notes, boxes, charts."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from index.parsed import Parsed
from index.readers import read
from tests import format_files as files

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
MC = "http://schemas.openxmlformats.org/markup-compatibility/2006"


def parsed(name: str, document: Any) -> Parsed:  # noqa: ANN401 - of one of the writers
    stream = io.BytesIO()
    document.save(stream)
    return read(Path(name), stream.getvalue())


def lines(name: str, document: Any) -> list[str]:  # noqa: ANN401
    return parsed(name, document).text.split("\n\n")


def fill(table: Any, *rows: tuple[str, ...]) -> None:  # noqa: ANN401
    for number, row in enumerate(rows):
        for column, text in enumerate(row):
            table.cell(number, column).text = text


def test_headers_footers_and_comments_of_word() -> None:
    import docx

    document = docx.Document()
    document.sections[0].header.paragraphs[0].text = "Contract no. K-4471"
    footer = document.sections[0].footer.paragraphs[0]
    footer.add_run("Page ")
    document.sections[0].first_page_header.paragraphs[0].text = "K-4471"
    document.sections[0].different_first_page_header_footer = True
    footer._p.append(docx.oxml.parse_xml(f'<w:fldSimple {W} w:instr=" PAGE "><w:r><w:t>1</w:t></w:r></w:fldSimple>'))
    document.add_section().header.is_linked_to_previous = False
    document.sections[1].header.paragraphs[0].text = "Contract no. K-4471"
    paragraph = document.add_paragraph("The kickoff is in ")
    document.add_comment([paragraph.add_run("Lisbon")], text="Too far away.", author="Ann")
    paragraph.add_run(" or ")
    struck = f'<w:del {W} w:id="9" w:author="a"><w:r><w:delText>Porto</w:delText></w:r></w:del>'
    paragraph._p.append(docx.oxml.parse_xml(struck))
    paragraph.add_run("Faro.")
    read_ = parsed("a.docx", document)
    assert read_.text.split("\n\n") == [
        "The kickoff is in Lisbon or Faro.",
        "Comment by Ann on “Lisbon”: Too far away.",
        "Contract no. K-4471",
        "K-4471",
    ]
    assert read_.set_aside == ("struck out by a change: Porto",)
    assert [place.section for place in read_.places] == ["Comments", "Page header", "Page header"]


def test_merged_cells_of_word() -> None:
    import docx

    document = docx.Document()
    table = document.add_table(rows=4, cols=3)
    fill(table, ("Region", "Town", "Rent"), ("", "Braga", "7"), ("", "Viana", "6"), ("South", "Faro", "5"))
    table.cell(1, 0).merge(table.cell(2, 0)).text = "North"
    assert lines("a.docx", document) == [
        "Region: North; Town: Braga; Rent: 7.",
        "Region: North; Town: Viana; Rent: 6.",
        "Region: South; Town: Faro; Rent: 5.",
    ]
    document = docx.Document()
    table = document.add_table(rows=3, cols=3)
    fill(table, ("", "", ""), ("Town", "2023", "2024"), ("Faro", "5", "6"))
    table.cell(0, 1).merge(table.cell(0, 2)).text = "Rent"
    assert lines("a.docx", document) == ["Rent", "Town: Faro; 2023: 5; 2024: 6."]


def box(text: str) -> str:
    content = f"<w:txbxContent><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:txbxContent>"
    return (
        f'<w:r {W} xmlns:mc="{MC}"><mc:AlternateContent><mc:Choice Requires="wps"><w:drawing>{content}</w:drawing>'
        f"</mc:Choice><mc:Fallback><w:pict>{content}</w:pict></mc:Fallback></mc:AlternateContent></w:r>"
    )


def test_boxes_notes_and_equations_of_word() -> None:
    import docx

    document = docx.Document()
    table = document.add_table(rows=2, cols=2)
    fill(table, ("Item", "Cost"), ("Boat", "90"))
    cell = table.cell(1, 1).paragraphs[0]._p
    cell.append(docx.oxml.parse_xml(f'<w:r {W}><w:footnoteReference w:id="3"/></w:r>'))
    table.cell(1, 0).paragraphs[0]._p.append(docx.oxml.parse_xml(box(" of oak")))
    paragraph = document.add_paragraph("Thus ")
    math = 'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"'
    letter = "<m:r><m:t>{}</m:t></m:r>".format
    squared = f"<m:sSup><m:e>{letter('c')}</m:e><m:sup>{letter('2')}</m:sup></m:sSup>"
    half = f"<m:f><m:num>{letter('m')}</m:num><m:den>{letter('2n')}</m:den></m:f>"
    paragraph._p.append(docx.oxml.parse_xml(f"<m:oMath {math}>{letter('E=')}{half}{squared}</m:oMath>"))
    stream = io.BytesIO()
    document.save(stream)
    with zipfile.ZipFile(stream) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    note = '<w:footnote w:id="3"><w:p><w:r><w:t>Without sails.</w:t></w:r></w:p></w:footnote>'
    parts["word/footnotes.xml"] = f"<w:footnotes {W}>{note}</w:footnotes>".encode()
    assert read(Path("a.docx"), files.zipped(parts)).text.split("\n\n") == [
        "Item: Boat of oak; Cost: 90.",
        "Without sails.",
        "Thus E=m/(2n)c^2",
    ]


def test_notes_boxes_and_margins_of_rtf() -> None:
    source = rb"""{\rtf1\ansi\ansicpg1252\deff0{\fonttbl{\f0\fcharset0 Times;}{\f1\fcharset204 Times;}}
{\header\pard Contract K-4471\par}{\footer Page {\field{\*\fldinst PAGE}{\fldrslt 2}}\par}{\footerf Ghent {\chpgn}}
\pard First{\super\chftn{\footnote\pard\f1 \'cf\'f0\'e8\'e2\'e5\'f2 \{or so\}.}} line\line goes on.\par
{\shp{\*\shpinst{\shptxt \pard In a box.\par}}}
{\*\atnid A}{\*\atnauthor Ada}\chatn{\*\annotation\pard Too dear.}Either | or.\par
{\pict\bin7 }}}}|\\}
\trowd A\cell B\cell\row\pard }"""
    assert read(Path("a.rtf"), source).text.split("\n\n") == [
        "First line goes on.",
        "Привет {or so}.",
        "Either | or.",
        "A; B",
        "Contract K-4471",
        "In a box.",
        "Comment by Ada: Too dear.",
    ]


def test_charts_and_diagrams_of_slides() -> None:
    import pptx
    from pptx.chart.data import CategoryChartData, XyChartData
    from pptx.enum.chart import XL_CHART_TYPE
    from pptx.util import Inches

    deck = pptx.Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[5])
    slide.shapes.title.text = "Sales"
    data = CategoryChartData(number_format="0%")
    data.categories = ["East", "West"]
    data.add_series("Tea", (0.25, 0.5))
    data.add_series("Milk", (0.75, None))
    size = (Inches(1), Inches(1), Inches(4), Inches(3))
    chart = slide.shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, *size, data).chart
    chart.has_title = True
    chart.chart_title.text_frame.text = "Share of kohlrabi"
    points = XyChartData()
    series = points.add_series("Speed")
    series.add_data_point(1.5, 20)
    slide.shapes.add_chart(XL_CHART_TYPE.XY_SCATTER, *size, points)
    assert lines("a.pptx", deck) == [
        "Sales",
        "Share of kohlrabi",
        "East; Tea: 25%; Milk: 75%.",
        "West; Tea: 50%.",
        "1.5; Speed: 20.",
    ]


def test_a_diagram_of_a_slide() -> None:
    namespaces = (
        'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main" '
        'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
        'xmlns:d="http://schemas.openxmlformats.org/drawingml/2006/diagram" '
        'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
    )
    frame = (
        '<p:graphicFrame><a:graphic><a:graphicData><d:relIds r:dm="rId9"/></a:graphicData></a:graphic></p:graphicFrame>'
    )
    point = "<d:pt><d:t><a:p><a:r><a:t>Head: Ottoline</a:t></a:r></a:p></d:t></d:pt>"
    with zipfile.ZipFile(io.BytesIO(files.pptx())) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    relations = "ppt/slides/_rels/slide1.xml.rels"
    parts["ppt/slides/slide1.xml"] = f"<p:sld {namespaces}>{frame}</p:sld>".encode()
    parts[relations] = parts[relations].replace(
        b"</Relationships>",
        b'<Relationship Id="rId9" Type="http://x/diagramData" Target="../diagrams/data1.xml"/></Relationships>',
    )
    parts["ppt/diagrams/data1.xml"] = f"<d:dataModel {namespaces}><d:ptLst>{point}</d:ptLst></d:dataModel>".encode()
    assert read(Path("a.pptx"), files.zipped(parts)).text.startswith("Head: Ottoline\n\n")


def test_merged_cells_of_slides() -> None:
    import pptx
    from pptx.util import Inches

    deck = pptx.Presentation()
    shapes = deck.slides.add_slide(deck.slide_layouts[6]).shapes
    table = shapes.add_table(3, 2, Inches(1), Inches(1), Inches(4), Inches(3)).table
    fill(table, ("Region", "Town"), ("North", "Braga"), ("", "Viana"))
    table.cell(1, 0).merge(table.cell(2, 0))
    assert lines("a.pptx", deck) == ["Region: North; Town: Braga.", "Region: North; Town: Viana."]


def book(write: Callable[[Any], None]) -> Parsed:
    import xlsxwriter

    stream = io.BytesIO()
    made = xlsxwriter.Workbook(stream)
    write(made)
    made.close()
    return read(Path("a.xlsx"), stream.getvalue())


def test_comments_boxes_charts_and_formulas_of_a_workbook() -> None:
    def write(made: Any) -> None:  # noqa: ANN401
        sheet = made.add_worksheet("Orders")
        for number, row in enumerate([["Customer", "Sum"], ["Zilch", 12], ["Nada", 20]]):
            sheet.write_row(number, 0, row)
        sheet.write_comment(1, 1, "Pays late.", {"author": "Ann"})
        sheet.insert_textbox(5, 5, "All sums are in guilders.")
        chart = made.add_chart({"type": "bar"})
        names, sums = ["Orders", 1, 0, 2, 0], ["Orders", 1, 1, 2, 1]
        chart.add_series({"name": "Sum", "categories": names, "values": sums})
        chart.set_title({"name": "Who buys"})
        made.add_chartsheet("Chart").set_chart(chart)

    parsed = book(write)
    assert parsed.text.split("\n\n") == [
        "Customer: Zilch; Sum: 12.",
        "Customer: Nada; Sum: 20.",
        "All sums are in guilders.",
        "Comment by Ann on “Zilch; 12 (B2)”: Pays late.",
        "Who buys",
        "Zilch; Sum: 12.",
        "Nada; Sum: 20.",
    ]
    assert [place.section for place in parsed.places] == ["Orders", "Chart"]


def test_an_empty_chart_and_formulas_that_were_never_computed() -> None:
    import openpyxl

    def write(made: Any) -> None:  # noqa: ANN401
        made.add_worksheet("Orders").write_row(0, 0, ["Customer", "Sum"])
        made.add_chartsheet("Chart")

    assert book(write).text == "Customer; Sum."
    made = openpyxl.Workbook()
    for row in (["Item", "Price", "Twice"], ["Chair", 12, "=B2*2"]):
        made.active.append(row)
    read_ = parsed("a.xltx", made)
    assert read_.text == "Item: Chair; Price: 12."
    assert read_.set_aside == ("formulas of sheet Sheet without a value: 1; open it in Excel and save it",)


def test_frames_comments_and_margins_of_an_opendocument_text() -> None:
    from odf import dc, draw, office, style, table, text
    from odf.opendocument import OpenDocumentText

    def frame(*said: str) -> draw.Frame:
        made, inside = draw.Frame(width="3cm", anchortype="paragraph"), draw.TextBox()
        for one in said:
            inside.addElement(text.P(text=one))
        made.addElement(inside)
        return made

    document = OpenDocumentText()
    layout = style.PageLayout(name="layout")
    document.automaticstyles.addElement(layout)
    master = style.MasterPage(name="master", pagelayoutname=layout)
    for kind, said in ((style.Header, "Contract K-4471"), (style.Footer, "Page ")):
        margin, paragraph = kind(), text.P(text=said)
        if kind is style.Footer:
            paragraph.addElement(text.PageNumber())
        margin.addElement(paragraph)
        master.addElement(margin)
    document.masterstyles.addElement(master)
    paragraph = text.P(text="Frame follows.")
    paragraph.addElement(frame("Dill inside.", "Second inside."))
    paragraph.addText("After the frame.")
    remark = office.Annotation()
    remark.addElement(dc.Creator(text="Ada"))
    remark.addElement(text.P(text="Rather chives."))
    paragraph.addElement(remark)
    document.text.addElement(paragraph)
    grid = table.Table(name="T")
    for row in (["Region", "Town"], ["North", "Braga"], ["", "Viana"]):
        cells = table.TableRow()
        for said in row:
            cell = table.TableCell(numberrowsspanned=2) if said == "North" else table.TableCell()
            cell = cell if said else table.CoveredTableCell()
            if said:
                cell.addElement(text.P(text=said))
            cells.addElement(cell)
        grid.addElement(cells)
    document.text.addElement(grid)
    assert lines("a.ott", document) == [
        "Frame follows. After the frame.",
        "Dill inside.",
        "Second inside.",
        "Region: North; Town: Braga.",
        "Region: North; Town: Viana.",
        "Comment by Ada: Rather chives.",
        "Contract K-4471",
    ]


def test_a_comment_and_a_chart_of_a_sheet_of_libreoffice() -> None:
    from odf import chart, draw, office, table, text
    from odf.opendocument import OpenDocumentChart, OpenDocumentSpreadsheet

    def grid(name: str, *rows: tuple[str, str]) -> table.Table:
        made = table.Table(name=name)
        for row in rows:
            cells = table.TableRow()
            for said in row:
                cell = table.TableCell()
                cell.addElement(text.P(text=said))
                cells.addElement(cell)
            made.addElement(cells)
        return made

    drawn, area = OpenDocumentChart(), chart.Chart(attributes={"class": "chart:bar"})
    title = chart.Title()
    title.addElement(text.P(text="Rents"))
    area.addElement(title)
    area.addElement(grid("local-table", ("Town", "Rent"), ("Faro", "5")))
    drawn.chart.addElement(area)
    document = OpenDocumentSpreadsheet()
    sheet = grid("S", ("Town", "Size"), ("Braga", "7"))
    remark = office.Annotation()
    remark.addElement(text.P(text="Growing."))
    sheet.getElementsByType(table.TableCell)[-1].addElement(remark)
    frame = draw.Frame(width="3cm", height="3cm")
    frame.addElement(draw.Object(href=document.addObject(drawn)))
    shapes = table.Shapes()
    shapes.addElement(frame)
    sheet.addElement(shapes)
    document.spreadsheet.addElement(sheet)
    assert lines("a.ots", document) == ["Town: Braga; Size: 7.", "Rents", "Town: Faro; Rent: 5.", "Comment: Growing."]


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("a.dotx", files.docx),
        ("a.dotm", files.docx),
        ("a.potx", files.pptx),
        ("a.xltx", files.xlsx),
        ("a.xltm", files.xlsx),
        ("a.otp", files.odp),
    ],
)
def test_templates(name: str, make: Callable[[], bytes]) -> None:
    with zipfile.ZipFile(io.BytesIO(make())) as archive:
        parts = {part: archive.read(part) for part in archive.namelist()}
    types = "[Content_Types].xml"
    if types in parts:
        parts[types] = re.sub(rb"(document|presentation|sheet)\.main\+xml", rb"template.main+xml", parts[types])
    assert "barrels of pilchards" in read(Path(name), files.zipped(parts)).text
