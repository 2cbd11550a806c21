"""Documents are taken in while the chat goes on: job after job, stoppable, giving way, and nothing is lost."""

from __future__ import annotations

import io
import shutil
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from index.embedder import EmbeddingModel
from index.errors import UsageError
from index.library import Library
from index.switch import described
from index.sync import sync
from tests.index_helpers import CORPUS, REPOSITORY, HashModel, as_model, names, write_files
from ui import intake as module
from ui.intake import Intake, IntakeState, Summary

LONG = " ".join(f"The foo of day {number} went up and up." for number in range(90))  # some ten chunks


class Desk:
    """A library with its intake, a folder of files, and a folder of a web server's temporary files."""

    def __init__(self, folder: Path, model: EmbeddingModel, busy: Callable[[], bool] = lambda: False) -> None:
        self.folder = folder
        self.library = Library.create(folder / "library")
        self.intake = Intake(self.library, model, busy, patience=2.0)

    def upload(self, *files: tuple[str, str | bytes]) -> list[str]:
        """Upload files by name and content; return the refusals."""
        given = []
        for number, (name, content) in enumerate(files):
            file = self.folder / "temporary" / str(number) / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content.encode() if isinstance(content, str) else content)
            given.append(file)
        refused = self.intake.add_uploads(given)
        assert not any(file.exists() for file in given)
        return [str(refusal) for refusal in refused]

    def finished(self, seconds: float = 120) -> IntakeState:
        """Wait until nothing is left to do; return the state then."""
        until = time.monotonic() + seconds
        while (state := self.intake.state()).running:
            assert time.monotonic() < until, state
            time.sleep(0.01)
        return state

    def stored(self) -> list[str]:
        """Return the names of the documents in the library."""
        return names(document.path for document in self.library.store.documents().values())

    def many(self, count: int) -> Path:
        """Write files of some ten chunks each."""
        return write_files(self.folder / "many", {f"{n:02}.txt": f"Document {n}. {LONG}" for n in range(count)})


@pytest.fixture
def desk(tmp_path: Path, model: EmbeddingModel) -> Iterator[Desk]:
    made = Desk(tmp_path, model)
    yield made
    made.finished()
    made.library.close()


@pytest.fixture
def slow(tmp_path: Path) -> Iterator[Desk]:
    """Return a desk with a model that takes a hundredth of a second for a chunk."""
    made = Desk(tmp_path, as_model(HashModel(pause=0.01)))
    yield made
    made.intake.stop()
    made.finished()
    made.library.close()


def listed(folder: Path) -> list[str]:
    """Return the names of what is in a folder, sorted."""
    return sorted(path.name for path in folder.iterdir())


def until(true: Callable[[], object]) -> None:
    """Wait until something is true."""
    end = time.monotonic() + 30
    while not true():
        assert time.monotonic() < end
        time.sleep(0.005)


def test_uploads_are_indexed_and_found(desk: Desk, model: EmbeddingModel) -> None:
    assert desk.intake.state() == IntakeState()
    articles = sorted(CORPUS.iterdir())[:3]
    refused = desk.upload(*((file.name, file.read_bytes()) for file in articles), ("tool.txt", b"\x7fELF\0\0"))
    assert refused == ["tool.txt: named .txt, but it is a program"]
    state = desk.finished()
    assert (state.summary, state.error) == (Summary(added=3), None)
    assert (state.done, state.total, state.file, state.waiting) == (3, 3, None, 0)
    assert [(Path(p.path).name, p.outcome) for p in state.files] == [(file.name, "added") for file in articles]
    assert listed(desk.intake.uploads) == desk.stored() == [file.name for file in articles]
    (document, *_) = desk.library.store.documents().values()
    sentence = document.text[document.text.index(". ") + 2 :][:200]
    (number, _), *_ = desk.library.dense(model.encode_documents([sentence])[0], 1)
    assert desk.library.store.chunks([number])[number].document_id == document.id


def test_hostile_names_write_nothing_outside_the_folder(desk: Desk, tmp_path: Path) -> None:
    hostile = ["..hidden.txt", "CON.txt", "in\u202etxt.md", "two\nlines.txt", "..\\..\\up.txt", "😀" * 50 + ".txt"]
    refused = desk.upload(*((name, f"Document {number} says foo.") for number, name in enumerate(hostile)))
    assert refused == []
    state = desk.finished()
    assert (state.summary, state.error) == (Summary(added=6), None)
    assert desk.stored() == listed(desk.intake.uploads)
    shutil.rmtree(tmp_path / "temporary")
    outside = {path.name for path in tmp_path.rglob("*") if path.parent != desk.intake.uploads}
    assert {name for name in outside if not name.startswith(("library", "vectors", "write.lock"))} == {"uploads"}


