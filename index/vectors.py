"""Nearest-neighbour search over the stored vectors: a FAISS file derived from the database, and what came after it.

The file holds the vectors of one embedding model for the chunks of one generation of the library. It is named by both,
by its last chunk and by its own checksum. Chunks are never changed, only removed, and added with higher numbers: so the
file of an earlier generation still serves. What came after it is searched beside it, what has gone is passed over, and
when that has become much the file is made anew. Missing or damaged, it is made again from the vectors in the database,
without embedding anything. FAISS is never handed a file whose checksum is wrong: it can crash on one. The file is
mapped, not read.

Up to EXACT vectors the search is exact. Above, it looks into a few lists of an inverted file with scalar quantisation
(Jégou et al. 2011); `python -m eval.million` measures what that gains and loses.
"""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from index.models import file_sha256, sha256
from index.store import Store

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from index.embedder import Vectors

EXACT = 50_000
PROBES = 32  # lists that are looked into
_PER_LIST = 64  # vectors that each list's centre is learnt from
_RANGED = 20_000  # of these, that the ranges of the quantisation are learnt from: those are copied meanwhile
_SMALL = 20_000  # vectors: a file of so few is made anew after every change, one of more when
_CHANGED = 0.1  # of it has come or gone since
_BLOCK = 2_000  # vectors read at a time: 5 MB
_LARGE = 100 * 2**20  # bytes; the checksum of such a file is remembered, as long as it isn't written to

_NAME = re.compile(r"vectors-([\w-]*)-(\d+)-(\d+)-([0-9a-f]{16})\.faiss")


