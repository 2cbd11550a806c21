"""Hybrid search: the arithmetic on worked values, the ranking on the corpus."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from index.copies import Origin
from index.embedder import Embedder, EmbeddingModel
from index.library import Library
from index.scope import Scope
from index.sync import sync
from index.types import Chunk
from rag.search import Candidate, HybridSearcher, distinct, fuse, spread
from tests.copy_files import ARTICLE, COPIES, OTHERS
from tests.index_helpers import HashModel, as_model, write_files


def candidate(score: float, document_id: str, number: int, date: str | None = None) -> Candidate:
    return Candidate(Chunk(number, document_id, 0, 11), Origin(document_id, f"/{document_id}.txt", date, 11), score)


def test_fuse_adds_z_scores() -> None:
    # a: mean 2, deviation 1 -> -1, 1; b: mean 10, deviation 10 -> 1, -1 … both ways they cancel out
    assert fuse({1: 1.0, 2: 3.0}, {1: 20.0, 2: 0.0}) == pytest.approx({1: 0.0, 2: 0.0})
    assert fuse({1: 1.0, 2: 3.0}) == pytest.approx({1: -1.0, 2: 1.0})


def test_fuse_of_equal_scores_or_none_is_zero() -> None:
    assert fuse({1: 0.5, 2: 0.5}) == {1: 0.0, 2: 0.0}
    assert fuse({}, {}) == {}


def test_spread_moves_a_documents_surplus_behind_the_others() -> None:
    ranked = [candidate(9 - n, name, n) for n, name in enumerate(["a", "a", "a", "b", "a", "c"])]
    assert [(c.origin.id, c.chunk.id) for c in spread(ranked, dict.fromkeys("abc", 2), {i: i for i in "abc"})] == [
        ("a", 0), ("a", 1), ("b", 3), ("c", 5), ("a", 2), ("a", 4),
    ]  # fmt: skip


def test_near_copies_share_the_places_of_one_document() -> None:
    ranked = [candidate(9 - n, name, n) for n, name in enumerate(["a", "copy", "a", "copy", "c"])]
    shares = dict.fromkeys(["a", "copy", "c"], 2)
    assert [c.chunk.id for c in spread(ranked, shares, {"a": "a", "copy": "a", "c": "c"})] == [0, 1, 4, 2, 3]


@pytest.fixture(scope="module")
def filings(model: EmbeddingModel, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    """Reports that don't say whose they are: their names and titles do."""
    folder = tmp_path_factory.mktemp("filings")
    words = "Revenue rose by {0} percent. Wages were the largest expense of the year. {1} shops were opened."
    files = {
        "Globex_2021.txt": words.format(3, "Nine"),
        "Globex_2022.txt": words.format(4, "Eleven"),
        "r3.md": f"# Initech, report of the year 2022\n\n{words.format(5, 'Twelve')}",
        "umbrella-2022.txt": words.format(6, "Forty"),
    }
    made = Library.create(folder / "library")
    sync(made, [write_files(folder / "in", files)], model)
    yield made
    made.close()


@pytest.mark.parametrize(
    ("question", "document"),
    [
        ("By how much did the revenue of Globex rise in FY2022?", "Globex_2022.txt"),
        ("By how much did the revenue of Globex rise in 2021?", "Globex_2021.txt"),
        ("How many shops did Initech open?", "r3.md"),
        ("What was Umbrella's largest expense?", "umbrella-2022.txt"),
    ],
)
def test_a_document_is_preferred_whose_name_or_title_the_question_names(
    filings: Library, encoder: Embedder, question: str, document: str
) -> None:
    assert HybridSearcher(filings, encoder).search(question, 4)[0].document.name == document


def test_a_long_document_gets_more_places_than_a_short_one(tmp_path: Path) -> None:
    long = " ".join(f"On day {number} the foo of the harbour went up and {'up and ' * 30}down." for number in range(49))
    short = {f"{number}.txt": f"The foo of number {number} went up." for number in range(3)}
    library = Library.create(tmp_path / "library")
    sync(library, [write_files(tmp_path / "in", {"l.txt": long, **short})], as_model(HashModel()))
    assert library.store.counts() == (4, 52)
    found = HybridSearcher(library, HashModel()).search("foo of the harbour", 12)
    assert [p.document.name for p in found].index("0.txt") <= 7
    assert Counter(p.document.name for p in found[:10]) == {"l.txt": 7, "0.txt": 1, "1.txt": 1, "2.txt": 1}


@pytest.mark.parametrize(
    ("ranked", "holders", "kept"),
    [
        ("a0 b1 c2", {}, "a0 b1 c2"),
        ("a0 b1 c2", {1: ["a"], 0: ["b"]}, "a0 c2"),  # what both say is left to the better one
        ("b0 c1 a2", {0: ["a"], 2: ["b"]}, "b0 c1"),
        ("a0 b1 b2 a3", {1: ["a"], 3: ["b"]}, "a0 b2 a3"),  # what only the other says stays
        ("a0 c1", {0: ["b"], 1: ["b"]}, "a0 c1"),  # what says the same was not asked for
        ("a0 b1 c2", {1: ["a"], 2: ["b"]}, "a0"),
    ],
)
def test_what_a_better_document_says_is_left_out(ranked: str, holders: dict[int, list[str]], kept: str) -> None:
    found = [candidate(9.0 - n, name, int(number)) for n, (name, number) in enumerate(ranked.split())]
    assert [f"{c.origin.id}{c.chunk.id}" for c in distinct(found, holders)] == kept.split()


