"""Which questions are several, and which only look like it."""

from __future__ import annotations

import pytest

from rag.parts import parts


@pytest.mark.parametrize(
    ("question", "split"),
    [
        (
            "what does Moscow demand, and how many soldiers has Kyiv?",
            ("what does Moscow demand?", "how many soldiers has Kyiv?"),
        ),
        ("What does Moscow want? What does Kyiv want?", ("What does Moscow want?", "What does Kyiv want?")),
        (
            "Which mayor resigned, and in which city did he live?",
            ("Which mayor resigned?", "in which city did he live?"),
        ),
        ("Qu'exige Moscou, et que veut Kiev ?", ("Qu'exige Moscou?", "que veut Kiev?")),
        ("Que veut Kiev et qu'exige Moscou ?", ("Que veut Kiev?", "qu'exige Moscou?")),
        (
            "Who led it? Where did they meet? When did it end?",
            ("Who led it?", "Where did they meet?", "When did it end?"),
        ),
    ],
)
def test_several_questions_are_taken_apart(question: str, split: tuple[str, ...]) -> None:
    assert parts(question) == split


@pytest.mark.parametrize(
    "question",
    [
        "what does Russia demand?",
        "Who led them and when?",
        "Who and when did they meet?",
        "What did Kyiv and Moscow sign?",
        "What do Lisbon and Porto say about bread and wine?",
        "Taille de l'armée : que dit le plan, que dit la version européenne ?",
        "Who came? Who left early? Who stayed behind? Who knows the reason?",  # too many to be taken apart
        "and what?",
        "??",
        "",
    ],
)
def test_one_question_stays_whole(question: str) -> None:
    assert parts(question) == (question,)
