"""A file that can't be read is named with its reason, and the rest is indexed."""

from __future__ import annotations

import errno
import os
import time
from pathlib import Path
from typing import BinaryIO

import pytest

from index import files, readers
from index.embedder import EmbeddingModel
from index.errors import ReadError, ReadInterrupted
from index.isolation import Read
from index.library import Library
from index.parsed import Parsed
from index.readers import READERS, read
from index.sync import SyncReport, sync
from tests.index_helpers import KNOWN, HashModel, as_model, names, write_files

GOOD = {"a.txt": "The foo went up. Nobody saw it.", "z.txt": "The bar came down."}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_files(tmp_path / "in", GOOD)


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return Library.create(tmp_path / "library")


def run(library: Library, folder: Path, model: HashModel | None = None, read: Read | None = None) -> SyncReport:
    return sync(library, [folder], as_model(model or HashModel()), read=read)


def reasons(report: SyncReport) -> dict[str, str]:
    return {Path(path).name: reason for path, reason in report.failed}


def test_unreadable_among_good_ones(library: Library, folder: Path) -> None:
    write_files(folder, {"b.xyz": "x", "c": "x", "d.txt": " \n", "f.md": "***\n---\n"})
    (folder / "e.txt").write_bytes(b"a\x00b")
    (folder / "g.txt").symlink_to("nowhere")
    report = run(library, folder)
    assert names(report.added) == ["a.txt", "z.txt"]
    assert reasons(report) == {
        "b.xyz": f"unknown file type .xyz; known: {KNOWN}",
        "c": f"unknown file type (no suffix); known: {KNOWN}",
        "d.txt": "empty: no text in it",
        "e.txt": "not a text file: it holds binary data",
        "f.md": "empty: no sentence in it",
        "g.txt": "a link to what isn't there",
    }
    assert report.readable == 2
    assert library.store.files()[str(folder / "e.txt")].problem == "not a text file: it holds binary data"
    again = run(library, folder)
    assert sorted(again.failed) == sorted(report.failed)  # those known already come first
    assert (names(again.unchanged), again.chunks_embedded) == (["a.txt", "z.txt"], 0)


def test_a_file_that_goes_while_others_are_read_stays_in_the_library(library: Library, folder: Path) -> None:
    run(library, folder)  # a network drive that is lost on the way, say

    def lose(path: str, total: int) -> None:
        if total:  # all files are found
            (folder / "z.txt").unlink(missing_ok=True)

    report = sync(library, [folder], as_model(HashModel()), on_step=lose)
    assert reasons(report) == {"z.txt": "can't be read: No such file or directory"}
    assert (names(report.unchanged), report.removed, len(library.bm25("bar", 5))) == (["a.txt"], [], 1)


def test_a_document_that_becomes_unreadable_is_dropped(library: Library, folder: Path) -> None:
    run(library, folder)
    (folder / "a.txt").write_bytes(b"\x00")
    assert reasons(run(library, folder)) == {"a.txt": "not a text file: it holds binary data"}
    assert (library.bm25("foo", 5), library.store.counts()[0]) == ([], 1)
    (folder / "a.txt").write_text("The foo is back.")
    assert names(run(library, folder).added) == ["a.txt"]
    assert len(library.bm25("foo", 5)) == 1


class Reads:
    """The readers of the program, or of a version in which they fail; it notes which files they were given."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error
        self.seen: list[str] = []

    def __call__(self, path: Path, data: bytes) -> Parsed:
        """Read a file, or fail."""
        self.seen.append(path.name)
        if self.error:
            raise self.error
        return read(path, data)


def aged(folder: Path) -> Path:
    """Make a folder of files that are older than the clock's grain."""
    for path in folder.iterdir():
        os.utime(path, (1, 1))
    return folder


def test_what_failed_is_not_read_again_until_it_changes(library: Library, folder: Path) -> None:
    aged(write_files(folder, {"b.txt": " \n", "c.json": "{"}))
    first = run(library, folder, read=Reads())
    again = Reads()
    report = run(library, folder, read=again)
    assert (report.failed, names(report.unchanged), again.seen) == (first.failed, ["a.txt", "z.txt"], [])
    assert reasons(report).keys() == {"b.txt", "c.json"}
    write_files(folder, {"b.txt": "There it is."})
    report = run(library, folder, read=again)
    assert (names(report.added), again.seen, list(reasons(report))) == (["b.txt"], ["b.txt"], ["c.json"])


def test_what_failed_just_after_it_was_written_is_read_again(library: Library, folder: Path) -> None:
    stamp = time.time_ns() + 60 * 10**9  # however long this test takes, it is seen shortly after
    write_files(folder, {"b.txt": " \n"})
    os.utime(folder / "b.txt", ns=(stamp, stamp))
    run(library, folder)
    again = Reads()
    run(library, folder, read=again)
    assert "b.txt" in again.seen


