"""A sync brings the library in step with the files, and embeds nothing twice."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import apsw
import pytest

from index.embedder import EmbeddingModel
from index.errors import UsageError
from index.headers import embedded_text
from index.library import Library
from index.sync import Progress, SyncReport, remove, sync
from tests.index_helpers import CORPUS, REPOSITORY, HashModel, as_model, names, write_files

FILES = {
    "a.txt": "date 2025-06-02\n\nThe foo went up. Nobody saw it.",
    "b.md": "# The bar\n\n3 June 2025\n\nThe bar came down.",
    "deep/down/c.html": "<h1>The baz</h1><p>The baz stayed <i>where</i> it was.</p>",
}


class Desk:
    """A folder of files, a library and a model that counts, with a sync that takes all three."""

    def __init__(self, tmp_path: Path) -> None:
        self.folder = write_files(tmp_path / "in", FILES)
        self.library = Library.create(tmp_path / "library")
        self.model = HashModel()
        self.progress: list[Progress] = []

    def sync(self, *paths: Path, keep: bool = False) -> SyncReport:
        """Sync the folder, or some paths."""
        self.progress.clear()
        before = self.model.encoded
        report = sync(
            self.library,
            paths or [self.folder],
            as_model(self.model),
            keep=keep,
            on_progress=self.progress.append,
        )
        assert report.chunks_embedded == self.model.encoded - before
        return report

    def found(self, word: str) -> list[str]:
        """Return the names of the documents that hold a word."""
        return names(passage.document.path for passage in self.library.passages(self.library.bm25(word, 9)))


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    made = Desk(tmp_path)
    made.sync()
    return made


def outcomes(report: SyncReport) -> dict[str, list[str]]:
    """Return what isn't empty in a report, by file name."""
    kinds = ("added", "updated", "removed", "moved", "unchanged")
    found = {kind: names(getattr(report, kind)) for kind in kinds} | {"failed": names(p for p, _ in report.failed)}
    return {kind: paths for kind, paths in found.items() if paths}


