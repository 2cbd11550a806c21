"""The sources of an answer and the documents behind them, as HTML. Pure: values in, markup out."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from index.conversations import Turn
from index.types import Document
from ui.markup import ICONS, button, escape
from ui.render import named
from ui.words import Words, long_date

Stored = Mapping[str, Any]  # an answer as rag/contract.py writes it, with what ui/chat.py adds
WINDOW = 12_000  # characters of a document shown around a quote


@dataclass(frozen=True, slots=True)
class Span:
    """Characters of a document to be highlighted."""

    start: int
    end: int


def sources(one: Turn | None, words: Words) -> str:
    """The sources of one answer, each a card that opens its document."""
    if one is None or not one.answer["quotes"]:
        return f'<h2>{escape(words.sources)}</h2><p class="hint">{escape(words.sources_empty)}</p>'
    return f"<h2>{escape(words.sources)}</h2>{cards(one, words)}"


def cards(one: Turn, words: Words) -> str:
    """An answer's quotes under the documents they are from, each quote a button that opens it there."""
    groups = "".join(
        f"<li>{_origin(quotes[0], words)}{''.join(_quote(one.id, quote, words) for quote in quotes)}</li>"
        for quotes in (list(group) for _, group in groupby(one.answer["quotes"], key=lambda q: q["document_id"]))
    )
    return f'<ol class="cards">{groups}</ol>'


def _quote(turn_id: int, quote: Stored, words: Words) -> str:
    said = f'<span>{_badges(quote, words)}<q dir="auto">{escape(quote["text"])}</q></span>'
    shown = f'<span class="number">{quote["n"]}</span>{said}'
    return button(shown, "quoted", event="select", value={"turn": turn_id, "quote": quote["n"]})


def passage(origin: Stored, text: str, value: Mapping[str, object], words: Words) -> str:
    """A passage and where it is from, as one button that opens it there."""
    shown = f'{_origin(origin, words)}{_badges(origin, words)}<q dir="auto">{escape(text)}</q>'
    return f"<li>{button(shown, 'quoted', event='select', value=dict(value))}</li>"


def _origin(origin: Stored, words: Words) -> str:
    title = origin["title"] or origin["document"]
    file = f"<bdi>{escape(origin['document'])}</bdi>" if not origin["document"].startswith(title) else ""
    return (
        f'<span class="origin"><bdi class="title">{escape(title)}</bdi>'
        f'<span class="meta"><span>{escape(long_date(origin["date"], words))}</span>{file}</span></span>'
    )


def _badges(origin: Stored, words: Words) -> str:
    return "".join(f'<span class="badge">{escape(note)}</span> ' for note in notes(origin, words))


def notes(origin: Stored, words: Words) -> list[str]:
    """What has to be said with a quote: its page, whose words it is if not the document's own, where else it stands."""
    noted = [_pages(origin, words)] if origin.get("page") else []
    noted += [words.ocr] if origin.get("ocr") else []
    noted += [" – ".join(sections)] if (sections := _sections(origin)) else []
    if origin.get("voice") == "comment":
        noted.append(words.comment)
    elif origin.get("speaker"):
        noted.append(words.speaking.format(who=origin["speaker"]))
    if also := origin.get("also_in"):
        noted.append(words.also_in.format(names=named(also)))
    return noted


def _sections(origin: Stored) -> list[str]:
    return list(dict.fromkeys(filter(None, (origin.get("section"), origin.get("section_end")))))


def _pages(origin: Stored, words: Words) -> str:
    first, last = origin["page"], origin.get("page_end")  # an answer of an older version has no end
    shown = origin.get("page_label") or first
    if last in (None, first):
        return words.page.format(n=shown)
    return words.pages.format(first=shown, last=origin.get("page_end_label") or last)


def document(
    shown: Document,
    current: Span,
    others: Collection[Span],
    words: Words,
    window: Span | None = None,
    views: str = "",
) -> str:
    """A document around a quote: `current` marked, the other quotes of the same answer marked more lightly.

    `views` is what else stands in the bar above it.
    """
    window = window or Span(current.start - WINDOW // 2, current.end + WINDOW // 2)
    start, end = max(window.start, 0), min(window.end, len(shown.text))
    spans = {(span.start, min(span.end, current.start)) for span in others}  # the chosen quote is marked whole
    spans |= {(max(span.start, current.end), span.end) for span in others}
    pieces, at = [], start
    for first, last in sorted({*spans, (current.start, current.end)}):
        chosen = (first, last) == (current.start, current.end)
        first, last = max(first, at), min(last, end)
        if first >= last:
            continue
        marked = 'class="current" id="current-quote" tabindex="-1"' if chosen else 'class="other"'
        pieces.append(f"{escape(shown.text[at:first])}<mark {marked}>{escape(shown.text[first:last])}</mark>")
        at = last
    pieces.append(escape(shown.text[at:end]))
    more = told(shown, current, others)
    before, after = more | {"window": [start - WINDOW, end]}, more | {"window": [start, end + WINDOW]}
    earlier = button(escape(words.earlier), "plain", event="expand", value=before, keep="earlier")
    later = button(escape(words.later), "plain", event="expand", value=after, keep="later")
    return (
        f"{heading(shown, words, views)}"
        f"{earlier if start > 0 else ''}"
        f'<div class="text" dir="auto" lang="{escape(shown.language)}">{"".join(pieces)}</div>'
        f"{later if end < len(shown.text) else ''}"
    )


def heading(shown: Document, words: Words, views: str) -> str:
    """What stands above a document: the bar that stays, with `views` in it, and the title, date and file."""
    return (
        f'{_back(words, views)}<h2 class="title" dir="auto" tabindex="-1">{escape(shown.title or shown.name)}</h2>'
        f'<p class="meta"><span>{escape(long_date(shown.date, words))}</span><bdi>{escape(shown.name)}</bdi></p>'
    )


def told(shown: Document, current: Span, others: Collection[Span]) -> dict[str, object]:
    """What a button of an open document tells: the document, and the words that are marked in it."""
    spans = sorted({(span.start, span.end) for span in others} - {(current.start, current.end)})
    return {"document": shown.id, "current": [current.start, current.end], "others": [list(span) for span in spans]}


def lost(text: str, problem: str, words: Words) -> str:
    """What is left of a source whose document has changed or gone: the words as they were quoted."""
    said = f'<p class="outcome weak_evidence">{escape(problem)}</p><q dir="auto">{escape(text)}</q>'
    return f'{_back(words)}<div class="lost">{said}</div>'


def _back(words: Words, views: str = "") -> str:
    back = button(f"{ICONS['back']} {escape(words.back)}", "plain", event="collapse")
    close = button(ICONS["close"], "quiet sheet-close", title=words.close, event="collapse")
    return f'<div class="bar">{back}{views}{close}</div>'