class VectorIndex:
    """Inner-product search over all chunks of one generation of a library, by the vectors of one model. Never changes.

    `embedder` is that model's fingerprint.
    """

    def __init__(
        self,
        embedder: str,
        index: Any,  # noqa: ANN401 - faiss ships no types
        made: int,
        last: int,
        store: Store,
        former: VectorIndex | None = None,
    ) -> None:
        """Take a FAISS index `made` at an earlier generation with chunks up to number `last`, and look what changed.

        `former` has the same FAISS index: what it has read already isn't read again.
        """
        import numpy as np

        self.embedder = embedder
        self._index, self._made, self._last = index, made, last
        with store.snapshot():
            self.generation = store.generation
            held = store.chunk_numbers(until=last) if store.shrunk > made else None
            new = store.chunk_numbers(after=last)
            known = former._new if former else new[:0]
            unread = np.setdiff1d(new, known, assume_unique=True)
            _, read = store.vectors(unread.tolist(), embedder=embedder)
        still = np.isin(known, new, assume_unique=True)
        self._new: NDArray[np.int64] = np.concatenate([known[still], unread])
        self._vectors: Vectors = _joined(former._vectors[still] if former else read, read if former else read[:0])
        self._held: NDArray[np.bool_] | None = None if held is None else _bits(held, last)
        self._changed = len(new) + (0 if held is None else index.ntotal - len(held))  # as _changes

    @classmethod
    def open(cls, folder: Path, store: Store, embedder: str) -> VectorIndex:
        """Search the library's present generation, with the newest file that can be trusted or one made now."""
        for index, made, last in _loaded(folder, store, embedder):
            if _changes(index, made, last, store) <= max(_SMALL, index.ntotal):
                return cls(embedder, index, made, last, store)
        return cls.build(folder, store, embedder)

    @classmethod
    def renewed(
        cls, folder: Path, store: Store, embedder: str, present: VectorIndex | None = None
    ) -> VectorIndex | None:
        """Make the file anew when much has changed since the newest, or the one `present`; None where that serves on.

        For the writer: what came after the file is counted, not read.
        """
        served = [(present._index, present._made, present._last)] if present and present.embedder == embedder else None
        newest = next(iter(served or _loaded(folder, store, embedder)), None)
        if newest and _changes(*newest, store) <= _bearable(newest[0]):
            return None
        return cls.build(folder, store, embedder)

    @staticmethod
    def is_kept(folder: Path, store: Store, embedder: str) -> bool:
        """Tell whether a file of the library's present generation is there; whether it is sound shows on loading."""
        return any(made == store.generation for _, made, _ in _files(folder, embedder))

    def refreshed(self, folder: Path, store: Store) -> VectorIndex:
        """The same for the library's present generation."""
        if self.outdated:  # by now there may be a newer file
            return VectorIndex.open(folder, store, self.embedder)
        return VectorIndex(self.embedder, self._index, self._made, self._last, store, self)

    @property
    def outdated(self) -> bool:
        """Whether so much has changed since the file was made that another would pay."""
        return self._changed > _bearable(self._index)

    @classmethod
    def build(cls, folder: Path, store: Store, embedder: str) -> VectorIndex:
        """Make the index from the stored vectors and write it beside the database (where that is allowed)."""
        import numpy as np

        with store.snapshot():
            made = store.generation
            numbers = store.chunk_numbers()
            index = _empty(store, numbers, embedder)
            for start in range(0, len(numbers), _BLOCK):
                after = numbers[start - 1] if start else 0
                ids, vectors = store.vectors(after=int(after), most=_BLOCK, embedder=embedder)
                index.add_with_ids(vectors, np.array(ids, dtype=np.int64))
            last = int(numbers[-1]) if len(numbers) else 0
            with suppress(OSError):  # a read-only library is still searched, from memory
                index = _load(_save(index, folder, embedder, made, last)) or index
            return cls(embedder, index, made, last, store)

    def search(self, vector: Vectors, k: int, among: Sequence[int] | None = None) -> list[tuple[int, float]]:
        """Find the `k` chunks nearest to one vector, shape (dimension,): chunk ids and cosines, best first.

        With `among`, chunk ids, no others are looked at, and all of those are.
        """
        import faiss
        import numpy as np

        faiss.omp_set_num_threads(1)  # in this thread: for one vector, waiting for others takes longer than the search
        chosen = None if among is None else _bits(np.array(among, dtype=np.int64), self._last)
        allowed = chosen if self._held is None else self._held if chosen is None else self._held & chosen
        found: list[tuple[float, int]] = []
        if wanted := min(k, self._index.ntotal):
            everywhere = among is not None
            scores, ids = self._index.search(
                vector.reshape(1, -1), wanted, params=_parameters(self._index, allowed, everywhere)
            )
            found = [(float(score), int(i)) for i, score in zip(ids[0], scores[0], strict=True) if i >= 0]
        if len(self._new):
            scores = self._vectors @ vector
            here = np.arange(len(scores)) if among is None else np.flatnonzero(np.isin(self._new, among))
            best = here[np.argsort(-scores[here], kind="stable")[:k]]
            found += [(float(scores[i]), int(self._new[i])) for i in best]
            found.sort(key=lambda one: -one[0])
        return [(number, score) for score, number in found[:k]]


def _empty(store: Store, numbers: NDArray[np.int64], embedder: str) -> Any:  # noqa: ANN401
    """Make an index without vectors, of the kind for so many; that of many learns from a sample of them."""
    import faiss
    import numpy as np

    _, one = store.vectors(numbers[:1].tolist(), embedder=embedder)
    dimension = one.shape[1] or 1
    if len(numbers) <= EXACT:
        flat: Any = faiss.IndexFlatIP(dimension)
        flat.codes.resize(len(numbers) * flat.code_size)  # room for all of them, which clearing leaves:
        flat.codes.clear()  # growing, they would be there twice at times
        return faiss.IndexIDMap2(flat)
    lists = 1 << round(np.log2(4 * np.sqrt(len(numbers))))
    index: Any = faiss.IndexIVFScalarQuantizer(
        faiss.IndexFlatIP(dimension), dimension, lists, faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT
    )
    size = min(len(numbers), lists * _PER_LIST)
    sample = np.random.default_rng(0).choice(numbers, size, replace=False)
    vectors = np.empty((size, dimension), np.float32)
    for start in range(0, size, _BLOCK):
        _, vectors[start : start + _BLOCK] = store.vectors(sample[start : start + _BLOCK].tolist(), embedder=embedder)
    python: Any = faiss  # its stubs know the C++ signatures alone
    index.train_q1(size, python.swig_ptr(vectors), False, faiss.METRIC_INNER_PRODUCT)
    index.train(vectors[:_RANGED])
    return index


