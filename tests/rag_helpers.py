"""Fakes for the seams of rag/: a generator that says what it is told to, documents made of a text, signals by hand."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Any

import numpy as np

from index.embedder import Embedder
from index.library import Library
from index.types import Chunk, Document, Passage, Sentence, Voice
from rag.answer import Quote
from rag.answertype import expected_type
from rag.assistant import Assistant
from rag.evidence import EvidenceSelector
from rag.generator import Generator, Message, Pieces
from rag.search import HybridSearcher
from rag.signals import Candidate, SignalReader, Signals


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


def quote(text: str, name: str = "a.txt", language: str = "en", voice: Voice = "report") -> Quote:
    """Make a quote of a whole text."""
    return Quote(document(text, name, language=language), 0, len(text), voice=voice)


def passage(score: float, name: str, number: int, text: str = "Some words.") -> Passage:
    """Make a passage of a whole text."""
    return Passage(Chunk(number, name, 0, len(text)), document(text, name), score)


def assistant(library: Library, encoder: Embedder, generator: Generator | None) -> Assistant:
    """Put an assistant together that asks `generator`."""
    selector = EvidenceSelector(SignalReader(library, encoder))
    return Assistant(library, HybridSearcher(library, encoder), selector, generator, {})


def told(
    *sentences: str, name: str = "a.txt", date: str | None = "2025-06-02", voice: Voice = "report"
) -> list[Candidate]:
    """Make a document of sentences, one passage long, and return them as candidates."""
    text = " ".join(sentences)
    made = Passage(Chunk(0, name, 0, len(text), voice=voice), document(text, name, date), 1.0)
    starts = [sum(len(s) + 1 for s in sentences[:number]) for number in range(len(sentences))]
    return [
        Candidate(made, number, Sentence(start, start + len(text)), text)
        for number, (start, text) in enumerate(zip(starts, sentences, strict=True))
    ]


def signals(question: str, *documents: Sequence[Candidate], words: str = "", **values: float | list[float]) -> Signals:
    """Make signals by hand: `values` are the arrays and numbers that matter, the rest says nothing."""
    candidates = [candidate for one in documents for candidate in one]
    count = len(candidates)
    blank = ("place", "lexical", "coverage", "maxsim", "weakest", "late", "passage_maxsim")
    arrays: dict[str, Any] = {name: np.zeros(count) for name in (*blank, "typed", "agreement", "asks", "timely")}
    arrays |= {
        "rank": np.array([number for number, one in enumerate(documents) for _ in one]),
        "vectors": np.eye(count),
        "passage_coverage": 0.0,
        "named": 1.0,
        "relevance": 0.0,
        "consensus": 0.0,
    }
    arrays |= {
        name: np.array(value, dtype=float) if isinstance(value, list) else value for name, value in values.items()
    }
    return Signals(
        question=question,
        words=tuple(words.split()),
        unknown=(),
        kind=expected_type(question),
        passages=tuple(one[0].passage for one in documents),
        candidates=tuple(candidates),
        **arrays,
    )
