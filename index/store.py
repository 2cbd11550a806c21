"""The library's truth: one SQLite file with documents, chunks, sentences, vectors and full text.

Knows SQL and nothing else of what the rest does. One writer, any number of readers (WAL); every document is written,
replaced or removed within one transaction, and each change of the chunks raises the generation. What is derived
(`vectors.faiss`) carries the generation it was made from. The tables of conversations, of near copies and of other
models' vectors, and of words recognised on scans, are made here too, and used in `index.conversations`, `index.copies`,
`index.embedders` and `index.scans`.
"""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import astuple, dataclass
from itertools import accumulate, starmap
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from weakref import WeakSet

import apsw

from index.errors import LibraryBusy, LibraryError, LibraryMissing
from index.places import DATABASE
from index.types import Chunk, Document, Place, Sentence, Voice

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from index.chunks import Span
    from index.embedder import Vectors

# The n-th brings a library of version n - 1 to version n; a new library is of version 0. What is here never changes.
_MIGRATIONS = (
    """
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
""",
    """
CREATE TABLE conversations (
    id TEXT PRIMARY KEY, owner TEXT NOT NULL, changed TEXT NOT NULL,
    title TEXT NOT NULL,  -- '' when nobody gave one
    folded TEXT NOT NULL  -- the title as it is searched
) WITHOUT ROWID;
CREATE INDEX conversations_by_owner ON conversations (owner, changed);
CREATE TABLE turns (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    conversation_id TEXT NOT NULL REFERENCES conversations ON DELETE CASCADE,
    asked TEXT NOT NULL, question TEXT NOT NULL,
    folded TEXT NOT NULL,  -- the question and the answer's text as they are searched
    answer TEXT NOT NULL  -- the JSON object of rag/contract.py
);
CREATE INDEX turns_by_conversation ON turns (conversation_id);
CREATE TABLE feedback (
    turn_id INTEGER PRIMARY KEY REFERENCES turns ON DELETE CASCADE,
    rating TEXT NOT NULL CHECK (rating IN ('up', 'down')),
    expected TEXT NOT NULL  -- what the answer should have said, '' when nobody told
);
""",
    """
ALTER TABLE documents ADD COLUMN places TEXT NOT NULL DEFAULT '[]';  -- JSON: [start, page, label, section] each
ALTER TABLE documents ADD COLUMN set_aside TEXT NOT NULL DEFAULT '[]';  -- JSON: what the reader left out, and why
ALTER TABLE chunks DROP COLUMN page;
""",
    """
CREATE TABLE signatures (  -- of the documents that were compared with the others
    document_id TEXT PRIMARY KEY REFERENCES documents ON DELETE CASCADE,
    length INTEGER NOT NULL,  -- of the document's text, in characters
    buckets BLOB NOT NULL  -- uint64: documents that share one are worth comparing
) WITHOUT ROWID;
CREATE TABLE near_copies (  -- both ways round
    document_id TEXT NOT NULL REFERENCES documents ON DELETE CASCADE,
    other_id TEXT NOT NULL REFERENCES documents ON DELETE CASCADE,
    same REAL NOT NULL,  -- share of the text that both have
    PRIMARY KEY (document_id, other_id)
) WITHOUT ROWID;
CREATE INDEX near_copies_by_other ON near_copies (other_id);
CREATE TABLE repeats (  -- chunks of which every sentence stands in another document too
    chunk_id INTEGER NOT NULL REFERENCES chunks ON DELETE CASCADE,
    document_id TEXT NOT NULL REFERENCES documents ON DELETE CASCADE,
    PRIMARY KEY (chunk_id, document_id)
) WITHOUT ROWID;
CREATE INDEX repeats_by_document ON repeats (document_id);
""",
    """
CREATE INDEX documents_by_language ON documents (language, date);  -- which ones there are, without reading texts
""",
    """
CREATE TABLE embedders (  -- the models that there are, or were, vectors of; meta 'embedder' names the one that answers
    fingerprint TEXT PRIMARY KEY, name TEXT NOT NULL,
    setting TEXT NOT NULL  -- what opens the model; '' where that was never noted
) WITHOUT ROWID;
INSERT INTO embedders
    SELECT f.value, n.value, '' FROM meta f JOIN meta n ON n.key = 'embedder_name' WHERE f.key = 'embedder';
DELETE FROM meta WHERE key = 'embedder_name';
CREATE TABLE vectors (
    chunk_id INTEGER NOT NULL REFERENCES chunks ON DELETE CASCADE,
    embedder TEXT NOT NULL,  -- the model's fingerprint
    vector BLOB NOT NULL,  -- float16, length 1
    UNIQUE (chunk_id, embedder)
);
INSERT INTO vectors SELECT id, coalesce((SELECT value FROM meta WHERE key = 'embedder'), ''), vector FROM chunks
    ORDER BY id;
ALTER TABLE chunks DROP COLUMN vector;
""",
    """
CREATE TABLE recognised (  -- on scanned pages, also of files that are yet to be documents
    document_id TEXT NOT NULL, page INTEGER NOT NULL,
    words TEXT NOT NULL,  -- JSON: [text, left, bottom, right, top] each
    PRIMARY KEY (document_id, page)
) WITHOUT ROWID;
""",
)
SCHEMA_VERSION = len(_MIGRATIONS)
_PLACES_SINCE = 3  # the version that knows pages and sections
_EMBEDDERS_SINCE = 6  # the version that keeps the vectors of several models
# Among some rowids. The plus keeps SQLite from looking them up one by one, which took minutes at 50,000.
_AMONG = "AND +rowid IN (SELECT value FROM json_each(?))"
NEVER = -(2**62)  # `seen_ns` of a file that is to be looked at again, however old it is
_MATCHES = 10_000  # chunks that full-text search scores in a few hundredths of a second
_MERGED = 500  # pages of full text that are merged at a stretch
_BUSY_MS = 10_000  # how long a writer waits for the one before it


