"""What a library knows of near copies among its documents: which they are, and which passages stand in which.

`index.duplicates` finds it, this file keeps it. Only facts on pairs are kept, and they go with either document: when
the one that comes first is removed, the other takes its place at once.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from index.store import Store
from index.types import Chunk, Voice

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Hashes = NDArray[np.uint64]

_SINCE = 4  # the version of a library's format that has these tables
# Of near copies the oldest comes first, then the longest, then by path; what has no date comes last.
_ORDER = "coalesce({0}.date, '9'), -{0}_signature.length, {0}.path"


@dataclass(frozen=True, slots=True)
class Signature:
    """A document that was compared: the length of its text, and the buckets that it is in, shape (16,) or (0,)."""

    document_id: str
    length: int
    buckets: Hashes


@dataclass(frozen=True, slots=True)
class Pair:
    """Two documents that were compared.

    `same` is the share of their text that near copies have in common, None when they are none. `repeats` are chunks of
    the one that say nothing that the other doesn't say too: their ids, each with that of the other document.
    """

    one: str
    other: str
    same: float | None
    repeats: Sequence[tuple[int, str]]


@dataclass(frozen=True, slots=True)
class NearCopy:
    """A document that is a near copy of another, which comes first: their paths, and the share that is the same."""

    path: str
    of: str
    same: float

    @property
    def percent(self) -> int:
        """The share in full percent: 100 only where all is the same."""
        return int(100 * self.same)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a document is from, without its text; `length` is the text's, in characters, 0 until it is compared."""

    id: str
    path: str
    date: str | None
    length: int


class Copies:
    """The near copies in a library. Any thread may use it."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def pending(self) -> list[str]:
        """List the documents that were not compared with the others yet."""
        rows = self._store.run("SELECT id FROM documents WHERE id NOT IN (SELECT document_id FROM signatures)")
        return sorted(document_id for (document_id,) in rows)

    def buckets(self) -> tuple[list[str], Hashes]:
        """Read which buckets the documents are in that are in any: their ids, and the buckets, shape (n, 16)."""
        import numpy as np

        rows = self._store.run("SELECT document_id, buckets FROM signatures WHERE buckets <> x''")
        stored = np.frombuffer(b"".join(found for _, found in rows), dtype="<u8").astype(np.uint64)
        return [document_id for document_id, _ in rows], stored.reshape(len(rows), -1 if rows else 16)

    def chunks(self, document_id: str) -> list[Chunk]:
        """Read a document's chunks, in order."""
        sql = "SELECT id, document_id, start, end, voice FROM chunks WHERE document_id = ? ORDER BY start"
        rows = self._store.run(sql, (document_id,))
        return [Chunk(number, document, start, end, cast(Voice, voice)) for number, document, start, end, voice in rows]

    def put(self, signatures: Sequence[Signature], pairs: Sequence[Pair]) -> None:
        """Store what was found of some documents, all or nothing."""
        with self._store.transaction():
            for one in signatures:
                stored = one.buckets.astype("<u8").tobytes()
                self._store.run("INSERT INTO signatures VALUES (?, ?, ?)", (one.document_id, one.length, stored))
            for pair in pairs:
                if pair.same is not None:
                    for row in ((pair.one, pair.other, pair.same), (pair.other, pair.one, pair.same)):
                        self._store.run("INSERT OR REPLACE INTO near_copies VALUES (?, ?, ?)", row)
                for repeated in pair.repeats:
                    self._store.run("INSERT OR REPLACE INTO repeats VALUES (?, ?)", repeated)

    def holders(self, chunks: Collection[int]) -> dict[int, dict[str, str]]:
        """Tell of each of some chunks which other documents say all that it says: their paths by id, in order."""
        if self._store.version < _SINCE:
            return {}
        sql = (
            "SELECT chunk_id, d.id, d.path FROM repeats JOIN documents d ON d.id = repeats.document_id "
            "JOIN signatures d_signature ON d_signature.document_id = d.id "
            f"WHERE chunk_id IN (SELECT value FROM json_each(?)) ORDER BY {_ORDER.format('d')}"
        )
        found: dict[int, dict[str, str]] = {}
        for chunk, document_id, path in self._store.run(sql, (json.dumps(list(chunks)),)):
            found.setdefault(chunk, {})[document_id] = path
        return found

    def origins(self, documents: Iterable[str]) -> dict[str, Origin]:
        """Read where documents are from, by id."""
        columns, table = "id, path, date, 0", "documents"
        if self._store.version >= _SINCE:
            columns, table = "id, path, date, coalesce(length, 0)", "documents LEFT JOIN signatures ON document_id = id"
        sql = f"SELECT {columns} FROM {table} WHERE id IN (SELECT value FROM json_each(?))"
        return {row[0]: Origin(*row) for row in self._store.run(sql, (json.dumps(list(set(documents))),))}

    def families(self, documents: Collection[str]) -> dict[str, str]:
        """Name for each of some documents its family: the same for those of them that are near copies."""
        family = {document_id: document_id for document_id in documents}
        if self._store.version < _SINCE:
            return family
        sql = "SELECT document_id, other_id FROM near_copies WHERE document_id IN (SELECT value FROM json_each(?))"
        for one, other in self._store.run(sql, (json.dumps(list(family)),)):
            if other in family and family[one] != family[other]:
                former, name = family[one], family[other]
                family = {i: name if kin == former else kin for i, kin in family.items()}
        return family

    def all(self) -> dict[str, NearCopy]:
        """List by id the documents that are near copies, each with the first document that it is a near copy of."""
        if self._store.version < _SINCE:
            return {}
        first, second = _ORDER.format("o"), _ORDER.format("d")
        rows = self._store.run(
            "SELECT d.id, d.path, o.path, near_copies.same FROM near_copies "
            "JOIN documents d ON d.id = near_copies.document_id JOIN signatures d_signature "
            "ON d_signature.document_id = d.id JOIN documents o ON o.id = near_copies.other_id "
            "JOIN signatures o_signature ON o_signature.document_id = o.id "
            f"WHERE ({first}) < ({second}) ORDER BY d.path, {first}"
        )
        found: dict[str, NearCopy] = {}
        for document_id, path, original, same in rows:
            found.setdefault(document_id, NearCopy(path, original, same))
        return found
