"""Reads tables: each row becomes one line that can stand by itself, "Name: Ada; Born: 1815."."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time
from itertools import chain, islice, zip_longest

from index.columns import split_header
from index.compose import Composer, fold
from index.errors import ReadError
from index.parsed import Parsed, decode

MAX_CELLS = 200_000
_MAX_BLANKS = 20_000_000  # cells that are walked over, most of them empty, before a sheet is given up
_SAMPLE = 50  # rows by which a header is known
_DELIMITERS = ",;\t|"
_STATED_DELIMITER = re.compile(r"\"?sep=(.)\"?\r?\n", re.IGNORECASE)  # a line of Excel's own
_ENDS = (".", "!", "?", "…")


def read_csv(data: bytes) -> Parsed:
    """Read a table of comma, semicolon, tab or bar separated values."""
    text = decode(data).removeprefix("\ufeff")
    if "\x00" in text:
        raise ReadError("not a table: it holds binary data")
    stated = _STATED_DELIMITER.match(text)
    text = text[stated.end() :] if stated else text
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=stated.group(1) if stated else _delimiter(text))
    composer = Composer()
    budget = Budget()
    try:
        for line in table_lines(budget.rows(rows)):
            composer.paragraph(line)
    except csv.Error as error:
        raise ReadError(f"damaged table: {error} (line {rows.line_num}); is a quotation mark left open?") from None
    return composer.parsed(set_aside=budget.set_aside("the table"))


def _delimiter(text: str) -> str:
    """Tell which delimiter cuts the first lines into the same number of fields, and the most of them."""
    sample = text[:20_000].splitlines()[:50]

    def evenness(delimiter: str) -> tuple[float, int]:
        try:
            widths = [len(row) for row in csv.reader(sample, delimiter=delimiter) if row]
        except csv.Error:
            return 0.0, 0
        usual = max(set(widths), key=widths.count, default=1)
        return (widths.count(usual) / len(widths), usual) if usual > 1 else (0.0, 0)

    return max(_DELIMITERS, key=evenness)


class Budget:
    """Counts the cells of a file and stops a table that goes on for too long."""

    def __init__(self) -> None:
        self._cells = 0
        self._walked = 0
        self._skipped = 0

    def rows(self, rows: Iterable[Sequence[object]]) -> Iterator[list[str]]:
        """Yield the rows' cells as text, as long as the file's limit allows it."""
        for row in rows:
            self._walked += len(row) + 1
            cells = [cell_text(value) for value in row]
            filled = sum(bool(cell) for cell in cells)
            if self._cells + filled > MAX_CELLS:
                self._cells = MAX_CELLS
                self._skipped += bool(filled)
            elif filled:
                self._cells += filled
                yield cells
            if self._walked > _MAX_BLANKS:
                return

    def set_aside(self, name: str) -> list[str]:
        """Tell what was not read of the table just walked through."""
        skipped, self._skipped = self._skipped, 0
        given_up = self._walked > _MAX_BLANKS
        reason = f"more than {MAX_CELLS} cells in one file"
        return [f"{skipped}{' or more' if given_up else ''} rows of {name}: {reason}"] if skipped or given_up else []


def table_lines(rows: Iterable[Sequence[str]], header: Sequence[str] = (), *, words: bool = True) -> Iterator[str]:
    """Make one line of each row, with the column's name before each cell.

    The names are those of `header`, else of the row that is found to name the columns; what stands above that row is
    text of its own, and where it comes again, it is left out. `words` is as in `split_header`.
    """
    names, rest = list(header), iter(rows)
    first: list[Sequence[str]] = []
    for row in () if names else rest:
        if sum(map(bool, row)) > 1:
            above, names, first = split_header([row, *islice(rest, _SAMPLE)], words=words)
            yield from (_line([], other) for other in above)
            break
        yield _line([], row)  # a title
    if names and not header and not first:
        yield _line([], names)
    yield from (_line(names, row) for row in chain(first, rest) if list(row) != names)


def _line(names: Sequence[str], row: Sequence[str]) -> str:
    cells = [
        f"{name.rstrip(':')}: {cell}" if name else cell for name, cell in zip_longest(names, row, fillvalue="") if cell
    ]
    line = "; ".join(cells).replace(":; ", ": ")
    return line if line.endswith(_ENDS) or (len(cells) == 1 and not names) else f"{line}."


def cell_text(value: object) -> str:
    """Write a cell's value: a date as ISO, a whole number without its point."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time(0) else value.isoformat(" ", "minutes")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        return format(value, ".15g")
    return fold(str(value))
