"""Words that were recognised on a page's picture, as if they had been printed there. Knows boxes, no pictures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from statistics import mean, median

from index.layout import Box, Measure, Sides, evenly

# Some words on a line, and where they stand: left, bottom, right, top, in the page's points, y growing upwards.
Words = tuple[str, float, float, float, float]

_RISE, _SMALL_RISE, _DROP = 0.72, 0.5, 0.22  # of letters above and below the line, in parts of the font's size
_SMALL = frozenset("acegmnopqrsuvwxyz.,:;-–—… ")
_LOW = frozenset("gjpqyQ,;()[]")
_SAME_SIZE = 1.2  # a line whose size is up to so many times the usual one, or as much smaller, is of the usual size
_SAME_ROW = 0.5  # share of the lower one's height that two pieces of a row have in common


def printed(found: Sequence[Words]) -> tuple[str, Measure]:
    """Return a page's text, a line for each run of words, and the function that tells where its characters stand.

    A character's place is a guess: the letters of a run are taken to be equally wide.
    """
    runs = [run for row in _rows(_of_one_size(found)) for run in _runs(row)]
    text = "\n".join(" ".join(words for words, *_ in run) for run in runs)
    places: list[Box] = []
    for run in runs:
        bottom, top = (mean(box[side] for _, *box in run) for side in (1, 3))
        for words, left, _, right, _ in run:
            places += evenly((left, bottom, right, top), len(words), range(len(words) + 1))  # and the space behind them

    def measure(offsets: Sequence[int]) -> Sides:
        left, bottom, right, top = ([places[offset][side] for offset in offsets] for side in range(4))
        return left, bottom, right, top

    return text, measure


def _of_one_size(found: Sequence[Words]) -> list[Words]:
    """Make each box as high as its font, whichever letters are in it, and those of nearly the usual size alike."""
    pieces = [one for one in found if one[0].strip()]
    sizes = [(top - bottom) / sum(_extent(words)) for words, _, bottom, _, top in pieces]
    usual = median(sizes) if sizes else 0.0
    sized = []
    for (words, left, bottom, right, _), size in zip(pieces, sizes, strict=True):
        line = bottom + _extent(words)[1] * size
        font = usual if usual / _SAME_SIZE <= size <= usual * _SAME_SIZE else size
        sized.append((words, left, line - _DROP * font, right, line + _RISE * font))
    return sized


def _extent(words: str) -> tuple[float, float]:
    """Tell how far the letters of some words reach above and below the line."""
    return _SMALL_RISE if _SMALL.issuperset(words) else _RISE, 0.0 if _LOW.isdisjoint(words) else _DROP


def _rows(pieces: Sequence[Words]) -> list[list[Words]]:
    """Put pieces that stand beside each other in one row; the rows from the top, each from the left."""
    rows: list[list[Words]] = []
    for piece in sorted(pieces, key=lambda one: -(one[2] + one[4])):
        if rows and _beside(rows[-1][-1], piece):
            rows[-1].append(piece)
        else:
            rows.append([piece])
    return [sorted(row, key=lambda one: one[1]) for row in rows]


def _beside(one: Words, other: Words) -> bool:
    common = min(one[4], other[4]) - max(one[2], other[2])
    apart = one[3] <= other[1] or other[3] <= one[1]
    return apart and common > _SAME_ROW * min(one[4] - one[2], other[4] - other[2])


def _runs(row: Sequence[Words]) -> Iterator[list[Words]]:
    """Put together what stands closer on a row than it is high."""
    run = [row[0]]
    for piece in row[1:]:
        if piece[1] - run[-1][3] > piece[4] - piece[2]:
            yield run
            run = []
        run.append(piece)
    yield run
