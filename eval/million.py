"""How search grows: libraries of a thousand to a million passages, made up but lifelike.

    python -m eval.million [PASSAGES ...]        # 1000 10000 100000 1000000 by default; the last takes some ten minutes

Vectors are real ones (the sentences of the example documents), mixed in pairs and blurred, so that they lie where a
model's vectors lie. Words are drawn by Zipf's law from 200,000; a question has a few words of one passage and a vector
near its own. Everything goes through the real library: SQLite, full text, FAISS. Each size is searched in a process of
its own. Recall is that of the ten nearest, against brute force over all stored vectors.
"""

from __future__ import annotations

import json
import multiprocessing
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from index.library import Library

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from index.embedder import Tokens, Vectors

SIZES = (1_000, 10_000, 100_000, 1_000_000)
QUESTIONS = 200
_WORDS, _LENGTH, _ASKED = 200_000, 60, 5  # of the vocabulary, of a passage, of a question
_COMMON = 60  # ranks of Zipf's law that are stop words and not indexed
_BLUR = 0.5  # length of the noise beside a vector of length 1
_PER_DOCUMENT = 50  # passages
_COLUMNS = ("passages", "build s", "disk MB", "faiss MB", "opens ms", "dense p50", "dense p99", "p99, 2 at once",
            "recall@10", "hybrid p50", "hybrid p99", "memory MB")  # fmt: skip


def main(sizes: Sequence[int]) -> None:
    """Measure libraries of some sizes and print a table, in milliseconds unless it says otherwise."""
    from rich.console import Console
    from rich.table import Table

    console = Console(width=140)
    table = Table(*_COLUMNS)
    for size in sizes:
        console.print(f"{size} passages …")
        with tempfile.TemporaryDirectory() as folder:
            made = _apart(make, Path(folder), size)
            measured = _apart(measure, Path(folder))
        row = {"passages": size} | made | measured
        console.print(json.dumps(row))
        table.add_row(*(str(row[name]) for name in _COLUMNS))
    console.print(table)


