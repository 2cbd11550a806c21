"""The page's words: complete in both languages, alike in what they fill in, chosen as the browser asks."""

from __future__ import annotations

import re
from dataclasses import fields

import pytest

from ui.words import ENGLISH, FRENCH, Words, choose_words, long_date

SAME = {
    "brand", "documents", "conversations", "ask_label", "path_hint", "page", "pages", "source", "sources", "library",
    "column_title", "column_date", "day", "view_page", "licence",
}  # fmt: skip


def leaves(words: Words) -> dict[str, str]:
    """Every text of a language, by its place."""
    found: dict[str, str] = {}
    for one in fields(words):
        value = getattr(words, one.name)
        if isinstance(value, str):
            found[one.name] = value
        else:
            pairs = value.items() if isinstance(value, dict) else enumerate(value)
            found |= {f"{one.name}.{key}": text for key, text in pairs}
    return found


def test_both_languages_say_everything() -> None:
    english, french = leaves(ENGLISH), leaves(FRENCH)
    assert english.keys() == french.keys()
    assert all(text.strip() for text in [*english.values(), *french.values()])
    assert len(ENGLISH.months) == 12


def test_french_is_french() -> None:
    english, french = leaves(ENGLISH), leaves(FRENCH)
    assert {name for name in english if english[name] == french[name]} == SAME


def test_both_languages_fill_in_the_same() -> None:
    def filled(text: str) -> set[str]:
        return set(re.findall(r"\{(\w*)\}", text))

    french = leaves(FRENCH)
    assert [name for name, text in leaves(ENGLISH).items() if filled(text) != filled(french[name])] == []


@pytest.mark.parametrize(
    ("chosen", "accepted", "language"),
    [
        (None, None, "en"),
        (None, "", "en"),
        (None, "fr", "fr"),
        (None, "FR-ca", "fr"),
        (None, "fr-FR,fr;q=0.9,en;q=0.8", "fr"),
        (None, "en-GB,en;q=0.9,fr;q=0.8", "en"),
        (None, "de,fr;q=0.5,en;q=0.4", "fr"),
        (None, "en;q=0.4,fr;q=0.5", "fr"),
        (None, "fr; q=0.1, en", "en"),  # RFC 9110 allows white space around the semicolon
        (None, "fr ;q=0.1,en;q=0.2", "en"),
        (None, "fr;Q=0.1,en;q=0.2", "en"),
        (None, "fr;q=0,en;q=0.1", "en"),
        (None, "fr;q=0", "en"),
        (None, "de,*", "en"),
        (None, "frr,de", "en"),  # North Frisian
        (None, "fr;q=much,;;q=,\x00", "en"),
        (None, "en,fr", "en"),
        ("fr", "en", "fr"),
        ("en", "fr", "en"),
        ("auto", "fr", "fr"),
        ("xx", "fr", "fr"),
        ("", None, "en"),
    ],
)
def test_the_language_is_the_one_chosen_or_the_first_that_the_browser_accepts(
    chosen: str | None, accepted: str | None, language: str
) -> None:
    assert choose_words(chosen, accepted).language == language


@pytest.mark.parametrize(
    ("date", "english", "french"),
    [
        ("2025-06-02", "2 June 2025", "2 juin 2025"),
        ("2025-12-31", "31 December 2025", "31 décembre 2025"),
        ("1999-01-01", "1 January 1999", "1er janvier 1999"),
        (None, "undated", "sans date"),
        ("", "undated", "sans date"),
    ],
)
def test_dates_are_written_out(date: str | None, english: str, french: str) -> None:
    assert (long_date(date, ENGLISH), long_date(date, FRENCH)) == (english, french)
