"""A file is read in a child process: with the same result, within limits, and a new child when one is lost."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from index.errors import RagError, ReadError, ReadInterrupted
from index.files import load
from index.isolation import Isolated
from index.library import Library
from index.parsed import Parsed
from index.readers import MAX_BYTES, read
from index.sync import sync
from tests.bad_readers import read_all
from tests.index_helpers import CORPUS, REPOSITORY, HashModel, as_model

WORKER = "tests.bad_readers"
needs_rlimits = pytest.mark.skipif(sys.platform != "linux", reason="memory and writing are limited on Linux alone")


@pytest.fixture(scope="module")
def isolated() -> Iterator[Isolated]:
    """Return a reader with the bad readers in its child, one child for many tests."""
    with Isolated(worker=WORKER) as made:
        yield made


def reason(isolated: Isolated, name: str, data: bytes = b"x") -> str:
    with pytest.raises(ReadError) as caught:
        isolated.read(Path(name), data)
    told = ("crashed", "took", "needs")  # what may have been for the machine
    assert isinstance(caught.value, ReadInterrupted) == str(caught.value).startswith(told)
    return str(caught.value)


def test_what_is_read_is_the_same(isolated: Isolated) -> None:
    for path in sorted(CORPUS.iterdir()):
        assert isolated.read(path, path.read_bytes()) == read(path, path.read_bytes())
    page = "<title>É</title><article>\ud800 <p>Ça va.</article><div id=comments>No!</div>".encode("utf-8", "replace")
    assert isolated.read(Path("é 2024-01-02.HTML"), page) == read(Path("é 2024-01-02.HTML"), page)
    data = "0123456 \ud83d\ude00 \ud800".encode("utf-8", "surrogatepass")
    assert isolated.read(Path("a.read_all"), data) == read_all(data)  # every field, and halves of characters
    assert isolated.read(Path("a.chatter"), b"It printed.").text == "It printed."


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a.xyz", "unknown file type .xyz; known: "),
        ("a.txt", "not a text file: it holds binary data"),
        ("a.crash", "crashed its reader (SIGSEGV)"),
        ("a.leave", "crashed its reader (exit status 3)"),
        ("a.flood", "too much text: 130 MB, the limit is 128 MB; split it"),
        ("a.complain", "one line and another"),
        pytest.param("a.devour", "needs more than 512 MB to read", marks=needs_rlimits),
    ],
)
def test_a_reason_and_the_next_file_is_read(isolated: Isolated, name: str, expected: str) -> None:
    assert reason(isolated, name, b"\x00").startswith(expected)
    assert isolated.read(Path("a.txt"), b"All is well.").text == "All is well."


@pytest.mark.parametrize("name", ["a.spin", "a.sleep"])
def test_a_file_that_takes_too_long(name: str) -> None:
    with Isolated(worker=WORKER, seconds=0.5) as isolated:
        assert reason(isolated, name) == "took more than 0.5 s to read"
        assert isolated.read(Path("a.read_all"), b"All is well.").text == "All is well."


@needs_rlimits
def test_nothing_is_written(isolated: Isolated, tmp_path: Path) -> None:
    assert reason(isolated, "a.write", os.fsencode(tmp_path / "new")) == "can't be parsed: OSError: [Errno 27] " + (
        os.strerror(27)
    )
    assert (tmp_path / "new").stat().st_size == 0


def test_a_child_that_was_lost_meanwhile_is_no_fault_of_the_next_file(isolated: Isolated) -> None:
    isolated.read(Path("a.txt"), b"Before.")
    assert isolated._child
    isolated._child._process.kill()
    assert isolated.read(Path("a.txt"), b"After.").text == "After."


def test_a_child_that_does_not_start_ends_the_run(tmp_path: Path) -> None:
    with pytest.raises(RagError, match=r"doesn't start \(exit status 1\)"), Isolated(worker="tests.nowhere") as lost:
        lost.read(Path("a.txt"), b"x")


def test_the_child_is_started_when_needed_and_gone_afterwards(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[subprocess.Popen[bytes]] = []

    class Noted(subprocess.Popen[bytes]):
        def __init__(self, *args: object, **options: object) -> None:
            super().__init__(*args, **options)  # type: ignore[call-overload]
            started.append(self)

    monkeypatch.setattr(subprocess, "Popen", Noted)
    library = Library.create(tmp_path / "library")
    assert len(sync(library, [CORPUS], as_model(HashModel())).added) == len(list(CORPUS.iterdir()))
    assert len(started) == 1 and started[0].returncode is not None
    sync(library, [CORPUS], as_model(HashModel()))
    assert len(started) == 1


INTERRUPTED = """
import json, os, signal, time
from pathlib import Path
from threading import Timer
from index.isolation import Isolated
with Isolated(worker="tests.bad_readers") as isolated:
    isolated.read(Path("a.read_all"), b"Before.")
    child = isolated._child._process
    Timer(0.3, os.kill, [os.getpid(), signal.SIGINT]).start()
    began = time.monotonic()
    try:
        isolated.read(Path("a.sleep"), b"x")
    except KeyboardInterrupt:
        print(json.dumps([time.monotonic() - began < 5, child.returncode is not None]))
    print(json.dumps(isolated.read(Path("a.read_all"), b"After.").text))
"""


def test_an_interrupt_ends_the_child() -> None:
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTED], capture_output=True, text=True, cwd=REPOSITORY, check=True
    )
    assert [json.loads(line) for line in done.stdout.splitlines()] == [[True, True], "After."]
    assert done.stderr == ""


def test_in_process_reading_is_a_parameter(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("It says one thing.")
    library = Library.create(tmp_path / "library")
    sync(library, [tmp_path / "a.txt"], as_model(HashModel()), read=lambda path, data: Parsed("It says another."))
    assert [document.text for document in library.store.documents().values()] == ["It says another."]


# --- the bytes --------------------------------------------------------------------------------------------------------


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_what_is_no_file_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "zero").symlink_to("/dev/zero")
    for name in ("pipe", "zero", "."):
        with pytest.raises(ReadError, match="^not a regular file$"):
            load(tmp_path / name)


def test_links_are_followed_or_not(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"\r\n\x1a")
    (tmp_path / "link").symlink_to("a.txt")
    assert load(tmp_path / "link") == b"\r\n\x1a"
    with pytest.raises(ReadError, match="^not a regular file$"):
        load(tmp_path / "link", follow=False)


def test_what_is_too_large_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with (tmp_path / "a.txt").open("wb") as file:
        file.truncate(2**40)
    with pytest.raises(ReadError, match="^too large: 1048576 MB, the limit is 64 MB; split it$"):
        load(tmp_path / "a.txt")
    real = os.fstat
    with (tmp_path / "a.txt").open("wb") as file:
        file.truncate(MAX_BYTES + 1)

    def smaller(handle: int) -> os.stat_result:  # as it was before it grew
        seen = list(real(handle))
        seen[6] = 10
        return os.stat_result(seen)

    monkeypatch.setattr(os, "fstat", smaller)
    with pytest.raises(ReadError, match="^too large: 64 MB"):
        load(tmp_path / "a.txt")
