"""What a question asks for, and which words of a sentence could be it."""

from __future__ import annotations

import pytest

from rag.answertype import AnswerType, expected_type, fillers


@pytest.mark.parametrize(
    ("kind", "questions"),
    [
        (
            "date",
            "When did the talks begin? | And when did it end? | On what date did it end? | In which year? | "
            "Ferry start date | Quand a-t-il parlé ? | À quelle date ? | En quelle année est-il parti ? | "
            "Wann begann der Krieg? | In welchem Jahr begann er? | ¿Cuándo empezó la guerra?",
        ),
        (
            "number",
            "How many prisoners were freed? | For how long did they talk? | How old is she? | "
            "What is the price of a ticket? | What percentage of the land is lost? | Combien de prisonniers ? | "
            "À combien de soldats ? | Quel est le montant de l'aide ? | Quel âge a-t-il ? | "
            "Wie viele Soldaten hat sie? | Welche Anzahl? | ¿Cuántos soldados? | ¿Cuánto cuesta?",
        ),
        (
            "name",
            "Who led the delegation? | Whose idea was it? | Where did they meet? | In which city did they meet? | "
            "What is the name of the envoy? | Harbour Cup location | Qui a dirigé la délégation ? | À qui ? | "
            "Où se sont-ils vus ? | Dans quelle ville ? | Wer leitete die Delegation? | Wo trafen sie sich? | "
            "¿Quién dirigió la delegación? | ¿Dónde se reunieron?",
        ),
        (
            None,
            "what does Russia demand? | Why did the summit fail? | How did the other man reply? | "
            "Which demands were new? | Qu'exige Moscou ? | Was fordert Russland? | ¿Qué exige Rusia? | zzzz",
        ),
    ],
)
def test_what_a_question_asks_for(kind: AnswerType | None, questions: str) -> None:
    for question in questions.split(" | "):
        assert expected_type(question) == kind, question


@pytest.mark.parametrize(
    ("text", "kind", "language", "words"),
    [
        ("Deliveries were frozen on 3 March 2025.", "date", "en", "3 march 2025"),
        ("In May they met again.", "date", "en", "may"),
        ("You may march on, said 14 people.", "date", "en", ""),
        ("Le 3 mars, tout a cessé.", "date", "fr", "3 mars"),
        ("Am 3. März kamen Schiffe.", "date", "de", "3 marz"),
        ("El 3 de marzo llegaron barcos.", "date", "es", "3 marzo"),
        ("He sold 3.5 million and five boats.", "number", "en", "3.5 million five"),
        ("Il en a vendu deux cents.", "number", "fr", "deux cent"),
        ("The Treasury placed Rosneft and Lukoil there in May.", "name", "en", "treasuri rosneft lukoil"),
        ("Le Kremlin, selon Dmitri Peskov.", "name", "fr", "kremlin dmitr peskov"),
        ("A retired engineer spoke.", "name", "en", ""),
        ("The boats sank slowly.", None, "en", "boat sank slowli"),
        ("", "name", "en", ""),
    ],
)
def test_the_words_that_could_be_the_answer(text: str, kind: AnswerType | None, language: str, words: str) -> None:
    assert fillers(text, kind, language) == set(words.split())