def _joined(some: Vectors, more: Vectors) -> Vectors:
    import numpy as np

    return np.concatenate([some, more]) if len(some) and len(more) else some if len(some) else more


def _bits(numbers: NDArray[np.int64], last: int) -> NDArray[np.bool_]:
    import numpy as np

    bits = np.zeros(last + 1, dtype=bool)
    bits[numbers[numbers <= last]] = True
    return bits


def _parameters(index: Any, allowed: NDArray[np.bool_] | None, everywhere: bool) -> Any:  # noqa: ANN401
    """Make what a search is told: which chunks it may find, and how many lists it looks into."""
    import faiss
    import numpy as np

    python: Any = faiss  # its stubs know the C++ signatures alone
    kept = {}
    if allowed is not None:
        kept = {"sel": python.IDSelectorBitmap(np.packbits(allowed, bitorder="little"))}
    if isinstance(index, faiss.IndexIVF):
        return python.SearchParametersIVF(nprobe=index.nlist if everywhere else PROBES, **kept)
    return python.SearchParameters(**kept) if kept else None


def _files(folder: Path, embedder: str) -> Iterator[tuple[Path, int, int]]:
    """Find a model's vector files, the newest first: each with the generation it was made at and its last chunk."""
    named = [(file, match) for file in folder.glob("vectors-*.faiss") if (match := _NAME.fullmatch(file.name))]
    found = [(file, int(match[2]), int(match[3])) for file, match in named if match[1] == embedder]
    yield from sorted(found, key=lambda one: -one[1])


def _loaded(folder: Path, store: Store, embedder: str) -> Iterator[tuple[Any, int, int]]:
    """Load those of a model's vector files that can be trusted, the newest first, as `_files` finds them."""
    for file, made, last in _files(folder, embedder):
        if made <= store.generation and (index := _load(file)) is not None:
            yield index, made, last


def _changes(index: Any, made: int, last: int, store: Store) -> int:  # noqa: ANN401
    """Count the chunks that have come and gone since a file was made, without reading them."""
    gone = index.ntotal - store.chunk_count(until=last) if store.shrunk > made else 0
    return gone + store.chunk_count(after=last)


def _bearable(index: Any) -> float:  # noqa: ANN401
    """How many chunks may come and go before another file pays."""
    return 0 if index.ntotal <= _SMALL else _CHANGED * index.ntotal


def _load(file: Path) -> Any:  # noqa: ANN401
    """Map a vector file; None when it isn't what its name says."""
    import faiss

    named = _NAME.fullmatch(file.name)
    try:
        checksum = file_sha256 if file.stat().st_size > _LARGE else sha256
        if named is None or checksum(file)[:16] != named[4]:
            return None
        return faiss.read_index(str(file), faiss.IO_FLAG_MMAP_IFC)
    except (OSError, RuntimeError):  # a writer has just replaced it
        return None


def _save(index: Any, folder: Path, embedder: str, generation: int, last: int) -> Path:  # noqa: ANN401
    """Write a vector file, whole and safe from a crash, and drop those that it replaces."""
    import faiss

    temporary = folder / f".vectors-{os.getpid()}-{threading.get_ident()}.tmp"
    try:
        faiss.write_index(index, str(temporary))
    except RuntimeError as error:
        raise OSError(str(error)) from error
    with temporary.open("rb") as file:
        os.fsync(file.fileno())
    target = folder / f"vectors-{embedder}-{generation}-{last}-{sha256(temporary)[:16]}.faiss"
    temporary.replace(target)
    for leftover in folder.glob(".vectors-*.tmp"):  # of a process that was killed
        leftover.unlink(missing_ok=True)
    for other in folder.glob("vectors-*.faiss"):
        named = _NAME.fullmatch(other.name)
        if other != target and (named is None or (named[1] == embedder and int(named[2]) <= generation)):
            other.unlink(missing_ok=True)
    return target


def forget(folder: Path, embedder: str) -> None:
    """Drop the vector files of a model."""
    for file, _, _ in _files(folder, embedder):
        file.unlink(missing_ok=True)
