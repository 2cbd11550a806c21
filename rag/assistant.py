"""A question -> a checked, cited answer. The one place that puts the parts together, and the one path they all take.

    complete a follow-up -> search (-> rerank) -> evidence -> gate -> draft -> check (-> entailment) -> settle

Whatever the model writes, only sentences that their quotes carry are shown; what is missing then is the evidence
itself, quoted. So a better model gives better prose, never a weaker guarantee.
"""

from __future__ import annotations

import sys
import threading
import time
from collections import abc
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from itertools import zip_longest
from typing import TYPE_CHECKING

from index.embedder import EmbeddingModel
from index.errors import ModelError, UsageError
from index.library import Library
from index.models import PACKAGED
from index.scope import EVERYTHING, Scope
from index.switch import LibraryEmbedder, own_model, pending
from index.types import Passage
from rag.address import recipient
from rag.answer import Answer, Checked, Event, Found, Outcome, Piece, Quote, Statement, Usage
from rag.draft import MARKS, MAX_TOKENS, prompt
from rag.evidence import AMOUNTS, SURER, Amount, EvidenceSelector, Portion
from rag.followup import standalone
from rag.gate import confidence, judge
from rag.generator import Generator, Message, Pieces, open_generator
from rag.parts import parts
from rag.search import HybridSearcher, Searcher
from rag.settings import NONE, Settings
from rag.settle import Entails, hopeless, settle
from rag.signals import SignalReader

if TYPE_CHECKING:
    from rag.entailment import Entailment
    from rag.generator import LlamaGenerator
    from rag.reading import DraftSentence
    from rag.server import ServerGenerator

PASSAGES = 12  # returned with every answer; the evidence comes from the first of them
LONGEST_QUESTION = 2000  # characters
# Of the packaged model's drafts on 131 questions of three sets, those from one excerpt were the answer in 5 cases of
# 30, those from several in none of 101: 9 left one sentence or two, each a near copy of what it cites. They take four
# to seven times as long as all else together. So it is asked about one excerpt alone, unless the settings say more.
PACKAGED_EXCERPTS = 1
_SENTENCE_END = frozenset(".!?…\n")
_ORDER: tuple[Outcome, ...] = ("answered", "weak_evidence", "not_in_documents")

Events = abc.Generator[Event, None, None]


def open_assistant(settings: Settings, warn: Callable[[str], object] | None = None) -> Assistant:
    """Open the library and the models that the settings name.

    Until the library is embedded with the embedding model of the settings, its own answers, and `warn` is told so: on
    stderr, where it isn't given.
    The language model is loaded in the background while the first question is being searched. Raises RagError.
    """
    model = EmbeddingModel.open(settings.embedder, settings.threads)
    library = Library.open(settings.library_folder)
    own_model(library, model)
    if (own := library.store.embedder) and pending(library, model):
        (warn or _warn)(
            f"{own.name} finds the passages until the library is embedded with {model.name}; to do that: "
            f"rag index --rebuild --library {library.folder}"
        )
    generator = None
    seldom = settings.answer == "auto" and settings.generator == PACKAGED
    if settings.writes:
        generator = open_generator(settings.generator, settings.threads)
        if not seldom:
            threading.Thread(target=_get_ready_to_draft, args=(generator,), daemon=True).start()
    encoder = LibraryEmbedder(library, model)
    searcher: Searcher = HybridSearcher(library, encoder)
    entailment: Entailment | None = None
    models = {"embedder": model.name, "generator": generator.name if generator else NONE}
    if settings.reranker != NONE:
        from rag.rerank import Reranker

        searcher = reranker = Reranker.open(searcher, settings.reranker, settings.threads)
        models["reranker"] = reranker.name
    if settings.entailment != NONE and generator:
        from rag.entailment import Entailment

        entailment = Entailment.open(settings.entailment, settings.threads)
        models["entailment"] = entailment.name
    return Assistant(
        library,
        searcher,
        EvidenceSelector(SignalReader(library, encoder)),
        generator,
        models,
        recipient=recipient(settings.generator) if generator else None,
        entails=entailment,
        most_excerpts=PACKAGED_EXCERPTS if seldom else None,
    )