def test_other_readers_try_what_failed_again(
    library: Library, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    aged(folder)
    elsewhere = aged(write_files(tmp_path / "elsewhere", {"c.txt": "The qux went up."}))
    bad = Reads(ReadError("not understood"))
    assert (run(library, folder, read=bad).readable, run(library, elsewhere, read=bad).readable) == (0, 0)
    assert run(library, folder, read=Reads()).readable == 0
    monkeypatch.setattr(readers, "_LIBRARIES", ("lxml",))  # as if another were there
    good = Reads()
    assert names(run(library, folder, read=good).added) == ["a.txt", "z.txt"]
    assert names(run(library, elsewhere, read=good).added) == ["c.txt"]  # what another folder holds, too
    assert good.seen == ["a.txt", "z.txt", "c.txt"]
    assert run(library, folder, read=good).failed == []


@pytest.mark.parametrize("mtime", [1, -3_000_000_000, 5_000_000_000])  # of 1874 and 2128, too
def test_what_was_interrupted_is_read_again(library: Library, folder: Path, mtime: int) -> None:
    os.utime(folder / "a.txt", (mtime, mtime))
    late = Reads(ReadInterrupted("took more than 10 s to read"))
    assert reasons(run(library, folder, read=late)) == dict.fromkeys(GOOD, "took more than 10 s to read")
    late.seen.clear()
    run(library, folder, read=late)
    assert late.seen == list(GOOD)
    assert names(run(library, folder, read=Reads()).added) == list(GOOD)


def test_a_file_that_could_not_be_opened_is_tried_again(
    library: Library, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    aged(folder)

    def refuse(path: Path, *, follow: bool) -> BinaryIO:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)

    with monkeypatch.context() as patch:  # root may open everything
        patch.setattr(files, "open_regular", refuse)
        assert reasons(run(library, folder)) == dict.fromkeys(GOOD, "can't be read: Permission denied")
    assert names(run(library, folder).added) == list(GOOD)


def test_a_parser_that_fails(library: Library, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(_: bytes) -> Parsed:
        raise IndexError("off the end")

    monkeypatch.setitem(READERS, ".bad", crash)
    write_files(folder, {"b.bad": "x"})
    report = run(library, folder, read=read)
    assert names(report.added) == ["a.txt", "z.txt"]
    assert reasons(report) == {"b.bad": "can't be parsed: IndexError: off the end"}


def test_a_format_can_be_added(library: Library, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(READERS, ".log", lambda data: Parsed(data.decode(), title="A log", date="2025-01-02"))
    write_files(folder, {"b.log": "Something was logged here."})
    assert names(run(library, folder, read=read).added) == ["a.txt", "b.log", "z.txt"]


def test_a_model_that_fails_loses_nothing_done(library: Library, folder: Path) -> None:
    run(library, folder)
    write_files(folder, {"b.txt": "The qux is poison."})
    with pytest.raises(RuntimeError, match="poison"):
        run(library, folder, HashModel(fail_on="poison"))
    assert library.store.counts()[0] == 2
    assert names(run(library, folder).added) == ["b.txt"]


def test_nothing_to_read(library: Library, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    model = HashModel()
    report = run(library, tmp_path / "empty", model)
    assert (report, report.readable, model.prepared) == (SyncReport(), 0, 0)
    assert library.dense(model.encode(["x"])[0], 5) == library.bm25("x", 5) == []


def test_hidden_files_and_folders_are_left_out(library: Library, folder: Path) -> None:
    write_files(folder, {".hidden.txt": "Hidden words.", ".git/b.txt": "Hidden words.", "deep/.c.txt": "Hidden words."})
    report = run(library, folder)
    assert names(report.added) == ["a.txt", "z.txt"]
    assert report.failed == []


def test_a_hidden_file_that_is_named_is_read(library: Library, folder: Path) -> None:
    write_files(folder, {".hidden.txt": "Hidden words."})
    assert names(run(library, folder / ".hidden.txt").added) == [".hidden.txt"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_named_pipe_does_not_hang(library: Library, folder: Path) -> None:
    os.mkfifo(folder / "b.txt")
    report = run(library, folder)
    assert (names(report.added), reasons(report)) == (["a.txt", "z.txt"], {"b.txt": "not a regular file"})


def test_symlinks_that_loop(library: Library, folder: Path) -> None:
    (folder / "deep").mkdir()
    (folder / "deep" / "up").symlink_to(folder, target_is_directory=True)
    (folder / "b.txt").symlink_to(folder / "b.txt")
    report = run(library, folder)
    assert names(report.added) == ["a.txt", "z.txt"]
    assert reasons(report) == {"b.txt": f"can't be opened: {os.strerror(errno.ELOOP)}"}


def test_the_library_itself_is_left_out(folder: Path) -> None:
    library = Library.create(folder / "library")
    for _ in range(2):
        write_files(library.folder, {"note.txt": "A note beside the database."})
        report = run(library, folder)
        assert (report.failed, report.readable) == ([], 2)


def test_the_library_is_left_out_behind_a_symlink(folder: Path, tmp_path: Path) -> None:
    library = Library.create(folder / "library")
    (tmp_path / "link").symlink_to(folder, target_is_directory=True)
    report = run(library, tmp_path / "link")
    assert reasons(report) == {}
    assert names(report.added) == ["a.txt", "z.txt"]


def test_reading_one_file_says_why_not(tmp_path: Path, library: Library) -> None:
    write_files(tmp_path, {"b.xyz": "x"})
    report = run(library, tmp_path / "b.xyz")
    assert (report.readable, list(reasons(report))) == (0, ["b.xyz"])


def test_the_real_model_from_end_to_end(tmp_path: Path, model: EmbeddingModel) -> None:
    library = Library.create(tmp_path / "library")
    texts = {"a.txt": "The ferry to the island leaves at noon.", "b.txt": "Le traité a été signé à Genève."}
    stages: list[str] = []
    report = sync(library, [write_files(tmp_path / "in", texts)], model, on_stage=stages.append)
    assert (report.chunks_embedded, names(report.added)) == (2, ["a.txt", "b.txt"])
    assert len(stages) <= 1  # only where the model had not been exported before
    question = model.question_encoder().encode(["When does the boat depart?"])[0]
    (first, _) = library.passages(library.dense(question, 5))
    assert first.text == texts["a.txt"]
