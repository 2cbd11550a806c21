"""The gold questions hold together: quotes are copies, nuggets stand in their evidence, every kind is there."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup

EVAL = Path(__file__).resolve().parents[1] / "eval"
CORPUS = EVAL / "corpus"
GOLD = EVAL / "gold" / "peace-talks.jsonl"
KEYS = {"id", "question", "language", "kind", "answerable", "nuggets", "evidence"}
FOLLOW_UP_KEYS = {"history", "standalone"}
AT_LEAST = {"list": 12, "unanswerable": 22, "cross": 10, "time": 8, "voice": 5, "followup": 12}
OTHER_KINDS = {"factoid", "why", "contrast"}

Row = dict[str, Any]


def load() -> list[Row]:
    """Parse the gold file, one object a line."""
    return [json.loads(line) for line in GOLD.read_text(encoding="utf-8").splitlines()]


def collapse(text: str) -> str:
    """Fold every run of white space into one space."""
    return re.sub(r"\s+", " ", text)


ROWS = load()
each_row = pytest.mark.parametrize("row", ROWS, ids=[str(row["id"]) for row in ROWS])


@each_row
def test_row_has_the_keys_of_its_kind(row: Row) -> None:
    """Every row has the common keys; follow-ups, and only they, also carry their history."""
    expected = KEYS | FOLLOW_UP_KEYS if row["kind"] == "followup" else KEYS
    assert set(row) == expected
    assert row["question"].strip() and row["language"] in {"en", "fr"}
    assert row["answerable"] is (row["kind"] != "unanswerable")
    assert bool(row["nuggets"]) is bool(row["evidence"]) is row["answerable"]
    if row["kind"] == "followup":
        assert [turn["role"] for turn in row["history"]] == ["user", "assistant"]


@each_row
def test_quotes_are_verbatim(row: Row) -> None:
    """A quote is what its document says at its offsets; in HTML, what the page says once."""
    for evidence in row["evidence"]:
        path = CORPUS / evidence["document"]
        text = path.read_bytes().decode("utf-8")
        if path.suffix == ".html":
            assert evidence["start"] is None and evidence["end"] is None
            page = BeautifulSoup(text, "html.parser").get_text(" ")
            assert collapse(page).count(collapse(evidence["quote"])) == 1
        else:
            assert text[evidence["start"] : evidence["end"]] == evidence["quote"]


@each_row
def test_nuggets_stand_in_the_evidence(row: Row) -> None:
    """Each nugget has an alternative that one of the row's quotes matches."""
    quotes = [evidence["quote"] for evidence in row["evidence"]]
    for nugget in row["nuggets"]:
        assert any(re.search(alternative, quote, re.IGNORECASE) for alternative in nugget for quote in quotes), nugget


def test_ids_and_questions() -> None:
    """Ids are unique, and no two rows without history ask the same thing."""
    assert len({row["id"] for row in ROWS}) == len(ROWS) >= 86
    questions = [row["question"] for row in ROWS if "history" not in row]
    assert len(set(questions)) == len(questions)


def test_enough_of_every_kind() -> None:
    """The kinds and the two languages are there in the numbers the figures rest on."""
    kinds = Counter(row["kind"] for row in ROWS)
    assert set(kinds) == set(AT_LEAST) | OTHER_KINDS
    assert all(kinds[kind] >= least for kind, least in AT_LEAST.items()), kinds
    assert 0.3 <= sum(row["language"] == "fr" for row in ROWS) / len(ROWS) <= 0.5


def test_every_document_is_asked_about() -> None:
    """The corpus holds nothing but documents, and each one answers at least one question."""
    asked = {evidence["document"] for row in ROWS for evidence in row["evidence"]}
    assert asked == {path.name for path in CORPUS.iterdir()}
