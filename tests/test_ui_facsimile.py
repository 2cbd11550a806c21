"""A page of a source as HTML: what it is called, where its words are, and the way to the others."""

from __future__ import annotations

import html
import re
from dataclasses import replace

import pytest

from index.layout import Box
from index.types import Document, Place
from index.viewer import Facsimile
from tests.rag_helpers import document as make_document
from tests.ui_helpers import texts_of, values_of
from ui.facsimile import facsimile, views
from ui.sources import Span
from ui.words import ENGLISH, FRENCH, Words

TEXT = "The mill was sold to the members of the council who had read the report. It rained."
PLACES = (Place(0, 4, "iv"), Place(48, 5, "v"), Place(73, 7))
QUOTE = Span(13, 72)  # on pages 4 and 5
BOX: Box = (0.25, 0.5, 0.75, 0.6)


def source(name: str = "report.pdf") -> Document:
    return replace(make_document(TEXT), path=f"/docs/{name}", places=PLACES)


def page(number: int = 4, label: str | None = "iv", marks: tuple[tuple[Box, ...] | None, ...] = ((BOX,),)) -> Facsimile:
    return Facsimile(number, 120, label, 600, 800, "UklGRg==", marks)


def shown(one: Facsimile, current: Span = QUOTE, others: tuple[Span, ...] = (), words: Words = ENGLISH) -> str:
    return facsimile(source(), one, current, others, words)


def notes(markup: str) -> list[str]:
    return [" ".join(re.sub("<[^>]+>", " ", text).split()) for text in re.findall(r'<p class="hint".*?</p>', markup)]


@pytest.mark.parametrize(
    ("label", "words", "name"),
    [
        ("iv", ENGLISH, "page iv (4 of 120)"),
        (None, ENGLISH, "page 4 of 120"),
        ("iv", FRENCH, "page iv (4 sur 120)"),
        ("<b>", ENGLISH, "page <b> (4 of 120)"),
    ],
)
def test_a_page_is_named_as_the_file_does_and_by_its_number(label: str | None, words: Words, name: str) -> None:
    markup = shown(page(label=label), words=words)
    assert name in texts_of(markup, "span")
    assert f'alt="{html.escape(f"report.pdf, {name}")}"' in markup


def test_the_marks_lie_where_they_were_found() -> None:
    lower = (0.1, 0.7, 0.2, 0.8)
    markup = shown(page(marks=((BOX, lower), (lower,), None, ())), others=(Span(0, 3), Span(4, 8), Span(74, 83)))
    assert re.findall(r'<mark class="(\w+)"[^>]* style="([^"]*)"', markup) == [
        ("other", "left:10.000%;top:70.000%;width:10.000%;height:10.000%"),
        ("current", "left:25.000%;top:50.000%;width:50.000%;height:10.000%"),
        ("current", "left:10.000%;top:70.000%;width:10.000%;height:10.000%"),
    ]
    assert markup.count('id="current-quote"') == 1
    assert texts_of(markup, "mark") == ["", TEXT[QUOTE.start : QUOTE.end], ""]  # for those who hear it


@pytest.mark.parametrize(
    ("number", "marks", "current", "said"),
    [
        (4, ((BOX,),), Span(0, 8), []),
        (4, ((BOX,),), QUOTE, ["The quoted words are also on page v"]),
        (5, ((BOX,),), QUOTE, ["The quoted words are also on page iv"]),
        (7, ((),), QUOTE, ["The quoted words are on page iv page v"]),
        (7, ((),), Span(0, 8), ["The quoted words are on page iv"]),
        (4, (None,), Span(0, 8), [ENGLISH.not_located]),
        (4, (None,), QUOTE, [ENGLISH.not_located, "The quoted words are also on page v"]),
        (7, ((),), Span(0, 0), []),  # the document as such
    ],
)
def test_where_the_quoted_words_are_is_said(
    number: int, marks: tuple[tuple[Box, ...] | None, ...], current: Span, said: list[str]
) -> None:
    assert notes(shown(page(number, marks=marks), current)) == said


def test_every_button_tells_what_is_marked() -> None:
    markup = shown(page(), others=(Span(4, 8), QUOTE))
    told = {"document": source().id, "current": [13, 72], "others": [[4, 8]]}
    assert values_of(markup, "expand") == [
        {**told, "view": "page"},
        {**told, "view": "text"},
        {**told, "page": 3},
        {**told, "page": 5},
        {**told, "page": 5},
    ]


@pytest.mark.parametrize(("number", "disabled"), [(1, ["back"]), (2, []), (120, ["next"])])
def test_there_is_no_page_before_the_first_nor_after_the_last(number: int, disabled: list[str]) -> None:
    buttons = re.findall(r"<button[^>]*>", shown(page(number)))
    assert [re.search(r'data-keep="(\w+)"', one)[1] for one in buttons if " disabled" in one] == disabled  # type: ignore[index]


@pytest.mark.parametrize(("paged", "pressed"), [(True, ["true", "false"]), (False, ["false", "true"])])
def test_the_choice_of_views_says_which_it_is_and_why(paged: bool, pressed: list[str]) -> None:
    markup = views(source(), QUOTE, [], ENGLISH, paged=paged, problem="<gone>")
    assert re.findall(r'aria-pressed="(\w+)"', markup) == pressed
    assert texts_of(markup, "p") == ["<gone>"]


def test_a_hostile_name_stays_text() -> None:
    name = '"><img src=x onerror=ran=1>.pdf'
    markup = facsimile(source(name), page(), QUOTE, [], ENGLISH)
    assert markup.count("<img") == 1
    assert html.escape(f"{name}, page iv (4 of 120)") in markup
