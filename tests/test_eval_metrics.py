"""Measures of one answer against values worked by hand."""

from __future__ import annotations

import pytest

from eval.metrics import (
    Span,
    agrees,
    aurc,
    citation_precision,
    citation_recall,
    contains_answer,
    covers,
    exact_match,
    is_supported,
    normalise,
    nugget_recall,
    overlap,
    risk_coverage,
    span_validity,
    supported_share,
    token_f1,
)


def test_overlap_counts_shared_characters_of_one_document() -> None:
    assert overlap(Span("a", 0, 10), Span("a", 6, 20)) == 4
    assert overlap(Span("a", 0, 10), Span("a", 10, 20)) == 0
    assert overlap(Span("a", 0, 10), Span("b", 0, 10)) == 0


def test_a_passage_covers_a_span_from_half_of_it_on() -> None:
    evidence = Span("a", 100, 120)
    assert covers(Span("a", 0, 110), evidence)
    assert not covers(Span("a", 0, 109), evidence)
    assert not covers(Span("a", 0, 999), Span("a", 5, 5))


def test_a_quote_agrees_by_half_of_the_shorter_one() -> None:
    assert agrees(Span("a", 100, 110), Span("a", 0, 105))
    assert not agrees(Span("a", 100, 110), Span("a", 0, 104))
    assert not agrees(Span("a", 50, 50), Span("a", 0, 100))


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("The Quick, brown fox!", "en", "quick brown fox"),
        ("L'armée « le » Général", "fr", "armée général"),
        ("Die drei Häuser", "de", "drei häuser"),
        ("the 'a' in Latin", "la", "the a in latin"),
    ],
)
def test_normalise_removes_case_punctuation_and_the_languages_articles(text: str, language: str, expected: str) -> None:
    assert normalise(text, language) == expected


def test_exact_match_f1_and_contains() -> None:
    gold = ["the Denver Broncos", "Broncos"]
    assert exact_match("Denver Broncos.", gold) == 1.0
    assert exact_match("It was the Denver Broncos", gold) == 0.0
    # tokens: it was denver broncos | denver broncos: 2 shared, 2*2 / (4+2)
    assert token_f1("It was the Denver Broncos", gold) == pytest.approx(4 / 6)
    assert contains_answer("It was the Denver Broncos", ["Denver Broncos"]) == 1.0
    assert contains_answer("It cost 1308 dollars", ["308"]) == 0.0
    assert token_f1("", gold) == 0.0
    assert exact_match("x", []) is token_f1("x", []) is contains_answer("x", []) is None


def test_nugget_recall_is_the_share_of_nuggets_with_a_matching_alternative() -> None:
    nuggets = [["four regions", "le Donbass"], [r"2\.8 ?%"], ["NATO"]]
    assert nugget_recall("They want four\n  Regions, and nato out", nuggets) == pytest.approx(2 / 3)
    assert nugget_recall("", nuggets) == 0.0
    assert nugget_recall("anything", []) is None


def test_citations_recall_counts_statements_and_precision_counts_citations() -> None:
    evidence = [Span("a", 0, 100), Span("b", 0, 50)]
    right, other, elsewhere = Span("a", 10, 60), Span("b", 0, 50), Span("a", 200, 260)
    statements = [[right, elsewhere], [elsewhere], [other], []]
    assert citation_recall(statements, evidence) == pytest.approx(2 / 4)
    assert citation_precision(statements, evidence) == pytest.approx(2 / 4)
    assert citation_precision([[right, elsewhere, elsewhere]], evidence) == pytest.approx(1 / 3)
    assert citation_precision([[], []], evidence) == 0.0
    assert citation_recall([], evidence) is citation_recall(statements, []) is None


def test_support_needs_the_numbers_and_most_of_the_words() -> None:
    quote = ["The index of the Moscow exchange fell by 2.8 % after the call."]
    assert is_supported("The Moscow exchange fell 2.8 %", quote, "en")
    assert not is_supported("The Moscow exchange fell 3.8 %", quote, "en")
    assert not is_supported("Ministers resigned over the call", quote, "en")
    assert not is_supported("The Moscow exchange fell", [], "en")
    assert supported_share([("The Moscow exchange fell", quote), ("Ministers resigned", quote)], "en") == 0.5
    assert supported_share([], "en") is None


def test_span_validity_is_the_share_of_true_quotes() -> None:
    assert span_validity([True, True, False, True]) == 0.75
    assert span_validity([]) is None


def test_risk_coverage_by_hand() -> None:
    # by confidence: .9 (loss 0), .8 (loss 1), .1 (loss 1): risks 0, 1/2, 2/3
    points = risk_coverage([0.1, 0.9, 0.8], [1.0, 0.0, 1.0])
    assert points == [(pytest.approx(1 / 3), 0.0), (pytest.approx(2 / 3), 0.5), (1.0, pytest.approx(2 / 3))]
    assert aurc([0.1, 0.9, 0.8], [1.0, 0.0, 1.0]) == pytest.approx((0 + 1 / 2 + 2 / 3) / 3)


def test_a_confidence_that_tells_nothing_gives_a_flat_curve_in_any_order() -> None:
    assert [risk for _, risk in risk_coverage([1, 1, 1, 1], [0, 1, 0, 0])] == [0.25] * 4
    assert aurc([1, 1], [0, 1]) == aurc([1, 1], [1, 0]) == 0.5
    assert aurc([], []) is None
