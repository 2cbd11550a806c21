"""Fakes for the seams of rag/: a generator that says what it is told to, and documents made of a text."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from index.types import Chunk, Document, Passage
from rag.answer import Quote
from rag.generator import Message, Pieces


class ScriptedGenerator:
    """Answers each call with the next text in the queue, word by word; an exception in the queue is raised."""

    name = "scripted"

    def __init__(self, *texts: str | Exception) -> None:
        self._queue = deque(texts)
        self.history: list[list[Message]] = []
        self.closed_early = 0

    def enqueue(self, text: str | Exception) -> None:
        """Add an answer."""
        self._queue.append(text)

    def stream(self, messages: Sequence[Message], max_tokens: int) -> Pieces:
        """Yield the next text, at most `max_tokens` words of it."""
        self.history.append(list(messages))
        text = self._queue.popleft()
        if isinstance(text, Exception):
            raise text
        words = text.split(" ")[:max_tokens]
        for number, word in enumerate(words):
            try:
                yield word if number == 0 else f" {word}"
            except GeneratorExit:
                self.closed_early += 1
                raise

    def count_tokens(self, text: str) -> int:
        """Count words."""
        return len(text.split())


def document(text: str, name: str = "a.txt", date: str | None = "2025-06-02", language: str = "en") -> Document:
    """Make a document of a text."""
    return Document(id=name, path=f"/docs/{name}", title=name, date=date, language=language, text=text)


def quote(text: str, name: str = "a.txt", language: str = "en") -> Quote:
    """Make a quote of a whole text."""
    return Quote(document(text, name, language=language), 0, len(text))


def passage(score: float, name: str, number: int, text: str = "Some words.") -> Passage:
    """Make a passage of a whole text."""
    return Passage(Chunk(number, name, 0, len(text)), document(text, name), score)
