"""The table of measures: what each reads out of a record, and how the records' values become one figure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from eval import metrics
from eval.gold import STANDALONE
from eval.ranking import document_ranking, ranking_metrics, span_metrics
from eval.record import Record, span
from eval.statistics import Estimate, bootstrap, maximum, mean, percentile, selective_risk

if TYPE_CHECKING:
    from eval.statistics import Floats, Statistic

Unit = Literal["share", "ms", "words", "tokens", "MB"]
Values = tuple[float, ...]  # one value, or confidence and loss
Group = Literal["Retrieval", "Answers", "Citations", "Knowing when not to answer", "Cost and failures"]


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

    @property
    def is_share(self) -> bool:
        """Whether this is the mean of values between 0 and 1."""
        return self.unit == "share" and self.statistic is mean

    def estimate(self, records: Sequence[Record]) -> Estimate | None:
        """Compute the measure over records with its interval; None when no record has a value."""
        import numpy as np

        values: Floats = np.array([v for v in map(self.of, records) if v is not None], dtype=np.float64)
        if not len(values):
            return None
        if not self.interval:
            value = float(self.statistic(values[None])[0])
            return Estimate(value, value, value, len(values))
        return bootstrap(values, self.statistic, self.is_share)


@lru_cache(maxsize=4096)
def _documents(record: Record) -> dict[str, float] | None:
    return ranking_metrics(document_ranking(record.passages), record.question.grades)


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


def _nuggets(record: Record) -> Values | None:
    return _maybe(metrics.nugget_recall(record.text, record.question.nuggets))


def _nuggets_with_quotes(record: Record) -> Values | None:
    shown = [record.text, *(quote["text"] for quotes in record.cited for quote in quotes)]
    return _maybe(metrics.nugget_recall("\n".join(shown), record.question.nuggets))


def _against(metric: Callable[[str, Sequence[str], str], float | None]) -> Callable[[Record], Values | None]:
    return lambda record: _maybe(metric(record.text, record.question.answers, record.question.language))


def _first(record: Record) -> Values | None:
    question, statements = record.question, [statement["text"] for statement in record.statements]
    return _maybe(metrics.first_contains(statements, question.answers, question.nuggets, question.language))


def _quoted(
    metric: Callable[[Sequence[Sequence[metrics.Span]], Sequence[metrics.Span]], float | None],
) -> Callable[[Record], Values | None]:
    return lambda record: _maybe(metric([[span(q) for q in quotes] for quotes in record.cited], record.evidence))


def _cited(
    metric: Callable[[Sequence[tuple[str, Sequence[str]]], str], float | None],
) -> Callable[[Record], Values | None]:
    def of(record: Record) -> Values | None:
        pairs = zip(record.statements, record.cited, strict=True)
        said = [(statement["text"], [quote["text"] for quote in quotes]) for statement, quotes in pairs]
        return _maybe(metric(said, record.question.language))

    return of


def _words(record: Record) -> Values | None:
    return (float(metrics.words(record.text)),) if record.given else None


def _false_answer(record: Record) -> Values | None:
    return None if record.question.answerable else (float(record.given),)


def _false_refusal(record: Record) -> Values | None:
    return (float(not record.given),) if record.question.answerable else None


def loss(record: Record) -> float | None:
    """What is lost when this answer is shown: 1 on an unanswerable question, else the share of nuggets missed.

    Where the gold has reference answers and no nuggets, 1 when the answer contains none of them. None when it has
    neither.
    """
    if not record.question.answerable:
        return 1.0
    found = _nuggets(record) or _against(metrics.contains_answer)(record)
    return 1.0 - found[0] if found else None


def rank_quality(record: Record) -> float | None:
    """How well the question's documents were ranked: nDCG@10, None when nothing says which they are."""
    found = _documents(record)
    return found["ndcg_10"] if found else None


def wrong_share(record: Record) -> float:
    """How wrong an answer is, to put answers in order: 1 for a false answer and 0 for a right refusal, else its loss.

    Where a ranking is all that is judged, 1 - nDCG@10.
    """
    if not record.question.answerable:
        return float(record.given)
    if (lost := loss(record)) is not None:
        return lost
    ranked = rank_quality(record)
    return 0.0 if ranked is None else 1.0 - ranked


def selective(record: Record) -> Values | None:
    """Confidence, the assistant's own probability that the documents answer the question, and loss."""
    lost = loss(record)
    return None if lost is None else (float(record.answer["confidence"]) if record.answer else 0.0, lost)


def _first_word(record: Record) -> Values | None:
    if record.answer is None:
        return None
    return (float(record.answer["timings_ms"]["first_token"] or record.wall_ms),)  # no token: words come all at once


