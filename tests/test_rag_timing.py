"""What a question says about time, and what sentences say about it."""

from __future__ import annotations

import pytest

from rag.answer import Quote
from rag.events import anchor_date, event_anchor
from rag.timing import Period, asked_period, asks_change, asks_contrast, asks_newest, chronological, mentions
from tests.rag_helpers import document

NEWEST = "2025-11-25"  # a Tuesday


@pytest.mark.parametrize(
    ("question", "start", "end"),
    [
        ("What did the mayor announce in November 2025?", "2025-11-01", "2025-11-30"),
        ("In 2025, how many bridges were closed?", "2025-01-01", "2025-12-31"),
        ("What was signed on 2 June 2025?", "2025-06-02", "2025-06-02"),
        ("What was signed on June 2nd, 2025?", "2025-06-02", "2025-06-02"),
        ("what was signed on 2025-06-02", "2025-06-02", "2025-06-02"),
        ("What was signed on 02/06/2025?", "2025-06-02", "2025-06-02"),
        ("What has the harbour authority done since May?", "2025-05-01", None),
        ("Which ferries ran before June 2025?", None, "2025-05-31"),
        ("Who resigned after the 20th of May?", "2025-05-21", None),
        ("Who resigned after May 2025?", "2025-06-01", None),
        ("What must be paid by 3 October?", None, "2025-10-03"),
        ("Who worked there until March 2024?", None, "2024-03-31"),
        ("What happened between May and July 2025?", "2025-05-01", "2025-07-31"),
        ("What happened between October and January 2025?", "2024-10-01", "2025-01-31"),
        ("What was built from 2019 to 2021?", "2019-01-01", "2021-12-31"),
        ("What was decided between 20 and 25 May?", "2025-05-20", "2025-05-25"),
        ("What did the council vote last month?", "2025-10-01", "2025-10-31"),
        ("What did the council vote last week?", "2025-11-17", "2025-11-23"),
        ("What has the council voted this year?", "2025-01-01", "2025-12-31"),
        ("What did the council vote yesterday?", "2025-11-24", "2025-11-24"),
        ("Has anything been repaired recently?", "2025-10-26", "2025-11-25"),
        ("What was repaired in the past two weeks?", "2025-11-11", "2025-11-25"),
        ("What broke three months ago?", "2025-08-01", "2025-08-31"),
        ("Who spoke on Sunday?", "2025-11-23", "2025-11-23"),
        ("Who spoke last Tuesday?", "2025-11-18", "2025-11-18"),
        ("Why did the factory stop making boats in March?", "2025-03-01", "2025-03-31"),
        ("what did they launch in may", "2025-05-01", "2025-05-31"),
        ("How was the deal seen in late September?", "2025-09-21", "2025-09-30"),
        ("What was the rate in April and what was it in August?", "2025-04-01", "2025-08-31"),
        ("What was the fare in February and what had it become by late October?", "2025-02-01", "2025-10-31"),
        ("How many boats were there as of 2024?", "2024-01-01", "2024-12-31"),
        ("Who is due to visit in early December?", "2025-12-01", "2025-12-10"),  # days ahead, not a year ago
        ("Qu'a voté le conseil le mois dernier ?", "2025-10-01", "2025-10-31"),
        ("Qu'a voté le conseil la semaine dernière ?", "2025-11-17", "2025-11-23"),
        ("Que s'est-il passé en novembre 2025 ?", "2025-11-01", "2025-11-30"),
        ("Dans quelle ville se sont-ils retrouvés en mars ?", "2025-03-01", "2025-03-31"),
        ("Qui a démissionné avant juin ?", None, "2025-05-31"),
        ("Qui a démissionné depuis le 20 mai ?", "2025-05-20", None),
        ("Quelle grève a commencé le 1er mai ?", "2025-05-01", "2025-05-01"),
        ("Entre mai et juillet 2025, qu'a-t-on construit ?", "2025-05-01", "2025-07-31"),
        ("Fin août, combien d'élèves étaient inscrits ?", "2025-08-21", "2025-08-31"),
        ("Qu'a-t-on appris hier ?", "2025-11-24", "2025-11-24"),
        ("Que s'est-il passé il y a deux jours ?", "2025-11-23", "2025-11-23"),
        ("Qu'a-t-on fermé ces dernières semaines ?", "2025-11-04", "2025-11-25"),
        ("Qu'a-t-on fermé cette année ?", "2025-01-01", "2025-12-31"),
    ],
)
def test_a_question_s_time_adverbial(question: str, start: str | None, end: str | None) -> None:
    assert asked_period(question, NEWEST) == Period(start, end, "publication")


