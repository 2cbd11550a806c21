"""Tell a document's own text from what hangs around it: date lines, keyword tails, readers' comments.

What is no segment is neither embedded nor quoted, but it stays in the document's text, so offsets don't move.
"""

from __future__ import annotations

import re
import textwrap
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from index.parsed import Parsed
from index.types import Voice


@dataclass(frozen=True, slots=True)
class Segment:
    """Characters `start` to `end` of a text, all in one voice."""

    start: int
    end: int
    voice: Voice


_TAG_LABEL = re.compile(
    r"^[^\w\n]*(key ?words?|tags?|mots[ -]cl[ée]s|schlagw[öo]rter|palabras clave)\s*:", re.IGNORECASE | re.MULTILINE
)
_COMMENTS_HEADING = re.compile(
    r"^[#*=\s]*(?:\d+\s+)?(?:readers?['’]?\s+)?"
    r"(?:comments?|commentaires?|kommentare?|comentarios|commenti|réactions)"
    r"(?:\s+(?:des lecteurs|from readers|de nos lecteurs))?\s*(?:\(\d+\))?\s*[:*=]*\s*$",
    re.IGNORECASE | re.MULTILINE,
)
_GAP = re.compile(r"\n(?:[ \t\r]*\n){3,}")
# What people write under an article and editors strike out of it.
_INFORMAL = re.compile(
    r"^\W*[a-zà-ÿ]"  # a line that begins in lower case
    r"|!|…|\.\.\.|(?i:(\w)\1{3,})|\b[^\W\d_a-zà-ÿ]{5,}\b"  # shouting
    r"|\b(?i:I|you|your|my|je|tu|t['’]|moi|vous|ich|du|yo|tú)\b"
)
_INFORMAL_SHARE = 0.5
_INFORMAL_LINES = 3
_SHOWN = 100  # characters of what is left out


def segments(parsed: Parsed) -> list[Segment]:
    """Split a text into segments, in order, without the lines that only classify it."""
    labels = _labels(parsed.text) if parsed.article else None
    found: list[Segment] = []
    position = parsed.body
    for start, end in (*_comments(parsed), (len(parsed.text), len(parsed.text))):
        voices: tuple[tuple[int, int, Voice], ...] = ((position, start, "report"), (start, end, "comment"))
        for begin, after, voice in voices:
            found += [Segment(*run, voice) for run in _without_tags(parsed.text, begin, after, labels)]
        position = end
    return found


def _comments(parsed: Parsed) -> Iterator[tuple[int, int]]:
    """Yield where readers' comments begin and end."""
    if parsed.comments is not None:
        yield parsed.comments, len(parsed.text)
        return
    position = parsed.body
    while (start := comments_start(parsed.text, position)) < len(parsed.text):
        position = _comments_end(parsed, start)
        yield start, position


def _comments_end(parsed: Parsed, start: int) -> int:
    """Find where comments end: with their section, if their heading is one of the format's own, else with the text."""
    heading = _COMMENTS_HEADING.match(parsed.text, start)
    places = parsed.places[bisect_left(parsed.places, start, key=lambda place: place.start) :]
    if heading and places and places[0].start < heading.end():
        section = places[0].section
        if _COMMENTS_HEADING.match(section.rpartition(" > ")[2]):
            for place in places:
                if not f"{place.section} > ".startswith(f"{section} > "):
                    return place.start
    return len(parsed.text)


def left_out(parsed: Parsed, found: Sequence[Segment]) -> list[str]:
    """Tell what of a text is in none of its segments."""
    text, end, told = parsed.text, parsed.body, [("in front of the text", parsed.text[: parsed.body])]
    for segment in found:
        told += [("line of keywords", line) for line in text[end : segment.start].splitlines()]
        end = segment.end
    told += [("line of keywords", line) for line in text[end:].splitlines()]
    shown = [(what, textwrap.shorten(line.strip("\ufeff"), _SHOWN, placeholder=" …")) for what, line in told]
    return [f"{what}: {line}" for what, line in shown if line]


def comments_start(text: str, body: int = 0) -> int:
    """Find where readers' comments begin in a text from `body` on; `len(text)` when there are none.

    They begin at a heading that says so, or after a gap of three blank lines or more when most of the lines behind
    it are written as comments are.
    """
    if heading := next(_COMMENTS_HEADING.finditer(text, body), None):
        return heading.start()
    for gap in _GAP.finditer(text, body):
        lines = [line for line in text[gap.end() :].splitlines() if line.strip()]
        informal = sum(bool(_INFORMAL.search(line)) for line in lines)
        before = text[body : gap.start()].strip()
        if before and informal >= _INFORMAL_LINES and informal >= _INFORMAL_SHARE * len(lines):
            return gap.start()
    return len(text)


def _labels(text: str) -> frozenset[str]:
    """The labels of keywords in a text; one that comes again and again names a column, or a field of records."""
    count = Counter(found.group(1).casefold() for found in _TAG_LABEL.finditer(text))
    return frozenset(label for label, times in count.items() if times == 1)


def _without_tags(text: str, start: int, end: int, labels: frozenset[str] | None) -> Iterator[tuple[int, int]]:
    """Yield the runs between `start` and `end` without hashtag or keyword lines; where `labels` is None, all of it."""
    begin = position = start
    for line in text[start:end].splitlines(keepends=True):
        if labels is not None and _is_tag_line(line, labels):
            if text[begin:position].strip():
                yield begin, position
            begin = position + len(line)
        position += len(line)
    if text[begin:end].strip():
        yield begin, end


def _is_tag_line(line: str, labels: frozenset[str]) -> bool:
    words = line.split()
    hashtags = sum(len(word) > 1 and word[0] == "#" and word[1].isalnum() for word in words)
    label = _TAG_LABEL.match(line)
    return (label is not None and label.group(1).casefold() in labels) or (hashtags >= 2 and hashtags * 2 > len(words))
