"""Finds the row of a table that names its columns, where nothing but the cells themselves tells."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from enum import Enum
from itertools import pairwise

Row = Sequence[str]

_LONGEST_NAME = 120  # characters; a longer cell says something
_DAY = re.compile(r"\d{4}-\d{2}(-\d{2})?( \d{2}:\d{2})?|\d{1,2}[./-]\d{1,2}[./-](\d{2}|\d{4})|\d{1,2}[./-]\d{4}")
_YEAR = re.compile(r"(1[5-9]|20|21)\d\d([/–-](\d{2}|\d{4}))?")


class _Kind(Enum):
    WORDS = "words"
    NUMBER = "number"
    TIME = "time"  # a year or a day
    ADDRESS = "address"  # of mail or the web


def split_header(rows: Sequence[Row], *, words: bool = True) -> tuple[list[Row], list[str], list[Row]]:
    """Split the first rows of a table into what stands above the header, the columns' names and the records.

    The header is the first row that is as wide as the table, or the one above it, unless it looks like a record; then
    there are no names. Without `words`, words above nothing but words are no header either. Where one name stands over
    several columns in a row above, theirs begin with it.
    """
    sizes = [_size(row) for row in rows]
    width = sorted(sizes, reverse=True)[min(max(1, len(sizes) // 10), len(sizes) - 1)]  # more is an outlier
    used = sorted({column for row in rows for column, cell in enumerate(row) if cell})
    place = {column: number for number, column in enumerate(used)}
    full = next((number for number, row in enumerate(rows) if _spans(row, place, width)), 0)
    for number in (full, full - 1):
        if number >= 0 and sizes[number] > 1 and _names_columns(rows[number], rows[number + 1 :], words=words):
            above, names = list(rows[:number]), list(rows[number])
            if above and _size(above[-1]) > 1 and _repeats(names):
                names = _below(above.pop(), names)
            return above, names, list(rows[number + 1 :])
    return [], [], list(rows)


def _size(row: Row) -> int:
    return sum(map(bool, row))


def _spans(row: Row, place: dict[int, int], width: int) -> bool:
    """Whether a row reaches over the whole table, but for its first cells and a few gaps."""
    filled = [place[column] for column, cell in enumerate(row) if cell]
    return len(filled) > 1 and filled[-1] + 1 >= width and 2 * (len(filled) + filled[0]) > filled[-1] + 1


def _repeats(names: Row) -> bool:
    filled = [name for name in names if name]
    return len(set(filled)) < len(filled)


def _below(above: Row, names: Row) -> list[str]:
    """Put the name of a group of columns before each of its columns' own."""
    group, whole = "", []
    for column, name in enumerate(names):
        group = (above[column] if column < len(above) else "") or group
        whole.append(f"{group} {name}" if group and name else name or group)
    return whole


def _names_columns(row: Row, below: Sequence[Row], *, words: bool) -> bool:
    """Whether a row names the columns that are below it, as against being one of their records.

    Words do, unless they come again in their columns; years and days do over anything else, and numbers in a series.
    """
    labels = {cell.endswith(":") for cell in row if cell}
    if any(len(cell) > _LONGEST_NAME for cell in row) or len(labels) > 1:  # a label, and what it labels
        return False
    series = _is_series(row) and 2 * sum(map(_is_series, below)) <= len(below)
    times = sum(_kind(cell) is _Kind.TIME for cell in row if cell)
    named, again, measured = 0, 0, False
    for column, cell in enumerate(row):
        if not cell:
            continue
        under = [other[column] for other in below if column < len(other) and other[column] and other != row]
        common = Counter(map(_kind, under)).most_common(1)
        usual = common[0][0] if common else None
        kind = _kind(cell)
        if kind is _Kind.WORDS:
            named += 1
            again += cell in under
            measured = measured or usual not in (None, _Kind.WORDS)
        elif not (series and cell.isdecimal()) and (
            kind is not _Kind.TIME or usual is kind or (times == 1 and usual is not _Kind.NUMBER)
        ):
            return False
    return measured or series or times > 0 or (words and 2 * again < max(named, 1))


def _is_series(row: Row) -> bool:
    """Whether the numbers of a row go up, or down, in equal steps: 2023, 2024 or 1, 2, 3."""
    numbers = [int(cell) for cell in row if cell.isdecimal() and cell.isascii() and len(cell) < 10]
    steps = {after - before for before, after in pairwise(numbers)}
    return len(steps) == 1 and steps != {0} and (len(numbers) > 2 or (_is_year(numbers) and steps <= {1, -1}))


def _is_year(numbers: Sequence[int]) -> bool:
    return all(_YEAR.fullmatch(str(number)) for number in numbers)


def _kind(cell: str) -> _Kind:
    if _YEAR.fullmatch(cell) or _DAY.fullmatch(cell):
        return _Kind.TIME
    if "://" in cell or ("@" in cell and " " not in cell):
        return _Kind.ADDRESS
    has_letter, has_digit = any(map(str.isalpha, cell)), any(map(str.isdigit, cell))
    return _Kind.NUMBER if has_digit and not has_letter else _Kind.WORDS
