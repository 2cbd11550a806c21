"""Compare two runs question by question. Knows nothing of how they were made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from eval.measures import Measure, wrong_share
from eval.record import Record
from eval.statistics import Estimate, paired_bootstrap


@dataclass(frozen=True, slots=True)
class Difference:
    """One measure, ours minus theirs, over the questions that both were asked; wins are ours, by question."""

    measure: Measure
    ours: float
    theirs: float
    change: Estimate
    wins: int
    losses: int

    @property
    def verdict(self) -> str:
        """Say "better" or "worse" when the interval leaves out 0, else "no clear difference"."""
        if self.measure.better == 0 or self.change.low <= 0 <= self.change.high:
            return "no clear difference"
        return "better" if (self.change.value > 0) == (self.measure.better > 0) else "worse"


@dataclass(frozen=True, slots=True)
class Changed:
    """A question that the two runs answered with another outcome, or not equally well."""

    ours: Record
    theirs: Record


def pairs(ours: Sequence[Record], theirs: Sequence[Record]) -> list[tuple[Record, Record]]:
    """Pair the records of the same question: the same id, and the same words."""
    other = {(record.question.id, record.question.question): record for record in theirs}
    keys = [(record.question.id, record.question.question) for record in ours]
    return [(record, other[key]) for record, key in zip(ours, keys, strict=True) if key in other]


def differences(paired: Sequence[tuple[Record, Record]], measures: Sequence[Measure]) -> list[Difference]:
    """Compare each measure over the pairs in which both have a value."""
    return [found for measure in measures if measure.interval and (found := _difference(paired, measure))]


def _difference(paired: Sequence[tuple[Record, Record]], measure: Measure) -> Difference | None:
    import numpy as np

    values = [(a, b) for x, y in paired if (a := measure.of(x)) is not None and (b := measure.of(y)) is not None]
    if not values:
        return None
    ours, theirs = (np.array(side, dtype=np.float64) for side in zip(*values, strict=True))
    gains = [(a[0] - b[0]) * measure.better for a, b in values] if len(values[0][0]) == 1 else []
    return Difference(
        measure,
        float(measure.statistic(ours[None])[0]),
        float(measure.statistic(theirs[None])[0]),
        paired_bootstrap(ours, theirs, measure.statistic, measure.is_share),
        wins=sum(gain > 0 for gain in gains),
        losses=sum(gain < 0 for gain in gains),
    )


def changed(paired: Sequence[tuple[Record, Record]]) -> list[Changed]:
    """List the questions that changed, those that lost most first."""
    found = [
        Changed(ours, theirs)
        for ours, theirs in paired
        if ours.outcome != theirs.outcome or wrong_share(ours) != wrong_share(theirs)
    ]
    return sorted(found, key=lambda c: wrong_share(c.theirs) - wrong_share(c.ours))
