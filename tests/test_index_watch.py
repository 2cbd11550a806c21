"""A watched folder and its library: whatever happens to the files, the library ends as a new one of them would be."""

from __future__ import annotations

import multiprocessing
import os
import random
import shutil
import signal
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pytest

from index.copies import Copies
from index.errors import UsageError
from index.library import Library
from index.readers import read
from index.sync import sync
from index.watch import LONGEST, MANY, PATIENCE, SETTLE, Changes, watch
from tests.index_helpers import HashModel, answers, as_model, write_files

FORKS = multiprocessing.get_context("forkserver" if hasattr(signal, "SIGKILL") else "spawn")
PRELOADED = ["faiss", "langchain_text_splitters", "py3langid", "sentencex", "watchfiles", "tests.index_helpers"]
WORDS = ["truce", "border", "prisoner", "treaty", "grain", "bridge", "harbour"]
AT_MOST = 120.0  # seconds until the library is in step, on a machine that is busy
FILES = {
    "a.txt": "date 2025-06-02\n\nThe foo went up. Nobody saw it.",
    "b.md": "# The bar\n\n3 June 2025\n\nThe bar came down.",
    "deep/down/c.html": "<h1>The baz</h1><p>The baz stayed <i>where</i> it was.</p>",
    "deep/d.txt": "The harbour froze in January.",
}


def watch_and_tell(paths: list[Path], library: Path, pipe: Connection, pause: float, blind: bool) -> None:
    """Watch in a process of its own, telling every note and batch."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    if blind:
        import watchfiles

        def refuse(*_: object, **__: object) -> Iterator[set[tuple[int, str]]]:
            raise OSError("OS file watch limit reached.")

        watchfiles.watch = refuse  # type: ignore[assignment]
    model = as_model(HashModel(pause=pause))
    try:
        for batch in watch(Library.create(library), paths, model, on_note=lambda text: pipe.send(text)):
            pipe.send((len(batch.report.added), len(batch.failed)))
    except KeyboardInterrupt:
        pipe.send("stopped")


@dataclass
class Desk:
    """A folder, the library that watches it, and what was told."""

    tmp_path: Path
    roots: list[Path]
    notes: list[str] = field(default_factory=list)
    batches: list[tuple[int, int]] = field(default_factory=list)
    process: Any = None
    pipe: Connection | None = None

    @property
    def folder(self) -> Path:
        """Return the first of what is watched."""
        return self.roots[0]

    @property
    def library(self) -> Path:
        """Return the library's folder."""
        return self.tmp_path / "library"

    def start(self, pause: float = 0.0, blind: bool = False) -> None:
        """Start to watch, and wait until the watching has begun."""
        self.notes.clear()
        self.batches.clear()
        self.pipe, theirs = FORKS.Pipe(duplex=False)
        arguments = (self.roots, self.library, theirs, pause, blind)
        self.process = FORKS.Process(target=watch_and_tell, args=arguments, daemon=True)
        self.process.start()
        theirs.close()
        self.wait_for("Watching")

    def hear(self) -> None:
        """Take in what was told."""
        assert self.pipe
        try:
            while self.pipe.poll():
                told = self.pipe.recv()
                (self.notes if isinstance(told, str) else self.batches).append(told)
        except EOFError:
            pass

    def wait_for(self, note: str) -> None:
        """Wait until a note begins like this."""
        self.wait_until(lambda: any(told.startswith(note) for told in self.notes))

    def wait_until(self, done: Callable[[], bool]) -> None:
        """Wait until something is so."""
        end = time.monotonic() + AT_MOST
        while not done():
            assert time.monotonic() < end and self.process.is_alive(), (self.notes, self.batches)
            time.sleep(0.05)
            self.hear()

    def stop(self, number: int = signal.SIGTERM) -> None:
        """Interrupt, and wait for the end."""
        if self.process:
            os.kill(self.process.pid, number)
            self.process.join(AT_MOST)
            assert self.process.exitcode == 0
            self.hear()
            assert self.notes[-1] == "stopped"
            self.process = None

    def assert_same_as_new(self, after: str = "") -> None:
        """Wait until the library holds what a new one of the same files holds."""
        new = self.tmp_path / f"new-{time.monotonic_ns()}"
        library = Library.create(new)
        sync(library, [root for root in self.roots if root.exists()], as_model(HashModel()), read=read)
        library.close()
        expected = contents(new)
        shutil.rmtree(new)
        end = time.monotonic() + AT_MOST
        while contents(self.library) != expected and time.monotonic() < end:
            assert self.process.is_alive()
            time.sleep(0.1)
            self.hear()
        assert contents(self.library) == expected, after


