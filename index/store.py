"""The library's truth: one SQLite file with documents, chunks, sentences, vectors and full text.

Knows SQL and nothing else of what the rest does. One writer, any number of readers (WAL); every document is written,
replaced or removed in one transaction, and each change of the chunks raises the generation. What is derived
(`vectors.faiss`) carries the generation it was made from.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import apsw

from index.errors import LibraryError, LibraryMissing
from index.places import DATABASE
from index.types import Chunk, Document, Sentence, Voice

if TYPE_CHECKING:
    from index.chunks import Span
    from index.embedder import Vectors

SCHEMA_VERSION = 1
_SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE documents (
    id TEXT PRIMARY KEY, path TEXT NOT NULL, title TEXT NOT NULL, date TEXT, language TEXT NOT NULL, text TEXT NOT NULL,
    sentences BLOB NOT NULL  -- int32 pairs: start, end
);
CREATE TABLE files (
    path TEXT PRIMARY KEY, document_id TEXT REFERENCES documents ON DELETE SET NULL,
    size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL, seen_ns INTEGER NOT NULL,
    problem TEXT  -- why the file could not be read; then document_id is NULL
) WITHOUT ROWID;
CREATE INDEX files_by_document ON files (document_id);
CREATE TABLE chunks (
    id INTEGER PRIMARY KEY AUTOINCREMENT, document_id TEXT NOT NULL REFERENCES documents ON DELETE CASCADE,
    start INTEGER NOT NULL, end INTEGER NOT NULL, page INTEGER, voice TEXT NOT NULL,
    vector BLOB NOT NULL  -- float16, length 1
);
CREATE INDEX chunks_by_document ON chunks (document_id);
CREATE VIRTUAL TABLE fulltext USING fts5 (
    terms, content='', contentless_delete=1, tokenize="unicode61 remove_diacritics 0 tokenchars '_'"
);
"""


@dataclass(frozen=True, slots=True)
class FileRecord:
    """What is known of one file on disk: its document, or the problem that kept it from being read."""

    path: str
    document_id: str | None
    size: int
    mtime_ns: int
    seen_ns: int
    problem: str | None = None


