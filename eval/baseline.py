"""What is compared with: the pipeline that every tutorial shows, with the same models and the same library.

The four passages nearest to the question are pasted into a prompt, the model writes freely, nothing is checked. The
prompt is the one that most tutorials took over from LangChain's RetrievalQA.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from index.scope import Scope
from index.types import Passage
from rag.answer import Answer, Outcome, Statement, Usage
from rag.assistant import PASSAGES
from rag.generator import Generator, Message, Pieces

if TYPE_CHECKING:
    from rag.assistant import Assistant

PASTED = 4
DEPTH = 50  # passages behind a ranking of documents
MAX_TOKENS = 256
PROMPT = (
    "Use the following pieces of context to answer the question at the end. If you don't know the answer, just say "
    "that you don't know, don't try to make up an answer.\n\n{context}\n\nQuestion: {question}\nHelpful Answer:"
)
_REFUSAL = re.compile(
    r"\b(I (do not|don['’]t|cannot|can['’]t|am unable to|am not able to|am not sure)|I['’]m (not sure|unable|not able)"
    r"|(is|was|are|were) not (mentioned|provided|specified|stated|given|known)"
    r"|(does|do|did)(n['’]t| not) (mention|provide|contain|specify|say|state|know)"
    r"|no information|not enough information|unknown"
    r"|je ne (sais|connais|peux|trouve)|(ne (mentionne|précise|dit|contient|fournit)|n['’]indique) pas"
    r"|n['’]est pas (mentionné|précisé|indiqué|fourni)e?|aucune information)\b",
    re.IGNORECASE,
)

DenseSearch = Callable[[str, int], Sequence[Passage]]


class NaiveBaseline:
    """Asks the model with the nearest passages in the prompt."""

    def __init__(self, dense: DenseSearch, generator: Generator) -> None:
        self._dense = dense
        self._generator = generator

    def ask(self, question: str, history: Sequence[Message] = ()) -> Answer:
        """Answer a question: search with the question alone, put the turns before it in front of the prompt.

        The answer has no quotes and its confidence is 1: this pipeline knows of no doubt. It counts as given unless
        the model says that it can't answer.
        """
        started = time.perf_counter()
        passages = tuple(self._dense(question, PASSAGES))
        searched = _ms(started)
        pieces, first = [], 0
        for piece in self.write(question, passages, history):
            first = first or (_ms(started) if piece else 0)
            pieces.append(piece)
        text = "".join(pieces).strip()
        messages = _messages(question, passages, history)
        usage = Usage(
            search_ms=searched,
            first_token_ms=first,
            total_ms=_ms(started),
            tokens_in=sum(self._generator.count_tokens(message.content) for message in messages),
            tokens_out=self._generator.count_tokens(text) if text else 0,
        )
        statements = (Statement(text, (), 0.0, "model"),) if text else ()
        return Answer(question, statements, passages, outcome_of(text), confidence=1.0, usage=usage)

    def write(self, question: str, passages: Sequence[Passage], history: Sequence[Message] = ()) -> Pieces:
        """Yield the answer piece by piece."""
        return self._generator.stream(_messages(question, passages, history), MAX_TOKENS)


class Within:
    """The assistant, kept to the documents within a scope."""

    def __init__(self, assistant: Assistant, scope: Scope) -> None:
        self._assistant = assistant
        self._scope = scope

    def ask(self, question: str, history: Sequence[Message] = ()) -> Answer:
        """Answer a question."""
        return self._assistant.ask(question, history, scope=self._scope)


class RankingOnly:
    """Answers with the search alone, for sets that judge nothing but a ranking."""

    def __init__(self, search: DenseSearch) -> None:
        self._search = search

    def ask(self, question: str, history: Sequence[Message] = ()) -> Answer:
        """Search; nothing is answered."""
        started = time.perf_counter()
        passages = tuple(self._search(question, DEPTH))
        spent = _ms(started)
        return Answer(question, (), passages, "weak_evidence", usage=Usage(search_ms=spent, total_ms=spent))


def outcome_of(text: str) -> Outcome:
    """Tell whether a freely written text answers, or says (in English or French) that it can't."""
    return "not_in_documents" if not text or _REFUSAL.search(text) else "answered"


def _messages(question: str, passages: Sequence[Passage], history: Sequence[Message]) -> list[Message]:
    context = "\n\n".join(passage.text for passage in passages[:PASTED])
    return [*history, Message("user", PROMPT.format(context=context, question=question))]


def _ms(started: float) -> int:
    return round(1000 * (time.perf_counter() - started))