def contents(folder: Path) -> dict[str, Any]:
    """Return all that a library says of its files, but for what tells when they were indexed."""
    library = Library.open(folder)
    with library.store.snapshot():
        files, documents = library.store.files(), library.store.documents()
        ids, vectors = library.store.vectors()
        chunks = library.store.chunks(ids)
        copies = {i for i in documents if sum(record.document_id == i for record in files.values()) > 1}
        found = {
            "files": {path: (record.document_id, record.problem, record.size) for path, record in files.items()},
            "documents": {
                i: (d.title, d.path, d.date, d.language, d.text) if i not in copies else d.text
                for i, d in documents.items()
            },
            "sentences": {i: library.store.sentences(i) for i in documents},
            "chunks": sorted(
                (chunks[number].document_id, chunks[number].start, chunks[number].end, vector.tobytes())
                for number, vector in zip(ids, vectors, strict=True)
            ),
            "near copies": Copies(library.store).all(),
            "integrity": library.store.value("PRAGMA integrity_check"),
        }
        if not copies:
            found["answers"] = [answers(library, HashModel(), word) for word in ("foo", "the harbour in January")]
    library.close()
    return found


@pytest.fixture(scope="module", autouse=True)
def _preload() -> None:
    FORKS.set_forkserver_preload(PRELOADED)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path, [write_files(tmp_path / "in", FILES)])
    yield made
    if made.process:
        made.process.kill()
        made.process.join()


# --- whatever happens to the files -----------------------------------------------------------------------------------


def save_as_editors_do(folder: Path) -> None:
    (folder / "a.txt~").write_text("The foo went")
    with (folder / ".a.txt.swp").open("w") as file:
        file.write("swap")
    (folder / "a.txt.tmp").write_text("The foo went up again, and everybody saw it.")
    (folder / "a.txt.tmp").replace(folder / "a.txt")
    (folder / ".a.txt.swp").unlink()
    (folder / "a.txt~").unlink()


def write_in_parts(folder: Path) -> None:
    with (folder / "parts.txt").open("w") as file:
        for number in range(8):
            file.write(f"Part {number} of the report has come. ")
            file.flush()
            time.sleep(0.1)


def swap_folder_and_file(folder: Path) -> None:
    shutil.rmtree(folder / "deep")
    (folder / "deep").write_text("No folder any more.")
    (folder / "b.md").unlink()
    write_files(folder / "b.md", {"inside.txt": "A folder in the place of a file."})


def move_a_folder_in(folder: Path) -> None:
    outside = write_files(folder.parent / "outside", {"x.txt": "The ferry sank.", "y/z.txt": "The ferry rose."})
    outside.rename(folder / "inside")


def put_a_bad_name(folder: Path) -> None:
    try:
        os.close(os.open(os.fsencode(folder) + b"/bad\xff.txt", os.O_CREAT))
    except OSError:  # this file system takes no such name
        return
    (folder / "good.txt").write_text("Beside a name that is no Unicode.")


def outlive(folder: Path) -> None:
    shutil.copy(folder / "a.txt", folder / "deep" / "copy.txt")
    time.sleep(1.5)
    (folder / "a.txt").unlink()


