"""The vector file is exact, and made again from the database whenever it can't be trusted."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

import index.vectors
from index.library import Library
from index.sync import Progress, sync
from index.vectors import VectorIndex
from tests.index_helpers import REPOSITORY, HashModel, as_model, write_files

QUESTION = "the harbour and the 7 treaties"
NOBODY = 65534


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    files = {f"{n}.txt": f"Harbour {n} is closed. The treaty of day {n * 7} holds for {n} years." for n in range(30)}
    made = Library.create(tmp_path / "library")
    sync(made, [write_files(tmp_path / "in", files)], as_model(HashModel()))
    yield made
    made.close()


def vector_file(library: Library) -> Path:
    (file,) = library.folder.glob("vectors-*.faiss")
    return file


def search(library: Library, k: int = 10) -> list[tuple[int, float]]:
    """Search with a library opened anew, as the next process would."""
    opened = Library.open(library.folder)
    try:
        return opened.dense(HashModel().encode([QUESTION])[0], k)
    finally:
        opened.close()


@pytest.mark.parametrize("k", [1, 10, 30, 1000])
def test_search_is_brute_force(library: Library, k: int) -> None:
    ids, vectors = library.store.vectors()
    question = HashModel().encode([QUESTION])[0]
    scores = dict(zip(ids, vectors @ question, strict=True))
    found = search(library, k)
    assert len(found) == min(k, len(ids)) and len({number for number, _ in found}) == len(found)
    np.testing.assert_allclose([score for _, score in found], sorted(scores.values(), reverse=True)[:k], atol=1e-6)
    np.testing.assert_allclose([score for _, score in found], [scores[number] for number, _ in found], atol=1e-6)


def test_a_long_run_keeps_what_is_searched_with_on_the_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("index.sync._UNKEPT_CHUNKS", 100)
    files = write_files(tmp_path / "in", {f"{n}.txt": f"Harbour {n} is closed." for n in range(1000)})
    library = Library.create(tmp_path / "library")
    kept: dict[str, int] = {}

    def on_progress(progress: Progress) -> None:
        for file in library.folder.glob("vectors-*.faiss"):
            kept.setdefault(file.name, progress.done)

    sync(library, [files], as_model(HashModel()), on_progress=on_progress)
    assert 3 <= len(kept) <= 5 and min(kept.values()) <= 300
    assert len(search(library, 1000)) == 1000


def test_an_empty_library_finds_nothing(tmp_path: Path) -> None:
    library = Library.create(tmp_path / "library")
    assert library.dense(HashModel().encode([QUESTION])[0], 5) == []


def delete(file: Path) -> None:
    file.unlink()


def truncate(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-40])


def empty(file: Path) -> None:
    file.write_bytes(b"")


def flip(file: Path) -> None:
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)


def rename(file: Path) -> None:
    file.rename(file.with_name(file.name.split("-")[0] + "-" + file.name.split("-")[1] + "-mine.faiss"))


def dangle(file: Path) -> None:
    file.unlink()
    file.symlink_to("gone")  # as when another process replaces the file between finding and reading it


@pytest.mark.parametrize(
    "damage",
    [delete, truncate, empty, flip, rename, dangle],
    ids=lambda damage: damage.__name__,
)
def test_damage_is_mended_without_embedding(library: Library, damage: Callable[[Path], None]) -> None:
    before = search(library)
    damage(vector_file(library))
    assert search(library) == before
    assert search(library) == before


@pytest.mark.parametrize("damage", [delete, truncate, flip], ids=lambda damage: damage.__name__)
def test_the_file_is_written_again(library: Library, damage: Callable[[Path], None]) -> None:
    file = vector_file(library)
    data = file.read_bytes()
    damage(file)
    search(library)
    assert vector_file(library) == file
    assert file.read_bytes() == data


def test_the_file_of_an_earlier_generation_serves_on(library: Library) -> None:
    file = vector_file(library)
    before = file.read_bytes()
    library.store.remove_file(next(iter(library.store.files())))
    assert len(search(library, 100)) == len(library.store.vectors()[0]) == 29
    assert file.read_bytes() == before  # a reader makes none where one serves
    library.renew()
    own = library.store.embedder
    assert own and vector_file(library).name.startswith(f"vectors-{own.fingerprint}-{library.store.generation}-")
    found = search(library, 100)
    (library.folder / file.name).write_bytes(before)  # as one who copied the folder in the middle may have it
    assert search(library, 100) == found


def exact(library: Library, k: int, among: list[int] | None = None) -> list[float]:
    """The scores that a search must find, by brute force."""
    _, vectors = library.store.vectors(among)
    return sorted((vectors @ HashModel().encode([QUESTION])[0]).tolist(), reverse=True)[:k]


@pytest.mark.parametrize("kind", ["exact", "approximate"])
def test_what_came_and_went_since_the_file_was_made_is_minded(
    library: Library, tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index.vectors, "_SMALL", 0)
    monkeypatch.setattr(index.vectors, "_CHANGED", 0.3)
    if kind == "approximate":  # all lists are looked into, so that only the quantisation is
        monkeypatch.setattr(index.vectors, "EXACT", 10)
    reader = Library.open(library.folder)
    random = np.random.default_rng(5)
    made = {vector_file(library).name}
    for step in range(12):
        for number in random.choice(60, 4, replace=False).tolist():
            file = tmp_path / "in" / f"{number}.txt"
            if file.exists() and (step % 3 == 2 or random.random() < 0.5):  # now and then files only go
                file.unlink()
            else:
                file.write_text(f"Harbour {number} was seen on day {step}. The treaty of {number * 3} men holds.")
        sync(library, [tmp_path / "in"], as_model(HashModel()))
        made.add(vector_file(library).name)
        numbers = [int(n) for n in library.store.chunk_numbers()]
        chosen = sorted(random.choice(numbers, 7, replace=False).tolist())
        for opened in (library, reader):
            vector = HashModel().encode([QUESTION])[0]
            found = opened.dense(vector, 8)
            assert {number for number, _ in found} <= set(numbers)
            np.testing.assert_allclose([score for _, score in found], exact(library, 8), atol=0.02)
            few = opened.refresh_vectors().search(vector, 20, chosen)
            assert {number for number, _ in few} == set(chosen)
            np.testing.assert_allclose([score for _, score in few], exact(library, 20, chosen), atol=0.02)
    assert 2 < len(made) < 13  # made anew now and then, not each time
    reader.close()


def test_an_open_library_follows_the_writer(library: Library) -> None:
    reader = Library.open(library.folder)
    assert len(reader.dense(HashModel().encode([QUESTION])[0], 100)) == 30
    library.store.remove_file(next(iter(library.store.files())))
    assert len(reader.dense(HashModel().encode([QUESTION])[0], 100)) == 29
    reader.close()


def test_an_intact_file_is_loaded_as_it_is(library: Library) -> None:
    before = vector_file(library).stat()
    embedder = HashModel().fingerprint
    assert VectorIndex.open(library.folder, library.store, embedder).generation == library.store.generation
    assert vector_file(library).stat() == before


READ_ONLY = f"""
import os, sys
from pathlib import Path
import faiss, numpy, Stemmer
from index.library import Library
from tests.index_helpers import HashModel
if os.getuid() == 0:
    os.setgid({NOBODY})
    os.setuid({NOBODY})
library = Library.open(Path(sys.argv[1]))
print(len(library.dense(HashModel().encode(["the harbour"])[0], 5)), len(library.bm25("harbour", 5)))
"""


@pytest.mark.skipif(not hasattr(os, "setuid"), reason="folders are made read-only the POSIX way")
@pytest.mark.parametrize("vectors", ["with", "without"])
def test_a_read_only_library_is_searched(vectors: str) -> None:
    with tempfile.TemporaryDirectory() as name:  # pytest's own folders are closed to all but their owner
        folder = Path(name)
        folder.chmod(0o755)
        library = Library.create(folder / "library")
        text = {"a.txt": "The harbour is closed."}
        sync(library, [write_files(folder / "in", text)], as_model(HashModel()))
        library.close()
        if vectors == "without":
            vector_file(library).unlink()
        for file in library.folder.iterdir():
            file.chmod(0o444)
        library.folder.chmod(0o555)
        command = [sys.executable, "-c", READ_ONLY, str(library.folder)]
        done = subprocess.run(command, capture_output=True, text=True, cwd=REPOSITORY)
        library.folder.chmod(0o755)
    assert (done.stdout, done.stderr) == ("1 1\n", "")
