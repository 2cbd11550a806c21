"""A person's question -> a turn of their conversation, answered and kept. Knows people and turns, nothing of HTML."""

from __future__ import annotations

import threading
from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from index.conversations import Conversations, Turn
from index.scope import EVERYTHING, Scope
from rag.answer import Answer, Found, Piece
from rag.assistant import Assistant, usable
from rag.contract import answer_to_json, filters_to_json, passage_to_json
from rag.evidence import Amount
from rag.generator import Message
from ui.render import CLOSEST, excerpt
from ui.waiting import WaitingLine

# What is kept of a question until its answer is complete, and if it never is.
STOPPED: dict[str, Any] = {"outcome": "stopped", "statements": [], "quotes": [], "missing": []}


@dataclass(frozen=True, slots=True)
class Preferences:
    """How a person wants to be answered: in the model's words or in quotations alone, from how much evidence."""

    written: bool = True
    amount: Amount = "usual"


@dataclass(frozen=True, slots=True)
class Asked:
    """The question is in the conversation, after these turns."""

    conversation: str
    before: list[Turn]


@dataclass(frozen=True, slots=True)
class Waiting:
    """Other people's questions come first: so many."""

    ahead: int


Step = Asked | Waiting | Found | Piece | Turn


class Chat:
    """Asks the one assistant on behalf of several people, one question at a time, and keeps their conversations."""

    def __init__(self, assistant: Assistant, conversations: Conversations) -> None:
        self.assistant = assistant
        self.conversations = conversations
        self.line = WaitingLine()

    def ask(
        self,
        person: str,
        question: str,
        stopped: threading.Event,
        *,
        conversation: str = "",
        instead_of: int | None = None,
        scope: Scope = EVERYTHING,
        preferences: Preferences = Preferences(),
    ) -> Generator[Step, None, None]:
        """Ask in a conversation ("" begins one) and tell how it goes; the last step is the kept Turn.

        With `instead_of`, the question replaces that turn and all after it. Setting `stopped`, or closing the
        iterator, ends it within a token; the question is then kept without its answer.
        Raises UsageError for a question or a scope that can't be used, and for a conversation that isn't this person's.
        """
        question = usable(question)
        extent = self.assistant.library.within(scope)
        if instead_of is not None:
            self.conversations.cut(person, conversation, instead_of)
        if not conversation:
            conversation = self.conversations.create(person, question).id
        before = self.conversations.turns(person, conversation)
        filters = filters_to_json(scope, extent.undated if extent else 0)
        turn = self.conversations.add(person, conversation, question, STOPPED | filters)
        yield Asked(conversation, before)
        with self.line.ticket(person) as ticket:
            told = 0
            for ahead in ticket.wait():
                if stopped.is_set():
                    yield turn
                    return
                if ahead != told:
                    yield Waiting(ahead)
                told = ahead
            with closing(self._stream(question, before, scope, preferences)) as events:
                for event in events:
                    if stopped.is_set():
                        break
                    if isinstance(event, Answer):
                        turn = self.conversations.answer(person, turn.id, self._kept(event))
                    elif isinstance(event, Found | Piece):
                        yield event
        yield turn

    def _stream(self, question: str, before: list[Turn], scope: Scope, preferences: Preferences) -> Any:  # noqa: ANN401
        history = [
            message
            for turn in before
            for message in (Message("user", turn.question), Message("assistant", str(turn.answer.get("answer", ""))))
        ]
        return self.assistant.stream(
            question, history, scope=scope, written=preferences.written, amount=preferences.amount
        )

    def _kept(self, answer: Answer) -> dict[str, Any]:
        """The contract's object; where the documents don't say, with the words of the nearest passages."""
        kept = answer_to_json(answer, self.assistant.models)
        if answer.outcome == "not_in_documents":
            kept["closest"] = [
                passage_to_json(passage)
                | {
                    "title": passage.document.title,
                    "date": passage.document.date,
                    "voice": passage.chunk.voice,
                    "text": excerpt(passage.text),
                }
                for passage in answer.passages[:CLOSEST]
            ]
        return kept
