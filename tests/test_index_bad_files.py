"""Good files among hundreds of bad ones: the good are found, the bad are named, and nothing else happens."""

from __future__ import annotations

import multiprocessing
import os
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from index.isolation import Isolated
from index.library import Library
from index.readers import READERS
from index.store import FileRecord
from index.sync import sync
from tests.bad_files import GOOD_MEMBER, BadFile, make_bad_files
from tests.bad_readers import BAD
from tests.index_helpers import HashModel, as_model, write_files

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="it makes files that Windows doesn't have")

GOOD = 40
SUFFIXES = (".txt", ".md", ".html", ".TXT")
SECONDS = 5.0  # for one file; 10 are allowed, but some of these files take all they get
BASE = 100  # megabytes of a child that has read nothing

Listing = dict[str, tuple[int, int, int]]


@dataclass(frozen=True)
class Outcome:
    """What a run in another process reported: reasons by path, seconds by path, the child's peak in megabytes."""

    failed: dict[str, str]
    added: list[str]
    seconds: dict[str, float]
    peak: float


@dataclass(frozen=True)
class World:
    """What was there before the run, and after it."""

    outside: Path
    bad: list[BadFile]
    good: dict[str, str]
    before: Listing
    after: Listing
    outcome: Outcome
    library: Library


def index(folder: Path, library: Path, pipe: Connection) -> None:
    """Index in a process of its own, whose children are the readers alone."""
    import resource

    READERS.update(BAD)
    seconds: dict[str, float] = {}
    last = ["", 0.0]

    def step(path: str, total: int) -> None:
        now = time.monotonic()
        if last[0]:
            seconds[str(last[0])] = seconds.get(str(last[0]), 0) + now - float(last[1])
        last[:] = [path if total else "", now]

    with Isolated(seconds=SECONDS, worker="tests.bad_readers") as isolated:
        opened = Library.create(library)
        report = sync(opened, [folder], as_model(HashModel()), on_step=step, read=isolated.read)
        opened.close()
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    pipe.send(Outcome(dict(report.failed), report.added, seconds, peak))


def listing(folder: Path) -> Listing:
    """List all below a folder: kind and rights, size, time of change."""
    found: Listing = {}
    for here, folders, files in os.walk(os.fsencode(folder)):
        for name in folders + files:
            path = os.path.join(here, name)  # noqa: PTH118
            info = os.lstat(path)
            found[repr(path)] = (info.st_mode, info.st_size, info.st_mtime_ns)
    return found


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Make the files, index them once, and look at what is there."""
    home = tmp_path_factory.mktemp("bad")
    outside = home / "outside"
    for name in ("in", "tmp", "work"):
        (outside / name).mkdir(parents=True)
    good = {f"good {n}{SUFFIXES[n % 4]}": f"zebra{'abcdefgh'[n // 5]}{'uvwxy'[n % 5]}" for n in range(GOOD)}
    texts = {
        f"{'a/b/c/d'[: 2 * (n % 5)]}/{name}": f"<p>The ferry {word} left at noon.</p>"
        for n, (name, word) in enumerate(good.items())
    }
    write_files(outside / "in", {f"x/{name}": text for name, text in texts.items()})
    bad = make_bad_files(outside / "in")
    for number, suffix in enumerate(sorted({*BAD} - {".sleep"})):
        path = outside / "in" / "a" / f"trap {number}{suffix}"
        path.write_bytes(os.fsencode(outside / "work" / "written by a reader"))
        bad.append(BadFile(str(path), "trap", True))
    before = listing(outside)
    ours, theirs = multiprocessing.Pipe(duplex=False)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TMPDIR", str(outside / "tmp"))
        patch.chdir(outside / "work")
        process = multiprocessing.get_context("spawn").Process(
            target=index, args=(outside / "in", home / "library", theirs)
        )
        process.start()
        theirs.close()
        outcome = ours.recv()
        process.join()
    library = Library.open(home / "library")
    yield World(outside, bad, good, before, listing(outside), outcome, library)
    library.close()


def test_there_are_enough_of_them(world: World) -> None:
    assert len(world.bad) >= 200
    assert len({bad.kind for bad in world.bad}) >= 20
    assert sum(bad.fails for bad in world.bad) >= 150


def test_every_good_file_is_found(world: World) -> None:
    for name, word in world.good.items():
        passages = world.library.passages(world.library.bm25(word, 5))
        assert [passage.document.name for passage in passages] == [name]


def test_every_good_member_of_a_bad_archive_is_read(world: World) -> None:
    good = [bad.path for bad in world.bad if bad.kind == GOOD_MEMBER]
    assert len(good) >= 8
    assert [path for path in good if path not in world.outcome.added] == []


def test_each_bad_file_is_named_with_a_reason(world: World) -> None:
    files: dict[str, FileRecord] = world.library.store.files()
    seen = {*world.outcome.failed, *world.outcome.added}
    assert [bad for bad in world.bad if bad.path not in seen] == []
    assert [bad for bad in world.bad if bad.fails and bad.path not in world.outcome.failed] == []
    for path, reason in world.outcome.failed.items():
        assert reason and reason.isprintable() and len(reason) <= 600, (path, reason)
        if not reason.startswith("can't be read: "):
            assert files[path].problem == reason
    assert {path for path, file in files.items() if file.problem} <= set(world.outcome.failed)


def test_what_a_reader_does_is_told(world: World) -> None:
    told = {Path(path).suffix: reason for path, reason in world.outcome.failed.items() if Path(path).suffix in BAD}
    assert told[".crash"] == "crashed its reader (SIGSEGV)"
    assert told[".spin"] == "took more than 5 s to read"
    assert told[".leave"] == "crashed its reader (exit status 3)"
    if sys.platform == "linux":
        assert told[".devour"] == "needs more than 512 MB to read"
        assert told[".write"].startswith("can't be parsed: OSError")


def test_no_file_takes_more_than_its_share(world: World) -> None:
    slow = {path: taken for path, taken in world.outcome.seconds.items() if taken > 10}
    assert slow == {}
    assert world.outcome.peak < 512 + BASE


def test_nothing_is_written_outside_the_library(world: World) -> None:
    changed = {path for path in {*world.before, *world.after} if world.before.get(path) != world.after.get(path)}
    new = {path for path in changed if path.endswith("written by a reader'")}  # the empty file it could still make
    assert changed <= new | {repr(os.fsencode(world.outside / name)) for name in ("work", "tmp")}
    assert all(world.after[path][1] == 0 for path in new)
    assert not Path("/tmp/slipped.txt").exists()