def test_jobs_are_done_in_order(desk: Desk) -> None:
    folder = write_files(desk.folder / "in", {"a.txt": "The foo went up.", "b.exe": "x"})
    desk.intake.add_path(f" {folder} ")
    desk.upload(("c.txt", "The bar came down."))
    desk.intake.remove([folder])
    state = desk.finished()
    seen = [(Path(p.path).name, p.outcome) for p in state.files]
    assert seen[:3] == [("a.txt", "added"), ("b.exe", "failed"), ("c.txt", "added")] or seen[:3] == [
        ("b.exe", "failed"),
        ("a.txt", "added"),
        ("c.txt", "added"),
    ]
    assert sorted(seen[3:]) == [("a.txt", "removed"), ("b.exe", "removed")]
    assert (state.summary, desk.stored()) == (Summary(removed=2), ["c.txt"])
    assert (folder / "a.txt").exists()


def test_failures_are_told_with_their_reason(desk: Desk) -> None:
    folder = write_files(desk.folder / "in", {"a.txt": "The foo went up.", "b.xyz": "x"})
    desk.intake.add_path(str(folder))
    summary = desk.finished().summary
    assert summary is not None
    ((path, reason),) = summary.failed
    assert (path, reason.split(";")[0], summary.added) == (str(folder / "b.xyz"), "unknown file type .xyz", 1)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("/no/such/file.txt", "no such file or folder: /no/such/file.txt"),
        ("~nobody-of-this-name/x", "no such file or folder: ~nobody-of-this-name/x"),
        ("x" * 5000, "no such file or folder: " + "x" * 5000),
        ("nul\0byte", "no such file or folder: nul\0byte"),
        ("  ", "name a file or folder to read"),
    ],
)
def test_a_path_that_does_not_exist(desk: Desk, text: str, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        desk.intake.add_path(text)
    assert str(caught.value) == message
    assert desk.intake.state() == IntakeState()


def test_the_home_folder(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(desk.folder))
    write_files(desk.folder / "in", {"a.txt": "The foo went up."})
    desk.intake.add_path("~/in/a.txt")
    assert desk.finished().summary == Summary(added=1)


def test_the_same_upload_again(desk: Desk) -> None:
    for text in ("The foo went up.", "The foo went up.", "The foo went down."):
        desk.upload(("a.txt", text))
    desk.finished()
    assert desk.stored() == ["a (2).txt", "a.txt"]
    assert [p.outcome for p in desk.intake.state().files] == ["added", "unchanged", "added"]


def test_a_folder_around_the_library_leaves_the_uploads_alone(desk: Desk) -> None:
    desk.upload(("a.txt", "The foo went up."))
    write_files(desk.folder / "in", {"b.txt": "The bar came down."})
    desk.finished()
    desk.intake.add_path(str(desk.folder))
    assert desk.finished().summary == Summary(added=1)
    assert desk.stored() == ["a.txt", "b.txt"]


def test_removal_deletes_uploaded_copies_alone(desk: Desk) -> None:
    desk.upload(("a.txt", "The foo went up."), ("b.txt", "The baz stayed."))
    folder = write_files(desk.folder / "in", {"c.txt": "The bar came down.", "d.txt": "The quux is here."})
    desk.intake.add_path(str(folder))
    never_indexed = write_files(desk.intake.uploads, {"e.txt": "Left behind."}) / "e.txt"
    desk.intake.remove([desk.intake.uploads / "a.txt", never_indexed, folder / "c.txt", desk.folder / "unknown.txt"])
    assert desk.finished().summary == Summary(removed=2)
    assert desk.stored() == ["b.txt", "d.txt"]
    assert listed(desk.intake.uploads) == ["b.txt"]
    assert listed(folder) == ["c.txt", "d.txt"]


def test_everything_is_read_again(desk: Desk) -> None:
    desk.upload(("a.txt", "The foo went up."), ("gone.txt", "It will vanish."))
    folder = write_files(desk.folder / "in", {"b.txt": "The bar came down.", "c.txt": "Gone.", "d.xyz": "x"})
    desk.intake.add_path(str(folder))
    desk.finished()
    (desk.intake.uploads / "gone.txt").unlink()
    (folder / "c.txt").rename(folder / "new.txt")
    write_files(folder, {"b.txt": "The bar came up again."})
    write_files(desk.intake.uploads, {"late.txt": "An upload that was stopped."})
    desk.intake.read_again()
    summary = desk.finished().summary
    assert summary is not None
    assert (summary.added, summary.updated, summary.unchanged, summary.removed) == (1, 1, 1, 2)
    assert names(path for path, _ in summary.failed) == ["d.xyz"]
    assert desk.stored() == ["a.txt", "b.txt", "late.txt"]


def test_an_archive_is_read_again_and_removed_as_what_it_holds(desk: Desk) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name in ("one.txt", "deep/two.txt"):
            archive.writestr(name, f"The foo of {name} went up.")
    pictures = io.BytesIO()
    with zipfile.ZipFile(pictures, "w") as archive:
        archive.writestr("a.mp3", b"")
    given = [("x.zip", packed.getvalue()), ("y.zip", pictures.getvalue()), ("z.zip", b"PK, it says.")]
    refused = desk.upload(*given)
    assert refused[0].startswith("y.zip: no file in it can be read: unknown file type .mp3; known: ")
    assert refused[1] == "z.zip: damaged ZIP archive: File is not a zip file"
    assert desk.finished().summary == Summary(added=2)
    desk.intake.read_again()
    assert desk.finished().summary == Summary(unchanged=2)
    kept = desk.intake.uploads / "x.zip"
    desk.intake.read_again([kept / "one.txt"])
    assert desk.finished().summary == Summary(unchanged=2)
    desk.intake.remove([kept / "one.txt"])
    assert desk.finished().summary == Summary(removed=1)
    assert kept.exists()
    desk.intake.remove([kept / "deep" / "two.txt"])
    assert desk.finished().summary == Summary(removed=1)
    assert not kept.exists()


def test_some_are_read_again(desk: Desk) -> None:
    folder = write_files(desk.folder / "in", {"a.txt": "The foo.", "b.txt": "The bar.", "c/d.txt": "The baz."})
    desk.intake.add_path(str(folder))
    desk.finished()
    shutil.rmtree(folder / "c")
    write_files(folder, {"a.txt": "The new foo.", "b.txt": "The new bar."})
    desk.intake.read_again([folder / "a.txt", folder / "c"])
    assert desk.finished().summary == Summary(updated=1, removed=1)
    assert desk.stored() == ["a.txt", "b.txt"]
    desk.intake.read_again([desk.folder / "never-known.txt"])
    assert desk.finished().summary == Summary()


def test_what_cannot_be_looked_at_stays(desk: Desk) -> None:
    folder = write_files(desk.folder / "in", {"a.txt": "The foo.", "b.txt": "The bar."})
    desk.intake.add_path(str(folder))
    desk.finished()
    (folder / "a.txt").unlink()
    (folder / "a.txt").symlink_to(folder / "a.txt")  # stat fails, but not for want of a file, as on a lost drive
    desk.intake.read_again()
    summary = desk.finished().summary
    assert summary == Summary(
        unchanged=1, failed=((str(folder / "a.txt"), "can't be opened: Too many levels of symbolic links"),)
    )
    assert desk.stored() == ["a.txt", "b.txt"]


def test_reading_nothing_again(desk: Desk) -> None:
    desk.intake.read_again([])
    assert desk.intake.state() == IntakeState()


def test_reading_an_empty_library_again(desk: Desk) -> None:
    desk.intake.read_again()
    assert (desk.finished().summary, desk.intake.state().error) == (Summary(), None)


def test_a_stopped_job_keeps_what_it_did(slow: Desk) -> None:
    folder = slow.many(40)
    slow.intake.add_path(str(folder))
    slow.intake.add_path(str(folder / "39.txt"))
    slow.upload(("a.txt", "The foo went up."))
    until(lambda: slow.intake.state().done >= 10)
    state = slow.intake.state()
    assert (state.running, state.total, state.waiting) == (True, 40, 2)
    assert state.file is not None and state.file.endswith(".txt")
    slow.intake.stop()
    began = time.monotonic()
    state = slow.finished()
    assert time.monotonic() - began < 3
    assert state.summary is not None and state.summary.stopped
    assert 10 <= state.summary.added < 40
    assert slow.library.store.counts()[0] == state.summary.added == len(state.files)
    assert listed(slow.intake.uploads) == ["a.txt"]  # not lost
    slow.intake.read_again()
    slow.intake.add_path(str(folder))
    slow.finished()
    assert slow.library.store.counts()[0] == 41


def test_a_removal_is_not_dropped_by_stop(slow: Desk) -> None:
    slow.upload(("a.txt", "The foo went up."))
    slow.finished()
    slow.intake.add_path(str(slow.many(40)))
    slow.intake.remove([slow.intake.uploads / "a.txt"])
    until(lambda: slow.intake.state().done)
    slow.intake.stop()
    assert slow.finished().summary == Summary(removed=1)
    assert "a.txt" not in slow.stored()


def test_stop_when_there_is_nothing_to_stop(slow: Desk) -> None:
    slow.intake.stop()
    slow.upload(("a.txt", "The foo went up."))
    assert slow.finished().summary == Summary(added=1)


def test_stopping_at_any_moment_leaves_it_at_rest(tmp_path: Path) -> None:
    desk = Desk(tmp_path, as_model(HashModel()))
    folder = write_files(desk.folder / "in", {"a.txt": "The foo."})
    for number in range(60):
        for _ in range(3):
            desk.intake.add_path(str(folder))
        time.sleep(number % 20 / 1000)
        desk.intake.stop()
        assert desk.finished(10).error is None
    desk.intake.read_again()
    desk.finished()
    assert desk.stored() == ["a.txt"] or desk.intake.state().files == ()
    desk.library.close()


def test_the_list_of_files_is_bounded(slow: Desk) -> None:
    folder = write_files(slow.folder / "in", {f"{n:03}.xyz": "x" for n in range(250)})
    slow.intake.add_path(str(folder))
    state = slow.finished()
    assert [Path(p.path).name for p in state.files] == [f"{n:03}.xyz" for n in range(50, 250)]
    assert state.summary is not None and len(state.summary.failed) == 250


def test_a_library_that_another_writes_to_is_waited_for(desk: Desk) -> None:
    with Library.open(desk.library.folder).writing():
        desk.upload(("a.txt", "The foo went up."))
        until(lambda: desk.intake.state().stage)
        assert str(desk.intake.state().stage).startswith("another rag is writing to ")
    state = desk.finished()
    assert (state.summary, state.error, state.stage) == (Summary(added=1), None, None)


def test_a_library_that_stays_busy_is_told(desk: Desk) -> None:
    with Library.open(desk.library.folder).writing():
        desk.upload(("a.txt", "The foo went up."))
        state = desk.finished()
    assert state.error == f"another rag is writing to {desk.library.folder}; wait for it to finish"
    desk.intake.read_again()
    state = desk.finished()
    assert (state.error, desk.stored()) == (None, ["a.txt"])


def test_waiting_for_a_busy_library_can_be_stopped(desk: Desk) -> None:
    with Library.open(desk.library.folder).writing():
        desk.upload(("a.txt", "The foo went up."))
        until(lambda: desk.intake.state().stage)
        desk.intake.stop()
        assert desk.finished(1).error is None


def test_a_job_that_fails_as_a_whole_is_told_and_the_next_goes_on(tmp_path: Path) -> None:
    hold = threading.Event()
    desk = Desk(tmp_path, as_model(HashModel(fail_on="poison")), hold.is_set)
    hold.set()
    desk.upload(("a.txt", "This is poison."))
    desk.upload(("b.txt", "This is not."))
    hold.clear()
    state = desk.finished()
    assert state.error == "stopped by an error: RuntimeError: a text holds 'poison'"
    assert (state.summary, desk.stored()) == (Summary(added=1), ["b.txt"])
    other = Intake(desk.library, as_model(HashModel("other")))
    other.add_path(str(desk.intake.uploads / "b.txt"))
    until(lambda: not other.state().running)
    assert "the embedding model hash, which isn't here any more, the settings name other; " in str(other.state().error)
    desk.library.close()


def test_a_file_that_vanishes_before_its_turn(slow: Desk) -> None:
    file = slow.many(12) / "00.txt"
    slow.intake.add_path(str(slow.folder / "many"))
    slow.intake.add_path(str(write_files(slow.folder / "in", {"a.txt": "The foo."}) / "a.txt"))
    (slow.folder / "in" / "a.txt").unlink()
    assert slow.finished().error == f"no such file or folder: {slow.folder / 'in' / 'a.txt'}"
    assert file.name in slow.stored()


def test_indexing_gives_way_to_a_question_but_not_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = HashModel()
    asking = threading.Event()
    desk = Desk(tmp_path, as_model(model), asking.is_set)
    asking.set()
    desk.intake.add_path(str(desk.many(30)))
    until(lambda: desk.intake.state().total == 30)
    time.sleep(0.3)
    assert (model.encoded, desk.intake.state().running) == (0, True)
    asking.clear()
    assert desk.finished().summary == Summary(added=30)

    monkeypatch.setattr(module, "GIVE_WAY", 0.1)
    asking.set()
    desk.upload(("a.txt", "The foo went up."))
    assert desk.finished(10).summary == Summary(added=1)
    desk.library.close()


def test_many_threads_at_once(slow: Desk) -> None:
    def act(number: int) -> None:
        file = write_files(slow.folder / f"t{number}", {"same.txt": f"Document {number}. The foo."}) / "same.txt"
        assert slow.intake.add_uploads([file]) == []
        for _ in range(200):
            state = slow.intake.state()
            assert state.done <= max(state.total, 1)

    threads = [threading.Thread(target=act, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert slow.finished().error is None
    assert slow.stored() == sorted(["same.txt", *(f"same ({n}).txt" for n in range(2, 13))])


def test_the_state_is_cheap(slow: Desk) -> None:
    slow.intake.add_path(str(slow.many(30)))
    began = time.perf_counter()
    for _ in range(1000):
        slow.intake.state()
    assert time.perf_counter() - began < 1


def test_a_page_may_ask_while_documents_are_read(slow: Desk) -> None:
    slow.intake.add_path(str(slow.many(30)))
    reader = Library.open(slow.library.folder)
    seen = set()
    while slow.intake.state().running:
        seen.add(len(reader.passages(reader.bm25("foo", 9))))
    reader.close()
    assert seen >= {0, 9}


def test_it_knows_nothing_of_pages() -> None:
    for name in ("intake.py", "uploads.py"):
        source = (REPOSITORY / "ui" / name).read_text(encoding="utf-8").lower()
        assert "gradio" not in source and "html" not in source


def test_another_model_takes_over_in_the_background_and_lets_uploads_go_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = HashModel("old"), HashModel("new", pause=0.02)
    library = Library.create(tmp_path / "library")
    sync(library, [write_files(tmp_path / "in", {f"{n}.txt": f"{n}. {LONG}" for n in range(40)})], as_model(old))
    before = library.store.counts()[1]
    monkeypatch.setattr("index.switch.EmbeddingModel.open", lambda setting, threads: as_model(old))
    library.close()

    desk = Desk(tmp_path, as_model(new))
    desk.intake.embed()
    until(lambda: desk.intake.state().done)
    state = desk.intake.state()
    assert (state.running, state.total, state.stage) == (True, before, "Embedding with new")
    assert desk.upload(("late.txt", "The ferry is late.")) == []
    until(lambda: "late.txt" in desk.stored())
    assert desk.library.store.embedder == described(as_model(old))
    assert desk.library.dense(old.encode(["The ferry is late."])[0], 1)[0][1] == pytest.approx(1, abs=1e-3)
    state = desk.finished()
    assert (state.error, state.summary) == (None, Summary(added=1))
    assert desk.library.store.embedder == described(as_model(new))
    assert new.encoded - before < 2 * 96  # no more than the batch was lost that the upload interrupted
    assert desk.upload(("later.txt", "The ferry is later.")) == []
    desk.finished()
    assert desk.library.dense(new.encode(["The ferry is later."])[0], 1)[0][1] == pytest.approx(1, abs=1e-3)
    desk.library.close()


def test_a_stopped_takeover_goes_on_with_the_next_reading_of_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = HashModel("old"), HashModel("new", pause=0.02)
    library = Library.create(tmp_path / "library")
    sync(library, [write_files(tmp_path / "in", {f"{n}.txt": f"{n}. {LONG}" for n in range(40)})], as_model(old))
    library.close()
    monkeypatch.setattr("index.switch.EmbeddingModel.open", lambda setting, threads: as_model(old))
    desk = Desk(tmp_path, as_model(new))
    desk.intake.embed()
    until(lambda: desk.intake.state().done)
    desk.intake.stop()
    assert desk.finished().error is None
    assert desk.library.store.embedder == described(as_model(old))
    desk.intake.read_again()
    desk.finished()
    assert desk.library.store.embedder == described(as_model(new))
    desk.library.close()
