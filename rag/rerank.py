"""A second look at the passages that a search found: a cross-encoder reads each together with the question.

Optional, off unless the settings name a reranker. Retrieve, then rerank: Nogueira and Cho, "Passage re-ranking with
BERT" (2019).
"""

from __future__ import annotations

from dataclasses import replace

from index.errors import ModelError
from index.scope import EVERYTHING, Scope
from index.types import Passage
from rag.crossencoder import CrossEncoder
from rag.search import Searcher, fuse

CANDIDATES = 30  # passages that are looked at again


class Reranker:
    """Searches with another searcher, and ranks the best it finds again.

    The model's score and the search's are added, each z-normalised: the model reads what a passage says, the search
    knows when it was published.
    """

    def __init__(self, searcher: Searcher, model: CrossEncoder) -> None:
        self._searcher = searcher
        self._model = model

    @classmethod
    def open(cls, searcher: Searcher, setting: str, threads: int = 0) -> Reranker:
        """Put a reranker behind a searcher. Raises ModelError when the setting doesn't name one."""
        return cls(searcher, ranking_model(setting, threads))

    @property
    def name(self) -> str:
        """Name of the model."""
        return self._model.name

    def search(self, question: str, k: int, scope: Scope = EVERYTHING) -> list[Passage]:
        """Find the `k` best passages within a scope, best first. Their scores are comparable within one search only."""
        found = self._searcher.search(question, max(k, CANDIDATES), scope)
        read = self._model.scores([(question, passage.text) for passage in found])[:, 0].tolist()
        scores = fuse({i: passage.score for i, passage in enumerate(found)}, dict(enumerate(read)))
        order = sorted(scores, key=lambda i: -scores[i])[:k]
        return [replace(found[i], score=scores[i]) for i in order]


def ranking_model(setting: str, threads: int = 0) -> CrossEncoder:
    """Open the model of a setting. Raises ModelError when it is not one that ranks."""
    model = CrossEncoder.open(setting, threads)
    if len(model.labels) != 1:
        raise ModelError(f"{model.folder} is not a reranker: it puts out {len(model.labels)} scores, not one")
    return model
