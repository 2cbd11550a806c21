"""An asker that says what it was told to, and the pieces to tell it: for tests of whatever measures answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from index.types import Chunk, Document, Passage
from rag.answer import Answer, Outcome, Quote, Statement
from rag.generator import Message


@dataclass
class ScriptedAsker:
    """Answers by question; an answer that is an exception is raised. `asked` is what it was asked, with history."""

    answers: Mapping[str, Answer | BaseException]
    asked: list[tuple[str, Sequence[Message]]] = field(default_factory=list)

    def ask(self, question: str, history: Sequence[Message] = ()) -> Answer:
        """Give the answer to a question."""
        self.asked.append((question, history))
        answer = self.answers[question]
        if isinstance(answer, BaseException):
            raise answer
        return answer


def document(path: str, text: str) -> Document:
    """Make a document."""
    return Document(id=path, path=path, title=path, date=None, language="en", text=text)


def passage(source: Document, words: str, score: float = 1.0) -> Passage:
    """Make a passage of words that stand in a document."""
    start = source.text.index(words)
    return Passage(Chunk(start, source.id, start, start + len(words)), source, score)


def quotation(source: Document, words: str) -> Quote:
    """Make a quote of words that stand in a document."""
    start = source.text.index(words)
    return Quote(source, start, start + len(words))


def answer(
    question: str,
    said: Sequence[tuple[str, Sequence[Quote]]],
    passages: Sequence[Passage] = (),
    outcome: Outcome = "answered",
    confidence: float = 0.9,
) -> Answer:
    """Make an answer of sentences and their quotes."""
    statements = tuple(Statement(text, tuple(quotes), 1.0, "model") for text, quotes in said)
    return Answer(question, statements, tuple(passages), outcome, confidence)
