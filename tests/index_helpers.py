"""A fake embedding model and small tools for the tests of index/."""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, cast

import apsw
import numpy as np

from index.embedder import EmbeddingModel, Tokens
from index.library import Library
from index.store import Store
from index.sync import sync

if TYPE_CHECKING:
    from index.embedder import Embedder, Vectors

DIMENSION = 64
REPOSITORY = Path(__file__).resolve().parents[1]
CORPUS = REPOSITORY / "eval" / "corpus"
SEEDS = REPOSITORY.parent / "shared" / "seeds"


class HashModel:
    """Bags of hashed words as unit vectors: deterministic, instant, and it counts what it was asked for.

    `encoded` counts the document texts, `prepared` the calls of `prepare_questions`. `pause` is slept for every text;
    `fail_on` makes `encode_documents` raise RuntimeError when a text contains it.
    """

    def __init__(self, name: str = "hash", pause: float = 0.0, fail_on: str | None = None) -> None:
        self.name = name
        self.fingerprint = f"fingerprint-of-{name}"
        self.pause = pause
        self.fail_on = fail_on
        self.encoded = 0
        self.prepared = 0

    def count_tokens(self, text: str) -> int:
        """Count words and punctuation marks; a long word is a token for every six letters, as with word pieces."""
        return sum(-(-len(word) // 6) for word in re.findall(r"\w+|[^\w\s]", text))

    def encode_documents(self, texts: Sequence[str]) -> Vectors:
        """Encode chunks, shape (len(texts), 64)."""
        if self.fail_on and any(self.fail_on in text for text in texts):
            raise RuntimeError(f"a text holds {self.fail_on!r}")
        self.encoded += len(texts)
        time.sleep(self.pause * len(texts))
        return self.encode(texts)

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Encode questions, shape (len(texts), 64)."""
        return np.array([_vector(self.name, text) for text in texts], dtype=np.float32).reshape(len(texts), DIMENSION)

    def encode_tokens(self, texts: Sequence[str]) -> list[Tokens]:
        """Encode each word by itself."""
        words = [list(re.finditer(r"\w+", text)) for text in texts]
        return [
            Tokens(self.encode([word.group() for word in found]), tuple(w.span() for w in found)) for found in words
        ]

    def prepare_questions(self, on_stage: Callable[[str], None] | None = None) -> None:
        """Count the call; there is nothing to export."""
        self.prepared += 1
        if on_stage:
            on_stage("preparing")

    def question_encoder(self, warn: Callable[[str], None] | None = None) -> Embedder:
        """Return what encodes questions: itself."""
        return self


def as_model(model: HashModel) -> EmbeddingModel:
    """Pass a HashModel where an EmbeddingModel is asked for: same surface, no common class."""
    return cast(EmbeddingModel, model)


def _vector(salt: str, text: str) -> list[float]:
    vector = np.full(DIMENSION, 1e-3)  # so that no text is all zero
    for word in re.findall(r"\w+", text.lower()) or [""]:
        digest = hashlib.blake2b(f"{salt}|{word}".encode(), digest_size=4).digest()
        vector[digest[0] % DIMENSION] += 1 if digest[1] % 2 else -1
        vector[digest[2] % DIMENSION] += 0.5
    return cast(list[float], (vector / np.linalg.norm(vector)).tolist())


def write_files(folder: Path, files: dict[str, str]) -> Path:
    """Write text files below a folder, making the folders they need."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def names(paths: Iterable[str]) -> list[str]:
    """Return the file names of paths, sorted."""
    return sorted(Path(path).name for path in paths)


def answers(library: Library, model: HashModel, question: str, k: int = 5) -> list[list[tuple[float, str, int, int]]]:
    """Answer a question densely and by words: for each the best (-score, file name, start, end), ties in this order."""
    everything = library.store.counts()[1]
    rankings = library.dense(model.encode([question])[0], everything), library.bm25(question, everything)
    return [
        sorted(
            (-round(passage.score, 5), passage.document.name, passage.chunk.start, passage.chunk.end)
            for passage in library.passages(scored)
        )[:k]
        for scored in rankings
    ]


# The tables as version 0.1.0 made them, in a file that says user_version 1.
SCHEMA_1 = """
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


def old_library(folder: Path, documents: Path) -> Path:
    """Make a library of version 1, without the tables of conversations, and index a folder into it."""
    folder.mkdir(parents=True)
    file = folder / "library.db"
    db = apsw.Connection(str(file))
    db.pragma("journal_mode", "wal")
    db.execute(SCHEMA_1)
    db.pragma("user_version", 1)
    library = Library(folder, Store(file, db, version=1))
    sync(library, [documents], as_model(HashModel()))
    library.close()
    return folder
