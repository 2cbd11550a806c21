"""How search grows: a library of so many passages, made up but lifelike, and what searching it takes.

    python -m eval.growth make FOLDER PASSAGES      a million take some ten minutes and 4 GB
    python -m eval.growth search FOLDER

Programs for `eval.alone`, each a process of its own, so that its memory is; they print JSON: milliseconds, MB of 2**20
bytes, and of `make` seconds. Vectors are real ones (the sentences of the example documents), mixed in pairs and
blurred, so that they lie where a model's vectors lie. Words are drawn by Zipf's law from 200,000; a question has a few
words of one passage and a vector near its own. Everything goes through the real library: SQLite, full text, FAISS.
Recall is that of the ten nearest, against brute force over all stored vectors.
"""

from __future__ import annotations

import json
import resource
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from index.library import Library

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from index.embedder import Tokens, Vectors

QUESTIONS = 200
_WORDS, _LENGTH, _ASKED = 200_000, 60, 5  # of the vocabulary, of a passage, of a question
_COMMON = 60  # ranks of Zipf's law that are stop words and not indexed
_BLUR = 0.5  # length of the noise beside a vector of length 1
_PER_DOCUMENT = 50  # passages


def main(command: str, folder: Path, *size: str) -> None:
    """Do what the command line says."""
    print(json.dumps(make(folder, int(size[0])) if command == "make" else search(folder)))  # noqa: T201


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
    return {"build": built, "disk": disk, "vectors": faiss}


def search(folder: Path) -> dict[str, float]:
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

        searcher = HybridSearcher(library, _Given(asked))
        questions = [f"{number} {' '.join(said)}" for number, said in enumerate(words)]
        dense = _percentiles("dense", lambda number: library.dense(asked[number], 10))
        hybrid = _percentiles("hybrid", lambda number: searcher.search(questions[number], 10))
        resident = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        truth = _nearest(library, asked[:100], 10)
        shared = [
            len({number for number, _ in library.dense(vector, 10)} & best)
            for vector, best in zip(asked[:100], truth, strict=True)
        ]
    recall = statistics.fmean(shared) / 10
    return dense | hybrid | {"recall": recall, "opens": 1000 * opened, "memory": resident}


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


def _percentiles(name: str, search: Callable[[int], Any]) -> dict[str, float]:
    """Ask every question by its number, one after the other and then two at once: p50 and p99, in milliseconds."""

    def timed(number: int) -> float:
        began = time.perf_counter()
        search(number)
        return (time.perf_counter() - began) * 1000

    one = [timed(number) for number in range(QUESTIONS)]
    with ThreadPoolExecutor(2) as pool:
        two = list(pool.map(timed, range(QUESTIONS)))
    taken = {f"{name} p{share}": _percentile(one, share) for share in (50, 99)}
    return taken | {f"{name} p{share}, two": _percentile(two, share) for share in (50, 99)}


def _percentile(values: Sequence[float], share: int) -> float:
    return statistics.quantiles(values, n=100, method="inclusive")[share - 1]


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), *sys.argv[3:])
