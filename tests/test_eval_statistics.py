"""Bootstrap intervals: against theory where there is any, and the same every time."""

from __future__ import annotations

import numpy as np
import pytest

from eval.statistics import bootstrap, maximum, mean, paired_bootstrap, percentile, selective_risk


def test_the_interval_of_a_mean_is_about_two_standard_errors() -> None:
    values = np.array([[0.0], [1.0]] * 200)
    estimate = bootstrap(values, mean, share=True)
    assert estimate.value == 0.5 and estimate.n == 400
    assert (estimate.low, estimate.high) == pytest.approx((0.5 - 1.96 * 0.025, 0.5 + 1.96 * 0.025), abs=0.01)
    assert bootstrap(values, mean, share=True) == estimate


def test_a_share_that_never_varied_is_not_certain() -> None:
    none = bootstrap(np.zeros((6, 1)), mean, share=True)
    assert (none.value, none.low) == (0.0, 0.0) and none.high == pytest.approx(1 - 0.025 ** (1 / 6))
    every = bootstrap(np.ones((6, 1)), mean, share=True)
    assert (every.value, every.high) == (1.0, 1.0) and every.low == pytest.approx(0.025 ** (1 / 6))


def test_percentiles_and_maximum() -> None:
    values = np.array([[10.0], [20.0], [30.0], [40.0]])
    assert bootstrap(values, percentile(50)).value == 25.0
    assert bootstrap(values, percentile(95)).value == pytest.approx(38.5)
    assert bootstrap(values, maximum).value == 40.0


def test_selective_risk_reads_confidence_and_loss() -> None:
    values = np.array([[0.1, 1.0], [0.9, 0.0], [0.8, 1.0]])
    assert bootstrap(values, selective_risk).value == pytest.approx((0 + 1 / 2 + 2 / 3) / 3)


def test_pairing_cancels_how_hard_the_questions_are() -> None:
    hard = np.linspace(0, 1, 50).reshape(-1, 1)
    change = paired_bootstrap(hard + 0.1, hard, mean)
    assert change.value == pytest.approx(0.1)
    assert (change.low, change.high) == pytest.approx((0.1, 0.1))
    same = paired_bootstrap(hard, hard, mean)
    assert (same.low, same.value, same.high) == (0.0, 0.0, 0.0)
