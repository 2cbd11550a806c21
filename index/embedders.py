"""Whose vectors a library keeps: those of the embedding model that answers, and of others that did or are about to.

`index.switch` has them made, this file keeps them. A vector goes with its chunk, whichever model it is by.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, dataclass
from typing import TYPE_CHECKING

from index.store import Store, StoredEmbedder

if TYPE_CHECKING:
    from index.embedder import Vectors

_SINCE = 6  # the version of a library's format that has these tables


@dataclass(frozen=True, slots=True)
class Kept:
    """A model, how many chunks have a vector of it, and what these vectors take, in bytes."""

    embedder: StoredEmbedder
    chunks: int
    size: int


class Embedders:
    """The vectors of several models in one library."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def kept(self) -> list[Kept]:
        """List the models that there are vectors of, by name."""
        if self._store.version < _SINCE:
            return []
        rows = self._store.run(
            "SELECT fingerprint, name, setting, count(*), sum(length(vector)) "
            "FROM vectors JOIN embedders ON fingerprint = embedder GROUP BY fingerprint ORDER BY name, fingerprint"
        )
        return [Kept(StoredEmbedder(*row[:3]), *row[3:]) for row in rows]

    def lacking(self, fingerprint: str) -> int:
        """Count the chunks without a vector of a model."""
        return int(self._store.value(f"SELECT count(*) FROM chunks WHERE {_LACKING}", fingerprint))

    def next_lacking(self, fingerprint: str, after: int, most: int) -> list[int]:
        """Return the first chunks above a number without a vector of a model: their ids, ascending."""
        sql = f"SELECT id FROM chunks WHERE {_LACKING} AND id > ? ORDER BY id LIMIT ?"
        return [int(i) for (i,) in self._store.run(sql, (fingerprint, after, most))]

    def put(self, embedder: StoredEmbedder, chunks: Sequence[int], vectors: Vectors) -> None:
        """Write the vectors of some chunks, shape (chunks, dimension), by any model."""
        self._store.run("INSERT OR REPLACE INTO embedders VALUES (?, ?, ?)", astuple(embedder))
        for chunk, vector in zip(chunks, vectors, strict=True):
            self._store.put_vector(chunk, embedder.fingerprint, vector)

    def forget(self, fingerprints: Sequence[str]) -> None:
        """Drop the vectors of some models, in a transaction of its own, and give their space back."""
        with self._store.transaction():
            for fingerprint in fingerprints:
                self._store.run("DELETE FROM vectors WHERE embedder = ?", (fingerprint,))
                self._store.run("DELETE FROM embedders WHERE fingerprint = ?", (fingerprint,))
        self._store.run("VACUUM")


_LACKING = "NOT EXISTS (SELECT 1 FROM vectors WHERE chunk_id = chunks.id AND embedder = ?)"
