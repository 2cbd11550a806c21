"""What people asked, what they were told and what they thought of it: conversations, turns and feedback.

They live in the library's own file and are nobody's but their owner's. Knows nothing of documents, of screens, or of
who an owner is: an owner is a text, and what belongs to another is as if it weren't there.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any, Literal

from index.analysis import fold
from index.errors import LibraryError, UsageError
from index.store import Store

Rating = Literal["up", "down"]
LONGEST_TITLE = 80  # characters
UNTITLED = "New conversation"
_GONE = "this conversation, or this part of it, isn't there any more; begin a new one"  # said of another's too
_SINCE = 2  # the version of a library's format that has these tables


@dataclass(frozen=True, slots=True)
class Conversation:
    """One conversation; `changed` is when something was last asked in it, ISO 8601 in UTC."""

    id: str
    title: str
    changed: str


@dataclass(frozen=True, slots=True)
class Turn:
    """One question with its answer, the object of `rag/contract.py`. `expected` is what it should have said."""

    id: int
    question: str
    answer: Mapping[str, Any]
    rating: Rating | None = None
    expected: str = ""


@dataclass(frozen=True, slots=True)
class Feedback:
    """A rated turn, without its owner. `history` are the questions and the answers' texts before it."""

    turn_id: int
    question: str
    history: tuple[tuple[str, str], ...]
    answer: Mapping[str, Any]
    rating: Rating
    expected: str
    asked: str


ConversationList = list[Conversation]  # inside the class, `list` is its method
TurnList = list[Turn]


