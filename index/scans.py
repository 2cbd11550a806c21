"""Reads files with scanned pages: has the words on them recognised, and keeps these, page by page.

So an interrupted run goes on with the next page, and a page can be shown with the words marked.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from index import extras, ocr
from index.errors import RagError, ReadError
from index.isolation import Isolated, Read, parsed
from index.parsed import Parsed
from index.readers import identify
from index.recognised import Words
from index.store import Store

OnPage = Callable[[Path, int, int], None]  # the file, and which of its pages is looked at, of how many
_SINCE = 7  # the version of a library's format that has this table


class Scans:
    """Reads files by `read`, and recognises what is on their scanned pages, if the extra "ocr" is installed.

    `on_page` is told before each page; what it raises ends the reading.
    """

    def __init__(self, store: Store, read: Read, on_page: OnPage) -> None:
        self._store = store
        self._read = read
        self._on_page = on_page
        self._child = Isolated(seconds=ocr.SECONDS, megabytes=ocr.MEGABYTES, worker="index.ocr")

    def close(self) -> None:
        """End the child process, if there is one."""
        self._child.close()

    def read(self, path: Path, data: bytes) -> Parsed:
        """Read a file's bytes, as `index.readers.read` does. Raises what `Isolated.read` does."""
        try:
            found = self._read(path, data)
        except (ReadError, RagError):
            raise
        except Exception as error:  # one file that trips a parser must not stop ten thousand others
            raise ReadError(f"can't be parsed: {type(error).__name__}: {error}") from error
        if not (found.scanned and extras.has_ocr()):
            return found
        pages = self._recognise(path, data, found.scanned)
        return parsed(self._child.ask(json.dumps({"path": str(path), "pages": pages}).encode(), data))

    def _recognise(self, path: Path, data: bytes, numbers: Sequence[int]) -> dict[int, Sequence[Words]]:
        document_id = identify(path, data)
        pages = dict(recognised(self._store, document_id))
        for done, number in enumerate(numbers, start=1):
            if number in pages:
                continue
            self._on_page(path, done, len(numbers))
            try:
                answer = self._child.ask(json.dumps({"path": str(path), "page": number}).encode(), data)
                words = [_words(*one) for one in answer["words"]]
            except ReadError:  # of this page; the limits are wide
                words = []
            pages[number] = words
            with self._store.transaction():
                self._store.run(
                    "INSERT OR REPLACE INTO recognised VALUES (?, ?, ?)",
                    (document_id, number, json.dumps(words, ensure_ascii=False)),
                )
        return pages


def recognised(store: Store, document_id: str) -> Mapping[int, Sequence[Words]]:
    """Return the words recognised on a document's pages, by the number of the page."""
    if store.version < _SINCE:
        return {}
    rows = store.run("SELECT page, words FROM recognised WHERE document_id = ?", (document_id,))
    return {page: [_words(*one) for one in json.loads(words)] for page, words in rows}


def _words(text: Any, *sides: Any) -> Words:  # noqa: ANN401 - what a child process says
    left, bottom, right, top = map(float, sides)
    return str(text), left, bottom, right, top
