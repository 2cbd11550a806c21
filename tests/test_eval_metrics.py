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
    document_precision,
    evidence_precision,
    evidence_recall,
    exact_match,
    first_contains,
    is_supported,
    normalise,
    nugget_recall,
    overlap,
    risk_coverage,
    span_validity,
    states,
    token_f1,
    words,
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
        ("à l’Ukraine, lorsqu'elle l'a dit aujourd'hui", "fr", "à ukraine lorsqu elle a dit aujourdhui"),
        ("the U.S. army's an-nex", "en", "us armys annex"),
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
    # tokens: président d ukraine | ukraine: 1 shared, 2*1 / (3+1); an elision hides no word
    assert token_f1("le président d'Ukraine", ["l'Ukraine"], "fr") == pytest.approx(2 / 4)
    assert contains_answer("le président d'Ukraine", ["l’Ukraine"], "fr") == 1.0
    # repeats count: york york | york: 1 shared, 2*1 / (2+1)
    assert token_f1("York, York", ["York"]) == pytest.approx(2 / 3)
    assert exact_match("the", ["a"]) == token_f1("the", ["a"]) == 1.0  # nothing is left of both
    assert exact_match("x", []) is token_f1("x", []) is contains_answer("x", []) is None


def test_nugget_recall_is_the_share_of_nuggets_with_a_matching_alternative() -> None:
    nuggets = [["four regions", "le Donbass"], [r"2\.8 ?%"], ["NATO"]]
    assert nugget_recall("They want four\n  Regions, and nato out", nuggets) == pytest.approx(2 / 3)
    assert nugget_recall("", nuggets) == 0.0
    assert nugget_recall("anything", []) is None


def test_a_nugget_is_stated_by_one_of_its_patterns() -> None:
    assert states("limits\n on its Armed forces", ["demilitari", r"limits on its\s+armed"])
    assert not states("no limits", ["demilitari", "armed"])


def test_the_first_statement_holds_the_answer_or_does_not() -> None:
    said = ["They met in Geneva.", "It snowed on Sunday."]
    assert first_contains(said, ["the Geneva"], [["Sunday"]]) == 1.0  # answers go before nuggets
    assert first_contains(said, ["Sunday"], []) == 0.0
    assert first_contains(said, [], [["Sunday"], ["gen.va"]]) == 1.0  # one nugget is enough
    assert (
        first_contains(said, [], [["Sunday"]]) == first_contains([], ["x"], []) == first_contains([], [], [["x"]]) == 0
    )
    assert first_contains(said, [], []) is None


def test_words_are_split_at_white_space() -> None:
    assert words("l'armée  a pris\n2.8 %") == 5


E1, E2 = Span("a", 0, 100), Span("b", 0, 50)
RIGHT, ALSO_RIGHT, OTHER_PLACE, OTHER_DOCUMENT = (
    Span("a", 10, 60),
    Span("a", 60, 90),
    Span("a", 200, 260),
    Span("c", 0, 9),
)


def test_evidence_recall_counts_evidence_and_precision_counts_quotes() -> None:
    assert evidence_recall([[RIGHT], [ALSO_RIGHT, OTHER_PLACE]], [E1, E2]) == 1 / 2
    assert evidence_recall([[RIGHT], [E2]], [E1, E2]) == 1.0
    assert evidence_recall([], [E1]) == evidence_recall([[]], [E1]) == 0.0
    assert evidence_precision([[RIGHT, OTHER_PLACE], [ALSO_RIGHT, OTHER_DOCUMENT]], [E1, E2]) == 2 / 4
    assert evidence_precision([[RIGHT, OTHER_PLACE], [RIGHT], []], [E1]) == 1 / 2  # a quote cited twice counts once
    assert evidence_precision([[], []], [E1]) == 0.0
    assert evidence_precision([], [E1]) is evidence_precision([[RIGHT]], []) is evidence_recall([[RIGHT]], []) is None


def test_document_precision_counts_quotes_from_the_evidences_documents() -> None:
    assert document_precision([[RIGHT, OTHER_PLACE], [OTHER_DOCUMENT]], [E1, E2]) == pytest.approx(2 / 3)
    assert document_precision([[RIGHT], [RIGHT, OTHER_DOCUMENT]], [E1]) == 1 / 2  # each quote once
    assert document_precision([[], []], [E1]) == 0.0
    assert document_precision([], [E1]) is document_precision([[RIGHT]], []) is None


FELL = "The index of the Moscow exchange fell."
CALL = "Brokers in London blamed the call."
BOTH = "The Moscow exchange index fell, brokers in London blamed the call."


def test_citation_recall_asks_whether_the_quotes_together_support_the_statement() -> None:
    assert citation_recall([(BOTH, [FELL, CALL]), (BOTH, [FELL]), (CALL, []), (CALL, [CALL])], "en") == 2 / 4
    assert citation_recall([], "en") is None


def test_citation_precision_counts_the_citations_that_are_needed() -> None:
    assert citation_precision([(FELL, [FELL])], "en") == 1.0  # a quotation needs itself
    assert citation_precision([(BOTH, [FELL, CALL])], "en") == 1.0  # neither is enough alone, and neither can go
    assert citation_precision([(FELL, [FELL, CALL])], "en") == 1 / 2  # the second does nothing for it
    assert citation_precision([(FELL, [FELL, FELL])], "en") == 1.0  # each supports it alone
    assert citation_precision([(FELL, [FELL, CALL]), (BOTH, [FELL]), (CALL, [CALL])], "en") == 2 / 4
    assert citation_precision([(FELL, []), (CALL, [])], "en") == 0.0
    assert citation_precision([], "en") is None


def test_support_needs_the_numbers_and_most_of_the_words() -> None:
    quote = ["The index of the Moscow exchange fell by 2.8 % after the call."]
    assert is_supported("The Moscow exchange fell 2.8 %", quote, "en")
    assert not is_supported("The Moscow exchange fell 3.8 %", quote, "en")
    assert not is_supported("Ministers resigned over the call", quote, "en")
    assert not is_supported("The Moscow exchange fell", [], "en")


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
