"""Shows pages of the PDF files and pictures that documents were read from, as long as they are the same files.

Pages are drawn by a child process with limits (`index/facsimile.py`); what it says is checked, since a hostile file may
have taken it over.
"""

from __future__ import annotations

import json
import re
import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from index.errors import ReadError
from index.files import Found
from index.isolation import Isolated
from index.layout import Box
from index.members import Loader, archive_of
from index.pictures import SUFFIXES
from index.readers import identify
from index.scans import recognised
from index.store import Store
from index.types import Document

SECONDS = 5.0  # that a page may take
PATIENCE = 10.0  # seconds that one waits for other pages
KEPT = 8 * 2**20  # characters of pictures
_PAGED = (".pdf", *SUFFIXES)
_BASE64 = re.compile(r"[A-Za-z0-9+/]*={0,2}")


class FileGone(ReadError):
    """The file is no longer where it was read."""


class FileChanged(ReadError):
    """The file is no longer the one that was read."""


@dataclass(frozen=True, slots=True)
class Facsimile:
    """A page as it looks: `number` of `count`, what the file calls it, and its picture, as WebP in base64.

    `width` and `height` are in pixels. `marks` has the boxes of each span that was asked for: left, top, right and
    bottom, from 0 to 1 of the page, from its top left; none for a span that isn't on this page, None for one that is
    but can't be found.
    """

    number: int
    count: int
    label: str | None
    width: int
    height: int
    picture: str
    marks: tuple[tuple[Box, ...] | None, ...]


def is_paged(document: Document) -> bool:
    """Tell whether a document's file has pages that can be shown."""
    return document.name.lower().removesuffix(".gz").endswith(_PAGED) and any(place.page for place in document.places)


class Viewer:
    """Draws pages of a library's documents, one at a time, and keeps the latest. Any thread may use it."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._child = Isolated(seconds=SECONDS, worker="index.facsimile")
        self._drawing = threading.Lock()
        self._kept: OrderedDict[tuple[object, ...], Facsimile] = OrderedDict()

    def close(self) -> None:
        """End the child process; the next page starts another."""
        with self._drawing:
            self._child.close()

    def view(self, document: Document, number: int, spans: Sequence[tuple[int, int]] = ()) -> Facsimile:
        """Draw page `number` of a document's file, and find `spans` of the document's text on it.

        Raises FileGone or FileChanged, ReadError with the reason when the page can't be drawn within the limits,
        RagError when there can be no child process.
        """
        data = _load(document)
        key = (document.id, number, tuple(spans))
        if not self._drawing.acquire(timeout=PATIENCE):
            raise ReadError("other pages are being drawn; try again")
        try:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
            shown = self._kept[key] = self._draw(document, data, number, spans)
            while len(self._kept) > 1 and sum(len(one.picture) for one in self._kept.values()) > KEPT:
                self._kept.popitem(last=False)
            return shown
        finally:
            self._drawing.release()

    def _draw(self, document: Document, data: bytes, number: int, spans: Sequence[tuple[int, int]]) -> Facsimile:
        start, end = _extent(document, number)
        parts = [(max(first, start) - start, min(after, end) - start) for first, after in spans]
        here = [part for part in parts if part[0] < part[1]]
        words = recognised(self._store, document.id).get(number, ()) if here else ()
        task = {"path": document.path, "page": number, "text": document.text[start:end], "spans": here, "words": words}
        shown = _facsimile(number, self._child.ask(json.dumps(task).encode(), data), len(here))
        marks = iter(shown.marks)
        return Facsimile(
            shown.number, shown.count, shown.label, shown.width, shown.height, shown.picture,
            tuple(next(marks) if part in here else () for part in parts),
        )  # fmt: skip


def _load(document: Document) -> bytes:
    """Return the bytes of a document's file, or member of an archive, if it is the one that was read."""
    path = Path(document.path)
    try:
        with Loader() as loader:
            data = loader.load(Found(document.path, 0, 0, archive=archive_of(document.path)))
    except FileNotFoundError:
        raise FileGone(document.name) from None
    except OSError as error:
        raise ReadError(f"can't be read: {error.strerror or error}") from None
    if identify(path, data) != document.id:
        raise FileChanged(document.name)
    return data


def _extent(document: Document, number: int) -> tuple[int, int]:
    """Return start and end of a page's text; a page without text is at the end of the document."""
    starts = [place.start for place in document.places if place.page == number]
    if not starts:
        return len(document.text), len(document.text)
    later = (place.start for place in document.places if place.page and place.page > number)
    return min(starts), min(later, default=len(document.text))


def _facsimile(number: int, answer: Mapping[str, Any], spans: int) -> Facsimile:
    """Make sure that a child's answer is what it should be."""
    try:
        count, width, height = (int(answer[name]) for name in ("count", "width", "height"))
        label = None if answer["label"] is None else str(answer["label"])
        marks = tuple(None if boxes is None else tuple(map(_box, boxes)) for boxes in answer["marks"])
        if len(marks) == spans and min(count, width, height) > 0 and _BASE64.fullmatch(answer["picture"]):
            return Facsimile(number, count, label, width, height, answer["picture"], marks)
    except (KeyError, TypeError, ValueError, OverflowError):
        pass
    raise ReadError("the answer of what draws it makes no sense")


def _box(sides: Sequence[Any]) -> Box:
    left, top, right, bottom = map(float, sides)
    if not (0 <= left < right <= 1 and 0 <= top < bottom <= 1):
        raise ValueError(sides)
    return left, top, right, bottom
