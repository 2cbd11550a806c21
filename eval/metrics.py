"""Measures of one answer, as pure functions of texts and spans. Knows nothing of files, runs or models.

A share is between 0 and 1; None means that the question has nothing to measure (no gold, no citation).
Offsets count characters of the document's text, end exclusive.
"""

from __future__ import annotations

import re
import string
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

COVERED = 0.5  # share of a span that must overlap
SUPPORTED = 0.6  # share of a statement's terms that its quotes must hold

# Articles that SQuAD's normalisation removes, and what MLQA (Lewis et al. 2020) removes in German and Spanish. French
# is ours: definite, indefinite and partitive articles and the contractions du and des; à, au, aux are prepositions. An
# elided article (l') goes too, any other elided word stands for itself: "d'Ukraine" is "d ukraine", as "de Moscou".
_ARTICLES = {
    "en": "a an the",
    "de": "ein eine einen einem eines einer der die das den dem des",
    "es": "un una unos unas el la los las",
    "fr": "le la les un une du des",
}
_ELISION = re.compile(r"\b(?:l|([cdjmnst]|\w*qu))['’]")
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
        text = _ELISION.sub(r"\1 ", text)
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


def first_contains(
    statements: Sequence[str], answers: Sequence[str], nuggets: Sequence[Sequence[str]], language: str = "en"
) -> float | None:
    """1 when the answer's first statement contains the gold answer, else 0; 0 also for an answer without statements.

    The gold answer is a reference answer (`contains_answer`); where the gold has nuggets alone, any one of them.
    """
    first = statements[0] if statements else ""
    if answers or not nuggets:
        return contains_answer(first, answers, language)
    return float(any(states(first, nugget) for nugget in nuggets))


def states(text: str, nugget: Sequence[str]) -> bool:
    """Tell whether one of a nugget's regular expressions matches the text (white space collapsed, case ignored)."""
    flat = " ".join(text.split())
    return any(re.search(alternative, flat, re.IGNORECASE) for alternative in nugget)


def nugget_recall(text: str, nuggets: Sequence[Sequence[str]]) -> float | None:
    """Share of nuggets that the text states: |{n : text states n}| / |nuggets| (Voorhees 2003, TREC QA track)."""
    return _share(states(text, nugget) for nugget in nuggets)


def words(text: str) -> int:
    """Count the words of a text, split at white space."""
    return len(text.split())


def span_validity(valid: Sequence[bool]) -> float | None:
    """Share of quotes that are, character for character, what their document says at their offsets."""
    return _share(valid)


def evidence_recall(statements: Sequence[Sequence[Span]], evidence: Sequence[Span]) -> float | None:
    """Share of the gold evidence that is quoted: |{e : a quote agrees with e}| / |evidence|, 0 without quotes.

    `statements` holds the quotes of each statement. This and `evidence_precision` compare places, not meanings: a
    person has marked what answers the question. None without evidence.
    """
    quotes = _distinct(statements)
    return _share(any(agrees(quote, e) for quote in quotes) for e in evidence)


def evidence_precision(statements: Sequence[Sequence[Span]], evidence: Sequence[Span]) -> float | None:
    """Share of quotes that agree with gold evidence: |{q : q agrees with some e}| / |quotes|, each quote once.

    A lower bound: a quote that answers the question as well, from a place that nobody marked, counts as wrong, and so
    does every quote that adds context. None without evidence or when nothing is stated, 0 for statements that quote
    nothing.
    """
    if not statements or not evidence:
        return None
    return _share(any(agrees(quote, e) for e in evidence) for quote in _distinct(statements)) or 0.0


def document_precision(statements: Sequence[Sequence[Span]], evidence: Sequence[Span]) -> float | None:
    """Share of quotes from a document that holds gold evidence: |{q : doc(q) in docs(evidence)}| / |quotes|.

    Each quote once. None without evidence or when nothing is stated, 0 for statements without quotes.
    """
    if not statements or not evidence:
        return None
    documents = {e.document for e in evidence}
    return _share(quote.document in documents for quote in _distinct(statements)) or 0.0


def _distinct(statements: Sequence[Sequence[Span]]) -> list[Span]:
    return list(dict.fromkeys(quote for quotes in statements for quote in quotes))


def _share(hits: Iterable[bool]) -> float | None:
    found = list(hits)
    return sum(found) / len(found) if found else None


def is_supported(statement: str, quotes: Sequence[str], language: str) -> bool:
    """Tell whether a statement's quotes hold what it says, by words alone.

    Every number of the statement stands in the quotes, and so do at least 60% of its distinct search terms (stop words
    out, stemmed). It needs no model and does not trust the assistant's own check; a statement in another language than
    its quotes fails it.
    """
    said = _terms(statement, language)
    source = frozenset[str]().union(*(_terms(quote, language) for quote in quotes))
    numbers = set(_NUMBER.findall(statement)) <= {number for quote in quotes for number in _NUMBER.findall(quote)}
    return bool(source) and numbers and len(said & source) >= SUPPORTED * len(said)


@lru_cache(maxsize=10_000)
def _terms(text: str, language: str) -> frozenset[str]:
    from index.analysis import analyse

    return frozenset(analyse(text, language))


def citation_recall(statements: Sequence[tuple[str, Sequence[str]]], language: str) -> float | None:
    """Share of statements that their quotes, taken together, support; a statement without a quote counts 0.

    ALCE (Gao et al. 2023, arXiv 2305.14627, section 3), with the words that statement and quoted spans share
    (`is_supported`) in place of the entailment model. `statements` are pairs of a text and its quotes' texts.
    """
    return _share(is_supported(text, quotes, language) for text, quotes in statements)


def citation_precision(statements: Sequence[tuple[str, Sequence[str]]], language: str) -> float | None:
    """Share of citations that are needed, after ALCE as in `citation_recall`.

    A citation is needed when its statement is supported, unless the quote alone does not support the statement while
    the statement's other quotes do without it. A statement that is itself a quotation needs that quotation. None
    without statements; 0 when they cite nothing, as in ALCE's evaluation script.
    """
    if not statements:
        return None
    needed = [
        is_supported(text, quotes, language)
        and (is_supported(text, [quote], language) or not is_supported(text, [*quotes[:n], *quotes[n + 1 :]], language))
        for text, quotes in statements
        for n, quote in enumerate(quotes)
    ]
    return _share(needed) or 0.0


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
        expected = sum(tied) / len(tied)
        for _ in tied:
            total, k = total + expected, k + 1
            points.append((k / len(order), total / k))
    return points


def aurc(confidences: Sequence[float], losses: Sequence[float]) -> float | None:
    """Area under the risk-coverage curve: the mean risk over all coverages, 0 is best (Geifman et al. 2019)."""
    points = risk_coverage(confidences, losses)
    return sum(risk for _, risk in points) / len(points) if points else None
