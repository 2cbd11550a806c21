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


def test_nor_is_any_other_share_that_never_varied() -> None:
    others = 1 - 0.025 ** (1 / 3)  # of all questions, at most so many have another value: at worst 0, or 1
    half = bootstrap(np.full((3, 1), 0.5), mean, share=True)
    assert (half.low, half.value, half.high) == pytest.approx((0.5 - others / 2, 0.5, 0.5 + others / 2))
    one = bootstrap(np.array([[0.25]]), mean, share=True)
    assert (one.low, one.high) == pytest.approx((0.25 * 0.025, 0.25 + 0.75 * 0.975))
    times = bootstrap(np.full((3, 1), 40.0), mean)
    assert (times.low, times.high) == (40.0, 40.0)


def test_few_questions_that_all_changed_alike_prove_little() -> None:
    def change(n: int) -> tuple[float, float]:
        found = paired_bootstrap(np.ones((n, 1)), np.zeros((n, 1)), mean, share=True)
        assert found.value == 1.0
        return found.low, found.high

    assert change(3) == pytest.approx((1 - 2 * (1 - 0.025 ** (1 / 3)), 1.0)) and change(3)[0] < 0
    assert change(6)[0] > 0  # as the sign test has it: 2 / 2^6 < 0.05 < 2 / 2^5
    same = paired_bootstrap(np.ones((6, 1)), np.ones((6, 1)), mean, share=True)
    assert same.low < same.value == 0.0 < same.high == -same.low


def test_percentiles_and_maximum() -> None:
    values = np.array([[10.0], [20.0], [30.0], [40.0]])
    assert bootstrap(values, percentile(50)).value == 25.0
    assert bootstrap(values[:3], percentile(50)).value == 20.0
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
