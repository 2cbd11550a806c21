"""Decide, before anything is written, whether the documents answer the question. Pure arithmetic.

Three judgments, the first fitted by `python -m eval.calibrate`, whose curves are kept in eval/calibration.json:

- a logistic regression tells whether any sentence answers at all;
- where many documents bear on a question that asks for a name or a date, and hardly two of them agree on one, they only
  circle around it;
- of a name that no document mentions, hardly anything can be answered.
"""

from __future__ import annotations

import math

from rag.answer import Outcome
from rag.signals import Signals

INTERCEPT, WEIGHTS = -7.94, (3.73, 2.2, 1.69, 1.2)  # of `features`
ANSWERED = 0.28
WEAK = 0.20
SURE = 0.6  # what it takes to show evidence on a name that no document mentions
CROWDED = 2.6  # relevance from which documents are many: four of eight passages are close to the question
CONSENSUS = {
    "name": 1.2,
    "date": 0.4,
}  # how much of it should name the same answer; of a date, the same day, month or year


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
    if signals is None or probability < (SURE if nameless(signals) else WEAK):
        return "not_in_documents"
    return "weak_evidence" if probability < ANSWERED or dissent(signals) or nameless(signals) else "answered"


def nameless(signals: Signals) -> bool:
    """Tell whether a question names what no document mentions. Its first word has a capital in any case."""
    return any(word[0].isupper() and not signals.question.lstrip("¿¡« ").startswith(word) for word in signals.unknown)


def dissent(signals: Signals) -> bool:
    """Tell whether many documents bear on a question for a name or a date without agreeing on any."""
    return signals.relevance >= CROWDED and signals.consensus < CONSENSUS.get(signals.kind or "", 0.0)
