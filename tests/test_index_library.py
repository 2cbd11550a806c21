"""A library knows its model, has one writer, and reads passages back."""

from __future__ import annotations

import shutil
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from index.embedder import EmbeddingModel
from index.errors import EmbedderMismatch, LibraryBusy, LibraryError, LibraryMissing, RagError
from index.library import Library
from index.store import Store
from index.switch import switch
from index.sync import remove, sync
from index.vectors import VectorIndex
from tests.index_helpers import CORPUS, REPOSITORY, HashModel, as_model, names, write_files

HOLDER = """
import sys
from pathlib import Path
from index.library import Library
with Library.open(Path(sys.argv[1])).writing():
    print("held", flush=True)
    sys.stdin.read()
"""


def small(tmp_path: Path) -> Library:
    library = Library.create(tmp_path / "library")
    sync(library, [write_files(tmp_path / "in", {"a.txt": "The foo went up."})], as_model(HashModel()))
    return library


def test_missing(tmp_path: Path) -> None:
    with pytest.raises(LibraryMissing, match="make one with: rag index FOLDER"):
        Library.open(tmp_path / "none")


def test_another_embedder(tmp_path: Path) -> None:
    library = small(tmp_path)
    with pytest.raises(EmbedderMismatch) as caught:
        sync(library, [tmp_path / "in"], as_model(HashModel("other")))
    assert str(caught.value) == (
        f"the library {library.folder} was made with the embedding model hash, not with other; "
        f"embed it again with: rag index --rebuild --library {library.folder}"
    )
    library.check_embedder(as_model(HashModel()))


def test_an_empty_library_takes_any_embedder(tmp_path: Path) -> None:
    library = Library.create(tmp_path / "library")
    library.check_embedder(as_model(HashModel("other")))
    assert library.store.meta("embedder") is None


def test_busy_while_another_process_writes(tmp_path: Path) -> None:
    library = small(tmp_path)
    model = HashModel()
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(library.folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=REPOSITORY,
    ) as holder:
        assert holder.stdout and holder.stdin
        assert holder.stdout.readline() == "held\n"
        for write in (
            lambda: sync(library, [tmp_path / "in"], as_model(model)),
            lambda: remove(library, [tmp_path / "in"]),
            lambda: switch(library, as_model(HashModel("other"))),
        ):
            with pytest.raises(LibraryBusy) as caught:
                write()
            assert str(caught.value) == f"another rag is writing to {library.folder}; wait for it to finish"
        assert len(library.bm25("foo", 5)) == len(library.dense(model.encode(["foo"])[0], 5)) == 1
        holder.stdin.close()
    assert names(sync(library, [tmp_path / "in"], as_model(model)).unchanged) == ["a.txt"]
    assert model.encoded == 0


def test_the_lock_is_free_after_a_failure(tmp_path: Path) -> None:
    library = small(tmp_path)
    with pytest.raises(RuntimeError, match="in the middle"), library.writing():
        raise RuntimeError("in the middle")
    with library.writing():
        assert library.store.counts() == (1, 1)


def test_nothing_is_written_to_a_library_that_was_deleted(tmp_path: Path) -> None:
    library = small(tmp_path)
    shutil.rmtree(library.folder)
    for _ in range(2):
        with pytest.raises(LibraryMissing, match="was deleted or replaced while it was in use; start again"):
            sync(library, [tmp_path / "in"], as_model(HashModel()))
        small(tmp_path)  # another one in its place


def test_passages(tmp_path: Path) -> None:
    library = small(tmp_path)
    ((number, score),) = library.dense(HashModel().encode(["The foo went up."])[0], 5)
    (passage,) = library.passages([(number, score), (number + 99, 0.5)])  # one that is gone meanwhile
    assert (passage.text, passage.document.name, passage.chunk.voice) == ("The foo went up.", "a.txt", "report")
    assert passage.score == pytest.approx(1, abs=1e-3)


@pytest.mark.parametrize("question", ["what's up?", "foo-bar", "a:b", '"', "NEAR(", "*", "\0", "foo\0", "AND NOT", ""])
def test_hostile_questions(tmp_path: Path, question: str) -> None:
    library = small(tmp_path)
    assert len(library.bm25(question, 5)) == ("foo" in question)


def test_errors_are_one_tree() -> None:
    assert issubclass(LibraryBusy, LibraryError) and issubclass(EmbedderMismatch, LibraryError)
    assert issubclass(LibraryMissing, LibraryError) and issubclass(LibraryError, RagError)


def test_the_corpus_with_the_real_model(corpus_library: Path, model: EmbeddingModel) -> None:
    library = Library.open(corpus_library)
    documents = library.store.documents()
    assert names(document.path for document in documents.values()) == sorted(path.name for path in CORPUS.iterdir())
    assert sorted(library.store.languages()) == ["en", "fr"]
    undated = [document.name for document in documents.values() if not document.date]
    assert undated == ["waiting-for-the-buses.txt"]
    encoder = model.question_encoder()
    for question, name in [
        ("Did the two sides agree on a list of thousands of prisoners in Istanbul?", "istanbul"),
        ("Que répondent les Européens au plan américain ?", "plan-americain"),
    ]:
        dense, words = library.dense(encoder.encode([question])[0], 5), library.bm25(question, 5)
        assert any(name in passage.document.name for passage in library.passages(dense))
        assert any(name in passage.document.name for passage in library.passages(words))
    for document in documents.values():
        sentences = library.store.sentences(document.id)
        spans = library.store.spans(document.id)
        assert all(any(s.start <= each.start and each.end <= s.end for s in spans) for each in sentences)
    library.close()


def test_many_threads_ask_while_one_indexes(tmp_path: Path) -> None:
    """Questions keep their answers, of one state of the library each, while documents come and go."""
    library, model = small(tmp_path), HashModel()
    stop = threading.Event()

    def write() -> None:
        try:
            for number in range(12):
                write_files(tmp_path / "in", {f"{i}.txt": f"Bar {i} of {number} came down." for i in range(number % 5)})
                for path in (tmp_path / "in").glob(f"{number % 5}.txt"):
                    path.unlink()
                sync(library, [tmp_path / "in"], as_model(model))
        finally:
            stop.set()

    def ask() -> int:
        asked = 0
        while not stop.is_set() or not asked:
            with library.store.snapshot():
                found = library.dense(model.encode(["The foo went up."])[0], 99)
                passages = library.passages(found)
                assert len(passages) == len(found) == library.store.counts()[1]
                assert passages[0].text == "The foo went up." and found[0][1] == pytest.approx(1, abs=1e-3)
                assert [p.document.name for p in library.passages(library.bm25("foo", 9))] == ["a.txt"]
            asked += 1
        return asked

    with ThreadPoolExecutor(5) as pool:
        writing, *asking = [pool.submit(work) for work in (write, ask, ask, ask, ask)]
    writing.result()
    assert all(each.result() for each in asking)
    assert library.refresh_vectors().generation == library.store.generation


def test_the_vector_index_is_made_once_for_all_threads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    library = small(tmp_path)
    library._vectors = None
    opened, real = [], VectorIndex.open

    def slowly(folder: Path, store: Store, embedder: str) -> VectorIndex:
        opened.append(folder)
        time.sleep(0.05)
        return real(folder, store, embedder)

    monkeypatch.setattr(VectorIndex, "open", slowly)
    with ThreadPoolExecutor(8) as pool:
        indexes = list(pool.map(lambda _: library.refresh_vectors(), range(8)))
    assert opened == [library.folder] and len({id(index) for index in indexes}) == 1
