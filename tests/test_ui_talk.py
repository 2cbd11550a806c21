"""The chat's side of the page: what is asked, kept, shown, stopped and refused, with a scripted model."""

from __future__ import annotations

import re
import shutil
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from index.conversations import Conversations, Turn
from index.embedder import Embedder
from index.errors import UsageError
from index.library import Library
from index.scope import EVERYTHING, Scope
from rag.assistant import LONGEST_QUESTION
from tests.rag_helpers import ScriptedGenerator, assistant
from tests.ui_helpers import texts_of
from ui.chat import Chat, Preferences
from ui.talk import Talk
from ui.visit import Updates, Visit
from ui.words import ENGLISH

OIL = "Which oil companies did Trump put under sanctions?"
ISTANBUL = "What did Russia demand in Istanbul?"
NONE = "Who won the chess olympiad of Zanzibar?"


class Desk:
    """A Talk over a copy of the corpus's library, and a person in front of it."""

    def __init__(self, library: Library, encoder: Embedder) -> None:
        self.generator = ScriptedGenerator(*["Rosneft and Lukoil."] * 9)
        self.chat = Chat(assistant(library, encoder, self.generator), Conversations(library.store))
        self.talk = Talk(self.chat)
        self.conversation = ""

    def ask(self, question: str, visit: Visit, instead_of: int | None = None) -> Updates:
        """Ask to the end; return what the page shows then."""
        shown = merged(self.talk.ask(visit, question, self.conversation, instead_of))
        self.conversation = shown.get("conversation", self.conversation)
        return shown

    def turns(self) -> list[Turn]:
        """What is kept of the conversation."""
        return self.chat.conversations.turns("ann", self.conversation)

    def questions(self) -> list[str]:
        """The questions that are kept."""
        return [turn.question for turn in self.turns()]


def visitor(person: str = "ann", **preferences: object) -> Visit:
    return Visit(person, f"tab of {person}", ENGLISH, Preferences(**preferences))  # type: ignore[arg-type]


ANN, BOB = visitor(), visitor("bob")


def merged(updates: Iterable[Updates]) -> Updates:
    shown: Updates = {}
    for one in updates:
        shown |= one
    return shown


def until(updates: Iterator[Updates], words: str) -> Updates:
    """Follow an answer until it shows some words."""
    return next(one for one in updates if words in one.get("live", ""))


@pytest.fixture
def desk(corpus_library: Path, encoder: Embedder, tmp_path: Path) -> Iterator[Desk]:
    shutil.copytree(corpus_library, tmp_path / "library")
    library = Library.open(tmp_path / "library")
    yield Desk(library, encoder)
    library.close()


def test_an_answer_is_shown_as_it_comes_and_kept(desk: Desk) -> None:
    steps = list(desk.talk.ask(ANN, f" {OIL} ", "", None))
    lives = [step["live"] for step in steps if "live" in step]
    stages = (ENGLISH.searching, "Reading 12 passages", ENGLISH.writing, 'class="statement')
    places = [next(place for place, live in enumerate(lives) if stage in live) for stage in stages]
    assert places == sorted(places)
    assert steps[0]["box"] == ""
    assert (steps[0]["send"], steps[0]["stop"]) == ({"visible": False}, {"visible": True})
    assert steps[-1] == {"send": {"visible": True}, "stop": {"visible": False}}

    desk.conversation = steps[0]["conversation"]
    (kept,) = desk.turns()
    assert (kept.question, kept.answer["outcome"]) == (OIL, "answered")
    shown = merged(steps)
    assert "Rosneft" in shown["live"]
    assert texts_of(shown["panel"], "q") == [quote["text"] for quote in kept.answer["quotes"]]
    assert texts_of(shown["aside"], "bdi") == [OIL]
    assert desk.talk.show(ANN, desk.conversation)["live"] == shown["live"]


def test_a_follow_up_is_completed_from_the_conversation(desk: Desk) -> None:
    desk.ask(OIL, ANN)
    shown = desk.ask("And why?", ANN)
    assert desk.questions() == [OIL, "And why?"]
    assert f"</span>{OIL}" in shown["history"]
    assert OIL not in "".join(texts_of(shown["live"], "h2"))
    assert desk.ask("", ANN) == {}
    *_, turn = desk.chat.ask("bob", "And why?", threading.Event())
    assert isinstance(turn, Turn)
    assert desk.turns()[1].answer["quotes"] != turn.answer["quotes"]