@pytest.mark.parametrize(
    ("question", "start", "end"),
    [
        ("Harbour Cup 2021 location", "2021-01-01", "2021-12-31"),
        ("who won the 2018 Rowing Championship", "2018-01-01", "2018-12-31"),
        ("Who signed the 1994 Lisbon memorandum?", "1994-01-01", "1994-12-31"),
        ("What happened on 9 May 1945?", "1945-05-09", "1945-05-09"),
        ("Why did the talks in May 2025 fail?", "2025-05-01", "2025-05-31"),
        ("In which hall did the May talks take place?", "2025-05-01", "2025-05-31"),
        ("How many boats were promised after the 2 June meeting?", "2025-06-02", "2025-06-02"),
        ("Que s'est-il passé après la rencontre du 15 août ?", "2025-08-15", "2025-08-15"),
        ("Qui a négocié l'accord de mars 2019 ?", "2019-03-01", "2019-03-31"),
    ],
)
def test_a_time_that_names_an_event(question: str, start: str, end: str) -> None:
    assert asked_period(question, NEWEST) == Period(start, end, "event")


@pytest.mark.parametrize(
    "question",
    [
        "May the president dissolve parliament?",
        "Which rights may a tenant claim?",
        "Why did the workers march on the capital?",
        "Who came second in the race?",
        "What did the Sunday Times report?",
        "How many of 2025 soldiers came back?",
        "Were 1950 houses sold in 2000 villages?",
        "How much is 1999 euros in dollars?",
        "Is there life on Mars?",
        "Que fera la sonde après Mars ?",
        "How many people may 12 boats carry?",
        "Where are the 1200 prisoners?",
        "What did Theresa May say about fishing?",
        "Who was August Strindberg?",
        "Which band played in the 1990s?",
        "Which band played in the 1970's?",
        "What does the second chapter say?",
        "Pourquoi dure-t-il depuis sept ans ?",
        "Le magasin est-il ouvert le lundi ?",
        "La sonde est-elle arrivée sur Mars ?",
        "Qui est Avril Lavigne ?",
    ],
)
def test_no_time_is_named(question: str) -> None:
    assert asked_period(question, NEWEST) is None


def test_without_a_newest_document_only_full_dates_are_known() -> None:
    assert asked_period("What changed in May?", None) is None
    assert asked_period("What changed last week?", None) is None
    assert asked_period("What changed in May 2025?", None) == Period("2025-05-01", "2025-05-31")


def test_what_ended_before_the_oldest_document_is_an_event() -> None:
    question = "What was decided in March 2019?"
    assert asked_period(question, NEWEST, oldest="2018-01-01") == Period("2019-03-01", "2019-03-31", "publication")
    assert asked_period(question, NEWEST, oldest="2025-01-01") == Period("2019-03-01", "2019-03-31", "event")


def test_a_period_covers_its_own_days() -> None:
    may = Period("2025-05-01", "2025-05-31")
    assert may.covers("2025-05-01") and may.covers("2025-05-31")
    assert not may.covers("2025-06-01") and not may.covers(None)
    assert Period(None, "2025-05-31").covers("1999-01-01") and not Period("2025-05-01", None).covers("2025-04-30")


