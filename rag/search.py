"""A question -> ranked passages: dense and full-text search, added up. Knows nothing of answers."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from index.copies import Copies, Origin
from index.embedder import Embedder
from index.kinds import file_name
from index.library import Library
from index.scope import EVERYTHING, Scope
from index.types import Chunk, Passage
from rag.timing import Period, asked_period

if TYPE_CHECKING:
    from index.embedder import Vectors

CANDIDATES = 100  # taken from each search before they are added
NEIGHBOUR_WEIGHT = 0.1  # of each chunk beside one: good passages stand together, and a list runs over several chunks
PERIOD_BONUS = 1.0  # for documents of the time that a question names; a preference, unlike a scope
# Passages of one document, or of one and its near copies, before others get their turn. A long one, which is one source
# of many on what it treats, gets as many as the root of all it has.
DOCUMENT_SHARE = 4
_EQUAL = 0.5  # difference in score that doesn't tell which of two copies is asked for
_MOST = 16 * CANDIDATES  # taken where copies crowd out the rest


@dataclass(frozen=True, slots=True)
class Candidate:
    """A chunk that was found, with where it is from and its score; texts are read of the best alone."""

    chunk: Chunk
    origin: Origin
    score: float


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
        """Find the `k` best passages within a scope, best first. Their scores are comparable within one search only.

        What stands word for word in a document that fits better is left out.
        """
        with self._library.store.snapshot():
            vector, period = self._embedder.encode([question])[0], self._published(question, scope)
            taken = CANDIDATES
            ranked = self._ranked(question, vector, period, taken, scope)
            found, holders = self._distinct(ranked, period, scope)
            while len(found) < CANDIDATES // 2 and taken <= len(ranked) and taken < _MOST:
                taken *= 2
                ranked = self._ranked(question, vector, period, taken, scope)
                found, holders = self._distinct(ranked, period, scope)
            ids = {candidate.origin.id for candidate in found}
            families = Copies(self._library.store).families(ids)
            sizes = self._library.store.chunk_counts(ids)
            shares = {i: max(DOCUMENT_SHARE, math.isqrt(size)) for i, size in sizes.items()}
            best = [(candidate.chunk.id, candidate.score) for candidate in spread(found, shares, families)[:k]]
            return [
                replace(passage, also_in=tuple(map(file_name, holders.get(passage.chunk.id, {}).values())))
                for passage in self._library.passages(best, scope)
            ]

    def _published(self, question: str, scope: Scope) -> Period | None:
        """Tell in which time the documents that a question asks for were published, where it names one."""
        oldest, newest = self._library.dates(scope)
        period = asked_period(question, newest, oldest)
        return None if period is None or period.about == "event" else period

    def _ranked(
        self, question: str, vector: Vectors, period: Period | None, candidates: int, scope: Scope
    ) -> list[Candidate]:
        """Rank the best candidates of both searches; documents of the time that is asked for are lifted."""
        store = self._library.store
        dense = dict(self._library.dense(vector, candidates, scope))
        bm25 = dict(self._library.bm25(question, candidates, scope))
        dense |= self._cosines(vector, [i for i in bm25 if i not in dense])
        scores = fuse(dense, {i: bm25.get(i, 0.0) for i in dense})
        chunks = store.chunks(list(scores))
        origins = Copies(store).origins(chunk.document_id for chunk in chunks.values())
        found: list[Candidate] = []
        for i, chunk in chunks.items():
            score, origin = scores[i] + NEIGHBOUR_WEIGHT * _beside(i, scores, chunks), origins[chunk.document_id]
            bonus = 0.0 if period is None else PERIOD_BONUS * period.covers(origin.date)
            found.append(Candidate(chunk, origin, score + bonus))
        # Ties by place, not by id: the order must not depend on what was indexed first.
        return sorted(found, key=lambda c: (-c.score, c.origin.path, c.chunk.start))

    def _distinct(
        self, ranked: list[Candidate], period: Period | None, scope: Scope
    ) -> tuple[list[Candidate], dict[int, dict[str, str]]]:
        """Leave out what repeats a better document; tell where else each chunk stands: paths by document id."""
        holders = Copies(self._library.store).holders([candidate.chunk.id for candidate in ranked])
        if extent := self._library.within(scope):
            holders = {
                chunk: {i: path for i, path in paths.items() if i in extent.paths} for chunk, paths in holders.items()
            }
        timely = {c.origin.id for c in ranked if period is not None and period.covers(c.origin.date)}
        return distinct(ranked, holders, timely), holders

    def _cosines(self, vector: Vectors, ids: Sequence[int]) -> dict[int, float]:
        found, vectors = self._library.store.vectors(ids)
        return dict(zip(found, (vectors @ vector).tolist(), strict=True)) if found else {}


def _beside(i: int, scores: Mapping[int, float], chunks: Mapping[int, Chunk]) -> float:
    """Sum of the scores of the chunks right before and after one in its document (their ids follow each other)."""
    chunk, total = chunks[i], 0.0
    for j in (i - 1, i + 1):
        near = chunks.get(j)
        if near and near.document_id == chunk.document_id and near.voice == chunk.voice:
            total += scores[j]
    return total


def fuse(*scores: Mapping[int, float]) -> dict[int, float]:
    """Add several scores of the same candidates, each z-normalised: (x - mean) / standard deviation."""
    total: dict[int, float] = {}
    for one in scores:
        mean = sum(one.values()) / len(one) if one else 0.0
        deviation = (sum((x - mean) ** 2 for x in one.values()) / len(one)) ** 0.5 if one else 0.0
        for key, value in one.items():
            total[key] = total.get(key, 0.0) + ((value - mean) / deviation if deviation > 0 else 0.0)
    return total


def distinct(
    ranked: Sequence[Candidate], holders: Mapping[int, Collection[str]], timely: Collection[str] = ()
) -> list[Candidate]:
    """Leave out each passage that says nothing that a better document doesn't say too.

    `holders` are by chunk the documents that say all of it. Of two documents the better one is of the time that is
    asked for (`timely`), or else has the better passage; where they are as good as equal, the older one, then the
    longer one, is.
    """
    best: dict[str, Candidate] = {}
    for candidate in ranked:
        best.setdefault(candidate.origin.id, candidate)
    order = sorted(best, key=lambda i: (i not in timely, -round(best[i].score / _EQUAL), *_age(best[i].origin)))
    place = {document_id: number for number, document_id in enumerate(order)}
    return [
        candidate
        for candidate in ranked
        if candidate.chunk.id not in holders
        or all(place.get(holder, len(place)) > place[candidate.origin.id] for holder in holders[candidate.chunk.id])
    ]


def _age(origin: Origin) -> tuple[str, int, str]:
    return origin.date or "9", -origin.length, origin.path


def spread(ranked: Sequence[Candidate], shares: Mapping[str, int], families: Mapping[str, str]) -> list[Candidate]:
    """Put what exceeds a document's share of passages behind all others: one source must not crowd out the rest.

    Near copies count as one; `shares` and `families` tell the share and the family of each document.
    """
    first: list[Candidate] = []
    rest: list[Candidate] = []
    seen: Counter[str] = Counter()
    for candidate in ranked:
        family = families[candidate.origin.id]
        seen[family] += 1
        (first if seen[family] <= shares[candidate.origin.id] else rest).append(candidate)
    return first + rest
