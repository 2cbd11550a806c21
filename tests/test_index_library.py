"""A library knows its model, has one writer, and reads passages back."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from index.embedder import EmbeddingModel
from index.errors import EmbedderMismatch, LibraryBusy, LibraryError, LibraryMissing, RagError
from index.library import Library
from index.sync import rebuild, remove, sync
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
        f"the library {library.folder} was made with the embedding model hash, the settings name other; "
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
            lambda: rebuild(library, as_model(model)),
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