class Conversations:
    """The conversations of a library. Any thread may use it.

    Writing waits for a sync's transactions, not for the sync. It raises UsageError for an id that isn't there or is
    another owner's, LibraryBusy when something else writes for too long, LibraryError when the library can't be
    written.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def list(self, owner: str, words: str = "") -> ConversationList:
        """List an owner's conversations, the last changed first.

        With `words`, those in whose title, questions and answers every word occurs; case and accents are ignored.
        """
        if not self._there:
            return []
        wanted = fold(words).split()
        in_turns = "EXISTS (SELECT 1 FROM turns WHERE conversation_id = c.id AND instr(folded, ?))"
        rows = self._store.run(
            "SELECT id, title, (SELECT question FROM turns WHERE conversation_id = c.id ORDER BY id LIMIT 1), changed "
            "FROM conversations c WHERE owner = ?"
            + f" AND (instr(folded, ?) OR {in_turns})" * len(wanted)
            + " ORDER BY changed DESC, id",
            [owner, *(word for word in wanted for _ in range(2))],
        )
        return [Conversation(i, title or _short(asked or "") or UNTITLED, changed) for i, title, asked, changed in rows]

    def create(self, owner: str, title: str = "") -> Conversation:
        """Begin a conversation. Without a title it goes by its first question."""
        self._check_writable()
        title, made, now = _short(title), secrets.token_hex(16), _now()
        self._store.run(
            "INSERT INTO conversations (id, owner, changed, title, folded) VALUES (?, ?, ?, ?, ?)",
            (made, owner, now, title, fold(title)),
        )
        return Conversation(made, title or UNTITLED, now)

    def rename(self, owner: str, conversation_id: str, title: str) -> None:
        """Give a conversation another title; an empty one makes it go by its first question again."""
        title = _short(title)
        with self._changing(owner, conversation_id):
            sql = "UPDATE conversations SET title = ?, folded = ? WHERE id = ?"
            self._store.run(sql, (title, fold(title), conversation_id))

    def delete(self, owner: str, conversation_id: str) -> None:
        """Delete a conversation with its turns and their feedback."""
        with self._changing(owner, conversation_id):
            self._store.run("DELETE FROM conversations WHERE id = ?", (conversation_id,))

    def turns(self, owner: str, conversation_id: str) -> TurnList:
        """Read a conversation, oldest turn first."""
        with self._store.snapshot():
            self._check_owner(owner, conversation_id)
            rows = self._store.run(
                "SELECT id, question, answer, rating, coalesce(expected, '') FROM turns LEFT JOIN feedback "
                "ON turn_id = id WHERE conversation_id = ? ORDER BY id",
                (conversation_id,),
            )
        return [Turn(i, question, json.loads(answer), *feedback) for i, question, answer, *feedback in rows]

    def add(self, owner: str, conversation_id: str, question: str, answer: Mapping[str, Any]) -> Turn:
        """Add a turn; `answer` is the object of `rag/contract.py`."""
        with self._changing(owner, conversation_id):
            self._touch(conversation_id)
            ((number,),) = self._store.run(
                "INSERT INTO turns (conversation_id, asked, question, folded, answer) VALUES (?, ?, ?, ?, ?) "
                "RETURNING id",
                (conversation_id, _now(), question, *_searched(question, answer)),
            )
        return Turn(number, question, answer)

    def answer(self, owner: str, turn_id: int, answer: Mapping[str, Any]) -> Turn:
        """Put an answer in the place of the one that a turn has."""
        self._check_writable()
        with self._store.transaction():
            self._check_owner(owner, self._conversation_of(turn_id))
            question = str(self._store.value("SELECT question FROM turns WHERE id = ?", turn_id))
            self._store.run(
                "UPDATE turns SET folded = ?, answer = ? WHERE id = ?", (*_searched(question, answer), turn_id)
            )
        return Turn(turn_id, question, answer)

    def cut(self, owner: str, conversation_id: str, turn_id: int) -> None:
        """Remove a turn and all after it, to ask again from there."""
        with self._changing(owner, conversation_id):
            if self._conversation_of(turn_id) != conversation_id:
                raise UsageError(_GONE)
            self._touch(conversation_id)
            self._store.run("DELETE FROM turns WHERE conversation_id = ? AND id >= ?", (conversation_id, turn_id))

    def rate(self, owner: str, turn_id: int, rating: Rating | None, expected: str = "") -> None:
        """Rate a turn in place of any earlier rating, None to take it back; `expected` is what it should have said."""
        self._check_writable()
        with self._store.transaction():
            self._check_owner(owner, self._conversation_of(turn_id))
            self._store.run("DELETE FROM feedback WHERE turn_id = ?", (turn_id,))
            if rating:
                self._store.run("INSERT INTO feedback VALUES (?, ?, ?)", (turn_id, rating, expected.strip()))

    def feedback(self) -> Iterator[Feedback]:
        """Go through the rated turns of all owners, the oldest first."""
        if not self._there:
            return
        with self._store.snapshot():
            rated = self._store.run(
                "SELECT id, conversation_id, question, answer, rating, expected, asked "
                "FROM turns JOIN feedback ON turn_id = id ORDER BY id"
            )
            sql = "SELECT question, answer FROM turns WHERE conversation_id = ? AND id < ? ORDER BY id"
            earlier = [self._store.run(sql, (conversation, number)) for number, conversation, *_ in rated]
        for (number, _, question, answer, *opinion), turns in zip(rated, earlier, strict=True):
            history = tuple((asked, str(json.loads(told).get("answer", ""))) for asked, told in turns)
            yield Feedback(number, question, history, json.loads(answer), *opinion)

    @property
    def _there(self) -> bool:
        """Whether the library has the tables; an old one that can't be written hasn't."""
        return self._store.version >= _SINCE

    @contextmanager
    def _changing(self, owner: str, conversation_id: str) -> Iterator[None]:
        self._check_writable()
        with self._store.transaction():
            self._check_owner(owner, conversation_id)
            yield

    def _check_writable(self) -> None:
        if self._store.read_only:
            raise LibraryError(f"{self._store.file} can't be written, so it keeps no conversations")

    def _conversation_of(self, turn_id: int) -> str | None:
        found = self._store.value("SELECT conversation_id FROM turns WHERE id = ?", turn_id)
        return None if found is None else str(found)

    def _check_owner(self, owner: str, conversation_id: str | None) -> None:
        sql = "SELECT 1 FROM conversations WHERE id = ? AND owner = ?"
        if not self._there or self._store.value(sql, conversation_id, owner) is None:
            raise UsageError(_GONE)

    def _touch(self, conversation_id: str) -> None:
        self._store.run("UPDATE conversations SET changed = ? WHERE id = ?", (_now(), conversation_id))


def _searched(question: str, answer: Mapping[str, Any]) -> tuple[str, str]:
    """What a search looks through, and the answer as it is stored."""
    return fold(f"{question}\n{answer.get('answer', '')}"), json.dumps(answer, ensure_ascii=False)


def _short(title: str) -> str:
    """Put a title on one line and cut it to its longest length."""
    title = " ".join(title.split())
    return title if len(title) <= LONGEST_TITLE else title[: LONGEST_TITLE - 1].rstrip() + "…"


def _now() -> str:
    return datetime.now(timezone.utc).isoformat(timespec="microseconds")
