"""One library: a folder with `library.db` and what is derived from it. Knows documents, not questions."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from index.analysis import query_terms
from index.embedder import EmbeddingModel
from index.errors import EmbedderMismatch, LibraryBusy, LibraryError, LibraryMissing
from index.scope import EVERYTHING, Extent, Scope, select
from index.store import Store, StoredEmbedder
from index.types import Passage
from index.vectors import VectorIndex

if TYPE_CHECKING:
    from index.embedder import Vectors


_EXTENTS = 8  # kept, for as many filters in use at a time


class Library:
    """A library opened for reading; `writing()` gives the writer's lock. Any thread may use it."""

    def __init__(self, folder: Path, store: Store) -> None:
        self.folder = folder
        self.store = store
        self._vectors: VectorIndex | None = None
        self._refreshing = threading.Lock()
        self._measured = lru_cache(maxsize=_EXTENTS)(self._measure)

    @classmethod
    def open(cls, folder: Path) -> Library:
        """Open an existing library. Raises LibraryMissing or LibraryError."""
        return cls(folder, Store.open(folder))

    @classmethod
    def create(cls, folder: Path) -> Library:
        """Open a library, making it when missing. Raises LibraryError when the folder can't be written."""
        return cls(folder, Store.create(folder))

    def close(self) -> None:
        """Close the database."""
        self.store.close()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the writer's lock.

        Raises LibraryBusy when another process has it, LibraryMissing when the library was deleted meanwhile.
        """
        from filelock import FileLock, Timeout

        if not self.store.in_place:
            raise LibraryMissing(f"the library {self.folder} was deleted or replaced while it was in use; start again")
        try:
            with FileLock(self.folder / "write.lock", timeout=0):
                yield
        except Timeout:
            raise LibraryBusy(f"another rag is writing to {self.folder}; wait for it to finish") from None
        except PermissionError as error:
            raise LibraryError(f"can't write to the library folder {self.folder}: {error.strerror}") from None

    def check_embedder(self, model: EmbeddingModel) -> None:
        """Raise EmbedderMismatch when the library answers with another model's vectors."""
        own = self.store.embedder
        if own and own.fingerprint != model.fingerprint:
            raise EmbedderMismatch(
                f"the library {self.folder} was made with the embedding model {own.name}, "
                f"not with {model.name}; embed it again with: rag index --rebuild --library {self.folder}"
            )

    def answer_with(self, embedder: StoredEmbedder) -> None:
        """Answer with another model's vectors, which every chunk must have, from now on; for the writer.

        The file that they are searched with is made before: a question doesn't wait for it.
        """
        VectorIndex.renewed(self.folder, self.store, embedder.fingerprint)
        with self.store.transaction():
            self.store.embedder = embedder

    def refresh_vectors(self) -> VectorIndex:
        """Return the vector index of the library's present state, loading or making it when it has changed.

        One thread does so at a time; the others wait, and then have it too.
        """
        with self._refreshing:
            if self._vectors is None or self._vectors.embedder != self._embedder:
                self._vectors = VectorIndex.open(self.folder, self.store, self._embedder)
            elif self._vectors.generation != self.store.generation:
                self._vectors = self._vectors.refreshed(self.folder, self.store)
            return self._vectors

    def renew(self) -> None:
        """When much has changed, make the file of vectors that others search with anew, and merge the full text.

        For the writer.
        """
        if self._vectors is None and self.vectors_are_kept:
            return  # loading it would take longer than a run with nothing to do
        with self._refreshing:
            if renewed := VectorIndex.renewed(self.folder, self.store, self._embedder, self._vectors):
                self._vectors = renewed
                self.store.merge_terms()

    @property
    def vectors_are_kept(self) -> bool:
        """Whether the file that is searched with is there, of the library's present state."""
        return VectorIndex.is_kept(self.folder, self.store, self._embedder)

    @property
    def _embedder(self) -> str:
        own = self.store.embedder
        return own.fingerprint if own else ""

    def within(self, scope: Scope) -> Extent | None:
        """Work out what a scope holds of the library's present state; None when that is everything.

        Raises UsageError when it holds nothing, or names a language or a path that no document has.
        """
        if scope == EVERYTHING:
            return None
        with self.store.snapshot():
            return self._measured(scope, self.store.generation, self.store.catalogue)

    def _measure(self, scope: Scope, generation: int, catalogue: int) -> Extent:
        files, undated = select(scope, self.store.inventory())
        paths: dict[str, list[str]] = {}
        for file in files:
            paths.setdefault(str(file.document_id), []).append(file.path)
        days = sorted(file.date for file in files if file.date)
        chunks = self.store.chunk_ids(paths)
        return Extent(paths, chunks, days[0] if days else None, days[-1] if days else None, undated)

    def dates(self, scope: Scope = EVERYTHING) -> tuple[str | None, str | None]:
        """Dates of the oldest and the newest document within a scope; None when none states one."""
        extent = self.within(scope)
        return (extent.oldest, extent.newest) if extent else self.store.dates()

    def dense(self, vector: Vectors, k: int, scope: Scope = EVERYTHING) -> list[tuple[int, float]]:
        """Find the `k` chunks nearest to a question's vector: chunk ids and cosines, best first."""
        with self.store.snapshot():
            extent = self.within(scope)
            return self.refresh_vectors().search(vector, k, extent.chunks if extent else None)

    def bm25(self, question: str, k: int, scope: Scope = EVERYTHING) -> list[tuple[int, float]]:
        """Rank chunks by the words of a question: chunk ids and BM25 scores, best first."""
        with self.store.snapshot():
            extent = self.within(scope)
            terms = query_terms(question, self.store.languages())
            return self.store.bm25(terms, k, extent.chunks if extent else None)

    def passages(self, scored: Sequence[tuple[int, float]], scope: Scope = EVERYTHING) -> list[Passage]:
        """Read the chunks of a ranking with their documents; chunks removed meanwhile are left out.

        A document with copies goes by the path of one that is within the scope.
        """
        extent = self.within(scope)
        chunks = self.store.chunks([number for number, _ in scored])
        documents = self.store.documents(chunk.document_id for chunk in chunks.values())
        if extent:
            documents = {i: extent.named(document) for i, document in documents.items()}
        return [
            Passage(chunks[number], documents[chunks[number].document_id], score)
            for number, score in scored
            if number in chunks
        ]