def test_it_is_shown_where_questions_are_sent(corpus: Library, encoder: Embedder) -> None:
    asked = assistant(corpus, encoder, ScriptedGenerator())
    talk = Talk(Chat(asked, Conversations(corpus.store)))
    assert texts_of(talk.show(ANN, "")["hint"], "p") == [ENGLISH.keys]
    asked.recipient = "api.example.org"
    assert "Questions and quoted passages are sent to api.example.org" in talk.show(ANN, "")["hint"]


def test_an_edited_question_takes_the_place_of_all_that_followed(desk: Desk) -> None:
    for question in (OIL, ISTANBUL, NONE):
        desk.ask(question, ANN)
    second = desk.turns()[1].id
    taken = desk.talk.edit(ANN, {"turn": second}, desk.conversation)
    assert (taken["box"], taken["editing"]) == (ISTANBUL, second)
    assert ENGLISH.editing in taken["hint"]
    left = desk.talk.edit(ANN, {"turn": 0}, desk.conversation)
    assert (left["box"], left["editing"]) == ("", None)
    shown = desk.ask("What did Ukraine demand in Istanbul?", ANN, instead_of=second)
    assert shown["editing"] is None
    assert desk.questions() == [OIL, "What did Ukraine demand in Istanbul?"]


def test_a_question_is_asked_again_in_its_place(desk: Desk) -> None:
    desk.ask(OIL, ANN)
    desk.ask(ISTANBUL, ANN)
    first = desk.turns()[0]
    merged(desk.talk.ask_again(ANN, {"turn": first.id}, desk.conversation))
    (again,) = desk.turns()
    assert (again.question, again.answer["outcome"]) == (OIL, "answered")
    assert again.id != first.id
    assert list(desk.talk.ask_again(ANN, {"turn": first.id}, desk.conversation)) == []


def test_a_stopped_answer_is_kept_as_such_and_frees_the_line(desk: Desk) -> None:
    steps = desk.talk.ask(ANN, OIL, "", None)
    desk.conversation = next(steps)["conversation"]
    until(steps, ENGLISH.writing)
    assert len(desk.chat.line) == 1
    desk.talk.halt(ANN)
    shown = merged(steps)
    assert ENGLISH.stopped in shown["live"]
    assert shown["send"] == {"visible": True}
    assert desk.turns()[0].answer["outcome"] == "stopped"
    assert (len(desk.chat.line), desk.generator.closed_early) == (0, 1)


def test_a_closed_tab_stops_its_answer(desk: Desk) -> None:
    steps = desk.talk.ask(ANN, OIL, "", None)
    desk.conversation = next(steps)["conversation"]
    until(steps, ENGLISH.writing)
    steps.close()  # type: ignore[attr-defined]
    assert (len(desk.chat.line), desk.generator.closed_early) == (0, 1)
    assert desk.turns()[0].answer["outcome"] == "stopped"


@pytest.mark.parametrize("goes_to", ["another conversation", "a new one", "the next question", "nothing, deleting it"])
def test_an_answer_that_was_left_shows_nothing_more(desk: Desk, goes_to: str) -> None:
    desk.ask(ISTANBUL, ANN)
    steps = desk.talk.ask(ANN, OIL, "", None)
    left = next(steps)["conversation"]
    until(steps, ENGLISH.writing)
    if goes_to == "another conversation":
        shown = desk.talk.open(ANN, {"conversation": desk.conversation})
        assert (shown["send"], shown["stop"]) == ({"visible": True}, {"visible": False})
    elif goes_to == "a new one":
        assert desk.talk.begin(ANN)["stop"] == {"visible": False}
    elif goes_to == "the next question":
        assert next(desk.talk.ask(ANN, OIL, desk.conversation, None))["stop"] == {"visible": True}
    else:
        assert desk.talk.delete(ANN, {"conversation": left}, left)["conversation"] == ""
    assert list(steps) == []
    assert desk.generator.closed_early == 1


def test_who_has_to_wait_is_told_and_can_stop(desk: Desk) -> None:
    with desk.chat.line.ticket("bob"):
        steps = desk.talk.ask(ANN, OIL, "", None)
        desk.conversation = next(steps)["conversation"]
        until(steps, ENGLISH.waiting_one)
        desk.talk.halt(ANN)
        assert ENGLISH.stopped in merged(steps)["live"]
    assert len(desk.chat.line) == 0
    assert desk.generator.history == []


