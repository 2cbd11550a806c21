"""A kill -9 at any moment loses nothing that was reported as done, and the next run carries on."""

from __future__ import annotations

import hashlib
import multiprocessing
import random
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from index.errors import LibraryMissing
from index.library import Library
from index.readers import identify
from index.sync import sync
from tests.index_helpers import HashModel, answers, as_model

DOCUMENTS = 60
CHANGED_EACH_ROUND = 12
KILLS = 20
MODEL = HashModel()
PLACES = ["Istanbul", "Geneva", "Anchorage", "Paris", "Moscow", "Budapest", "Riyadh", "Berlin"]
THINGS = ["truce", "border", "sanction", "prisoner", "treaty", "grain", "bridge", "winter", "pipeline", "harbour"]

# Forks of a process that has imported what takes long: the kills fall into the indexing, not into Python's start.
FORKS = multiprocessing.get_context("forkserver" if hasattr(signal, "SIGKILL") else "spawn")
PRELOADED = ["faiss", "langchain_text_splitters", "py3langid", "sentencex", "index.sync", "tests.index_helpers"]


def index_and_tell(folder: Path, library: Path, pipe: Connection) -> None:
    """Index in a process of its own, telling every event: (what, path)."""
    pipe.send(("started", ""))
    opened = Library.create(library)
    pipe.send(("opened", ""))
    sync(
        opened,
        [folder],
        as_model(HashModel(pause=0.0005)),
        on_progress=lambda progress: pipe.send((progress.outcome, progress.path)),
        on_stage=lambda _: pipe.send(("vectors", "")),
    )


@dataclass(frozen=True)
class Moment:
    """When to kill: `delay` seconds after the `number`-th `event`."""

    event: str
    number: int
    delay: float


@dataclass
class World:
    """A folder of documents that keeps changing, and what the indexer said of it."""

    folder: Path
    dice: random.Random
    versions: dict[str, int] = field(default_factory=dict)
    done: dict[str, str] = field(default_factory=dict)  # path -> id of the content that was reported as done
    later: dict[str, set[str]] = field(default_factory=dict)  # path -> ids of what was written since; may be in, too

    def write(self, name: str) -> None:
        """Write the next version of a document."""
        self.versions[name] = self.versions.get(name, 0) + 1
        file = self.folder / name
        file.write_text(document(name, self.versions[name]), encoding="utf-8")
        self.later.setdefault(str(file), set()).add(content_id(file))

    def change(self) -> None:
        """Change some documents, rename one, remove one and bring another one in."""
        names = sorted(self.versions)
        self.dice.shuffle(names)
        renamed, removed, *changed = names[: CHANGED_EACH_ROUND + 2]
        for name in changed:
            self.write(name)
        self.versions.pop(removed)
        (self.folder / removed).unlink()
        self.versions[f"r{renamed}"] = self.versions.pop(renamed)
        (self.folder / renamed).rename(self.folder / f"r{renamed}")
        self.write(f"n{self.dice.randrange(10**9)}.txt")


def document(name: str, version: int) -> str:
    """Write a text of several chunks with a word of its own, the same for the same name and version."""
    dice = random.Random(f"{name} {version}")
    sentences = [
        f"In {dice.choice(PLACES)} the {dice.choice(THINGS)} of day {dice.randrange(400)} was put before the "
        f"{dice.choice(THINGS)} committee, which weighed {dice.randrange(90)} points about the {dice.choice(THINGS)}."
        for _ in range(24)
    ]
    return f"date 2025-06-0{1 + version % 9}\n\nReport {own_word(name, version)} opens here. {' '.join(sentences)}\n"


def own_word(name: str, version: int) -> str:
    return "w" + hashlib.sha256(f"{name} {version}".encode()).hexdigest()[:12]


