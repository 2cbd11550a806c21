"""Decide, before anything is written, whether the documents answer the question. Pure arithmetic.

Two judgments, fitted by `python -m eval.calibrate`, whose curve is kept in eval/calibration.json:

- a logistic regression tells whether any sentence answers at all;
- where many passages bear on a question that asks for a name, and no two agree on one, they only circle around it.
"""

from __future__ import annotations

import math

from rag.answer import Outcome
from rag.signals import Signals

INTERCEPT, WEIGHTS = -9.0, (4.05, 2.42, 1.72, 1.6)  # of `features`
ANSWERED = 0.29
WEAK = 0.20
CROWDED = 2.7  # relevance from which passages are many: four of eight are close to the question
CONSENSUS = 0.29  # share of it that should name the same answer


def features(signals: Signals) -> tuple[float, float, float, float]:
    """Measure how near the evidence comes to an answer: the first between 0 and 3, the others between 0 and 1.

    The best sentence that holds something new of the type asked for, by coverage, cosine and MaxSim together; the share
    of the question's words in its best passage; the best passage's MaxSim; the share of the question's names found.
    """
    answers = (signals.typed > 0) & (signals.asks == 0)
    fit = (signals.coverage + signals.late + signals.maxsim)[answers]
    return (
        float(fit.max()) if len(fit) else 0.0,
        signals.passage_coverage,
        float(signals.passage_maxsim.max()),
        signals.named,
    )


def confidence(signals: Signals | None) -> float:
    """Estimate the probability that the evidence answers the question, between 0 and 1."""
    if signals is None:
        return 0.0
    logit = INTERCEPT + sum(weight * value for weight, value in zip(WEIGHTS, features(signals), strict=True))
    return 1 / (1 + math.exp(-logit))


def judge(signals: Signals | None) -> Outcome:
    """Turn what was read into "answered", "weak_evidence" or "not_in_documents"."""
    probability = confidence(signals)
    if signals is None or probability < WEAK:
        return "not_in_documents"
    return "weak_evidence" if probability < ANSWERED or dissent(signals) else "answered"


def dissent(signals: Signals) -> bool:
    """Tell whether many passages bear on a question for a name without agreeing on any."""
    return signals.kind == "name" and signals.relevance >= CROWDED and signals.consensus < CONSENSUS