def lock_and_unlock(folder: Path) -> None:
    (folder / "a.txt").chmod(0)
    (folder / "deep").chmod(0)
    time.sleep(1)
    (folder / "deep").chmod(0o755)


def leave_out_and_take_in(folder: Path) -> None:
    write_files(folder, {".notes/e.txt": "The hidden ferry.", "drafts/f.txt": "A draft of the treaty."})
    (folder / ".ragignore").write_text("drafts/\n*.md\n!.notes/\n")
    time.sleep(1.5)
    write_files(folder, {".notes/g.txt": "Another hidden ferry.", "drafts/h.txt": "Another draft.", "i.md": "# No"})


def pack(folder: Path) -> None:
    with zipfile.ZipFile(folder / "packed.zip", "w") as archive:
        archive.writestr("2024/one.txt", "The first of the packed reports.")
        archive.writestr("two.txt", "The second of the packed reports.")
    time.sleep(1.5)
    with zipfile.ZipFile(folder / "packed.zip", "w") as archive:
        archive.writestr("two.txt", "The second of the packed reports, once more.")


CHANGES: dict[str, Callable[[Path], object]] = {
    "added": lambda folder: (folder / "new.txt").write_text("The lorry arrived."),
    "changed": lambda folder: (folder / "a.txt").write_text("The foo is not what it was."),
    "touched": lambda folder: os.utime(folder / "a.txt", (1, 1)),
    "deleted": lambda folder: (folder / "a.txt").unlink(),
    "renamed": lambda folder: (folder / "a.txt").rename(folder / "renamed.txt"),
    "renamed to another format": lambda folder: (folder / "a.txt").rename(folder / "a.md"),
    "renamed out": lambda folder: (folder / "a.txt").rename(folder.parent / "a.txt"),
    "hidden": lambda folder: (folder / "a.txt").rename(folder / ".a.txt"),
    "saved by an editor": save_as_editors_do,
    "written in parts": write_in_parts,
    "copied": lambda folder: shutil.copy(folder / "a.txt", folder / "deep" / "copy.txt"),
    "outlived by a copy": outlive,
    "unreadable": lambda folder: (folder / "a.txt").write_bytes(b"\0"),
    "of no known type": lambda folder: (folder / "picture.png").write_bytes(b"\x89PNG"),
    "a new folder": lambda folder: write_files(folder, {"x/y/z/new.txt": "Deep down, the lorry.", "x/y/q.txt": "Up."}),
    "a folder moved in": move_a_folder_in,
    "a folder renamed": lambda folder: (folder / "deep").rename(folder / "shallow"),
    "a folder hidden": lambda folder: (folder / "deep").rename(folder / ".deep"),
    "a folder deleted": lambda folder: shutil.rmtree(folder / "deep"),
    "a folder and a file changed places": swap_folder_and_file,
    "a link to a folder": lambda folder: (folder / "link").symlink_to(folder / "deep", target_is_directory=True),
    "a link to a file": lambda folder: (folder / "link.txt").symlink_to(folder / "b.md"),
    "a broken link": lambda folder: (folder / "broken.txt").symlink_to("nowhere"),
    "a name that is no Unicode": put_a_bad_name,
    "locked and unlocked": lock_and_unlock,
    "left out and taken in": leave_out_and_take_in,
    "an archive": pack,
    "gone at once": lambda folder: [(folder / "short.txt").write_text("x"), (folder / "short.txt").unlink()],
}


def test_any_change_ends_as_a_new_library_would(desk: Desk) -> None:
    desk.start()
    desk.assert_same_as_new()
    for name, change in CHANGES.items():
        for path in desk.folder.iterdir():
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
        write_files(desk.folder, FILES)
        desk.assert_same_as_new()
        change(desk.folder)
        desk.assert_same_as_new(name)
    time.sleep(2 * PATIENCE)
    desk.assert_same_as_new("and so it stays")
    desk.stop()


