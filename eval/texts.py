"""What the documents really say: the ground that quotes and gold evidence are checked against."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from eval.fields import GoldError
from eval.gold import Evidence, Question
from index.scope import EVERYTHING, Scope

if TYPE_CHECKING:
    from index.library import Library

_PLAIN = {".txt", ".md"}


class Texts:
    """Texts by path. A plain text file is read from the disk itself, so that the library is not its own witness."""

    def __init__(self, texts: Mapping[str, str], canonical: Mapping[str, str] | None = None) -> None:
        self._texts = dict(texts)
        self._canonical: dict[str, list[tuple[str, str]]] = {}
        for path, known_as in (canonical or {path: path for path in texts}).items():
            self._canonical.setdefault(Path(path).name, []).append(("/" + path.replace("\\", "/"), known_as))

    @classmethod
    def of(cls, library: Library, scope: Scope = EVERYTHING) -> Texts:
        """Read all documents of a library; a file that is a copy leads to the path its document is known by."""
        extent, documents = library.within(scope), library.store.documents()
        if extent:
            documents = {i: extent.named(document) for i, document in documents.items()}
        texts = {document.path: _on_disk(document.path) or document.text for document in documents.values()}
        files = [file for file in library.store.files().values() if file.document_id]
        canonical = {file.path: documents[str(file.document_id)].path for file in files}
        return cls(texts, canonical)

    def says(self, path: str, start: int, end: int, quote: str) -> bool:
        """Tell whether a document says exactly this at these offsets; nothing at all is not a quotation."""
        return bool(quote.strip()) and self._texts.get(path, "")[start:end] == quote

    def holds(self, path: str) -> bool:
        """Tell whether there is a document under this path."""
        return path in self._texts

    def resolve(self, question: Question, notes: list[str]) -> Question:
        """Find a question's evidence in the documents, so that each item has a library path and offsets.

        Raises GoldError when a document isn't there or says something else at the offsets. A quote without offsets
        that can't be found stays without, is noted, and counts as never retrieved; so does a judged document that isn't
        there, which keeps its name.
        """
        evidence = tuple(self._locate(item, question.id, notes) for item in question.evidence)
        judged = tuple((self._path(name) or name, grade) for name, grade in question.judged)
        return replace(question, evidence=evidence, judged=judged)

    def _locate(self, item: Evidence, asked: str, notes: list[str]) -> Evidence:
        path = self._path(item.document)
        if path is None:
            raise GoldError(f"question {asked}: the library has no document {item.document!r}; index it, or correct it")
        text = self._texts[path]
        if item.start is not None and item.end is not None:
            if (found := text[item.start : item.end]) != item.quote:
                raise GoldError(
                    f"question {asked}: {item.document} says {found[:60]!r} at {item.start}-{item.end}, "
                    f"not {item.quote[:60]!r}"
                )
            return replace(item, document=path)
        place = find_quote(text, item.quote)
        if place is None:
            notes.append(f"question {asked}: {item.document}, as it was read, doesn't say {item.quote[:60]!r}")
        start, end = place or (None, None)
        return Evidence(path, start, end, item.quote)

    def _path(self, name: str) -> str | None:
        """Find the document that gold calls `name`: a path, the end of one, or a file name."""
        wanted = "/" + name.replace("\\", "/").lstrip("/")
        named = self._canonical.get(wanted.rsplit("/", 1)[-1], [])
        found = {known_as for path, known_as in named if path.endswith(wanted)}
        if len(found) > 1:
            raise GoldError(f"{name!r} is the name of {len(found)} documents: {', '.join(sorted(found)[:3])}")
        return next(iter(found), None)


def find_quote(text: str, quote: str) -> tuple[int, int] | None:
    """Find a quote in a text with white space left out of both: a web page's markup puts it anywhere."""
    places = [i for i, c in enumerate(text) if not c.isspace()]
    wanted = "".join(quote.split())
    at = "".join(text[i] for i in places).find(wanted)
    return (places[at], places[at + len(wanted) - 1] + 1) if wanted and at >= 0 else None


def _on_disk(path: str) -> str | None:
    file = Path(path)
    if file.suffix.lower() not in _PLAIN:
        return None
    try:
        return file.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError):
        return None
