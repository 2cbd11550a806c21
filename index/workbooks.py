"""Reads Excel workbooks sheet by sheet, with the charts, text boxes and comments on each."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from index.archive import Archive
from index.compose import Composer, fold
from index.drawings import A, R, add_graphics, drawn_text, is_fallback, related
from index.errors import ReadError
from index.office import comment
from index.parsed import Parsed
from index.tables import Budget, cell_text, table_lines

_DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing}"
_NOT_COMPUTED = re.compile(rb"(?:</f>|<f\b[^<>]*/>)\s*(?:<v>\s*</v>|<v\s*/>)?\s*</c>")  # a formula without a value


def read_xlsx(data: bytes) -> Parsed:
    """Read an Excel workbook sheet by sheet; of a formula its value when it was last computed."""
    from xml.etree.ElementTree import ParseError

    archive = Archive(data, "an Excel file")
    for name in archive.names:
        if name.lower().endswith((".xml", ".rels")):
            _refuse_declarations(name, archive.need(name))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of styles and validations it doesn't know
        try:
            return _read_book(archive, _workbook(data))
        except ReadError:
            raise
        except (
            ParseError,
            SyntaxError,
            KeyError,
            ValueError,
            TypeError,
            AttributeError,
            OSError,
            LookupError,
        ) as error:
            reason = fold(str(error)) or type(error).__name__
            raise ReadError(f"damaged Excel file: {reason[:200]}") from None


def _refuse_declarations(name: str, part: bytes) -> None:
    """Raise ReadError for a document type: a workbook has none, and in one an entity could be declared."""
    plain = part.replace(b"\0", b"")  # as UTF-16 would be
    if b"<!DOCTYPE" in plain or b"<!ENTITY" in plain:
        raise ReadError(f"refused: {name} declares entities")


def _workbook(data: bytes) -> Any:  # noqa: ANN401 - openpyxl has no types
    """Open a workbook with the values that its formulas had, without the sheets that are nothing but a chart."""
    from openpyxl.reader.excel import ExcelReader

    class Reader(ExcelReader):  # type: ignore[misc]
        def read_chartsheet(self, sheet: object, relation: object) -> None:
            """Pass it over: openpyxl stumbles over one without a chart."""

    reader = Reader(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
    reader.read()
    return reader.wb


def _read_book(archive: Archive, book: Any) -> Parsed:  # noqa: ANN401
    composer = Composer()
    budget = Budget()
    set_aside: list[str] = []
    sheets = {sheet.title: sheet for sheet in book.worksheets}
    for name, part in _sheets(archive) or dict.fromkeys(sheets, ""):
        composer.place(name)
        comments = _comments(archive, part)
        if name in sheets:
            sheets[name].reset_dimensions()  # the stated ones may be a million rows of nothing
            rows = _seen(sheets[name].iter_rows(values_only=True), comments)
            for line in table_lines(budget.rows(rows)):
                composer.paragraph(line)
        set_aside += budget.set_aside(f"sheet {name}")
        _add_drawings(composer, archive, part)
        for one in comments:
            composer.paragraph(comment(one.author, one.text, f"{one.on} ({one.cell})".lstrip()))
        if unknown := len(_NOT_COMPUTED.findall(archive.part(part) or b"")):
            set_aside.append(f"formulas of sheet {name} without a value: {unknown}; open it in Excel and save it")
    return composer.parsed(title=book.properties.title, set_aside=set_aside)


def _sheets(archive: Archive) -> list[tuple[str, str]]:
    """Return the names of the sheets, those that are charts among them, and their parts."""
    parts = {relation.id: relation.part for relation in related(archive, "xl/workbook.xml")}
    root = archive.tree_or_none("xl/workbook.xml")
    found = () if root is None else root.iter("{*}sheet")
    return [(sheet.get("name") or "", parts.get(sheet.get(f"{R}id") or "", "")) for sheet in found]


def _add_drawings(composer: Composer, archive: Archive, part: str) -> None:
    """Add the text boxes and charts of a sheet."""
    for relation in related(archive, part):
        root = archive.tree_or_none(relation.part) if relation.kind == "drawing" else None
        for shape in () if root is None else root.iter(f"{_DRAWING}sp"):
            for paragraph in () if is_fallback(shape) else shape.iter(f"{A}p"):
                composer.paragraph(drawn_text(paragraph))
        if root is not None:
            add_graphics(composer, archive, relation.part, root)


@dataclass(slots=True)
class _Comment:
    """A comment on a cell; `on` is what the cell, and the first one of its row, say."""

    cell: str
    author: str | None
    text: str
    on: str = ""


def _comments(archive: Archive, part: str) -> list[_Comment]:
    found: list[_Comment] = []
    for relation in related(archive, part):
        root = archive.tree_or_none(relation.part) if relation.kind == "comments" else None
        authors = [] if root is None else [author.text or "" for author in root.iter("{*}author")]
        for one in () if root is None else root.iter("{*}comment"):
            number = one.get("authorId") or ""
            author = authors[int(number)] if number.isdecimal() and int(number) < len(authors) else ""
            text = "".join(piece.text or "" for piece in one.iter("{*}t"))
            found.append(_Comment(one.get("ref") or "", None if author.startswith("tc=") else author, text))
    return found


def _seen(rows: Iterable[Sequence[object]], comments: list[_Comment]) -> Iterator[Sequence[object]]:
    """Yield the rows of a sheet, and note what stands where there are comments."""
    from openpyxl.utils.cell import coordinate_to_tuple

    wanted: dict[int, list[tuple[int, _Comment]]] = {}
    for one in comments:
        if re.fullmatch(r"[A-Z]{1,3}[1-9]\d{0,6}", one.cell):
            row_number, column = coordinate_to_tuple(one.cell)
            wanted.setdefault(row_number, []).append((column, one))
    for number, row in enumerate(rows, start=1):
        for column, one in wanted.get(number, ()):
            first = next((value for value in row if value is not None), None)
            said = (first, row[column - 1] if column <= len(row) else None)
            one.on = "; ".join(dict.fromkeys(filter(None, map(cell_text, said))))
        yield row
