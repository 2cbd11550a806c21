"""A page of a source as it looks, with the quoted words marked, as HTML. Pure: values in, markup out."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from index.layout import Box
from index.types import Document, Place
from index.viewer import Facsimile
from ui.markup import ICONS, button, escape
from ui.sources import Span, heading, told
from ui.words import Words


def facsimile(shown: Document, page: Facsimile, current: Span, others: Sequence[Span], words: Words) -> str:
    """A page of a document. `page.marks` are of `current` first, and then of each of the others."""
    own, *rest = page.marks
    name = _name(page, words)
    alternative = f"{shown.name}, {name}"
    marks = "".join(_mark(box, "other") for boxes in rest for box in boxes or ())
    for number, box in enumerate(own or ()):
        text = shown.text[current.start : current.end] if number == 0 else ""
        marks += _mark(box, "current", text)
    return (
        f"{heading(shown, words, views(shown, current, others, words, paged=True))}"
        f"{_pager(shown, page, name, current, others, words)}"
        f'<div class="facsimile" tabindex="0" role="region" aria-label="{escape(alternative)}">'
        f'<div class="sheet" style="aspect-ratio:{page.width}/{page.height}">'
        f'<img alt="{escape(alternative)}" src="data:image/webp;base64,{escape(page.picture)}">'
        f'<div class="marks">{marks}</div></div></div>'
    )


def views(
    shown: Document, current: Span, others: Collection[Span], words: Words, *, paged: bool, problem: str = ""
) -> str:
    """The choice between a document's pages and its text, and why its pages can't be shown."""
    value = told(shown, current, others)
    choice = "".join(
        button(escape(label), "tab", act="remember", keep=view, pressed=paged == (view == "page"),
               event="expand", value=value | {"view": view})
        for view, label in (("page", words.view_page), ("text", words.view_text))
    )  # fmt: skip
    why = f'<p class="hint" role="status">{escape(problem)}</p>' if problem else ""
    return f'<div class="views" role="group" aria-label="{escape(words.views)}">{choice}</div>{why}'


def _name(page: Facsimile, words: Words) -> str:
    if page.label:
        return words.page_labelled.format(label=page.label, n=page.number, count=page.count)
    return words.page_of.format(n=page.number, count=page.count)


def _pager(shown: Document, page: Facsimile, name: str, current: Span, others: Collection[Span], words: Words) -> str:
    def turn(icon: str, title: str, to: int) -> str:
        value = told(shown, current, others) | {"page": to}
        return button(ICONS[icon], "quiet", title=title, event="expand", keep=icon, value=value,
                      disabled=not 1 <= to <= page.count)  # fmt: skip

    return (
        f'<div class="pager">{turn("back", words.previous_page, page.number - 1)}'
        f'<span role="status">{escape(name)}</span>{turn("next", words.next_page, page.number + 1)}'
        f"{button(ICONS['zoom'], 'quiet', title=words.zoom_in, act='zoom', zoom='in')}"
        f"{button(ICONS['fit'], 'quiet', title=words.zoom_fit, act='zoom', zoom='fit')}"
        f"{_notes(shown, page, current, others, words)}</div>"
    )


def _notes(shown: Document, page: Facsimile, current: Span, others: Collection[Span], words: Words) -> str:
    """Say where the quoted words are, unless they are all on this page."""
    if current.start >= current.end:
        return ""
    said = f'<p class="hint" role="status">{escape(words.not_located)}</p>' if page.marks[0] is None else ""
    places = {place.page: place for place in (shown.place(current.start), shown.place(current.end - 1)) if place.page}
    elsewhere = [place for number, place in places.items() if number != page.number]
    if not elsewhere:
        return said
    there = " ".join(_there(shown, place, current, others, words) for place in elsewhere)
    return f'{said}<p class="hint">{escape(words.also_on if page.number in places else words.stand_on)} {there}</p>'


def _there(shown: Document, place: Place, current: Span, others: Collection[Span], words: Words) -> str:
    label = words.page.format(n=place.label or place.page)
    return button(escape(label), "plain", event="expand", value=told(shown, current, others) | {"page": place.page})


def _mark(box: Box, kind: str, text: str = "") -> str:
    left, top, right, bottom = (100 * side for side in box)
    named = ' id="current-quote" tabindex="-1"' if text else ""
    where = f"left:{left:.3f}%;top:{top:.3f}%;width:{right - left:.3f}%;height:{bottom - top:.3f}%"
    unseen = f'<span class="unseen">{escape(text)}</span>' if text else ""
    return f'<mark class="{kind}"{named} style="{where}">{unseen}</mark>'
