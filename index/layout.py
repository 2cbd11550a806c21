"""Lines of print -> running text: columns, table rows, paragraphs, hyphens. Knows boxes and words, not file formats."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median

Box = tuple[float, float, float, float]  # left, bottom, right, top; y grows upwards, as in PDF
Sides = tuple[list[float], list[float], list[float], list[float]]  # the same of many boxes
Measure = Callable[[Sequence[int]], Sides]

NOTE = "\x1c"  # begins a line that was written on the page after it was printed
_LINE = re.compile(rf"[^\r\n\ufffe\x02{NOTE}]+")
_WORD = re.compile(r"[^\s\u200b]+")
_ENDS_SENTENCE = tuple(".!?…:;")
_CLOSING = "\"'”’»)]"
_LIST_ITEM = re.compile(r"(?:[-*+•–—▪◦●○■□✓]|\(?(?:\d{1,3}|[a-zA-Z]|[ivx]{1,4})[.)])(?:\s|$)")
_UNIT_BEFORE = frozenset("$€£¥(")  # cells that belong to the number behind them: "$ | 737,877"
_UNIT_AFTER = frozenset({"%", ")", ")%", "pts", "bps"})
_HYPHEN = re.compile(r"(?<=\w)[-\u2010]$")
_HYPHENATED = re.compile(r"\w+(?:-\w+)*")
_WITH_HYPHEN = frozenset({"self", "well"})  # they begin words that are written with a hyphen
_GAP_ROW = "\t"  # between the cells of a table row
_NEAR = 4  # lines before and after one, by which the width of its column is known
_DIRT = re.compile("[^\\x20-\\x7e\\xa1-\\xac\\xae-\\u0fff\\u2010-\\u2027\\u2030-\\udfff]")
_CONTROLS = [*range(9), *range(14, 32), *range(127, 160), 0xAD, *range(0x200B, 0x2010), 0xFEFF, 0xFFFE, 0xFFFF]
_LIGATURES = dict(zip(range(0xFB00, 0xFB07), ("ff", "fi", "fl", "ffi", "ffl", "st", "st"), strict=True))
_BULLETS = dict.fromkeys((0xF0A7, 0xF0B7, 0xF0D8, 0xF076), "•")  # of the fonts Symbol and Wingdings
_CLEAN: dict[int, str | None] = {**dict.fromkeys(_CONTROLS), **_LIGATURES, **_BULLETS}


@dataclass(frozen=True, slots=True)
class Cell:
    """Words that stand close together on a line; `runs` are where they are in the page's text as it was printed."""

    left: float
    right: float
    text: str
    runs: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """One line of print: its cells (one in prose, several in a table) and where it stands.

    `hyphen` tells that the line ended in a hyphen that is no longer in its text. A `note` is a line that was written on
    the page after it was printed, such as a field of a form.
    """

    page: int
    bottom: float
    top: float
    cells: tuple[Cell, ...]
    hyphen: bool = False
    note: bool = False

    @property
    def text(self) -> str:
        """The words of the line; the cells of a table row are set apart by a tab."""
        return self.cells[0].text if len(self.cells) == 1 else _GAP_ROW.join(cell.text for cell in self.cells)

    @property
    def height(self) -> float:
        """The height of the line's font."""
        return self.top - self.bottom


def read_lines(page: int, text: str, measure: Measure) -> list[Line]:
    """Cut a page's text into lines; `measure` tells where the characters at some offsets stand.

    Lines end at a line break, or at U+FFFE or U+0002, by which pdfium replaces a hyphen together with the line break.
    Words further apart than the font is high go to different cells. Notes come last.
    """
    lines: list[Line] = []
    notes: list[Line] = []
    printed = list(_LINE.finditer(text))
    spans = [[word.span() for word in _WORD.finditer(text, *line.span())] for line in printed]
    lefts, bottoms, _, tops = measure([first for words in spans for first, _ in words])
    _, _, rights, _ = measure([after - 1 for words in spans for _, after in words])
    number = 0  # of the line's first word on the page
    for found, words in zip(printed, spans, strict=True):
        if not words:
            continue
        left, right = (side[number : number + len(words)] for side in (lefts, rights))
        bottom, top = bottoms[number], tops[number]
        number += len(words)
        if text[found.start() - 1 : found.start()] == NOTE:
            cell = Cell(min(left), max(right), clean(found.group()), (found.span(),))
            notes.append(Line(page, bottom, top, (cell,), note=True))
            continue
        low, high = -3 * (top - bottom), top - bottom
        apart = [n for n, x in enumerate(left) if n and not low < x - right[n - 1] <= high]
        cells = []
        for first, after in pairwise([0, *apart, len(words)]):
            x, x_end = left[first], right[after - 1]  # the other way round where it runs from right to left, or down
            run = words[first][0], words[after - 1][1]
            if shown := clean(text[slice(*run)]):
                cells.append(Cell(min(x, x_end), max(x, x_end), shown, (run,)))
        if not cells:
            continue
        hyphen = text[found.end() : found.end() + 1] in ("\ufffe", "\x02")
        if _ends_in_hyphen(cells[-1].text):
            hyphen = True
            cells[-1] = replace(cells[-1], text=cells[-1].text[:-1])
        line = Line(page, bottom, top, _joined(cells) if len(cells) > 1 else tuple(cells), hyphen)
        if lines and _beside(lines[-1], line):
            lines[-1] = replace(lines[-1], cells=_joined([*lines[-1].cells, *line.cells]), hyphen=hyphen)
        else:
            lines.append(line)
    return [*in_reading_order(lines), *notes]


