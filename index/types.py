"""The values that pass between the layers. No behaviour beyond slicing; knows nothing of storage or models."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Voice = Literal["report", "comment"]


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence: characters `start` to `end` of its document's text."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Document:
    """One document as it was read.

    `id` is the hash of the file's bytes, so a moved file is the same document. `date` is the publication's own, as
    "YYYY-MM-DD", or None when the document states none; it is never the file's modification time. All offsets
    everywhere count characters of `text`.
    """

    id: str
    path: str
    title: str
    date: str | None
    language: str
    text: str

    @property
    def name(self) -> str:
        """The file's name without its folders."""
        return self.path.replace("\\", "/").rsplit("/", 1)[-1]


@dataclass(frozen=True, slots=True)
class Chunk:
    """A run of whole sentences, sized for the embedding model: what is embedded and searched.

    `page` counts from 1 in the file's physical order, None where the format has no pages. A chunk never mixes
    voices: `voice` tells the document's own text ("report") from the readers' comments under it ("comment").
    """

    id: int
    document_id: str
    start: int
    end: int
    page: int | None = None
    voice: Voice = "report"


@dataclass(frozen=True, slots=True)
class Passage:
    """A chunk that a search found, with its document and its score (higher is better, comparable within one search)."""

    chunk: Chunk
    document: Document
    score: float

    @property
    def text(self) -> str:
        """The passage's words, copied out of the document."""
        return self.document.text[self.chunk.start : self.chunk.end]