def test_another_persons_conversation_is_as_if_it_were_not_there(desk: Desk) -> None:
    desk.ask(OIL, ANN)
    turn = desk.turns()[0].id
    shown = desk.talk.show(BOB, desk.conversation)
    assert shown["conversation"] == ""
    assert "Rosneft" not in "".join(str(value) for value in shown.values())
    assert 'role="alert"' in merged(desk.talk.ask(BOB, ISTANBUL, desk.conversation, None))["live"]
    for trespass in (
        lambda: desk.talk.rate(BOB, {"turn": turn, "rating": "up"}, desk.conversation),
        lambda: desk.talk.rename(BOB, {"conversation": desk.conversation, "title": "Mine"}, ""),
        lambda: desk.talk.delete(BOB, {"conversation": desk.conversation}, ""),
        lambda: desk.talk.edit(BOB, {"turn": turn}, desk.conversation),
    ):
        with pytest.raises(UsageError, match="isn't there any more"):
            trespass()
    assert desk.chat.conversations.list("bob") == []
    assert (desk.questions(), desk.turns()[0].rating) == ([OIL], None)


@pytest.mark.parametrize(
    ("question", "said"), [("?!", "the question is empty"), ("x" * (LONGEST_QUESTION + 1), "the limit is 2000")]
)
def test_an_unusable_question_is_refused_below_the_conversation(desk: Desk, question: str, said: str) -> None:
    desk.ask(OIL, ANN)
    shown = desk.ask(question, ANN)
    assert said in shown["live"]
    assert "Rosneft" in shown["history"]
    assert "box" not in shown  # it can be mended there
    assert desk.questions() == [OIL]


def test_an_unusable_first_question_begins_nothing(desk: Desk) -> None:
    assert 'role="alert"' in desk.ask("?!", ANN)["live"]
    assert list(desk.talk.ask(ANN, "  ", "", None)) == []
    assert desk.chat.conversations.list("ann") == []


def test_preferences_change_the_answer(desk: Desk) -> None:
    quotations = visitor(written=False)
    desk.ask(OIL, quotations)
    assert desk.generator.history == []
    for amount in ("short", "usual", "more"):
        desk.ask(ISTANBUL, visitor(written=False, amount=amount))
    short, usual, more = (len(turn.answer["quotes"]) for turn in desk.turns()[1:])
    assert 0 < short < usual < more
    assert {one["origin"] for turn in desk.turns() for one in turn.answer["statements"]} == {"quote"}
    desk.ask(OIL, ANN)
    assert len(desk.generator.history) == 1


def test_the_search_is_narrowed_and_the_filter_stays_with_its_conversation(desk: Desk) -> None:
    form = desk.talk.open_filter(ANN, EVERYTHING)["filter"]
    assert re.findall('name="(\\w+)" value="(.*?)"', form) == [
        ("since", ""), ("until", ""), ("paths", ""), ("languages", "en"), ("languages", "fr"),
    ]  # fmt: skip
    told = {"since": "2025-10", "until": "", "languages": ["en"], "paths": "*.txt, *.md"}
    shown = desk.talk.set_filter(ANN, told)
    scope = shown["scope"]
    assert scope == Scope("2025-10-01", None, ("en",), ("*.txt", "*.md"))
    assert texts_of(shown["filter"], "bdi") == ["from 1 October 2025", "English", "*.txt, *.md"]
    again = desk.talk.open_filter(ANN, scope)["filter"]
    assert 'value="2025-10-01"' in again and 'value="*.txt, *.md"' in again and 'value="en" checked' in again
    assert desk.talk.close_filter(ANN, scope) == shown

    asked = merged(desk.talk.ask(ANN, ISTANBUL, "", None, scope))
    assert "scope" not in asked and "filter" not in asked  # they stay as they are
    desk.conversation = asked["conversation"]
    names = {passage["document"] for passage in desk.turns()[0].answer["passages"]}
    assert names == {"column-paper-tiger.md", "oil-sanctions-budapest-off.txt"}
    assert ENGLISH.searched_only.split(":")[0] in asked["live"]

    assert desk.talk.begin(ANN)["scope"] == EVERYTHING
    opened = desk.talk.open(ANN, {"conversation": desk.conversation})
    assert (opened["scope"], opened["filter"]) == (scope, shown["filter"])
    cleared = desk.talk.clear_filter(ANN, {"field": "paths"}, scope)
    assert cleared["scope"] == Scope("2025-10-01", None, ("en",))
    merged(desk.talk.ask_again(ANN, {"turn": desk.turns()[0].id}, desk.conversation, cleared["scope"]))
    assert "geneva-talks-28-point-plan.html" in {p["document"] for p in desk.turns()[0].answer["passages"]}


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"since": "soon"}, "&#x27;soon&#x27; is no date; write YYYY"),
        ({"languages": ["xx"]}, "no document is in the language &#x27;xx&#x27;"),
        ({"paths": "*.pdf"}, "no document is at &#x27;*.pdf&#x27;"),
        ({"since": "2030"}, "no document is within the filter"),
    ],
)
def test_a_filter_that_cannot_be_is_refused_beside_its_fields(desk: Desk, told: dict[str, object], said: str) -> None:
    shown = desk.talk.set_filter(ANN, told)
    assert set(shown) == {"filter"}
    assert said in shown["filter"]
    assert "".join(str(told.get(name, "")) for name in ("since", "paths")) in shown["filter"]


