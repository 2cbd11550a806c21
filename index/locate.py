"""Finds where words of a document's text were printed on a page. Knows lines, not file formats.

The text of a page is that of its lines in reading order, notes last, without the running heads, joined, with hyphens
taken out and put in. So without white space and hyphens it is the same letters, and which lines it was made of can be
told exactly.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from index.layout import Line, clean

Run = list[int]  # characters of a page that stand together, as their offsets in its text as it was printed

_ENOUGH = 16  # letters that hardly recur by chance


@dataclass(frozen=True, slots=True)
class _Letters:
    """The letters of a line, and for each its run's number and its offset in the page's text."""

    text: str
    sources: tuple[tuple[int, int], ...]


def locate(lines: Sequence[Line], page: str, text: str, spans: Sequence[tuple[int, int]]) -> list[list[Run] | None]:
    """Find where spans of a page's text were printed, each as the runs of characters that hold its letters.

    Args:
        lines: the page's lines in reading order, running heads among them.
        page: the page's text as it was printed, into which the lines' runs point.
        text: the part of the document's text that is from this page.
        spans: start and end of each span in `text`.

    Returns:
        For each span its runs, in reading order; None where it can't be told for certain.
    """
    printed = [_letters_of(line, page) for line in lines]
    wanted = letters(text)
    places = _places([line.text for line in printed], wanted)
    found: list[list[Run] | None] = []
    for start, end in spans:
        first, after = len(letters(text[:start])), len(letters(text[:end]))
        covered = _covered(printed, places, first, after)
        if covered is None and not any(places):  # the text was made in another way, by an older version perhaps
            covered = _only(printed, wanted[first:after])
        found.append(covered)
    return found


def letters(text: str) -> str:
    """Return what of a text is the same however its lines were joined."""
    return "".join(clean(text).split()).replace("-", "").replace("\u2010", "")


def _letters_of(line: Line, page: str) -> _Letters:
    runs = [run for cell in line.cells for run in cell.runs]
    found = [(letter, (n, i)) for n, run in enumerate(runs) for i in range(*run) for letter in letters(page[i])]
    return _Letters("".join(letter for letter, _ in found), tuple(source for _, source in found))


def _places(lines: Sequence[str], text: str) -> list[set[int]]:
    """Tell for each line where it can stand in the text, if this is made of all lines but some, in their order."""
    before = [{0}]  # where a line can begin, for what comes before it
    for line in lines:
        before.append(before[-1] | {at + len(line) for at in before[-1] if text.startswith(line, at)})
    ends = {len(text)}  # where it can end, for what comes behind it
    found: list[set[int]] = []
    for line, starts in zip(reversed(lines), reversed(before[:-1]), strict=True):
        possible = {end - len(line) for end in ends if text.endswith(line, 0, end)}
        found.append(starts & possible)
        ends |= possible
    return found[::-1]


def _covered(lines: Sequence[_Letters], places: Sequence[set[int]], first: int, after: int) -> list[Run] | None:
    """Return the runs of the letters from `first` to `after`; None where two lines could be those, or none."""
    parts = sorted(
        (at, at + len(line.text), number)
        for number, (line, starts) in enumerate(zip(lines, places, strict=True))
        for at in starts
        if at < after and at + len(line.text) > first
    )
    whole = first < after and parts and parts[0][0] <= first and after <= parts[-1][1]
    if not whole or any(one[1] != following[0] for one, following in pairwise(parts)):
        return None
    return [
        run
        for at, end, number in parts
        for run in _runs(lines[number].sources[max(first, at) - at : min(after, end) - at])
    ]


def _only(lines: Sequence[_Letters], wanted: str) -> list[Run] | None:
    """Return the runs of the words that stand once on the page, if there are enough of them to be sure."""
    whole = "".join(line.text for line in lines)
    if len(wanted) < _ENOUGH or whole.count(wanted) != 1:
        return None
    at = whole.index(wanted)
    found: list[Run] = []
    for line in lines:
        found += _runs(line.sources[max(0, at) : max(0, at + len(wanted))])
        at -= len(line.text)
    return found


def _runs(sources: Sequence[tuple[int, int]]) -> list[Run]:
    runs: dict[int, Run] = {}
    for number, offset in sources:
        runs.setdefault(number, []).append(offset)
    return list(runs.values())
