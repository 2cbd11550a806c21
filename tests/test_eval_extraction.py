"""The time that reading PDF files takes is compared with that of their bare text."""

from __future__ import annotations

from pathlib import Path

import pytest

from eval.extraction import bare_text, main, seconds
from tests.pdf_helpers import make_pdf

DATA = make_pdf([[(20, 30, "The harbour was built in 1700.")], [(20, 30, "It is closed.")]])


def test_bare_text_is_that_of_all_pages() -> None:
    assert bare_text(DATA) == "The harbour was built in 1700.\nIt is closed."


def test_both_ways_take_time() -> None:
    assert all(took > 0 for took in seconds(DATA, rounds=2))


def test_a_line_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "harbour.pdf").write_bytes(DATA)
    main(tmp_path)
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == ["seconds", "harbour.pdf"]
