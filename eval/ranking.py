"""How well a ranking is: recall@k, MRR@10 and nDCG@10, computed by ir-measures (MacAvaney et al. 2022).

recall@k = |relevant in the first k| / |relevant|      MRR@10 = 1 / rank of the first relevant one, 0 below 10
nDCG@10 = DCG / DCG of the best order, DCG = sum of grade / log2(1 + rank)      (Järvelin and Kekäläinen 2002)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from eval.metrics import Span, covers

NAMES = ("recall_1", "recall_5", "recall_10", "mrr_10", "ndcg_10")


def ranking_metrics(ranking: Sequence[str], grades: Mapping[str, int]) -> dict[str, float] | None:
    """Measure one question's ranking, best first, against graded judgements; None when nothing is relevant."""
    if not any(grade > 0 for grade in grades.values()):
        return None
    import ir_measures
    from ir_measures import RR, R, nDCG

    measures = {R @ 1: NAMES[0], R @ 5: NAMES[1], R @ 10: NAMES[2], RR @ 10: NAMES[3], nDCG @ 10: NAMES[4]}
    run = {"q": {item: 1.0 / rank for rank, item in enumerate(dict.fromkeys(ranking), start=1)}}
    found = {
        measures[m.measure]: float(m.value) for m in ir_measures.iter_calc(list(measures), {"q": dict(grades)}, run)
    }
    return {name: found.get(name, 0.0) for name in NAMES}


def document_ranking(passages: Sequence[Span]) -> list[str]:
    """Rank documents by their best passage."""
    return list(dict.fromkeys(passage.document for passage in passages))


def span_metrics(passages: Sequence[Span], evidence: Sequence[Span]) -> dict[str, float] | None:
    """Measure how soon the evidence spans are shown; a passage shows a span when it covers half of it.

    recall@k is the share of spans that the first k passages show. For MRR and nDCG each passage stands for the spans
    it is the first to show, or for itself when it shows none, so finding two spans in one passage is never worse than
    finding them in two.
    """
    if not evidence:
        return None
    spans = list(dict.fromkeys(evidence))
    items: list[str] = []
    shown: dict[int, int] = {}
    for rank, passage in enumerate(passages, start=1):
        new = [n for n, span in enumerate(spans) if n not in shown and covers(passage, span)]
        shown |= dict.fromkeys(new, rank)
        items += [f"span {n}" for n in new] or [f"passage {rank}"]
    found = ranking_metrics(items, {f"span {n}": 1 for n in range(len(spans))})
    recalls = {f"recall_{k}": sum(rank <= k for rank in shown.values()) / len(spans) for k in (1, 5, 10)}
    return {**found, **recalls} if found else None
