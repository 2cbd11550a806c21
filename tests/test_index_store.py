"""The database keeps what it is given, whole or not at all, and takes nothing in a question for syntax."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import apsw
import numpy as np
import pytest

from index.chunks import Span
from index.errors import LibraryBusy, LibraryError, LibraryMissing
from index.library import Library
from index.store import SCHEMA_VERSION, FileRecord, Listed, Store
from index.types import Chunk, Document, Sentence
from tests.index_helpers import HashModel, old_library, write_files

MODEL = HashModel()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store.create(tmp_path / "library")
    yield made
    made.close()


def put(store: Store, name: str, text: str = "The foo went up. The bar came down.", language: str = "en") -> Document:
    """Store a document of two chunks, cut at the first full stop, and its file."""
    document = Document(f"id-{name}", f"/in/{name}", name, "2025-06-02", language, text)
    cut = text.index(".") + 1
    spans = [Span(0, cut, "report"), Span(cut + 1, len(text), "comment")]
    texts = [text[span.start : span.end] for span in spans]
    with store.transaction():
        terms = [each.lower().strip(".").split() for each in texts]
        store.put_document(document, [Sentence(s.start, s.end) for s in spans], spans, terms, MODEL.encode(texts))
        store.put_file(FileRecord(document.path, document.id, len(text), 1, 2))
    return document


def test_round_trip(store: Store, tmp_path: Path) -> None:
    document = put(store, "a.txt")
    other = Store.open(tmp_path / "library")
    assert other.documents() == {"id-a.txt": document} == other.documents(["id-a.txt", "no such", "id-a.txt"])
    assert document.name == "a.txt"
    assert other.sentences("id-a.txt") == [Sentence(0, 16), Sentence(17, 35)]
    assert other.spans("id-a.txt") == [Span(0, 16, "report"), Span(17, 35, "comment")]
    assert other.files() == {"/in/a.txt": FileRecord("/in/a.txt", "id-a.txt", 35, 1, 2, None)}
    assert other.counts() == (1, 2)
    ids, vectors = other.vectors()
    assert other.chunks([*ids, 99]) == {
        ids[0]: Chunk(ids[0], "id-a.txt", 0, 16, "report"),
        ids[1]: Chunk(ids[1], "id-a.txt", 17, 35, "comment"),
    }
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(vectors, MODEL.encode(["The foo went up.", "The bar came down."]), atol=1e-3)
    np.testing.assert_array_equal(other.vectors([ids[1]])[1], vectors[1:])
    other.close()


def test_what_is_read_once_follows_every_change(store: Store, tmp_path: Path) -> None:
    other = Store.open(tmp_path / "library")
    assert (other.languages(), other.dates()) == ([], (None, None))
    document = put(store, "a", language="fr")
    assert (other.languages(), other.dates()) == (["fr"], ("2025-06-02", "2025-06-02"))
    store.update_origin(replace(document, date="2024-01-01"))
    assert other.dates() == ("2024-01-01", "2024-01-01")
    store.remove_file("/in/a")
    assert (other.languages(), other.dates()) == ([], (None, None))
    other.close()


def test_what_is_undone_was_never_read(store: Store) -> None:
    with suppress(KeyError), store.transaction():
        store.put_document(Document("id", "/in/x", "x", None, "de", ""), [], [], [], MODEL.encode([]))
        assert store.languages() == ["de"]
        raise KeyError
    with store.transaction():
        store.put_document(Document("id", "/in/x", "x", None, "es", ""), [], [], [], MODEL.encode([]))
    assert store.languages() == ["es"]


def test_full_text_is_merged_and_stays_the_same(store: Store) -> None:
    for number in range(40):
        put(store, f"{number}", f"The foo {'went ' * number}up. The bar came down.")
    before, pieces = store.bm25(["foo", "bar"], 100), "SELECT count(DISTINCT segid) FROM fulltext_idx"
    assert store.value(pieces) > 1
    store.merge_terms()
    assert store.value(pieces) == 1
    assert store.bm25(["foo", "bar"], 100) == before
    store.merge_terms()


def test_an_empty_library(store: Store) -> None:
    assert (store.counts(), store.generation, store.languages(), store.files()) == ((0, 0), 0, [], {})
    ids, vectors = store.vectors()
    assert (ids, vectors.shape) == ([], (0, 0))
    assert store.sentences("no such") == []
    assert store.bm25(["foo"], 5) == store.bm25([], 5) == []
    assert store.meta("no such") is None


def test_meta_and_languages(store: Store) -> None:
    store.set_meta("key", "one")
    store.set_meta("key", "two")
    assert store.meta("key") == "two"
    for name, language in [("a", "fr"), ("b", "en"), ("c", "fr"), ("d", "de")]:
        put(store, name, language=language)
    assert store.languages() == ["fr", "de", "en"]


def test_a_failing_transaction_leaves_nothing(store: Store) -> None:
    put(store, "a.txt")
    before = (store.documents(), store.files(), store.counts(), store.generation, store.bm25(["foo"], 9))
    with pytest.raises(RuntimeError, match="half way"), store.transaction():
        store.remove_file("/in/a.txt")
        store.set_meta("embedder", "x")
        raise RuntimeError("half way")
    assert (store.documents(), store.files(), store.counts(), store.generation, store.bm25(["foo"], 9)) == before
    assert store.meta("embedder") is None
    put(store, "b.txt")  # and the next one works
    assert store.counts() == (2, 4)


def test_vectors_must_match_the_chunks(store: Store) -> None:
    document = Document("id", "/in/a", "a", None, "en", "One. Two.")
    with pytest.raises(ValueError, match="zip"), store.transaction():
        store.put_document(document, [], [Span(0, 4, "report")], [["one"]], MODEL.encode(["a", "b"]))
    assert store.counts() == (0, 0)


def test_a_snapshot_does_not_see_what_another_writes(store: Store, tmp_path: Path) -> None:
    put(store, "a.txt")
    reader = Store.open(tmp_path / "library")
    with reader.snapshot():
        assert reader.counts() == (1, 2)
        put(store, "b.txt")
        store.remove_file("/in/a.txt")
        with reader.snapshot():  # nested: still the same state
            assert list(reader.documents()) == ["id-a.txt"]
            assert len(reader.bm25(["foo"], 9)) == 1
        assert reader.generation == 1
    assert list(reader.documents()) == ["id-b.txt"]
    reader.close()


def test_every_change_of_chunks_raises_the_generation(store: Store) -> None:
    seen = [store.generation]
    document = put(store, "a.txt")
    seen.append(store.generation)
    store.put_chunks(document.id, [Span(0, 16, "report")], [["foo"]], MODEL.encode(["foo"]))
    seen.append(store.generation)
    store.update_origin(Document(document.id, "/in/b.txt", "New", None, "en", document.text))
    assert store.generation == seen[-1]
    assert (store.documents()[document.id].path, store.documents()[document.id].date) == ("/in/b.txt", None)
    store.remove_file("/in/a.txt")
    seen.append(store.generation)
    assert seen == sorted(set(seen))
    assert store.counts() == (0, 0)


def test_a_document_goes_with_its_last_file(store: Store) -> None:
    document = put(store, "a.txt")
    store.put_file(FileRecord("/in/b.txt", document.id, 35, 1, 2))
    store.remove_file("/in/a.txt")
    assert store.documents()[document.id].path == "/in/b.txt"
    store.put_file(FileRecord("/in/b.txt", None, 35, 1, 2, "empty"))
    assert store.documents() == {}
    assert store.bm25(["foo"], 5) == []
    assert store.files()["/in/b.txt"].problem == "empty"


def test_bm25_ranks_and_counts(store: Store) -> None:
    for number in range(9):
        put(store, f"{number}.txt", "Nothing of note here. Not here either.")
    put(store, "a.txt", "The foo foo went up. The bar came down.")
    put(store, "b.txt", "One foo among many other words. The end of it.")
    found = store.bm25(["foo"], 5)
    chunks = store.chunks([number for number, _ in found])
    assert [chunks[number].document_id for number, _ in found] == ["id-a.txt", "id-b.txt"]
    assert found[0][1] > found[1][1] > 0
    assert store.bm25(["foo"], 1) == found[:1]
    assert store.document_frequency(["foo", "bar", "none"]) == {"foo": 2, "bar": 1, "none": 0}


@pytest.mark.parametrize(("most", "rare"), [(0, ["few"]), (90, ["few", "some"]), (999, ["few", "some", "many", "all"])])
def test_rare_words_decide_where_common_ones_match_too_much(
    store: Store, monkeypatch: pytest.MonkeyPatch, most: int, rare: list[str]
) -> None:
    dice = random.Random(1)
    for number in range(200):
        words = [word for word, share in [("all", 0.9), ("many", 0.5), ("some", 0.1), ("few", 0.03)] for _ in range(3)
                 if dice.random() < share]  # fmt: skip
        put(store, f"{number}.txt", f"A {' '.join(words)} z. The end {'of it ' * dice.randrange(9)}came.")
    exact = dict(store.bm25(["few", "none", "all", "some", "many"], 999))
    monkeypatch.setattr("index.store._MATCHES", most)
    found = store.bm25(["few", "none", "all", "some", "many"], 999)
    assert {number for number, _ in found} == {number for word in rare for number, _ in store.bm25([word], 999)}
    assert [score for _, score in found] == pytest.approx([exact[number] for number, _ in found])
    assert found == sorted(found, key=lambda one: -one[1])
    assert found[:5] == store.bm25(["few", "none", "all", "some", "many"], 5)
    assert store.bm25(["none"], 5) == []


def test_chunks_are_counted_by_document_and_found_by_their_age(store: Store) -> None:
    put(store, "a.txt")
    last = store.last_chunk
    put(store, "b.txt")
    assert store.chunk_counts(["id-a.txt", "id-b.txt", "id-a.txt", "no such"]) == {"id-a.txt": 2, "id-b.txt": 2}
    assert (store.documents_up_to(last), store.documents_up_to(0)) == (["id-a.txt"], [])


def test_bm25_forgets_what_was_removed(tmp_path: Path) -> None:
    changed, fresh = Store.create(tmp_path / "changed"), Store.create(tmp_path / "fresh")
    for number in range(5):
        put(changed, f"{number}.txt", f"A foo number {number} stands here with many more words. And more of foo.")
    for number in range(5):
        changed.remove_file(f"/in/{number}.txt")
    for store in (changed, fresh):
        put(store, "a.txt")
        put(store, "b.txt", "Nothing of note. Nor in this part of it.")
    scores = [[score for _, score in store.bm25(["foo", "note"], 9)] for store in (changed, fresh)]
    assert scores[0] == pytest.approx(scores[1])
    assert len(scores[0]) == 2


@pytest.mark.parametrize(
    "term",
    [
        *("what's up?", "foo-bar", "a:b", '"', '""', "NEAR(", "*", "foo*", "^foo", "AND", "terms:foo", "{foo} : x"),
        *("-foo", "", "'; DROP TABLE chunks; --", ")", "foo OR bar", "\\", "é"),
    ],
)
def test_no_term_is_syntax(store: Store, term: str) -> None:
    put(store, "a.txt")
    alone = [number for number, _ in store.bm25(["foo"], 9)]
    assert [number for number, _ in store.bm25(["foo", term], 9)] == alone
    assert store.counts() == (1, 2)


def test_missing(tmp_path: Path) -> None:
    with pytest.raises(LibraryMissing) as caught:
        Store.open(tmp_path / "none")
    assert str(caught.value) == f"there is no library at {tmp_path}/none yet; make one with: rag index FOLDER"
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("version", [SCHEMA_VERSION + 1, 99])
def test_of_a_newer_version(store: Store, tmp_path: Path, version: int) -> None:
    file = tmp_path / "library" / "library.db"
    apsw.Connection(str(file)).pragma("user_version", version)
    for make in (Store.open, Store.create):
        with pytest.raises(LibraryError) as caught:
            make(tmp_path / "library")
        assert str(caught.value) == (
            f"{file} has format {version}, this program reads {SCHEMA_VERSION}; "
            "index the documents again into a new library (--library NAME)"
        )


@pytest.mark.parametrize("damage", ["garbage", "half", "hole"])
def test_damaged(tmp_path: Path, damage: str) -> None:
    whole = Store.create(tmp_path / "whole")
    for number in range(20):
        put(whole, f"{number}.txt")
    whole.close()
    data = (tmp_path / "whole" / "library.db").read_bytes()
    damaged = {
        "garbage": b"garbage " * 999,
        "half": data[: len(data) // 2],
        "hole": data[:4096] + b"\xa5" * len(data[4096:]),
    }
    (tmp_path / "library").mkdir()
    (tmp_path / "library" / "library.db").write_bytes(damaged[damage])
    with pytest.raises(LibraryError, match=r"library\.db is damaged \(.*\); delete its folder and run rag index again"):
        Store.open(tmp_path / "library").documents()


def test_a_file_left_by_a_kill_before_its_tables_were_made(tmp_path: Path) -> None:
    (tmp_path / "library.db").touch()
    with pytest.raises(LibraryMissing):
        Store.open(tmp_path)


def test_a_kill_before_the_tables_is_mended_by_the_next_run(tmp_path: Path) -> None:
    (tmp_path / "library.db").touch()
    Store.create(tmp_path).close()
    assert Store.open(tmp_path).counts() == (0, 0)


@pytest.mark.parametrize("below", ["", "deeper"])
def test_no_folder_where_a_file_stands(tmp_path: Path, below: str) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(LibraryError, match=r"^can't write to the library folder .*; choose another with --library$"):
        Store.create(tmp_path / "file" / below)


# --- versions ---------------------------------------------------------------------------------------------------------


def tables(folder: Path) -> list[str]:
    """Return what an SQLite file says of its own tables and indexes, and its version."""
    db = apsw.Connection(str(folder / "library.db"), flags=apsw.SQLITE_OPEN_READWRITE)
    made = [str(sql) for (sql,) in db.execute("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name")]
    version = db.pragma("user_version")
    db.close()
    return [*made, str(version)]


def test_an_old_library_is_brought_up_to_date_and_keeps_everything(tmp_path: Path) -> None:
    documents = write_files(tmp_path / "in", {"a.txt": "The foo went up.", "b.txt": "The bar came down."})
    folder = old_library(tmp_path / "library", documents)
    assert tables(folder)[-1] == "1" and not any("conversations" in sql for sql in tables(folder))
    library = Library.open(folder)
    assert tables(folder)[-1] == str(SCHEMA_VERSION)
    assert library.store.version == SCHEMA_VERSION and not library.store.read_only
    assert (library.store.counts(), library.store.generation) == ((2, 2), 2)
    assert len(library.bm25("foo", 5)) == 1 and len(library.dense(MODEL.encode(["foo"])[0], 5)) == 2
    library.close()
    Store.create(tmp_path / "new").close()
    assert tables(folder) == tables(tmp_path / "new")  # it is as one made today
    Store.open(folder).close()
    assert tables(folder) == tables(tmp_path / "new")


def test_an_old_library_is_opened_by_many_at_once(tmp_path: Path) -> None:
    folder = old_library(tmp_path / "library", write_files(tmp_path / "in", {"a.txt": "The foo went up."}))
    together = threading.Barrier(8)

    def opened(_: int) -> tuple[int, int]:
        together.wait()
        store = Store.open(folder)  # with connections of its own, as another process has
        counts = store.counts()
        store.close()
        return counts

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(opened, range(8))) == [(1, 1)] * 8
    assert tables(folder)[-1] == str(SCHEMA_VERSION)


def test_a_migration_that_fails_leaves_the_old_library(tmp_path: Path) -> None:
    folder = old_library(tmp_path / "library", write_files(tmp_path / "in", {"a.txt": "The foo went up."}))
    db = apsw.Connection(str(folder / "library.db"))
    db.execute("CREATE TABLE feedback (x)")  # in the way of the last of the new tables
    db.close()
    before = tables(folder)
    with pytest.raises(apsw.SQLError, match="feedback already exists"):
        Store.open(folder)
    assert tables(folder) == before


# --- the list of documents --------------------------------------------------------------------------------------------


def test_the_inventory_lists_every_file(store: Store) -> None:
    assert store.inventory() == []
    document = put(store, "b.txt")
    store.put_file(FileRecord("/in/a copy.txt", document.id, 35, 1, 2))
    store.put_file(FileRecord("/in/z.xyz", None, 7, 1, 2, "unknown file type"))
    common = (document.id, "b.txt", "2025-06-02", "en", 35, 2)
    assert store.inventory() == [
        Listed("/in/a copy.txt", *common),
        Listed("/in/b.txt", *common),
        Listed("/in/z.xyz", None, "", None, "", 7, 0, "unknown file type"),
    ]


# --- threads ----------------------------------------------------------------------------------------------------------


def in_threads(*work: Callable[[], object]) -> list[object]:
    """Run functions in threads of their own, at once; raises what one of them raises."""
    with ThreadPoolExecutor(len(work)) as pool:
        return [future.result() for future in [pool.submit(each) for each in work]]


def test_readers_in_threads_see_whole_states_while_another_writes(store: Store) -> None:
    """The writer puts and removes pairs of documents, so every state has a pair of each or none."""
    put(store, "0a.txt")
    put(store, "0b.txt")
    stop = threading.Event()
    states: set[int] = set()

    def write() -> None:
        try:
            for number in range(1, 40):
                with store.transaction():
                    for half in "ab":
                        text = f"The foo went up {number}. The bar came down."
                        document = Document(f"id-{number}{half}", f"/in/{number}{half}.txt", half, None, "en", text)
                        store.put_document(document, [], [Span(0, 15, "report")], [["foo"]], MODEL.encode(["foo"]))
                        store.put_file(FileRecord(document.path, document.id, 1, 1, 2))
                if number % 3 == 0:
                    with store.transaction():
                        for half in "ab":
                            store.remove_file(f"/in/{number - 1}{half}.txt")
                with pytest.raises(RuntimeError), store.transaction():
                    store.remove_file("/in/0a.txt")
                    time.sleep(0.001)
                    raise RuntimeError("taken back")
        finally:
            stop.set()

    def read() -> int:
        rounds = 0
        while not stop.is_set() or not rounds:
            with store.snapshot():
                documents, chunks = store.counts()
                generation = store.generation
                ids, vectors = store.vectors()
                found = store.bm25(["foo"], 999)
                assert documents % 2 == 0 and "id-0a.txt" in store.documents()
                assert chunks == len(ids) == len(vectors) == len(store.chunks(ids)) == documents + 2
                assert len(found) == documents and {number for number, _ in found} <= set(ids)
                assert len(store.inventory()) == documents
                assert store.generation == generation
            states.add(generation)
            rounds += 1
        return rounds

    _, *rounds = in_threads(write, *[read] * 4)
    assert all(rounds) and len(states) > 3


def test_a_transaction_is_a_threads_own(store: Store) -> None:
    with store.transaction():
        store.set_meta("key", "mine")
        assert in_threads(lambda: store.meta("key")) == [None]
    assert in_threads(lambda: store.meta("key")) == ["mine"]


def test_a_writer_waits_for_another(store: Store) -> None:
    held = threading.Event()

    def hold() -> None:
        with store.transaction():
            held.set()
            time.sleep(0.3)
            store.set_meta("first", 1)

    def follow() -> object:
        held.wait()
        with store.transaction():
            store.set_meta("second", 2)
            return store.meta("first")

    assert in_threads(hold, follow) == [None, 1]


def test_a_writer_that_waits_too_long_says_so(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("index.store._BUSY_MS", 20)  # of connections that are opened from now on
    with store.transaction(), pytest.raises(LibraryBusy, match="is being written to; try again in a moment"):
        in_threads(lambda: store.set_meta("key", 1))


def test_connections_go_with_their_threads_and_with_the_store(store: Store) -> None:
    before = len(apsw.connections())
    for _ in range(20):
        in_threads(store.counts, store.counts)
    assert len(apsw.connections()) == before
    ready, closed = threading.Barrier(2), threading.Event()

    def use() -> None:
        store.counts()
        ready.wait()
        closed.wait()
        with pytest.raises(apsw.ConnectionClosedError):
            store.counts()

    user = threading.Thread(target=use)
    user.start()
    ready.wait()
    assert len(apsw.connections()) == before + 1
    store.close()
    assert len(apsw.connections()) == before - 1
    closed.set()
    user.join()
    with pytest.raises(LibraryError, match="is closed"):
        in_threads(store.counts)
