"""Who is looking and how they like it: what a request's cookies, headers and address say, known values alone."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from ui.chat import Preferences
from ui.visit import Visit, storable


def visit(cookies: dict[str, str], accepted: str | None = None, **query: str) -> Visit:
    headers: dict[str, Any] = {"accept-language": accepted} if accepted else {}
    everything = {"cookies": {"person": "ann"} | cookies, "headers": headers, "query_params": query}
    return Visit.of(SimpleNamespace(session_hash="tab", **everything))


@pytest.mark.parametrize(
    ("cookies", "preferences"),
    [
        ({}, Preferences(True, "usual")),
        ({"style": "quotes"}, Preferences(False, "usual")),
        ({"style": "written", "amount": "short"}, Preferences(True, "short")),
        ({"amount": "more"}, Preferences(True, "more")),
        ({"style": "<b>", "amount": "__class__"}, Preferences(True, "usual")),
    ],
)
def test_preferences_come_from_cookies(cookies: dict[str, str], preferences: Preferences) -> None:
    assert visit(cookies).preferences == preferences


@pytest.mark.parametrize(
    ("cookies", "accepted", "language"),
    [
        ({}, None, "en"),
        ({}, "fr-FR,fr;q=0.9", "fr"),
        ({"language": "en"}, "fr", "en"),
        ({"language": "auto"}, "fr", "fr"),
    ],
)
def test_the_language_is_the_chosen_one_or_the_browsers(
    cookies: dict[str, str], accepted: str | None, language: str
) -> None:
    assert visit(cookies, accepted).words.language == language


def test_person_tab_and_address_are_the_requests() -> None:
    one = visit({}, c="abc")
    assert (one.person, one.tab, one.address) == ("ann", "tab", "abc")
    assert visit({}).address == ""
    with pytest.raises(KeyError):  # the guard gives everybody one: without it nobody may be let in
        Visit.of(SimpleNamespace(session_hash="tab", cookies={}, headers={}, query_params={}))


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        ("half \ud83d and \udc00", "half \ufffd and \ufffd"),
        ("whole \U0001f600 \x00 \ufeff", "whole \U0001f600 \x00 \ufeff"),
        ({"title": "\ud800", "turn": 7, "rating": None}, {"title": "\ufffd", "turn": 7, "rating": None}),
        (["\ud800", 1.5], ["\ufffd", 1.5]),
        ("\ufeffat the start", "\ufeffat the start"),
    ],
)
def test_what_is_sent_can_be_stored(sent: object, stored: object) -> None:
    assert storable(sent) == stored
