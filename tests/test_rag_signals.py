"""What is read of question and sentences: with hashed words, where each token means itself, and with the real model."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from index.embedder import EmbeddingModel
from index.library import Library
from index.sync import sync
from rag.search import HybridSearcher
from rag.signals import SignalReader, Signals, z
from tests.copy_files import ARTICLE, TOMORROW
from tests.index_helpers import HashModel, as_model, write_files

FILES = {
    "port.txt": "date 2025-03-04\n\nThe council met in the old hall. Ana Prado runs the harbour of Porto these days. "
    "She was a pilot for many years. Who runs the harbour of Porto now?\n",
    "gazette.txt": "date 2025-06-10\n\nThe harbour of Porto is quiet. Under Prado the harbour runs well again.\n",
    "mill.txt": "date 2025-09-20\n\nThe mill by the river grinds corn. On 12 March the mill burned down completely.\n",
    "note.txt": "The baker sells bread before the storm comes. The storm hit the village on 5 May 2025.\n",
}


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    folder = tmp_path_factory.mktemp("signals")
    library = Library.create(folder / "library")
    sync(library, [write_files(folder / "files", FILES)], as_model(HashModel()))
    yield library
    library.close()


def read(library: Library, question: str, *names: str) -> Signals:
    """Read the signals of the passages of some documents, of all when none is named."""
    passages = HybridSearcher(library, HashModel()).search(question, 12)
    wanted = [passage for passage in passages if not names or passage.document.name in names]
    found = SignalReader(library, HashModel()).read(question, wanted)
    assert found is not None
    return found


def at(found: Signals, words: str) -> int:
    """Find the candidate that holds some words."""
    (place,) = [i for i, candidate in enumerate(found.candidates) if words in candidate.text]
    return place


RUNS = "Who runs the harbour of Porto?"


def test_candidates_are_verbatim_sentences_and_every_array_has_one_entry_each(library: Library) -> None:
    found = read(library, RUNS)
    for candidate in found.candidates:
        document, sentence = candidate.passage.document, candidate.sentence
        assert candidate.text == document.text[sentence.start : sentence.end]
    for name in (
        "rank place lexical coverage maxsim weakest late passage_maxsim typed agreement asks timely vectors"
    ).split():
        assert len(getattr(found, name)) == len(found.candidates), name
        assert np.isfinite(getattr(found, name)).all(), name
    assert 0 <= found.coverage.min() <= found.coverage.max() <= found.passage_coverage <= 1
    assert 0 <= found.consensus <= found.relevance
    assert {passage.document.name for passage in found.passages} == set(FILES)


def test_a_sentence_is_cut_out_of_its_passage_token_by_token(library: Library) -> None:
    found = read(library, RUNS)
    for candidate, vector in zip(found.candidates, found.vectors, strict=True):
        (alone,) = HashModel().encode_tokens([candidate.text])  # a hashed word means the same everywhere
        mean = alone.vectors.sum(axis=0)
        np.testing.assert_allclose(vector, mean / np.linalg.norm(mean), atol=1e-5)
    exact = at(found, "Who runs the harbour")
    assert found.maxsim[exact] == pytest.approx(1, abs=1e-5)
    assert found.weakest[exact] == pytest.approx(1, abs=1e-5)
    assert found.coverage[exact] == 1


def test_with_the_real_model_a_sentence_keeps_its_context(corpus_library: Path, model: EmbeddingModel) -> None:
    library, encoder = Library.open(corpus_library), model.question_encoder()
    question = "What does Petro Marchuk hand out?"
    found = SignalReader(library, encoder).read(question, HybridSearcher(library, encoder).search(question, 12))
    library.close()
    assert found is not None
    he = at(found, "He hands out flags, tea")
    (alone,) = encoder.encode_tokens([found.candidates[he].text])
    mean = alone.vectors.sum(axis=0)
    assert 0.5 < found.vectors[he] @ mean / np.linalg.norm(mean) < 0.99
    petro = next(vector for vector, (start, end) in zip(*_tokens(encoder, question), strict=True) if start == 10 < end)
    assert found.weakest[he] < found.maxsim[he]
    assert np.linalg.norm(petro) == pytest.approx(1, abs=1e-4)
    assert found.candidates[int(found.maxsim.argmax())].passage.document.name == "waiting-for-the-buses.txt"


def _tokens(encoder: object, text: str) -> tuple[np.ndarray, tuple[tuple[int, int], ...]]:
    (tokens,) = encoder.encode_tokens([text])  # type: ignore[attr-defined]
    return tokens.vectors, tokens.spans


def test_agreement_rises_when_a_second_passage_names_the_same(library: Library) -> None:
    alone, both = (
        read(library, RUNS, "port.txt", "mill.txt"),
        read(library, RUNS, "port.txt", "gazette.txt", "mill.txt"),
    )
    prado = "Ana Prado runs"
    assert both.agreement[at(both, prado)] > alone.agreement[at(alone, prado)]
    assert both.agreement[at(both, "Under Prado")] > both.agreement[at(both, "The harbour of Porto is quiet")]
    assert both.relevance > alone.relevance


@pytest.fixture(scope="module")
def reprinted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    """An article, two reprints of it, the second with other words here and there, and an article of its own."""
    folder = tmp_path_factory.mktemp("reprinted")
    library = Library.create(folder / "library")
    files = {
        "article.txt": ARTICLE,
        "reprint.txt": f"Seen in print.\n\n{TOMORROW}".replace("called the plan", "named the plan"),
        "quoting.txt": f"Zora Lima did not read on. {OWNER} Nobody knows more about the quay than Zora Lima does.\n",
        "gazette.txt": "Rui Tavares is the chairman of the union of dockers, and he has been for long.\n",
    }
    sync(library, [write_files(folder / "files", files)], as_model(HashModel()))
    yield library
    library.close()


OWNER = "Its chairman, Rui Tavares, called the plan a lockout by another name and announced a march to the town hall."
CHAIRS = "Who is the chairman of the union of dockers?"


@pytest.mark.parametrize("copy", ["reprint.txt", "quoting.txt"])
def test_what_was_copied_is_no_second_witness(reprinted: Library, copy: str) -> None:
    alone, both = (read(reprinted, CHAIRS, "article.txt", *more) for more in ((), (copy,)))
    assert {candidate.passage.document.name for candidate in both.candidates} == {"article.txt", copy}
    chairman = "Its chairman, Rui Tavares, called"
    first = next(i for i, candidate in enumerate(both.candidates) if chairman in " ".join(candidate.text.split()))
    original = next(i for i, candidate in enumerate(alone.candidates) if chairman in " ".join(candidate.text.split()))
    assert both.agreement[first] == pytest.approx(alone.agreement[original])
    assert alone.consensus == both.consensus == 0


def test_another_article_is_a_second_witness(reprinted: Library) -> None:
    found = read(reprinted, CHAIRS, "article.txt", "gazette.txt")
    assert found.consensus > 0


def test_a_question_in_a_document_is_marked_and_has_no_vote(library: Library) -> None:
    found = read(library, RUNS)
    assert [found.candidates[i].text for i in np.flatnonzero(found.asks)] == ["Who runs the harbour of Porto now?"]


def test_what_holds_nothing_new_of_the_type_asked_for_cannot_answer(library: Library) -> None:
    found = read(library, RUNS)
    assert found.kind == "name"
    assert found.typed[at(found, "Ana Prado runs")] == 1
    assert found.typed[at(found, "The harbour of Porto is quiet")] == 0
    assert found.typed[at(found, "She was a pilot")] == 0


def test_words_that_no_document_holds_are_named_as_they_are_written(library: Library) -> None:
    assert read(library, "Who runs the Lighthouses of Porto in Brazil?").unknown == ("Lighthouses", "Brazil")
    assert read(library, RUNS).unknown == ()
    assert read(library, "harbours?").unknown == ()  # stems count


@pytest.mark.parametrize(
    ("harbour", "known"),
    [
        ("harbuor", True),
        ("habour", True),
        ("harbhour", True),
        ("harbaur", True),
        ("oldhall", True),  # two of its words in a row
        ("ahrbour", False),  # the first letter is seldom wrong
        ("hxrbxur", False),
    ],
)
def test_a_misspelt_word_is_known_and_found(library: Library, harbour: str, known: bool) -> None:
    found = read(library, f"Who runs the {harbour} of Porto?")
    assert (harbour not in found.unknown) == known
    held = at(found, "The council met" if harbour == "oldhall" else "Ana Prado runs")
    assert (found.coverage[held] > (0.3 if harbour == "oldhall" else 0.7)) == known


@pytest.mark.parametrize(
    ("question", "timely"),
    [
        ("What burned down on 12 March 2025?", {"On 12 March the mill"}),
        ("What happened in June 2025?", {"The harbour of Porto is quiet", "Under Prado"}),  # published then
        ("What does the harbour of Porto do?", set()),
        ("What happened before the storm hit the village?", {"On 12 March the mill", "The council met", "Ana Prado"}),
    ],
)
def test_sentences_of_the_time_that_is_asked_about_are_timely(
    library: Library, question: str, timely: set[str]
) -> None:
    found = read(library, question)
    marked = {found.candidates[i].text for i in np.flatnonzero(found.timely)}
    for start in timely:
        assert any(text.startswith(start) for text in marked), (start, marked)
    assert bool(marked) == bool(timely)
    assert not any(text.startswith("The mill by the river") for text in marked)


def test_the_newest_is_the_most_timely_when_the_newest_is_asked_for(library: Library) -> None:
    found = read(library, "What is the latest news of the harbour?")
    oldest, middle, newest = (at(found, words) for words in ("Ana Prado", "Under Prado", "The mill by"))
    assert found.timely[oldest] == 0 < found.timely[middle] < found.timely[newest] == 1
    assert found.timely[at(found, "The baker")] == 0  # undated


def test_without_passages_or_sentences_there_are_no_signals(library: Library, tmp_path: Path) -> None:
    reader = SignalReader(library, HashModel())
    assert reader.read(RUNS, []) is None
    short = Library.create(tmp_path / "short")
    sync(short, [write_files(tmp_path / "files", {"a.txt": "# Harbour\n\nYes.\n"})], as_model(HashModel()))
    passages = HybridSearcher(short, HashModel()).search(RUNS, 5)
    assert passages
    assert SignalReader(short, HashModel()).read(RUNS, passages) is None
    short.close()


@pytest.mark.parametrize(
    "question", ["漢字", "the of and", "x" * 2000, "e\u0301te\u0301 d'où", "🙂 who", "x² ﬁn ①", "qu'a-t-il dit ?"]
)
def test_any_question_has_signals(library: Library, question: str) -> None:
    found = read(library, question)
    for name in ("coverage", "maxsim", "weakest", "late", "agreement"):
        assert np.isfinite(getattr(found, name)).all(), name


def test_standard_scores() -> None:
    assert z(np.array([1.0, 3.0])).tolist() == [-1.0, 1.0]
    assert z(np.array([2.0, 2.0])).tolist() == [0.0, 0.0]
