"""Find the files below some folders and load their bytes, without being held up by what isn't a document.

Knows nothing of formats beyond their suffixes, and nothing of libraries beyond their folder.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from index.errors import ReadError
from index.excludes import IGNORE_FILES, Excludes
from index.readers import most_bytes, too_large, why_not

LINKED = "linked folders"
PARTS = "folders with the pictures of a saved page"
_PARTS = re.compile(r"(.+)(?:_files|_fichiers|-Dateien|_archivos|_bestanden|_file)", re.DOTALL)  # as browsers call them
_MAX_IGNORE_FILE = 2**20  # bytes


@dataclass(frozen=True, slots=True)
class Found:
    """A file as it was seen.

    `problem` is why it can't be read, where that is known without opening it; what is `closed` is a folder of which
    that is so. With `left_out`, what excludes it, it isn't to be read. A member of an archive names its `archive`, and
    has that file's size (bytes) and time.
    """

    path: str
    size: int
    mtime_ns: int
    problem: str | None = None
    closed: bool = False
    left_out: str | None = None
    archive: str | None = None


def walk(
    roots: Sequence[Path], library_folder: Path, exclude: Sequence[str] = (), only: Set[Path] | None = None
) -> Iterator[Found]:
    """Yield the files below `roots`, sorted, each once, and what is left out there; the library itself isn't there.

    A root is read whatever it is called, and may be a symlink; below it, a symlink to a file is followed, one to a
    folder isn't. `exclude` are patterns as in a .gitignore file. With `only`, of all that what is among these paths or
    lies below one of them; no other folder is entered. Raises UsageError when a pattern is none.
    """
    seen: set[tuple[str, bool]] = set()
    for root in roots:
        for item in _below(root, library_folder, exclude, only):
            if (item.path, item.left_out is None) not in seen:
                seen.add((item.path, item.left_out is None))
                yield item


def _below(root: Path, library_folder: Path, exclude: Sequence[str], only: Set[Path] | None) -> Iterator[Found]:
    def wanted(path: str | Path) -> bool:
        return only is None or is_below(Path(path), only)

    if not root.is_dir():
        if wanted(root):
            yield _look_at(str(root))
        return
    on_the_way = {str(parent) for path in only or () for parent in path.parents}
    problems: list[Found] = []

    def note(error: OSError) -> None:
        problems.append(Found(str(error.filename), 0, 0, f"can't be opened: {error.strerror}", closed=True))

    above = {str(root): Excludes.of(str(root), exclude)}
    for folder, folders, files in os.walk(root, onerror=note):
        excludes = above.pop(folder)
        for name in sorted(IGNORE_FILES.keys() & files):
            excludes, problem = _with_ignore_file(excludes, folder, name)
            if problem:
                yield problem
        kept = []
        for name in sorted(folders):
            path = os.path.join(folder, name)  # noqa: PTH118 - paths stay strings here, see pyproject.toml
            if _same(Path(path), library_folder) or not (path in on_the_way or wanted(path)):
                continue
            left_out = excludes.left_out(path, folder=True) or (LINKED if Path(path).is_symlink() else None)
            if (page := _PARTS.fullmatch(name)) and not {f"{page[1]}.html", f"{page[1]}.htm"}.isdisjoint(files):
                left_out = left_out or PARTS
            if left_out:
                yield Found(path, 0, 0, left_out=left_out)
            else:
                kept.append(name)
                above[path] = excludes
        folders[:] = kept
        for name in sorted(files):
            path = os.path.join(folder, name)  # noqa: PTH118
            if wanted(path):
                left_out = excludes.left_out(path)
                yield Found(path, 0, 0, left_out=left_out) if left_out else _look_at(path)
    yield from problems


def _with_ignore_file(excludes: Excludes, folder: str, name: str) -> tuple[Excludes, Found | None]:
    path = Path(folder, name)
    try:
        content = load(path, most=_MAX_IGNORE_FILE)
    except (ReadError, OSError) as error:  # it may be what keeps a secret out: say so
        reason = getattr(error, "strerror", None) or error
        return excludes, Found(str(path), 0, 0, f"its patterns are not followed: {reason}")
    excludes, unusable = excludes.within(folder, name, content)
    told = ", ".join(map(repr, unusable[:3]))
    return excludes, Found(str(path), 0, 0, f"not a pattern: {told}") if unusable else None


def _same(path: Path, other: Path) -> bool:
    return path.name == other.name and path.resolve() == other.resolve()


def is_below(path: Path, roots: Set[Path]) -> bool:
    """Tell whether a path is one of `roots`, of which there may be thousands, or lies in one of them."""
    return path in roots or not roots.isdisjoint(path.parents)


def _look_at(path: str) -> Found:
    written = path.encode("utf-8", "replace").decode()
    if written != path:  # neither the database nor a page can hold such a name
        return Found(written, 0, 0, "its name is not valid Unicode; rename it")
    try:
        info = os.stat(path)
    except OSError as error:
        broken = isinstance(error, FileNotFoundError) and Path(path).is_symlink()
        return Found(path, 0, 0, "a link to what isn't there" if broken else f"can't be opened: {error.strerror}")
    problem = why_not(path) if stat.S_ISREG(info.st_mode) else "not a regular file"
    return Found(path, info.st_size, info.st_mtime_ns, problem)


def load(path: Path, *, follow: bool = True, most: int | None = None) -> bytes:
    """Return a file's bytes, those of a symlink's target unless told not to `follow`.

    What isn't a regular file is never waited for, and no more is read than `most` bytes, by default what a file of
    this name may have, however it may grow. Raises ReadError when it is no regular file or too large, OSError when it
    can't be opened or read.
    """
    most = most_bytes(path.name) if most is None else most
    with open_regular(path, follow=follow) as file:
        size = os.fstat(file.fileno()).st_size
        data = file.read(most + 1) if size <= most else b""
    if (size := max(size, len(data))) > most:
        raise ReadError(too_large(path.name, size, most))
    return data


def open_regular(path: Path, *, follow: bool = True) -> BinaryIO:
    """Open a file for reading its bytes; raises what `load` does."""
    if not stat.S_ISREG((path.stat() if follow else path.lstat()).st_mode):  # opening a device may have effects
        raise ReadError("not a regular file")
    flags = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NONBLOCK", 0)
    handle = os.open(path, flags if follow else flags | getattr(os, "O_NOFOLLOW", 0))
    file = os.fdopen(handle, "rb")
    if not stat.S_ISREG(os.fstat(handle).st_mode):  # it may have become another
        file.close()
        raise ReadError("not a regular file")
    return file