def _apart(does: Callable[..., dict[str, float]], *given: object) -> dict[str, float]:
    """Run in a process of its own, so that its memory is its own."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(does, *given).result()


def make(folder: Path, size: int) -> dict[str, float]:
    """Fill a library with made-up passages and build its vector index; what that took."""
    from index.chunks import Span
    from index.types import Document, Sentence
    from index.vectors import VectorIndex

    words = _terms()
    with closing(Library.create(folder)) as library:
        store = library.store
        for number, (ranks, vectors) in enumerate(_passages(size)):
            with store.transaction():
                for first in range(0, len(ranks), _PER_DOCUMENT):
                    texts = [" ".join(f"w{rank}" for rank in one) + "." for one in ranks[first : first + _PER_DOCUMENT]]
                    name, text, spans, at = f"{number}-{first}", "\n\n".join(texts), [], 0
                    for one in texts:
                        spans.append(Span(at, at + len(one), "report"))
                        at += len(one) + 2
                    terms = [[words[rank] for rank in one] for one in ranks[first : first + _PER_DOCUMENT]]
                    document = Document(name, f"/made/up/{name}.txt", name, None, "en", text)
                    sentences = [Sentence(span.start, span.end) for span in spans]
                    store.put_document(document, sentences, spans, terms, vectors[first : first + _PER_DOCUMENT])
        began = time.perf_counter()
        VectorIndex.build(folder, store, "")
        built = time.perf_counter() - began
    disk, faiss = (sum(file.stat().st_size for file in folder.glob(kind)) / 2**20 for kind in ("*", "*.faiss"))
    return {"build s": round(built, 1), "disk MB": round(disk), "faiss MB": round(faiss)}


def measure(folder: Path) -> dict[str, float]:
    """Search a library as a process does that has just been started."""
    import numpy as np

    from rag.search import HybridSearcher

    random = np.random.default_rng(1)
    began = time.perf_counter()
    with closing(Library.open(folder)) as library:
        library.refresh_vectors()
        opened = time.perf_counter() - began
        numbers = np.sort(random.choice(library.store.last_chunk, QUESTIONS, replace=False)) + 1
        _, own = library.store.vectors(numbers.tolist())
        asked = _unit(own + _noise(random, own.shape))
        words = [random.choice(_words_of(library, int(number)), _ASKED) for number in numbers]

        dense = [_timed(lambda vector=vector: library.dense(vector, 10)) for vector in asked]  # type: ignore[misc]
        with ThreadPoolExecutor(2) as pool:
            both = list(pool.map(lambda vector: _timed(lambda: library.dense(vector, 10)), asked))
        searcher = HybridSearcher(library, _Given(asked))
        hybrid = [
            _timed(lambda number=number, said=said: searcher.search(f"{number} {' '.join(said)}", 10))  # type: ignore[misc]
            for number, said in enumerate(words)
        ]
        resident = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        truth = _nearest(library, asked[:100], 10)
        shared = [
            len({number for number, _ in library.dense(vector, 10)} & best)
            for vector, best in zip(asked[:100], truth, strict=True)
        ]
    return {
        "opens ms": round(opened * 1000, 1),
        "dense p50": _percentile(dense, 50),
        "dense p99": _percentile(dense, 99),
        "p99, 2 at once": _percentile(both, 99),
        "recall@10": round(statistics.fmean(shared) / 10, 3),
        "hybrid p50": _percentile(hybrid, 50),
        "hybrid p99": _percentile(hybrid, 99),
        "memory MB": round(resident),
    }


class _Given:
    """An encoder that knows the vectors of its questions: each begins with its number."""

    def __init__(self, vectors: Vectors) -> None:
        self._vectors = vectors

    def encode(self, texts: Sequence[str]) -> Vectors:
        return self._vectors[[int(text.split()[0]) for text in texts]]

    def encode_tokens(self, texts: Sequence[str]) -> list[Tokens]:
        raise NotImplementedError


def _terms() -> list[str]:
    """The full-text terms of the made-up words, by rank."""
    from index.analysis import search_terms

    return search_terms(" ".join(f"w{rank}" for rank in range(_WORDS)), "en")


def _passages(size: int) -> Iterator[tuple[NDArray[np.int64], Vectors]]:
    """Make passages by the thousand: the ranks of their words, and their vectors."""
    import numpy as np

    random = np.random.default_rng(0)
    real = _sentence_vectors()
    weights = np.cumsum(1 / np.arange(_COMMON, _COMMON + _WORDS))
    for first in range(0, size, 1000):
        count = min(1000, size - first)
        ranks = np.searchsorted(weights, random.random((count, _LENGTH)) * weights[-1])
        share = random.random((count, 1), dtype=np.float32)
        one, other = real[random.integers(len(real), size=(2, count))]
        vectors = share * one + (1 - share) * other
        yield ranks, _unit(vectors + _noise(random, vectors.shape))


def _sentence_vectors() -> Vectors:
    from index.embedder import EmbeddingModel

    lines = [
        line
        for file in sorted((Path(__file__).parent / "corpus").glob("*.*"))
        for line in file.read_text(encoding="utf-8").replace(". ", ".\n").splitlines()
        if len(line) > 40
    ]
    return EmbeddingModel.open("packaged").encode_documents(lines)


def _noise(random: np.random.Generator, shape: tuple[int, ...]) -> Vectors:
    import numpy as np

    noise: Vectors = random.standard_normal(shape, dtype=np.float32) * np.float32(_BLUR / shape[1] ** 0.5)
    return noise


def _unit(vectors: Vectors) -> Vectors:
    import numpy as np

    unit: Vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    return unit


def _words_of(library: Library, number: int) -> list[str]:
    (passage,) = library.passages([(number, 0.0)])
    return passage.text.rstrip(".").split()


def _nearest(library: Library, asked: Vectors, k: int) -> list[set[int]]:
    """The ids of the `k` nearest by brute force, block by block."""
    import numpy as np

    scores, ids = np.full((len(asked), k), -2, np.float32), np.zeros((len(asked), k), np.int64)
    after = 0
    while True:
        numbers, vectors = library.store.vectors(after=after, most=50_000)
        if not numbers:
            return [set(one.tolist()) for one in ids]
        after = numbers[-1]
        scores = np.hstack([scores, asked @ vectors.T])
        ids = np.hstack([ids, np.broadcast_to(np.array(numbers), (len(asked), len(numbers)))])
        best = np.argpartition(-scores, k, axis=1)[:, :k]
        scores, ids = np.take_along_axis(scores, best, 1), np.take_along_axis(ids, best, 1)


def _timed(does: Callable[[], Any]) -> float:
    began = time.perf_counter()
    does()
    return (time.perf_counter() - began) * 1000


def _percentile(values: Sequence[float], share: int) -> float:
    return round(statistics.quantiles(values, n=100, method="inclusive")[share - 1], 2)


if __name__ == "__main__":
    main([int(size) for size in sys.argv[1:]] or SIZES)