def test_added(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    report = desk.sync()
    assert outcomes(report) == {"added": ["a.txt", "b.md", "c.html"]}
    assert (report.readable, report.chunks_embedded, desk.model.prepared) == (3, 3, 1)
    documents = sorted(desk.library.store.documents().values(), key=lambda document: document.name)
    assert [(d.name, d.title, d.date) for d in documents] == [
        ("a.txt", "a", "2025-06-02"),
        ("b.md", "The bar", "2025-06-03"),
        ("c.html", "The baz", None),
    ]
    assert documents[0].text == FILES["a.txt"]
    assert desk.found("foo") == ["a.txt"]


def test_unchanged(desk: Desk) -> None:
    generation = desk.library.store.generation
    report = desk.sync()
    assert outcomes(report) == {"unchanged": ["a.txt", "b.md", "c.html"]}
    assert (report.chunks_embedded, desk.library.store.generation) == (0, generation)


def test_touched(desk: Desk) -> None:
    os.utime(desk.folder / "a.txt", (1, 1))
    report = desk.sync()
    assert outcomes(report) == {"unchanged": ["a.txt", "b.md", "c.html"]}
    assert report.chunks_embedded == 0
    assert desk.library.store.files()[str(desk.folder / "a.txt")].mtime_ns == 10**9


def test_an_old_file_is_not_even_read(desk: Desk) -> None:
    file = desk.folder / "a.txt"
    os.utime(file, (1, 1))
    desk.sync()
    file.write_text(FILES["a.txt"].replace("foo", "new"))
    os.utime(file, (1, 1))  # same size, same time
    assert outcomes(desk.sync()) == {"unchanged": ["a.txt", "b.md", "c.html"]}
    assert desk.found("foo") == ["a.txt"]


def test_a_change_within_the_clocks_grain_is_seen(desk: Desk) -> None:
    file = desk.folder / "a.txt"
    stamp = time.time_ns() + 60 * 10**9  # however long this test takes, it is seen shortly after
    os.utime(file, ns=(stamp, stamp))
    desk.sync()
    file.write_text(FILES["a.txt"].replace("foo", "new"))
    os.utime(file, ns=(stamp, stamp))  # as when both were written within one tick
    assert outcomes(desk.sync())["updated"] == ["a.txt"]


def test_updated(desk: Desk) -> None:
    (desk.folder / "a.txt").write_text("The new stands here.")
    report = desk.sync()
    assert outcomes(report) == {"updated": ["a.txt"], "unchanged": ["b.md", "c.html"]}
    assert report.chunks_embedded == 1
    assert (desk.found("foo"), desk.found("new"), desk.library.store.counts()[0]) == ([], ["a.txt"], 3)


def test_removed(desk: Desk) -> None:
    (desk.folder / "a.txt").unlink()
    assert outcomes(desk.sync()) == {"removed": ["a.txt"], "unchanged": ["b.md", "c.html"]}
    assert (desk.found("foo"), desk.library.store.counts()[0], len(desk.library.store.files())) == ([], 2, 2)
    assert len(desk.library.dense(desk.model.encode(["foo"])[0], 9)) == 2


def test_kept(desk: Desk) -> None:
    (desk.folder / "a.txt").unlink()
    assert outcomes(desk.sync(keep=True)) == {"unchanged": ["b.md", "c.html"]}
    assert desk.found("foo") == ["a.txt"]
    assert outcomes(desk.sync())["removed"] == ["a.txt"]


def test_moved(desk: Desk) -> None:
    (desk.folder / "c.html").write_text("<p>The baz stayed.</p>")
    desk.sync()
    target = desk.folder / "new" / "2024-01-01 harbour.html"
    target.parent.mkdir()
    (desk.folder / "c.html").rename(target)
    report = desk.sync()
    assert outcomes(report) == {"moved": [target.name], "unchanged": ["a.txt", "b.md", "c.html"]}
    assert report.chunks_embedded == 0  # it is found by its new name nevertheless
    assert desk.found("harbour") == [target.name]
    (moved,) = [d for d in desk.library.store.documents().values() if d.path == str(target)]
    assert (moved.title, moved.date) == ("2024-01-01 harbour", "2024-01-01")
    assert "2024-01-01 harbour.html" in desk.found("baz")


def test_a_renamed_folder(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    files = {f"old/{number % 5}/{number}.txt": f"The foo of day {number} went up." for number in range(50)}
    write_files(desk.folder, files)
    assert len(desk.sync().added) == 53
    (desk.folder / "old").rename(desk.folder / "new")
    report = desk.sync()
    assert (len(report.moved), len(report.unchanged), report.removed, report.added) == (50, 3, [], [])
    assert report.chunks_embedded == 0
    assert desk.library.store.counts()[0] == len(desk.library.store.files()) == 53
    paths = {document.path for document in desk.library.store.documents().values()}
    assert {path for path in paths if "/new/" in path} == {str(desk.folder / "new" / name[4:]) for name in files}
    assert desk.sync().moved == []


@pytest.mark.parametrize("order", [("a", "b"), ("b", "a")])
def test_moved_from_one_root_to_another(tmp_path: Path, order: tuple[str, str]) -> None:
    desk = Desk(tmp_path)
    write_files(desk.folder, {"a/one.txt": "The one went up.", "b/two.txt": "The two went up."})
    roots = [desk.folder / name for name in order]
    desk.sync(*roots)
    (roots[0] / ("one.txt" if order[0] == "a" else "two.txt")).rename(roots[1] / "three.txt")
    report = desk.sync(*roots)
    assert (names(report.moved), report.removed, report.chunks_embedded) == (["three.txt"], [], 0)
    assert len(desk.library.store.files()) == 2


def test_renamed_to_another_suffix_of_the_same_reader(desk: Desk) -> None:
    for former, latter in (("a.txt", "a.text"), ("b.md", "2024-05-06.MARKDOWN")):
        (desk.folder / former).rename(desk.folder / latter)
    report = desk.sync()
    assert (names(report.moved), report.removed) == (["2024-05-06.MARKDOWN", "a.text"], [])
    assert (report.chunks_embedded, desk.found("foo")) == (0, ["a.text"])
    assert desk.library.store.files().keys() == {
        str(desk.folder / name) for name in ("2024-05-06.MARKDOWN", "a.text", "deep/down/c.html")
    }


def test_swapped(desk: Desk) -> None:
    write_files(desk.folder, {"z.txt": "The zip went up."})
    desk.sync()
    for former, latter in (("a.txt", "x"), ("z.txt", "a.txt"), ("x", "z.txt")):
        (desk.folder / former).rename(desk.folder / latter)
    report = desk.sync()
    assert (report.removed, report.failed) == ([], [])
    assert (desk.found("foo"), desk.found("zip")) == (["z.txt"], ["a.txt"])
    assert outcomes(desk.sync()) == {"unchanged": ["a.txt", "b.md", "c.html", "z.txt"]}
    assert desk.library.store.counts()[0] == 4


def test_a_copy_is_embedded_once_and_outlives_the_first(desk: Desk) -> None:
    (desk.folder / "z.txt").write_text(FILES["a.txt"])
    report = desk.sync()
    assert (report.chunks_embedded, names(report.added)) == (0, ["z.txt"])
    assert (desk.found("foo"), desk.library.store.counts()[0]) == (["a.txt"], 3)
    (desk.folder / "a.txt").unlink()
    desk.sync()
    assert desk.found("foo") == ["z.txt"]
    assert [d.title for d in desk.library.store.documents().values() if d.name == "z.txt"] == ["z"]


def test_a_copy_inherits_when_the_first_is_changed(desk: Desk) -> None:
    copy = desk.folder / "2024-05-06 z.html"
    copy.write_text(FILES["deep/down/c.html"].replace("h1", "p"))
    (desk.folder / "deep" / "down" / "c.html").write_text(copy.read_text())
    desk.sync()
    assert {d.name: d.date for d in desk.library.store.documents().values() if "baz" in d.text} == {
        copy.name: "2024-05-06"
    }
    copy.write_text("<p>The baz has another life.</p>")
    desk.sync()
    found = {d.name: (d.title, d.date) for d in desk.library.store.documents().values() if "baz" in d.text}
    assert found == {"c.html": ("c", None), copy.name: (copy.stem, "2024-05-06")}


def test_copies_in_one_run(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    write_files(desk.folder, {"y.txt": FILES["a.txt"], "z.txt": FILES["a.txt"]})
    report = desk.sync()
    assert names(report.added) == ["a.txt", "b.md", "c.html", "y.txt", "z.txt"]
    assert (report.chunks_embedded, desk.found("foo")) == (3, ["a.txt"])


def test_changed_into_a_copy(desk: Desk) -> None:
    (desk.folder / "d.txt").write_text("The last ferry sank.\n")
    desk.sync()
    assert desk.library.store.counts()[0] == 4
    (desk.folder / "d.txt").write_text(FILES["a.txt"])
    report = desk.sync()
    assert (outcomes(report)["updated"], report.chunks_embedded) == (["d.txt"], 0)
    assert desk.library.store.counts()[0] == 3


def test_a_copy_elsewhere_is_no_move(desk: Desk, tmp_path: Path) -> None:
    write_files(tmp_path / "elsewhere", {"z.txt": FILES["a.txt"]})
    report = desk.sync(tmp_path / "elsewhere")
    assert outcomes(report) == {"added": ["z.txt"]}
    assert desk.found("foo") == ["a.txt"]


def test_renamed_to_another_format(desk: Desk) -> None:
    page = desk.folder / "deep" / "down" / "c.html"
    page.rename(page.with_suffix(".txt"))
    desk.sync()
    (document,) = [d for d in desk.library.store.documents().values() if d.name == "c.txt"]
    assert document.text == FILES["deep/down/c.html"]


def test_progress(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    write_files(desk.folder, {"bad.xyz": "x"})
    desk.sync()
    assert [(p.done, p.total) for p in desk.progress] == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert {(Path(p.path).name, p.outcome) for p in desk.progress} == {
        ("a.txt", "added"),
        ("b.md", "added"),
        ("c.html", "added"),
        ("bad.xyz", "failed"),
    }
    desk.sync()
    assert [p.done for p in desk.progress] == [1, 2, 3, 4]


def test_progress_is_told_after_the_fact(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    seen: list[bool] = []

    def check(progress: Progress) -> None:
        other = Library.open(desk.library.folder)
        seen.append(other.store.files()[progress.path].document_id in other.store.documents())
        other.close()

    sync(desk.library, [desk.folder], as_model(desk.model), on_progress=check)
    assert seen == [True, True, True]


def test_many_files_are_embedded_in_batches(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    text = " ".join(f"The foo of day {number} went up and up." for number in range(90))
    write_files(desk.folder, {f"{number}.txt": f"Document {number}. {text}" for number in range(25)})
    encoded: list[int] = []
    report = sync(
        desk.library, [desk.folder], as_model(desk.model), on_progress=lambda _: encoded.append(desk.model.encoded)
    )
    assert len(report.added) == 28
    assert 96 <= encoded[0] < encoded[-1] == report.chunks_embedded == desk.library.store.counts()[1]
    assert outcomes(desk.sync()) == {"unchanged": names(report.added)}
    assert desk.model.encoded == report.chunks_embedded


def test_single_files_and_overlapping_paths(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    assert outcomes(desk.sync(desk.folder / "a.txt")) == {"added": ["a.txt"]}
    report = desk.sync(desk.folder / "a.txt", desk.folder, desk.folder / "deep")
    assert outcomes(report) == {"added": ["b.md", "c.html"], "unchanged": ["a.txt"]}
    (desk.folder / "deep" / "down" / "c.html").unlink()
    assert outcomes(desk.sync(desk.folder / "a.txt")) == {"unchanged": ["a.txt"]}  # c.html isn't below it
    assert outcomes(desk.sync(desk.folder / "deep")) == {"removed": ["c.html"]}


def test_relative_paths(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(desk.folder)
    assert outcomes(desk.sync(Path())) == {"unchanged": ["a.txt", "b.md", "c.html"]}


def test_a_path_that_does_not_exist(desk: Desk) -> None:
    with pytest.raises(UsageError) as caught:
        desk.sync(desk.folder, desk.folder / "none")
    assert str(caught.value) == f"no such file or folder: {desk.folder}/none"
    assert desk.library.store.counts()[0] == 3


def test_remove(desk: Desk) -> None:
    (desk.folder / "a.txt").unlink()  # whether the file is there or not
    assert names(remove(desk.library, [desk.folder / "a.txt"])) == ["a.txt"]
    assert names(remove(desk.library, [desk.folder / "deep"])) == ["c.html"]
    assert remove(desk.library, [desk.folder / "none"]) == []
    assert (desk.found("foo"), desk.found("baz"), desk.found("bar")) == ([], [], ["b.md"])
    assert len(desk.library.dense(desk.model.encode(["bar"])[0], 9)) == 1
    assert outcomes(desk.sync()) == {"added": ["c.html"], "unchanged": ["b.md"]}


LIGHT = """
import json, sys
from pathlib import Path
from index.embedder import EmbeddingModel
from index.library import Library
from index.sync import sync
library = Library.open(Path(sys.argv[1]))
report = sync(library, [Path(sys.argv[2])], EmbeddingModel.open("packaged"))
foreign = {"torch", "sentence_transformers", "transformers", "openvino", "langchain_text_splitters"}
heavy = sorted(foreign & set(sys.modules))
print(json.dumps([len(report.unchanged), report.chunks_embedded, heavy]))
"""


def test_unchanged_files_load_no_model(corpus_library: Path, model: EmbeddingModel, tmp_path: Path) -> None:
    assert model.fingerprint
    command = [sys.executable, "-c", LIGHT, str(corpus_library), str(CORPUS)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=REPOSITORY, check=True)
    assert json.loads(done.stdout) == [len(list(CORPUS.iterdir())), 0, []]


def test_a_step_may_end_the_run_and_what_is_done_stays_done(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    text = " ".join(f"The foo of day {number} went up and up." for number in range(90))
    write_files(desk.folder, {f"{number}.txt": f"Document {number}. {text}" for number in range(25)})
    steps: list[str] = []

    def step(path: str, total: int) -> None:
        steps.append(path)
        assert total == (28 if len(steps) > 28 else 0)
        if desk.library.store.counts()[0] >= 10:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sync(desk.library, [desk.folder], as_model(desk.model), on_step=step)
    done, chunks = desk.library.store.counts()
    assert 10 <= done < 28
    assert steps[:28] == sorted(map(str, desk.folder.rglob("*.*")), key=lambda p: (p.count("/"), p))
    report = desk.sync()
    assert (len(report.unchanged), len(report.added), len(report.failed)) == (done, 28 - done, 0)
    assert report.chunks_embedded == desk.library.store.counts()[1] - chunks


def test_the_chunks_of_a_long_file_are_embedded_step_by_step_and_keep_their_vectors(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    words = "one two three four five six seven".split()
    text = " ".join(f"{words[n % 7].title()} {'foo ' * (n * 37 % 40)}{n}." for n in range(1500))
    (file := desk.folder / "long.txt").write_text(text)
    steps: list[str] = []
    sync(desk.library, [file], as_model(desk.model), on_step=lambda path, _: steps.append(path))
    ids, vectors = desk.library.store.vectors()
    assert len(ids) > 300
    assert steps == [str(file)] * (3 + -(-len(ids) // 32))  # found, read, every 32 chunks, compared
    (document,) = desk.library.store.documents().values()
    for number, chunk in desk.library.store.chunks(ids).items():
        (expected,) = desk.model.encode([embedded_text(document, chunk.start, chunk.end)])
        assert vectors[ids.index(number)] @ expected > 0.99


def test_what_an_earlier_version_cut_is_cut_again_document_by_document(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    write_files(desk.folder, {f"{number} harbour.txt": f"The foo of day {number} went up." for number in range(9)})
    desk.sync()
    texts = {document.path: document.text for document in desk.library.store.documents().values()}
    db = apsw.Connection(str(desk.library.folder / "library.db"))
    db.execute("DELETE FROM meta WHERE key IN ('chunking', 'former_chunking'); DELETE FROM fulltext")
    db.close()
    assert desk.found("harbour") == []

    def step(path: str, total: int) -> None:
        if len(desk.found("harbour")) == 4:
            raise KeyboardInterrupt

    stages: list[str] = []
    with pytest.raises(KeyboardInterrupt):
        sync(desk.library, [desk.folder], as_model(desk.model), on_step=step, on_stage=stages.append)
    assert stages == ["Bringing 12 documents of the library up to date"]
    report = desk.sync()
    assert 1 <= report.chunks_embedded <= 8
    assert len(report.unchanged) == 12
    assert len(desk.found("harbour")) == 9
    assert {document.path: document.text for document in desk.library.store.documents().values()} == texts
    assert desk.sync().chunks_embedded == 0


def test_a_file_inside_the_library_has_not_vanished_when_a_folder_around_it_is_read(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    uploads = write_files(desk.library.folder / "uploads", {"up.txt": "The quux was uploaded."})
    assert outcomes(desk.sync(uploads / "up.txt")) == {"added": ["up.txt"]}
    assert outcomes(desk.sync(tmp_path)) == {"added": ["a.txt", "b.md", "c.html"]}  # neither twice nor dropped
    assert desk.found("quux") == ["up.txt"]
    (uploads / "up.txt").unlink()
    assert outcomes(desk.sync(uploads)) == {"removed": ["up.txt"]}


def test_a_name_that_is_no_unicode_fails_alone(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    bad = os.fsencode(desk.folder) + b"/bad\xff.txt"
    try:
        os.close(os.open(bad, os.O_CREAT))
    except OSError:
        return  # this file system takes no such name, so no sync meets one
    report = desk.sync()
    assert outcomes(report) == {"added": ["a.txt", "b.md", "c.html"], "failed": ["bad?.txt"]}
    assert report.failed[0][1] == "its name is not valid Unicode; rename it"
    Path(os.fsdecode(bad)).unlink()
    assert outcomes(desk.sync())["removed"] == ["bad?.txt"]
