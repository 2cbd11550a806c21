"""Keeps what is uploaded: a file gets a harmless name, is looked into, and is copied into one folder.

Nothing here is written outside that folder, whatever a file is called. Knows nothing of libraries, jobs or pages.
"""

from __future__ import annotations

import io
import os
import re
import shutil
import stat
import unicodedata
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from index.errors import ReadError
from index.files import load
from index.isolation import Isolated, Read
from index.kinds import is_archive
from index.members import Members
from index.models import write_atomically
from index.readers import READERS, read

LONGEST_NAME = 120  # characters, the suffix included
_LONGEST_BYTES = 240  # file systems allow 255, and four bytes may be one character
FREE_BYTES = 200 * 2**20  # left alone on the disk
_JOINERS = "\u200c\u200d"  # invisible as bidi overrides are, but Persian and emoji are spelled with them
_INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
_RESERVED = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³])[ ]*(\.|$)", re.IGNORECASE)

# What a file of another kind begins with, and the suffixes under which that is as it should be.
_SIGNATURES: tuple[tuple[bytes, str, frozenset[str]], ...] = (
    (b"%PDF-", "a PDF", frozenset({".pdf"})),
    (
        b"PK\x03\x04",
        "a ZIP archive",
        frozenset(
            ".docm .docx .dotm .dotx .epub .odp .ods .odt .otp .ots .ott .potm .potx .ppsm .ppsx .pptm .pptx .xlsm "
            ".xlsx .xltm .xltx .zip".split()
        ),
    ),
    # An encrypted file of today's kinds is one of these as well: its reader tells the two apart.
    (
        b"\xd0\xcf\x11\xe0",
        "an old Office file",
        frozenset(
            ".doc .docm .docx .dotm .dotx .msg .potm .potx .ppsm .ppsx .ppt .pptm .pptx .xls .xlsm .xlsx .xltm "
            ".xltx".split()
        ),
    ),
    (b"{\\rtf", "an RTF document", frozenset({".rtf"})),
    (b"\x7fELF", "a program", frozenset()),
    (b"\x89PNG", "a PNG picture", frozenset({".png"})),
    (b"\xff\xd8\xff", "a JPEG picture", frozenset({".jpeg", ".jpg"})),
    (b"\x1f\x8b", "a gzip archive", frozenset({".gz"})),
)
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f-\x84\x86-\x9f]")
_SAMPLE = 2**20  # characters


@dataclass(frozen=True, slots=True)
class Refused:
    """An uploaded file that wasn't taken in, by its harmless name, and why."""

    name: str
    reason: str

    def __str__(self) -> str:
        return f"{self.name}: {self.reason}"


def keep_uploads(files: Sequence[Path], folder: Path) -> tuple[list[Path], list[Refused]]:
    """Copy uploaded files into `folder` and delete the originals; return the copies, and what wasn't taken in."""
    kept: list[Path] = []
    refused: list[Refused] = []
    with Isolated() as isolated:
        for file in files:
            try:
                kept.append(keep_upload(file, folder, isolated.read))
            except ReadError as error:
                refused.append(Refused(safe_name(file.name), str(error)))
            except OSError as error:
                refused.append(Refused(safe_name(file.name), f"can't be stored: {error.strerror or error}"))
            with suppress(OSError):
                if stat.S_ISREG(file.lstat().st_mode) and file.resolve().parent != folder.resolve():
                    file.unlink()
    return kept, refused


def keep_upload(file: Path, folder: Path, read: Read = read) -> Path:
    """Copy an uploaded file into `folder` under a safe name and return the copy; `file` itself is left alone.

    Content that the folder already has under this name isn't stored twice; a name that is taken by other content gets
    " (2)". `read` is what reads the bytes to see whether they can be read.
    Raises ReadError with the reason when the file isn't taken in, OSError when it can't be written.
    """
    name = safe_name(file.name)
    data = _load(file)
    check(name, data, read)
    folder.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(folder).free
    if free - len(data) < FREE_BYTES:
        raise ReadError(f"not stored: only {free // 2**20} MB are left on the disk of {folder}; make room first")
    for number in count(1):
        target = folder / _numbered(name, number)
        if _holds(target, data) or _store(data, target):
            return target
    raise AssertionError("numbers do not end")


def safe_name(name: str) -> str:
    """Make a file's name harmless on any system: no folders, nothing invisible, not hidden, not reserved, not long.

    What is left is in NFC, of at most 120 characters, and keeps its suffix.
    """
    name = unicodedata.normalize("NFC", re.split(r"[/\\]", name)[-1])
    name = " ".join("".join(c for c in name if c in "\t\n\r" + _JOINERS or _visible(c)).split())
    name = re.sub(r'[<>:"|?*]', "_", name).strip(". " + _JOINERS) or "document"
    return _numbered(f"_{name}" if _RESERVED.match(name) else name, 1)


def _visible(character: str) -> bool:
    return unicodedata.category(character) not in _INVISIBLE


def _numbered(name: str, number: int) -> str:
    """Put " (2)" before the suffix, and shorten the name before it as far as is needed."""
    suffix = Path(name).suffix
    if len(suffix) > 20:  # no suffix, just a dot somewhere
        suffix = ""
    stem = name.removesuffix(suffix)
    suffix = suffix if number == 1 else f" ({number}){suffix}"
    while len(stem + suffix) > LONGEST_NAME or len(os.fsencode(stem + suffix)) > _LONGEST_BYTES:
        stem = stem[:-1].rstrip(". ")
    return stem + suffix


def check(name: str, data: bytes, read: Read = read) -> None:
    """Raise ReadError with the reason unless the bytes can be read as what the file's suffix says."""
    suffix = Path(name).suffix.lower()
    for signature, kind, suffixes in _SIGNATURES:
        if suffix in READERS and data.startswith(signature) and suffix not in suffixes:
            raise ReadError(f"named {suffix}, but it is {kind}")
    if is_archive(name):
        with Members(io.BytesIO(data)) as members:
            if all(members.problems.values()):
                raise ReadError(f"no file in it can be read: {next(iter(members.problems.values()), 'it is empty')}")
        return
    try:
        text = read(Path(name), data).text[:_SAMPLE]
    except ReadError:
        raise
    except Exception as error:  # a parser that trips over it
        raise ReadError(f"can't be parsed: {type(error).__name__}: {error}") from error
    if len(_CONTROLS.findall(text)) > len(text) / 50:
        raise ReadError(f"named {suffix}, but it holds binary data")


def _load(file: Path) -> bytes:
    data = load(file, follow=False)
    if not data:
        raise ReadError("empty: it has no content")
    return data


def _holds(target: Path, data: bytes) -> bool:
    try:
        info = target.lstat()
        return stat.S_ISREG(info.st_mode) and info.st_size == len(data) and target.read_bytes() == data
    except FileNotFoundError:
        return False


def _store(data: bytes, target: Path) -> bool:
    """Write a new file, whole or not at all; False when the name is taken."""
    try:
        target.touch(mode=0o600, exist_ok=False)  # takes the name, also from other processes
    except FileExistsError:
        return False
    try:
        write_atomically(target, data)
    except BaseException:
        target.unlink(missing_ok=True)
        raise
    return True
