"""The text of HTML, and where in it the headings and anchors stand."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable
from typing import TYPE_CHECKING

from index.compose import Headings
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

    The elements below it whose `id()` is in `without` are left out.
    Returns the text and, in order, the headings and the elements whose id is among `anchors`, with the offsets where
    their paragraphs begin.
    """
    from bs4 import Comment, Tag
    from bs4.element import NavigableString

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
            stack += [None] * block + list(reversed(node.contents))
    if paragraph := re.sub(r" +", " ", "".join(pieces)).strip():
        paragraphs.append(paragraph)
    return "\n\n".join(paragraphs), marks


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
