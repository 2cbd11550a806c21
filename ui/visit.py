"""Who is looking at the page, and how they like it: read from one request's cookies and headers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rag.evidence import AMOUNTS
from ui.chat import Preferences
from ui.guard import PERSON
from ui.words import Words, choose_words

# What a handler wants changed, by the name of the part: its new value, or a mapping of its new properties.
Updates = dict[str, Any]


def storable(value: Any) -> Any:  # noqa: ANN401 - whatever JSON can hold
    """Replace halves of characters, which JSON can hold but no file, in what a browser has sent."""
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [storable(one) for one in value]
    return {key: storable(one) for key, one in value.items()} if isinstance(value, dict) else value


@dataclass(frozen=True, slots=True)
class Visit:
    """One request of one browser tab. `address` is the conversation that the page's address names.

    `view` is how sources with pages are opened: "page", or "text".
    """

    person: str
    tab: str
    words: Words
    preferences: Preferences
    address: str = ""
    view: str = "page"

    @classmethod
    def of(cls, request: Any) -> Visit:  # noqa: ANN401 - a gradio.Request
        """Read a request: the guard's secret cookie says who, the page's own cookies how."""
        cookies: Mapping[str, str] = request.cookies
        amount = cookies.get("amount", "")
        return cls(
            person=cookies[PERSON],
            tab=str(request.session_hash),
            words=choose_words(cookies.get("language"), request.headers.get("accept-language")),
            preferences=Preferences(
                written=cookies.get("style") != "quotes",
                amount=amount if amount in AMOUNTS else "usual",
            ),
            address=str(request.query_params.get("c", "")),
            view="text" if cookies.get("view") == "text" else "page",
        )
