"""Near copies are found whatever their format and the order they come in, and what only one of them says stays."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from itertools import permutations
from pathlib import Path

import numpy as np
import pytest

from index.copies import Copies
from index.duplicates import buckets, find_copies, shingles
from index.library import Library
from index.store import Store
from index.switch import switch
from index.sync import remove, sync
from tests.copy_files import ARTICLE, COPIES, OTHERS, TOMORROW, cut, daily, revised
from tests.index_helpers import HashModel, as_model, old_library, write_files
from tests.pdf_helpers import column, make_pdf


def library_of(folder: Path, files: Mapping[str, str]) -> Library:
    """Index files that are written into a folder of their own."""
    library = Library.create(folder / "library")
    sync(library, [write_files(folder / "in", dict(files))], as_model(HashModel()))
    return library


def near(library: Library) -> dict[str, str]:
    """Which files are near copies, and of which."""
    return {Path(copy.path).name: Path(copy.of).name for copy in Copies(library.store).all().values()}


def own(library: Library, name: str) -> list[str]:
    """The passages of a file that say something that no other document says."""
    (document,) = [document for document in library.store.documents().values() if document.name == name]
    chunks = Copies(library.store).chunks(document.id)
    elsewhere = Copies(library.store).holders([chunk.id for chunk in chunks])
    return [document.text[chunk.start : chunk.end] for chunk in chunks if chunk.id not in elsewhere]


def stored(library: Library) -> tuple[object, ...]:
    """All that is kept of near copies, in terms of files and places."""
    names = {i: document.name for i, document in library.store.documents().items()}
    chunks = {chunk.id: (names[i], chunk.start) for i in names for chunk in Copies(library.store).chunks(i)}
    holders = Copies(library.store).holders(list(chunks))
    repeats = {(chunks[chunk], names[i]) for chunk, held in holders.items() for i in held}
    families = Copies(library.store).families(list(names))
    kin = {frozenset(names[i] for i in names if families[i] == family) for family in families.values()}
    return repeats, kin, near(library), [copy.same for copy in Copies(library.store).all().values()]


@pytest.mark.parametrize("name", COPIES)
def test_a_near_copy_is_found(tmp_path: Path, name: str) -> None:
    library = library_of(tmp_path, {"article.txt": ARTICLE, name: COPIES[name]} | OTHERS)
    assert near(library) == {name: "article.txt"}


@pytest.mark.parametrize("name", ["headline.txt", "page.html", "wrapped.txt", "cut.txt"])
def test_a_copy_that_adds_nothing_has_no_passage_of_its_own(tmp_path: Path, name: str) -> None:
    assert own(library_of(tmp_path, {"article.txt": ARTICLE, name: COPIES[name]}), name) == []


def test_a_printed_copy_has_no_passage_of_its_own(tmp_path: Path) -> None:
    lines = textwrap.wrap(" ".join(" ".join(ARTICLE.split("\n\n")[2:]).split()), 80)
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "print.pdf").write_bytes(make_pdf([column(20, 40, page) for page in (lines[:7], lines[7:])]))
    library = library_of(tmp_path, {"article.txt": ARTICLE})
    assert near(library) == {"print.pdf": "article.txt"}
    assert own(library, "print.pdf") == []


def test_a_sentence_that_a_page_breaks_is_still_the_same(tmp_path: Path) -> None:
    broken = TOMORROW.replace("announced a march", "announced\n\n- 7 -\n\nThe Evening Paper\n\na march")
    library = library_of(tmp_path, {"article.txt": ARTICLE, "broken.txt": broken})
    assert own(library, "broken.txt") == own(library, "article.txt") == []


def test_what_only_one_version_says_is_its_own(tmp_path: Path) -> None:
    library = library_of(tmp_path, {"article.txt": ARTICLE, "revised.txt": revised()})
    assert near(library) == {"revised.txt": "article.txt"}
    for name, jobs, ministry in [
        ("article.txt", "320 jobs", "ministry\nrefused"),
        ("revised.txt", "410 jobs", "not\n"),
    ]:
        passages = own(library, name)
        assert any(jobs in passage for passage in passages)
        assert any(ministry in passage for passage in passages)
        assert not any("Wine exporters" in passage for passage in passages)


def test_a_part_of_a_sentence_is_not_the_sentence(tmp_path: Path) -> None:
    denied = TOMORROW.replace("The first train\nleft", "It is untrue that the first train\nleft")
    library = library_of(tmp_path, {"article.txt": ARTICLE, "denied.txt": denied})
    assert near(library) == {"denied.txt": "article.txt"}
    assert any("The first train" in passage for passage in own(library, "article.txt"))
    assert any("untrue" in passage for passage in own(library, "denied.txt"))


def test_reports_of_other_days_are_no_copies(tmp_path: Path) -> None:
    reports = {f"{day}.txt": daily(day, 3 * day, 512 * day, day % 5, day / 2) for day in range(3, 9)}
    library = library_of(tmp_path, reports)
    assert near(library) == {}
    assert all(any(f"{512 * day} tons" in passage for passage in own(library, f"{day}.txt")) for day in range(3, 9))
    squeezed = [set(shingles("".join(text.split())).tolist()) for text in reports.values()]
    assert len(squeezed[0] & squeezed[1]) > 0.75 * len(squeezed[0] | squeezed[1])  # by their words alone they would be


def test_other_texts_are_no_copies(tmp_path: Path) -> None:
    assert near(library_of(tmp_path, OTHERS | {"article.txt": ARTICLE})) == {}


@pytest.mark.parametrize(
    ("files", "first"),
    [
        ({"a.txt": TOMORROW, "b.txt": ARTICLE}, "b.txt"),  # the oldest
        ({"a.txt": ARTICLE.replace("date 2025-03-04\n\n", ""), "b.txt": ARTICLE}, "b.txt"),  # what has a date
        ({"a.txt": cut(), "b.txt": TOMORROW}, "b.txt"),  # the longest
        ({"b.txt": ARTICLE, "a.txt": ARTICLE.replace("sixty", "fifty")}, "a.txt"),  # by name
    ],
)
def test_which_of_two_copies_comes_first(tmp_path: Path, files: dict[str, str], first: str) -> None:
    (other,) = set(files) - {first}
    assert near(library_of(tmp_path, files)) == {other: first}


def test_the_order_of_indexing_makes_no_difference(tmp_path: Path) -> None:
    files = {"article.txt": ARTICLE, **{name: COPIES[name] for name in ("revised.txt", "cut.txt", "page.html")}}
    folder = write_files(tmp_path / "in", files)
    found = []
    for number, order in enumerate(permutations(sorted(files))):
        library = Library.create(tmp_path / f"library {number}")
        for name in order:
            sync(library, [folder / name], as_model(HashModel()))
        found.append(stored(library))
        library.close()
    assert len(found) == 24
    assert all(one == found[0] for one in found)
    together = Library.create(tmp_path / "together")
    sync(together, [folder], as_model(HashModel()))
    assert stored(together) == found[0]


def test_when_the_first_copy_goes_the_next_one_takes_its_place(tmp_path: Path) -> None:
    library = library_of(tmp_path, {"article.txt": ARTICLE, "headline.txt": COPIES["headline.txt"], "cut.txt": cut()})
    assert near(library) == {"headline.txt": "article.txt", "cut.txt": "article.txt"}
    remove(library, [tmp_path / "in" / "article.txt"])
    assert near(library) == {"cut.txt": "headline.txt"}
    remove(library, [tmp_path / "in" / "cut.txt"])
    assert near(library) == {}
    assert len(own(library, "headline.txt")) == len(library.store.chunks(range(99)))
    assert library.store.run("SELECT count(*) FROM near_copies") == [(0,)]


def test_a_run_compares_only_what_is_new(tmp_path: Path) -> None:
    library = library_of(tmp_path, {"article.txt": ARTICLE} | OTHERS)
    seen: list[str] = []
    find_copies(library.store, seen.append)
    assert seen == []
    write_files(tmp_path / "in", {"cut.txt": cut()})
    sync(library, [tmp_path / "in"], as_model(HashModel()), keep=True)
    library.store.run(
        "DELETE FROM signatures WHERE document_id = (SELECT id FROM documents WHERE path LIKE '%cut.txt')"
    )
    find_copies(library.store, seen.append)
    assert {"cut.txt"} <= {Path(path).name for path in seen} <= {"article.txt", "cut.txt"}
    assert near(library) == {"cut.txt": "article.txt"}


def test_an_interrupted_comparison_is_taken_up_again(tmp_path: Path) -> None:
    folder = write_files(tmp_path / "in", {"article.txt": ARTICLE, "cut.txt": cut()})
    library = Library.create(tmp_path / "library")

    def stop(path: str, total: int) -> None:
        if library.store.counts()[0] == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sync(library, [folder], as_model(HashModel()), on_step=stop)
    assert near(library) == {}
    assert sync(library, [folder], as_model(HashModel())).chunks_embedded == 0
    assert near(library) == {"cut.txt": "article.txt"}


def test_a_rebuilt_library_knows_its_copies(tmp_path: Path) -> None:
    library = library_of(tmp_path, {"article.txt": ARTICLE, "revised.txt": revised()})
    before = stored(library)
    switch(library, as_model(HashModel("other")))
    assert stored(library) == before


def test_copies_in_an_old_library_are_found_by_the_next_run(tmp_path: Path) -> None:
    documents = write_files(tmp_path / "in", {"article.txt": ARTICLE, "cut.txt": cut()})
    library = Library.open(old_library(tmp_path / "library", documents))
    assert near(library) == {}
    sync(library, [documents], as_model(HashModel()))
    assert near(library) == {"cut.txt": "article.txt"}


def test_a_library_too_old_to_know_copies_has_none(tmp_path: Path) -> None:
    store = Store.create(tmp_path / "library")
    old = Copies(Store(store.file, store._db, version=3))
    store.run("DROP TABLE repeats; DROP TABLE near_copies; DROP TABLE signatures")
    assert (old.all(), old.holders([1]), old.families(["a", "b"])) == ({}, {}, {"a": "a", "b": "b"})
    with pytest.raises(Exception, match="no such table"):
        Copies(store).all()


def test_many_copies_are_one_family(tmp_path: Path) -> None:
    editions = {f"{n:02}.txt": f"{TOMORROW}\nEdition {n} of the evening, printed in Braga.\n" for n in range(70)}
    library = library_of(tmp_path, editions)
    documents = library.store.documents()
    assert len(set(Copies(library.store).families(list(documents)).values())) == 1
    assert len(near(library)) == 69


@pytest.mark.parametrize("common", [0.3, 0.5, 0.75, 0.9])
def test_texts_share_buckets_as_often_as_the_formula_says(common: float) -> None:
    """Of 16 bands of 4 minima, the expected number of shared ones is 16 J^4."""
    random = np.random.default_rng(1)

    def hashes(count: int) -> np.ndarray:
        return random.integers(0, 2**63, count).astype(np.uint64)

    shared = []
    for _ in range(200):
        both, size = hashes(round(1000 * common)), round(500 * (1 - common))
        one, other = (buckets(np.concatenate([both, hashes(size)])) for _ in range(2))
        shared.append(int((one == other).sum()))
    assert np.mean(shared) == pytest.approx(16 * common**4, rel=0.25, abs=0.05)


@pytest.mark.parametrize("text", ["", "a", "a" * 24, "ab" * 40])
def test_short_texts_have_shingles_too(text: str) -> None:
    found = shingles(text)
    assert len(found) == {"": 0, "a": 1, "a" * 24: 1}.get(text, 2)
    assert buckets(found).shape == ((16,) if text else (0,))
