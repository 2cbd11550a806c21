"""Spoil the answers in one way at a time: the measures that should move do, and no other does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from eval.gold import Evidence, Question
from eval.measures import MEASURES
from eval.record import PRODUCT
from eval.results import estimates
from eval.run import ask_one
from eval.scripted import ScriptedAsker, answer, document, passage, quotation
from eval.texts import Texts
from index.types import Document
from rag.answer import Answer, Quote, Statement

A = document("a.txt", "Rubio met the envoys in Geneva on Sunday. Snow fell on the lake.")
B = document("b.txt", "The index lost 2.8 % on Monday. Brokers blamed the call from Moscow.")
TEXTS = Texts({"a.txt": A.text, "b.txt": B.text})
TIMED = {"first_word_p50", "total_p50", "total_p95", "peak_memory"}


def gold(name: str, source: Document, words: str, nugget: str) -> Question:
    """Make a question that words of a document answer."""
    start = source.text.index(words)
    evidence = Evidence(source.path, start, start + len(words), words)
    return Question(name, name, "en", "factoid", True, ((nugget,),), (evidence,), answers=(nugget,))


WHERE = "Rubio met the envoys in Geneva on Sunday."
LOST = "The index lost 2.8 % on Monday."
QUESTIONS = [
    gold("where", A, WHERE, "Geneva"),
    gold("lost", B, LOST, "2.8 %"),
    Question("unknown", "unknown", "en", "unanswerable", False),
]
ANSWERS = {
    "where": answer("where", [("Rubio met the envoys in Geneva.", [quotation(A, WHERE)])], [passage(A, WHERE)]),
    "lost": answer("lost", [("The index lost 2.8 %.", [quotation(B, LOST)])], [passage(B, LOST), passage(A, WHERE)]),
    "unknown": answer("unknown", [], [passage(A, WHERE)], "not_in_documents", confidence=0.1),
}


def figures(answers: dict[str, Answer]) -> dict[str, float]:
    """Ask all questions and measure the answers, leaving out what depends on the clock."""
    asker = ScriptedAsker(answers)
    records = [ask_one(PRODUCT, asker, question, TEXTS, {}) for question in QUESTIONS]
    found = estimates(records, [measure for measure in MEASURES if measure.name not in TIMED])
    return {name: estimate.value for name, estimate in found.items()}


def each(change: Callable[[Answer], Answer]) -> dict[str, Answer]:
    """Change every answer."""
    return {name: change(said) for name, said in ANSWERS.items()}


def with_quotes(said: Answer, change: Callable[[Quote], tuple[Quote, ...]]) -> Answer:
    """Change every quote of an answer."""
    statements = [
        replace(statement, quotes=tuple(new for quote in statement.quotes for new in change(quote)))
        for statement in said.statements
    ]
    return replace(said, statements=tuple(statements))


def blank(quote: Quote) -> tuple[Quote, ...]:
    """Keep a quote's place, and none of its words."""
    return (replace(quote, end=quote.start),)


def drop(_: Quote) -> tuple[Quote, ...]:
    """Take a quote away."""
    return ()


def other(source: Document) -> Document:
    """Give a document the other one's name."""
    return replace(source, path={"a.txt": "b.txt", "b.txt": "a.txt"}[source.path])


def swap(said: Answer) -> Answer:
    """Say of everything that it stands in the other document."""
    swapped = with_quotes(said, lambda quote: (replace(quote, document=other(quote.document)),))
    return replace(swapped, passages=tuple(replace(p, document=other(p.document)) for p in said.passages))


def refuse(said: Answer) -> Answer:
    """Say that the documents don't say."""
    return replace(said, outcome="not_in_documents")


def refuse_in_silence(said: Answer) -> Answer:
    """Say that the documents don't say, and nothing else."""
    return replace(said, outcome="not_in_documents", statements=())


def give(said: Answer) -> Answer:
    """Answer whatever is asked."""
    made_up = Statement("It was on Monday.", (quotation(B, LOST),), 1.0, "model")
    return said if said.statements else replace(said, outcome="answered", statements=(made_up,))


def test_the_answers_before() -> None:
    found = figures(ANSWERS)
    assert {name for name, value in found.items() if value == 1.0} >= {
        "nugget_recall", "nugget_recall_quotes", "contains_answer", "first_contains", "span_validity",
        "citation_recall", "citation_precision", "evidence_recall", "evidence_precision", "document_precision",
        "recall_1", "span_recall_1", "span_ndcg_10",
    }  # fmt: skip
    assert (found["false_answers"], found["false_refusals"], found["failed"]) == (0.0, 0.0, 0.0)


AHEAD = Statement(
    "Brokers blamed the call from Moscow.", (quotation(B, "Brokers blamed the call from Moscow."),), 1.0, "quote"
)
RANKS = {"recall_1", "recall_5", "recall_10", "mrr_10", "ndcg_10"}
CITED = {"citation_recall", "citation_precision"}
QUOTED = {"evidence_recall", "evidence_precision"}
WORDS = {"words", "words_p50"}


@pytest.mark.parametrize(
    ("change", "moved"),
    [
        (lambda said: with_quotes(said, blank), {"span_validity", *CITED, *QUOTED}),
        (lambda said: with_quotes(said, drop), {"span_validity", "document_precision", *CITED, *QUOTED}),
        (swap, {"span_validity", "document_precision", *QUOTED, *RANKS, *(f"span_{name}" for name in RANKS)}),
        (refuse, {"false_refusals", *WORDS}),
        (
            refuse_in_silence,
            {"false_refusals", *WORDS, "nugget_recall", "nugget_recall_quotes", "contains_answer", "first_contains",
             "f1", "aurc", "span_validity", "document_precision", *CITED, *QUOTED},
        ),
        (give, {"false_answers", *WORDS}),
        (lambda said: replace(said, statements=(AHEAD, *said.statements) if said.statements else ()),
         {"first_contains", "f1", "evidence_precision", "document_precision", *WORDS}),
    ],
    ids=["blank quotes", "drop quotes", "swap documents", "refuse", "refuse in silence", "answer everything",
         "another sentence ahead"],
)  # fmt: skip
def test_what_moves(change: Callable[[Answer], Answer], moved: set[str]) -> None:
    before, after = figures(ANSWERS), figures(each(change))
    assert {name for name in before if after.get(name) != before[name]} == moved


def test_they_move_the_right_way() -> None:
    assert figures(each(refuse))["false_refusals"] == 1.0
    assert figures(each(give))["false_answers"] == 1.0
    assert figures(each(swap))["span_validity"] == 0.0
    blanked = figures(each(lambda said: with_quotes(said, blank)))
    assert blanked["span_validity"] == blanked["citation_recall"] == blanked["evidence_recall"] == 0.0
    assert figures(each(swap))["recall_1"] == 0.0


def test_confidence_moves_the_risk_coverage_area_alone(tmp_path: Path) -> None:
    before, after = figures(ANSWERS), figures(each(lambda said: replace(said, confidence=1 - said.confidence)))
    assert {name for name in before if after[name] != before[name]} == {"aurc"}
    assert after["aurc"] > before["aurc"]