def evenly(box: Box, letters: int, numbers: Iterable[int]) -> list[Box]:
    """Box some of the letters of a word, by their numbers, as if all were equally wide; -1 is what stands before it."""
    left, bottom, right, top = box
    wide = (right - left) / letters
    return [(left + n * wide, bottom, left + (n + 1) * wide, top) for n in numbers]


def clean(text: str) -> str:
    """Write ligatures and bullets as ordinary characters, fold white space, drop control characters, soft hyphens."""
    return " ".join((text.translate(_CLEAN) if _DIRT.search(text) else text).split())


def _ends_in_hyphen(text: str) -> bool:
    return _HYPHEN.search(text, len(text) - 1) is not None


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
            sides = min(last.left, cell.left), max(last.right, cell.right)
            found[-1] = Cell(*sides, f"{last.text} {cell.text}", last.runs + cell.runs)
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
                hyphen = line.hyphen and cells[-1] is line.cells[-1]
                if _ends_in_hyphen(cells[-1].text):
                    hyphen = True
                    cells[-1] = replace(cells[-1], text=cells[-1].text[:-1])
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

    Lines of a paragraph are joined by a space, over columns and pages too, table rows by a line break, all else, and
    each note, by a blank line.
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
    if before.note or line.note:
        return "\n\n"
    rows = len(before.cells) > 1, len(line.cells) > 1
    height = min(before.height, line.height)
    turned = line.page != before.page or line.top > before.top + height  # a new page or column
    gap = before.bottom - line.top
    if any(rows):
        return "\n" if not turned and gap < leading + height else "\n\n"
    if before.hyphen and line.text[0].islower():
        return " "
    done = before.text.rstrip(_CLOSING).endswith(_ENDS_SENTENCE)
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
    extents = [(line.page, line.cells[0].left, line.cells[-1].right) for line in lines]
    found = []
    for number, (page, left, right) in enumerate(extents):
        near = extents[max(0, number - _NEAR) : number + _NEAR + 1]
        found.append(max([b for other, a, b in near if other == page and a < right and left < b], default=right))
    return found


class _Hyphens:
    """Decides whether a hyphen at a line's end belongs to the word, by the words of the whole document."""

    def __init__(self, lines: Sequence[Line]) -> None:
        self._words: frozenset[str] | None = None
        self._kept: bool | None = None
        self._lines = lines

    def between(self, before: str, after: str) -> str:
        """Return "" for "exam-" and "ple", "-" for "well-" and "known"."""
        a, b = _halves(before, after)
        if not (a and b and a[-1].isalpha() and b[0].isalpha()):
            return "-"
        words = self._seen()
        if f"{a}-{b}" in words or a + b in words:
            return "-" if f"{a}-{b}" in words else ""
        known = {a.rsplit("-", 1)[-1], b.split("-", 1)[0]} <= words
        return "-" if known or not after[0].islower() or a in _WITH_HYPHEN or self._never_breaks() else ""

    def _never_breaks(self) -> bool:
        """Tell whether the document's hyphens at the ends of lines are those that its words have anyway."""
        if self._kept is None:
            words = self._seen()
            halves = {_halves(a.text, b.text) for a, b in pairwise(self._lines) if a.hyphen}
            kept, broken = (sum(sign.join(pair) in words for pair in halves) for sign in ("-", ""))
            self._kept = kept > broken
        return self._kept

    def _seen(self) -> frozenset[str]:
        if self._words is None:
            whole = [_without_halves(*pair) for pair in zip([None, *self._lines], self._lines, strict=False)]
            self._words = frozenset(_HYPHENATED.findall("\n".join(whole).lower()))
        return self._words


def _halves(before: str, after: str) -> tuple[str, str]:
    """Return the words at the end of a line and at the beginning of the next one, in lower case."""
    head, tail = re.search(r"[\w-]*$", before), re.match(r"[\w-]*", after)
    return (head.group() if head else "").lower(), (tail.group() if tail else "").lower()


def _without_halves(before: Line | None, line: Line) -> str:
    """Return the words of a line, without the halves at its ends."""
    if not (line.hyphen or (before and before.hyphen)):
        return line.text
    words = _HYPHENATED.findall(line.text)
    return " ".join(words[bool(before and before.hyphen) : len(words) - line.hyphen])
