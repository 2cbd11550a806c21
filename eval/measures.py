"""The table of measures: what each reads out of a record, and how the records' values become one figure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from eval import metrics
from eval.ranking import document_ranking, ranking_metrics, span_metrics
from eval.record import Record, span
from eval.statistics import Estimate, bootstrap, maximum, mean, percentile, selective_risk

if TYPE_CHECKING:
    from eval.statistics import Floats, Statistic

Unit = Literal["share", "ms", "words", "tokens", "MB"]
Values = tuple[float, ...]
Group = Literal["Retrieval", "Answers", "Citations", "Knowing when not to answer", "Cost and failures"]
STANDALONE = "standalone"


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure. `of` gives a record's values, None when it has none; `better` is +1, -1, or 0 when neither is."""

    name: str
    label: str
    group: Group
    of: Callable[[Record], Values | None]
    better: int = 1
    unit: Unit = "share"
    statistic: Statistic = mean
    interval: bool = True

    def estimate(self, records: Sequence[Record]) -> Estimate | None:
        """Compute the measure over records with its interval; None when no record has a value."""
        import numpy as np

        values: Floats = np.array([v for v in map(self.of, records) if v is not None], dtype=np.float64)
        if not len(values):
            return None
        if not self.interval:
            value = float(self.statistic(values[None])[0])
            return Estimate(value, value, value, len(values))
        return bootstrap(values, self.statistic, share=self.unit == "share" and values.shape[1] == 1)


@lru_cache(maxsize=4096)
def _documents(record: Record) -> dict[str, float] | None:
    grades = dict(record.question.judged) or {e.document: 1 for e in record.question.evidence}
    return ranking_metrics(document_ranking(record.passages), grades)


@lru_cache(maxsize=4096)
def _spans(record: Record) -> dict[str, float] | None:
    return span_metrics(record.passages, record.evidence)


def _ranked(table: Callable[[Record], dict[str, float] | None], name: str) -> Callable[[Record], Values | None]:
    def of(record: Record) -> Values | None:
        found = table(record)
        return (found[name],) if found else None

    return of


def _maybe(value: float | None) -> Values | None:
    return None if value is None else (value,)


def _nuggets(record: Record) -> float | None:
    return metrics.nugget_recall(record.text, record.question.nuggets)


def _nuggets_with_quotes(record: Record) -> Values | None:
    shown = [record.text, *(quote["text"] for quotes in record.cited for quote in quotes)]
    return _maybe(metrics.nugget_recall("\n".join(shown), record.question.nuggets))


def _against(metric: Callable[[str, Sequence[str], str], float | None]) -> Callable[[Record], Values | None]:
    return lambda record: _maybe(metric(record.text, record.question.answers, record.question.language))


def _cited(
    metric: Callable[[Sequence[Sequence[metrics.Span]], Sequence[metrics.Span]], float | None],
) -> Callable[[Record], Values | None]:
    return lambda record: _maybe(metric([[span(q) for q in quotes] for quotes in record.cited], record.evidence))


def _supported(record: Record) -> Values | None:
    pairs = [
        (s["text"], [q["text"] for q in quotes]) for s, quotes in zip(record.statements, record.cited, strict=True)
    ]
    return _maybe(metrics.supported_share(pairs, record.question.language))


def _words(record: Record) -> Values | None:
    return (float(metrics.words(record.text)),) if record.given else None


def _false_answer(record: Record) -> Values | None:
    return None if record.question.answerable else (float(record.given),)


def _false_refusal(record: Record) -> Values | None:
    return (float(not record.given),) if record.question.answerable else None


def loss(record: Record) -> float | None:
    """What is lost when this answer is shown: 1 on an unanswerable question, else the share of nuggets missed."""
    if not record.question.answerable:
        return 1.0
    recall = _nuggets(record)
    return None if recall is None else 1.0 - recall


def confidence(record: Record) -> float:
    """The assistant's own probability that the documents answer the question."""
    return float(record.answer["confidence"]) if record.answer else 0.0


def _selective(record: Record) -> Values | None:
    lost = loss(record)
    return None if lost is None else (confidence(record), lost)


def _first_word(record: Record) -> Values | None:
    if record.answer is None:
        return None
    return (float(record.answer["timings_ms"]["first_token"] or record.wall_ms),)  # no token: words come all at once


