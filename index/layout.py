"""Lines of print -> running text: columns, table rows, paragraphs, hyphens. Knows boxes and words, not file formats."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, pairwise
from statistics import median

Box = tuple[float, float, float, float]  # left, bottom, right, top; y grows upwards, as in PDF

_LINE = re.compile(r"[^\r\n\ufffe\x02]+")
_WORD = re.compile(r"[^\s\u200b]+")
_ENDS_SENTENCE = re.compile(r"[.!?…:;][\"'”’»)\]]*$")
_LIST_ITEM = re.compile(r"(?:[-*+•–—▪◦●○■□✓]|\(?(?:\d{1,3}|[a-zA-Z]|[ivx]{1,4})[.)])(?:\s|$)")
_UNIT_BEFORE = frozenset("$€£¥(")  # cells that belong to the number behind them: "$ | 737,877"
_UNIT_AFTER = frozenset({"%", ")", ")%", "pts", "bps"})
_HYPHEN = re.compile(r"(?<=\w)[-\u2010]$")
_GAP_ROW = "\t"  # between the cells of a table row
_NEAR = 4  # lines before and after one, by which the width of its column is known
_DIRT = re.compile("[^\\x20-\\x7e\\xa1-\\xac\\xae-\\u0fff\\u2010-\\u2027\\u2030-\\udfff]")
_CONTROLS = [*range(9), *range(14, 32), *range(127, 160), 0xAD, *range(0x200B, 0x2010), 0xFEFF, 0xFFFE, 0xFFFF]
_LIGATURES = dict(zip(range(0xFB00, 0xFB07), ("ff", "fi", "fl", "ffi", "ffl", "st", "st"), strict=True))
_BULLETS = dict.fromkeys((0xF0A7, 0xF0B7, 0xF0D8, 0xF076), "•")  # of the fonts Symbol and Wingdings
_CLEAN: dict[int, str | None] = {**dict.fromkeys(_CONTROLS), **_LIGATURES, **_BULLETS}


@dataclass(frozen=True, slots=True)
class Cell:
    """Words that stand close together on a line."""

    left: float
    right: float
    text: str


@dataclass(frozen=True, slots=True)
class Line:
    """One line of print: its cells (one in prose, several in a table) and where it stands.

    `hyphen` tells that the line ended in a hyphen that is no longer in its text.
    """

    page: int
    bottom: float
    top: float
    cells: tuple[Cell, ...]
    hyphen: bool = False

    @property
    def text(self) -> str:
        """The words of the line; the cells of a table row are set apart by a tab."""
        return _GAP_ROW.join(cell.text for cell in self.cells)

    @property
    def height(self) -> float:
        """The height of the line's font."""
        return self.top - self.bottom


def read_lines(page: int, text: str, box: Callable[[int], Box]) -> list[Line]:
    """Cut a page's text into lines; `box` tells where the character at an offset stands.

    Lines end at a line break, or at U+FFFE or U+0002, by which pdfium replaces a hyphen together with the line break.
    Words further apart than the font is high go to different cells.
    """
    lines: list[Line] = []
    for found in _LINE.finditer(text):
        cells: list[Cell] = []
        begin = end = -1  # offsets of the cell under way
        left = right = bottom = top = 0.0
        for word in _WORD.finditer(text, *found.span()):
            first, after = word.span()
            x, low, x_end, high = box(first)
            if begin < 0:
                begin, left, bottom, top = first, x, low, high
            elif not -3 * (top - bottom) < x - right <= top - bottom:
                cells.append(Cell(left, right, clean(text[begin:end])))
                begin, left = first, x
            right = x_end if after - first == 1 else box(after - 1)[2]
            end = after
        cells = [cell for cell in [*cells, Cell(left, right, clean(text[begin:end]))] if cell.text]
        if not cells:
            continue
        hyphen = text[found.end() : found.end() + 1] in ("\ufffe", "\x02")
        if _HYPHEN.search(cells[-1].text):
            hyphen = True
            cells[-1] = replace(cells[-1], text=_HYPHEN.sub("", cells[-1].text))
        line = Line(page, bottom, top, _joined(cells) if len(cells) > 1 else tuple(cells), hyphen)
        if lines and _beside(lines[-1], line):
            lines[-1] = replace(lines[-1], cells=_joined([*lines[-1].cells, *line.cells]), hyphen=hyphen)
        else:
            lines.append(line)
    return in_reading_order(lines)


