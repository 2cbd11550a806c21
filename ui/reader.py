"""What happens when a person chooses a mark or a source: its document is opened at the quoted words."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from index.store import Store
from ui import sources
from ui.sources import Span
from ui.talk import Talk
from ui.visit import Updates, Visit
from ui.words import Words


class Reader:
    """The panel beside the chat: an answer's sources, or one document."""

    def __init__(self, store: Store, talk: Talk) -> None:
        self._store = store
        self._talk = talk

    def open(self, visit: Visit, told: Mapping[str, Any], current: str) -> Updates:
        """Open what was chosen: a quote or a nearest passage of a turn, or a place in a document."""
        if "document" in told:
            return self._read(visit.words, told["document"], Span(int(told["start"]), int(told["end"])))
        turn = self._talk.find(visit, current, told["turn"])
        if turn is None:
            return self.close(visit, current)
        if "passage" in told:
            passage = turn.answer["closest"][int(told["passage"])]
            return self._read(visit.words, passage["document_id"], Span(passage["start"], passage["end"]))
        quotes = turn.answer["quotes"]
        quote = quotes[int(told["quote"]) - 1]
        others = [Span(q["start"], q["end"]) for q in quotes if q["document_id"] == quote["document_id"]]
        span = Span(quote["start"], quote["end"])
        return self._read(visit.words, quote["document_id"], span, others, text=quote["text"])

    def expand(self, visit: Visit, told: Mapping[str, Any]) -> Updates:
        """Show more of the open document."""
        current, window = (Span(*map(int, told[name])) for name in ("current", "window"))
        return self._read(visit.words, told["document"], current, window=window)

    def close(self, visit: Visit, current: str) -> Updates:
        """Go back to the sources of the last answer."""
        return {"panel": sources.sources(self._talk.latest(visit, current), visit.words)}

    def _read(
        self,
        words: Words,
        document_id: str,
        current: Span,
        others: Collection[Span] = (),
        *,
        text: str = "",
        window: Span | None = None,
    ) -> Updates:
        document = self._store.documents([document_id]).get(document_id)
        if document is None:
            return {"panel": sources.lost(text, words.gone, words)}
        if text and document.text[current.start : current.end] != text:
            return {"panel": sources.lost(text, words.changed, words)}
        return {"panel": sources.document(document, current, others, words, window)}
