"""Another embedding model takes a library over: beside the old one, in steps, and all at once at the end."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from index.embedders import Embedders
from index.errors import EmbedderMismatch, LibraryBusy
from index.library import Library
from index.switch import LibraryEmbedder, described, forget_others, own_model, pending, switch
from index.sync import remove, sync
from index.watch import watch
from tests.index_helpers import HashModel, answers, as_model, old_library, write_files

if TYPE_CHECKING:
    from index.embedder import EmbeddingModel, Vectors

FILES = {
    **{f"{n}.txt": f"Harbour {n} is closed. The treaty of day {n * 7} holds for {n} years." for n in range(300)},
    "long.txt": " ".join(f"The lighthouse keeper counted {n} ships and {n + 3} gulls." for n in range(300))
    + "\n\nComments\n\n"
    + " ".join(f"I saw the ships of day {n} too!" for n in range(60)),
}
QUESTION = "the harbour and the 7 treaties"


class Wide(HashModel):
    """A HashModel with vectors of 96 dimensions."""

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Encode texts, shape (len(texts), 96)."""
        narrow = super().encode(texts)
        wide: Vectors = np.concatenate([narrow, narrow[:, :32]], axis=1)
        return wide / np.linalg.norm(wide, axis=1, keepdims=True)


@pytest.fixture
def old() -> HashModel:
    return HashModel("old")


@pytest.fixture
def new() -> HashModel:
    return Wide("new")


@pytest.fixture
def library(tmp_path: Path, old: HashModel) -> Iterator[Library]:
    made = Library.create(tmp_path / "library")
    sync(made, [write_files(tmp_path / "in", FILES)], as_model(old))
    yield made
    made.close()


def made_with(model: HashModel, tmp_path: Path) -> Library:
    """Make a library of what is in the folder now, with this model from the beginning."""
    made = Library.create(tmp_path / f"library made with {model.name} {time.monotonic_ns()}")
    sync(made, [tmp_path / "in"], as_model(model))
    return made


def stop_after(batches: int) -> Callable[[int, int], None]:
    """Interrupt after so many batches, as Ctrl-C does."""
    left = [batches]

    def on_progress(done: int, total: int) -> None:
        left[0] -= 1
        if not left[0]:
            raise KeyboardInterrupt

    return on_progress


def kept(library: Library) -> dict[str, int]:
    return {one.embedder.name: one.chunks for one in Embedders(library.store).kept()}


def size_of(library: Library) -> int:
    library.store.run("PRAGMA wal_checkpoint(TRUNCATE)")
    return (library.folder / "library.db").stat().st_size


def test_afterwards_it_is_as_if_made_with_the_new_model(library: Library, new: HashModel, tmp_path: Path) -> None:
    spans = {document: library.store.spans(document) for document in library.store.documents()}
    seen: list[tuple[int, int]] = []
    chunks = library.store.counts()[1]
    assert switch(library, as_model(new), lambda done, total: seen.append((done, total))) == chunks == new.encoded
    assert len(seen) > 3 and seen == sorted(seen) and seen[-1] == (chunks, chunks)
    assert library.store.embedder == described(as_model(new))
    assert {document: library.store.spans(document) for document in spans} == spans
    other = made_with(new, tmp_path)
    assert answers(library, new, QUESTION, 20) == answers(other, new, QUESTION, 20)
    assert library.store.vectors()[1].shape == (chunks, 96)
    assert sync(library, [tmp_path / "in"], as_model(new)).chunks_embedded == 0
    assert switch(library, as_model(new)) == 0
    with pytest.raises(EmbedderMismatch, match=r"was made with the embedding model new, not with old; .*--rebuild"):
        sync(library, [tmp_path / "in"], as_model(HashModel("old")))


def test_back_and_forth_embeds_nothing(library: Library, old: HashModel, new: HashModel) -> None:
    before = answers(library, old, QUESTION), library.store.vectors()[1].tolist()
    switch(library, as_model(new))
    after = answers(library, new, QUESTION)
    old.encoded = new.encoded = 0
    for _ in range(2):
        assert switch(library, as_model(old)) == 0
        assert (answers(library, old, QUESTION), library.store.vectors()[1].tolist()) == before
        assert switch(library, as_model(new)) == 0
        assert answers(library, new, QUESTION) == after
    assert old.encoded == new.encoded == 0
    files = {file: file.stat().st_mtime_ns for file in library.folder.glob("vectors-*.faiss")}
    switch(library, as_model(old))
    assert {file: file.stat().st_mtime_ns for file in library.folder.glob("vectors-*.faiss")} == files
    assert len(files) == 2


def test_an_interrupted_switch_changes_no_answer_and_goes_on(library: Library, old: HashModel, new: HashModel) -> None:
    before = answers(library, old, QUESTION)
    chunks = library.store.counts()[1]
    for _ in range(3):
        with pytest.raises(KeyboardInterrupt):
            switch(library, as_model(new), stop_after(1))
    with pytest.raises(KeyboardInterrupt):  # in the middle of a batch, which is lost
        switch(library, as_model(new), on_step=lambda: (_ for _ in ()).throw(KeyboardInterrupt))
    assert pending(library, as_model(new)) and answers(library, old, QUESTION) == before
    library.check_embedder(as_model(old))
    written = kept(library)["new"]
    assert 0 < written == new.encoded < chunks
    again = Library.open(library.folder)  # another process
    seen: list[int] = []
    assert switch(again, as_model(new), lambda done, total: seen.append(done)) == chunks - written
    assert new.encoded == chunks and seen[0] > written
    assert kept(library) == {"old": chunks, "new": chunks}
    again.close()