def _tokens(way: str) -> Callable[[Record], Values | None]:
    return lambda record: (float(record.answer["tokens"][way]),) if record.answer else None


_RANKED = (("recall_1", "recall@1"), ("recall_5", "recall@5"), ("recall_10", "recall@10"), ("mrr_10", "MRR@10"),
           ("ndcg_10", "nDCG@10"))  # fmt: skip
_UNSURE: Group = "Knowing when not to answer"
_COST: Group = "Cost and failures"

MEASURES: tuple[Measure, ...] = (
    *(Measure(name, f"{label}, documents", "Retrieval", _ranked(_documents, name)) for name, label in _RANKED),
    *(Measure(f"span_{name}", f"{label}, evidence", "Retrieval", _ranked(_spans, name)) for name, label in _RANKED),
    Measure("nugget_recall", "nugget recall", "Answers", lambda r: _maybe(_nuggets(r))),
    Measure("nugget_recall_quotes", "nugget recall, quotes read too", "Answers", _nuggets_with_quotes),
    Measure("contains_answer", "contains the reference answer", "Answers", _against(metrics.contains_answer)),
    Measure("exact_match", "exact match", "Answers", _against(metrics.exact_match)),
    Measure("f1", "token F1", "Answers", _against(metrics.token_f1)),
    Measure("words", "words in an answer, mean", "Answers", _words, 0, "words"),
    Measure("span_validity", "quotes that are verbatim", "Citations", lambda r: _maybe(metrics.span_validity(r.valid))),
    Measure("citation_recall", "citation recall", "Citations", _cited(metrics.citation_recall)),
    Measure("citation_precision", "citation precision", "Citations", _cited(metrics.citation_precision)),
    Measure("supported_statements", "statements supported by their quotes", "Citations", _supported),
    Measure("false_answers", "false answers (unanswerable)", _UNSURE, _false_answer, -1),
    Measure("false_refusals", "false refusals (answerable)", _UNSURE, _false_refusal, -1),
    Measure("aurc", "area under risk-coverage", _UNSURE, _selective, -1, statistic=selective_risk),
    Measure("first_word_p50", "first word, median", _COST, _first_word, -1, "ms", percentile(50)),
    Measure("total_p50", "total time, median", _COST, lambda r: (float(r.wall_ms),), -1, "ms", percentile(50)),
    Measure("total_p95", "total time, 95th percentile", _COST, lambda r: (float(r.wall_ms),), -1, "ms",
            percentile(95)),
    Measure("tokens_in", "tokens in, mean", _COST, _tokens("in"), -1, "tokens"),
    Measure("tokens_out", "tokens out, mean", _COST, _tokens("out"), -1, "tokens"),
    Measure("peak_memory", "peak memory", _COST, lambda r: (r.peak_mb,), -1, "MB", maximum, interval=False),
    Measure("failed", "failed", _COST, lambda r: (float(r.outcome == "failed"),), -1),
)  # fmt: skip
BY_NAME = {measure.name: measure for measure in MEASURES}
HEADLINE = ("span_recall_5", "nugget_recall", "contains_answer", "citation_precision", "false_answers",
            "false_refusals", "total_p50")  # fmt: skip
RANKING = (*(name for name, _ in _RANKED), *(f"span_{name}" for name, _ in _RANKED), "total_p50", "total_p95",
           "peak_memory", "failed")  # fmt: skip


def scores(record: Record) -> dict[str, float]:
    """All of one record's values by measure; a latency appears once, as total_p50."""
    found = {m.name: v[0] for m in MEASURES if m.name != "aurc" and (v := m.of(record)) is not None}
    found.pop("total_p95", None)
    return found


def counted(records: Sequence[Record]) -> list[Record]:
    """Leave out the follow-ups asked again in full, which would count their questions twice."""
    return [record for record in records if record.question.kind != STANDALONE]


def groups(records: Sequence[Record]) -> dict[str, list[Record]]:
    """Split records by language, then by kind; one language or kind alone is no split."""
    table: dict[str, list[Record]] = {}
    for record in sorted(counted(records), key=lambda record: record.question.language):
        table.setdefault(f"language: {record.question.language}", []).append(record)
    table = table if len(table) > 1 else {}
    kinds: dict[str, list[Record]] = {}
    for record in sorted(records, key=lambda record: record.question.kind):
        kinds.setdefault(f"kind: {record.question.kind}", []).append(record)
    return table | (kinds if len(kinds) > 1 else {})