@dataclass(frozen=True, slots=True)
class FileRecord:
    """What is known of one file on disk: its document, or the problem that kept it from being read."""

    path: str
    document_id: str | None
    size: int
    mtime_ns: int
    seen_ns: int
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """One known file as a list of documents shows it; `size` in bytes. With a `problem` there is no document."""

    path: str
    document_id: str | None
    title: str
    date: str | None
    language: str
    size: int
    sentences: int
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class StoredEmbedder:
    """The embedding model that vectors are of: what tells it from others, its name, and the setting that opens it."""

    fingerprint: str
    name: str
    setting: str = ""


class _Own(threading.local):
    """What each thread has for itself. It goes, and the connection with it, when the thread ends."""

    db: apsw.Connection | None = None


class Store:
    """The SQLite file of a library. Use `open` for an existing one, `create` to make it when missing.

    Any thread may use it: each gets a connection of its own, so transactions and snapshots are a thread's own too.
    `version` is the format of the file, older than this program's only where it can't be written.
    """

    def __init__(self, file: Path, connection: apsw.Connection, version: int = SCHEMA_VERSION) -> None:
        self.file = file
        self.version = version
        self._own = _Own()
        self._own.db = connection
        self._lock = threading.Lock()
        self._connections = WeakSet([connection])
        self._closed = False
        self._opened = _inode(file)
        self._read: dict[str, tuple[tuple[int, int], list[tuple[Any, ...]]]] = {}

    @classmethod
    def open(cls, folder: Path) -> Store:
        """Open a library's database for reading and writing, bringing one of an older version up to date.

        Raises LibraryMissing when there is none, LibraryError when it is damaged or of a newer version.
        """
        file = folder / DATABASE
        if not file.is_file():
            raise _missing(folder)
        return cls._of(file)

    @classmethod
    def create(cls, folder: Path) -> Store:
        """Open a library's database, making it (and the folder) when missing.

        Raises LibraryError when the folder can't be written.
        """
        try:
            folder.mkdir(parents=True, exist_ok=True)
            return cls._of(folder / DATABASE, create=True)
        except (OSError, apsw.CantOpenError, apsw.ReadOnlyError) as error:
            reason = getattr(error, "strerror", None) or error
            problem = f"can't write to the library folder {folder}: {reason}; choose another with --library"
            raise LibraryError(problem) from None

    @classmethod
    def _of(cls, file: Path, create: bool = False) -> Store:
        try:
            db = _open(file, create)
            version = db.pragma("user_version")
            if version == 0 and not create:  # its making was interrupted
                raise _missing(file.parent)
            if version == 0:
                db.pragma("journal_mode", "wal")
            if version > SCHEMA_VERSION:
                raise LibraryError(
                    f"{file} has format {version}, this program reads {SCHEMA_VERSION}; "
                    "index the documents again into a new library (--library NAME)"
                )
            if version < SCHEMA_VERSION and not db.readonly("main"):
                version = _migrate(db)
        except (apsw.NotADBError, apsw.CorruptError) as error:
            raise _damaged(str(file), error) from error
        except apsw.BusyError:
            raise _busy(str(file)) from None
        return cls(file, db, version)

    @property
    def _db(self) -> apsw.Connection:
        if self._own.db is None:
            try:
                db = _open(self.file)
            except apsw.CantOpenError:
                raise _missing(self.file.parent) from None
            with self._lock:
                if self._closed:
                    db.close()
                    raise LibraryError(f"the library {self.file.parent} is closed")
                self._connections.add(db)
            self._own.db = db
        return self._own.db

    @property
    def in_place(self) -> bool:
        """Whether the file is still where it was opened: what is written to one that was deleted is lost."""
        return _inode(self.file) == self._opened

    @property
    def read_only(self) -> bool:
        """Whether the file can't be written."""
        return self._db.readonly("main")

    def damage(self, seconds: float) -> list[str] | None:
        """Look over the whole file, for so long at most: what is damaged, line by line; None if it took longer."""
        until = time.monotonic() + seconds
        self._db.set_progress_handler(lambda: time.monotonic() > until, 1000)
        try:
            lines = [str(line) for (line,) in self.run("PRAGMA quick_check(5)")]
        except apsw.InterruptError:
            return None
        finally:
            self._db.set_progress_handler(None)
        return [] if lines == ["ok"] else lines

    def close(self) -> None:
        """Close the connections of all threads; one in the middle of a query is closed when its thread ends."""
        with self._lock:
            self._closed = True
            for db in list(self._connections):
                with suppress(apsw.ThreadingViolationError):  # it is in use
                    db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Write all or nothing, with the writer's lock from the beginning."""
        self.run("BEGIN IMMEDIATE")
        try:
            yield
            self.run("COMMIT")
        except BaseException:
            if self._db.in_transaction:
                self.run("ROLLBACK")
            raise

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Read one state of the library, whatever a writer does meanwhile. May be nested."""
        if self._db.in_transaction:
            yield
            return
        self.run("BEGIN")
        try:
            yield
        finally:
            self.run("COMMIT")

    # --- meta -------------------------------------------------------------------------------------------------------

    def meta(self, key: str) -> Any:  # noqa: ANN401 - text or number, as it was put in
        """Return a stored fact about the library, None when there is none."""
        return self.value("SELECT value FROM meta WHERE key = ?", key)

    def set_meta(self, key: str, value: str | int) -> None:
        """Store a fact about the library."""
        self.run("INSERT INTO meta VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value", (key, value))

    @property
    def embedder(self) -> StoredEmbedder | None:
        """The embedding model that questions are answered with; None before anything was indexed."""
        if self.version < _EMBEDDERS_SINCE:
            fingerprint = self.meta("embedder")
            return None if fingerprint is None else StoredEmbedder(fingerprint, self.meta("embedder_name"))
        rows = self.run("SELECT * FROM embedders WHERE fingerprint = (SELECT value FROM meta WHERE key = 'embedder')")
        return StoredEmbedder(*rows[0]) if rows else None

    @embedder.setter
    def embedder(self, embedder: StoredEmbedder) -> None:
        self.run("INSERT OR REPLACE INTO embedders VALUES (?, ?, ?)", astuple(embedder))
        self.set_meta("embedder", embedder.fingerprint)

    @property
    def generation(self) -> int:
        """How many times the library's chunks have changed."""
        return int(self.meta("generation") or 0)

    @property
    def shrunk(self) -> int:
        """The generation at which chunks were last removed."""
        return int(self.meta("shrunk") or 0)

    @property
    def last_chunk(self) -> int:
        """The highest chunk number ever given; 0 when there was none."""
        return int(self.value("SELECT seq FROM sqlite_sequence WHERE name = 'chunks'") or 0)

    @property
    def catalogue(self) -> int:
        """How many times the files, or what is known of their documents besides the text, have changed."""
        return int(self.meta("catalogue") or 0)

    def languages(self) -> list[str]:
        """Languages of the documents, the most frequent first."""
        sql = "SELECT language FROM documents GROUP BY language ORDER BY count(*) DESC, language"
        return [str(language) for (language,) in self._once(sql)]

    def counts(self) -> tuple[int, int]:
        """Count documents and chunks."""
        return int(self.value("SELECT count(*) FROM documents")), int(self.value("SELECT count(*) FROM chunks"))

    def dates(self) -> tuple[str | None, str | None]:
        """Dates of the oldest and the newest document, "YYYY-MM-DD"; None when no document states one."""
        oldest, newest = self._once("SELECT min(date), max(date) FROM documents")[0]
        return oldest, newest

    def _once(self, sql: str) -> list[tuple[Any, ...]]:
        """Read something of all documents, which takes long where they are many, once for each state of them."""
        state = (self.generation, self.catalogue)
        known, rows = self._read.get(sql, (None, []))
        if known != state:
            rows = self.run(sql)
            if self._db.txn_state() != apsw.SQLITE_TXN_WRITE:  # what may yet be undone isn't kept
                self._read[sql] = state, rows
        return rows

    # --- files ------------------------------------------------------------------------------------------------------

    def files(self, only: Iterable[Path] | None = None) -> dict[str, FileRecord]:
        """All known files by path, or those at or below some paths."""
        columns = "SELECT path, document_id, size, mtime_ns, seen_ns, problem FROM files"
        if only is None:
            rows = self.run(f"{columns} ORDER BY path")
        else:
            below = f"{columns} WHERE path = ? OR (path > ? AND path < ?)"
            after = chr(ord(os.sep) + 1)
            rows = [row for path in only for row in self.run(below, (str(path), f"{path}{os.sep}", f"{path}{after}"))]
        return {record.path: record for record in (FileRecord(*row) for row in rows)}

    def inventory(self) -> list[Listed]:
        """List all known files by path, with what is known of their documents; no text is read."""
        rows = self.run(
            "SELECT f.path, f.document_id, coalesce(d.title, ''), d.date, coalesce(d.language, ''), f.size, "
            "coalesce(length(d.sentences), 0) / 8, f.problem "
            "FROM files f LEFT JOIN documents d ON d.id = f.document_id ORDER BY f.path"
        )
        return [Listed(*row) for row in rows]

    def put_file(self, record: FileRecord) -> str | None:
        """Remember a file; drops its former document when no other file has it.

        Returns the path of the file by which that document is known from now on, if it was known by this one.
        """
        heir = self._forget_unless_shared(record.path, record.document_id)
        self.run(
            "INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?, ?)",
            (record.path, record.document_id, record.size, record.mtime_ns, record.seen_ns, record.problem),
        )
        self.set_meta("catalogue", self.catalogue + 1)
        return heir

    def forget_problems(self) -> None:
        """Make every file that could not be read one that was never looked at."""
        self.run("UPDATE files SET seen_ns = ? WHERE problem IS NOT NULL", (NEVER,))

    def look_again(self, paths: Iterable[str]) -> None:
        """Make files that have been read ones that were never looked at; their documents stay meanwhile."""
        self.run(
            "UPDATE files SET seen_ns = ? WHERE path IN (SELECT value FROM json_each(?))",
            (NEVER, json.dumps(list(paths))),
        )

    def remove_file(self, path: str) -> str | None:
        """Forget a file, and its document when no other file has it. Returns what `put_file` does."""
        heir = self._forget_unless_shared(path, None)
        self.run("DELETE FROM files WHERE path = ?", (path,))
        self.set_meta("catalogue", self.catalogue + 1)
        return heir

    def _forget_unless_shared(self, path: str, successor: str | None) -> str | None:
        former = self.value("SELECT document_id FROM files WHERE path = ?", path)
        if former is None or former == successor:
            return None
        heir: str | None = self.value(
            "SELECT path FROM files WHERE document_id = ? AND path <> ? ORDER BY path", former, path
        )
        if heir is None:
            self._remove_document(former)
        elif self.value("SELECT path FROM documents WHERE id = ?", former) == path:
            self.run("UPDATE documents SET path = ? WHERE id = ?", (heir, former))
            return heir
        return None

    def _remove_document(self, document_id: str) -> None:
        self._remove_chunks(document_id)
        self.run("DELETE FROM documents WHERE id = ?", (document_id,))
        self.run("DELETE FROM recognised WHERE document_id = ?", (document_id,))

    # --- documents and chunks ---------------------------------------------------------------------------------------

    def has_document(self, document_id: str) -> bool:
        """Tell whether a document is in the library."""
        return self.value("SELECT 1 FROM documents WHERE id = ?", document_id) is not None

    def put_document(
        self,
        document: Document,
        sentences: Sequence[Sentence],
        spans: Sequence[Span],
        terms: Sequence[Sequence[str]],
        vectors: Vectors,
        set_aside: Sequence[str] = (),
    ) -> None:
        """Write a document with its chunks, in place of what there was of it.

        `terms` and `vectors`, shape (n, dimension), go with `spans`, one each.
        """
        import numpy as np

        offsets = np.array([(s.start, s.end) for s in sentences], dtype="<i4").tobytes()
        self.run(
            "INSERT INTO documents VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET "
            "path = excluded.path, title = excluded.title, date = excluded.date, language = excluded.language, "
            "text = excluded.text, sentences = excluded.sentences, places = excluded.places, "
            "set_aside = excluded.set_aside",
            (
                document.id,
                document.path,
                document.title,
                document.date,
                document.language,
                document.text,
                offsets,
                json.dumps([astuple(place) for place in document.places], ensure_ascii=False),
                json.dumps(list(set_aside), ensure_ascii=False),
            ),
        )
        self.put_chunks(document.id, spans, terms, vectors)

    def put_chunks(
        self, document_id: str, spans: Sequence[Span], terms: Sequence[Sequence[str]], vectors: Vectors
    ) -> None:
        """Write a document's chunks in place of those it had; `terms` and `vectors` as in `put_document`."""
        self._remove_chunks(document_id)
        embedder = self._answering
        for span, words, vector in zip(spans, terms, vectors, strict=True):
            self.run(
                "INSERT INTO chunks (document_id, start, end, voice) VALUES (?, ?, ?, ?)",
                (document_id, span.start, span.end, span.voice),
            )
            row = self._db.last_insert_rowid()
            self.put_vector(row, embedder, vector)
            self.run("INSERT INTO fulltext (rowid, terms) VALUES (?, ?)", (row, " ".join(words)))

    def put_vector(self, chunk: int, embedder: str, vector: Vectors) -> None:
        """Write a chunk's vector, shape (dimension,), by the model of a fingerprint."""
        self.run("INSERT OR REPLACE INTO vectors VALUES (?, ?, ?)", (chunk, embedder, vector.astype("<f2").tobytes()))

    @property
    def _answering(self) -> str:
        return self.meta("embedder") or ""

    def put_terms(self, document_id: str, terms: Sequence[Sequence[str]]) -> None:
        """Write other terms for a document's chunks, in the order of the text."""
        chunks = self.run("SELECT id FROM chunks WHERE document_id = ? ORDER BY start", (document_id,))
        for (row,), words in zip(chunks, terms, strict=True):
            self.run("UPDATE fulltext SET terms = ? WHERE rowid = ?", (" ".join(words), row))

    def _remove_chunks(self, document_id: str) -> None:
        chunks = "SELECT id FROM chunks WHERE document_id = ?"
        generation = self.generation + 1
        if self.value(chunks, document_id) is not None:
            self.run(f"DELETE FROM fulltext WHERE rowid IN ({chunks})", (document_id,))
            self.run("DELETE FROM chunks WHERE document_id = ?", (document_id,))
            self.run("DELETE FROM signatures WHERE document_id = ?", (document_id,))  # to be compared again
            self.set_meta("shrunk", generation)
        self.set_meta("generation", generation)

    def update_origin(self, document: Document) -> None:
        """Change where a document is from (path, title, date) without touching its text."""
        self.run(
            "UPDATE documents SET path = ?, title = ?, date = ? WHERE id = ?",
            (document.path, document.title, document.date, document.id),
        )
        self.set_meta("catalogue", self.catalogue + 1)

    def documents(self, ids: Iterable[str] | None = None) -> Mapping[str, Document]:
        """Read documents by id, or all of them."""
        places = "places" if self.version >= _PLACES_SINCE else "'[]'"
        columns = f"SELECT id, path, title, date, language, text, {places} FROM documents"
        if ids is None:
            rows = self.run(f"{columns} ORDER BY path")
        else:
            rows = self.run(f"{columns} WHERE id IN (SELECT value FROM json_each(?))", (json.dumps(list(ids)),))
        return {
            str(i): Document(i, path, title, date, language, text, tuple(starmap(Place, json.loads(stored))))
            for i, path, title, date, language, text, stored in rows
        }

    def documents_up_to(self, chunk: int) -> list[str]:
        """Ids of the documents with chunks whose number isn't above this one."""
        return [str(i) for (i,) in self.run("SELECT DISTINCT document_id FROM chunks WHERE id <= ?", (chunk,))]

    def set_aside(self) -> dict[str, list[str]]:
        """What the readers left out of documents, and why, by path."""
        if self.version < _PLACES_SINCE:
            return {}
        rows = self.run("SELECT path, set_aside FROM documents WHERE set_aside <> '[]' ORDER BY path")
        return {str(path): json.loads(noted) for path, noted in rows}

    def sentences(self, document_id: str) -> list[Sentence]:
        """Sentences of a document, in order."""
        import numpy as np

        blob = self.value("SELECT sentences FROM documents WHERE id = ?", document_id)
        return [Sentence(start, end) for start, end in np.frombuffer(blob or b"", dtype="<i4").reshape(-1, 2).tolist()]

    def spans(self, document_id: str) -> list[Span]:
        """Where a document's chunks stand, in order."""
        from index.chunks import Span

        sql = "SELECT start, end, voice FROM chunks WHERE document_id = ? ORDER BY start"
        return [Span(start, end, cast(Voice, voice)) for start, end, voice in self.run(sql, (document_id,))]

    def chunk_ids(self, documents: Iterable[str]) -> list[int]:
        """Find the chunks of some documents: their ids, ascending."""
        sql = "SELECT id FROM chunks WHERE document_id IN (SELECT value FROM json_each(?)) ORDER BY id"
        return [int(i) for (i,) in self.run(sql, (json.dumps(list(documents)),))]

    def chunk_counts(self, ids: Iterable[str]) -> dict[str, int]:
        """Count the chunks of documents, by document id."""
        sql = (
            "SELECT document_id, count(*) FROM chunks WHERE document_id IN (SELECT value FROM json_each(?)) GROUP BY 1"
        )
        return {str(i): int(count) for i, count in self.run(sql, (json.dumps(list(set(ids))),))}

    def chunks(self, ids: Sequence[int]) -> dict[int, Chunk]:
        """Read chunks by id; those that are gone meanwhile are missing from the result."""
        sql = "SELECT id, document_id, start, end, voice FROM chunks WHERE id IN (SELECT value FROM json_each(?))"
        rows = self.run(sql, (json.dumps(list(ids)),))
        return {i: Chunk(i, document_id, start, end, cast(Voice, voice)) for i, document_id, start, end, voice in rows}

    def chunk_numbers(self, after: int = 0, until: int | None = None) -> NDArray[np.int64]:
        """The ids of all chunks above `after`, as far as `until`, ascending."""
        import numpy as np

        rows = self._each("SELECT id FROM chunks WHERE id > ? AND id <= ?", (after, 2**62 if until is None else until))
        return np.sort(np.fromiter((number for (number,) in rows), dtype=np.int64))

    def chunk_count(self, after: int = 0, until: int | None = None) -> int:
        """Count what `chunk_numbers` lists."""
        bounds = after, 2**62 if until is None else until
        return int(self.value("SELECT count(*) FROM chunks WHERE id > ? AND id <= ?", *bounds))

    def vectors(
        self, ids: Sequence[int] | None = None, *, after: int = 0, most: int = -1, embedder: str | None = None
    ) -> tuple[list[int], Vectors]:
        """Read stored vectors, of some chunks or of those above `after`, all or the first: ids and float32 vectors.

        They are by the model that questions are answered with, or by that of a fingerprint. The ids ascend; the vectors
        have the shape (n, dimension).
        """
        import numpy as np

        key, table, bound = "chunk_id", "vectors WHERE embedder = ? AND", [embedder or self._answering]
        if self.version < _EMBEDDERS_SINCE:
            key, table, bound = "id", "chunks WHERE", []
        if ids is None:
            sql = f"SELECT {key}, vector FROM {table} {key} > ? ORDER BY {key} LIMIT ?"
            rows = self._each(sql, (*bound, after, most))
        else:
            sql = f"SELECT {key}, vector FROM {table} {key} IN (SELECT value FROM json_each(?)) ORDER BY {key}"
            rows = self._each(sql, (*bound, json.dumps(list(ids))))
        numbers: list[int] = []
        stored = bytearray()  # one after the other: as objects, for a moment, many vectors would take thrice as much
        for number, vector in rows:
            numbers.append(number)
            stored += vector
        flat = np.frombuffer(stored, dtype="<f2").astype(np.float32)
        return numbers, flat.reshape(len(numbers), -1) if numbers else np.zeros((0, 0), np.float32)

    def merge_terms(self) -> None:
        """Merge the pieces that full text is written in, of which a search looks through each; for the writer.

        In short steps, between which others can write.
        """
        pages, changes = -_MERGED, 2  # as SQLite says: the first is negative, and the last changes hardly anything
        while changes > 1:
            before = self._db.total_changes()
            self.run("INSERT INTO fulltext (fulltext, rank) VALUES ('merge', ?)", (pages,))
            pages, changes = _MERGED, self._db.total_changes() - before

    def bm25(self, terms: Sequence[str], k: int, among: Sequence[int] | None = None) -> list[tuple[int, float]]:
        """Rank chunks by Okapi BM25 (FTS5: k1 1.2, b 0.75) over any of the terms; higher is better.

        With `among`, only those chunks are ranked, by the statistics of all. The terms are quoted and bound, so nothing
        in a question is ever read as query syntax. In a large library, chunks that hold none of the rarer terms are not
        ranked: FTS5 scores whatever matches, and common terms match too much.
        """
        if among is not None:
            return self._match(_any(terms), k, among) if terms else []
        rare, common = self._by_frequency(terms)
        found = dict(self._match(_any(rare), k)) if rare else {}
        if common:  # whatever holds some of them, too, scores higher; of the first k the others are found already
            found |= self._match(f"({_any(rare)}) AND ({_any(common)})", k)
        return sorted(found.items(), key=lambda one: -one[1])[:k]

    def _match(self, query: str, k: int, among: Sequence[int] | None = None) -> list[tuple[int, float]]:
        only, bound = ("", ()) if among is None else (_AMONG, (json.dumps(list(among)),))
        rows = self.run(
            f"SELECT rowid, -bm25(fulltext) FROM fulltext WHERE fulltext MATCH ? {only} ORDER BY rank LIMIT ?",
            (query, *bound, k),
        )
        return [(int(row), float(score)) for row, score in rows]

    def _by_frequency(self, terms: Sequence[str]) -> tuple[list[str], list[str]]:
        """Part the terms into the rarer ones, as long as they stand in few enough chunks together, and the others."""
        if self.last_chunk <= _MATCHES:
            return list(terms), []
        frequency = self.document_frequency(terms)
        order = sorted((term for term in terms if frequency[term]), key=frequency.__getitem__)
        few = max(1, sum(total <= _MATCHES for total in accumulate(frequency[term] for term in order)))
        return order[:few], order[few:]

    def document_frequency(self, terms: Sequence[str]) -> dict[str, int]:
        """Count, for each term, the chunks that hold it."""
        sql = "SELECT count(*) FROM fulltext WHERE fulltext MATCH ?"
        return {term: int(self.value(sql, _quoted(term))) for term in terms}

    def terms_in(self, terms: Iterable[str], among: Sequence[int]) -> set[str]:
        """Tell which of the terms some chunks hold."""
        sql = (
            f"SELECT value FROM json_each(?) WHERE EXISTS (SELECT 1 FROM fulltext WHERE fulltext MATCH value {_AMONG})"
        )
        quoted = {_quoted(term): term for term in terms}
        return {quoted[one] for (one,) in self.run(sql, (json.dumps(list(quoted)), json.dumps(list(among))))}

    def run(self, sql: str, bindings: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Run a statement and return its rows; for this module and `index.conversations`.

        Raises LibraryError when the file is damaged, LibraryBusy when something else writes to it for too long.
        """
        with self._told():
            return self._db.execute(sql, bindings).fetchall()

    def _each(self, sql: str, bindings: Sequence[Any] = ()) -> Iterator[tuple[Any, ...]]:
        """Run a statement and pass its rows on as they are read."""
        with self._told():
            yield from self._db.execute(sql, bindings)

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Say in a line for a person what is wrong with the file."""
        try:
            yield
        except (apsw.NotADBError, apsw.CorruptError) as error:
            raise _damaged(str(self.file), error) from error
        except apsw.BusyError:
            raise _busy(str(self.file)) from None

    def value(self, sql: str, *bindings: Any) -> Any:  # noqa: ANN401
        """Run a statement and return the first column of its first row, None when there is none."""
        return next(iter(self.run(sql, bindings)), (None,))[0]


def _any(terms: Iterable[str]) -> str:
    return " OR ".join(map(_quoted, terms))


def _quoted(term: str) -> str:
    return '"' + term.replace('"', '""') + '"'


def _open(file: Path, create: bool = False) -> apsw.Connection:
    """Open a database; one in a folder that can't be written is opened as the unchanging file it then is."""
    flags = apsw.SQLITE_OPEN_READWRITE | (apsw.SQLITE_OPEN_CREATE if create else 0)
    try:
        db = apsw.Connection(str(file), flags=flags)
        db.set_busy_timeout(_BUSY_MS)
        db.pragma("user_version")
    except (apsw.ReadOnlyError, apsw.CantOpenError):
        if create:
            raise
        uri = f"{file.resolve().as_uri()}?immutable=1"
        db = apsw.Connection(uri, flags=apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI)
    db.pragma("foreign_keys", True)
    db.pragma("cache_size", -8_000)  # kilobytes; a quarter of it is too small for one search
    db.pragma("synchronous", "FULL")  # a document reported as done survives a power cut
    return db


def _migrate(db: apsw.Connection) -> int:
    """Bring a library's tables to the present version, all or nothing; returns the version."""
    db.execute("BEGIN IMMEDIATE")
    try:
        before = db.pragma("user_version")  # another process may have been first
        for script in _MIGRATIONS[before:]:
            db.execute(script)
        db.pragma("user_version", max(before, SCHEMA_VERSION))
        db.execute("COMMIT")
    except BaseException:
        db.execute("ROLLBACK")
        raise
    return SCHEMA_VERSION


def _inode(file: Path) -> tuple[int, int] | None:
    try:
        info = file.stat()
    except FileNotFoundError:
        return None
    return info.st_dev, info.st_ino


def _missing(folder: Path) -> LibraryMissing:
    return LibraryMissing(f"there is no library at {folder} yet; make one with: rag index FOLDER")


def _busy(file: str) -> LibraryBusy:
    return LibraryBusy(f"{file} is being written to; try again in a moment")


def _damaged(file: str, error: Exception) -> LibraryError:
    return LibraryError(f"{file} is damaged ({error}); delete its folder and run rag index again")
