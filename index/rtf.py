"""Reads RTF texts: what striprtf reads, and what it passes over: notes, text boxes, comments, headers and footers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from index.archive import refuse_ole
from index.compose import Composer, fold
from index.dates import parse_date
from index.errors import ReadError
from index.office import comment, is_page_number
from index.parsed import Parsed

_TOKEN = re.compile(r"\\([a-z]+)(-?\d+)? ?|\\'[0-9a-f]{2}|\\[^a-z]|[{}|]", re.IGNORECASE | re.DOTALL)
_APART = re.compile(r"\{\s*(?:\\\*\s*)?\\(footnote|annotation|atnauthor|shptxt|header[lrf]?|footer[lrf]?)(?![a-z])")
# Characters that no text has: a vertical bar, which striprtf puts between cells; the place of what was taken out, with
# its number; an end of it.
_BAR, _PLACE, _END = "\ue000", "\ue001", "\ue002"
_TAKEN = re.compile(f"{_PLACE}(\\d+){_PLACE}")


@dataclass(slots=True)
class _Part:
    """A group that is taken out of the text; `text` is RTF at first."""

    kind: str
    depth: int
    pieces: list[str] = field(default_factory=list)
    text: str = ""
    numbered: bool = False


def read_rtf(data: bytes) -> Parsed:
    """Read an RTF text; it has no sections, its title and date are those of its properties."""
    refuse_ole(data)
    if not data.startswith(b"{\\rtf"):
        raise ReadError("not an RTF file: it doesn't begin as one")
    source = data.decode("latin-1")
    if not source.rstrip("\0 \r\n").endswith("}"):
        raise ReadError("damaged RTF file: it is cut off")
    composer = Composer()
    for paragraph in _paragraphs(source):
        composer.paragraph(paragraph)
    title = re.search(r"\{\\title ([^{}\\]{1,300})\}", source)
    made = re.search(r"\{\\creatim\\yr(\d{4})\\mo(\d{1,2})\\dy(\d{1,2})", source)
    day = parse_date("{:0>4}-{:0>2}-{:0>2}".format(*made.groups())) if made else None
    return composer.parsed(title.group(1) if title else None, day, article=True)


def _paragraphs(source: str) -> Iterator[str]:
    """Yield the paragraphs, behind each its notes and boxes; at the end comments, headers and footers."""
    from striprtf.striprtf import font_table_group, rtf_to_text

    body, parts = _split(source)
    page = re.search(r"\\ansicpg\d+", source)
    head = f"{{\\rtf1{page.group() if page else ''}{font_table_group(source)}"
    taken = rtf_to_text(f"{head}{''.join(f'{{{part.text}}}{_END}' for part in parts)}}}", errors="replace")
    for part, text in zip(parts, taken.split(_END), strict=False):
        part.text = fold(text.replace("|", "; ").replace(_BAR, "|"))
    waiting = dict(enumerate(parts))
    for line in rtf_to_text(body, errors="replace").split("\n"):
        yield _TAKEN.sub("", line).replace("|", "; ").removesuffix("; ").replace(_BAR, "|")
        for number in map(int, _TAKEN.findall(line)):
            if number in waiting and waiting[number].kind in ("footnote", "shptxt"):
                yield _TAKEN.sub("", waiting.pop(number).text)
    author, seen = "", set()
    for part in waiting.values():
        text = _TAKEN.sub("", part.text)
        if part.kind == "atnauthor":
            author = text
        elif part.kind == "annotation":
            yield comment(author, text)
        elif text not in seen and not (part.numbered and is_page_number(text)):
            seen.add(text)
            yield text


def _split(source: str) -> tuple[str, list[_Part]]:
    """Take the groups that striprtf ignores out of an RTF text, and from what is left what it misreads.

    A line that is broken within a paragraph is none of its own; binary data could look like anything.
    """
    parts: list[_Part] = []
    open_ = [_Part("", 0)]
    depth = position = 0
    while token := _TOKEN.search(source, position):
        pieces = open_[-1].pieces
        pieces.append(source[position : token.start()])
        position = token.end()
        if token.group() == "{":
            depth += 1
            if apart := _APART.match(source, token.start()):
                pieces.append(f"{_PLACE}{len(parts)}{_PLACE}")
                parts.append(_Part(apart.group(1), depth))
                open_.append(parts[-1])
                position = apart.end()
            else:
                pieces.append("{")
        elif token.group() == "}":
            if len(open_) > 1 and open_[-1].depth == depth:
                open_.pop()
            else:
                pieces.append("}")
            depth -= 1
        elif token.group() == "|":
            pieces.append(_BAR)
        elif token.group(1) == "line":
            pieces.append(" ")
        elif token.group(1) == "bin" and token.group(2):
            position += max(int(token.group(2)[:9]), 0)
        else:
            pieces.append(token.group())
    open_[-1].pieces.append(source[position:])
    for part in parts:
        part.text = "".join(part.pieces)
        part.numbered = "\\chpgn" in part.text or "PAGE" in part.text
    return "".join(open_[0].pieces), parts