def _get_ready_to_draft(generator: LlamaGenerator | ServerGenerator) -> None:
    """Load the model and what reads and checks its drafts, while the question is being searched."""
    generator.preload()
    import rag.check
    import rag.reading  # noqa: F401


def _warn(message: str) -> None:
    sys.stderr.write(f"{message}\n")


@dataclass(slots=True)
class _Clock:
    began: float
    search_ms: int = 0
    first_token_ms: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    limit: int = 0

    def now(self) -> int:
        return round((time.perf_counter() - self.began) * 1000)

    def usage(self) -> Usage:
        return Usage(self.search_ms, self.first_token_ms, self.now(), self.tokens_in, self.tokens_out)


@dataclass(frozen=True, slots=True)
class _Findings:
    """What the documents hold on a question, before anything is written."""

    quotes: tuple[Quote, ...]
    passages: tuple[Passage, ...]
    outcome: Outcome
    confidence: float
    missing: tuple[str, ...]
    unknown: tuple[str, ...]
    scope: Scope
    undated: int

    def answer(
        self, question: str, statements: tuple[Statement, ...], usage: Usage, failure: str | None = None
    ) -> Answer:
        outcome: Outcome = "failed" if failure else self.outcome
        unknown = () if outcome in ("answered", "partly") else self.unknown
        return Answer(
            question,
            statements,
            self.passages,
            outcome,
            self.confidence,
            failure,
            self.missing,
            unknown,
            self.scope,
            self.undated,
            usage,
        )


