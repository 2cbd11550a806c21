"""The values that pass between the layers. No behaviour beyond slicing; knows nothing of storage or models."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import Literal

from index.kinds import file_name

Voice = Literal["report", "comment"]


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence: characters `start` to `end` of its document's text."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Place:
    """Where in its file a text stands, from the character `start` on until the next place.

    `page` counts from 1 in the file's physical order, None where the format has no pages; `label` is what the file
    itself calls it ("iv"), where that differs. `section` is the path of headings, "Report > 3 Results". With `ocr` the
    words were recognised on the page's picture, so any of them may be misread.
    """

    start: int
    page: int | None = None
    label: str | None = None
    section: str = ""
    ocr: bool = False


@dataclass(frozen=True, slots=True)
class Document:
    """One document as it was read.

    `id` is the hash of the file's bytes, so a moved file is the same document. `date` is the publication's own, as
    "YYYY-MM-DD", or None when the document states none; it is never the file's modification time. All offsets
    everywhere count characters of `text`. `places` are its pages and sections, by `start`.
    """

    id: str
    path: str
    title: str
    date: str | None
    language: str
    text: str
    places: tuple[Place, ...] = ()

    @property
    def name(self) -> str:
        """The file's name without its folders; that of an archive's member begins with the archive's."""
        return file_name(self.path)

    def place(self, offset: int) -> Place:
        """Tell on which page and in which section a character of the text stands."""
        number = bisect_right(self.places, offset, key=lambda place: place.start)
        return self.places[number - 1] if number else Place(0)


@dataclass(frozen=True, slots=True)
class Chunk:
    """A run of whole sentences, sized for the embedding model: what is embedded and searched.

    A chunk never mixes voices: `voice` tells the document's own text ("report") from the readers' comments under it
    ("comment").
    """

    id: int
    document_id: str
    start: int
    end: int
    voice: Voice = "report"


@dataclass(frozen=True, slots=True)
class Passage:
    """A chunk that a search found, with its document and its score (higher is better, comparable within one search).

    `also_in` are the names of other documents that say all of it too.
    """

    chunk: Chunk
    document: Document
    score: float
    also_in: tuple[str, ...] = ()

    @property
    def place(self) -> Place:
        """Where in the document's file the passage begins."""
        return self.document.place(self.chunk.start)

    @property
    def last_place(self) -> Place:
        """Where in the document's file the passage ends."""
        return self.document.place(self.chunk.end - 1)

    @property
    def text(self) -> str:
        """The passage's words, copied out of the document."""
        return self.document.text[self.chunk.start : self.chunk.end]
