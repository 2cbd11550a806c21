"""Tell running heads and page numbers from a document's text. Knows lines on pages, not file formats.

A line is left out only if nothing is lost by it: it is the same on its pages, but for the number of the page. That is a
number that goes up from page to page as the pages do, and stands where page numbers stand: alone, at the beginning, or
at the end behind a gap, a bar or the word for a page. "Invoice 17" on the one page and "Invoice 18" on the next are two
things that are said.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from index.layout import Line

Spot = tuple[int, int]  # a page and a line on it, both from 0

_PAGES = 4  # fewer pages repeat a line by chance
_REPEATED = 3  # pages on which a line is the same; for a page number that stands alone two are enough
_NEARLY_ALL = 0.75  # of the lines at a place that differ in figures only; of sums and dates fewer are the same
_LARGEST = 999  # a page's number in a shorter document; larger ones are years, or count something else

_WORD = (
    r"(?:(?:pages?|pp?|pg|pag|pág|página|pagina|seite|s|slide|folie|diapositiv[ea]|sida|side|sivu|oldal|sayfa|"
    r"stron[ay]|str|strana|стр|страница|сторінка)\b\W{0,2})"
)
_OF = r"(?:\W{0,2}(?:(?P<slash>/)|\b(?:of|de|di|von|sur|van|av|af|z|ze|из|з)\b)\W{0,2}(?P<last>\d{1,5}))?"
_NUMBER = rf"\b(?P<number>\d{{1,5}}|(?-i:[ivxlcIVXLC]{{1,8}}))\b{_OF}"
_GAP = r"(?<![:.#°№])(?<![:.#°№] )(?: ?[|·•—–] ?| - |\t)"  # not that of a table: "Invoice no.:   17"
_ALONE = re.compile(rf"\W*(?:{_WORD}|\b[a-z]{{1,2}}[-–]|\b\d{{1,3}}[-–])?{_NUMBER}\W*$", re.IGNORECASE)
_FIRST = re.compile(rf"{_WORD}?{_NUMBER}(?=[\s|·•—–])", re.IGNORECASE)
_LAST = re.compile(rf"(?:{_GAP}{_WORD}?|\s{_WORD}){_NUMBER}\W*$", re.IGNORECASE)
_CHANGING = re.compile(r"\d+|^[ivxlc]+\b|\b[ivxlc]+$", re.IGNORECASE)
_ROMAN = dict(zip("ivxlc", (1, 5, 10, 50, 100), strict=True))


class _Head(NamedTuple):
    """What a running head says, with # for the page's number, and whether it is that number alone."""

    words: str
    numbered: bool = False
    alone: bool = False


def without_running_heads(
    pages: Sequence[list[Line]], margins: Sequence[tuple[float, float]]
) -> tuple[list[list[Line]], list[str]]:
    """Leave out what stands at the same place of at least half of the pages, and say what that is.

    `margins` are the heights below and above which running heads stand, for each page.
    """
    written = sum(map(bool, pages))
    if written < _PAGES:
        return list(pages), []
    alike: dict[tuple[str, int | str], list[Spot]] = defaultdict(list)
    for page, (lines, margin) in enumerate(zip(pages, margins, strict=True)):
        for number, places in _places(lines, *margin):
            words = _CHANGING.sub("#", lines[number].text)
            for place in places:
                alike[words, place].append((page, number))
    running: dict[Spot, _Head] = {}
    for spots in alike.values():
        if len(spots) * 2 >= written:
            heads = _heads({(page, number): pages[page][number].text for page, number in spots}, len(pages))
            if len({page for page, _ in heads}) * 2 >= written and len(heads) >= _NEARLY_ALL * len(spots):
                running |= heads
    body: list[list[Line]] = []
    said: dict[_Head, list[str]] = {}
    for page, lines in enumerate(pages):
        left_out = [number for number in range(len(lines)) if (page, number) in running]
        if len(left_out) == len(lines):  # nothing else on the page: this is its text
            left_out = []
        for number in left_out:
            head = running[page, number]
            said.setdefault(_Head("#", alone=True) if head.alone else head, []).append(lines[number].text)
        body.append([line for number, line in enumerate(lines) if number not in left_out])
    return body, [_told(head, texts) for head, texts in said.items()]


def _told(head: _Head, texts: Sequence[str]) -> str:
    if head.alone:
        return f"page numbers on {len(texts)} pages"
    numbers = ", with its number" if head.numbered else ""
    return f"running head on {len(texts)} pages{numbers}: {texts[0]}".replace("\t", " ")


def _places(lines: Sequence[Line], low: float, high: float) -> Iterator[tuple[int, list[int | str]]]:
    """Yield each line of a page that may be a running head, and names for where it stands.

    That is its height in steps of six points, either way rounded; for a page number also whether it is the first or
    the last line, as pages are of unequal length.
    """
    printed = [line for line in lines if not line.note]
    first = max(printed, key=lambda line: line.top, default=None)
    last = min(printed, key=lambda line: line.bottom, default=None)
    for number, line in enumerate(lines):
        marginal = (line.bottom < low or line.top > high) and not line.note
        places: list[int | str] = []
        if marginal:
            places += [int(line.bottom // 6), int((line.bottom + 3) // 6) + 100_000]
        if (line is first or line is last) and _ALONE.match(line.text):
            places.append("first" if line is first else "last")
        if places:
            yield number, places


def _heads(texts: Mapping[Spot, str], pages: int) -> dict[Spot, _Head]:
    """Find the lines that are the same on their pages, of lines at one place that differ in figures only."""
    same: dict[tuple[_Head, int], list[Spot]] = defaultdict(list)
    for (page, number), text in texts.items():
        same[_Head(text), 0].append((page, number))
        if numbered := _numbered(text, pages):
            head, value = numbered
            same[head, value - page].append((page, number))
    return {
        spot: head
        for (head, _), spots in same.items()
        if len({page for page, _ in spots}) >= (2 if head.alone else _REPEATED)
        for spot in spots
    }


def _numbered(text: str, pages: int) -> tuple[_Head, int] | None:
    """Read the page's number in a line, if it holds one."""
    alone = _ALONE.match(text)
    found = alone or _FIRST.match(text) or _LAST.search(text)
    if not found:
        return None
    number = found["number"]
    value = int(number) if number.isdigit() else _roman(number.lower())
    if value > max(_LARGEST, pages) or (found["slash"] and int(found["last"]) > pages):  # "17/2024" is no page
        return None
    start, end = found.start("number"), found.end("last" if found["last"] and not found["slash"] else "number")
    return _Head(f"{text[:start]}#{text[end:]}", numbered=True, alone=bool(alone)), value


def _roman(number: str) -> int:
    values = [_ROMAN[letter] for letter in number]
    return sum(-a if a < b else a for a, b in zip(values, [*values[1:], 0], strict=True))
