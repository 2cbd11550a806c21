"""The library's full-text ranking against an independent BM25: the same terms, Cranfield's judgements."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from statistics import mean

import numpy as np
import pytest

from eval.formats import load_gold
from eval.gold import GoldSet
from eval.ranking import ranking_metrics
from index.analysis import query_terms, search_terms
from index.chunks import Span
from index.store import Store
from index.types import Document, Sentence

CRANFIELD = Path(__file__).resolve().parents[2] / "shared" / "bench" / "cranfield"
DEPTH = 100

pytestmark = pytest.mark.skipif(
    not CRANFIELD.is_dir(), reason="the Cranfield collection is not distributed with the project; see ../shared/bench"
)


@pytest.fixture(scope="module")
def cranfield() -> GoldSet:
    """Read the collection."""
    return load_gold(CRANFIELD)


def ndcg(gold: GoldSet, rankings: Sequence[Sequence[str]]) -> float:
    """Average nDCG@10 over the questions."""
    found = [ranking_metrics(r, dict(q.judged)) for q, r in zip(gold.questions, rankings, strict=True)]
    return mean(metrics["ndcg_10"] for metrics in found if metrics)


def ours(gold: GoldSet, folder: Path) -> list[list[str]]:
    """Rank with the library's store, one chunk a document, its vectors left empty."""
    store = Store.create(folder)
    with store.transaction():
        for name, text in gold.documents.items():
            span = Span(0, len(text), "report")
            made = Document(hashlib.sha256(name.encode()).hexdigest()[:16], name, "", None, "en", text)
            vector = np.zeros((1, 1), np.float32)
            store.put_document(made, [Sentence(0, len(text))], [span], [search_terms(text, "en")], vector)
    chunks = {i: chunk.document_id for i, chunk in store.chunks(range(1, len(gold.documents) + 1)).items()}
    names = {document.id: document.path for document in store.documents().values()}
    rankings = [
        [names[chunks[i]] for i, _ in store.bm25(query_terms(question.question, ["en"]), DEPTH)]
        for question in gold.questions
    ]
    store.close()
    return rankings


def theirs(gold: GoldSet) -> list[list[str]]:
    """Rank with bm25s, with the same parameters as FTS5."""
    bm25s = pytest.importorskip("bm25s", reason="the check against bm25s needs: pip install bm25s")
    names = list(gold.documents)
    retriever = bm25s.BM25(method="lucene", k1=1.2, b=0.75)
    retriever.index([search_terms(gold.documents[name], "en") for name in names], show_progress=False)
    terms = [query_terms(question.question, ["en"]) for question in gold.questions]
    found, _ = retriever.retrieve(terms, corpus=names, k=DEPTH, show_progress=False, n_threads=1)
    return [list(map(str, row)) for row in found]


def test_bm25_ranks_cranfield_as_well_as_bm25s(cranfield: GoldSet, tmp_path: Path) -> None:
    mine, reference = ndcg(cranfield, ours(cranfield, tmp_path)), ndcg(cranfield, theirs(cranfield))
    assert reference > 0.35
    assert mine == pytest.approx(reference, abs=0.02)


def test_cranfield_reads_as_published(cranfield: GoldSet) -> None:
    assert len(cranfield.questions) == 225 and len(cranfield.documents) == 1398
    assert sum(len(question.judged) for question in cranfield.questions) == 1612
    assert (
        cranfield.questions[2].question
        == "what problems of heat conduction in composite slabs have been solved so far ."
    )
