"""Hybrid search: the arithmetic on worked values, the ranking on the corpus."""

from __future__ import annotations

import pytest

from index.embedder import Embedder
from index.library import Library
from rag.search import HybridSearcher, fuse, spread
from tests.rag_helpers import passage


def test_fuse_adds_z_scores() -> None:
    # a: mean 2, deviation 1 -> -1, 1; b: mean 10, deviation 10 -> 1, -1 … both ways they cancel out
    assert fuse({1: 1.0, 2: 3.0}, {1: 20.0, 2: 0.0}) == pytest.approx({1: 0.0, 2: 0.0})
    assert fuse({1: 1.0, 2: 3.0}) == pytest.approx({1: -1.0, 2: 1.0})


def test_fuse_of_equal_scores_or_none_is_zero() -> None:
    assert fuse({1: 0.5, 2: 0.5}) == {1: 0.0, 2: 0.0}
    assert fuse({}, {}) == {}


def test_spread_moves_a_documents_surplus_behind_the_others() -> None:
    ranked = [passage(9 - n, name, n) for n, name in enumerate(["a", "a", "a", "b", "a", "c"])]
    assert [(p.document.id, p.chunk.id) for p in spread(ranked, 2)] == [
        ("a", 0), ("a", 1), ("b", 3), ("c", 5), ("a", 2), ("a", 4),
    ]  # fmt: skip


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
