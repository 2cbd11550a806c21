"""Cases that compare this project with limits, not with others: many files, growing libraries, memory of indexing."""

from __future__ import annotations

import json
import random
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from eval.contestants import Contestant
from eval.many import SEED, write_files, write_passages
from eval.processes import Failed
from eval.stage import RAG, Measure, Once, Stage, Values, at
from index.library import Library

FILES = 10_000
_MILLION = 1_000_000
_EMBEDDED = 100_000  # passages at most: a million would take hours
_AT_MOST = 60.0  # seconds that a change is waited for
_LOADED = """
from index.embedder import EmbeddingModel
model = EmbeddingModel.open("packaged")  # kept: without it, what it has loaded is let go again
model.encode_documents(["A text, so that all is loaded."])
print(*(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmRSS")))
"""

UNCHANGED = (
    Measure(at("again", FILES), f"{FILES:,} files, indexed again, none changed", "s", limit=2),
    Measure(at("first", FILES), f"{FILES:,} files, indexed for the first time", "s"),
    Measure(at("memory", FILES), "the same: most memory above the loaded model", "MB", limit=500),
    Measure(at("seen", FILES), "watched: from saving a file to its being in the library", "s"),
    Measure(at("found", FILES), "watched: from saving a file to rag search having found it", "s", limit=2),
)
SIZED_MEMORY = (Measure("peak", "indexing: most memory", "MB"),)
MEMORY = (
    *(
        Measure(at("peak", size), f"{size:,} passages, indexed: most memory", "MB")
        for size in (1_000, 10_000, _EMBEDDED)
    ),
    Measure(at("more", _EMBEDDED), f"most memory: {_EMBEDDED:,} passages to {_EMBEDDED // 10:,}", "×", limit=1.1),
)
SIZED_GROWTH = (
    Measure("dense p50", "nearest vectors, p50", "ms"),
    Measure("dense p99", "nearest vectors, p99", "ms"),
    Measure("dense p50, two", "nearest vectors, two at once, p50", "ms"),
    Measure("dense p99, two", "nearest vectors, two at once, p99", "ms"),
    Measure("recall", "recall@10 against exact", "share", better=1),
    Measure("hybrid p50", "search, p50", "ms"),
    Measure("hybrid p99", "search, p99", "ms"),
    Measure("hybrid p50, two", "search, two at once, p50", "ms"),
    Measure("hybrid p99, two", "search, two at once, p99", "ms"),
    Measure("memory", "memory of who searches", "MB"),
    Measure("opens", "opening the library", "ms"),
    Measure("build", "building the vector index", "s"),
    Measure("disk", "library on disk", "MB"),
    Measure("vectors", "vector index on disk", "MB"),
)
GROWTH = (
    Measure(at("dense p99", _MILLION), f"{_MILLION:,} passages: nearest vectors, p99", "ms", limit=5),
    Measure(at("recall", _MILLION), "the same: recall@10 against exact", "share", limit=0.95, better=1),
    Measure(at("hybrid p50", _MILLION), f"{_MILLION:,} passages: search, p50", "ms", limit=40),
    Measure(at("hybrid p99", _MILLION), f"{_MILLION:,} passages: search, p99", "ms", limit=200),
    Measure(at("memory", _MILLION), f"{_MILLION:,} passages: memory of who searches", "MB", limit=1024),
)


@contextmanager
def growth(stage: Stage, who: Contestant) -> Iterator[Once]:
    """Search libraries of made-up passages, one size a round."""

    def once(number: int) -> Values:
        size, place = stage.sizes[number], stage.fresh("growth")
        program = [sys.executable, "-m", "eval.growth"]
        try:
            told = [
                stage.surroundings.run([*program, "make", str(place), str(size)]),
                stage.surroundings.run([*program, "search", str(place)]),
            ]
        finally:
            stage.clear("growth")  # gigabytes
        return {at(name, size): value for cost in told for name, value in json.loads(cost.output).items()}

    yield once


@contextmanager
def memory(stage: Stage, who: Contestant) -> Iterator[Once]:
    """Index more and more passages, each time into a new library, and see how much memory that takes at most."""

    def once(number: int) -> Values:
        found: Values = {}
        before: float | None = None
        for size in (size for size in stage.sizes if size <= _EMBEDDED):
            folder, library = stage.fresh("memory-documents"), stage.fresh("memory-library")
            write_passages(folder, size)
            peak = stage.surroundings.run([*RAG, "index", str(folder), "--library", str(library)]).memory
            if peak is None:
                raise Failed("memory is measured on Linux only")
            found[at("peak", size)] = peak
            if before:
                found[at("more", size)] = peak / before
            before = peak
        return found

    stage.surroundings.run([sys.executable, "-c", _LOADED])  # what is made once for the machine isn't measured
    yield once
    stage.clear("memory-documents", "memory-library")


@contextmanager
def unchanged(stage: Stage, who: Contestant) -> Iterator[Once]:
    """Index many small files, then again and again, with none changed; and watch them while one is."""
    count = min(FILES, max(stage.sizes))
    documents, library = stage.fresh("many-documents"), stage.fresh("many-library")
    write_files(documents, count)
    command = [*RAG, "index", str(documents), "--library", str(library)]
    run = stage.surroundings.run
    loaded = int(run([sys.executable, "-c", _LOADED]).output) / 1024
    cost = run(command)
    first = {"first": cost.wall} | ({"memory": cost.memory - loaded} if cost.memory else {})
    run(command)  # files that were saved within two seconds of the first run are looked into once more

    def once(number: int) -> Values:
        found = {"again": run(command).wall} | first
        first.clear()  # it was once
        with stage.surroundings.running([*command, "--watch"], ready="Watching"):
            found["seen"], found["found"] = _change(stage, documents, library, number)
        run(command)  # nothing is left to do for the next round
        return {at(name, count): value for name, value in found.items()}

    yield once
    stage.clear("many-documents", "many-library")


def _change(stage: Stage, documents: Path, folder: Path, number: int) -> tuple[float, float]:
    """Save a file anew with a word of its own; seconds until the library has it, and until `rag search` shows it."""
    word = f"zanzibar{number}"
    file = random.Random(f"{SEED} {number}").choice(sorted(documents.rglob("*.*")))
    with closing(Library.open(folder)) as library:
        file.write_text(f"{file.read_text(encoding='utf-8')}\nNobody had spoken of {word} before.\n", encoding="utf-8")
        saved = time.perf_counter()
        while not library.bm25(word, 1):
            if time.perf_counter() > saved + _AT_MOST:
                raise Failed(f"{file} was changed and is not in the library after {_AT_MOST:.0f} s")
            time.sleep(0.01)
        seen = time.perf_counter() - saved
    told = stage.surroundings.run([*RAG, "search", word, "-k", "1", "--json", "--library", str(folder)]).output
    found = time.perf_counter() - saved
    if word not in json.loads(told)[0]["text"]:
        raise Failed(f"rag search did not find {word}")
    return seen, found
