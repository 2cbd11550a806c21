"""Puts a text together out of paragraphs, and keeps account of the pages and sections they stand in."""

from __future__ import annotations

import re
from collections.abc import Iterable

from index.dates import header_date
from index.parsed import Parsed
from index.sentences import paragraphs
from index.types import Place

_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]+")
_LONGEST_TITLE = 120  # characters of a heading in a section's path; a longer one is a paragraph in a heading's clothes


class Headings:
    """The headings above a place in a text, the outermost first."""

    def __init__(self, *outer: str) -> None:
        self._open: list[tuple[int, str]] = [(0, fold(title)) for title in outer if title.strip()]

    def enter(self, level: int, title: str) -> str:
        """Go below a heading of a level from 1 on; return the section's path, "Report > 3 Results"."""
        while self._open and self._open[-1][0] >= level:
            self._open.pop()
        if title := fold(title)[:_LONGEST_TITLE].strip():
            self._open.append((level, title))
        return self.path

    @property
    def path(self) -> str:
        """The path of the section at hand, empty before the first heading."""
        return " > ".join(title for _, title in self._open)

    @property
    def last(self) -> str:
        """The innermost heading."""
        return self._open[-1][1] if self._open else ""


class Composer:
    """A text that grows paragraph by paragraph, a blank line between them, so that no sentence crosses a border."""

    def __init__(self) -> None:
        self._paragraphs: list[str] = []
        self._length = 0
        self._places: list[Place] = []

    @property
    def offset(self) -> int:
        """Where the next paragraph will begin."""
        return self._length + 2 if self._paragraphs else 0

    def place(self, section: str, page: int | None = None) -> None:
        """Say where in the file the following paragraphs stand."""
        place = Place(self.offset, page=page, section=_CONTROLS.sub(" ", section))
        if self._places and self._places[-1].start == place.start:
            self._places.pop()
        self._places.append(place)

    def paragraph(self, text: str) -> None:
        """Add a paragraph, its white space folded; nothing when it is blank."""
        text = fold(text)
        if text:
            self._length = self.offset + len(text)
            self._paragraphs.append(text)

    def text(self, text: str) -> None:
        """Add a text of several paragraphs; lines that were broken at a column are joined."""
        for start, end in paragraphs(text, 0, len(text)):
            self.paragraph(text[start:end])

    def parsed(
        self,
        title: str | None = None,
        date: str | None = None,
        set_aside: Iterable[str] = (),
        *,
        article: bool = False,
    ) -> Parsed:
        """Return what was composed.

        An `article` may state its date in its head, which goes before `date`, have readers' comments at its end, and
        lines of keywords.
        """
        text = "\n\n".join(self._paragraphs)
        day, body = header_date(text) if article else (None, 0)
        return Parsed(
            text,
            title=fold(title or "") or None,
            date=day or date,
            body=body,
            comments=None if article else len(text),
            places=tuple(self._places),
            set_aside=tuple(set_aside),
            article=article,
        )


def fold(text: str) -> str:
    """Fold white space and control characters, and halves of characters, to single spaces."""
    return " ".join(_CONTROLS.sub(" ", text).split())
