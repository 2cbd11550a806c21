"""What happens when a person chooses a mark or a source: its document is opened at the quoted words.

A PDF is shown page by page as it looks, where its file is still the one that was read; otherwise as text.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from index.errors import RagError, ReadError
from index.store import Store
from index.types import Document
from index.viewer import FileChanged, FileGone, Viewer, is_paged
from ui import sources
from ui.facsimile import facsimile, views
from ui.sources import Span
from ui.talk import Talk
from ui.visit import Updates, Visit
from ui.words import Words


class Reader:
    """The panel beside the chat: an answer's sources, or one document."""

    def __init__(self, store: Store, talk: Talk, viewer: Viewer) -> None:
        self._store = store
        self._talk = talk
        self._viewer = viewer

    def open(self, visit: Visit, told: Mapping[str, Any], current: str) -> Updates:
        """Open what was chosen: a quote or a nearest passage of a turn, or a place in a document."""
        if "document" in told:
            return self._read(visit, told["document"], Span(int(told["start"]), int(told["end"])))
        turn = self._talk.find(visit, current, told["turn"])
        if turn is None:
            return self.close(visit, current)
        if "passage" in told:
            passage = turn.answer["closest"][int(told["passage"])]
            return self._read(visit, passage["document_id"], Span(passage["start"], passage["end"]))
        quotes = turn.answer["quotes"]
        quote = quotes[int(told["quote"]) - 1]
        beside = [q for q in quotes if q is not quote and q["document_id"] == quote["document_id"]]
        others = [Span(q["start"], q["end"]) for q in beside]
        span = Span(quote["start"], quote["end"])
        return self._read(visit, quote["document_id"], span, others, text=quote["text"])

    def expand(self, visit: Visit, told: Mapping[str, Any]) -> Updates:
        """Show more of the open document: of its text, or another page, or the text instead of the page."""
        current, *others = (Span(*map(int, span)) for span in [told["current"], *told["others"]])
        window = Span(*map(int, told["window"])) if "window" in told else None
        page, view = int(told.get("page") or 0), str(told.get("view") or "")
        return self._read(visit, told["document"], current, others, window=window, page=page, view=view)

    def close(self, visit: Visit, current: str) -> Updates:
        """Go back to the sources of the last answer."""
        return {"panel": sources.sources(self._talk.latest(visit, current), visit.words)}

    def _read(
        self,
        visit: Visit,
        document_id: str,
        current: Span,
        others: Sequence[Span] = (),
        *,
        text: str = "",
        window: Span | None = None,
        page: int = 0,
        view: str = "",
    ) -> Updates:
        words = visit.words
        document = self._store.documents([document_id]).get(document_id)
        if document is None:
            return {"panel": sources.lost(text, words.gone, words)}
        if text and document.text[current.start : current.end] != text:
            return {"panel": sources.lost(text, words.changed, words)}
        above = ""
        if is_paged(document):
            problem = ""
            if window is None and (page or (view or visit.view) == "page"):
                try:
                    return {"panel": self._page(document, page, current, others, words)}
                except FileGone:
                    problem = words.file_gone
                except FileChanged:
                    problem = words.file_changed
                except (ReadError, RagError) as error:
                    problem = words.no_page.format(what=error)
            above = views(document, current, others, words, paged=False, problem=problem)
        return {"panel": sources.document(document, current, others, words, window, above)}

    def _page(self, document: Document, page: int, current: Span, others: Sequence[Span], words: Words) -> str:
        number = page or document.place(current.start).page or 1
        spans = [(span.start, span.end) for span in (current, *others)]
        return facsimile(document, self._viewer.view(document, number, spans), current, others, words)