@pytest.mark.parametrize(
    ("text", "published", "said"),
    [
        ("The ferry sank on 12 May 2025.", None, True),
        ("The ferry sank on May 12.", "2025-05-20", True),
        ("Le ferry a coulé le 12 mai.", "2025-09-01", True),
        ("The ferry sank in May.", "2026-01-05", True),
        ("Yesterday the ferry sank.", "2025-06-01", True),
        ("The ferry sank last month.", "2025-06-15", True),
        ("On Sunday the ferry sank.", "2025-05-06", True),
        ("Réunis mardi, les pêcheurs ont voté.", "2025-05-08", True),
        ("The ferry sank on 12 June 2025.", "2025-06-15", False),
        ("The ferry sank in May 2024.", "2025-05-15", False),
        ("It was the worst year for ferries since 2025.", "2025-05-15", False),  # a year is not this month
        ("The crew may be 12 strong.", "2025-05-15", False),
        ("The Sunday Tribune reported the wreck.", "2025-05-15", False),
        ("The ferry sank in May.", None, False),  # of which year?
    ],
)
def test_a_sentence_that_speaks_of_may_2025(text: str, published: str | None, said: bool) -> None:
    assert mentions(text, Period("2025-05-01", "2025-05-31"), published) is said


@pytest.mark.parametrize(
    "question",
    [
        "How has the harbour's policy changed?",
        "What changed after the vote?",
        "Does the mayor still want a bridge?",
        "Is the curfew no longer in force?",
        "How did the union's position evolve between spring and autumn?",
        "What was the fare first, and what did it become then?",
        "By when was the answer due, and does that still hold?",
        "Comment la position du syndicat a-t-elle évolué ?",
        "Qu'est-ce qui a changé depuis le vote ?",
        "Le maire veut-il toujours un pont ?",
        "Le couvre-feu n'est-il plus en vigueur ?",
        "La loi est-elle encore appliquée ?",
    ],
)
def test_questions_about_change(question: str) -> None:
    assert asks_change(question)


@pytest.mark.parametrize(
    "question",
    [
        "Who painted the still life in the hall?",
        "Which towns still have a ferry?",
        "What does climate change cost the port?",
        "Which coins did the bank exchange?",
        "Pourquoi le maire ne promet-il pas encore de pont ?",
        "Combien de bateaux en plus ont été vendus ?",
        "Quel bureau de change est ouvert ?",
    ],
)
def test_questions_not_about_change(question: str) -> None:
    assert not asks_change(question)


@pytest.mark.parametrize(
    ("question", "newest"),
    [
        ("What is the latest offer?", True),
        ("What does the union want now?", True),
        ("Who currently runs the port?", True),
        ("What is the current fare?", True),
        ("Quelle est la dernière offre du syndicat ?", True),
        ("Qui dirige actuellement le port ?", True),
        ("Quel est le tarif actuel ?", True),
        ("What was voted last week?", False),
        ("What carries the electric current?", False),
        ("Which city is now called Istanbul?", False),
        ("What did he know?", False),
        ("Qu'a-t-on voté la semaine dernière ?", False),
        ("Qu'a-t-on fermé ces dernières années ?", False),
    ],
)
def test_questions_about_the_newest(question: str, newest: bool) -> None:
    assert asks_newest(question) is newest


@pytest.mark.parametrize(
    ("question", "contrast"),
    [
        ("What does each side want?", True),
        ("How do the two versions differ?", True),
        ("Compare the offers of the union and the port.", True),
        ("What do both sides say about wages?", True),
        ("What do Lisbon and Porto say about the tunnel?", True),
        ("Que demandent respectivement le port et le syndicat ?", True),
        ("Que veulent les deux camps ?", True),
        ("Quelle différence y a-t-il entre les deux offres ?", True),
        ("Que dit le port, que dit le syndicat ?", True),
        ("Que veulent Lisbonne et Porto ?", True),
        ("What was the score between Lisbon and Porto?", False),
        ("What did the two sides agree on?", False),
        ("How many sides has a hexagon?", False),
        ("Who founded Procter and Gamble?", False),
        ("Who wrote about Lisbon and Porto?", False),
        ("Combien de camps ont été fermés ?", False),
    ],
)
def test_questions_about_a_contrast(question: str, contrast: bool) -> None:
    assert asks_contrast(question) is contrast


