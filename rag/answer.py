"""What an answer is made of. Knows nothing of how it was found, and nothing of screens.

The one way to make a Quote is to copy it out of a document, so a quotation is always verbatim.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from index.scope import EVERYTHING, Scope
from index.types import Document, Passage, Place, Voice

Outcome = Literal["answered", "partly", "not_in_documents", "weak_evidence", "failed"]
Origin = Literal["model", "quote"]


@dataclass(frozen=True, slots=True)
class Quote:
    """The exact words of a source: `document.text[start:end]`.

    `voice` tells the document's own text from readers' comments; `speaker`, copied from the text, whose speech it
    quotes or reports, where that is clear; `also_in` names other documents that hold the same words.
    """

    document: Document
    start: int
    end: int
    voice: Voice = "report"
    speaker: str | None = None
    also_in: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The quoted words."""
        return self.document.text[self.start : self.end]

    @property
    def place(self) -> Place:
        """The page and section of the source where the quote begins."""
        return self.document.place(self.start)

    @property
    def last_place(self) -> Place:
        """The page and section of the source where the quote ends."""
        return self.document.place(self.end - 1)

    @property
    def date(self) -> str | None:
        """The source's publication date, "YYYY-MM-DD"."""
        return self.document.date


@dataclass(frozen=True, slots=True)
class Statement:
    """One sentence of an answer and the quotes that carry it.

    `support` is the share of the sentence's content that the quotes hold, 1.0 for a quotation. `origin` tells who
    worded it: the model (and the check let it pass), or the source itself.
    """

    text: str
    quotes: tuple[Quote, ...]
    support: float
    origin: Origin


@dataclass(frozen=True, slots=True)
class Usage:
    """What an answer cost: milliseconds since the question was put, and tokens; 0 where a step was not taken."""

    search_ms: int = 0
    first_token_ms: int = 0
    total_ms: int = 0
    tokens_in: int = 0
    tokens_out: int = 0


@dataclass(frozen=True, slots=True)
class Answer:
    """What the assistant has to say to a question, settled.

    `outcome` is "answered"; "partly" when part of the question found no support, the questions in `missing`;
    "not_in_documents" when the documents don't say; "weak_evidence" when what was found may not answer it; "failed"
    when the model failed, with the `reason`. The statements are then the evidence itself, or none. `unknown` are words
    of an unanswered question that no document holds. `passages` are what the search found, ranked.
    `confidence` is the measured gate's probability that the documents answer the question. `scope` is what was
    searched; `undated` documents were not, for having no date.
    """

    question: str
    statements: tuple[Statement, ...]
    passages: tuple[Passage, ...]
    outcome: Outcome
    confidence: float = 0.0
    reason: str | None = None
    missing: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    scope: Scope = EVERYTHING
    undated: int = 0
    usage: Usage = field(default_factory=Usage)

    @property
    def quotes(self) -> tuple[Quote, ...]:
        """The quotes of all statements, each once, in the order of their numbers: the first is [1]."""
        return tuple(dict.fromkeys(quote for statement in self.statements for quote in statement.quotes))

    @property
    def text(self) -> str:
        """The answer as shown: its statements, each with its [n] marks."""
        numbers = {quote: number for number, quote in enumerate(self.quotes, start=1)}
        return "\n".join(
            f"{statement.text} " + "".join(f"[{numbers[quote]}]" for quote in statement.quotes)
            for statement in self.statements
        )


@dataclass(frozen=True, slots=True)
class Found:
    """Stream event: the search is done."""

    passages: tuple[Passage, ...]


@dataclass(frozen=True, slots=True)
class Piece:
    """Stream event: some more of the model's draft, not checked yet."""

    text: str


@dataclass(frozen=True, slots=True)
class Checked:
    """Stream event: one statement of the answer, checked and settled."""

    statement: Statement


Event = Found | Piece | Checked | Answer
