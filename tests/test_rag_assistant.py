"""The whole way of a question: with a scripted model to force what it says, once with both real models."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from index.embedder import EmbeddingModel
from index.errors import EmbedderMismatch, LibraryMissing, ModelError, UsageError
from index.library import Library
from rag.answer import Answer, Checked, Found, Piece, Quote
from rag.assistant import Assistant, open_assistant, settle, usable
from rag.reading import DraftSentence
from rag.evidence import EvidenceSelector, sentences_wanted
from rag.gate import judge
from rag.generator import Generator
from rag.search import HybridSearcher
from rag.settings import Settings
from tests.rag_helpers import ScriptedGenerator, quote

OIL = "Which oil companies did Trump put under sanctions?"


@pytest.fixture
def library(corpus_library: Path) -> Iterator[Library]:
    opened = Library.open(corpus_library)
    yield opened
    opened.close()


def assistant(library: Library, model: EmbeddingModel, generator: Generator | None) -> Assistant:
    encoder = model.question_encoder()
    return Assistant(library, HybridSearcher(library, encoder), EvidenceSelector(library, encoder), generator, {})


def assert_verbatim(answer: Answer) -> None:
    for found in answer.quotes:
        assert found.document.text[found.start : found.end] == found.text
    for statement in answer.statements:
        assert statement.quotes


def test_both_real_models_answer_with_dated_verbatim_quotes(corpus_library: Path) -> None:
    answer = open_assistant(Settings(library=str(corpus_library))).ask("what does Russia demand?")
    assert answer.outcome == "answered"
    assert_verbatim(answer)
    text = " ".join(found.text for found in answer.quotes)
    demands = ["neutral", "nuclear", "four regions|Donbas", "army|ceiling", "alliance", "restrictions|sanctions"]
    assert sum(bool(re.search(demand, text)) for demand in demands) >= 4
    assert len({found.document.id for found in answer.quotes}) >= 2
    assert all(found.date for found in answer.quotes)
    assert answer.usage.tokens_out > 0
    assert len(answer.passages) >= 10


def test_events_come_in_order_and_end_with_the_answer(library: Library, model: EmbeddingModel) -> None:
    events = list(assistant(library, model, ScriptedGenerator("Rosneft and Lukoil.")).stream(OIL))
    kinds = [type(event) for event in events]
    assert kinds[0] is Found
    assert kinds[1:4] == [Piece, Piece, Piece]
    assert kinds[-1] is Answer
    assert set(kinds[4:-1]) == {Checked}
    assert isinstance(events[-1], Answer)
    assert events[-1].statements == tuple(e.statement for e in events if isinstance(e, Checked))


def test_without_a_model_the_evidence_is_quoted(library: Library, model: EmbeddingModel) -> None:
    answer = assistant(library, model, None).ask(OIL)
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
def test_nothing_unsupported_is_ever_shown(library: Library, model: EmbeddingModel, draft: str) -> None:
    answer = assistant(library, model, ScriptedGenerator(draft)).ask(OIL)
    assert answer.outcome == "answered"
    assert {statement.origin for statement in answer.statements} == {"quote"}
    assert "Rosneft and Lukoil" in answer.text


def test_a_model_that_fails_leaves_the_evidence_and_its_reason(library: Library, model: EmbeddingModel) -> None:
    answer = assistant(library, model, ScriptedGenerator(ModelError("out of memory"))).ask(OIL)
    assert (answer.outcome, answer.reason) == ("failed", "out of memory")
    assert "Rosneft and Lukoil" in answer.text


def test_closing_the_stream_stops_the_model(library: Library, model: EmbeddingModel) -> None:
    generator = ScriptedGenerator("one two three four five six seven eight")
    stream = assistant(library, model, generator).stream(OIL)
    assert isinstance(next(stream), Found)
    assert next(stream) == Piece("one")
    stream.close()
    assert generator.closed_early == 1


@pytest.mark.parametrize("question", ["Who wrote Don Quixote?", "Quelle est la capitale de la Mongolie ?", "zzzz qqqq"])
def test_what_the_documents_do_not_say_is_not_said(library: Library, model: EmbeddingModel, question: str) -> None:
    generator = ScriptedGenerator("Cervantes [1].")
    answer = assistant(library, model, generator).ask(question)
    assert answer.outcome == "not_in_documents"
    assert answer.statements == ()
    assert len(answer.passages) == 12  # the nearest, to look at
    assert generator.history == []  # the model isn't even asked


def test_an_empty_library_has_no_answer(model: EmbeddingModel, tmp_path: Path) -> None:
    empty = Library.create(tmp_path / "empty")
    answer = assistant(empty, model, None).ask("what does Russia demand?")
    assert (answer.outcome, answer.passages, answer.confidence) == ("not_in_documents", (), 0.0)


@pytest.mark.parametrize("question", ["", "  \n", "?!", "x" * 2001])
def test_an_unusable_question_is_an_error(question: str) -> None:
    with pytest.raises(UsageError):
        usable(question)


def test_a_wrong_mark_is_moved_and_an_unsupported_sentence_replaced() -> None:
    quotes = [quote("Moscow wants the whole Donbas region."), quote("Kyiv wants a ceasefire of thirty days.", "b.txt")]
    drafted = [
        DraftSentence("Kyiv wants a ceasefire of 30 days.", (1,)),
        DraftSentence("Moscow wants the whole Crimea region.", (1,)),
    ]
    assert check_list(drafted, quotes) == [
        ("Moscow wants the whole Donbas region.", "a.txt", "quote"),
        ("Kyiv wants a ceasefire of 30 days.", "b.txt", "model"),
    ]


def test_a_sentence_that_leaves_out_half_of_its_source_does_not_stand_in_for_it() -> None:
    source = "Moscow wants the whole Donbas region, a neutral Ukraine, a smaller army and an end to all sanctions."
    drafted = [DraftSentence("Moscow wants the whole Donbas region.", (1,))]
    assert check_list(drafted, [quote(source)]) == [(source, "a.txt", "quote")]


def test_a_sentence_that_leaves_out_the_date_does_not_stand_in_for_its_source() -> None:
    source = "The Kremlin said Thursday that Putin would welcome Trump in Moscow for the May 9 festivities."
    drafted = [
        DraftSentence("The Kremlin said Thursday that Putin would welcome Trump in Moscow for festivities.", (1,))
    ]
    assert check_list(drafted, [quote(source)]) == [(source, "a.txt", "quote")]


def check_list(drafted: list[DraftSentence], quotes: list[Quote]) -> list[tuple[str, str, str]]:
    return [(s.text, s.quotes[0].document.name, s.origin) for s in settle(drafted, quotes)]


def test_a_missing_library_and_a_foreign_embedder_are_named(corpus_library: Path, tmp_path: Path) -> None:
    with pytest.raises(LibraryMissing, match="there is no library at .*; make one with: rag index FOLDER"):
        open_assistant(Settings(library=str(tmp_path / "none")))
    library = Library.create(tmp_path / "other")
    library.store.set_meta("embedder", "another")
    library.store.set_meta("embedder_name", "other-model")
    library.close()
    with pytest.raises(EmbedderMismatch, match="made with the embedding model other-model.*rag index --rebuild"):
        open_assistant(Settings(library=str(tmp_path / "other")))


@pytest.mark.parametrize(
    ("question", "words", "wanted"),
    [
        ("When did the talks begin?", 2, 3),
        ("what does Russia demand?", 2, 9),
        ("Qu'exige Moscou ?", 2, 9),
        ("Combien de prisonniers ?", 1, 3),
        ("What happened to the main Moscow stock index after the call?", 6, 3),
        ("Which demands did the Russian delegation bring to Istanbul?", 5, 9),
    ],
)
def test_how_many_sentences_a_question_wants(question: str, words: int, wanted: int) -> None:
    assert sentences_wanted(question, words) == wanted


def test_the_gate_has_three_verdicts() -> None:
    assert [judge(p) for p in (0.9, 0.28, 0.27, 0.2, 0.19, 0.0)] == [
        "answered", "answered", "weak_evidence", "weak_evidence", "not_in_documents", "not_in_documents",
    ]  # fmt: skip