def clean(text: str) -> str:
    """Write ligatures and bullets as ordinary characters, fold white space, drop control characters, soft hyphens."""
    return " ".join((text.translate(_CLEAN) if _DIRT.search(text) else text).split())


def _beside(before: Line, line: Line) -> bool:
    overlap = min(before.top, line.top) - max(before.bottom, line.bottom)
    return overlap > 0.6 * min(before.height, line.height) and line.cells[0].left > before.cells[-1].right


def _joined(cells: Sequence[Cell]) -> tuple[Cell, ...]:
    """Join currency and per cent signs with their number, and a list mark with its item."""
    found: list[Cell] = []
    for cell in cells:
        last = found[-1] if found else None
        mark = last and len(found) == 1 and (_LIST_ITEM.match(last.text + " ") and len(last.text) < 6)
        if last and (last.text[-1] in _UNIT_BEFORE or cell.text in _UNIT_AFTER or mark):
            found[-1] = Cell(last.left, cell.right, f"{last.text} {cell.text}")
        else:
            found.append(cell)
    return tuple(found)


def in_reading_order(lines: Sequence[Line]) -> list[Line]:
    """Read columns one after the other where the file has their lines side by side."""
    gutter = _gutter(lines)
    if gutter is None:
        return list(lines)
    ordered: list[Line] = []
    left: list[Line] = []
    right: list[Line] = []
    for line in lines:
        if any(cell.left < gutter < cell.right for cell in line.cells):
            ordered += [*in_reading_order(left), *in_reading_order(right), line]
            left, right = [], []
            continue
        for side, cells in (
            (left, [cell for cell in line.cells if cell.right <= gutter]),
            (right, [cell for cell in line.cells if cell.left >= gutter]),
        ):
            if cells:
                hyphen = bool(_HYPHEN.search(cells[-1].text)) or (line.hyphen and cells[-1] is line.cells[-1])
                cells[-1] = replace(cells[-1], text=_HYPHEN.sub("", cells[-1].text))
                side.append(replace(line, cells=tuple(cells), hyphen=hyphen))
    return [*ordered, *in_reading_order(left), *in_reading_order(right)]


def _gutter(lines: Sequence[Line]) -> float | None:
    """Find the space between two columns of prose: three lines or more with words on both sides of it."""
    pairs = [(a, b) for line in lines for a, b in list(pairwise(line.cells))[:1] if _wordy(a) and _wordy(b)]
    starts = Counter(round(b.left / 4) for _, b in pairs)
    if not starts:
        return None
    place, times = starts.most_common(1)[0]
    lined_up = [(a, b) for a, b in pairs if abs(round(b.left / 4) - place) <= 1]
    low, high = max(a.right for a, _ in lined_up), min(b.left for _, b in lined_up)
    return (low + high) / 2 if times >= 3 and low < high else None


def _wordy(cell: Cell) -> bool:
    words = cell.text.split()
    return len(words) >= 3 and sum(word[0].isalpha() for word in words) * 2 > len(words)


def flow(lines: Sequence[Line]) -> tuple[str, list[int]]:
    """Join lines into running text; returns it with the offset at which each line begins.

    Lines of a paragraph are joined by a space, over columns and pages too, table rows by a line break, all else by a
    blank line.
    """
    if not lines:
        return "", []
    leading = _leadings(lines)
    edges = _edges(lines)
    mend = _Hyphens(lines)
    pieces = [lines[0].text]
    starts = [0]
    length = len(pieces[0])
    for (before, line), edge in zip(pairwise(lines), edges, strict=False):
        between = _between(before, line, edge, leading.get(line.page, 0.0))
        if before.hyphen:
            between = mend.between(before.text, line.text) if between == " " else "-" + between
        pieces += [between, line.text]
        starts.append(length + len(between))
        length += len(between) + len(line.text)
    return "".join(pieces), starts


