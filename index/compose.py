"""Puts a text together out of paragraphs, and keeps account of the pages and sections they stand in."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable

from index.dates import header_date
from index.parsed import Parsed
from index.segments import comments_start
from index.sentences import paragraphs
from index.types import Place

_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]+")
_LINE_BREAKS = dict.fromkeys(map(ord, "\r\n\v\f\x1c\x1d\x1e\x85\u2028\u2029"), " ")
_SHOWN = 100  # characters of what is left out
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

    def place(self, section: str, page: int | None = None, *, ahead: int = 0) -> None:
        """Say where in the file the following paragraphs stand, or what comes `ahead` characters within the next."""
        place = Place(self.offset + ahead, page=page, section=_CONTROLS.sub(" ", section))
        if self._places and self._places[-1].start == place.start:
            self._places.pop()
        self._places.append(place)

    def paragraph(self, text: str) -> None:
        """Add a paragraph, its white space folded; nothing when it is blank."""
        self._add(fold(text))

    def _add(self, text: str) -> None:
        if text:
            self._length = self.offset + len(text)
            self._paragraphs.append(text)

    def text(self, text: str) -> None:
        """Add a text of several paragraphs; lines that were broken at a column are joined."""
        for start, end in paragraphs(text, 0, len(text)):
            self.paragraph(text[start:end])

    def include(self, parsed: Parsed, section: str) -> list[str]:
        """Add the own text of a file within this one, as a section; returns what is left out of it.

        Of its pages the sections tell, "Attachment: a.pdf, page 3", since a page is one of the file around it. Its
        readers' comments are left out: here they would pass for its own text.
        """
        text = parsed.text
        comments = parsed.comments if parsed.comments is not None else comments_start(text, parsed.body)
        places = [(section, 0), *((_below(section, place), place.start) for place in parsed.places)][::-1]
        for start, end in paragraphs(text, parsed.body, comments):
            start = end - len(text[start:end].lstrip())
            while places and places[-1][1] < end:
                below, at = places.pop()
                self.place(below, ahead=max(at - start, 0))
            self._add(text[start:end].rstrip().translate(_LINE_BREAKS))
        left = [("in front of the text", text[: parsed.body]), ("readers' comments", text[comments:])]
        return [f"{what}: {textwrap.shorten(words, _SHOWN)}" for what, words in left if words.strip()]

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


def _below(section: str, place: Place) -> str:
    """Name a place of a file within the section that the file is; a slide's own name tells its page."""
    if place.page and not place.section.startswith(f"Slide {place.page}"):
        section = f"{section}, page {place.label or place.page}"
    return f"{section} > {place.section}" if place.section else section


def fold(text: str) -> str:
    """Fold white space and control characters, and halves of characters, to single spaces."""
    return " ".join(_CONTROLS.sub(" ", text).split())
