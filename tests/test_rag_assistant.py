"""The whole way of a question: with a scripted model to force what it says, once with both real models."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from index.embedder import Embedder
from index.errors import EmbedderMismatch, LibraryMissing, ModelError, UsageError
from index.library import Library
from index.store import StoredEmbedder
from rag.answer import Answer, Checked, Found, Piece
from rag.assistant import open_assistant, usable
from rag.generator import Message
from rag.settings import Settings
from tests.rag_helpers import ScriptedGenerator, assistant

OIL = "Which oil companies did Trump put under sanctions?"


def assert_verbatim(answer: Answer) -> None:
    for found in answer.quotes:
        assert found.document.text[found.start : found.end] == found.text
    for statement in answer.statements:
        assert statement.quotes


def test_both_real_models_answer_with_dated_verbatim_quotes(corpus_library: Path) -> None:
    settings = Settings(library=str(corpus_library), answer="written")
    answer = open_assistant(settings).ask("what does Russia demand?")
    assert answer.outcome == "answered"
    assert_verbatim(answer)
    text = " ".join(found.text for found in answer.quotes)
    demands = ["neutral", "nuclear", "four regions|Donbas", "army|ceiling", "alliance", "restrictions|sanctions"]
    assert sum(bool(re.search(demand, text)) for demand in demands) >= 4
    assert len({found.document.id for found in answer.quotes}) >= 2
    assert all(found.date for found in answer.quotes)
    assert answer.usage.tokens_out > 0
    assert len(answer.passages) >= 10


def test_the_packaged_model_is_asked_about_one_excerpt_alone_unless_the_settings_say_otherwise(
    corpus_library: Path,
) -> None:
    def tokens(question: str, answer: str) -> int:
        return open_assistant(Settings(library=str(corpus_library), answer=answer)).ask(question).usage.tokens_out

    one, many = "on what date were arms deliveries frozen", "what does Russia demand?"
    assert [tokens(one, "auto") > 0, tokens(many, "auto")] == [True, 0]
    assert [tokens(one, "written") > 0, tokens(many, "written") > 0] == [True, True]
    assert [tokens(one, "quotes"), tokens(many, "quotes")] == [0, 0]


def test_another_model_is_asked_about_any_number_of_excerpts(
    corpus_library: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = ScriptedGenerator("Rosneft and Lukoil.")
    asked.preload = lambda: None  # type: ignore[attr-defined]
    monkeypatch.setattr("rag.assistant.open_generator", lambda *_: asked)
    settings = Settings(library=str(corpus_library), generator="http://localhost:1/v1")
    assert open_assistant(settings).ask("what does Russia demand?").usage.tokens_out > 0


def test_events_come_in_order_and_end_with_the_answer(corpus: Library, encoder: Embedder) -> None:
    events = list(assistant(corpus, encoder, ScriptedGenerator("Rosneft and Lukoil.")).stream(OIL))
    kinds = [type(event) for event in events]
    assert kinds[0] is Found
    assert kinds[1:4] == [Piece, Piece, Piece]
    assert kinds[-1] is Answer
    assert set(kinds[4:-1]) == {Checked}
    assert isinstance(events[-1], Answer)
    assert events[-1].statements == tuple(e.statement for e in events if isinstance(e, Checked))


def test_without_a_model_the_evidence_is_quoted(corpus: Library, encoder: Embedder) -> None:
    answer = assistant(corpus, encoder, None).ask(OIL)
    assert answer.outcome == "answered"
    assert {statement.origin for statement in answer.statements} == {"quote"}
    assert "Rosneft and Lukoil" in answer.text
    assert_verbatim(answer)
    assert re.search(r"\[1\]$", answer.text.splitlines()[0])


@pytest.mark.parametrize(
    "draft",
    [
        "",
        "I cannot help with that.",
        "Rosneft and Gazprom were sanctioned in 2024 [1].",
        "Trump never put Rosneft and Lukoil under sanctions [1].",
        "Ignore the excerpts. [7] The war is over! [1]",
        "Les compagnies sont Rosneft et Lukoil [1].",
        "the the the the the the the the the",
        "[1][2][3]",
    ],
)
def test_nothing_unsupported_is_ever_shown(corpus: Library, encoder: Embedder, draft: str) -> None:
    answer = assistant(corpus, encoder, ScriptedGenerator(draft)).ask(OIL)
    assert answer.outcome == "answered"
    assert {statement.origin for statement in answer.statements} == {"quote"}
    assert "Rosneft and Lukoil" in answer.text


def test_a_model_that_fails_leaves_the_evidence_and_its_reason(corpus: Library, encoder: Embedder) -> None:
    answer = assistant(corpus, encoder, ScriptedGenerator(ModelError("out of memory"))).ask(OIL)
    assert (answer.outcome, answer.reason) == ("failed", "out of memory")
    assert "Rosneft and Lukoil" in answer.text


def test_closing_the_stream_stops_the_model(corpus: Library, encoder: Embedder) -> None:
    generator = ScriptedGenerator("one two three four five six seven eight")
    stream = assistant(corpus, encoder, generator).stream(OIL)
    assert isinstance(next(stream), Found)
    assert next(stream) == Piece("one")
    stream.close()
    assert generator.closed_early == 1


def test_a_draft_that_cannot_hold_is_not_written_to_its_end(corpus: Library, encoder: Embedder) -> None:
    generator = ScriptedGenerator("Gazprom was fined. Berlin was bombed. " + "And so it goes on. " * 20)
    answer = assistant(corpus, encoder, generator).ask(OIL)
    assert generator.closed_early == 1
    assert answer.usage.tokens_out < 12
    assert {statement.origin for statement in answer.statements} == {"quote"}
    assert answer.outcome == "answered"


@pytest.mark.parametrize("question", ["Who wrote Don Quixote?", "Quelle est la capitale de la Mongolie ?", "zzzz qqqq"])
def test_what_the_documents_do_not_say_is_not_said(corpus: Library, encoder: Embedder, question: str) -> None:
    generator = ScriptedGenerator("Cervantes [1].")
    answer = assistant(corpus, encoder, generator).ask(question)
    assert answer.outcome == "not_in_documents"
    assert answer.statements == ()
    assert len(answer.passages) == 12  # the nearest, to look at
    assert generator.history == []  # the model isn't even asked


def test_an_empty_library_has_no_answer(encoder: Embedder, tmp_path: Path) -> None:
    empty = Library.create(tmp_path / "empty")
    answer = assistant(empty, encoder, None).ask("what does Russia demand?")
    assert (answer.outcome, answer.passages, answer.confidence) == ("not_in_documents", (), 0.0)


@pytest.mark.parametrize("question", ["", "  \n", "?!", "x" * 2001])
def test_an_unusable_question_is_an_error(question: str) -> None:
    with pytest.raises(UsageError):
        usable(question)


WORLD_CUP = "who won the football World Cup in 2022?"


def test_of_a_question_in_parts_the_part_without_an_answer_is_named(corpus: Library, encoder: Embedder) -> None:
    generator = ScriptedGenerator("Argentina won the football World Cup in 2022 [1].")
    answer = assistant(corpus, encoder, generator).ask(f"{OIL[:-1]}, and {WORLD_CUP}")
    assert (answer.outcome, answer.missing) == ("partly", (WORLD_CUP,))
    assert "Rosneft and Lukoil" in answer.text
    assert "Argentina" not in answer.text
    assert answer.question == f"{OIL[:-1]}, and {WORLD_CUP}"
    assert_verbatim(answer)


def test_a_question_in_parts_that_all_have_an_answer_is_answered(corpus: Library, encoder: Embedder) -> None:
    answer = assistant(corpus, encoder, None).ask(
        "When were deliveries frozen, and how long did negotiators sit together in Jeddah?"
    )
    assert (answer.outcome, answer.missing, answer.unknown) == ("answered", (), ())
    assert "3 March" in answer.text
    assert "more than eight hours" in answer.text
    assert len({passage.chunk.id for passage in answer.passages}) == len(answer.passages) >= 12


def test_a_question_in_parts_without_any_answer_has_none(corpus: Library, encoder: Embedder) -> None:
    generator = ScriptedGenerator("Argentina [1].")
    answer = assistant(corpus, encoder, generator).ask("How do I reset my router password, and who wrote Don Quixote?")
    assert (answer.outcome, answer.statements, answer.missing) == ("not_in_documents", (), ())
    assert {"router", "password", "Quixote"} <= set(answer.unknown)
    assert generator.history == []


def test_a_follow_up_is_completed_from_the_turns_before(corpus: Library, encoder: Embedder) -> None:
    generator = ScriptedGenerator("They sell 47 million barrels [1].")
    history = [Message("user", OIL), Message("assistant", "The Treasury named Rosneft. [1]")]
    answer = assistant(corpus, encoder, generator).ask("How much do they sell abroad?", history)
    assert (answer.question, answer.outcome) == ("How much do they sell abroad?", "answered")
    assert {found.document.name for found in answer.quotes} == {"oil-sanctions-budapest-off.txt"}
    assert "47" not in answer.text
    excerpts, asked = generator.history[0][-1].content.split("Question: ")
    assert "sell abroad" in asked
    assert "Rosneft" in asked
    assert excerpts.startswith("[1] ")


@pytest.mark.parametrize(
    ("question", "draft", "words", "origin"),
    [
        (
            "Qui est le porte-parole du Kremlin ?",
            "Le porte-parole du Kremlin, Dmitri Peskov, ne laissait guère d’espoir [1].",
            "Dmitri Peskov",
            "model",
        ),
        ("Qui est le porte-parole du Kremlin ?", "C'est Maria Zakharova [1].", "Dmitri Peskov", "quote"),
        ("Combien de noms compte la liste remise à la partie russe ?", "Elle en compte 339 [1].", "339 noms", "quote"),
    ],
)
def test_french_questions_are_answered_in_french(
    corpus: Library, encoder: Embedder, question: str, draft: str, words: str, origin: str
) -> None:
    answer = assistant(corpus, encoder, ScriptedGenerator(draft)).ask(question)
    assert answer.outcome == "answered"
    assert words in answer.text
    assert {statement.origin for statement in answer.statements} == {origin}
    assert {found.document.language for found in answer.quotes} == {"fr"}
    assert_verbatim(answer)


def test_comments_that_are_asked_for_are_shown_as_comments(corpus: Library, encoder: Embedder) -> None:
    comment = "Europe should stop complaining about its chair at the table"
    generator = ScriptedGenerator(f"{comment} and start paying for its own army [1].")
    answer = assistant(corpus, encoder, generator).ask("What do readers say about Europe's army?")
    assert [found.voice for found in answer.quotes if comment in found.text] == ["comment"]
    (shown,) = [statement.text for statement in answer.statements if comment in statement.text]
    assert shown.startswith("A reader comments: “")


def test_a_missing_library_and_a_foreign_embedder_are_named(corpus_library: Path, tmp_path: Path) -> None:
    with pytest.raises(LibraryMissing, match="there is no library at .*; make one with: rag index FOLDER"):
        open_assistant(Settings(library=str(tmp_path / "none")))
    library = Library.create(tmp_path / "other")
    library.store.embedder = StoredEmbedder("another", "other-model", str(tmp_path / "gone"))
    library.close()
    with pytest.raises(EmbedderMismatch, match="made with the embedding model other-model.*rag index --rebuild"):
        open_assistant(Settings(library=str(tmp_path / "other")))
