"""Write a run and its judgements in TREC's formats, so that trec_eval and every other tool can measure them too."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePath

from eval.ranking import document_ranking
from eval.record import Record


def run_lines(records: Sequence[Record], ids: Mapping[str, str], depth: int = 1000) -> Iterator[str]:
    """Yield "query Q0 document rank score system" lines; documents by their best passage, scores falling with rank."""
    for record in records:
        for rank, path in enumerate(document_ranking(record.passages)[:depth], start=1):
            document = _name(path, ids)
            yield f"{_column(record.question.id)} Q0 {document} {rank} {1 / rank:.6f} {record.system}"


def qrels_lines(records: Sequence[Record], ids: Mapping[str, str]) -> Iterator[str]:
    """Yield "query 0 document grade" lines; without graded judgements, a document with evidence has grade 1."""
    for record in records:
        for path, grade in record.question.grades.items():
            yield f"{_column(record.question.id)} 0 {_name(path, ids)} {grade}"


def _name(path: str, ids: Mapping[str, str]) -> str:
    name = PurePath(path.replace("\\", "/")).name
    return _column(ids.get(name, name))


def _column(text: str) -> str:
    return re.sub(r"\s", "_", text)
