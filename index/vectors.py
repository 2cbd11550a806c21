"""Nearest-neighbour search over the stored vectors: a FAISS file derived from the database.

The file is named by the generation of the library it was made from and by its own checksum. Missing, stale or damaged,
it is made again from the vectors in the database, without embedding anything. FAISS is never handed a file whose
checksum is wrong: it can crash on one.
"""

from __future__ import annotations

import hashlib
import os
import re
import threading
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from index.store import Store

if TYPE_CHECKING:
    from index.embedder import Vectors

_NAME = re.compile(r"vectors-(\d+)-([0-9a-f]{16})\.faiss")


class VectorIndex:
    """Exact inner-product search over all chunks of one generation of a library."""

    def __init__(self, index: Any, generation: int) -> None:  # noqa: ANN401 - faiss ships no types
        self._index = index
        self.generation = generation

    @classmethod
    def open(cls, folder: Path, store: Store) -> VectorIndex:
        """Load the index of the library's present generation, or make it from the stored vectors."""
        generation = store.generation
        for file in folder.glob(f"vectors-{generation}-*.faiss"):
            if (index := _load(file)) is not None:
                return cls(index, generation)
        return cls.build(folder, store)

    @classmethod
    def build(cls, folder: Path, store: Store) -> VectorIndex:
        """Make the index from the stored vectors and write it beside the database (where that is allowed)."""
        import faiss
        import numpy as np

        with store.snapshot():
            generation = store.generation
            ids, vectors = store.vectors()
        index = faiss.IndexIDMap2(faiss.IndexFlatIP(vectors.shape[1] or 1))
        if ids:
            index.add_with_ids(vectors, np.array(ids, dtype=np.int64))
        with suppress(OSError):  # a read-only library is still searched, from memory
            _save(faiss.serialize_index(index).tobytes(), folder, generation)
        return cls(index, generation)

    def search(self, vector: Vectors, k: int) -> list[tuple[int, float]]:
        """Find the `k` chunks nearest to one vector, shape (dimension,): chunk ids and cosines, best first."""
        k = min(k, self._index.ntotal)
        if k == 0:
            return []
        scores, ids = self._index.search(vector.reshape(1, -1), k)
        return [(int(i), float(score)) for i, score in zip(ids[0], scores[0], strict=True) if i >= 0]


def _load(file: Path) -> Any:  # noqa: ANN401
    import faiss
    import numpy as np

    named = _NAME.fullmatch(file.name)
    try:
        data = file.read_bytes()
    except OSError:  # a writer has just replaced it
        return None
    if named is None or _checksum(data) != named.group(2):
        return None
    return faiss.deserialize_index(np.frombuffer(data, dtype=np.uint8))


def _save(data: bytes, folder: Path, generation: int) -> None:
    target = folder / f"vectors-{generation}-{_checksum(data)}.faiss"
    temporary = folder / f".vectors-{os.getpid()}-{threading.get_ident()}.tmp"
    with temporary.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(target)
    for leftover in folder.glob(".vectors-*.tmp"):  # of a process that was killed
        leftover.unlink(missing_ok=True)
    for other in folder.glob("vectors-*.faiss"):
        named = _NAME.fullmatch(other.name)
        if other != target and (named is None or int(named.group(1)) <= generation):
            other.unlink(missing_ok=True)


def _checksum(data: bytes) -> str:
    return hashlib.blake2b(data, digest_size=8).hexdigest()