def test_thousands_of_changes_at_once(desk: Desk) -> None:
    desk.start()
    dice = random.Random(20251125)
    written: list[Path] = []
    for number in range(3 * MANY):
        folder = desk.folder / f"{number // 400}" / f"{number // 40 % 10}"
        folder.mkdir(parents=True, exist_ok=True)
        (file := folder / f"{number}.txt").write_text(f"Report {number} tells of the {dice.choice(WORDS)}.")
        written.append(file)
        match dice.randrange(12):
            case 0:
                written.pop(dice.randrange(len(written))).unlink(missing_ok=True)
            case 1:
                dice.choice(written).write_text(f"Report {number} takes back what it told of.")
            case 2 if (old := written.pop(dice.randrange(len(written)))).exists():
                written.append(old.rename(old.with_name(f"moved-{number}.txt")))
    (desk.folder / "3").rename(desk.folder / "three")
    shutil.rmtree(desk.folder / "5")
    desk.assert_same_as_new()
    desk.stop()


def test_a_folder_that_goes_keeps_its_documents_and_is_followed_when_it_is_back(desk: Desk) -> None:
    desk.start()
    before = contents(desk.library)
    away = desk.folder.rename(desk.folder.with_name("away"))
    desk.wait_for(f"{desk.folder} is not there")
    write_files(away, {"a.txt": "Changed while it was away.", "deep/new.txt": "Written while it was away."})
    assert contents(desk.library) == before
    away.rename(desk.folder)
    desk.assert_same_as_new()
    (desk.folder / "deep" / "later.txt").write_text("Followed once more.")
    desk.assert_same_as_new()
    desk.folder.rename(desk.folder.with_name("old"))
    write_files(desk.folder, {"other.txt": "Another folder of this name."})
    desk.assert_same_as_new()
    desk.stop()


def test_an_empty_folder_may_be_that_of_an_unmounted_drive(desk: Desk) -> None:
    desk.start()
    before = contents(desk.library)
    away = desk.folder.rename(desk.folder.with_name("away"))
    desk.folder.mkdir()
    desk.wait_for(f"{desk.folder} is empty")
    assert contents(desk.library) == before
    desk.folder.rmdir()
    (away / "a.txt").unlink()
    away.rename(desk.folder)
    desk.assert_same_as_new()
    desk.stop()


def test_the_last_file_of_a_folder_may_go(desk: Desk) -> None:
    desk.start()
    for path in desk.folder.iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    desk.wait_until(lambda: not contents(desk.library)["files"])
    desk.stop()


def test_single_files(desk: Desk) -> None:
    folder = desk.folder
    one, other = folder / "a.txt", folder / "b.md"
    desk.roots = [one, other, folder / "deep"]
    desk.start()
    save_as_editors_do(folder)
    desk.assert_same_as_new()
    other.unlink()
    desk.wait_for(f"{other} is not there")
    assert str(other) in contents(desk.library)["files"]
    other.write_text("# The bar\n\nIt is back, with other words.")
    (folder / "c.txt").write_text("Beside the files that are watched.")
    desk.assert_same_as_new()
    desk.stop()