def run(world: World, library: Path, moment: Moment | None) -> int | None:
    """Index until the end or the kill, note what was reported, return the exit status."""
    ours, theirs = FORKS.Pipe(duplex=False)
    process = FORKS.Process(target=index_and_tell, args=(world.folder, library, theirs))
    process.start()
    theirs.close()
    seen = 0
    for event, path in told(ours):
        if path:
            assert event in {"added", "updated", "moved", "unchanged"}, path
            world.done[path] = content_id(Path(path))
            world.later[path] = set()
        if moment and event == moment.event:
            seen += 1
            if seen == moment.number:
                time.sleep(moment.delay)
                process.kill()
    process.join()
    return process.exitcode


def told(pipe: Connection) -> Iterator[tuple[str, str]]:
    """Yield what the indexer tells, up to its end or a message cut off by the kill."""
    with suppress(EOFError, OSError):
        while True:
            message = pipe.recv()
            yield message


def content_id(path: Path) -> str:
    return identify(path, path.read_bytes())


def moments(dice: random.Random, life: float) -> list[Moment]:
    """Spread the kills over the whole life: any time from the start, after any file, around the vector file."""
    found = [Moment("started", 1, life * (number + dice.random()) / 8) for number in range(8)]
    found += [Moment("opened", 1, dice.uniform(0, 0.01))]
    outcomes = ["added", "added", "updated", "updated", "moved", "unchanged"]
    found += [Moment(outcome, dice.randint(1, 10), dice.uniform(0, 0.02)) for outcome in outcomes]
    found += [Moment("vectors", 1, dice.uniform(0, 0.02)) for _ in range(KILLS - len(found))]
    dice.shuffle(found)
    return found


def assert_nothing_lost(world: World, folder: Path) -> None:
    """Check that the library opens, holds what was reported or its replacement, and finds it."""
    try:
        library = Library.open(folder)
    except LibraryMissing:
        assert not world.done
        return
    assert library.store.value("PRAGMA integrity_check") == "ok"
    files = library.store.files()
    for path, reported in world.done.items():
        if not Path(path).exists() and path not in files:
            continue  # removed, and the library has followed
        assert files[path].document_id in {reported, *world.later[path]}
    documents = library.store.documents()
    assert {record.document_id for record in files.values()} == set(documents)
    for each in documents.values():
        word = next(word for word in each.text.split() if word.startswith("w") and len(word) == 13)
        (top, *_), (nearest, *_) = library.bm25(word, 3), library.dense(MODEL.encode([each.text[:200]])[0], 3)
        assert library.passages([top])[0].document == each
        assert library.passages([nearest])[0].chunk.id == nearest[0]
    assert library.refresh_vectors().generation == library.store.generation
    library.close()


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system has no SIGKILL")
def test_killed_twenty_times(tmp_path: Path) -> None:
    FORKS.set_forkserver_preload(PRELOADED)
    dice = random.Random(20251125)
    world = World(tmp_path / "documents", dice)
    world.folder.mkdir()
    for number in range(DOCUMENTS):
        world.write(f"{number:03}.txt")
    assert run(World(world.folder, dice), tmp_path / "warm-up", None) == 0
    began = time.monotonic()
    assert run(World(world.folder, dice), tmp_path / "first", None) == 0
    life = time.monotonic() - began

    killed = 0
    for tried in range(4 * KILLS):
        if tried % KILLS == 0:
            drawn = moments(dice, life)
        killed += run(world, tmp_path / "library", drawn.pop()) == -signal.SIGKILL  # or it ended before its moment
        assert_nothing_lost(world, tmp_path / "library")
        world.change()
        if killed == KILLS:
            break
    assert killed == KILLS

    assert run(world, tmp_path / "library", None) == 0
    assert run(World(world.folder, dice), tmp_path / "once", None) == 0
    assert_nothing_lost(world, tmp_path / "library")
    survivor, once = Library.open(tmp_path / "library"), Library.open(tmp_path / "once")
    assert survivor.store.counts() == once.store.counts()
    assert set(survivor.store.documents().values()) == set(once.store.documents().values())
    for number in range(10):
        question = f"What of the {THINGS[number]} in {PLACES[number % len(PLACES)]} on day {number * 37}?"
        expected = answers(once, MODEL, question)
        assert [len(ranking) for ranking in expected] == [5, 5]
        assert answers(survivor, MODEL, question) == expected
