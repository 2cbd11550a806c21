"""What is left out of a folder is what git leaves out, and it leaves the library too."""

from __future__ import annotations

import errno
import os
import random
import shutil
import subprocess
from pathlib import Path

import pytest

from index import files
from index.errors import UsageError
from index.files import walk
from index.library import Library
from index.sync import SyncReport, sync
from tests.index_helpers import HashModel, as_model, names, write_files

TEXT = "The foo went up."


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_files(tmp_path / "in", dict.fromkeys(["a.txt", "draft.txt", "old/b.txt", "old/deep/draft.txt"], TEXT))


def found(*roots: Path, exclude: tuple[str, ...] = ()) -> list[str]:
    """Return what is to be read below some folders, relative to the first."""
    return sorted(
        os.path.relpath(item.path, roots[0]) for item in walk(roots, Path("none"), exclude) if not item.left_out
    )


def run(library: Library, *paths: Path, exclude: tuple[str, ...] = ()) -> SyncReport:
    return sync(library, paths, as_model(HashModel()), exclude=exclude)


@pytest.mark.parametrize(
    ("ignore", "expected"),
    [
        ({".ragignore": "draft.txt"}, ["a.txt", "old/b.txt"]),
        ({".gitignore": "/draft.txt"}, ["a.txt", "old/b.txt", "old/deep/draft.txt"]),
        ({"old/.gitignore": "draft.txt"}, ["a.txt", "draft.txt", "old/b.txt"]),
        ({".gitignore": "*\n!*/\n!b.txt"}, ["old/b.txt"]),
        ({".gitignore": "old/*\n!old/deep/\n"}, ["a.txt", "draft.txt", "old/deep/draft.txt"]),
        ({".gitignore": "old\n!old/b.txt"}, ["a.txt", "draft.txt"]),  # nothing comes back out of a folder
        ({".gitignore": "old/**\n"}, ["a.txt", "draft.txt"]),
        ({".gitignore": "a.txt/\n# b.txt\n\n"}, ["a.txt", "draft.txt", "old/b.txt", "old/deep/draft.txt"]),
        ({".gitignore": "*.txt", "old/.gitignore": "!b.*", "old/deep/.gitignore": "!a.txt"}, ["old/b.txt"]),
        ({".ragignore": "draft.txt", "old/deep/.gitignore": "!draft.txt"}, ["a.txt", "old/b.txt"]),
        ({".gitignore": "*.txt", ".ragignore": "!draft.txt\na.txt"}, ["draft.txt", "old/deep/draft.txt"]),
        ({".gitignore": "\ufeffa.txt\r\ndraft.txt\r\n"}, ["old/b.txt"]),
    ],
)  # fmt: skip
def test_patterns(folder: Path, ignore: dict[str, str], expected: list[str]) -> None:
    write_files(folder, ignore)
    assert found(folder) == expected


def test_patterns_that_are_given_go_first(folder: Path) -> None:
    write_files(folder, {".ragignore": "a.txt\n!draft.txt"})
    assert found(folder, exclude=("draft.txt", "old/", "!a.txt")) == ["a.txt"]


def test_what_other_programs_leave_about(folder: Path) -> None:
    left = ["~$a.docx", "Thumbs.db", "thumbs.db", "desktop.ini", ".DS_Store", ".hidden.txt", ".git/x.txt",
            ".venv/x.txt", "node_modules/p/README.md", "old/__pycache__/x.txt", "$RECYCLE.BIN/x.txt",
            "env/lib/python3/site-packages/x/LICENSE.txt"]  # fmt: skip
    write_files(folder, dict.fromkeys(left, TEXT))
    assert found(folder) == ["a.txt", "draft.txt", "old/b.txt", "old/deep/draft.txt"]
    write_files(folder, {".gitignore": "!.hidden.txt\n!.git/"})  # git's wishes are not for readers
    assert len(found(folder)) == 4
    write_files(folder, {".ragignore": "!.hidden.txt\n!node_modules/"})
    assert found(folder) == [".hidden.txt", "a.txt", "draft.txt", "node_modules/p/README.md", "old/b.txt",
                             "old/deep/draft.txt"]  # fmt: skip


def test_what_becomes_excluded_leaves_the_library_and_comes_back(folder: Path, tmp_path: Path) -> None:
    library = Library.create(tmp_path / "library")
    assert len(run(library, folder).added) == 4
    write_files(folder, {".ragignore": "draft.txt", ".gitignore": "old/deep/\n"})
    report = run(library, folder, exclude=("b.*",))
    assert (names(report.unchanged), names(report.removed)) == (["a.txt"], ["b.txt", "draft.txt", "draft.txt"])
    assert len(library.bm25("foo", 9)) == 1
    assert report.left_out == {
        "by .ragignore": 1,
        "by .gitignore": 1,
        "by --exclude": 1,
        "hidden or of other programs": 2,  # the two files with the patterns
    }
    (folder / ".ragignore").unlink()
    assert names(run(library, folder).added) == ["b.txt", "draft.txt"]


def test_what_is_named_is_read(folder: Path, tmp_path: Path) -> None:
    write_files(folder, {".ragignore": "*.txt\nold/", ".secret/c.txt": TEXT})
    library = Library.create(tmp_path / "library")
    report = run(library, folder / "a.txt", folder / "old", folder / ".secret", exclude=("a.txt",))
    assert names(report.added) == ["a.txt", "b.txt", "c.txt", "draft.txt"]
    assert names(run(library, folder, folder / "draft.txt").added) == ["draft.txt"]


