"""Sources and documents as HTML: what is marked is exactly what was quoted, wherever it stands."""

from __future__ import annotations

import html
import json
import re

import pytest

from index.conversations import Turn
from tests.rag_helpers import document as make_document
from tests.ui_helpers import stored_answer, stored_quote, texts_of
from ui.sources import WINDOW, Span, cards, document, lost, notes, sources
from ui.words import ENGLISH, FRENCH

TEXT = "The army is <small>. Mr Ilves left; “they” stayed.\r\nNothing & nobody else came.\r\n\r\nIt rained."
END = len(TEXT)


def shown_text(shown: str) -> str:
    """The text of an opened document, as a browser would take it out of the markup."""
    found = re.search(r'<div class="text"[^>]*>(.*?)</div>', shown, re.DOTALL)
    assert found
    return html.unescape(re.sub(r"<[^>]+>", "", found[1]))


def marks(shown: str, kind: str) -> list[str]:
    return [html.unescape(text) for text in re.findall(rf'<mark class="{kind}"[^>]*>(.*?)</mark>', shown, re.DOTALL)]


@pytest.mark.parametrize(
    ("current", "others", "marked"),
    [
        ((4, 8), [], []),
        ((0, 3), [(4, 8)], [(4, 8)]),
        ((0, END), [(4, 8), (30, 40)], []),  # the chosen one is marked whole, whatever lies in it
        ((20, 40), [(0, END)], [(0, 20), (40, END)]),
        ((20, 40), [(10, 20), (40, 50)], [(10, 20), (40, 50)]),  # they touch it
        ((20, 40), [(10, 30), (30, 50)], [(10, 20), (40, 50)]),
        ((20, 40), [(20, 40)], []),  # the quote itself is among them
        ((20, 40), [(20, 50), (10, 40)], [(10, 20), (40, 50)]),
        ((60, 70), [(0, 10), (5, 15), (5, 8)], [(0, 10), (10, 15)]),
        ((END - 9, END), [(END - 20, END - 9)], [(END - 20, END - 9)]),
        ((40, 60), [(45, 50)], []),  # over the line's end
        ((0, 0), [], []),  # the document as such
    ],
)
def test_exactly_the_quoted_words_are_marked(
    current: tuple[int, int], others: list[tuple[int, int]], marked: list[tuple[int, int]]
) -> None:
    shown = document(make_document(TEXT), Span(*current), [Span(*other) for other in others], ENGLISH)
    wanted = TEXT[slice(*current)]
    assert marks(shown, "current") == ([wanted] if wanted else [])
    assert marks(shown, "other") == [TEXT[slice(*other)] for other in marked]
    assert shown_text(shown) == TEXT
    assert shown.count('id="current-quote"') == bool(wanted)


@pytest.mark.parametrize(
    ("current", "before", "after"),
    [
        (Span(0, 10), False, True),
        (Span(25_000, 25_010), True, True),
        (Span(49_990, 50_000), True, False),
    ],
)
def test_a_long_document_is_shown_around_the_quote_and_the_rest_on_demand(
    current: Span, before: bool, after: bool
) -> None:
    long = make_document("".join(f"{number:09} " for number in range(5000)))
    shown = document(long, current, [Span(3, 7), current], ENGLISH)
    assert marks(shown, "current") == [long.text[current.start : current.end]]
    assert len(shown_text(shown)) <= WINDOW + 10
    values = [
        json.loads(html.unescape(value)) for value in re.findall(r'data-event="expand" data-value="([^"]*)"', shown)
    ]
    assert len(values) == before + after
    for value in values:
        assert (value["current"], value["others"]) == ([current.start, current.end], [[3, 7]])
        more = shown_text(document(long, current, [], ENGLISH, Span(*value["window"])))
        assert shown_text(shown) in more
        assert more in long.text
        assert len(more) > len(shown_text(shown))


def test_marks_are_cut_where_the_window_ends() -> None:
    shown = document(make_document(TEXT), Span(4, 8), [Span(30, 60)], ENGLISH, Span(0, 40))
    assert marks(shown, "other") == [TEXT[30:40]]
    assert shown_text(shown) == TEXT[:40]


def test_cards_group_neighbouring_quotes_of_a_document_and_number_them() -> None:
    quotes = [stored_quote(1, "One & two."), stored_quote(2, "Three."), stored_quote(3, "Four.", document="b.txt")]
    shown = cards(Turn(7, "?", stored_answer(quotes)), ENGLISH)
    assert shown.count("<li>") == 2
    assert texts_of(shown, "q") == ["One & two.", "Three.", "Four."]
    values = [json.loads(html.unescape(value)) for value in re.findall(r'data-value="([^"]*)"', shown)]
    assert values == [{"turn": 7, "quote": number} for number in (1, 2, 3)]


@pytest.mark.parametrize("turn", [None, Turn(1, "?", stored_answer([]))])
def test_without_quotes_the_panel_says_what_it_is_for(turn: Turn | None) -> None:
    assert html.escape(FRENCH.sources_empty) in sources(turn, FRENCH)


@pytest.mark.parametrize(
    ("more", "noted"),
    [
        ({}, []),
        ({"page": 3}, ["page 3"]),
        ({"page": 3, "page_end": 3}, ["page 3"]),
        ({"page": 3, "page_end": 4}, ["pages 3–4"]),
        ({"page": 3, "page_label": "iii", "page_end": 4, "page_end_label": "iv"}, ["pages iii–iv"]),
        ({"speaker": "Mr Lavrov"}, ["Mr Lavrov speaking"]),
        ({"voice": "comment"}, ["a reader's comment"]),
        ({"voice": "comment", "speaker": "Mr Lavrov", "page": 2}, ["page 2", "a reader's comment"]),
        ({"also_in": ["b.pdf", "c.html"]}, ["also in b.pdf, c.html"]),
        ({"also_in": []}, []),
    ],
)
def test_whose_words_a_quote_is_is_noted(more: dict[str, object], noted: list[str]) -> None:
    assert notes(stored_quote(1, "Words.", **more), ENGLISH) == noted


@pytest.mark.parametrize(
    ("title", "shows_file"), [("A title", True), ("a", False), ("a.txt", False), ("", False), ("b.txt", True)]
)
def test_a_file_is_named_unless_the_title_is_its_name(title: str, shows_file: bool) -> None:
    shown = cards(Turn(1, "?", stored_answer([stored_quote(1, "Words.", title=title)])), ENGLISH)
    assert texts_of(shown, "bdi") == [title or "a.txt"] + ["a.txt"] * shows_file


def test_of_a_lost_source_the_words_remain() -> None:
    shown = lost("<b>Words</b>", ENGLISH.gone, ENGLISH)
    assert texts_of(shown, "q") == ["<b>Words</b>"]
    assert html.escape(ENGLISH.gone) in shown