def test_of_equally_good_copies_the_oldest_is_kept() -> None:
    holders = {0: ["z"], 1: ["a"]}
    for difference, kept in [(0.1, "z"), (2.0, "a")]:
        ranked = [candidate(5.0, "a", 0, "2025-01-01"), candidate(5.0 - difference, "z", 1, "2024-01-01")]
        assert [c.origin.id for c in distinct(ranked, holders)] == [kept]


COPIES_OF_IT = ("headline.txt", "page.html", "revised.txt")


@pytest.fixture(scope="module")
def copied(model: EmbeddingModel, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    """An article in four versions, and other articles."""
    folder = tmp_path_factory.mktemp("copied")
    library = Library.create(folder / "library")
    files = {"article.txt": ARTICLE, **{name: COPIES[name] for name in COPIES_OF_IT}, **OTHERS}
    sync(library, [write_files(folder / "files", files)], model)
    yield library
    library.close()


CLOSURE = "Why is the harbour of Porto closed?"


def test_copies_take_no_place_from_other_documents(
    copied: Library, model: EmbeddingModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    searcher = HybridSearcher(copied, model.question_encoder())
    found = searcher.search(CLOSURE, 8)
    with monkeypatch.context() as patch:  # as if nothing was known of copies
        patch.setattr("rag.search.Copies.holders", lambda *_: {})
        patch.setattr("rag.search.Copies.families", lambda _, ids: {i: i for i in ids})
        crowded = searcher.search(CLOSURE, 8)
    before, after = ({p.document.name for p in one} for one in (crowded, found))
    assert {"article.txt", *COPIES_OF_IT} <= before
    assert before & set(OTHERS) < after & set(OTHERS)
    assert not after & {"headline.txt", "page.html"}
    (article, *_) = [p for p in found if p.document.name == "article.txt"]
    assert article.also_in == ("headline.txt", "page.html")


def test_what_only_the_second_version_says_is_found(copied: Library, model: EmbeddingModel) -> None:
    searcher = HybridSearcher(copied, model.question_encoder())
    found = searcher.search("How many jobs does the union of dockers fear for?", 8)
    both = [p for p in found if " jobs during" in p.text]
    assert sorted(re.findall(r"\d+ jobs", " ".join(p.text for p in both))) == ["320 jobs", "410 jobs"]


def test_a_copy_that_was_published_when_the_question_says_is_kept(copied: Library, model: EmbeddingModel) -> None:
    found = HybridSearcher(copied, model.question_encoder()).search("What did the dredging cost on 6 March 2025?", 8)
    assert {p.document.name for p in found if "48 million" in p.text} == {"page.html", "revised.txt"}


def test_a_copy_is_found_where_what_it_repeats_is_not_searched(copied: Library, model: EmbeddingModel) -> None:
    searcher = HybridSearcher(copied, model.question_encoder())
    for names, also_in in ((["page.html"], ()), (["page.html", "headline.txt"], ("page.html",))):
        found = searcher.search(CLOSURE, 6, Scope.of(paths=names))
        assert found and {p.document.name for p in found} == {names[-1]}
        assert {p.also_in for p in found if "large ships" in p.text} == {also_in}


def test_with_many_copies_there_are_still_others(tmp_path: Path) -> None:
    files = {f"{n:03}.txt": f"{ARTICLE}\nPrinted at {n} o'clock.\n" for n in range(60)} | {
        "vote.txt": OTHERS["vote.txt"]
    }
    library = Library.create(tmp_path / "library")
    sync(library, [write_files(tmp_path / "in", files)], as_model(HashModel()))
    found = HybridSearcher(library, HashModel()).search("harbour of Porto closes to large ships on Monday", 6)
    library.close()
    assert "vote.txt" in {p.document.name for p in found}
    assert len({p.text for p in found if "large ships" in p.text}) == 1


@pytest.mark.parametrize(
    ("question", "document"),
    [
        ("Which oil companies did Trump sanction?", "oil-sanctions-budapest-off.txt"),
        ("Combien de pays participent à la conférence de Paris ?", "coalition-volontaires-paris.html"),
        ("Who leads the Carnegie centre in Berlin?", "one-phone-call-moscow-mood.html"),
    ],
)
def test_the_right_document_comes_first(corpus: Library, encoder: Embedder, question: str, document: str) -> None:
    found = HybridSearcher(corpus, encoder).search(question, 12)
    assert len(found) == 12
    assert found[0].document.name == document


@pytest.mark.parametrize("question", ["what's up?", 'a:b "NEAR(" * foo-bar', "¿?", "漢字", "x" * 3000])
def test_any_question_can_be_searched(corpus: Library, encoder: Embedder, question: str) -> None:
    assert len(HybridSearcher(corpus, encoder).search(question, 5)) == 5
