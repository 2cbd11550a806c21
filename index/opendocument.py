"""Reads OpenDocument files (LibreOffice): texts under their headings, sheets row by row, slides with their notes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import repeat
from typing import Any

from index.archive import Archive
from index.compose import Composer, Headings, fold
from index.dates import parse_date
from index.errors import ReadError
from index.office import add_table
from index.parsed import Parsed
from index.tables import MAX_CELLS, Budget, cell_text, table_lines

_OASIS = "{urn:oasis:names:tc:opendocument:xmlns:"
_OFFICE = f"{_OASIS}office:1.0}}"
_TEXT = f"{_OASIS}text:1.0}}"
_TABLE = f"{_OASIS}table:1.0}}"
_DRAW = f"{_OASIS}drawing:1.0}}"
_SHOW = f"{_OASIS}presentation:1.0}}"
_META = f"{_OASIS}meta:1.0}}"
_DC = "{http://purl.org/dc/elements/1.1/}"
# Changes that were struck out, remarks in the margin, tables of contents.
_LEFT_OUT = {
    f"{_TEXT}tracked-changes", f"{_OFFICE}annotation", f"{_TEXT}table-of-content", f"{_TEXT}sequence-decls",
    f"{_OFFICE}forms",
}  # fmt: skip
_FURNITURE = {"date-time", "footer", "header", "page-number", "page"}  # what every slide repeats, and its picture
_LONGEST_ROW = 2000  # cells

Element = Any  # lxml has no types


def read_odt(data: bytes) -> Parsed:
    """Read an OpenDocument text; its date is the one in its head, else that of its creation."""
    body, title, day = _open(data, "text")
    walk = _Walk()
    walk.walk(body)
    return walk.composer.parsed(title or walk.first_heading, day, article=True)


def read_ods(data: bytes) -> Parsed:
    """Read an OpenDocument spreadsheet sheet by sheet; of a formula its value when it was last computed."""
    body, title, _ = _open(data, "spreadsheet")
    composer = Composer()
    budget = Budget()
    set_aside: list[str] = []
    for sheet in body.iterchildren(f"{_TABLE}table"):
        name = fold(sheet.get(f"{_TABLE}name") or "")
        composer.place(name)
        for line in table_lines(budget.rows(_cells(sheet))):
            composer.paragraph(line)
        set_aside += budget.set_aside(f"sheet {name}")
    return composer.parsed(title, set_aside=set_aside)


def read_odp(data: bytes) -> Parsed:
    """Read an OpenDocument presentation; its pages are its slides."""
    body, title, day = _open(data, "presentation")
    walk = _Walk()
    for number, slide in enumerate(body.iterchildren(f"{_DRAW}page"), start=1):
        walk.composer.place(f"Slide {number}", page=number)
        frames = [shape for shape in slide if _class(shape) not in _FURNITURE and shape.tag != f"{_SHOW}notes"]
        for shape in sorted(frames, key=lambda shape: _class(shape) != "title"):
            walk.walk([shape])
        for notes in slide.iterchildren(f"{_SHOW}notes"):
            walk.composer.place(f"Slide {number} > Notes", page=number)
            walk.walk(shape for shape in notes if _class(shape) not in _FURNITURE)
    return walk.composer.parsed(title, day)


def _open(data: bytes, kind: str) -> tuple[Element, str | None, str | None]:
    """Return the body of an OpenDocument file, and the title and the date of its creation that it states."""
    archive = Archive(data, f"an OpenDocument {kind}")
    if b"encryption-data" in (archive.part("META-INF/manifest.xml") or b""):
        raise ReadError("encrypted: needs a password; save it without one")
    body = archive.tree("content.xml").find(f"{_OFFICE}body/{_OFFICE}{kind}")
    if body is None:
        raise ReadError(f"not an OpenDocument {kind}: it has no {kind} body")
    meta = archive.tree_or_none("meta.xml")
    if meta is None:
        return body, None, None
    created = meta.findtext(f".//{_META}creation-date")
    return body, meta.findtext(f".//{_DC}title"), parse_date(created) if created else None


class _Walk:
    """A walk through an OpenDocument text."""

    def __init__(self) -> None:
        self.composer = Composer()
        self.headings = Headings()
        self.first_heading = ""

    def walk(self, parent: Iterable[Element]) -> None:
        for child in parent:
            if child.tag == f"{_TEXT}h":
                level = child.get(f"{_TEXT}outline-level") or "1"
                text = fold(_text(child))
                self.first_heading = self.first_heading or text
                self.composer.place(self.headings.enter(int(level) if level.isdecimal() else 1, text))
                self._paragraph(child)
            elif child.tag == f"{_TEXT}p":
                self._paragraph(child)
            elif child.tag == f"{_TABLE}table":
                add_table(self.composer, _rows(child))
            elif child.tag not in _LEFT_OUT:
                self.walk(child)

    def _paragraph(self, paragraph: Element) -> None:
        self.composer.paragraph(_text(paragraph))
        for note in paragraph.iter(f"{_TEXT}note-body"):
            self.composer.paragraph(" ".join(_text(p) for p in note.iter(f"{_TEXT}p")))


def _text(element: Element) -> str:
    """Text of a paragraph, without its notes and remarks."""
    pieces = [element.text or ""]
    for child in element:
        if child.tag in (f"{_TEXT}s", f"{_TEXT}tab", f"{_TEXT}line-break"):
            pieces.append(" ")
        elif child.tag not in (f"{_TEXT}note", f"{_OFFICE}annotation", f"{_TEXT}ruby-text"):
            pieces.append(_text(child))
        pieces.append(child.tail or "")
    return "".join(pieces)


def _rows(table: Element) -> Iterator[list[list[str]]]:
    for row in table.iter(f"{_TABLE}table-row"):
        if next(row.iterancestors(f"{_TABLE}table")) is table:
            yield [
                [_text(p) for p in cell.iter(f"{_TEXT}p", f"{_TEXT}h")]
                for cell in row.iterchildren(f"{_TABLE}table-cell")
            ]


def _class(shape: Element) -> str:
    return shape.get(f"{_SHOW}class") or ""


def _cells(sheet: Element) -> Iterator[list[str]]:
    """Yield the rows of a sheet, each as often as it is repeated; rows of nothing are skipped."""
    for row in sheet.iter(f"{_TABLE}table-row"):
        if next(row.iterancestors(f"{_TABLE}table")) is not sheet:
            continue
        cells: list[str] = []
        for cell in row.iterchildren(f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"):
            room = _LONGEST_ROW - len(cells)
            cells += [_value(cell)] * min(_repeated(cell, "columns"), room)
        while cells and not cells[-1]:
            cells.pop()
        if cells:
            yield from repeat(cells, min(_repeated(row, "rows"), MAX_CELLS + 1))


def _value(cell: Element) -> str:
    """Write a cell as it is shown, a date as ISO."""
    if day := cell.get(f"{_OFFICE}date-value"):
        return cell_text(day.replace("T", " ").removesuffix(" 00:00:00"))
    shown = fold(" ".join(_text(p) for p in cell.iterchildren(f"{_TEXT}p")))
    return shown or cell_text(cell.get(f"{_OFFICE}value"))


def _repeated(element: Element, what: str) -> int:
    number = element.get(f"{_TABLE}number-{what}-repeated") or ""
    return int(number[:9]) if number.isdecimal() else 1
