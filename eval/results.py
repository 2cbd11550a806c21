"""The figures of a run, ready to be shown: on the terminal (`eval.table`) or as a page (`eval.report`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from eval.compare import Changed, Difference, changed, differences, pairs
from eval.measures import (
    BY_NAME,
    HEADLINE,
    MEASURES,
    RANKING,
    Measure,
    counted,
    groups,
    loss,
    rank_quality,
    wrong_share,
)
from eval.record import PRODUCT, Record
from eval.run import RunInfo
from eval.statistics import Estimate

Verdict = Literal["failed", "false answer", "wrong", "refused", "in part", "right", "rightly refused", "not judged"]
_SEVERITY: dict[Verdict, int] = {
    "failed": 7, "false answer": 6, "wrong": 5, "refused": 4, "in part": 3, "not judged": 2, "right": 1,
    "rightly refused": 0,
}  # fmt: skip

_SHORT = {"span_recall_5": "evid. recall@5", "nugget_recall": "nuggets", "contains_answer": "contains",
          "evidence_precision": "quotes in evid.", "false_answers": "false answers", "false_refusals": "false refusals",
          "total_p50": "median"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Comparison:
    """What `--against` found: the other run's name, the differences, and the questions that changed."""

    name: str
    differences: tuple[Difference, ...]
    changed: tuple[Changed, ...]
    questions: int


@dataclass(frozen=True, slots=True)
class Results:
    """All figures of one run: measures, then estimates by system and measure, overall and by group."""

    info: RunInfo
    measures: tuple[Measure, ...]
    records: Mapping[str, Sequence[Record]]
    overall: Mapping[str, Mapping[str, Estimate]]
    groups: Mapping[str, Mapping[str, Mapping[str, Estimate]]]
    comparison: Comparison | None = None

    @classmethod
    def of(
        cls, info: RunInfo, records: Mapping[str, Sequence[Record]], comparison: Comparison | None = None
    ) -> Results:
        """Compute the figures of a run's records, which are given by system."""
        measures = measures_of(info)
        return cls(
            info,
            measures,
            records,
            {system: estimates(counted(ours), measures) for system, ours in records.items()},
            {
                system: {name: estimates(part, measures) for name, part in groups(ours).items()}
                for system, ours in records.items()
            },
            comparison,
        )

    @property
    def headline(self) -> tuple[Measure, ...]:
        """The measures that have room beside each other."""
        return tuple(m for m in self.measures if m.name in (RANKING if self.info.retrieval_only else HEADLINE))

    @property
    def product(self) -> Mapping[str, Estimate]:
        """The assistant's own figures."""
        return self.overall[PRODUCT]


def measures_of(info: RunInfo) -> tuple[Measure, ...]:
    """Choose the measures that a run can have."""
    return tuple(BY_NAME[name] for name in RANKING) if info.retrieval_only else MEASURES


def estimates(records: Sequence[Record], measures: Sequence[Measure]) -> dict[str, Estimate]:
    """Compute the measures that the records have values for."""
    found = {measure.name: measure.estimate(records) for measure in measures}
    return {name: estimate for name, estimate in found.items() if estimate is not None}


def compare_runs(name: str, info: RunInfo, ours: Sequence[Record], theirs: Sequence[Record]) -> Comparison:
    """Compare a run's answers with another's."""
    paired = pairs(counted(ours), theirs)
    return Comparison(name, tuple(differences(paired, measures_of(info))), tuple(changed(paired)), len(paired))


def verdict(record: Record) -> Verdict:
    """Judge one answer in a word."""
    if record.outcome == "failed":
        return "failed"
    if not record.question.answerable:
        return "false answer" if record.given else "rightly refused"
    if (lost := loss(record)) is None:
        return "not judged"
    if not record.given:
        return "refused"
    return "right" if lost == 0 else "wrong" if lost == 1 else "in part"


def worst_first(records: Sequence[Record]) -> list[Record]:
    """Order records by how bad their verdict is, then by what was missed, in the answer or in the ranking."""

    def badness(record: Record) -> tuple[float, float, float]:
        ranked = rank_quality(record)
        return -_SEVERITY[verdict(record)], -wrong_share(record), ranked if ranked is not None else 1.0

    return sorted(records, key=badness)


def heading(measure: Measure) -> str:
    """Name a measure in the few words that a column has room for."""
    return _SHORT.get(measure.name, measure.label.removesuffix(", documents"))


def shown(value: float, measure: Measure) -> str:
    """Write a figure in its unit: shares as 0.842, times as 340 ms or 2.1 s, counts bare."""
    if measure.unit == "share":
        return f"{value:.3f}"
    if measure.unit == "ms":
        return f"{value / 1000:.1f} s" if abs(value) >= 1000 else f"{value:.0f} ms"
    return f"{value:,.0f} MB" if measure.unit == "MB" else f"{value:,.0f}"