@pytest.mark.parametrize(
    ("question", "anchor"),
    [
        ("What did the port say before the Lisbon meeting?", ("before", "the Lisbon meeting")),
        ("What happened after the strike?", ("after", "the strike")),
        ("After Lisbon, how many points were left?", ("after", "Lisbon")),
        ("After the 2 June vote what did the mayor do?", ("after", "the 2 June vote")),
        ("What has been built since the flood and why?", ("since", "the flood")),
        ("Who ran the port until the merger?", ("until", "the merger")),
        ("Qu'a dit le maire après la réunion de Porto ?", ("after", "la réunion de Porto")),
        ("Depuis l'accord, qu'a-t-on construit ?", ("since", "l'accord")),
        ("Qui dirigeait le port avant la fusion ?", ("before", "la fusion")),
        ("Qui a gardé le port jusqu'à la fusion ?", ("until", "la fusion")),
        ("What happened after May 2025?", None),
        ("What has been built since 2019?", None),
        ("Who looks after the lighthouse?", None),
        ("Which ship is named after the queen?", None),
        ("Who testified before the committee?", None),
        ("What did he do before he left?", None),
        ("Qui a démissionné depuis le 20 mai ?", None),
        ("Qui a démissionné avant la fin de l'année dernière ?", None),
    ],
)
def test_the_event_a_question_hangs_on(question: str, anchor: tuple[str, str] | None) -> None:
    assert event_anchor(question) == anchor


@pytest.mark.parametrize(
    ("phrase", "sentences", "day"),
    [
        ("the Lisbon meeting", [("The Lisbon meeting on May 20 ended early.", "2025-05-22")], "2025-05-20"),
        ("the Lisbon meeting", [("In Lisbon on Sunday, a meeting was held.", "2025-05-20")], "2025-05-18"),
        ("la réunion de Porto", [("La réunion de Porto, mardi, a été brève.", "2025-05-22")], "2025-05-20"),
        (
            "the strike",
            [("The strike goes on.", "2025-05-09"), ("The strike began.", "2025-05-04"), ("A tide.", "2025-01-01")],
            "2025-05-04",
        ),
        ("the strike", [("The fare rose.", "2025-05-04")], None),
        ("the 2 June vote", [("The vote was close.", "2025-06-05")], "2025-06-02"),
        (  # the date of what came after is not the event's
            "the strike",
            [("On 9 May, after the strike, the port opened.", "2025-05-10"), ("A strike began.", "2025-05-04")],
            "2025-05-04",
        ),
        ("the strike", [("The strike is called off.", None)], None),
        ("the strike", [("In August the strike spread.", "2025-11-20")], "2025-08-01"),
    ],
)
def test_the_date_of_an_event(phrase: str, sentences: list[tuple[str, str | None]], day: str | None) -> None:
    assert anchor_date(phrase, sentences) == day


def test_quotes_in_the_order_of_time() -> None:
    def quote(name: str, date: str | None, start: int = 0) -> Quote:
        return Quote(document("words", name, date), start, 5)

    june = "2025-06-01"
    quotes = [quote("a", None), quote("b", june, 3), quote("c", "2025-05-01"), quote("d", june), quote("b", june, 1)]
    shown = [(q.document.id, q.start) for q in chronological(quotes)]
    assert shown == [("c", 0), ("b", 1), ("b", 3), ("d", 0), ("a", 0)]
