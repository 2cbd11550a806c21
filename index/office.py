"""Reads Word, OpenDocument and RTF texts: paragraphs under their headings, tables row by row, notes in their place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from index.archive import Archive, refuse_ole
from index.compose import Composer, Headings, fold
from index.dates import parse_date
from index.errors import ReadError
from index.parsed import Parsed
from index.tables import table_lines

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_DC = "{http://purl.org/dc/elements/1.1/}"
_DCTERMS = "{http://purl.org/dc/terms/}"
_LAYOUT = 300  # characters; a table with a longer cell holds text side by side, no rows

Element = Any  # lxml has no types


def core_properties(archive: Archive) -> tuple[str | None, str | None]:
    """Title and date of creation in the properties of an Office file."""
    core = archive.tree_or_none("docProps/core.xml")
    if core is None:
        return None, None
    created = core.findtext(f"{_DCTERMS}created")
    return core.findtext(f"{_DC}title"), parse_date(created) if created else None


def read_docx(data: bytes) -> Parsed:
    """Read a Word document; its date is the one in its head, else that of its creation."""
    archive = Archive(data, "a Word file")
    body = archive.tree("word/document.xml").find(f"{_W}body")
    if body is None:
        raise ReadError("not a Word file: it has no body")
    title, created = core_properties(archive)
    word = _Word(archive)
    word.walk(body)
    return word.composer.parsed(word.title or title or word.first_heading, created, article=True)


class _Word:
    """A walk through a Word document."""

    def __init__(self, archive: Archive) -> None:
        self.composer = Composer()
        self.headings = Headings()
        self.title = ""
        self.first_heading = ""
        self._levels = _heading_styles(archive)
        self._notes = {
            (kind, note.get(f"{_W}id")): " ".join(_word_text(p) for p in note.iter(f"{_W}p"))
            for kind in ("footnote", "endnote")
            for note in _children(archive.tree_or_none(f"word/{kind}s.xml"))
            if note.get(f"{_W}type") in (None, "normal")
        }

    def walk(self, parent: Element) -> None:
        for child in parent:
            if child.tag == f"{_W}p":
                self._paragraph(child)
            elif child.tag == f"{_W}tbl":
                add_table(self.composer, _word_rows(child))
            elif child.tag not in (f"{_W}del", f"{_W}sectPr", f"{_MC}Fallback"):
                self.walk(child)

    def _paragraph(self, paragraph: Element) -> None:
        text = fold(_word_text(paragraph))
        style = paragraph.find(f"{_W}pPr/{_W}pStyle")
        level = self._levels.get(style.get(f"{_W}val") or "", 0) if style is not None else 0
        level = _outline(paragraph.find(f"{_W}pPr/{_W}outlineLvl")) or level
        if text and level == -1:
            self.title = self.title or text
        elif text and level:
            self.first_heading = self.first_heading or text
            self.composer.place(self.headings.enter(level, text))
        self.composer.paragraph(text)
        for box in paragraph.iter(f"{_W}txbxContent"):
            if not any(parent.tag == f"{_MC}Fallback" for parent in box.iterancestors()):
                self.walk(box)
        for kind in ("footnote", "endnote"):
            for reference in paragraph.iter(f"{_W}{kind}Reference"):
                self.composer.paragraph(self._notes.get((kind, reference.get(f"{_W}id")), ""))


def _heading_styles(archive: Archive) -> dict[str, int]:
    """Level of each style that makes a heading, -1 for the title's."""
    levels: dict[str, int] = {}
    for style in _children(archive.tree_or_none("word/styles.xml")):
        name = style.find(f"{_W}name")
        called = (name.get(f"{_W}val") or "").lower() if name is not None else ""
        numbered = re.fullmatch(r"heading ([1-9])", called)
        level = int(numbered.group(1)) if numbered else _outline(style.find(f"{_W}pPr/{_W}outlineLvl"))
        based = style.find(f"{_W}basedOn")
        if not level and based is not None:
            level = levels.get(based.get(f"{_W}val") or "", 0)
        if called == "title":
            level = -1
        if level:
            levels[style.get(f"{_W}styleId") or ""] = level
    return levels


def _outline(element: Element) -> int:
    """Level 1 to 9 of an outline level 0 to 8; 0 for body text."""
    value = element.get(f"{_W}val") or "" if element is not None else ""
    return int(value) + 1 if value in set("012345678") else 0


def _word_text(parent: Element) -> str:
    """Text of a paragraph, without what its text boxes and struck-out changes hold."""
    pieces: list[str] = []
    for child in parent:
        if child.tag == f"{_W}t":
            pieces.append(child.text or "")
        elif child.tag in (f"{_W}tab", f"{_W}br", f"{_W}cr"):
            pieces.append(" ")
        elif child.tag == f"{_W}noBreakHyphen":
            pieces.append("-")
        elif child.tag not in (f"{_W}txbxContent", f"{_W}del", f"{_W}moveFrom", f"{_MC}Fallback", f"{_W}pPr"):
            pieces.append(_word_text(child))
    return "".join(pieces)


def _word_rows(table: Element) -> Iterator[list[list[str]]]:
    for row in table.iter(f"{_W}tr"):
        if next(row.iterancestors(f"{_W}tbl")) is table:
            cells = (cell for cell in row.iter(f"{_W}tc") if next(cell.iterancestors(f"{_W}tr")) is row)
            yield [[_word_text(p) for p in cell.iter(f"{_W}p")] for cell in cells]


def add_table(composer: Composer, rows: Iterator[list[list[str]]]) -> None:
    """Add a table of cells of paragraphs: row by row, or cell by cell where it only arranges text."""
    table = [[[fold(paragraph) for paragraph in cell] for cell in row] for row in rows]
    cells = [cell for row in table for cell in row]
    if all(len(row) < 2 for row in table) or any(sum(map(len, cell)) > _LAYOUT for cell in cells):
        for cell in cells:
            for paragraph in cell:
                composer.paragraph(paragraph)
    else:
        for line in table_lines([" ".join(filter(None, cell)) for cell in row] for row in table):
            composer.paragraph(line)


def _children(root: Element) -> Iterator[Element]:
    return iter(()) if root is None else iter(root)


def read_rtf(data: bytes) -> Parsed:
    """Read an RTF text; it has no sections, its title and date are those of its properties."""
    from striprtf.striprtf import rtf_to_text

    refuse_ole(data)
    if not data.startswith(b"{\\rtf"):
        raise ReadError("not an RTF file: it doesn't begin as one")
    source = data.decode("latin-1")
    if not source.rstrip("\0 \r\n").endswith("}"):
        raise ReadError("damaged RTF file: it is cut off")
    composer = Composer()
    for line in rtf_to_text(source, errors="replace").split("\n"):
        composer.paragraph(line.replace("|", "; ").removesuffix("; "))
    title = re.search(r"\{\\title ([^{}\\]{1,300})\}", source)
    made = re.search(r"\{\\creatim\\yr(\d{4})\\mo(\d{1,2})\\dy(\d{1,2})", source)
    day = parse_date("{:0>4}-{:0>2}-{:0>2}".format(*made.groups())) if made else None
    return composer.parsed(title.group(1) if title else None, day, article=True)
