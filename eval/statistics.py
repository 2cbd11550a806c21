"""How sure a figure is: bootstrap intervals over questions. Knows nothing of what the figures mean.

A statistic maps samples of shape (samples, questions, values per question) to (samples,), all samples at once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Statistic = Callable[[Floats], Floats]

RESAMPLES = 2000
LEVEL = 0.95
SEED = 20251122


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with its 95% interval and the number of questions behind it."""

    value: float
    low: float
    high: float
    n: int


def mean(samples: Floats) -> Floats:
    """Average over the questions."""
    result: Floats = samples[..., 0].mean(axis=-1)
    return result


def percentile(share: float) -> Statistic:
    """Make a percentile over the questions, linearly interpolated."""

    def statistic(samples: Floats) -> Floats:
        import numpy as np

        result: Floats = np.percentile(samples[..., 0], share, axis=-1)
        return result

    return statistic


def maximum(samples: Floats) -> Floats:
    """Take the largest of the questions' values."""
    result: Floats = samples[..., 0].max(axis=-1)
    return result


def selective_risk(samples: Floats) -> Floats:
    """Area under the risk-coverage curve of (confidence, loss) values."""
    import numpy as np

    from eval.metrics import aurc

    return np.array([aurc(sample[:, 0].tolist(), sample[:, 1].tolist()) or 0.0 for sample in samples])


def bootstrap(values: Floats, statistic: Statistic, share: bool = False, resamples: int = RESAMPLES) -> Estimate:
    """Estimate a statistic of the questions' values, shape (questions, values per question), with its 95% interval.

    The percentile bootstrap: questions are drawn with replacement, the interval runs between the 2.5th and the 97.5th
    percentile of the statistic (Efron and Tibshirani 1993, chapter 13). The draws are seeded. `share` says that the
    statistic is a mean of values between 0 and 1: see `_unvaried`.
    """
    value = float(statistic(values[None])[0])
    if share and _all_equal(values):
        return _unvaried(value, len(values), 0.0)
    return _interval(value, statistic(values[_draws(len(values), resamples)]), len(values))


def paired_bootstrap(
    ours: Floats, theirs: Floats, statistic: Statistic, share: bool = False, resamples: int = RESAMPLES
) -> Estimate:
    """Estimate the difference of a statistic between two runs on the same questions, ours - theirs.

    Each draw takes the same questions from both, so how hard a question is cancels out (Efron and Tibshirani 1993).
    """
    value = float(statistic(ours[None])[0] - statistic(theirs[None])[0])
    if share and _all_equal(ours - theirs):
        return _unvaried(value, len(ours), -1.0)
    draws = _draws(len(ours), resamples)
    return _interval(value, statistic(ours[draws]) - statistic(theirs[draws]), len(ours))


def _interval(value: float, drawn: Floats, n: int) -> Estimate:
    import numpy as np

    low, high = np.percentile(drawn, [50 * (1 - LEVEL), 50 * (1 + LEVEL)])
    return Estimate(value, float(low), float(high), n)


def _unvaried(value: float, n: int, lowest: float) -> Estimate:
    """Bound the mean of values from `lowest` to 1 that are all the same: every draw is, and would claim certainty.

    Of all questions at most 1 - 0.025^(1/n) have another value (Clopper and Pearson 1934), at worst the lowest, or 1.
    """
    others = 1 - ((1 - LEVEL) / 2) ** (1 / n)
    return Estimate(value, value - others * (value - lowest), value + others * (1 - value), n)


def _all_equal(values: Floats) -> bool:
    return bool((values == values[0]).all())


def _draws(n: int, resamples: int) -> NDArray[np.int64]:
    import numpy as np

    return np.random.default_rng(SEED).integers(0, n, size=(resamples, n))
