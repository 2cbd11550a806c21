"""Which sentences are chosen: from signals made by hand, and from the corpus with the real model."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from index.embedder import EmbeddingModel
from index.library import Library
from rag.answer import Quote
from rag.evidence import SIGNALS, EvidenceSelector, broad, is_broad, narrow, narrow_scores
from rag.search import HybridSearcher
from rag.signals import Candidate, SignalReader, Signals
from tests.index_helpers import CORPUS
from tests.rag_helpers import signals, told

FACT = "How many boats sank?"
FIELD = "what does Porto demand?"
FITTING = [name for name in SIGNALS if SIGNALS[name] > 0]


def fitting(
    question: str,
    *documents: Sequence[Candidate],
    fits: Sequence[float],
    words: str = "",
    **values: float | list[float],
) -> Signals:
    """Make signals that agree on how well each sentence fits."""
    arrays: dict[str, Any] = {name: list(fits) for name in (*FITTING, "place")}
    return signals(question, *documents, words=words, **(arrays | values))


def texts(found: Signals, runs: Sequence[Sequence[int]]) -> list[str]:
    return [" ".join(found.candidates[i].text for i in run) for run in runs]


class Handmade:
    """Stands for a SignalReader: returns what it is given."""

    def __init__(self, found: Signals | None) -> None:
        self.found = found

    def read(self, *_: object) -> Signals | None:
        """Return the signals."""
        return self.found


def chosen(found: Signals) -> tuple[Quote, ...]:
    return EvidenceSelector(Handmade(found)).select(found.question, found.passages).quotes  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("question", "words", "wide"),
    [
        ("what does Russia demand?", "russia demand", True),
        ("Qu'exige Moscou ?", "exig moscou", True),
        ("When did the talks begin?", "talk begin", False),
        ("Combien de prisonniers ?", "prison", False),
        ("What happened to the main share index after the call?", "happen main share index call", False),
        ("Which demands did the delegation bring to the city?", "demand deleg bring citi", True),
        ("How has the minister's view on ferries and bridges changed?", "minist view ferri bridg chang", True),
        ("What do the two sides say of the raid on the harbour?", "two side say raid harbour", True),
        ("Who changed, and how did the price of tickets change?", "chang price ticket chang", True),
    ],
)
def test_a_broad_question_asks_for_more_than_one_fact(question: str, words: str, wide: bool) -> None:
    assert is_broad(signals(question, told("It sank."), words=words)) == wide


def test_a_narrow_answer_stops_when_it_is_sure() -> None:
    boats = told(*(f"Sentence {n} tells of {n} boats." for n in range(10)))
    clear = fitting(FACT, boats, fits=[0.0] * 4 + [9.0] + [0.0] * 5, typed=[1.0] * 10)
    assert texts(clear, narrow(clear)) == ["Sentence 4 tells of 4 boats."]
    unclear = fitting(FACT, boats, fits=[2.0, 2.1, 0.0, 2.2, *[0.0] * 6])
    assert len(narrow(unclear)) > 1
    assert texts(unclear, narrow(unclear))[0] == "Sentence 3 tells of 3 boats."  # best first


def test_what_stands_side_by_side_is_one_quotation_and_no_more_than_two_sentences() -> None:
    boats = told(*(f"Sentence {n} tells of {n} boats." for n in range(6)))
    side = fitting(FACT, boats, fits=[0.0, 0.0, 3.0, 3.1, 0.0, 0.0])
    assert narrow(side)[0] == (2, 3)  # in the document's order, at the place of the better one
    row = fitting(FACT, boats, fits=[0.0, 3.0, 3.1, 2.9, 0.0, 0.0])
    assert [len(run) for run in narrow(row)][:2] == [2, 1]
    other = fitting(FACT, told("Nine boats sank."), told("Ten boats sank.", name="b.txt"), fits=[1.0, 1.0])
    assert narrow(other) == [(0,), (1,)]
    voices = [*told("Nine boats sank.", "They were old."), told("x", "Ten boats sank.", voice="comment")[1]]
    assert all(len(run) == 1 for run in narrow(fitting(FACT, voices[::2], fits=[1.0, 1.0])))


def test_what_follows_the_subject_comes_before_what_is_nowhere_near_it() -> None:
    near = told("The lost fleet of Porto is famous.", "On Friday nine boats sank.")
    far = told("Wool is dear.", "On Friday six boats sank.", name="b.txt")
    found = fitting(FACT, near, far, fits=[0.0] * 4, lexical=[2.0, 0.0, 0.0, 0.0], typed=[0.0, 1.0, 0.0, 1.0])
    score = narrow_scores(found)
    assert score[1] > score[3]


def test_a_narrow_answer_has_an_end_and_says_nothing_twice() -> None:
    long = told(*(f"Sentence {n} says " + "very " * 40 + "little." for n in range(9)))
    found = fitting(FACT, long, fits=[1.0] * 9)
    assert 1 <= len(narrow(found)) <= 3
    twice = (told("Nine boats sank."), told("The boats that sank were nine.", name="b.txt"))
    alike = fitting(FACT, *twice, fits=[1.0, 1.0])
    assert len(narrow(alike)) == 2
    alike.vectors[1] = alike.vectors[0]
    assert texts(alike, narrow(alike)) == ["Nine boats sank."]


@pytest.mark.parametrize(
    ("one", "other", "language"),
    [
        ("Six boats sank on Friday.", "Nine boats sank on Friday.", "en"),
        ("Boats sank off Porto: 6 in all.", "Boats sank off Porto: 7 in all.", "en"),
        ("The mayor has been told how many sank.", "The mayor hasn't been told how many sank.", "en"),
        ("Nobody else sank there.", "Nobody else may sink there.", "en"),
        ("Le maire a su combien coulaient.", "Le maire n'a pas su combien coulaient.", "fr"),
        ("Sechs Boote sanken.", "Neun Boote sanken.", "de"),
    ],
)
@pytest.mark.parametrize("wide", [False, True])
def test_two_versions_that_differ_are_both_quoted(one: str, other: str, language: str, wide: bool) -> None:
    def written(text: str, name: str) -> list[Candidate]:
        (made,) = told(text, name=name)
        source = replace(made.passage.document, language=language)
        return [replace(made, passage=replace(made.passage, document=source))]

    first, second, copy = written(one, "a.txt"), written(other, "b.txt"), written(one.replace(" ", "\n", 2), "c.txt")
    found = fitting(FIELD if wide else FACT, first, second, fits=[1.0, 1.0])
    found.vectors[1] = found.vectors[0]
    assert len(broad(found) if wide else narrow(found)) == 2
    again = fitting(FIELD if wide else FACT, first, copy, fits=[1.0, 1.0])
    assert len(broad(again) if wide else narrow(again)) == 1  # word for word, whatever their vectors are


def test_a_quote_tells_where_else_it_stands() -> None:
    (one,), (two,) = told("Nine boats sank on Friday."), told("They were old and slow.", name="a.txt")
    one = replace(one, passage=replace(one.passage, also_in=("b.pdf", "c.html")))
    found = fitting(FACT, [one], fits=[1.0])
    assert [quote.also_in for quote in chosen(found)] == [("b.pdf", "c.html")]
    leaning = replace(two, number=1, passage=replace(two.passage, also_in=("c.html", "d.txt")))
    both = fitting(FACT, [one, leaning], fits=[0.0, 9.0], rank=[0, 1])
    assert [quote.also_in for quote in chosen(both)] == [("c.html",)]


@pytest.mark.parametrize("opening", ["He", "“They", "Its crew", "Elle", "Ces marins"])
def test_a_sentence_that_leans_on_the_one_before_brings_it_along_as_one_verbatim_quote(opening: str) -> None:
    talk = told("Nothing is new.", "Ana Prado runs the port.", f"{opening} counted nine boats.", "That was all of it.")
    found = fitting(FACT, talk, fits=[0.0, 0.0, 9.0, 0.0], typed=[0.0, 0.0, 1.0, 0.0])
    (quote,) = chosen(found)
    assert quote.text == f"Ana Prado runs the port. {opening} counted nine boats."
    assert quote.text in talk[0].passage.document.text
    first = fitting(FACT, told("It counted nine boats.", "So they say."), fits=[9.0, 0.0], typed=[1.0, 0.0])
    assert [q.text for q in chosen(first)] == ["It counted nine boats."]  # nothing stands before it


def test_a_report_does_not_bring_a_comment_along_nor_the_other_way_round() -> None:
    report = told("Nine boats sank.", "They were old.", "They were ours.", voice="report")
    comment = Candidate(told("x", voice="comment")[0].passage, 1, report[1].sentence, report[1].text)
    mixed = [report[0], comment, report[2]]
    for best in (1, 2):
        fits = [9.0 if i == best else 0.0 for i in range(3)]
        found = fitting("How many readers' comments are there?", mixed, fits=fits)
        voices = [{found.candidates[i].passage.chunk.voice for i in run} for run in narrow(found)]
        assert all(len(voice) == 1 for voice in voices)


def test_comments_are_left_out_unless_they_are_asked_for() -> None:
    report = told("Nine boats sank on Friday.", "The harbour was closed.", "Nobody was hurt.")
    comment = told("Ninety boats sank, I was there.", name="c.txt", voice="comment")
    for question, voices in [(FACT, {"report"}), ("How many boats sank, say readers?", {"comment"})]:
        found = fitting(question, report, comment, fits=[4.0, 0.0, 0.0, 4.4], typed=[1.0, 0.0, 0.0, 1.0])
        assert {quote.voice for quote in chosen(found)[:1]} == voices
    wide = fitting(FIELD, report, comment, fits=[4.0, 1.0, 1.0, 4.4], words="porto demand")
    assert broad(wide)[0] == (0,)


def test_broad_evidence_comes_oldest_first_each_document_in_its_order() -> None:
    new = told("Porto now demands a bridge.", "Porto demands a tunnel too.", name="new.txt", date="2025-11-01")
    undated = told("Porto demands a boat.", name="undated.txt", date=None)
    old = told("Porto demanded a ferry.", "Porto demanded a road.", name="old.txt", date="2025-02-01")
    found = fitting(FIELD, new, undated, old, fits=[5.0, 4.0, 3.0, 1.0, 2.0], words="porto demand")
    assert [quote.text for quote in chosen(found)] == [
        "Porto demanded a ferry.",
        "Porto demanded a road.",
        "Porto now demands a bridge.",
        "Porto demands a tunnel too.",
        "Porto demands a boat.",
    ]


def test_lists_run_on() -> None:
    """Of two sentences that fit alike, the one beside what was taken comes sooner."""
    list_ = told("Porto demands three things.", "A bridge.", "A tunnel.", "A ferry.")
    apart = told("The weather is fine.", "Wool is dear.", "Ships sail.", "Bread is good.", "Cork floats.", name="b.txt")
    many = told(*(f"The mill ground corn {n} times." for n in range(9)), name="c.txt")
    fits = [9.0, *[0.5] * 3, *[0.5] * 5, *[0.0] * 9]
    found = fitting(FIELD, list_, apart, many, fits=fits, words="porto demand")
    assert {0, 1, 2, 3} <= {i for run in broad(found) for i in run}


def test_a_broad_answer_leaves_out_what_only_talks_about_the_question() -> None:
    """Unless there is nothing else; and it leads to the list beside it, whose items may be as short."""
    paper = told("None of these demands is new.", "A second bridge.", "Porto demands a tunnel under the river.")
    many = told(*(f"The mill ground corn, oats and barley {n} times." for n in range(9)), name="c.txt")
    far = told(*(f"The baker sold bread, cakes and rolls {n} times." for n in range(9)), name="d.txt")
    fits = [1.0, 1.0, 1.5, *[0.8] * 9, *[0.0] * 9]
    found = fitting(FIELD, paper, many, far, fits=fits, words="porto demand")
    taken = [i for run in broad(found) for i in run]
    assert 0 not in taken
    assert {1, 2} <= set(taken)
    few = fitting(FIELD, paper, fits=[9.0, 3.0, 8.0], words="porto demand")
    assert [i for run in broad(few) for i in run] == [0, 1, 2]


def test_without_a_sentence_there_is_no_evidence() -> None:
    passages = signals(FACT, told("x")).passages
    evidence = EvidenceSelector(Handmade(None)).select(FACT, passages)  # type: ignore[arg-type]
    assert (evidence.quotes, evidence.passages, evidence.signals) == ((), passages, None)


def test_the_speaker_is_found_in_front_of_the_sentence() -> None:
    talk = told("“The port is closed,” said Ana Prado.", "“Nine boats sank.”", "It rained.")
    found = fitting(FACT, talk, fits=[0.0, 9.0, 0.0], typed=[0.0, 1.0, 0.0])
    assert chosen(found)[0].speaker in ("Ana Prado", None)
    found = fitting(FACT, talk, fits=[9.0, 0.0, 0.0], typed=[1.0, 0.0, 0.0])
    assert chosen(found)[0].speaker == "Ana Prado"


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("When were deliveries frozen?", "3 March"),
        ("How long did negotiators sit together in Jeddah?", "more than eight hours"),
        ("What did the EU adopt in its nineteenth package?", "117 vessels"),
        ("Qui est le porte-parole du Kremlin ?", "Dmitri Peskov"),
        ("Combien de noms compte la liste remise à la partie russe ?", "339 noms"),
        ("what does Russia demand?", "neutral Ukraine"),
    ],
)
def test_the_corpus_answers_with_verbatim_evidence(
    corpus_library: Path, model: EmbeddingModel, question: str, answer: str
) -> None:
    library, encoder = Library.open(corpus_library), model.question_encoder()
    passages = HybridSearcher(library, encoder).search(question, 12)
    evidence = EvidenceSelector(SignalReader(library, encoder)).select(question, passages)
    library.close()
    assert evidence.signals is not None
    assert any(answer in quote.text for quote in evidence.quotes)
    for quote in evidence.quotes:
        assert quote.text == quote.document.text[quote.start : quote.end]
        if quote.document.name.endswith(".txt"):
            file = (CORPUS / quote.document.name).read_bytes().decode()
            assert file[quote.start : quote.end] == quote.text
    assert {p.chunk.id for p in evidence.passages} == {p.chunk.id for p in passages}
    dates = [quote.date or "9999" for quote in evidence.quotes]
    assert dates == sorted(dates) or not is_broad(evidence.signals)
    lengths = sum(len(re.findall(r"\S+", quote.text)) for quote in evidence.quotes)
    assert lengths < 400
    assert np.isfinite(evidence.signals.agreement).all()
