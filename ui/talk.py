"""What happens when a person asks, edits, rates or opens a conversation: what the page then shows, part by part."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from typing import Any

from index.conversations import Turn
from index.errors import RagError
from index.scope import EVERYTHING, Scope
from rag.answer import Found, Piece
from rag.contract import scope_from_json
from ui import frame, sources, turns
from ui.chat import Asked, Chat, Waiting
from ui.examples import example_questions
from ui.visit import Updates, Visit
from ui.words import Words

_PAUSE = 0.08  # seconds between two updates of a draft: quicker than the eye, slower than the tokens
_MARKS = re.compile(r"\s?\[(?:\d[\d,\s-]*)?(?:\]|\Z)")  # also one that is still being written

_IDLE: Updates = {"send": {"visible": True}, "stop": {"visible": False}}


class Talk:
    """The chat's side of the page."""

    def __init__(self, chat: Chat) -> None:
        self._chat = chat
        self._library = chat.assistant.library
        self._store = self._library.store
        self._running: dict[str, threading.Event] = {}  # by browser tab

    def show(self, visit: Visit, current: str) -> Updates:
        """Show a conversation as it stands, or the welcome where there is none."""
        try:
            kept = self._turns(visit, current)
        except RagError:  # someone else's, or deleted
            current, kept = "", []
        return {
            "conversation": current,
            "editing": None,
            "history": turns.conversation(kept[:-1], visit.words),
            "live": turns.conversation(kept[-1:], visit.words, current) if kept else self.welcome(visit),
            "panel": sources.sources(kept[-1] if kept else None, visit.words),
            "aside": self.listing(visit, current),
            "hint": self._hint(visit.words),
            **self._filter(visit, scope_from_json(kept[-1].answer) if kept else EVERYTHING),
        }

    def welcome(self, visit: Visit) -> str:
        """The page before the first question."""
        questions = example_questions(self._store, visit.words.language)
        return frame.welcome(questions, self._store.counts()[0] > 0, visit.words)

    def _hint(self, words: Words, *, editing: bool = False) -> str:
        return turns.hint(words, editing=editing, recipient=self._chat.assistant.recipient)

    def listing(self, visit: Visit, current: str, searched: str = "") -> str:
        """The person's conversations."""
        found = self._chat.conversations.list(visit.person, searched)
        return frame.conversations(found, current, searched, visit.words)

    # --- asking -----------------------------------------------------------------------------------------------------

    def ask(
        self, visit: Visit, question: str, current: str, instead_of: int | None, scope: Scope = EVERYTHING
    ) -> Iterator[Updates]:
        """Ask of the documents within a scope, and show the answer as it comes."""
        if not question.strip():
            return
        self._leave(visit)  # a second question before the first was answered
        stopped = self._running[visit.tab] = threading.Event()

        def shown() -> bool:
            return self._running.get(visit.tab) is stopped

        try:
            with closing(
                self._chat.ask(
                    visit.person, question, stopped,
                    conversation=current, instead_of=instead_of, scope=scope, preferences=visit.preferences,
                )
            ) as steps:  # fmt: skip
                for updates in self._follow(visit, question.strip(), steps):
                    if not shown():
                        return
                    yield updates
        except RagError as error:
            if not shown():
                return
            yield self._refusal(visit, question, current, error)
        finally:
            if shown():
                del self._running[visit.tab]
        yield _IDLE

    def _refusal(self, visit: Visit, question: str, current: str, error: RagError) -> Updates:
        """Tell below the conversation why a question could not be asked."""
        try:
            kept = self._turns(visit, current)
        except RagError:
            kept = []
        return {
            "history": turns.conversation(kept, visit.words),
            "live": turns.notice(question, str(error), visit.words),
        }

    def _follow(self, visit: Visit, question: str, steps: Iterator[Any]) -> Iterator[Updates]:
        words, conversation, draft, painted = visit.words, "", "", 0.0

        def now(stage: str, draft: str = "") -> Updates:
            return {"live": turns.live_turn(turns.Live(question, stage, draft), words, conversation)}

        for step in steps:
            if isinstance(step, Asked):
                conversation = step.conversation
                yield {
                    **now(words.searching),
                    "conversation": conversation,
                    "editing": None,
                    "box": "",
                    "send": {"visible": False},
                    "stop": {"visible": True},
                    "hint": self._hint(words),
                    "history": turns.conversation(step.before, words),
                    "panel": sources.sources(None, words),
                    "aside": self.listing(visit, conversation),
                }
            elif isinstance(step, Waiting):
                yield now(words.waiting_one if step.ahead == 1 else words.waiting.format(n=step.ahead))
            elif isinstance(step, Found):
                yield now(words.reading.format(n=len(step.passages)))
            elif isinstance(step, Piece):
                draft += step.text
                if time.monotonic() - painted > _PAUSE:
                    painted = time.monotonic()
                    yield now(words.writing, _MARKS.sub("", draft))
            elif isinstance(step, Turn):
                yield {
                    "live": turns.conversation([step], words, conversation),
                    "panel": sources.sources(step, words),
                }

    def ask_again(
        self, visit: Visit, told: Mapping[str, Any], current: str, scope: Scope = EVERYTHING
    ) -> Iterator[Updates]:
        """Ask an earlier question once more, in its place, of what is to be searched now."""
        if turn := self.find(visit, current, told["turn"]):
            yield from self.ask(visit, turn.question, current, turn.id, scope)

    def ask_example(self, visit: Visit, told: Mapping[str, Any], scope: Scope = EVERYTHING) -> Iterator[Updates]:
        """Ask one of the questions that the welcome offers."""
        yield from self.ask(visit, str(told["question"]), "", None, scope)

    def edit(self, visit: Visit, told: Mapping[str, Any], current: str) -> Updates:
        """Take an earlier question back into the box; turn 0 lets go of it again."""
        turn = self.find(visit, current, told["turn"])
        return {
            "box": turn.question if turn else "",
            "editing": turn.id if turn else None,
            "hint": self._hint(visit.words, editing=turn is not None),
        }

    def halt(self, visit: Visit) -> None:
        """Stop the answer under way in this tab."""
        if stopped := self._running.get(visit.tab):
            stopped.set()

    def _leave(self, visit: Visit) -> None:
        """Stop it, and let it show nothing more: the tab goes on to something else."""
        self.halt(visit)
        self._running.pop(visit.tab, None)

    def rate(self, visit: Visit, told: Mapping[str, Any], current: str) -> Updates:
        """Keep what a person thinks of an answer."""
        self._chat.conversations.rate(
            visit.person, int(told["turn"]), told.get("rating"), str(told.get("expected") or "")
        )
        kept = self._turns(visit, current)
        return {
            "history": turns.conversation(kept[:-1], visit.words),
            "live": turns.conversation(kept[-1:], visit.words, current),
        }

    # --- which documents are searched -------------------------------------------------------------------------------

    def open_filter(self, visit: Visit, scope: Scope) -> Updates:
        """Show the fields that narrow the search, with what they stand at."""
        days = {"since": scope.since or "", "until": scope.until or ""}
        return self._filter_form(visit, {**days, "languages": scope.languages, "paths": ", ".join(scope.paths)})

    def set_filter(self, visit: Visit, told: Mapping[str, Any]) -> Updates:
        """Narrow the search to what stands in the fields; if that can't be, say why beside them."""
        since, until, paths = (str(told.get(name) or "") for name in ("since", "until", "paths"))
        languages = [str(code) for code in told.get("languages") or []]
        try:
            wanted = Scope.of(since, until, languages, paths.split(","))
            self._library.within(wanted)
        except RagError as error:
            given = {"since": since, "until": until, "languages": languages, "paths": paths}
            return self._filter_form(visit, given, str(error))
        return self._filter(visit, wanted)

    def clear_filter(self, visit: Visit, told: Mapping[str, Any], scope: Scope) -> Updates:
        """Take one of the filters away."""
        field = str(told["field"])
        return self._filter(visit, replace(scope, **{field: getattr(EVERYTHING, field)}))

    def close_filter(self, visit: Visit, scope: Scope) -> Updates:
        """Leave the fields; what is searched stays as it was."""
        return self._filter(visit, scope)

    @staticmethod
    def _filter(visit: Visit, scope: Scope) -> Updates:
        return {"scope": scope, "filter": frame.filters(scope, visit.words)}

    def _filter_form(self, visit: Visit, given: Mapping[str, Any], wrong: str = "") -> Updates:
        return {"filter": frame.filter_form(given, sorted(self._store.languages()), wrong, visit.words)}

    # --- conversations ----------------------------------------------------------------------------------------------

    def open(self, visit: Visit, told: Mapping[str, Any]) -> Updates:
        """Open another conversation."""
        self._leave(visit)
        return self.show(visit, str(told["conversation"])) | _IDLE

    def begin(self, visit: Visit) -> Updates:
        """Leave this conversation and begin a new one."""
        self._leave(visit)
        return self.show(visit, "") | _IDLE | {"box": ""}

    def rename(self, visit: Visit, told: Mapping[str, Any], current: str) -> Updates:
        """Give a conversation another title."""
        self._chat.conversations.rename(visit.person, str(told["conversation"]), str(told["title"]))
        return {"aside": self.listing(visit, current)}

    def delete(self, visit: Visit, told: Mapping[str, Any], current: str) -> Updates:
        """Delete a conversation; if it was open, begin a new one."""
        gone = str(told["conversation"])
        if gone == current:
            self._leave(visit)
        self._chat.conversations.delete(visit.person, gone)
        return self.begin(visit) if gone == current else {"aside": self.listing(visit, current)}

    def search(self, visit: Visit, told: Mapping[str, Any], current: str) -> Updates:
        """Narrow the list of conversations."""
        return {"aside": self.listing(visit, current, str(told["words"]))}

    def find(self, visit: Visit, current: str, number: object) -> Turn | None:
        """Find a turn of the open conversation."""
        return next((turn for turn in self._turns(visit, current) if turn.id == number), None)

    def latest(self, visit: Visit, current: str) -> Turn | None:
        """The last turn of the open conversation."""
        return next(reversed(self._turns(visit, current)), None)

    def _turns(self, visit: Visit, current: str) -> list[Turn]:
        return self._chat.conversations.turns(visit.person, current) if current else []
