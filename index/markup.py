"""The text of HTML, and where in it the headings and anchors stand."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable
from functools import cache
from typing import TYPE_CHECKING

from index.compose import Headings
from index.grids import grid_lines, layouts
from index.types import Place

if TYPE_CHECKING:
    from bs4 import Tag

_HEADINGS = {"h1": 1, "h2": 2, "h3": 3, "h4": 4, "h5": 5, "h6": 6}
_SOFT_HYPHEN = "\xad"  # where a word may be broken at the end of a line: no part of the word
_BLOCKS = {
    "address", "article", "aside", "blockquote", "br", "caption", "dd", "details", "dialog", "div", "dl", "dt",
    "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "legend",
    "li", "main", "nav", "ol", "p", "pre", "section", "summary", "table", "td", "th", "tr", "ul",
}  # fmt: skip


def block_text(
    root: object, anchors: Container[str] = (), *, without: Container[int] = ()
) -> tuple[str, list[tuple[int, Tag]]]:
    """Text of an element: white space folded inside a paragraph, a blank line between block elements.

    A row of a table of data is one paragraph, with the columns' names; the mark of a footnote is left out, and
    so are the elements below it whose `id()` is in `without`.
    Returns the text and, in order, the headings and the elements whose id is among `anchors`, with the offsets where
    their paragraphs begin.
    """
    from bs4 import Comment, Tag
    from bs4.element import NavigableString

    def text_of(tag: Tag) -> str:
        return block_text(tag, without=without)[0]

    @cache
    def arranging() -> set[int]:
        return layouts(root) if isinstance(root, Tag) else set()

    def lines_of(tag: Tag) -> list[str] | None:
        return None if id(tag) in arranging() else grid_lines(tag, text_of)

    paragraphs: list[str] = []
    pieces: list[str] = []
    marks: list[tuple[int, Tag]] = []
    length = 0
    stack: list[object] = [root]  # no recursion: a page may be nested deeper than Python's stack
    while stack:
        node = stack.pop()
        if node is None:  # a border of a block
            if paragraph := re.sub(r" +", " ", "".join(pieces)).strip():
                length += len(paragraph) + (2 if paragraphs else 0)
                paragraphs.append(paragraph)
            pieces = []
        elif isinstance(node, Comment):
            continue
        elif isinstance(node, NavigableString):
            pieces.append(re.sub(r"\s+", " ", str(node)).replace(_SOFT_HYPHEN, ""))
        elif isinstance(node, Tag) and (node is root or id(node) not in without):
            block = node.name in _BLOCKS
            if block and pieces:
                stack += [node, None]  # what stands before the block is a paragraph of its own
                continue
            if node.name in _HEADINGS or node.get("id") in anchors:
                marks.append((length + 2 if paragraphs else 0, node))
            if node.name == "table" and (lines := lines_of(node)) is not None:
                inside = node.find_all(id=True) if anchors else ()
                marks += [(length + 2 if paragraphs else 0, tag) for tag in inside if tag.get("id") in anchors]
                length += sum(len(line) + 2 for line in lines) - (0 if paragraphs or not lines else 2)
                paragraphs += lines
                continue
            is_raised = node.name == "sup" or _is_note_link(node, pieces[-3:])
            if is_raised and (raised := _raised(node, pieces[-3:])) is not None:
                pieces.append(raised)
                continue
            stack += [None] * block + list(reversed(node.contents))
    if paragraph := re.sub(r" +", " ", "".join(pieces)).strip():
        paragraphs.append(paragraph)
    return "\n\n".join(paragraphs), marks


# Digits in sup: of a power behind a short number, a unit or a variable, of a footnote behind anything else.
_POWER = re.compile(r"(?:^|[^\w.,])(?:\d{1,2}|[^\W\d_]|[µcdhkmn]m|ft|yd|mi|in|sec|min)$")
_NOTE = re.compile(r"[\[(]?(?:\d{1,3}|[*†‡§¶]+|[a-z]|[ivx]+|notes? \d+)[\])]?(?:\s*[,;]\s*\d{1,3})*")
_RAISED = str.maketrans("0123456789+-−", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻")


_GLUED = re.compile(r"[^\W\d_]{3}[.,;:!?”\"'’»)]*$")


def _is_note_link(tag: Tag, before: list[str]) -> bool:
    """Whether an element is a link to a footnote: marked as one in an e-book, or a number glued to the word before."""
    if tag.name != "a" or "noteref" in f"{tag.get('epub:type')} {tag.get('role')}":
        return tag.name == "a"
    glued = "#" in str(tag.get("href") or "") and _GLUED.search("".join(before))
    return bool(glued) and re.fullmatch(r"[\[(]?\d{1,3}[\])]?", tag.get_text().strip()) is not None


def _raised(tag: Tag, before: list[str]) -> str | None:
    """Write what is raised behind a text: nothing for a footnote's mark, "²" for a power; None for part of the word."""
    text, word = tag.get_text().strip(), "".join(before)
    is_link = tag.name == "a" or tag.find("a") is not None or (tag.parent is not None and tag.parent.name == "a")
    if not word.strip():  # the mark stands before the note itself
        return f"{text} "
    if _NOTE.fullmatch(text) and is_link:
        return ""
    if re.fullmatch(r"[-−+]?\d{1,3}", text) and (_POWER.search(word) or not text[0].isdigit()):
        return text.translate(_RAISED)
    return "" if _NOTE.fullmatch(text) and not text.isalpha() else None


def heading_level(tag: Tag) -> int:
    """Level of a heading, 1 to 6; 0 when the element is none."""
    return _HEADINGS.get(tag.name, 0)


def heading_places(marks: list[tuple[int, Tag]], texts: Iterable[str]) -> tuple[Place, ...]:
    """Sections of a text by its headings and their texts."""
    headings = Headings()
    entered = [
        (start, headings.enter(heading_level(tag), text)) for (start, tag), text in zip(marks, texts, strict=True)
    ]
    return tuple(Place(start, section=path) for start, path in entered)


def html_text(source: str) -> str:
    """Text of a piece of HTML, such as a mail's body."""
    from bs4 import BeautifulSoup

    soup = BeautifulSoup(source, "lxml")
    for tag in soup.find_all(["script", "style", "template", "svg", "head"]):
        tag.decompose()
    return block_text(soup)[0]
