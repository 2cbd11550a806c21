"""Split text into sentences with exact offsets. The boundaries are sentencex's; this file gives it sound paragraphs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from index.segments import Segment
from index.types import Sentence

_LONG = 700  # characters; a longer "sentence" is several, held together by an unclosed quotation mark
_FULL_STOP = re.compile(r"[.!?…][\"'”’»)\]]*\s+")
_CLOSERS = "\"'”’»)]› \u00a0\u202f"
# Ends of what sentencex takes for a sentence and isn't: titles and initials.
_UNFINISHED = re.compile(
    r"(?:^|[\s(«“\"'’])(?:M|MM|Me|Mgr|Mr|Mrs|Ms|Dr|Prof|Gen|Sen|Rep|Gov|Lt|Col|Sgt|St|Ste|Art|art|fig|vol|pp|no|[A-Z])\.$"
)
_ITEM_MARK = re.compile(r"(?:[-*+•–]|\d{1,3}[.)])\s+(?=\S)")  # no part of the sentence behind it
_LIST_ITEM = re.compile(r"\s*(?:[-*+•–]|\d{1,3}[.)])\s|#{1,6}\s|>")
_BLANK = " \t\r\n\f\v\u00a0\u202f\ufeff\u200b\u2028\u2029\x85"
_WRAP_WIDTHS = range(45, 121)


def split_sentences(text: str, segment: Segment, language: str) -> list[Sentence]:
    """Split one segment of `text`; every sentence lies inside it, without white space at its ends."""
    from sentencex import get_sentence_boundaries

    found: list[Sentence] = []
    for start, end in paragraphs(text, segment.start, segment.end):
        start = _strip(text, start, end)[0]
        if mark := _ITEM_MARK.match(text, start, end):
            start = mark.end()
        block = text[start:end]
        for boundary in get_sentence_boundaries(language, block):
            first, last = start + boundary["start_index"], start + boundary["end_index"]
            if text[first:last] != boundary["text"]:  # the promise of exact quotations rests on this
                raise AssertionError(f"sentence offsets are off at {first}: {boundary['text']!r}")
            for piece in _shorten(text, first, last):
                _append(found, text, *_strip(text, *piece), start)
    return found


def _append(found: list[Sentence], text: str, start: int, end: int, paragraph: int) -> None:
    """Add a sentence of the paragraph that begins at `paragraph`.

    A lone closing quotation mark goes to the sentence that it closes, and what follows an abbreviation is the rest of
    that sentence, as is the rest of a table row: "(7)" in one is a number. Rules and ornaments are no sentences.
    """
    last = found[-1] if found else None
    if any(c.isalnum() for c in text[start:end]):
        if last and last.start >= paragraph and _goes_on(text, last, end):
            found[-1] = Sentence(last.start, end)
        else:
            found.append(Sentence(start, end))
    elif last and text[start:end] and not text[start:end].strip(_CLOSERS):
        found[-1] = Sentence(last.start, end)


def _goes_on(text: str, sentence: Sentence, end: int) -> bool:
    """Whether what follows as far as `end` belongs to a sentence of the same paragraph."""
    before = text[sentence.start : sentence.end]
    return bool(_UNFINISHED.search(before)) or ("\t" in text[sentence.start : end] and before[-1] not in ".!?…")


def paragraphs(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield the paragraphs between two offsets.

    A blank line always ends one. A single line break ends one too, unless the text is hard-wrapped, where it stands
    in the middle of sentences and only a list item or heading begins anew.
    """
    lines = text[start:end].splitlines(keepends=True)
    wrapped = _is_hard_wrapped(lines)
    begin = position = start
    for line in lines:
        if not line.strip() or not wrapped or _LIST_ITEM.match(line):
            if text[begin:position].strip():
                yield begin, position
            begin = position
        position += len(line)
    if text[begin:end].strip():
        yield begin, end


def _is_hard_wrapped(lines: list[str]) -> bool:
    """Tell text broken at a column: most lines that another line follows have that width and end mid-sentence.

    Table rows, whose cells are set apart by tabs, don't count.
    """
    followed = [line.strip() for line, after in pairwise(lines) if line.strip() and after.strip()]
    followed = [line for line in followed if "\t" not in line]
    broken = [line for line in followed if len(line) in _WRAP_WIDTHS and line[-1] not in ".!?:;…\"'”’»"]
    return len(broken) >= 2 and len(broken) * 2 > len(followed)


def _shorten(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    if end - start > _LONG:
        for stop in _FULL_STOP.finditer(text, start, end):
            yield start, stop.end()
            start = stop.end()
    yield start, end


def _strip(text: str, start: int, end: int) -> tuple[int, int]:
    piece = text[start:end]
    left = piece.lstrip(_BLANK)
    return end - len(left), start + len(piece.rstrip(_BLANK)) if left else end - len(left)
