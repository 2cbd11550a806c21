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
from index.kinds import ARCHIVES
from index.library import Library
from index.readers import READERS
from index.sync import sync

if TYPE_CHECKING:
    from index.embedder import Embedder, Vectors

DIMENSION = 64
REPOSITORY = Path(__file__).resolve().parents[1]
CORPUS = REPOSITORY / "eval" / "corpus"
KNOWN = " ".join(sorted([*READERS, *ARCHIVES]))
SEEDS = REPOSITORY.parent / "shared" / "seeds"


class HashModel:
    """Bags of hashed words as unit vectors: deterministic, instant, and it counts what it was asked for.

    `encoded` counts the document texts, `prepared` the calls of `prepare_questions`. `pause` is slept for every text;
    `fail_on` makes `encode_documents` raise RuntimeError when a text contains it. A batch is 32 texts.
    """

    def __init__(self, name: str = "hash", pause: float = 0.0, fail_on: str | None = None) -> None:
        self.name = name
        self.fingerprint = f"fingerprint-of-{name}"
        self.setting = f"/models/{name}"
        self.threads = 1
        self.pause = pause
        self.fail_on = fail_on
        self.encoded = 0
        self.prepared = 0

    def count_tokens(self, text: str) -> int:
        """Count words and punctuation marks; a long word is a token for every six letters, as with word pieces."""
        return sum(-(-len(word) // 6) for word in re.findall(r"\w+|[^\w\s]", text))

    def encode_documents(self, texts: Sequence[str], on_batch: Callable[[int], None] | None = None) -> Vectors:
        """Encode chunks, shape (len(texts), 64)."""
        for number in range(0, len(texts), 32):
            if on_batch:
                on_batch(number)
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

    def prepare_documents(self, on_stage: Callable[[str], None] | None = None) -> None:
        """Do nothing: there is nothing to load."""

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
# Takes back what came after version 1.
_BACK_TO_1 = """
ALTER TABLE documents DROP COLUMN places;
ALTER TABLE documents DROP COLUMN set_aside;
ALTER TABLE chunks ADD COLUMN page INTEGER;
ALTER TABLE chunks ADD COLUMN vector BLOB NOT NULL DEFAULT x'';
UPDATE chunks SET vector = (SELECT vector FROM vectors WHERE chunk_id = chunks.id);
INSERT INTO meta SELECT 'embedder_name', name FROM embedders;
DROP TABLE recognised;
DROP TABLE vectors;
DROP TABLE embedders;
DROP INDEX documents_by_language;
DROP TABLE repeats;
DROP TABLE near_copies;
DROP TABLE signatures;
DROP TABLE feedback;
DROP TABLE turns;
DROP TABLE conversations;
DELETE FROM meta WHERE key IN ('chunking', 'former_chunking');
PRAGMA user_version = 1;
"""


def old_library(folder: Path, documents: Path) -> Path:
    """Make a library of version 1, without conversations, pages and sections, of a folder."""
    library = Library.create(folder)
    sync(library, [documents], as_model(HashModel()))
    library.close()
    db = apsw.Connection(str(folder / "library.db"))
    db.execute(_BACK_TO_1)
    db.close()
    return folder
