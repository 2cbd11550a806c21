"""Choosing a mark opens its document at the quoted words, unless they are no longer there."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from index.conversations import Turn
from tests.test_ui_shelf import ANN, FILES, Desk
from tests.ui_helpers import stored_answer, stored_quote, texts_of
from ui.chat import Preferences
from ui.visit import Visit
from ui.words import ENGLISH

BOB = Visit("bob", "tab of bob", ENGLISH, Preferences())
SENTENCE = "The sanctions hit Rosneft in October."


class Asked(Desk):
    """The same, with a question asked about the oil."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        *_, turn = self.chat.ask("ann", "What did the sanctions hit in October?", threading.Event())
        assert isinstance(turn, Turn)
        self.turn = turn
        (self.conversation,) = (one.id for one in self.chat.conversations.list("ann"))
        self.number = next(quote["n"] for quote in turn.answer["quotes"] if quote["text"] == SENTENCE)

    def opened(self, visit: Visit = ANN, **told: object) -> str:
        """Choose something; return the panel."""
        return str(self.reader.open(visit, told, self.conversation)["panel"])


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Asked]:
    made = Asked(tmp_path)
    yield made
    made.watched()
    made.library.close()


def test_a_mark_opens_its_document_at_the_quoted_words(desk: Asked) -> None:
    shown = desk.opened(turn=desk.turn.id, quote=desk.number)
    assert f'tabindex="-1">{SENTENCE}</mark>' in shown
    assert "Prices rose at once." in "".join(texts_of(shown, "div"))


def test_a_place_in_a_document_opens_as_such(desk: Asked) -> None:
    (quote,) = (one for one in desk.turn.answer["quotes"] if one["n"] == desk.number)
    assert texts_of(desk.opened(document=quote["document_id"], start=0, end=3), "mark") == [FILES["oil.txt"][:3]]
    told = {"document": quote["document_id"], "current": [0, 3], "window": [0, 9]}
    assert texts_of(desk.reader.expand(ANN, told)["panel"], "mark") == [FILES["oil.txt"][:3]]


def test_a_nearest_passage_opens_at_its_place(desk: Asked) -> None:
    (quote,) = (one for one in desk.turn.answer["quotes"] if one["n"] == desk.number)
    closest = stored_quote(0, SENTENCE, document_id=quote["document_id"], start=quote["start"], end=quote["end"])
    answer = stored_answer([], "not_in_documents", closest=[closest])
    turn = desk.chat.conversations.add("ann", desk.conversation, "Else?", answer)
    assert SENTENCE in texts_of(desk.opened(turn=turn.id, passage=0), "mark")


def test_of_a_document_that_is_gone_the_quoted_words_remain(desk: Asked) -> None:
    desk.shelf.remove(ANN, {"file": str(desk.documents / "oil.txt")}, "")
    desk.watched()
    shown = desk.opened(turn=desk.turn.id, quote=desk.number)
    assert (texts_of(shown, "p"), texts_of(shown, "q")) == ([ENGLISH.gone], [SENTENCE])


def test_of_a_document_that_has_changed_the_quoted_words_remain(desk: Asked) -> None:
    quote = next(one for one in desk.turn.answer["quotes"] if one["n"] == desk.number)
    moved = stored_answer([quote | {"n": 1, "start": quote["start"] + 1, "end": quote["end"] + 1}])
    turn = desk.chat.conversations.add("ann", desk.conversation, "Again?", moved)
    shown = desk.opened(turn=turn.id, quote=1)
    assert (texts_of(shown, "p"), texts_of(shown, "q")) == ([ENGLISH.changed], [SENTENCE])
    assert "<mark" not in shown


def test_closing_goes_back_to_the_sources_of_the_last_answer(desk: Asked) -> None:
    shown = desk.reader.close(ANN, desk.conversation)["panel"]
    assert texts_of(shown, "q") == [quote["text"] for quote in desk.turn.answer["quotes"]]
    assert desk.opened(turn=10**6, quote=1) == shown  # a turn that is no longer there
    assert ENGLISH.sources_empty in desk.reader.close(ANN, "")["panel"]
