"""What is printed on a terminal gives it no orders; what goes elsewhere is as it was."""

from __future__ import annotations

import io
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from index.library import Library
from index.sync import sync
from tests.index_helpers import HashModel, as_model
from ui.terminal import say, visible

HOSTILE = "a\x1b[31mred\x9b2J\x07\x7f.txt"


class Screen(io.StringIO):
    """A terminal."""

    def isatty(self) -> bool:  # noqa: D102 - as in io
        return True


def test_controls_are_shown_as_such_on_a_terminal_only() -> None:
    screen, file = Screen(), io.StringIO()
    for stream in (screen, file):
        say("one\ttwo", HOSTILE, file=stream)
    assert screen.getvalue() == "one\ttwo\na�[31mred�2J��.txt\n"
    assert file.getvalue() == f"one\ttwo\n{HOSTILE}\n"


@pytest.mark.parametrize("text", ["Qu’est-ce — déjà ?", "会议 ✓ \n\tline", ""])
def test_what_is_no_control_stays(text: str) -> None:
    assert visible(text) == text


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals")
def test_the_names_and_words_of_documents(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / HOSTILE).write_text("The lighthouse \x1b]0;owned\x07 was closed.")
    (tmp_path / "in" / f"b{HOSTILE}").write_bytes(b"\x00" * 50)
    library = Library.create(tmp_path / "library")
    sync(library, [tmp_path / "in"], as_model(HashModel()))
    library.close()
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "ui.cli", "status", "--verbose", "--library", str(tmp_path / "library")]
    subprocess.run(command, stdout=theirs, stderr=theirs, check=True, timeout=60)
    os.close(theirs)
    shown = os.read(ours, 100_000).decode()
    os.close(ours)
    assert "a�[31mred�2J��.txt" in shown
    assert not {"\x1b", "\x07", "\x9b"} & set(shown)
