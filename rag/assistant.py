"""A question -> a checked, cited answer. The one place that puts the parts together, and the one path they all take.

    search -> evidence -> gate -> draft -> check -> settle

Whatever the model writes, only sentences that their quotes carry are shown; what is missing then is the evidence
itself, quoted. So a better model gives better prose, never a weaker guarantee.
"""

from __future__ import annotations

import threading
import time
from collections import abc
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass

from index.embedder import EmbeddingModel
from index.errors import ModelError, UsageError
from index.library import Library
from rag.answer import Answer, Checked, Event, Found, Piece, Quote, Statement, Usage
from rag.check import check
from rag.draft import MAX_TOKENS, prompt
from rag.evidence import EvidenceSelector
from rag.followup import standalone
from rag.gate import confidence, judge
from rag.generator import NONE, Generator, LlamaGenerator, Message, Pieces
from rag.reading import DraftSentence, read_draft
from rag.search import HybridSearcher, Searcher
from rag.settings import Settings

PASSAGES = 12  # returned with every answer; the evidence comes from the first of them
MIN_RETOLD = 0.75  # of a quote's words, for a sentence to stand in for it: a small model drops what was asked for
LONGEST_QUESTION = 2000  # characters

Events = abc.Generator[Event, None, None]


def open_assistant(settings: Settings) -> Assistant:
    """Open the library and the models that the settings name.

    The language model is loaded in the background while the first question is being searched. Raises RagError.
    """
    model = EmbeddingModel.open(settings.embedder, settings.threads)
    library = Library.open(settings.library_folder)
    library.check_embedder(model)
    generator = None
    if settings.answer == "written" and settings.generator != NONE:
        generator = LlamaGenerator.open(settings.generator, settings.threads)
        threading.Thread(target=generator.preload, daemon=True).start()
    encoder = model.question_encoder()
    models = {"embedder": model.name, "generator": generator.name if generator else NONE}
    return Assistant(library, HybridSearcher(library, encoder), EvidenceSelector(library, encoder), generator, models)


@dataclass(slots=True)
class _Clock:
    began: float
    search_ms: int = 0
    first_token_ms: int = 0
    tokens_in: int = 0
    tokens_out: int = 0

    def now(self) -> int:
        return round((time.perf_counter() - self.began) * 1000)

    def usage(self) -> Usage:
        return Usage(self.search_ms, self.first_token_ms, self.now(), self.tokens_in, self.tokens_out)


class Assistant:
    """Answers questions from one library."""

    def __init__(
        self,
        library: Library,
        searcher: Searcher,
        selector: EvidenceSelector,
        generator: Generator | None,
        models: dict[str, str],
    ) -> None:
        self.library = library
        self.searcher = searcher
        self.generator = generator
        self.models = models
        self._selector = selector

    def ask(self, question: str, history: Sequence[Message] = ()) -> Answer:
        """Answer a question. Raises UsageError for a question that can't be used."""
        for event in self.stream(question, history):
            if isinstance(event, Answer):
                return event
        raise AssertionError("a stream ends with its answer")

    def stream(self, question: str, history: Sequence[Message] = ()) -> Events:
        """Answer a question, telling what is found, drafted and checked on the way; the last event is the Answer.

        A follow-up is completed from `history`, the turns before it; the Answer keeps the question as it was put.
        Closing the iterator stops the model. Raises UsageError for a question that can't be used.
        """
        clock = _Clock(time.perf_counter())
        question = usable(question)
        asked = standalone(question, history, self.library.store.languages())
        passages = tuple(self.searcher.search(asked, PASSAGES))
        evidence = self._selector.select(asked, passages)
        clock.search_ms = clock.now()
        yield Found(passages)

        probability = confidence(evidence)
        outcome = judge(probability)
        if outcome == "not_in_documents":
            yield Answer(question, (), passages, outcome, probability, usage=clock.usage())
            return
        drafted: list[DraftSentence] = []
        reason: str | None = None
        if self.generator is not None and outcome == "answered":
            text = ""
            try:
                with closing(self._draft(self.generator, asked, evidence.quotes, clock)) as pieces:
                    for piece in pieces:
                        text += piece
                        yield Piece(piece)
            except ModelError as error:
                outcome, reason = "failed", str(error)
            language, finished = evidence.quotes[0].document.language, clock.tokens_out < MAX_TOKENS
            drafted = read_draft(text, language, excerpts=len(evidence.quotes), finished=finished)
        statements = settle(drafted, evidence.quotes)
        clock.first_token_ms = clock.first_token_ms or clock.now()
        for statement in statements:
            yield Checked(statement)
        yield Answer(question, tuple(statements), passages, outcome, probability, reason, clock.usage())

    @staticmethod
    def _draft(generator: Generator, question: str, quotes: Sequence[Quote], clock: _Clock) -> Pieces:
        messages = prompt(question, quotes)
        with closing(generator.stream(messages, MAX_TOKENS)) as pieces:
            for piece in pieces:
                clock.first_token_ms = clock.first_token_ms or clock.now()
                clock.tokens_out += 1
                yield piece
        clock.tokens_in = sum(generator.count_tokens(message.content) for message in messages)


def usable(question: str) -> str:
    """Return the question without white space around it. Raises UsageError when it is empty or far too long."""
    question = question.strip()
    if not any(c.isalnum() for c in question):
        raise UsageError('the question is empty; ask, for example: rag ask "what does Russia demand?"')
    if len(question) > LONGEST_QUESTION:
        raise UsageError(
            f"the question has {len(question)} characters, the limit is {LONGEST_QUESTION}; ask it shorter"
        )
    return question


def settle(drafted: Sequence[DraftSentence], quotes: Sequence[Quote]) -> list[Statement]:
    """Make the answer: each quote of the evidence, in its order, retold by the model where that holds.

    A drafted sentence is checked against the quotes it cites, then against the others: a wrong mark is moved to the
    quote that carries the sentence. It stands in for that quote if it also tells most of what the quote tells. What
    nothing carries is dropped, and what nothing retells is quoted.
    """
    retold: dict[Quote, Statement] = {}
    for sentence in drafted:
        cited = [quotes[n - 1] for n in sentence.marks if 0 < n <= len(quotes)]
        for quote in dict.fromkeys([*cited, *quotes]):
            verdict = check(sentence.text, quote.text, quote.document.language)
            if verdict.supported and verdict.retold >= MIN_RETOLD and quote not in retold:
                retold[quote] = Statement(sentence.text, (quote,), verdict.support, "model")
                break
    return [retold.get(quote) or Statement(" ".join(quote.text.split()), (quote,), 1.0, "quote") for quote in quotes]
