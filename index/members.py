"""The members of ZIP archives, each a document of its own at a path such as "reports.zip/2024/may.txt".

They are inflated one at a time, in memory and within limits; nothing is ever written. A member that can't be trusted
or read is named with its reason, and the others are read.
"""

from __future__ import annotations

import re
import stat
import zipfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO

from index.archive import MAX_ENTRIES, MAX_RATIO, expands_too_far, read_entry
from index.errors import ReadError
from index.excludes import Excludes
from index.files import Found, load, open_regular
from index.kinds import is_archive
from index.readers import MAX_BYTES, why_not

MAX_UNPACKED = 4 * 2**30  # bytes, of all members together that are read
_MAX_LIST = 8 * 2**20  # bytes of the list of members, which takes ten times as much memory
_LONGEST_NAME = 1000  # characters
_LOCAL_HEADER = 30  # bytes at least, between the beginning of a member and its data
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


def archive_of(path: str) -> str | None:
    """Return the archive that a member's path leads into; None for the path of a file. A folder may be called x.zip."""
    return next((str(above) for above in Path(path).parents if is_archive(above.name) and above.is_file()), None)


def members_of(archive: Found) -> list[Found]:
    """List an archive's members as files, in its order. Raises ReadError or OSError when it can't be opened."""
    with Members.open(Path(archive.path)) as opened:
        found = [
            Found(f"{archive.path}/{name}", archive.size, archive.mtime_ns, problem, archive=archive.path)
            for name, problem in opened.problems.items()
        ]
    if not found:
        raise ReadError("empty: no file in it")
    return found


class Loader:
    """Loads the bytes of files and of members; an archive stays open from one member to the next."""

    def __init__(self) -> None:
        self._path = ""
        self._members: Members | None = None

    def __enter__(self) -> Loader:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._close()

    def load(self, item: Found) -> bytes:
        """Return the bytes of a file or member. Raises ReadError, OSError."""
        if item.archive is None:
            return load(Path(item.path))
        if self._members is None or self._path != item.archive:
            self._close()
            self._members, self._path = Members.open(Path(item.archive)), item.archive
        return self._members.read(item.path[len(item.archive) + 1 :])

    def _close(self) -> None:
        if self._members:
            self._members.close()
            self._members = None


class Members:
    """An open archive. `problems` tells of each member, by its name, why it can't be read, None where it can."""

    def __init__(self, file: BinaryIO) -> None:
        """Open an archive; its file is closed with it. Raises ReadError with the reason when it can't be read."""
        self._file = file
        try:
            self._zip = zipfile.ZipFile(_Bounded(self._file))
            infos = self._zip.infolist()
            if len(infos) > MAX_ENTRIES:
                raise ReadError(f"refused: {len(infos)} files in one archive, the limit is {MAX_ENTRIES}; unpack it")
            self._infos: dict[str, zipfile.ZipInfo] = {}
            self.problems: dict[str, str | None] = {}
            self._list(infos)
        except BaseException as error:
            self._file.close()
            if not isinstance(error, Exception) or isinstance(error, (ReadError, OSError)):
                raise
            raise ReadError(f"damaged ZIP archive: {error}") from None  # zipfile trips over it in many ways

    @classmethod
    def open(cls, path: Path) -> Members:
        """Open an archive on disk. Raises ReadError, and OSError when the file can't be opened or read."""
        return cls(open_regular(path))

    def __enter__(self) -> Members:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._zip.close()
        self._file.close()

    def read(self, name: str) -> bytes:
        """Inflate a member. Raises ReadError with the reason when it can't be read, OSError when the file can't."""
        if name not in self._infos:
            raise ReadError("the archive has changed meanwhile; index it again")
        if problem := self.problems[name]:
            raise ReadError(problem)
        return read_entry(self._zip, self._infos[name], "member")

    def _list(self, infos: Sequence[zipfile.ZipInfo]) -> None:
        excludes = Excludes.of("")
        overlapping = _overlapping(infos)
        total = 0
        for info in infos:
            name, problem = _name(info)
            if info.filename.endswith("/") or excludes.left_out_below(name):
                continue
            if problem is None and name in self._infos:
                problem = "refused: the archive has another member of this name"
            problem = problem or _problem(name, info)
            if problem is None and id(info) in overlapping:
                problem = "refused: it overlaps with another member of the archive"
            total += 0 if problem else info.file_size
            if problem is None and total > MAX_UNPACKED:
                problem = f"refused: the archive unpacks to more than {MAX_UNPACKED >> 20} MB; unpack it"
            while name in self._infos:
                name += " (again)"
            self._infos[name], self.problems[name] = info, problem


def _name(info: zipfile.ZipInfo) -> tuple[str, str | None]:
    """Return a member's name as a path below the archive, and why it is refused, if so."""
    written = info.orig_filename
    if not info.flag_bits & 0x800:  # said to be in the encoding of DOS, which macOS doesn't heed
        with suppress(UnicodeError):
            written = written.encode("cp437").decode("utf-8")
    parts = [part for part in re.split(r"[/\\]", written) if part not in ("", ".")]
    if not parts or len(written) > _LONGEST_NAME or _CONTROLS.search(written):
        return _harmless(written), "refused: a name that no file should have"
    if written[0] in "/\\" or ".." in parts or re.match("[A-Za-z]:", written):
        return _harmless(written), f"refused: its name leads out of the archive: {written[:100]!r}"
    return "/".join(parts), None


def _harmless(name: str) -> str:
    return re.sub(r"(?:[^\w. -]|\.{2,})+", "_", name)[:100].strip(". ") or "_"


def _problem(name: str, info: zipfile.ZipInfo) -> str | None:
    """Tell why a member can't be read, as far as the archive's list tells."""
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind not in (0, stat.S_IFREG):
        return "a symbolic link: not followed" if kind == stat.S_IFLNK else "not a regular file"
    if is_archive(name):
        return "an archive in an archive: unpack it"
    if problem := why_not(name):
        return problem
    if info.header_offset < 0:
        return "damaged: the archive doesn't hold it"
    if info.flag_bits & 1:
        return "encrypted: needs a password"
    if info.compress_type not in _METHODS:
        return "packed in a way that isn't known here: unpack the archive"
    if info.file_size > MAX_BYTES:
        return f"too large: {info.file_size >> 20} MB, the limit is {MAX_BYTES >> 20} MB; split it"
    if expands_too_far(info):
        return f"refused: it unpacks to more than {MAX_RATIO} times its size"
    return None


def _overlapping(infos: Sequence[zipfile.ZipInfo]) -> set[int]:
    """Return the ids of members that share bytes of the archive, as those of bombs do."""
    found: set[int] = set()
    last: zipfile.ZipInfo | None = None
    end = 0
    for info in sorted(infos, key=lambda info: info.header_offset):
        if info.header_offset < end:
            found |= {id(info), id(last)}
        if (own := info.header_offset + _LOCAL_HEADER + info.compress_size) > end:
            last, end = info, own
    return found


class _Bounded:
    """A file of which no more is read at a time than a list of members may take."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401
        return getattr(self._file, name)

    def read(self, size: int = -1) -> bytes:
        if size > _MAX_LIST:
            raise ReadError(f"refused: too many files in one archive, the limit is {MAX_ENTRIES}; unpack it")
        return self._file.read(_MAX_LIST if size < 0 else size)
