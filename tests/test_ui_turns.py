"""Questions and answers as HTML and as text for the clipboard."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest

from index.conversations import Turn
from tests.ui_helpers import stored_answer, stored_quote, texts_of, values_of
from ui.turns import Live, as_text, conversation, hint, live_turn, notice, turn
from ui.words import ENGLISH, FRENCH

ONE = stored_quote(1, "It <rose>.")
TWO = stored_quote(2, "It fell.", document="b.txt", title="B", date="2025-07-01")


def shown(answer: dict[str, Any], **more: Any) -> str:  # noqa: ANN401
    return turn(Turn(7, "Who & <why>?", answer, **more), ENGLISH)


def test_statements_carry_their_marks() -> None:
    answer = stored_answer([ONE, TWO])
    answer["statements"][0] |= {"quotes": [2, 1]}
    article = shown(answer)
    assert values_of(article, "select")[:3] == [{"turn": 7, "quote": n} for n in (2, 1, 2)]
    assert "It <rose>." in texts_of(article, "p")[1]
    assert texts_of(article, "h2") == ["You: Who & <why>?"]


@pytest.mark.parametrize(
    ("dates", "headings"),
    [
        (["2025-06-02", "2025-06-02"], []),
        (["2025-06-02", "2025-07-01"], ["2 June 2025", "1 July 2025"]),
        (["2025-06-02", "2025-07-01", "2025-07-01"], ["2 June 2025", "1 July 2025"]),
        (["2025-06-02", None], ["2 June 2025", "undated"]),
        ([None, None], []),
    ],
)
def test_positions_are_given_as_of_their_dates_where_these_differ(dates: list[str | None], headings: list[str]) -> None:
    quotes = [stored_quote(number, "Words.", date=date) for number, date in enumerate(dates, start=1)]
    article = shown(stored_answer(quotes))
    assert re.findall('<p class="as-of">(.*?)</p>', article) == headings


FILTERS = {"from": "2025-06-01", "until": None, "languages": ["en"], "paths": ["<b>"], "undated": 2}


def test_where_it_was_searched_is_said_unless_everywhere() -> None:
    said = "Searched only in: from 1 June 2025 · English · <b> · undated documents left out: 2"
    assert said in texts_of(shown(stored_answer([ONE], filters=FILTERS)), "p")
    refused = shown(stored_answer([], "not_in_documents", filters=FILTERS, unknown=["Zanzibar"]))
    assert texts_of(refused, "p")[:2] == [ENGLISH.not_in_documents, said]
    assert texts_of(refused, "small") == ["No document searched mentions: Zanzibar"]
    assert "Searched only" not in shown(stored_answer([ONE]))
    assert said in as_text(stored_answer([ONE], filters=FILTERS), ENGLISH)
    assert "Searched only" not in as_text(stored_answer([ONE]), ENGLISH)


@pytest.mark.parametrize(
    ("outcome", "more", "said"),
    [
        ("answered", {}, []),
        ("partly", {"missing": ["who <won>?"]}, ["The documents don't say: who <won>?"]),
        ("weak_evidence", {"unknown": ["Zanzibar"]}, [ENGLISH.weak_evidence, "No document mentions: Zanzibar"]),
        ("not_in_documents", {"unknown": ["a", "b"]}, [ENGLISH.not_in_documents, "No document mentions: a, b"]),
        ("failed", {"reason": "no <memory>"}, [ENGLISH.failed, "Reason: no <memory>"]),
        ("stopped", {}, [ENGLISH.stopped]),
    ],
)
def test_every_outcome_says_what_it_is(outcome: str, more: dict[str, Any], said: list[str]) -> None:
    article = shown(stored_answer([ONE] if outcome in ("answered", "partly") else [], outcome, **more))
    for text in said:
        assert html.escape(text) in article
    assert ('class="outcome' in article) == bool(said)


def test_the_nearest_passages_open_by_their_place() -> None:
    closest = [stored_quote(0, "Near <it>."), stored_quote(0, "Less near.")]
    article = shown(stored_answer([], "not_in_documents", closest=closest))
    assert values_of(article, "select") == [{"turn": 7, "passage": 0}, {"turn": 7, "passage": 1}]
    assert texts_of(article, "q") == ["Near <it>.", "Less near."]
    assert 'data-act="copy"' not in article  # there is nothing to copy


@pytest.mark.parametrize(
    ("rating", "pressed"), [(None, [False, False]), ("up", [True, False]), ("down", [False, True])]
)
def test_a_thumb_pressed_again_is_taken_back(rating: Any, pressed: list[bool]) -> None:  # noqa: ANN401
    article = shown(stored_answer([ONE]), rating=rating, expected="It <sank>.")
    values = values_of(article, "like")
    assert [value["rating"] is None for value in values] == pressed
    assert {value["expected"] for value in values} == {"It <sank>."}
    assert texts_of(article, "textarea") == (["It <sank>."] if rating == "down" else [])


def test_a_comment_is_told_as_one() -> None:
    assert ENGLISH.comment in html.unescape(shown(stored_answer([stored_quote(1, "So what.", voice="comment")])))


@pytest.mark.parametrize(
    ("quote", "origin", "text"),
    [
        ({}, "quote", "“It\nrose.” [1]\n\nSources\n[1] A · 2 June 2025 · a.txt\n    “It rose.”"),
        ({}, "model", "It\nrose. [1]\n\nSources\n[1] A · 2 June 2025 · a.txt\n    “It rose.”"),
        ({"title": "", "date": None}, "model", "It\nrose. [1]\n\nSources\n[1] a.txt · undated\n    “It rose.”"),
        (
            {"page": 3, "speaker": "Mr Li"},
            "model",
            "It\nrose. [1]\n\nSources\n[1] A · 2 June 2025 · a.txt · page 3 · Mr Li speaking\n    “It rose.”",
        ),
    ],
)
def test_an_answer_is_copied_with_its_sources(quote: dict[str, Any], origin: str, text: str) -> None:
    answer = stored_answer([stored_quote(1, "It\nrose.", **quote)])
    answer["statements"][0]["origin"] = origin
    assert as_text(answer, ENGLISH) == text


def test_an_answer_under_way_is_told_from_a_settled_one() -> None:
    live = live_turn(Live("Why <now>?", "Reading", "It <ro"), ENGLISH, "abc")
    assert texts_of(live, "p") == ["Reading", "It <ro"]
    assert 'data-conversation="abc"' in live
    assert 'aria-busy="true"' in live
    assert "<button" not in live
    assert 'class="draft"' not in live_turn(Live("Why?", "Reading"), ENGLISH, "abc")


def test_a_conversation_names_itself_only_where_the_address_follows() -> None:
    turns = [Turn(n, f"Question {n}?", stored_answer([ONE])) for n in (1, 2)]
    assert texts_of(conversation(turns, ENGLISH), "h2") == ["You: Question 1?", "You: Question 2?"]
    assert "data-conversation" not in conversation(turns, ENGLISH)
    assert conversation(turns, ENGLISH, "abc").startswith('<div data-conversation="abc">')


def test_a_notice_and_the_hint_speak_the_pages_language() -> None:
    assert texts_of(notice("<x>", "no <way>", FRENCH), "p") == ["no <way>"]
    assert texts_of(hint(FRENCH, editing=False), "p") == [FRENCH.keys]
    assert values_of(hint(FRENCH, editing=True), "edit") == [{"turn": 0}]
    told = texts_of(hint(FRENCH, editing=False, recipient="a&b.example.org"), "p")
    assert told == ["Les questions et les passages cités sont envoyés à a&b.example.org", FRENCH.keys]
