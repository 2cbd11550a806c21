"""What stands around a conversation: titles stay texts, and every button says what it does."""

from __future__ import annotations

import re

import pytest

from index.conversations import Conversation
from index.scope import EVERYTHING, Scope
from tests.ui_helpers import texts_of, values_of
from ui.frame import conversations, filter_form, filters, labels, top, welcome
from ui.words import ENGLISH, FRENCH, LANGUAGES

HERE = Conversation("a", "<b>One</b>", "2025-06-02")
THERE = Conversation("b", "Two", "2025-06-01")


def test_conversations_are_listed_with_what_can_be_done_to_each() -> None:
    shown = conversations([HERE, THERE], "b", "", ENGLISH)
    assert texts_of(shown, "bdi") == ["<b>One</b>", "Two"]
    assert values_of(shown, "select") == values_of(shown, "delete") == [{"conversation": "a"}, {"conversation": "b"}]
    assert re.findall(r'<li class="(\w*)">', shown) == ["", "current"]
    assert shown.count('data-act="sure"') == 2  # nothing is deleted by one click


@pytest.mark.parametrize(
    ("listed", "searched", "said"),
    [([], "", ENGLISH.no_chats), ([], "nato", ENGLISH.none_found), ([HERE], "nato", None)],
)
def test_an_empty_list_says_why(listed: list[Conversation], searched: str, said: str | None) -> None:
    assert texts_of(conversations(listed, "", searched, ENGLISH), "p") == ([said] if said else [])


def test_what_was_searched_for_stays_in_its_field() -> None:
    assert 'value="&quot;&lt;x&gt;"' in conversations([], "", '"<x>', ENGLISH)


def test_the_welcome_offers_questions_where_there_are_documents() -> None:
    shown = welcome(["Who <left>?", "Why?"], True, ENGLISH)
    assert values_of(shown, "example_select") == [{"question": "Who <left>?"}, {"question": "Why?"}]
    assert texts_of(shown, "bdi") == ["Who <left>?", "Why?"]
    assert ENGLISH.try_asking not in welcome([], True, ENGLISH)


def test_the_welcome_offers_to_begin_where_there_are_none() -> None:
    shown = welcome(["Who?"], False, FRENCH)
    assert texts_of(shown, "h1") == [FRENCH.first_title]
    assert 'data-event="apply"' in shown
    assert 'data-view="documents"' in shown
    assert "Who?" not in shown


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_setting_can_be_chosen(language: str) -> None:
    shown = top(LANGUAGES[language])
    chosen = re.findall(r'<input type="radio" name="(\w+)" value="(\w+)" data-act="set">', shown)
    assert {name for name, _ in chosen} == {"style", "amount", "language", "theme"}
    assert {value for name, value in chosen if name == "language"} == {"auto", *LANGUAGES}
    assert f'data-language="{language}"' in shown
    assert texts_of(shown, "legend") == [
        getattr(LANGUAGES[language], n) for n in ("style", "amount", "interface", "theme")
    ]


def test_gradios_own_parts_speak_the_pages_language() -> None:
    english, french = labels(ENGLISH), labels(FRENCH)
    assert english.keys() == french.keys()
    assert all(english[name] != french[name] for name in english)


def test_each_filter_that_is_on_shows_and_can_be_taken_away() -> None:
    assert "<li" not in filters(EVERYTHING, ENGLISH)
    assert "<li" in filters(Scope(languages=("en",)), ENGLISH)
    shown = filters(Scope("2025-06-01", "2025-06-30", ("en", "fr"), ("<b>*.txt", "old")), FRENCH)
    said = ["depuis le 1er juin 2025", "jusqu’au 30 juin 2025", "English, Français", "<b>*.txt, old"]
    assert texts_of(shown, "bdi") == said
    assert values_of(shown, "clear") == [{"field": name} for name in ("since", "until", "languages", "paths")]
    assert 'title="Ne plus se limiter à : depuis le 1er juin 2025"' in shown
    assert "<b>" not in shown


def test_the_fields_of_the_filter_hold_what_was_given() -> None:
    given = {"since": '"2025"', "until": "", "languages": ["fr"], "paths": "<i>"}
    shown = filter_form(given, ["en", "fr"], "wrong: <date>", ENGLISH)
    assert re.findall('type="text" name="(.*?)" value="(.*?)"', shown) == [
        ("since", "&quot;2025&quot;"), ("until", ""), ("paths", "&lt;i&gt;"),
    ]  # fmt: skip
    assert re.findall('value="(..)"( checked)?', shown) == [("en", ""), ("fr", " checked")]
    assert "wrong: <date>" in texts_of(shown, "p")[0]
    assert 'role="alert"' not in filter_form(given, [], "", ENGLISH)
    assert "<fieldset" not in filter_form(given, [], "", ENGLISH)
