"""A question -> ranked passages: dense and full-text search, added up. Knows nothing of answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from index.embedder import Embedder
from index.library import Library
from index.scope import EVERYTHING, Scope
from index.types import Chunk, Passage
from rag.timing import asked_period

if TYPE_CHECKING:
    from index.embedder import Vectors

CANDIDATES = 100  # taken from each search before they are added
NEIGHBOUR_WEIGHT = 0.1  # of each chunk beside one: good passages stand together, and a list runs over several chunks
PERIOD_BONUS = 1.0  # for documents of the time that a question names; a preference, unlike a scope
DOCUMENT_SHARE = 4  # passages of one document before others get their turn


class Searcher(Protocol):
    """Finds passages for a question."""

    def search(self, question: str, k: int, scope: Scope = EVERYTHING) -> list[Passage]:
        """Find the `k` best passages within a scope, best first."""
        ...


class HybridSearcher:
    """Cosine of the embeddings plus BM25, each z-normalised over the candidates of both, capped per document."""

    def __init__(self, library: Library, embedder: Embedder) -> None:
        self._library = library
        self._embedder = embedder

    def search(self, question: str, k: int, scope: Scope = EVERYTHING) -> list[Passage]:
        """Find the `k` best passages within a scope, best first. Their scores are comparable within one search only."""
        with self._library.store.snapshot():
            vector = self._embedder.encode([question])[0]
            dense = dict(self._library.dense(vector, CANDIDATES, scope))
            bm25 = dict(self._library.bm25(question, CANDIDATES, scope))
            dense |= self._cosines(vector, [i for i in bm25 if i not in dense])
            fused = fuse(dense, {i: bm25.get(i, 0.0) for i in dense})
            chunks = self._library.store.chunks(list(fused))
            smoothed = {i: score + NEIGHBOUR_WEIGHT * _beside(i, fused, chunks) for i, score in fused.items()}
            found = self._preferred(question, self._library.passages(list(smoothed.items()), scope), scope)
            # Ties by place, not by id: the order must not depend on what was indexed first.
            ranked = sorted(found, key=lambda p: (-p.score, p.document.path, p.chunk.start))
        return spread(ranked, DOCUMENT_SHARE)[:k]

    def _preferred(self, question: str, passages: list[Passage], scope: Scope) -> list[Passage]:
        """Lift the passages whose document was published in the time that the question names."""
        oldest, newest = self._library.dates(scope)
        period = asked_period(question, newest, oldest)
        if period is None or period.about == "event":
            return passages
        return [replace(p, score=p.score + PERIOD_BONUS * period.covers(p.document.date)) for p in passages]

    def _cosines(self, vector: Vectors, ids: Sequence[int]) -> dict[int, float]:
        found, vectors = self._library.store.vectors(ids)
        return dict(zip(found, (vectors @ vector).tolist(), strict=True)) if found else {}


def _beside(i: int, scores: Mapping[int, float], chunks: Mapping[int, Chunk]) -> float:
    """Sum of the scores of the chunks right before and after one in its document (their ids follow each other)."""
    near = [chunks[j] for j in (i - 1, i + 1) if j in chunks]
    same = [c.id for c in near if c.document_id == chunks[i].document_id and c.voice == chunks[i].voice]
    return sum(scores[j] for j in same)


def fuse(*scores: Mapping[int, float]) -> dict[int, float]:
    """Add several scores of the same candidates, each z-normalised: (x - mean) / standard deviation."""
    total: dict[int, float] = {}
    for one in scores:
        mean = sum(one.values()) / len(one) if one else 0.0
        deviation = (sum((x - mean) ** 2 for x in one.values()) / len(one)) ** 0.5 if one else 0.0
        for key, value in one.items():
            total[key] = total.get(key, 0.0) + ((value - mean) / deviation if deviation > 0 else 0.0)
    return total


def spread(ranked: Sequence[Passage], share: int) -> list[Passage]:
    """Put what exceeds `share` passages of one document behind all others: one source must not crowd out the rest."""
    first: list[Passage] = []
    rest: list[Passage] = []
    seen: Counter[str] = Counter()
    for passage in ranked:
        seen[passage.document.id] += 1
        (first if seen[passage.document.id] <= share else rest).append(passage)
    return first + rest