def test_a_folder_known_by_a_link(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(desk.folder, target_is_directory=True)
    desk.roots = [tmp_path / "link"]
    desk.start()
    (tmp_path / "in" / "new.txt").write_text("The lorry arrived.")
    desk.assert_same_as_new()
    desk.stop()


def test_the_library_may_lie_in_the_folder(desk: Desk) -> None:
    desk.roots = [desk.tmp_path]
    desk.start()
    (desk.folder / "new.txt").write_text("The lorry arrived.")
    desk.wait_until(lambda: (1, 0) in desk.batches)
    time.sleep(2 * PATIENCE)
    desk.hear()
    assert desk.batches == [(4, 0), (1, 0)]
    desk.stop()


def test_a_busy_library_is_waited_for(desk: Desk) -> None:
    desk.start()
    library = Library.open(desk.library)
    with library.writing():  # it isn't held while nothing happens
        (desk.folder / "a.txt").write_text("The foo is not what it was.")
        desk.wait_for("Waiting: another rag is writing to")
        (desk.folder / "new.txt").write_text("The lorry arrived.")
        time.sleep(PATIENCE)
    library.close()
    desk.assert_same_as_new()
    assert sum(note.startswith("Waiting") for note in desk.notes) == 1
    desk.stop()


def test_without_events_everything_is_looked_at(desk: Desk) -> None:
    desk.start(blind=True)
    assert desk.notes[0].startswith("The system tells of no changes (OS file watch limit reached): looking at all")
    write_files(desk.folder, {"a.txt": "The foo is not what it was.", "x/new.txt": "The lorry arrived."})
    (desk.folder / "b.md").unlink()
    desk.assert_same_as_new()
    desk.stop()


def test_what_cannot_be_read_is_told_once(desk: Desk) -> None:
    desk.start()
    bad = desk.folder / "bad.txt"
    for count in (1, 2, 3):
        bad.write_bytes(b"\0" * count)
        (desk.folder / f"good{count}.txt").write_text(f"The lorry {count} arrived.")
        desk.wait_until(lambda count=count: len(desk.batches) > count)
    assert [failed for _, failed in desk.batches] == [0, 1, 0, 0]
    desk.stop()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_in_the_middle_and_taken_up_again(desk: Desk, number: int) -> None:
    desk.start(pause=0.02)
    write_files(desk.folder, {f"{n // 50}/{n}.txt": f"Report {n} tells of the {WORDS[n % 7]}." for n in range(400)})
    desk.wait_until(lambda: documents_in(desk.library) > 50)
    desk.stop(number)
    assert documents_in(desk.library) < 404
    (desk.folder / "3" / "151.txt").unlink()
    (desk.folder / "4" / "new.txt").write_text("While nobody watched.")
    desk.start()
    desk.assert_same_as_new()
    desk.stop()


def documents_in(folder: Path) -> int:
    library = Library.open(folder)
    count, _ = library.store.counts()
    library.close()
    return count


def test_a_pattern_that_is_none_is_told_at_once(tmp_path: Path) -> None:
    folder = write_files(tmp_path / "in", FILES)
    with pytest.raises(UsageError, match="not a pattern"):
        next(
            watch(
                Library.create(tmp_path / "library"), [folder], as_model(HashModel()), exclude=["[z-a]"], on_note=print
            )
        )


# --- when a change is looked at --------------------------------------------------------------------------------------


def test_a_file_is_looked_at_when_it_rests() -> None:
    changes = Changes()
    file, other = Path("/in/file.txt"), Path("/in/other.txt")
    changes.hear([file], 0.0)
    assert changes.take(SETTLE / 2) == set()
    changes.hear([file], SETTLE / 2)
    changes.hear([other], SETTLE / 2)
    assert changes.take(SETTLE) == set()
    assert changes.take(2 * SETTLE) == {file, other}
    assert (changes.take(3 * SETTLE), len(changes)) == (set(), 0)


def test_what_rests_waits_for_the_rest_only_so_long() -> None:
    changes = Changes()
    still, busy = Path("/in/still.txt"), Path("/in/busy.txt")
    changes.hear([still], 0.0)
    taken: dict[float, set[Path]] = {}
    for tick in range(1, 120):
        changes.hear([busy], tick / 10)
        if found := changes.take(tick / 10):
            taken[tick / 10] = found
    assert taken == {PATIENCE: {still}, LONGEST + 0.1: {busy}}


def test_a_folder_is_looked_at_again_while_events_go_on(tmp_path: Path) -> None:
    changes = Changes()
    file = tmp_path / "file.txt"
    changes.hear([tmp_path], 0.0)
    changes.hear([file], PATIENCE)
    assert changes.take(PATIENCE) == {tmp_path}
    assert changes.take(PATIENCE + 2 * SETTLE) == {tmp_path, file}
    assert len(changes) == 0
