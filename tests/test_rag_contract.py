"""The JSON of an answer: every field, from values made by hand."""

from __future__ import annotations

import json
from dataclasses import replace

from index.scope import EVERYTHING, Scope
from index.types import Place
from rag.answer import Answer, Quote, Statement, Usage
from rag.contract import answer_to_json, scope_from_json
from tests.rag_helpers import document, passage

TEXT = "“The tide will turn,” said Ana Prado. The ferry is late. Never again!"


def test_every_field_of_an_answer() -> None:
    places = (Place(0, 2, "ii", "Report > 1 Tides"), Place(36, 3, ocr=True))
    source = replace(document(TEXT), places=places)
    spoken = Quote(source, 0, 37, speaker="Ana Prado", also_in=("copy.pdf", "page.html"))
    comment = Quote(source, 57, 69, voice="comment")
    answer = Answer(
        question="Will it turn, and who won?",
        statements=(
            Statement("The tide will turn, said Ana Prado.", (spoken,), 0.98765, "model"),
            Statement("A reader comments: “Never again!”", (comment, spoken), 1.0, "quote"),
        ),
        passages=(replace(passage(0.12345678, "b.txt", 7), also_in=("c.txt",)),),
        outcome="partly",
        confidence=0.51239,
        missing=("who won?",),
        unknown=("won",),
        usage=Usage(1, 2, 3, 4, 5),
    )
    found = json.loads(json.dumps(answer_to_json(answer, {"embedder": "e", "generator": "g"})))
    assert found == {
        "question": "Will it turn, and who won?",
        "outcome": "partly",
        "reason": None,
        "missing": ["who won?"],
        "unknown": ["won"],
        "confidence": 0.5124,
        "answer": "The tide will turn, said Ana Prado. [1]\nA reader comments: “Never again!” [2][1]",
        "statements": [
            {"text": "The tide will turn, said Ana Prado.", "quotes": [1], "support": 0.9877, "origin": "model"},
            {"text": "A reader comments: “Never again!”", "quotes": [2, 1], "support": 1.0, "origin": "quote"},
        ],
        "quotes": [
            {
                "n": number, "document": "a.txt", "document_id": "a.txt", "path": "/docs/a.txt", "title": "a.txt",
                "date": "2025-06-02", "start": quote.start, "end": quote.end, "text": TEXT[quote.start : quote.end],
                "page": page, "page_label": label, "page_end": 3, "page_end_label": None, "section": section,
                "section_end": None, "ocr": ocr, "voice": voice, "speaker": speaker, "also_in": also,
            }
            for number, quote, page, label, section, ocr, voice, speaker, also in [
                (1, spoken, 2, "ii", "Report > 1 Tides", True, "report", "Ana Prado", ["copy.pdf", "page.html"]),
                (2, comment, 3, None, None, True, "comment", None, []),
            ]
        ],
        "passages": [
            {
                "document": "b.txt", "document_id": "b.txt", "path": "/docs/b.txt", "start": 0, "end": 11,
                "page": None, "page_label": None, "page_end": None, "page_end_label": None, "section": None,
                "section_end": None, "ocr": False, "also_in": ["c.txt"], "score": 0.123457,
            }
        ],
        "models": {"embedder": "e", "generator": "g"},
        "timings_ms": {"search": 1, "first_token": 2, "total": 3},
        "tokens": {"in": 4, "out": 5},
    }  # fmt: skip


def test_filters_are_there_only_when_some_were_given() -> None:
    refused = Answer("Who?", (), (), "not_in_documents")
    everywhere = answer_to_json(refused, {})
    assert "filters" not in everywhere
    assert scope_from_json(everywhere) == EVERYTHING
    scope = Scope("2025-06-01", None, ("en", "fr"), ("*.txt",))
    somewhere = answer_to_json(replace(refused, scope=scope, undated=3), {})
    assert somewhere == everywhere | {
        "filters": {"from": "2025-06-01", "until": None, "languages": ["en", "fr"], "paths": ["*.txt"], "undated": 3}
    }
    assert scope_from_json(json.loads(json.dumps(somewhere))) == scope


def test_an_answer_without_any_statement() -> None:
    found = answer_to_json(Answer("Who?", (), (), "not_in_documents", unknown=("Quixote",)), {})
    assert (found["answer"], found["statements"], found["quotes"], found["missing"]) == ("", [], [], [])
    assert found["unknown"] == ["Quixote"]