class Assistant:
    """Answers questions from one library. `recipient` is the host that they are sent to, None for this machine.

    Where `entails` is given, it must say of each sentence that the model writes that its quotes entail it. From more
    quotes than `most_excerpts` nothing is written; None: from any number.
    """

    def __init__(
        self,
        library: Library,
        searcher: Searcher,
        selector: EvidenceSelector,
        generator: Generator | None,
        models: dict[str, str],
        *,
        recipient: str | None = None,
        entails: Entails | None = None,
        most_excerpts: int | None = None,
    ) -> None:
        self.library = library
        self.searcher = searcher
        self.generator = generator
        self._models = models
        self.recipient = recipient
        self._selector = selector
        self._entails = entails
        self._most_excerpts = most_excerpts

    @property
    def models(self) -> dict[str, str]:
        """Names of the models by what they are for; the embedding model is the one that the library answers with."""
        own = self.library.store.embedder
        return self._models | ({"embedder": own.name} if own else {})

    def ask(self, question: str, history: Sequence[Message] = (), *, scope: Scope = EVERYTHING) -> Answer:
        """Answer a question from the documents within a scope. Raises UsageError for what can't be used."""
        for event in self.stream(question, history, scope=scope):
            if isinstance(event, Answer):
                return event
        raise AssertionError("a stream ends with its answer")

    def stream(
        self,
        question: str,
        history: Sequence[Message] = (),
        *,
        scope: Scope = EVERYTHING,
        written: bool = True,
        amount: Amount = "usual",
    ) -> Events:
        """Answer a question, telling what is found, drafted and checked on the way; the last event is the Answer.

        A follow-up is completed from `history`, the turns before it; the Answer keeps the question as it was put.
        Nothing is searched or quoted that is not within `scope`.
        Unless `written`, the evidence is quoted and no model writes; `amount` is how much of it there is.
        Closing the iterator stops the model. Raises UsageError for a question or a scope that can't be used.
        """
        clock = _Clock(time.perf_counter())
        question = usable(question)
        asked = standalone(question, history, self.library.store.languages())
        portion = AMOUNTS[amount]
        if asked == question:
            found = self._find(parts(question), portion, scope)
        else:
            found = self._find((asked,), replace(portion, sure=max(portion.sure, SURER)), scope)
        clock.search_ms = clock.now()
        yield Found(found.passages)

        if found.outcome == "not_in_documents":
            yield found.answer(question, (), clock.usage())
            return
        drafted: list[DraftSentence] = []
        reason: str | None = None
        if written and self.generator is not None and self._is_worth_writing(found):
            from rag.reading import read_draft  # who doesn't draft can do without it, and it takes long

            read = partial(read_draft, language=found.quotes[0].document.language, excerpts=len(found.quotes))
            text, ended, finished = "", False, True
            try:
                with closing(self._draft(self.generator, asked, found.quotes, clock)) as pieces:
                    for piece in pieces:
                        text += piece
                        yield Piece(piece)
                        if not piece:
                            continue
                        if ended and hopeless(read(text, finished=False), found.quotes, self._entails):
                            finished = False
                            break
                        ended = not _SENTENCE_END.isdisjoint(piece)  # or within "3.5": the next piece shows
            except ModelError as error:
                reason = str(error)
            drafted = read(text, finished=finished and clock.tokens_out < clock.limit)
        try:
            statements = settle(drafted, found.quotes, asked, self._entails)
        except ModelError as error:  # of the entailment model
            reason, statements = str(error), settle([], found.quotes, asked)
        clock.first_token_ms = clock.first_token_ms or clock.now()
        for statement in statements:
            yield Checked(statement)
        yield found.answer(question, tuple(statements), clock.usage(), reason)

    def _is_worth_writing(self, found: _Findings) -> bool:
        few = self._most_excerpts is None or len(found.quotes) <= self._most_excerpts
        return few and found.outcome in ("answered", "partly")

    def rank(self, question: str, scope: Scope = EVERYTHING) -> tuple[Passage, ...]:
        """Find the passages that an answer to a question would come from, best first; write nothing."""
        return self._find(parts(usable(question)), AMOUNTS["usual"], scope).passages

    def _find(self, asked: Sequence[str], portion: Portion, scope: Scope) -> _Findings:
        """Search and judge each part of a question by itself; leave out the parts that nothing supports."""
        first, *others = asked
        with self.library.store.snapshot():  # one state of the library, and so one embedding model
            extent = self.library.within(scope)
            languages = self.library.store.languages()
            asks = [first, *(standalone(part, [Message("user", first)], languages) for part in others)]
            ranked = [self.searcher.search(part, PASSAGES, scope) for part in asks]
            found = [self._selector.select(*both, portion, scope) for both in zip(asks, ranked, strict=True)]
        judged = [judge(evidence.signals) for evidence in found]
        best = min(judged, key=_ORDER.index)
        held = [evidence for evidence, outcome in zip(found, judged, strict=True) if outcome == best]
        missing = tuple(part for part, outcome in zip(asks, judged, strict=True) if outcome != best)
        return _Findings(
            quotes=tuple(dict.fromkeys(quote for evidence in held for quote in evidence.quotes)),
            passages=_in_turn([evidence.passages for evidence in found]),
            outcome="partly" if missing and best == "answered" else best,
            confidence=min(confidence(evidence.signals) for evidence in held),
            missing=missing,
            unknown=tuple(dict.fromkeys(word for e in found if e.signals for word in e.signals.unknown)),
            scope=scope,
            undated=extent.undated if extent else 0,
        )

    @staticmethod
    def _draft(generator: Generator, question: str, quotes: Sequence[Quote], clock: _Clock) -> Pieces:
        """Let the model write; no longer than the evidence is, which no answer needs to be."""
        messages = prompt(question, quotes)
        clock.tokens_in = sum(generator.count_tokens(message.content) for message in messages)
        evidence = sum(generator.count_tokens(quote.text) for quote in quotes)
        clock.limit = min(MAX_TOKENS, evidence + MARKS)
        with closing(generator.stream(messages, clock.limit)) as pieces:
            for piece in pieces:
                if piece:
                    clock.first_token_ms = clock.first_token_ms or clock.now()
                    clock.tokens_out += 1
                yield piece


def _in_turn(rankings: Sequence[Sequence[Passage]]) -> tuple[Passage, ...]:
    """Merge rankings: the first of each, then the second of each, none twice."""
    merged: dict[int, Passage] = {}
    for place in zip_longest(*rankings):
        for passage in place:
            if passage is not None:
                merged.setdefault(passage.chunk.id, passage)
    return tuple(merged.values())


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
