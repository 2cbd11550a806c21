"""Find the files below some folders and load their bytes, without being held up by what isn't a document.

Knows nothing of formats beyond their suffixes, and nothing of libraries beyond their folder.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from pathlib import Path

from index.errors import ReadError
from index.readers import MAX_BYTES, READERS


@dataclass(frozen=True, slots=True)
class Found:
    """A file as it was seen: `problem` is why it can't be read, where that is known without opening it."""

    path: str
    size: int
    mtime_ns: int
    problem: str | None = None


def walk(roots: Sequence[Path], library_folder: Path) -> Iterator[Found]:
    """Yield the files below `roots`, sorted, each once; hidden ones and the library itself are left out."""
    seen: set[str] = set()
    for root in roots:
        for path, problem in _paths_below(root, library_folder):
            if path in seen:
                continue
            seen.add(path)
            written = path.encode("utf-8", "replace").decode()
            if written == path:
                yield _look_at(path, problem)
            else:  # neither the database nor a page can hold such a name
                yield Found(written, 0, 0, "its name is not valid Unicode; rename it")


def _paths_below(root: Path, library_folder: Path) -> Iterator[tuple[str, str | None]]:
    if not root.is_dir():
        yield str(root), None
        return
    problems: list[tuple[str, str | None]] = []

    def note(error: OSError) -> None:
        problems.append((str(error.filename), f"can't be opened: {error.strerror}"))

    for folder, folders, files in os.walk(root, onerror=note):
        here = Path(folder)
        folders[:] = sorted(name for name in folders if name[0] != "." and not _same(here / name, library_folder))
        for name in sorted(files):
            if name[0] != ".":
                yield str(here / name), None
    yield from problems


def _same(path: Path, other: Path) -> bool:
    return path.name == other.name and path.resolve() == other.resolve()


def is_below(path: Path, roots: Set[Path]) -> bool:
    """Tell whether a path is one of `roots`, of which there may be thousands, or lies in one of them."""
    return path in roots or not roots.isdisjoint(path.parents)


def _look_at(path: str, problem: str | None) -> Found:
    try:
        info = os.stat(path)
    except OSError as error:
        return Found(path, 0, 0, problem or f"can't be opened: {error.strerror}")
    if problem is None and not stat.S_ISREG(info.st_mode):
        problem = "not a regular file"
    if problem is None and (suffix := Path(path).suffix.lower()) not in READERS:
        problem = f"unknown file type {suffix or '(no suffix)'}; known: {' '.join(sorted(READERS))}"
    return Found(path, info.st_size, info.st_mtime_ns, problem)


def load(path: Path, *, follow: bool = True) -> bytes:
    """Return a file's bytes, those of a symlink's target unless told not to `follow`.

    What isn't a regular file is never waited for, and no more is read than a reader takes, however a file may grow.
    Raises ReadError when it is no regular file or too large, OSError when it can't be opened or read.
    """
    if not stat.S_ISREG((path.stat() if follow else path.lstat()).st_mode):  # opening a device may have effects
        raise ReadError("not a regular file")
    flags = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NONBLOCK", 0)
    handle = os.open(path, flags if follow else flags | getattr(os, "O_NOFOLLOW", 0))
    with os.fdopen(handle, "rb") as file:
        info = os.fstat(handle)  # it may have become another
        if not stat.S_ISREG(info.st_mode):
            raise ReadError("not a regular file")
        data = file.read(MAX_BYTES + 1) if info.st_size <= MAX_BYTES else b""
    if (size := max(info.st_size, len(data))) > MAX_BYTES:
        raise ReadError(f"too large: {size / 2**20:.0f} MB, the limit is {MAX_BYTES // 2**20} MB; split it")
    return data
