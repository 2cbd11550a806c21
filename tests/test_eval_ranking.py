"""Rankings against values worked by hand; ir-measures computes them, these tests pin what it is given."""

from __future__ import annotations

from math import log2

import pytest

from eval.metrics import Span
from eval.ranking import document_ranking, ranking_metrics, span_metrics


def test_binary_grades() -> None:
    found = ranking_metrics(["x", "a", "y", "z", "w", "b"], {"a": 1, "b": 1, "c": 1})
    assert found is not None
    assert (found["recall_1"], found["recall_5"], found["recall_10"]) == pytest.approx((0, 1 / 3, 2 / 3))
    assert found["mrr_10"] == pytest.approx(1 / 2)
    best = 1 / log2(2) + 1 / log2(3) + 1 / log2(4)
    assert found["ndcg_10"] == pytest.approx((1 / log2(3) + 1 / log2(7)) / best)


def test_graded_judgements_and_grades_of_zero() -> None:
    found = ranking_metrics(["a", "b"], {"a": 1, "b": 3, "c": 0})
    assert found is not None
    assert found["ndcg_10"] == pytest.approx((1 + 3 / log2(3)) / (3 + 1 / log2(3)))
    assert ranking_metrics(["a"], {"a": 0}) is None


def test_the_first_relevant_one_behind_ten_counts_nothing() -> None:
    found = ranking_metrics([f"x{n}" for n in range(10)] + ["a"], {"a": 1})
    assert found == dict.fromkeys(found or (), 0.0)


def test_nothing_found_is_zero() -> None:
    assert ranking_metrics([], {"a": 1}) == {
        "recall_1": 0.0, "recall_5": 0.0, "recall_10": 0.0, "mrr_10": 0.0, "ndcg_10": 0.0,
    }  # fmt: skip


def test_documents_rank_by_their_best_passage() -> None:
    assert document_ranking([Span("b", 0, 9), Span("a", 0, 9), Span("b", 20, 29)]) == ["b", "a"]


def test_two_spans_in_one_passage_are_as_good_as_first_and_second() -> None:
    evidence = [Span("a", 0, 10), Span("a", 20, 30)]
    found = span_metrics([Span("a", 0, 40), Span("b", 0, 40)], evidence)
    assert found == dict.fromkeys(found or (), 1.0)


def test_spans_by_hand() -> None:
    evidence = [Span("a", 0, 10), Span("b", 50, 60)]
    # rank 1 shows nothing, rank 2 shows the first span, rank 3 shows it again, rank 6 shows the second
    passages = [
        Span("c", 0, 9),
        Span("a", 5, 90),
        Span("a", 0, 8),
        Span("c", 9, 20),
        Span("c", 20, 30),
        Span("b", 0, 55),
    ]
    found = span_metrics(passages, evidence)
    assert found is not None
    assert (found["recall_1"], found["recall_5"], found["recall_10"]) == (0.0, 0.5, 1.0)
    assert found["mrr_10"] == 0.5
    assert found["ndcg_10"] == pytest.approx((1 / log2(3) + 1 / log2(7)) / (1 + 1 / log2(3)))
    assert span_metrics(passages, []) is None
