"""Measures of one answer, as pure functions of texts and spans. Knows nothing of files, runs or models.

A share is between 0 and 1; None means that the question has nothing to measure (no gold, no citation).
Offsets count characters of the document's text, end exclusive.
"""

from __future__ import annotations

import re
import string
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

COVERED = 0.5  # share of a span that must overlap
SUPPORTED = 0.6  # share of a statement's terms that its quotes must hold

# Articles that SQuAD's normalisation removes, and what MLQA (Lewis et al. 2020) removes in German and Spanish. French
# is ours: definite and indefinite articles, elided (l') too, and the contractions du/des; à, au, aux are prepositions.
_ARTICLES = {
    "en": "a an the",
    "de": "ein eine einen einem eines einer der die das den dem des",
    "es": "un una unos unas el la los las",
    "fr": "le la les un une du des",
}
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")


@dataclass(frozen=True, slots=True)
class Span:
    """Characters `start` to `end` of a document."""

    document: str
    start: int
    end: int


def overlap(a: Span, b: Span) -> int:
    """Count the characters that two spans share."""
    return max(0, min(a.end, b.end) - max(a.start, b.start)) if a.document == b.document else 0


def covers(passage: Span, evidence: Span) -> bool:
    """Tell whether a passage shows an evidence span: it holds at least half of the span's characters."""
    return overlap(passage, evidence) >= COVERED * (evidence.end - evidence.start) > 0


def agrees(quote: Span, evidence: Span) -> bool:
    """Tell whether a quote and an evidence span mean the same place: they share half of the shorter one."""
    return overlap(quote, evidence) >= COVERED * min(quote.end - quote.start, evidence.end - evidence.start) > 0


def normalise(text: str, language: str = "en") -> str:
    """Normalise an answer as SQuAD's evaluation does: lower case, no punctuation, no articles, single spaces.

    Punctuation is Unicode's, as in MLQA; articles are those of `language`, none for a language not in the table.
    Source: Rajpurkar et al. 2016 (arXiv 1606.05250), evaluate-v2.0.py; Lewis et al. 2020 (arXiv 1910.07475).
    """
    text = text.lower()
    if language == "fr":
        text = re.sub(r"\bl['’]", "", text)
    text = "".join(c for c in text if c not in string.punctuation and unicodedata.category(c)[0] != "P")
    articles = set(_ARTICLES.get(language, "").split())
    return " ".join(word for word in text.split() if word not in articles)


def exact_match(text: str, answers: Sequence[str], language: str = "en") -> float | None:
    """1 when the normalised text is one of the normalised reference answers, else 0 (SQuAD)."""
    if not answers:
        return None
    return float(normalise(text, language) in {normalise(answer, language) for answer in answers})


def token_f1(text: str, answers: Sequence[str], language: str = "en") -> float | None:
    """Best F1 of the text's tokens with a reference answer's: 2PR / (P + R), tokens counted with repeats (SQuAD)."""
    if not answers:
        return None
    return max(_f1(normalise(text, language).split(), normalise(answer, language).split()) for answer in answers)


def _f1(found: list[str], gold: list[str]) -> float:
    if not found or not gold:
        return float(found == gold)
    shared = sum((Counter(found) & Counter(gold)).values())
    return 2 * shared / (len(found) + len(gold))


def contains_answer(text: str, answers: Sequence[str], language: str = "en") -> float | None:
    """1 when a normalised reference answer stands in the normalised text as whole words, else 0."""
    if not answers:
        return None
    words = f" {normalise(text, language)} "
    return float(any(f" {gold} " in words for gold in (normalise(answer, language) for answer in answers) if gold))


def nugget_recall(text: str, nuggets: Sequence[Sequence[str]]) -> float | None:
    """Share of nuggets of which an alternative is found in the text (white space collapsed, case ignored).

    |{n : some regular expression of n matches}| / |nuggets|. Nuggets after Voorhees 2003 (TREC QA track).
    """
    if not nuggets:
        return None
    flat = " ".join(text.split())
    return sum(any(re.search(a, flat, re.IGNORECASE) for a in nugget) for nugget in nuggets) / len(nuggets)


