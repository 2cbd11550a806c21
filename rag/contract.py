"""An answer as the JSON object that `rag ask --json` prints. Programs read it: fields are added, never changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from index.scope import EVERYTHING, Scope
from index.types import Passage, Place
from rag.answer import Answer


def answer_to_json(answer: Answer, models: dict[str, str]) -> dict[str, Any]:
    """Turn an answer into the contract's object; `models` names the embedder, the generator, and what else is on.

    It has "filters" only where some were given.
    """
    numbers = {quote: number for number, quote in enumerate(answer.quotes, start=1)}
    return {
        "question": answer.question,
        **filters_to_json(answer.scope, answer.undated),
        "outcome": answer.outcome,
        "reason": answer.reason,
        "missing": list(answer.missing),
        "unknown": list(answer.unknown),
        "confidence": round(answer.confidence, 4),
        "answer": answer.text,
        "statements": [
            {
                "text": statement.text,
                "quotes": [numbers[quote] for quote in statement.quotes],
                "support": round(statement.support, 4),
                "origin": statement.origin,
            }
            for statement in answer.statements
        ],
        "quotes": [
            {
                "n": number,
                "document": quote.document.name,
                "document_id": quote.document.id,
                "path": quote.document.path,
                "title": quote.document.title,
                "date": quote.date,
                "start": quote.start,
                "end": quote.end,
                "text": quote.text,
                **place_to_json(quote.place, quote.last_place),
                "voice": quote.voice,
                "speaker": quote.speaker,
                "also_in": list(quote.also_in),
            }
            for quote, number in numbers.items()
        ],
        "passages": [passage_to_json(passage) for passage in answer.passages],
        "models": models,
        "timings_ms": {
            "search": answer.usage.search_ms,
            "first_token": answer.usage.first_token_ms,
            "total": answer.usage.total_ms,
        },
        "tokens": {"in": answer.usage.tokens_in, "out": answer.usage.tokens_out},
    }


def filters_to_json(scope: Scope, undated: int = 0) -> dict[str, Any]:
    """Turn a scope into the contract's field; `undated` counts the documents left out for having no date."""
    if scope == EVERYTHING:
        return {}
    return {
        "filters": {
            "from": scope.since,
            "until": scope.until,
            "languages": list(scope.languages),
            "paths": list(scope.paths),
            "undated": undated,
        }
    }


def scope_from_json(answer: Mapping[str, Any]) -> Scope:
    """Read back to what documents an answer was kept."""
    given = answer.get("filters")
    if not given:
        return EVERYTHING
    return Scope(given["from"], given["until"], tuple(given["languages"]), tuple(given["paths"]))


def passage_to_json(passage: Passage) -> dict[str, Any]:
    """Turn a passage into the contract's object."""
    return {
        "document": passage.document.name,
        "document_id": passage.document.id,
        "path": passage.document.path,
        "start": passage.chunk.start,
        "end": passage.chunk.end,
        **place_to_json(passage.place, passage.last_place),
        "also_in": list(passage.also_in),
        "score": round(passage.score, 6),
    }


def place_to_json(first: Place, last: Place) -> dict[str, Any]:
    """Turn where words begin and end into the contract's fields; "ocr" tells that some of them may be misread."""
    return {
        "page": first.page,
        "page_label": first.label,
        "page_end": last.page,
        "page_end_label": last.label,
        "section": first.section or None,
        "section_end": last.section or None,
        "ocr": first.ocr or last.ocr,
    }
