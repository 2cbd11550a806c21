"""The second look at the passages: through the assistant, with a real cross-encoder that looks for a word."""

from __future__ import annotations

from pathlib import Path

import pytest

from index.scope import EVERYTHING, Scope
from index.types import Passage
from rag.assistant import open_assistant
from rag.crossencoder import CrossEncoder
from rag.rerank import CANDIDATES, Reranker
from rag.settings import Settings
from tests.cross_encoders import cross_encoder
from tests.rag_helpers import passage

WORD = "budapest"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return cross_encoder(tmp_path_factory.mktemp("models") / "likes-budapest", WORD)


class Found:
    """Finds what it was given, and notes how many passages were wanted."""

    def __init__(self, *passages: Passage) -> None:
        self.passages = list(passages)
        self.wanted = 0

    def search(self, question: str, k: int, scope: Scope = EVERYTHING) -> list[Passage]:
        """Find the first passages."""
        self.wanted = k
        return self.passages[:k]


def test_passages_that_the_model_prefers_come_first_and_the_answer_reads_them(
    corpus_library: Path, folder: Path
) -> None:
    question, settings = "what does Russia demand?", Settings(library=str(corpus_library), answer="quotes")
    plain = open_assistant(settings)
    reranked = open_assistant(Settings(library=str(corpus_library), answer="quotes", reranker=str(folder)))
    assert "reranker" not in plain.models
    assert reranked.models == plain.models | {"reranker": "likes-budapest"}
    before, after = (system.searcher.search(question, CANDIDATES) for system in (plain, reranked))
    assert {p.chunk.id for p in before} == {p.chunk.id for p in after}
    held = [WORD in p.text.lower() for p in after]
    count = sum(held)
    assert 0 < count < len(held) / 2
    assert [WORD in p.text.lower() for p in before][:count] != held[:count] == [True] * count
    scores = [p.score for p in after]
    assert scores == sorted(scores, reverse=True)
    assert [p.chunk.id for p in reranked.searcher.search(question, 3)] == [p.chunk.id for p in after[:3]]
    answer = reranked.ask(question)
    assert answer.quotes and len(answer.passages) >= 10
    assert {p.chunk.id for p in answer.passages[:8]} == {p.chunk.id for p in after[:8]}


def test_where_the_model_sees_no_difference_the_search_decides(folder: Path) -> None:
    named = passage(2.8, "c.txt", 3, "In Budapest.")
    search = Found(passage(3.0, "a.txt", 1), passage(2.9, "b.txt", 2), named, passage(1.0, "d.txt", 4))
    reranker = Reranker(search, CrossEncoder.open(str(folder)))
    assert [p.document.name for p in reranker.search("Where?", 4)] == ["c.txt", "a.txt", "b.txt", "d.txt"]
    assert (len(reranker.search("Where?", 2)), search.wanted) == (2, CANDIDATES)
    assert reranker.search("Where?", 50) and search.wanted == 50
    assert Reranker(Found(), CrossEncoder.open(str(folder))).search("Where?", 5) == []