def _total(record: Record) -> Values:
    return (float(record.wall_ms),)


def _tokens(way: str) -> Callable[[Record], Values | None]:
    return lambda record: (float(record.answer["tokens"][way]),) if record.answer else None


_RANKED = (("recall_1", "recall@1"), ("recall_5", "recall@5"), ("recall_10", "recall@10"), ("mrr_10", "MRR@10"),
           ("ndcg_10", "nDCG@10"))  # fmt: skip
_UNSURE: Group = "Knowing when not to answer"
_COST: Group = "Cost and failures"

MEASURES: tuple[Measure, ...] = (
    *(Measure(name, f"{label}, documents", "Retrieval", _ranked(_documents, name)) for name, label in _RANKED),
    *(Measure(f"span_{name}", f"{label}, evidence", "Retrieval", _ranked(_spans, name)) for name, label in _RANKED),
    Measure("nugget_recall", "nugget recall", "Answers", _nuggets),
    Measure("nugget_recall_quotes", "nugget recall, quotes read too", "Answers", _nuggets_with_quotes),
    Measure("contains_answer", "contains the reference answer", "Answers", _against(metrics.contains_answer)),
    Measure("exact_match", "exact match", "Answers", _against(metrics.exact_match)),
    Measure("f1", "token F1", "Answers", _against(metrics.token_f1)),
    Measure("first_contains", "first statement contains the gold answer", "Answers", _first),
    Measure("words", "words in an answer, mean", "Answers", _words, 0, "words"),
    Measure("words_p50", "words in an answer, median", "Answers", _words, 0, "words", percentile(50)),
    Measure("span_validity", "quotes that are verbatim", "Citations", lambda r: _maybe(metrics.span_validity(r.valid))),
    Measure("citation_recall", "citation recall: statements supported", "Citations", _cited(metrics.citation_recall)),
    Measure("citation_precision", "citation precision: quotes needed", "Citations", _cited(metrics.citation_precision)),
    Measure("evidence_recall", "gold evidence that is quoted", "Citations", _quoted(metrics.evidence_recall)),
    Measure("evidence_precision", "quotes that are gold evidence", "Citations", _quoted(metrics.evidence_precision)),
    Measure("document_precision", "quotes from a document of the gold evidence", "Citations",
            _quoted(metrics.document_precision)),
    Measure("false_answers", "false answers (unanswerable)", _UNSURE, _false_answer, -1),
    Measure("false_refusals", "false refusals (answerable)", _UNSURE, _false_refusal, -1),
    Measure("aurc", "area under risk-coverage", _UNSURE, selective, -1, statistic=selective_risk),
    Measure("first_word_p50", "first word, median", _COST, _first_word, -1, "ms", percentile(50)),
    Measure("total_p50", "total time, median", _COST, _total, -1, "ms", percentile(50)),
    Measure("total_p95", "total time, 95th percentile", _COST, _total, -1, "ms", percentile(95)),
    Measure("tokens_in", "tokens in, mean", _COST, _tokens("in"), -1, "tokens"),
    Measure("tokens_out", "tokens out, mean", _COST, _tokens("out"), -1, "tokens"),
    Measure("peak_memory", "peak memory", _COST, lambda r: (r.peak_mb,), -1, "MB", maximum, interval=False),
    Measure("failed", "failed", _COST, lambda r: (float(r.outcome == "failed"),), -1),
)  # fmt: skip
BY_NAME = {measure.name: measure for measure in MEASURES}
HEADLINE = ("span_recall_5", "nugget_recall", "contains_answer", "evidence_precision", "false_answers",
            "false_refusals", "total_p50")  # fmt: skip
RANKING = (*(name for name, _ in _RANKED), *(f"span_{name}" for name, _ in _RANKED), "total_p50", "total_p95",
           "peak_memory", "failed")  # fmt: skip


def scores(record: Record) -> dict[str, float]:
    """All of one record's values that figures are means of, by measure."""
    return {m.name: value[0] for m in MEASURES if m.statistic is mean and (value := m.of(record)) is not None}


def counted(records: Sequence[Record]) -> list[Record]:
    """Leave out the follow-ups asked again in full, which would count their questions twice."""
    return [record for record in records if record.question.kind != STANDALONE]


def groups(records: Sequence[Record]) -> dict[str, list[Record]]:
    """Split records by language, then by kind; one language or kind alone is no split."""
    return _split(counted(records), "language") | _split(records, "kind")


def _split(records: Sequence[Record], by: Literal["language", "kind"]) -> dict[str, list[Record]]:
    table: dict[str, list[Record]] = {}
    for record in records:
        table.setdefault(f"{by}: {getattr(record.question, by)}", []).append(record)
    return dict(sorted(table.items())) if len(table) > 1 else {}