def test_a_model_that_fails_loses_what_it_was_at(library: Library, old: HashModel) -> None:
    before = answers(library, old, QUESTION)
    with pytest.raises(RuntimeError, match="gulls"):
        switch(library, as_model(HashModel("new", fail_on="gulls")))
    assert answers(library, old, QUESTION) == before and pending(library, as_model(HashModel("new")))


def test_documents_come_and_go_during_a_switch(
    library: Library, old: HashModel, new: HashModel, tmp_path: Path
) -> None:
    with pytest.raises(KeyboardInterrupt):
        switch(library, as_model(new), stop_after(2))
    write_files(tmp_path / "in", {"late.txt": "The ferry is late.", "5.txt": "Harbour 5 is open again."})
    remove(library, [tmp_path / "in" / "7.txt"])
    (tmp_path / "in" / "7.txt").unlink()
    sync(library, [tmp_path / "in"], as_model(old))
    assert answers(library, old, "the ferry is late", 1)[0][0][1] == "late.txt"
    switch(library, as_model(new))
    other = made_with(new, tmp_path)
    for question in (QUESTION, "the ferry is late", "harbour 5 is open again"):
        assert answers(library, new, question, 20) == answers(other, new, question, 20)
    (tmp_path / "in" / "8.txt").unlink()
    write_files(tmp_path / "in", {"later.txt": "The ferry is later."})
    sync(library, [tmp_path / "in"], as_model(new))
    old.encoded = 0
    assert switch(library, as_model(old)) == 1 == old.encoded  # what came since
    assert answers(library, old, QUESTION, 20) == answers(made_with(old, tmp_path), old, QUESTION, 20)
    assert set(kept(library).values()) == {library.store.counts()[1]}


def test_a_library_of_the_first_version_is_switched(tmp_path: Path, new: HashModel) -> None:
    documents = write_files(tmp_path / "in", FILES)
    library = Library.open(old_library(tmp_path / "library", documents))
    own = library.store.embedder
    assert own and (own.name, own.setting) == ("hash", "")
    hashed = HashModel()
    assert answers(library, hashed, QUESTION) == answers(made_with(hashed, tmp_path), hashed, QUESTION)
    switch(library, as_model(new))
    assert answers(library, new, QUESTION) == answers(made_with(new, tmp_path), new, QUESTION)


def test_other_models_are_forgotten_on_request(library: Library, old: HashModel, new: HashModel) -> None:
    assert forget_others(library) == []
    switch(library, as_model(new))
    size = size_of(library)
    (forgotten,) = forget_others(library)
    chunks = library.store.counts()[1]
    assert (forgotten.embedder, forgotten.chunks) == (described(as_model(old)), chunks)
    assert forgotten.size == chunks * 64 * 2
    assert size_of(library) < size
    assert len(list(library.folder.glob("vectors-*.faiss"))) == 1 and kept(library) == {"new": chunks}
    old.encoded = 0
    assert switch(library, as_model(old)) == chunks == old.encoded


def test_an_empty_library_takes_the_new_model_at_once(library: Library, new: HashModel, tmp_path: Path) -> None:
    remove(library, [tmp_path / "in"])
    assert switch(library, as_model(new)) == 0
    assert sync(library, [tmp_path / "in"], as_model(new)).chunks_embedded == new.encoded > 0


def test_a_watching_process_follows(
    library: Library, old: HashModel, new: HashModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    notes: list[str] = []
    monkeypatch.setattr("index.switch.EmbeddingModel.open", lambda setting, threads: opened(setting, new))
    batches = watch(library, [tmp_path / "in"], as_model(old), on_note=notes.append)
    next(batches)
    other = Library.open(library.folder)
    switch(other, as_model(new))
    write_files(tmp_path / "in", {"late.txt": "The ferry is late."})
    assert len(next(batches).report.added) == 1
    assert kept(other) == {"old": other.store.counts()[1] - 1, "new": other.store.counts()[1]}
    assert answers(other, new, "The ferry is late", 1)[0][0][1] == "late.txt"
    batches.close()
    other.close()


def opened(setting: str, *models: HashModel) -> EmbeddingModel:
    """Open a HashModel by its setting."""
    from index.errors import ModelError

    for model in models:
        if setting == model.setting:
            return as_model(model)
    raise ModelError(setting)


def test_a_model_that_is_gone_is_named(library: Library, new: HashModel) -> None:
    with pytest.raises(
        EmbedderMismatch, match=r"embedding model old, which isn't here any more, the settings name new"
    ):
        own_model(library, as_model(new))
    with pytest.raises(EmbedderMismatch):
        LibraryEmbedder(library, as_model(new))
    switch(library, as_model(new))
    assert own_model(library, as_model(new)).name == "new"


def test_within_a_snapshot_the_model_is_one(
    library: Library, old: HashModel, new: HashModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.switch.EmbeddingModel.open", lambda setting, threads: opened(setting, old, new))
    encoder = LibraryEmbedder(library, as_model(old))
    with library.store.snapshot():
        assert len(encoder.encode([QUESTION])[0]) == 64
        work = threading.Thread(target=switch, args=(Library.open(library.folder), as_model(new)))
        work.start()
        work.join()
        vector = encoder.encode([QUESTION])[0]
        assert len(vector) == 64 and len(library.dense(vector, 5)) == 5
    vector = encoder.encode([QUESTION])[0]
    assert len(vector) == 96 and len(library.dense(vector, 5)) == 5
    with library.writing(), pytest.raises(LibraryBusy):
        switch(library, as_model(old))
