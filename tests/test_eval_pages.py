"""Page recall: what counts as a hit, and how questions are read."""

from __future__ import annotations

from pathlib import Path

import pytest

from eval.fields import GoldError
from eval.pages import hits, main, read_questions
from tests.pdf_helpers import make_pdf


def test_hits_at_k() -> None:
    rankings = [[("a.pdf", 1), ("b.pdf", 2)], [("a.pdf", 7), ("a.pdf", 3)]]
    evidence = [frozenset({("a.pdf", 1)}), frozenset({("a.pdf", 3), ("a.pdf", 4)})]
    assert [hits(rankings, evidence, k) for k in (1, 2)] == [0.5, 1.0]


def test_the_questions_are_not_among_what_is_searched(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pages = [[(20.0, 40.0, "The harbour of Dover closed at noon.")], [(20.0, 40.0, "The ferry sank off Calais.")]]
    (tmp_path / "ports.pdf").write_bytes(make_pdf(pages))
    question = '{"question": "Which harbour closed at noon?", "document": "ports.pdf", "pages": [0]}\n'
    (tmp_path / "questions.jsonl").write_text(question, encoding="utf-8")
    main(tmp_path, tmp_path / "library")
    assert capsys.readouterr().out.split("\n")[1].split() == ["ours", "1.000", "1.000", "1.000"]


def test_pages_are_counted_from_zero_in_the_file_and_from_one_here(tmp_path: Path) -> None:
    file = tmp_path / "questions.jsonl"
    file.write_text('{"question": "Why?", "document": "a.pdf", "pages": [0, 4]}\n', encoding="utf-8")
    assert read_questions(file) == [("Why?", frozenset({("a.pdf", 1), ("a.pdf", 5)}))]


def test_what_is_no_list_of_pages_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "questions.jsonl"
    file.write_text('{"question": "Why?", "document": "a.pdf", "pages": "4"}\n', encoding="utf-8")
    with pytest.raises(GoldError, match="a list of numbers"):
        read_questions(file)
