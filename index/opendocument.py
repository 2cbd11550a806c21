"""Reads OpenDocument files (LibreOffice): texts under their headings, sheets row by row, slides with their notes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import repeat

from index.archive import DC, Archive, Element
from index.compose import Composer, Headings, fold
from index.dates import parse_date
from index.errors import ReadError
from index.office import add_table, comment, is_page_number, told
from index.parsed import Parsed
from index.tables import MAX_CELLS, Budget, cell_text, table_lines

_OASIS = "{urn:oasis:names:tc:opendocument:xmlns:"
_OFFICE = f"{_OASIS}office:1.0}}"
_TEXT = f"{_OASIS}text:1.0}}"
_TABLE = f"{_OASIS}table:1.0}}"
_DRAW = f"{_OASIS}drawing:1.0}}"
_CHART = f"{_OASIS}chart:1.0}}"
_SHOW = f"{_OASIS}presentation:1.0}}"
_STYLE = f"{_OASIS}style:1.0}}"
_XLINK = "{http://www.w3.org/1999/xlink}"
_META = f"{_OASIS}meta:1.0}}"
# Changes that were struck out, tables of contents.
_LEFT_OUT = {f"{_TEXT}tracked-changes", f"{_TEXT}table-of-content", f"{_TEXT}sequence-decls", f"{_OFFICE}forms"}
_APART = {f"{_TEXT}note", f"{_OFFICE}annotation", f"{_TEXT}ruby-text"}  # no part of the sentence they stand in
_FURNITURE = {"date-time", "footer", "header", "page-number", "page"}  # what every slide repeats, and its picture
_LONGEST_ROW = 2000  # cells


def read_odt(data: bytes) -> Parsed:
    """Read an OpenDocument text; its date is the one in its head, else that of its creation."""
    archive, body, title, day = _open(data, "text")
    walk = _Walk(archive)
    walk.walk(body)
    walk.add_comments("Comments")
    walk.add_margins()
    struck = [" ".join(map(_text, change.iter(f"{_TEXT}p"))) for change in body.iter(f"{_TEXT}deletion")]
    return walk.composer.parsed(title or walk.first_heading, day, told("struck out by a change", struck), article=True)


def read_ods(data: bytes) -> Parsed:
    """Read an OpenDocument spreadsheet sheet by sheet; of a formula its value when it was last computed."""
    archive, body, title, _ = _open(data, "spreadsheet")
    walk = _Walk(archive)
    composer = walk.composer
    budget = Budget()
    set_aside: list[str] = []
    for sheet in body.iterchildren(f"{_TABLE}table"):
        name = fold(sheet.get(f"{_TABLE}name") or "")
        composer.place(name)
        for line in table_lines(budget.rows(_cells(sheet))):
            composer.paragraph(line)
        walk.add_attached(sheet)
        walk.add_comments()
        set_aside += budget.set_aside(f"sheet {name}")
    return composer.parsed(title, set_aside=set_aside)


def read_odp(data: bytes) -> Parsed:
    """Read an OpenDocument presentation; its pages are its slides."""
    archive, body, title, day = _open(data, "presentation")
    walk = _Walk(archive)
    for number, slide in enumerate(body.iterchildren(f"{_DRAW}page"), start=1):
        walk.composer.place(f"Slide {number}", page=number)
        frames = [shape for shape in slide if _class(shape) not in _FURNITURE and shape.tag != f"{_SHOW}notes"]
        for shape in sorted(frames, key=lambda shape: _class(shape) != "title"):
            walk.walk([shape])
        walk.add_comments()
        for notes in slide.iterchildren(f"{_SHOW}notes"):
            walk.composer.place(f"Slide {number} > Notes", page=number)
            walk.walk(shape for shape in notes if _class(shape) not in _FURNITURE)
    return walk.composer.parsed(title, day)


def _open(data: bytes, kind: str) -> tuple[Archive, Element, str | None, str | None]:
    """Return an OpenDocument file, its body, and the title and the date of its creation that it states."""
    archive = Archive(data, f"an OpenDocument {kind}")
    if b"encryption-data" in (archive.part("META-INF/manifest.xml") or b""):
        raise ReadError("encrypted: needs a password; save it without one")
    body = archive.tree("content.xml").find(f"{_OFFICE}body/{_OFFICE}{kind}")
    if body is None:
        raise ReadError(f"not an OpenDocument {kind}: it has no {kind} body")
    meta = archive.tree_or_none("meta.xml")
    if meta is None:
        return archive, body, None, None
    created = meta.findtext(f".//{_META}creation-date")
    return archive, body, meta.findtext(f".//{DC}title"), parse_date(created) if created else None


class _Walk:
    """A walk through an OpenDocument text."""

    def __init__(self, archive: Archive) -> None:
        self.composer = Composer()
        self.headings = Headings()
        self.first_heading = ""
        self._archive = archive
        self._comments: list[str] = []

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
                self.add_attached(child)
            elif child.tag == f"{_OFFICE}annotation":
                text = " ".join(_text(p) for p in child.iter(f"{_TEXT}p"))
                self._comments.append(comment(child.findtext(f"{DC}creator"), text))
            elif child.tag == f"{_DRAW}object":
                self._add_chart(child)
            elif child.tag not in _LEFT_OUT:
                self.walk(child)

    def _paragraph(self, paragraph: Element) -> None:
        self.composer.paragraph(_text(paragraph))
        self.add_attached(paragraph)

    def add_attached(self, element: Element) -> None:
        """Add what hangs on a paragraph or a table: frames, notes, comments."""
        for child in element:
            if child.tag == f"{_TEXT}note":
                self.composer.paragraph(" ".join(_text(p) for p in child.iter(f"{_TEXT}p")))
            elif child.tag == f"{_OFFICE}annotation" or child.tag.startswith(_DRAW):
                self.walk([child])
            else:
                self.add_attached(child)

    def _add_chart(self, shown: Element) -> None:
        """Add the title of a chart, and the table that it draws."""
        folder = (shown.get(f"{_XLINK}href") or "").removeprefix("./")
        root = self._archive.tree_or_none(f"{folder}/content.xml") if folder else None
        for chart in () if root is None else root.iter(f"{_CHART}chart"):
            self.walk(chart.iterchildren(f"{_CHART}title", f"{_TABLE}table"))

    def add_comments(self, section: str = "") -> None:
        """Add the comments that were passed since they were last added."""
        if self._comments and section:
            self.composer.place(section)
        for text in self._comments:
            self.composer.paragraph(text)
        self._comments = []

    def add_margins(self) -> None:
        """Add the page headers and footers, each once."""
        styles = self._archive.tree_or_none("styles.xml")
        seen: set[str] = set()
        for kind in ("header", "footer"):
            tags = (f"{_STYLE}{kind}", f"{_STYLE}{kind}-left", f"{_STYLE}{kind}-first")
            for margin in () if styles is None else styles.iter(*tags):
                text = fold(" ".join(_text(p) for p in margin.iter(f"{_TEXT}p")))
                numbered = any(True for _ in margin.iter(f"{_TEXT}page-number"))
                if text not in seen and not (numbered and is_page_number(text)):
                    seen.add(text)
                    self.composer.place(f"Page {kind}")
                    self.walk(margin)


def _text(element: Element) -> str:
    """Text of a paragraph, without its notes, remarks and frames."""
    pieces = [element.text or ""]
    for child in element:
        if child.tag in (f"{_TEXT}s", f"{_TEXT}tab", f"{_TEXT}line-break") or child.tag.startswith(_DRAW):
            pieces.append(" ")
        elif child.tag not in _APART:
            pieces.append(_text(child))
        pieces.append(child.tail or "")
    return "".join(pieces)


def _rows(table: Element) -> Iterator[list[list[str]]]:
    """Yield the cells of each row as their paragraphs, a cell that spans several rows in each of them."""
    above: dict[int, tuple[int, list[str]]] = {}  # column -> the rows that a cell spans from here on, and the cell
    for row in table.iter(f"{_TABLE}table-row"):
        if next(row.iterancestors(f"{_TABLE}table")) is not table:
            continue
        cells: list[list[str]] = []
        for cell in row.iterchildren(f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"):
            for column in range(len(cells), min(len(cells) + _number(cell, "columns-repeated"), _LONGEST_ROW)):
                rows, paragraphs = above.get(column, (0, []))
                if cell.tag == f"{_TABLE}table-cell":
                    rows, paragraphs = _number(cell, "rows-spanned"), list(_paragraphs(cell))
                cells.append(paragraphs if rows else [])
                above[column] = (max(rows - 1, 0), paragraphs)
        yield cells


def _paragraphs(cell: Element) -> Iterator[str]:
    for child in cell:
        if child.tag in (f"{_TEXT}p", f"{_TEXT}h"):
            yield _text(child)
        elif child.tag not in _APART and not child.tag.startswith(_DRAW):
            yield from _paragraphs(child)


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
            cells += [_value(cell)] * min(_number(cell, "columns-repeated"), room)
        while cells and not cells[-1]:
            cells.pop()
        if cells:
            yield from repeat(cells, min(_number(row, "rows-repeated"), MAX_CELLS + 1))


def _value(cell: Element) -> str:
    """Write a cell as it is shown, a date as ISO."""
    if day := cell.get(f"{_OFFICE}date-value"):
        return cell_text(day.replace("T", " ").removesuffix(" 00:00:00"))
    shown = fold(" ".join(_text(p) for p in cell.iterchildren(f"{_TEXT}p")))
    return shown or cell_text(cell.get(f"{_OFFICE}value"))


def _number(element: Element, what: str) -> int:
    number = element.get(f"{_TABLE}number-{what}") or ""
    return int(number[:9]) if number.isdecimal() else 1
