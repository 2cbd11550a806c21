"""Tells the tables of HTML that hold data from those that only arrange a page, and reads the former row by row."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from index.tables import table_lines

if TYPE_CHECKING:
    from bs4 import Tag

_LONGEST_NAME = 120  # characters; what is longer is neither a column's name nor said again in each row it stands for
_LONGEST_CELL = 1000  # characters, in a table with headers; longer cells are prose
_LONGEST_PLAIN = 100  # characters, in one without
_MOST_COLUMNS = 100
_MOST_CELLS = 200_000  # in how many places the cells may say that they stand
_SECTIONS = ("thead", "tbody", "tfoot")
_PROSE = ("table", "h1", "h2", "h3", "h4", "h5", "h6", "form")


@dataclass(slots=True)
class _Cell:
    text: str
    head: bool  # set apart as a name of a column or a row: in bold, or by its tag
    tagged: bool
    columns: int = 1
    rows: int = 1


def layouts(root: Tag) -> set[int]:
    """The `id()` of each element below which there is a table, a heading or a form: such a table arranges a page."""
    found: set[int] = set()
    for tag in root.find_all(_PROSE):
        for parent in tag.parents:
            if id(parent) in found:
                break
            found.add(id(parent))
    return found


def grid_lines(table: Tag, text_of: Callable[[Tag], str]) -> list[str] | None:
    """Make one line of each row of a table of data, with the columns' names; None for a table of another kind.

    `text_of` tells what of an element is read.
    """
    if table.get("role") in ("presentation", "none") or not _is_regular(table):
        return None
    rows = [[_cell(cell, text_of) for cell in row.find_all(["td", "th"])] for row in table.find_all("tr")]
    rows = [row for row in rows if any(cell.text for cell in row)]
    if not _is_data(rows):
        return None
    height = 0
    while height < len(rows) - 1 and _is_header(rows[height]):
        height += 1
    grid = _grid(rows, height)
    header = [" ".join(dict.fromkeys(filter(None, names))) for names in zip(*grid[:height], strict=True)]
    lines = [text_of(caption) for caption in table.find_all("caption")]
    batch: list[list[str]] = []
    for row, cells in zip(rows[height:], grid[height:], strict=True):
        if height and len(row) == 1 and len(cells) > 1:  # a heading above the rows that follow
            lines += [*table_lines(batch, header), row[0].text]
            batch = []
        else:
            batch.append([f"{cells[0]}:", *cells[1:]] if not height and row[0].head and cells[0] else cells)
    return [*lines, *table_lines(batch, header, words=False)]


def _is_regular(table: Tag) -> bool:
    """Whether all text of a table is in its cells and its caption."""
    rows = table.find_all("tr")
    for part in (table, *table.find_all(_SECTIONS), *rows):
        inside = ("td", "th") if part.name == "tr" else ("caption", "colgroup", "col", "tr", *_SECTIONS)
        for child in part.children:
            name = getattr(child, "name", None)
            if (name not in inside) if name else (type(child).__name__ == "NavigableString" and str(child).strip()):
                return False
    return True


def _cell(tag: Tag, text_of: Callable[[Tag], str]) -> _Cell:
    text = " ".join(text_of(tag).split())
    bold = " ".join(" ".join(text_of(part) for part in tag.find_all(["b", "strong"])).split())
    tagged = tag.name == "th" or getattr(getattr(tag.parent, "parent", None), "name", "") == "thead"
    return _Cell(text, tagged or (bool(text) and bold == text), tagged, _span(tag, "colspan"), _span(tag, "rowspan"))


def _span(tag: Tag, name: str) -> int:
    stated = str(tag.get(name) or "")
    return max(1, min(int(stated[:6]), 1000)) if stated.isdecimal() else 1


def _is_data(rows: list[list[_Cell]]) -> bool:
    """Whether rows of cells are a table of data: it has headers, or else many short cells in even rows."""
    widths = [sum(cell.columns for cell in row) for row in rows]
    cells = [cell for row in rows for cell in row if cell.text]
    if not 1 < max(widths, default=0) <= _MOST_COLUMNS or max(map(len, rows)) == 1:
        return False
    if sum(cell.columns * min(cell.rows, len(rows)) for cell in cells) > _MOST_CELLS:
        return False
    if any(cell.tagged for cell in cells) or _is_header(rows[0]):
        longest_name = max(len(cell.text) for cell in cells if cell.tagged or cell in rows[0])
        return longest_name <= _LONGEST_NAME and all(len(cell.text) <= _LONGEST_CELL for cell in cells)
    even = sum(width == max(widths) for width in widths)
    return len(rows) > 1 and 2 * even > len(rows) and all(len(cell.text) <= _LONGEST_PLAIN for cell in cells)


def _is_header(row: list[_Cell]) -> bool:
    return len(row) > 1 and all(cell.head for cell in row if cell.text) and sum(bool(cell.text) for cell in row) > 1


def _grid(rows: list[list[_Cell]], height: int) -> list[list[str]]:
    """Lay the cells out in columns.

    What spans several rows is in each of them, what spans several columns in the first, or in all if it is one of the
    `height` rows of the header.
    """
    taken: dict[tuple[int, int], str] = {}
    for number, row in enumerate(rows):
        column = 0
        for cell in row:
            while (number, column) in taken:
                column += 1
            for down in range(min(cell.rows, len(rows) - number)):
                for right in range(cell.columns):
                    said = (not right or number < height) and (not down or len(cell.text) <= _LONGEST_NAME)
                    taken[number + down, column + right] = cell.text if said else ""
            column += cell.columns
    width = 1 + max(column for _, column in taken)
    return [[taken.get((number, column), "") for column in range(width)] for number in range(len(rows))]
