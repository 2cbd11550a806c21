"""The fits and the curve, on examples made by hand."""

from __future__ import annotations

import random
from typing import Any

import pytest

from eval.calibrate import THRESHOLDS, Example, _shares, curve, fit_evidence, fit_gate
from rag.evidence import SIGNALS
from rag.gate import CROWDED
from tests.rag_helpers import signals, told


def example(
    gold: str, answerable: bool, feature: float = 0.0, dissent: bool = False, relevance: float = 0.0
) -> Example:
    found = signals("How many boats sank?", told("Nine boats sank."), relevance=relevance)
    return Example(gold, answerable, (feature, 0.5, 0.5), dissent, found, ())


def test_the_gate_s_fit_separates_what_can_be_separated() -> None:
    found = [example("a", answerable, feature) for answerable, feature in [(True, 2.0), (True, 1.8), (False, 0.4)]]
    intercept, *weights = fit_gate(found)
    assert intercept + weights[0] * 2.0 + (weights[1] + weights[2]) / 2 > 0
    assert intercept + weights[0] * 0.4 + (weights[1] + weights[2]) / 2 < 0
    crowded = [example("a", False, 2.0, relevance=CROWDED + 1)] * 50
    assert fit_gate(found + crowded) == (intercept, *weights)  # there, agreement decides


def test_sets_and_classes_weigh_alike_however_large_they_are() -> None:
    assert _shares(["a", "a", "a", "b"]) == pytest.approx([1 / 6, 1 / 6, 1 / 6, 1 / 2])
    assert _shares(["a"]) == [1.0]
    assert _shares([]) == []
    few = [example("a", True, 2.0), example("a", False, 0.4)]
    assert fit_gate(few) == pytest.approx(fit_gate([*few, *[few[0]] * 9]), abs=0.02)


def test_the_evidence_s_fit_finds_the_signal_that_tells() -> None:
    names = [name for name in SIGNALS if SIGNALS[name] > 0]
    chance = random.Random(1)
    found = []
    for number in range(30):
        noise: dict[str, Any] = {name: [chance.random() for _ in range(4)] for name in names}
        right = number % 4
        noise["maxsim"] = [1.0 if i == right else 0.0 for i in range(4)]
        made = signals("How many boats sank?", told(*(f"Nine boats sank on day {i}." for i in range(4))), **noise)
        found.append(Example("a", True, (), False, made, (right,)))
    weights = fit_evidence([*found, example("a", False)])  # one without an answer teaches nothing
    assert weights.keys() == SIGNALS.keys()
    assert max(weights, key=lambda name: weights[name]) == "maxsim"
    assert weights["maxsim"] > 1
    assert weights == fit_evidence(found)


def test_the_curve_counts_false_refusals_and_false_answers_of_each_set() -> None:
    found = [
        example("a", True, 3.0),
        example("a", True, 3.0, dissent=True),  # refused for its dissent
        example("a", True, -3.0),
        example("a", False, 3.0),
        example("a", False, -3.0),
        example("a", False, -3.0),
        example("b", True, 0.0),
    ]
    sets = curve(found, (0.0, 1.0, 0.0, 0.0))
    assert sets.keys() == {"a", "b"}
    assert sets["a"].keys() == {str(threshold) for threshold in THRESHOLDS}
    assert sets["a"]["0.5"] == {"false_refusals": 0.667, "false_answers": 0.333}
    assert sets["b"]["0.5"] == {"false_refusals": 0.0, "false_answers": None}  # probability 0.5 is enough
    assert sets["b"]["0.55"]["false_refusals"] == 1.0
    for rows in sets.values():
        refusals = [rows[str(threshold)]["false_refusals"] for threshold in THRESHOLDS]
        assert refusals == sorted(refusals)
