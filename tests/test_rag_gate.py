"""The gate's three verdicts: how it behaves, not where its fitted thresholds lie."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from rag.gate import ANSWERED, CONSENSUS, CROWDED, WEAK, confidence, dissent, judge
from rag.signals import Signals
from tests.rag_helpers import signals, told

SENTENCE = "Ana Prado runs the old harbour."


def read(question: str = "Who runs the harbour?", fit: float = 1.0, **values: float | list[float]) -> Signals:
    """Make signals of one sentence that holds a name and fits the question so well, from 0 to 1."""
    arrays: dict[str, Any] = {name: [fit] for name in ("coverage", "late", "maxsim", "passage_maxsim")}
    arrays |= {"typed": [1.0], "passage_coverage": fit} | values
    return signals(question, told(SENTENCE), **arrays)


def test_no_sentence_is_no_answer() -> None:
    assert (confidence(None), judge(None)) == (0.0, "not_in_documents")


def test_the_better_the_evidence_the_better_the_verdict() -> None:
    fits = [read(fit=step / 100) for step in range(101)]
    sure = [confidence(found) for found in fits]
    assert sure == sorted(sure)
    assert all(0 <= probability <= 1 for probability in sure)
    verdicts = list(dict.fromkeys(judge(found) for found in fits))
    assert verdicts == ["not_in_documents", "weak_evidence", "answered"]
    for probability, found in zip(sure, fits, strict=True):
        assert (judge(found) == "answered") == (probability >= ANSWERED)
        assert (judge(found) == "not_in_documents") == (probability < WEAK)


@pytest.mark.parametrize("lacking", [{"typed": [0.0]}, {"asks": [1.0]}])
def test_what_cannot_be_an_answer_does_not_count(lacking: dict[str, Any]) -> None:
    assert confidence(read(**lacking)) < confidence(read())
    assert np.isfinite(confidence(read(**lacking)))


@pytest.mark.parametrize(("question", "kind"), [("Who runs the harbour?", "name"), ("When did it open?", "date")])
def test_many_documents_that_name_nothing_together_are_weak_evidence(question: str, kind: str) -> None:
    apart: dict[str, Any] = {"relevance": CROWDED + 1, "consensus": CONSENSUS[kind] / 2}
    assert dissent(read(question, **apart))
    assert judge(read(question, **apart)) == "weak_evidence"
    for agreed in (
        read(question, relevance=CROWDED + 1, consensus=CONSENSUS[kind]),  # they name one
        read(question, relevance=CROWDED - 1, consensus=CONSENSUS[kind] / 2),  # few are close to the question
        read("How many boats are there?", **apart),  # numbers differ in what they count
    ):
        assert not dissent(agreed)
        assert judge(agreed) == "answered"


def test_a_name_that_no_sentence_holds_counts_against_an_answer() -> None:
    assert confidence(read(fit=0.6, named=0.0)) < confidence(read(fit=0.6))
