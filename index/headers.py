"""What a chunk doesn't say of itself: which document it is from, and which section. Searched with it, never quoted.

A page of a report seldom names the company or the year that its cover does; a question about it does.
"""

from __future__ import annotations

import re
from pathlib import PurePath

from index.analysis import WORD, fold, search_terms
from index.types import Document

_LONGEST = 120  # characters of a line; longer ones would outweigh the chunk
_HEADINGS = 2  # innermost ones of a section's path
_SEAM = re.compile(r"(?<=[^\W\d_A-Z])(?=[A-Z])|(?<=\d{4})(?=[^\W\d_])|(?<=[^\W\d_]{3})(?=\d)")  # AnnualReport2023Q4


def header(document: Document, start: int, *, named: bool = False) -> str:
    """Name what the chunk at `start` is part of: the document's title, the section's headings; `named`, its file, too.

    Each stands on a line of its own; what says nothing new is left out. "" where nothing says anything.
    """
    title = "" if document.name.startswith(document.title) else document.title  # it was made of the name
    section = ": ".join(document.place(start).section.split(" > ")[-_HEADINGS:])
    lines: list[str] = []
    for whole in (_file_name(document.name) if named else "", title, section):
        line = " ".join(whole[: 2 * _LONGEST].split())[:_LONGEST]
        known = {word for one in lines for word in WORD.findall(fold(one))}
        if _tells(line) and not known.issuperset(WORD.findall(fold(line))):
            lines.append(line)
    return "\n".join(lines)


def embedded_text(document: Document, start: int, end: int) -> str:
    """Put its header in front of a part of a document. The file's name is left out: a file may get another one."""
    return f"{header(document, start)}\n{document.text[start:end]}".lstrip()


def searched_words(document: Document, start: int, end: int) -> list[str]:
    """Return the terms that full-text search finds a part of a document by: its own, its header's and its file's."""
    return search_terms(f"{header(document, start, named=True)}\n{document.text[start:end]}", document.language)


def _file_name(name: str) -> str:
    """Write the words of a file's name apart, without its suffix: "BestBuy_2023Q4.pdf" as "Best Buy 2023 Q4"."""
    return " ".join(WORD.findall(_SEAM.sub(" ", PurePath(name.removesuffix(".gz")).stem)))


def _tells(line: str) -> bool:
    """Whether a line has a word in it: "scan 0012" does, "d0001" and a name that is a checksum don't."""
    return any(len(word) > 2 and word.isalpha() for word in WORD.findall(line))