def words(text: str) -> int:
    """Count the words of a text, split at white space."""
    return len(text.split())


def span_validity(valid: Sequence[bool]) -> float | None:
    """Share of quotes that are, character for character, what their document says at their offsets."""
    return sum(valid) / len(valid) if valid else None


def citation_recall(statements: Sequence[Sequence[Span]], evidence: Sequence[Span]) -> float | None:
    """Share of statements that their citations carry.

    ALCE (Gao et al. 2023, arXiv 2305.14627) asks an entailment model whether the cited passages, together, entail the
    statement. Here a person has marked what answers the question, so the test is: at least one of the statement's
    quotes agrees with an evidence span (`agrees`: half of the shorter one is shared). A statement without a citation
    counts 0. Gold evidence that is incomplete makes this a lower bound. None without statements or without evidence.
    """
    if not statements or not evidence:
        return None
    return sum(any(agrees(q, e) for q in quotes for e in evidence) for quotes in statements) / len(statements)


def citation_precision(statements: Sequence[Sequence[Span]], evidence: Sequence[Span]) -> float | None:
    """Share of citations that are needed.

    In ALCE a citation counts when its statement is carried and the citation itself carries it, or the others don't
    without it. With spans in place of entailment both come down to: this quote agrees with an evidence span. Each
    (statement, quote) pair counts. 0 when there are statements but not one citation, as in ALCE's evaluation script.
    """
    if not statements or not evidence:
        return None
    cited = [quote for quotes in statements for quote in quotes]
    return sum(any(agrees(q, e) for e in evidence) for q in cited) / len(cited) if cited else 0.0


def is_supported(statement: str, quotes: Sequence[str], language: str) -> bool:
    """Tell whether a statement's quotes hold what it says, by words alone.

    Every number of the statement stands in the quotes, and so do at least 60% of its distinct search terms (stop words
    out, stemmed). It needs no model and does not trust the assistant's own check; a statement in another language than
    its quotes fails it.
    """
    from index.analysis import analyse

    said, source = set(analyse(statement, language)), set(analyse(" ".join(quotes), language))
    numbers = set(_NUMBER.findall(statement)) <= set(_NUMBER.findall(" ".join(quotes)))
    return bool(source) and numbers and len(said & source) >= SUPPORTED * len(said)


def supported_share(statements: Sequence[tuple[str, Sequence[str]]], language: str) -> float | None:
    """Share of (statement, texts of its quotes) pairs that pass `is_supported`."""
    if not statements:
        return None
    return sum(is_supported(text, quotes, language) for text, quotes in statements) / len(statements)


def risk_coverage(confidences: Sequence[float], losses: Sequence[float]) -> list[tuple[float, float]]:
    """Points (coverage, risk) of answering the k questions with the highest confidence, k = 1..n.

    coverage = k / n, risk = mean loss of those k. Within a tie of confidences no order is known, so each of the tied
    questions counts with the mean loss of the tie: the expected curve. Source: El-Yaniv and Wiener 2010.
    """
    order = sorted(zip(confidences, losses, strict=True), key=lambda pair: -pair[0])
    ties: dict[float, list[float]] = {}
    for confidence, loss in order:
        ties.setdefault(confidence, []).append(loss)
    points, total, k = [], 0.0, 0
    for tied in ties.values():
        for _ in tied:
            total, k = total + sum(tied) / len(tied), k + 1
            points.append((k / len(order), total / k))
    return points


def aurc(confidences: Sequence[float], losses: Sequence[float]) -> float | None:
    """Area under the risk-coverage curve: the mean risk over all coverages, 0 is best (Geifman et al. 2019)."""
    points = risk_coverage(confidences, losses)
    return sum(risk for _, risk in points) / len(points) if points else None