@pytest.mark.parametrize("pattern", ["[z-a]", "!", "a///[9-0]"])
def test_a_line_that_is_no_pattern(folder: Path, tmp_path: Path, pattern: str) -> None:
    with pytest.raises(UsageError) as caught:
        found(folder, exclude=("a.txt", pattern))
    assert str(caught.value) == f"--exclude {pattern!r}: not a pattern; write it as in a .gitignore file"
    write_files(folder, {".gitignore": f"a.txt\n{pattern}\ndraft.txt"})
    report = run(Library.create(tmp_path / "library"), folder)
    assert names(report.added) == ["b.txt"]
    assert report.failed == [(str(folder / ".gitignore"), f"not a pattern: {pattern!r}")]


def test_a_list_that_cannot_be_followed_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "_MAX_IGNORE_FILE", 2**20)
    (folder / ".ragignore").write_bytes(b"a.txt\n" * 2**18)
    os.mkfifo(folder / "old" / ".gitignore")
    told = {item.path: item.problem for item in walk([folder], Path("none")) if item.problem}
    assert told == {
        str(folder / ".ragignore"): "its patterns are not followed: too large: 2 MB, the limit is 1 MB; split it",
        str(folder / "old" / ".gitignore"): "its patterns are not followed: not a regular file",
    }


PATTERNS = ["a", "b", "*.txt", "*", "foo/", "/foo", "foo/*", "foo/**", "**/foo", "a/**/b", "!a", "!*.txt", "!foo/",
            "/a/b", "a*", "?", "[ab]", "[!a]*", "[^b]*", "*/", "!*/", "/*", "!/foo", "**", "**/", "a/", "!a/**",
            "ab/../a", "\\#a", "\\!b", "#c", "", "x y.txt", "x*y.txt ", "x\\ y.txt", "é*", "a[b].txt", "a\\[b\\].txt",
            "**/a/*.txt", "a/*/b", "[z-a]", "!", "/", "//", "[", "a//b", "**foo", "foo**", "\t", "\\", "a\\", "[a-",
            "*[a]*", "***", "/**", "!/**", "/**/a", "foo/ ", "!foo", "!*/*", "**/*/", "!**/"]  # fmt: skip
NAMES = ["a", "b", "ab", "c.txt", "a.txt", "b.md", "foo", "Foo", "x y.txt", "é.txt", "#a", "!b", "a[b].txt", "-"]


@pytest.mark.skipif(shutil.which("git") is None, reason="needs git to compare with")
@pytest.mark.parametrize("seed", range(40))
def test_as_git_would(tmp_path: Path, seed: int) -> None:
    dice = random.Random(seed)
    folders = [tmp_path / "in"]
    for _ in range(dice.randint(5, 12)):
        folder = dice.choice(folders) / dice.choice(NAMES)
        if not folder.is_file():
            folder.mkdir(parents=True, exist_ok=True)
            folders.append(folder)
            for name in dice.sample(NAMES, 3):
                if not (folder / name).is_dir():
                    (folder / name).write_text(TEXT)
    for each in dice.sample(folders, 3):
        (each / ".gitignore").write_text("\n".join(dice.choices(PATTERNS, k=dice.randint(1, 5))))
    subprocess.run(["git", "init", "-q", tmp_path / "in"], check=True)
    listed = subprocess.run(
        ["git", "ls-files", "-o", "-z", "--exclude-per-directory=.gitignore"],
        cwd=tmp_path / "in", capture_output=True, text=True, check=True,
    )  # fmt: skip
    expected = [path for path in listed.stdout.split("\0") if path and not path.endswith(".gitignore")]
    assert [path for path in found(tmp_path / "in") if not path.endswith(".gitignore")] == sorted(expected)


# --- links and what can't be opened -----------------------------------------------------------------------------------


def test_the_pictures_of_a_saved_page_are_left_out(folder: Path, tmp_path: Path) -> None:
    (folder / "page.html").write_text("<p>A page that a browser saved, with all that is on it.</p>")
    for name in ("page_files", "other_files"):
        (folder / name).mkdir()
        (folder / name / "frame.txt").write_text("A frame around it, or a text in a folder of this name.")
    library = Library.create(tmp_path / "library")
    report = sync(library, [folder], as_model(HashModel()))
    assert report.left_out["folders with the pictures of a saved page"] == 1
    assert {Path(path).parent.name for path in report.added} >= {"other_files"}
    assert not any("page_files" in path for path in report.added)
    library.close()


def test_links_to_folders_are_not_followed_but_told_of(folder: Path, tmp_path: Path) -> None:
    write_files(tmp_path / "elsewhere", {"c.txt": TEXT})
    (folder / "link").symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    (folder / "old" / "up").symlink_to(folder, target_is_directory=True)
    (folder / "c.txt").symlink_to(tmp_path / "elsewhere" / "c.txt")
    report = run(Library.create(tmp_path / "library"), folder)
    assert names(report.added) == ["a.txt", "b.txt", "c.txt", "draft.txt", "draft.txt"]
    assert report.left_out == {"linked folders": 2}
    assert found(folder / "link") == ["c.txt"]


def test_a_folder_that_cannot_be_opened_keeps_its_documents(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = Library.create(tmp_path / "library")
    run(library, folder)
    real = os.scandir

    def closed(path: str) -> object:  # to root every folder is open
        if str(path).endswith("old"):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)
        return real(path)

    with monkeypatch.context() as patch:
        patch.setattr(os, "scandir", closed)
        report = run(library, folder)
    assert report.failed == [(str(folder / "old"), "can't be opened: Permission denied")]
    assert (names(report.unchanged), report.removed, len(library.bm25("foo", 9))) == (["a.txt", "draft.txt"], [], 1)
    report = run(library, folder)
    assert (len(report.unchanged), report.failed) == (4, [])
    shutil.rmtree(folder / "old")
    assert names(run(library, folder).removed) == ["b.txt", "draft.txt"]
