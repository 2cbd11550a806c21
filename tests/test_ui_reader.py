"""Choosing a mark opens its document at the quoted words, unless they are no longer there."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from index.conversations import Turn
from index.isolation import Isolated
from index.sync import sync
from tests.index_helpers import HashModel, as_model
from tests.pdf_helpers import make_pdf
from tests.test_ui_shelf import ANN, FILES, Desk
from tests.ui_helpers import stored_answer, stored_quote, texts_of, values_of
from ui.chat import Preferences
from ui.visit import Visit
from ui.words import ENGLISH

REPORT = [
    [
        (20.0, 30.0, "The gas report"),
        (20.0, 60.0, "Novatek stopped its gas ships by order of the members of the council"),
    ],
    [(20.0, 30.0, "who had read the reports from the north."), (20.0, 60.0, "Gas became dear.")],
]
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
    told = {"document": quote["document_id"], "current": [0, 3], "others": [], "window": [0, 9]}
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


class Printed(Desk):
    """The same with a PDF, and a quote of two pages in a conversation about it."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.path = self.documents / "report.pdf"
        self.path.write_bytes(make_pdf(REPORT))
        sync(self.library, [self.documents], as_model(HashModel()))
        (self.source,) = (one for one in self.library.store.documents().values() if one.name == "report.pdf")
        start, end = (self.source.text.index(words) for words in ("Novatek", "\n\nGas became"))
        quotes = [
            stored_quote(number, self.source.text[a:b], document_id=self.source.id, start=a, end=b)
            for number, (a, b) in enumerate([(start, end), (end + 2, end + 18)], start=1)
        ]
        self.conversation = self.chat.conversations.create("ann", "Gas?").id
        self.turn = self.chat.conversations.add("ann", self.conversation, "Gas?", stored_answer(quotes))

    def opened(self, visit: Visit = ANN, quote: int = 1) -> str:
        """Open a quote; return the panel."""
        return str(self.reader.open(visit, {"turn": self.turn.id, "quote": quote}, self.conversation)["panel"])

    def expanded(self, shown: str, number: int, visit: Visit = ANN) -> str:
        """Press one of an open document's buttons; return the panel."""
        return str(self.reader.expand(visit, values_of(shown, "expand")[number])["panel"])


@pytest.fixture
def printed(tmp_path: Path) -> Iterator[Printed]:
    made = Printed(tmp_path)
    yield made
    made.viewer.close()
    made.library.close()


VIEWS, BACK, NEXT = 2, 2, 3  # buttons: page, text; previous page; next page


def marked(shown: str) -> list[str]:
    """The kinds of marks on a page, each once."""
    return sorted(set(re.findall(r'<mark class="(\w+)"', shown)))


def test_a_pdf_opens_on_the_quoted_page_and_is_leafed_through(printed: Printed) -> None:
    shown = printed.opened()
    assert ("page 1 of 2" in shown, "data:image/webp;base64," in shown, marked(shown)) == (True, True, ["current"])
    shown = printed.expanded(shown, NEXT)
    assert ("page 2 of 2" in shown, marked(shown)) == (True, ["current", "other"])
    assert "page 1 of 2" in printed.expanded(shown, BACK)
    shown = printed.opened(quote=2)
    assert ("page 2 of 2" in shown, marked(shown)) == (True, ["current", "other"])


def test_a_pdf_is_shown_as_text_where_that_is_wished(printed: Printed) -> None:
    shown = printed.expanded(printed.opened(), 1)
    marks = [" ".join(text.split()) for text in texts_of(shown, "mark")]
    assert marks == [" ".join(f"{REPORT[0][1][2]} {REPORT[1][0][2]}".split()), "Gas became dear."]
    assert "page 1 of 2" in printed.expanded(shown, 0)
    assert "<img" not in printed.opened(replace(ANN, view="text"))
    assert "<img" in printed.expanded(printed.opened(replace(ANN, view="text")), 0, replace(ANN, view="text"))


def test_the_document_itself_opens_on_its_first_page(printed: Printed) -> None:
    shown = str(printed.reader.open(ANN, {"document": printed.source.id, "start": 0, "end": 0}, "")["panel"])
    assert ("page 1 of 2" in shown, marked(shown), 'class="hint"' in shown) == (True, [], False)


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (lambda path: path.unlink(), ENGLISH.file_gone),
        (lambda path: path.write_bytes(path.read_bytes() + b"\n"), ENGLISH.file_changed),
        (lambda path: (path.unlink(), path.mkdir()), ENGLISH.no_page.format(what="not a regular file")),
    ],
)
def test_without_its_file_a_pdf_is_shown_as_text_with_a_line_why(
    printed: Printed, spoil: Callable[[Path], object], why: str
) -> None:
    leaf = printed.opened()
    spoil(printed.path)
    for shown in (printed.opened(), printed.expanded(leaf, NEXT)):
        assert (texts_of(shown, "p")[0], "<img" in shown) == (why, False)
        assert REPORT[0][1][2] in texts_of(shown, "mark")[0]


def test_without_a_child_process_a_pdf_is_shown_as_text(printed: Printed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(printed.viewer, "_child", Isolated(worker="tests.nowhere"))
    assert "doesn't start" in texts_of(printed.opened(), "p")[0]


def test_showing_more_of_a_text_keeps_the_lighter_marks(desk: Asked) -> None:
    shown = desk.opened(turn=desk.turn.id, quote=desk.number)
    document = next(one for one in desk.turn.answer["quotes"] if one["n"] == desk.number)["document_id"]
    told = {"document": document, "current": [0, 3], "others": [[4, 7], [8, 17]], "window": [0, 12]}
    assert texts_of(str(desk.reader.expand(ANN, told)["panel"]), "mark") == ["Oil", "and", "sanc"]
    assert SENTENCE in texts_of(shown, "mark")


def test_closing_goes_back_to_the_sources_of_the_last_answer(desk: Asked) -> None:
    shown = desk.reader.close(ANN, desk.conversation)["panel"]
    assert texts_of(shown, "q") == [quote["text"] for quote in desk.turn.answer["quotes"]]
    assert desk.opened(turn=10**6, quote=1) == shown  # a turn that is no longer there
    assert ENGLISH.sources_empty in desk.reader.close(ANN, "")["panel"]