def test_a_filter_whose_documents_are_gone_is_refused_and_asks_nothing(desk: Desk) -> None:
    assert "no document is at" in merged(desk.talk.ask(ANN, OIL, "", None, Scope(paths=("gone",))))["live"]
    assert desk.chat.conversations.list("ann") == []


def test_a_stopped_answer_keeps_its_filter(desk: Desk) -> None:
    scope = Scope.of("2025-06")
    steps = desk.talk.ask(ANN, OIL, "", None, scope)
    desk.conversation = next(steps)["conversation"]
    until(steps, ENGLISH.writing)
    desk.talk.halt(ANN)
    merged(steps)
    assert desk.talk.show(ANN, desk.conversation)["scope"] == scope


def test_what_is_thought_of_an_answer_is_kept(desk: Desk) -> None:
    desk.ask(OIL, ANN)
    turn = desk.turns()[0].id
    shown = desk.talk.rate(ANN, {"turn": turn, "rating": "down"}, desk.conversation)
    assert texts_of(shown["live"], "textarea") == [""]
    assert ENGLISH.thanks not in shown["live"]
    shown = desk.talk.rate(ANN, {"turn": turn, "rating": "down", "expected": " both "}, desk.conversation)
    assert texts_of(shown["live"], "textarea") == ["both"]
    assert ENGLISH.thanks in shown["live"]
    assert (desk.turns()[0].rating, desk.turns()[0].expected) == ("down", "both")
    desk.talk.rate(ANN, {"turn": turn, "rating": None}, desk.conversation)
    assert desk.turns()[0].rating is None


def test_conversations_are_renamed_found_and_deleted(desk: Desk) -> None:
    desk.ask(OIL, ANN)
    first, desk.conversation = desk.conversation, ""
    desk.ask(ISTANBUL, ANN)
    shown = desk.talk.rename(ANN, {"conversation": first, "title": "Oil"}, desk.conversation)
    assert texts_of(shown["aside"], "bdi") == [ISTANBUL, "Oil"]
    assert texts_of(desk.talk.search(ANN, {"words": "istanbul"}, "")["aside"], "bdi") == [ISTANBUL]
    assert "live" not in desk.talk.delete(ANN, {"conversation": first}, desk.conversation)  # another one is open
    gone = desk.talk.delete(ANN, {"conversation": desk.conversation}, desk.conversation)
    assert (gone["conversation"], texts_of(gone["aside"], "bdi")) == ("", [])
    assert ENGLISH.empty_title in gone["live"]


@pytest.mark.parametrize(
    ("draft", "shown"),
    [
        ("Rosneft [1] and Lukoil [1, 2][3].", "Rosneft and Lukoil."),
        ("Rosneft [1", "Rosneft"),
        ("Rosneft [", "Rosneft"),
        ("A [link](x) and a list[int] [].", "A [link](x) and a list[int]."),
        ("<b>Rosneft</b> & Lukoil", "<b>Rosneft</b> & Lukoil"),
    ],
)
def test_a_draft_is_shown_without_its_marks(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, draft: str, shown: str
) -> None:
    monkeypatch.setattr("ui.talk._PAUSE", -1.0)
    desk.generator = ScriptedGenerator(draft)
    desk.chat.assistant.generator = desk.generator
    lives = [step["live"] for step in desk.talk.ask(ANN, OIL, "", None) if 'class="draft"' in step.get("live", "")]
    assert texts_of(lives[-1], "p")[1] == shown