def _between(before: Line, line: Line, edge: float, leading: float) -> str:
    rows = len(before.cells) > 1, len(line.cells) > 1
    height = min(before.height, line.height)
    turned = line.page != before.page or line.top > before.top + height  # a new page or column
    gap = before.bottom - line.top
    if any(rows):
        return "\n" if not turned and gap < leading + height else "\n\n"
    if before.hyphen and line.text[0].islower():
        return " "
    done = bool(_ENDS_SENTENCE.search(before.text))
    other = abs(before.height - line.height) > 0.15 * max(before.height, line.height)
    if (other and (done or not line.text[0].islower())) or _LIST_ITEM.match(line.text):
        return "\n\n"
    word = len(line.text.split(None, 1)[0]) / max(1, len(line.text)) * (line.cells[0].right - line.cells[0].left)
    if turned:
        full = " " in before.text and len(before.text) > 30 and before.cells[0].right + word > edge
        return " " if not done and (line.text[0].islower() or full) else "\n\n"
    if gap > leading + 0.35 * height:
        return "\n\n"
    a, b = before.cells[0], line.cells[0]
    centred = abs(a.left - b.left) > height > abs(a.left + a.right - b.left - b.right) / 2
    apart = a.right < b.left or b.right < a.left
    fitted = centred or apart or before.cells[0].right + word + height < edge
    return "\n\n" if fitted and (done or not line.text[0].islower()) else " "


def _leadings(lines: Sequence[Line]) -> dict[int, float]:
    """Measure the usual space between the lines of each page."""
    gaps: dict[int, list[float]] = {}
    for before, line in pairwise(lines):
        if before.page == line.page and 0 <= before.top - line.top < 3 * line.height:
            gaps.setdefault(line.page, []).append(min(before.bottom - line.top, line.height))
    return {page: median(found) for page, found in gaps.items()}


def _edges(lines: Sequence[Line]) -> list[float]:
    """Find how far to the right each line could have gone: as far as the lines near it in the same column."""
    found = []
    for number, line in enumerate(lines):
        left, right = line.cells[0].left, line.cells[-1].right
        near = lines[max(0, number - _NEAR) : number + _NEAR + 1]
        column = (x for x in near if x.page == line.page and x.cells[0].left < right and left < x.cells[-1].right)
        found.append(max((x.cells[-1].right for x in column), default=right))
    return found


class _Hyphens:
    """Decides whether a hyphen at a line's end belongs to the word, by the words of the whole document."""

    def __init__(self, lines: Sequence[Line]) -> None:
        self._words: frozenset[str] | None = None
        self._lines = lines

    def between(self, before: str, after: str) -> str:
        """Return "" for "exam-" and "ple", "-" for "well-" and "known"."""
        head, tail = re.search(r"[\w-]*$", before), re.match(r"[\w-]*", after)
        a, b = (head.group() if head else "").lower(), (tail.group() if tail else "").lower()
        if not (a and b and a[-1].isalpha() and b[0].isalpha() and after[0].islower()):
            return "-"
        words = self._seen()
        if f"{a}-{b}" in words:
            return "-"
        return "" if a + b in words or not {a.rsplit("-", 1)[-1], b.split("-", 1)[0]} <= words else "-"

    def _seen(self) -> frozenset[str]:
        if self._words is None:
            self._words = frozenset(chain.from_iterable(map(_whole_words, self._lines, [None, *self._lines])))
        return self._words


def _whole_words(line: Line, before: Line | None) -> Iterator[str]:
    """Yield the words of a line, without the halves at its ends."""
    words = re.findall(r"\w+(?:-\w+)*", line.text.lower())
    yield from words[bool(before and before.hyphen) : len(words) - line.hyphen]
