"""Follow-ups: what leans on the turn before is completed, what stands alone drags nothing along. English and French."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag.answer import Answer
from rag.assistant import open_assistant
from rag.followup import first_statement, standalone
from rag.generator import Message
from rag.settings import Settings

FERRY = "What does the harbour master of Ostend propose?"
BRIDGE = "Combien coûterait le pont de Tancarville ?"


def turns(*contents: str) -> list[Message]:
    """Make a conversation of what the user and the assistant say in turn."""
    return [Message("assistant" if i % 2 else "user", content) for i, content in enumerate(contents)]


def complete(question: str, *contents: str) -> str:
    return standalone(question, turns(*contents), ["en", "fr"])


@pytest.mark.parametrize(
    ("before", "ellipsis", "completed"),
    [
        ("what does Portugal export?", "and Spain?", "what does Spain export?"),
        ("what does Portugal export?", "What about Spain?", "what does Spain export?"),
        ("what does Portugal export?", "And the Spaniards?", "what does Spaniards export?"),
        ("what does Portugal export?", "and UNESCO?", "what does Portugal export, UNESCO?"),
        ("what does WHO fund?", "and UNESCO?", "what does UNESCO fund?"),
        ("what does Portugal export to Chile?", "and Spain?", "what does Portugal export to Chile, Spain?"),
        ("what does Portugal export to Chile?", "and to Peru?", "what does Portugal export to Peru?"),
        ("what does Portugal export?", "and by sea?", "what does Portugal export, by sea?"),
        ("How many ships left in May 2019?", "what about in June 2020?", "How many ships left in June 2020?"),
        ("How many ships left the port?", "what about in June?", "How many ships left the port, in June?"),
        ("How many ships left in 2019?", "and in 2021?", "How many ships left in 2021?"),
        ("How many ships left in 2019?", "and trains in 2021?", "How many ships left in 2019, trains in 2021?"),
        ("Who won the first heat?", "and the second?", "Who won the second heat?"),
        ("Who won the first heat?", "the second heat?", "Who won the second heat?"),
        ("How old is the lighthouse?", "And the old town hall?", "How old is the lighthouse, the old town hall?"),
        ("How old is the lighthouse?", "the pier?", "How old is the lighthouse, the pier?"),
        ("what did merkel say?", "and hollande?", "what did merkel say, hollande?"),
        ("Que vend la Norvège ?", "et la Suède ?", "Que vend la Suède ?"),
        ("Que vend la Norvège ?", "et l'ONU ?", "Que vend la Norvège, l'ONU?"),
        ("Que vend la Norvège ?", "Qu'en est-il de la Suède ?", "Que vend la Norvège, de la Suède?"),
        ("Que pense le maire de Dijon ?", "et de Nantes ?", "Que pense le maire de Nantes ?"),
        ("Que pense le maire du tramway ?", "Et des impôts ?", "Que pense le maire du tramway, des impôts?"),
        ("Combien de trains en mars ?", "et en avril ?", "Combien de trains en avril ?"),
        ("Qui a gagné la première manche ?", "et la deuxième ?", "Qui a gagné la deuxième manche ?"),
        ("Was verkauft Norwegen?", "und Schweden?", "Was verkauft Schweden?"),
    ],
)
def test_an_ellipsis_takes_the_place_of_its_like_or_is_added(before: str, ellipsis: str, completed: str) -> None:
    assert complete(ellipsis, before, "So they say. [1]") == completed


@pytest.mark.parametrize(
    "question",
    [
        "why?", "Why not?", "when?", "And where?", "who said that?", "when was that?", "Was it approved?", "how long?",
        "how many of them?", "How long did they wait?", "which ones?", "who won?", "what was the result?",
        "what happened there?", "Where did the other one go?", "and who paid for the repairs?", "tell me more",
        "Is that true?", "What does this plan cost?", "What conditions did they set?", "In which year?",
        "With what legal justification?", "Which harbours accepted it instead?", "What did Verhofstadt say about them?",
    ],
)  # fmt: skip
def test_a_question_that_leans_gets_the_turn_before(question: str) -> None:
    completed = complete(question, FERRY, "A second ferry. [1]")
    assert completed.endswith(FERRY)
    assert completed.startswith(question.removeprefix("And ").removeprefix("and ").rstrip("?"))


@pytest.mark.parametrize(
    "question",
    [
        "pourquoi ?", "Quand ?", "Et où ?", "combien ?", "Qui l'a dit ?", "Qui le finance ?", "Qui en profite ?",
        "Qu'en pense le maire ?", "Quand sera-t-il ouvert ?", "Comment y accède-t-on ?", "Combien y en a-t-il ?",
        "Que change cela ?", "Où mène-t-elle ?", "À quel prix ?", "À partir de quelle date ?", "Que vaut ce projet ?",
        "Et combien d'ouvriers seraient embauchés ?", "Quelles conditions posent-ils ?", "Quel est son tracé ?",
    ],
)  # fmt: skip
def test_a_french_question_that_leans_gets_the_turn_before(question: str) -> None:
    completed = complete(question, BRIDGE, "Deux cents millions. [1]")
    assert completed.endswith(BRIDGE)
    assert completed.startswith(question.removeprefix("Et ").rstrip(" ?"))


@pytest.mark.parametrize(
    "question",
    [
        "Who wrote War and Peace?", "What is photosynthesis?", "Who is Grace Hopper?", "where is lisbon?",
        "What is the capital of Mongolia?", "When did the committee publish its report?", "What time is it in Lima?",
        "Which countries sent their troops to the border?", "Who said that the bridge would collapse?",
        "Why did Denmark say it would leave?", "Is there a cure for malaria?", "How long does it take to reach Mars?",
        "What did the Danes sign this year?", "Who did Nansen bring with him?", "oil prices October",
        "list the planets",
        "What deadline was Norway given in July, and was it changed afterwards?",
        "How do bees find their hive?", "Which animals hibernate?", "Is it true that Pluto was demoted?",
        "Qui a écrit Les Misérables ?", "Qu'est-ce que la photosynthèse ?", "Qui est Marie Curie ?",
        "Combien de planètes y a-t-il dans la galaxie ?", "Faut-il un visa pour le Japon ?",
        "Que s'est-il passé à Azincourt ?",
        "Quand le comité publie-t-il son rapport ?", "Pourquoi la Suède a-t-elle changé de monnaie ?",
        "Quelles sont les causes de la Grande Guerre ?", "Que prévoit la réforme cette année ?",
        "Combien de soldats sont morts à Verdun ?", "Où se trouve l'île d'Ouessant ?",
        "Où en est le chantier du métro ?",
    ],
)  # fmt: skip
@pytest.mark.parametrize("before", [FERRY, BRIDGE])
def test_a_change_of_topic_drags_nothing_along(before: str, question: str) -> None:
    assert complete(question, before, "Two hundred million, says Mr Claes. [1]") == question


@pytest.mark.parametrize("question", ["why?", "and Spain?", "Qui l'a dit ?", "What does Spain export?"])
@pytest.mark.parametrize("history", [[], turns(""), turns("  \n", "Hello."), [Message("assistant", "Hello.")] * 3])
def test_without_an_earlier_question_nothing_is_changed(question: str, history: list[Message]) -> None:
    assert standalone(question, history, []) == question


def test_the_one_person_of_the_question_before_is_named() -> None:
    assert complete("When was she born?", "Who is Ada Lovelace?") == "When was Ada Lovelace born?"
    assert (
        complete("And where did her mother live?", "Who was Ada Lovelace?") == "where did Ada Lovelace's mother live?"
    )


def test_what_may_be_a_person_is_named_and_the_question_before_is_kept() -> None:
    assert complete("What did he say?", "What happened in Lucerne?", "Rossi lost. [1]") == (
        "What did Lucerne say? What happened in Lucerne?"
    )


def test_a_pronoun_may_stand_for_a_name_of_the_answer() -> None:
    completed = complete("What did he write?", "Who founded the observatory?", "Tycho Brahe did. [1]\nIn 1576. [2]")
    assert completed == "What did he write? Who founded the observatory? Tycho Brahe"


def test_follow_ups_lean_on_follow_ups() -> None:
    history = ("What does Portugal export?", "Cork. [1]", "and Spain?", "Olive oil. [1]")
    assert complete("why?", *history) == "why? What does Spain export?"
    assert complete("and in 1950?", *history) == "What does Spain export, in 1950?"
    assert complete("why?", *history, "Who wrote Emma?", "Jane Austen.") == "why? Who wrote Emma? Jane Austen"


def test_the_language_may_change_between_turns() -> None:
    assert complete("et la Suède ?", "What does Portugal export?") == "What does Suède export?"
    assert complete("why?", "Que vend la Norvège ?") == "why? Que vend la Norvège ?"
    assert standalone("why?", turns("Que vend la Norvège ?"), ["de"]) == "why? Que vend la Norvège ?"


def test_any_history_will_do() -> None:
    user, assistant = (lambda text: Message("user", text)), (lambda text: Message("assistant", text))
    disorderly = [assistant("Yes."), assistant("\n"), user("Who owns\nthe mill?"), user(" "), Message("system", "Hm.")]
    assert standalone("why?", disorderly, []) == "why? Who owns the mill?"
    assert standalone("why?", [*disorderly, user("why?")], []) == "why? Who owns the mill?"  # the question itself
    assert standalone("why?", [user("Who owns the barn?")] * 500 + disorderly, []) == "why? Who owns the mill?"
    assert len(standalone("why?", [user("mill " * 400 + "?")], [])) < 320
    assert standalone("And then?", disorderly, []) == "Who owns the mill?"


@pytest.mark.parametrize(
    ("answer", "statement"),
    [
        ("", ""),
        ("Cork. Wine too.", "Cork."),
        ("The documents may not answer this.\n\nMr. Sousa sells cork [1][2]\nWine. [3]", "Mr. Sousa sells cork"),
    ],
)
def test_the_first_statement_of_an_answer(answer: str, statement: str) -> None:
    assert first_statement(answer) == statement


def test_the_real_models_answer_follow_ups_and_keep_the_question_as_it_was_put(corpus_library: Path) -> None:
    assistant = open_assistant(Settings(library=str(corpus_library)))
    history: list[Message] = []
    for question, fact in [
        ("How many prisoners did the two sides agree to exchange in Istanbul in May?", "1,000"),
        ("what about in June?", "At least 1,000 people on each side"),
        ("who wrote Don Quixote?", None),
        ("Which oil companies did Trump put under sanctions?", "Rosneft and Lukoil"),
        ("How much do they sell abroad?", "three million barrels"),
        ("Que ferait la Turquie dans la coalition des volontaires ?", "coalition des volontaires"),
    ]:
        answer = assistant.ask(question, history)
        assert answer.question == question
        assert answer.outcome == ("answered" if fact else "not_in_documents")
        assert (fact or "") in answer.text
        history += [Message("user", question), Message("assistant", answer.text)]
    *_, poland = assistant.stream("et la Pologne ?", history, written=False)  # the small model leaves the answer out
    assert isinstance(poland, Answer)
    assert "logistique" in poland.text