class Store:
    """The SQLite file of a library. Use `open` for an existing one, `create` to make it when missing."""

    def __init__(self, connection: apsw.Connection) -> None:
        self._db = connection

    @classmethod
    def open(cls, folder: Path) -> Store:
        """Open a library's database for reading and writing.

        Raises LibraryMissing when there is none, LibraryError when it is damaged or of a newer version.
        """
        file = folder / DATABASE
        if not file.is_file():
            raise _missing(folder)
        return cls._connect(file)

    @classmethod
    def create(cls, folder: Path) -> Store:
        """Open a library's database, making it (and the folder) when missing.

        Raises LibraryError when the folder can't be written.
        """
        try:
            folder.mkdir(parents=True, exist_ok=True)
            return cls._connect(folder / DATABASE, create=True)
        except (OSError, apsw.CantOpenError, apsw.ReadOnlyError) as error:
            reason = getattr(error, "strerror", None) or error
            problem = f"can't write to the library folder {folder}: {reason}; choose another with --library"
            raise LibraryError(problem) from None

    @classmethod
    def _connect(cls, file: Path, create: bool = False) -> Store:
        flags = apsw.SQLITE_OPEN_READWRITE | (apsw.SQLITE_OPEN_CREATE if create else 0)
        try:
            db = _open(file, flags)
            version = db.pragma("user_version")
            if version == 0 and not create:  # its making was interrupted
                raise _missing(file.parent)
            if version == 0:
                db.pragma("journal_mode", "wal")
                with db:
                    if db.pragma("user_version") == 0:
                        db.execute(_SCHEMA)
                        db.pragma("user_version", SCHEMA_VERSION)
            elif version != SCHEMA_VERSION:
                raise LibraryError(
                    f"{file} has format {version}, this program reads {SCHEMA_VERSION}; "
                    "index the documents again into a new library (--library NAME)"
                )
            db.pragma("foreign_keys", True)
            db.pragma("synchronous", "FULL")  # a document reported as done survives a power cut
        except (apsw.NotADBError, apsw.CorruptError) as error:
            raise _damaged(str(file), error) from error
        return cls(db)

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Write all or nothing, with the writer's lock from the beginning."""
        self._run("BEGIN IMMEDIATE")
        try:
            yield
            self._run("COMMIT")
        except BaseException:
            if self._db.in_transaction:
                self._run("ROLLBACK")
            raise

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Read one state of the library, whatever a writer does meanwhile. May be nested."""
        if self._db.in_transaction:
            yield
            return
        self._run("BEGIN")
        try:
            yield
        finally:
            self._run("COMMIT")

    # --- meta -------------------------------------------------------------------------------------------------------

    def meta(self, key: str) -> Any:  # noqa: ANN401 - text or number, as it was put in
        """Return a stored fact about the library, None when there is none."""
        return self._value("SELECT value FROM meta WHERE key = ?", key)

    def set_meta(self, key: str, value: str | int) -> None:
        """Store a fact about the library."""
        self._run("INSERT INTO meta VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value", (key, value))

    @property
    def generation(self) -> int:
        """How many times the library's chunks have changed."""
        return int(self.meta("generation") or 0)

    def languages(self) -> list[str]:
        """Languages of the documents, the most frequent first."""
        rows = self._run("SELECT language FROM documents GROUP BY language ORDER BY count(*) DESC, language")
        return [str(language) for (language,) in rows]

    def counts(self) -> tuple[int, int]:
        """Count documents and chunks."""
        return int(self._value("SELECT count(*) FROM documents")), int(self._value("SELECT count(*) FROM chunks"))

    def dates(self) -> tuple[str | None, str | None]:
        """Dates of the oldest and the newest document, "YYYY-MM-DD"; None when no document states one."""
        oldest, newest = self._run("SELECT min(date), max(date) FROM documents")[0]
        return oldest, newest

    # --- files ------------------------------------------------------------------------------------------------------

    def files(self) -> dict[str, FileRecord]:
        """All known files by path."""
        rows = self._run("SELECT path, document_id, size, mtime_ns, seen_ns, problem FROM files ORDER BY path")
        return {record.path: record for record in (FileRecord(*row) for row in rows)}

    def put_file(self, record: FileRecord) -> None:
        """Remember a file; drops its former document when no other file has it."""
        self._forget_unless_shared(record.path, record.document_id)
        self._run(
            "INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?, ?)",
            (record.path, record.document_id, record.size, record.mtime_ns, record.seen_ns, record.problem),
        )

    def remove_file(self, path: str) -> None:
        """Forget a file, and its document when no other file has it."""
        self._forget_unless_shared(path, None)
        self._run("DELETE FROM files WHERE path = ?", (path,))

    def _forget_unless_shared(self, path: str, successor: str | None) -> None:
        former = self._value("SELECT document_id FROM files WHERE path = ?", path)
        if former is None or former == successor:
            return
        heir = self._value("SELECT path FROM files WHERE document_id = ? AND path <> ? ORDER BY path", former, path)
        if heir is None:
            self._remove_document(former)
        else:
            self._run("UPDATE documents SET path = ? WHERE id = ? AND path = ?", (heir, former, path))

    def _remove_document(self, document_id: str) -> None:
        self._remove_chunks(document_id)
        self._run("DELETE FROM documents WHERE id = ?", (document_id,))

    # --- documents and chunks ---------------------------------------------------------------------------------------

    def has_document(self, document_id: str) -> bool:
        """Tell whether a document is in the library."""
        return self._value("SELECT 1 FROM documents WHERE id = ?", document_id) is not None

    def put_document(
        self,
        document: Document,
        sentences: Sequence[Sentence],
        spans: Sequence[Span],
        terms: Sequence[Sequence[str]],
        vectors: Vectors,
    ) -> None:
        """Write a document with its chunks; `terms` and `vectors` (n, dimension) go with `spans`, one each."""
        import numpy as np

        offsets = np.array([(s.start, s.end) for s in sentences], dtype="<i4").tobytes()
        self._run(
            "INSERT INTO documents VALUES (?, ?, ?, ?, ?, ?, ?)",
            (document.id, document.path, document.title, document.date, document.language, document.text, offsets),
        )
        self.put_chunks(document.id, spans, terms, vectors)

    def put_chunks(
        self, document_id: str, spans: Sequence[Span], terms: Sequence[Sequence[str]], vectors: Vectors
    ) -> None:
        """Write a document's chunks in place of those it had; `terms` and `vectors` as in `put_document`."""
        self._remove_chunks(document_id)
        for span, words, vector in zip(spans, terms, vectors, strict=True):
            self._run(
                "INSERT INTO chunks (document_id, start, end, page, voice, vector) VALUES (?, ?, ?, NULL, ?, ?)",
                (document_id, span.start, span.end, span.voice, vector.astype("<f2").tobytes()),
            )
            row = self._db.last_insert_rowid()
            self._run("INSERT INTO fulltext (rowid, terms) VALUES (?, ?)", (row, " ".join(words)))

    def _remove_chunks(self, document_id: str) -> None:
        chunks = "SELECT id FROM chunks WHERE document_id = ?"
        self._run(f"DELETE FROM fulltext WHERE rowid IN ({chunks})", (document_id,))
        self._run("DELETE FROM chunks WHERE document_id = ?", (document_id,))
        self.set_meta("generation", self.generation + 1)

    def update_origin(self, document: Document) -> None:
        """Change where a document is from (path, title, date) without touching its text."""
        self._run(
            "UPDATE documents SET path = ?, title = ?, date = ? WHERE id = ?",
            (document.path, document.title, document.date, document.id),
        )

    def documents(self, ids: Iterable[str] | None = None) -> Mapping[str, Document]:
        """Read documents by id, or all of them."""
        columns = "SELECT id, path, title, date, language, text FROM documents"
        if ids is None:
            rows = self._run(f"{columns} ORDER BY path")
        else:
            rows = [row for i in dict.fromkeys(ids) for row in self._run(f"{columns} WHERE id = ?", (i,))]
        return {str(row[0]): Document(*row) for row in rows}

    def sentences(self, document_id: str) -> list[Sentence]:
        """Sentences of a document, in order."""
        import numpy as np

        blob = self._value("SELECT sentences FROM documents WHERE id = ?", document_id)
        return [Sentence(start, end) for start, end in np.frombuffer(blob or b"", dtype="<i4").reshape(-1, 2).tolist()]

    def spans(self, document_id: str) -> list[Span]:
        """Where a document's chunks stand, in order."""
        from index.chunks import Span

        sql = "SELECT start, end, voice FROM chunks WHERE document_id = ? ORDER BY start"
        return [Span(start, end, cast(Voice, voice)) for start, end, voice in self._run(sql, (document_id,))]

    def chunks(self, ids: Sequence[int]) -> dict[int, Chunk]:
        """Read chunks by id; those that are gone meanwhile are missing from the result."""
        found: dict[int, Chunk] = {}
        for i in ids:
            for row in self._run("SELECT id, document_id, start, end, page, voice FROM chunks WHERE id = ?", (i,)):
                number, document_id, start, end, page, voice = row
                found[i] = Chunk(number, document_id, start, end, page, cast(Voice, voice))
        return found

    def vectors(self, ids: Sequence[int] | None = None) -> tuple[list[int], Vectors]:
        """Read stored vectors, of some chunks or of all: chunk ids and float32 vectors, shape (n, dimension)."""
        import numpy as np

        if ids is None:
            rows = self._run("SELECT id, vector FROM chunks ORDER BY id")
        else:
            sql = "SELECT id, vector FROM chunks WHERE id = ?"
            rows = [row for i in ids for row in self._run(sql, (i,))]
        blob = b"".join(vector for _, vector in rows)
        flat = np.frombuffer(blob, dtype="<f2").astype(np.float32)
        return [number for number, _ in rows], flat.reshape(len(rows), -1) if rows else np.zeros((0, 0), np.float32)

    def bm25(self, terms: Sequence[str], k: int) -> list[tuple[int, float]]:
        """Rank chunks by Okapi BM25 (FTS5: k1 1.2, b 0.75) over any of the terms; higher is better.

        The terms are quoted and bound, so nothing in a question is ever read as query syntax.
        """
        if not terms:
            return []
        query = " OR ".join('"' + term.replace('"', '""') + '"' for term in terms)
        rows = self._run(
            "SELECT rowid, -bm25(fulltext) FROM fulltext WHERE fulltext MATCH ? ORDER BY rank LIMIT ?", (query, k)
        )
        return [(int(row), float(score)) for row, score in rows]

    def document_frequency(self, terms: Sequence[str]) -> dict[str, int]:
        """Count, for each term, the chunks that hold it."""
        sql = "SELECT count(*) FROM fulltext WHERE fulltext MATCH ?"
        return {term: int(self._value(sql, '"' + term.replace('"', '""') + '"')) for term in terms}

    def _run(self, sql: str, bindings: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Run a statement and return its rows. Raises LibraryError when the file is damaged."""
        try:
            return list(self._db.execute(sql, bindings))
        except (apsw.NotADBError, apsw.CorruptError) as error:
            raise _damaged(self._db.filename, error) from error

    def _value(self, sql: str, *bindings: Any) -> Any:  # noqa: ANN401
        return next(iter(self._run(sql, bindings)), (None,))[0]


def _open(file: Path, flags: int) -> apsw.Connection:
    """Open a database; one in a folder that can't be written is opened as the unchanging file it then is."""
    try:
        db = apsw.Connection(str(file), flags=flags)
        db.set_busy_timeout(10_000)
        db.pragma("user_version")
    except (apsw.ReadOnlyError, apsw.CantOpenError):
        if flags & apsw.SQLITE_OPEN_CREATE:
            raise
        uri = f"{file.resolve().as_uri()}?immutable=1"
        db = apsw.Connection(uri, flags=apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI)
    return db


def _missing(folder: Path) -> LibraryMissing:
    return LibraryMissing(f"there is no library at {folder} yet; make one with: rag index FOLDER")


def _damaged(file: str, error: Exception) -> LibraryError:
    return LibraryError(f"{file} is damaged ({error}); delete its folder and run rag index again")
