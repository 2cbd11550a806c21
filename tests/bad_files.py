"""Files that no reader should trip over, made by a seed: damaged, deceptive, endless, or not files at all."""

from __future__ import annotations

import gzip
import io
import os
import random
import socket
import tarfile
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from index.readers import READERS

TEXTUAL = [".txt", ".text", ".md", ".markdown", ".html", ".htm", ".xhtml"]
PACKED = [".docx", ".xlsx", ".pptx", ".odt", ".ods", ".epub", ".zip"]
OTHER = [".pdf", ".doc", ".rtf", ".eml", ".msg", ".gz", ".xml", ".json", ".csv"]
NEVER = [".exe", ".mp3", ".jpg", ".mov", ".iso", ".sqlite", ".blend", ".tar", ".7z", ".qqq", ""]
PROSE = b"The ferry leaves at noon. Nobody has seen the captain since Tuesday, and the harbour is closed.\n"
LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
LAUGHING_XML = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "ha ">{LAUGHS}]><x><p>&l9;</p></x>'.encode()
LAUGHING_YAML = "\n".join(f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 10)}]" for n in range(1, 10))
ENCRYPTED_PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n"
    b"trailer<</Root 1 0 R/Encrypt<</Filter/Standard/V 2/R 3/O(x)/U(y)/P -1>>>>\n%%EOF\n"
)
OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 504
GOOD_MEMBER = "good member of an archive"
_MEGABYTE = 2**20


@dataclass(frozen=True)
class BadFile:
    """A file by its path as the library writes it, or a member of an archive.

    `fails`: no reader can make anything of it.
    """

    path: str
    kind: str
    fails: bool


class _Maker:
    def __init__(self, folder: Path, seed: int) -> None:
        self.dice = random.Random(seed)
        self.folders = [folder / name for name in ("", "a", "a/b", "a/b/c", "d", "d/é", "e f/g")]
        for each in self.folders:
            each.mkdir(parents=True, exist_ok=True)
        self.made: list[BadFile] = []

    def place(self, kind: str, suffix: str, fails: bool, name: str = "") -> Path:
        """Note a file to be made, and return its path."""
        stem = name or f"{kind} {len(self.made)}"
        path = self.dice.choice(self.folders) / f"{stem}{suffix}"
        self.made.append(BadFile(str(path).encode("utf-8", "replace").decode(), kind, fails))
        return path

    def write(self, kind: str, suffix: str, data: bytes, fails: bool, name: str = "") -> None:
        """Make a file; what has no reader fails whatever it holds."""
        self.place(kind, suffix, fails or suffix.lower() not in READERS, name).write_bytes(data)

    def pack(self, kind: str, files: Mapping[Any, bytes], bad: Iterable[str], method: int = 8) -> None:
        """Make an archive of some files and a good one; `bad` are the paths in it of those that fail."""
        path = self.place(kind, ".zip", False)
        path.write_bytes(zipped({**files, "good.txt": f"{path.name} holds this. ".encode() + PROSE}, method))
        self.made[-1] = BadFile(f"{path}/good.txt", GOOD_MEMBER, False)
        self.made += [BadFile(f"{path}/{name}", f"{kind} in an archive", True) for name in bad]


def make_bad_files(folder: Path, seed: int = 0) -> list[BadFile]:
    """Make some 300 bad files in folders below `folder`, and return what they are."""
    maker = _Maker(folder, seed)
    _contents(maker)
    _archives(maker)
    _members(maker)
    _endless(maker)
    _encodings(maker)
    _names(maker)
    _no_files(maker)
    return maker.made


def _contents(maker: _Maker) -> None:
    for suffix in sorted({*TEXTUAL, *PACKED, *OTHER, *READERS}):
        maker.write("empty", suffix, b"", True)
        maker.write("capitals", suffix.upper(), b"", True)
        maker.write("random", suffix, maker.dice.randbytes(3000), False)
        maker.write("zeros", suffix, bytes(5000), True)
    for suffix in TEXTUAL:
        maker.write("blank", suffix, b" \t\r\n" * 50, True)
        maker.write("NUL", suffix, PROSE[:50] + b"\x00" + PROSE[50:], suffix not in {".html", ".htm", ".xhtml"})
        for data in (b"%PDF-1.7\n\x00\x01", b"PK\x03\x04\x14\x00\x00\x00", b"\x89PNG\r\n\x1a\n\x00\x00", OLD_OFFICE):
            maker.write("wrong suffix", suffix, data, True)
    for suffix in (".pdf", ".txt", ".docx", ".eml"):
        maker.write("truncated", suffix, b"%PDF-1.7\n1 0 obj\n<</Length 99>>stream\n\x00\x01\x02", suffix != ".eml")
    maker.write("truncated", ".html", b"<html><body><p>It ends in the middle of a <a href='", False)
    maker.write("encrypted", ".pdf", ENCRYPTED_PDF, True)
    for suffix in (".doc", ".docx", ".xlsx", ".pptx", ".msg"):
        maker.write("encrypted", suffix, OLD_OFFICE, True)
    for suffix in NEVER:
        maker.write("no reader", suffix, PROSE, True)


def _archives(maker: _Maker) -> None:
    slip, bomb = io.BytesIO(), io.BytesIO()
    with zipfile.ZipFile(slip, "w") as archive:
        for name in ("../../slipped.txt", "/tmp/slipped.txt", "C:\\slipped.txt", "a/../../slipped.txt"):
            archive.writestr(name, PROSE)
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("word/document.xml", "content.xml", "xl/sharedStrings.xml", "META-INF/container.xml"):
            archive.writestr(name, b" " * (50 * _MEGABYTE))
    for suffix in (each for each in PACKED if each != ".zip"):
        data = slip.getvalue()
        maker.write("zip slip", suffix, data, True)
        maker.write("truncated", suffix, data[: len(data) // 2], True)
        maker.write("bomb", suffix, bomb.getvalue(), True)
        locked = bytearray(data)
        for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):  # the flags of each entry, of which bit 0 says so
            start = -1
            while (start := data.find(mark, start + 1)) >= 0:
                locked[start + at] |= 1
        maker.write("encrypted", suffix, bytes(locked), True)
    for suffix in (".gz", ".txt", ".html"):
        maker.write("bomb", suffix, gzip.compress(bytes(50 * _MEGABYTE), 1), True)


def _members(maker: _Maker) -> None:
    """Make archives of which one member is good, whatever lies beside it, and some that are bad altogether."""
    slips = {"../../slipped.txt": "_slipped.txt", "/tmp/slipped.txt": "_tmp_slipped.txt", "C:\\s.txt": "C_s.txt",
             "a/../../slipped.txt": "a_slipped.txt", "nul\x00.txt": "nul", "a" * 1001: "a" * 100}  # fmt: skip
    for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        maker.pack("zip slip", dict.fromkeys(slips, PROSE), slips.values(), method)
    link, odd = zipfile.ZipInfo("link.txt"), zipfile.ZipInfo("odd.txt")
    link.external_attr = 0o120777 << 16
    odd.compress_type = zipfile.ZIP_BZIP2
    maker.pack("no plain member", {link: b"/etc/passwd", odd: PROSE}, ["link.txt", "odd.txt"])
    bombs = {"bomb.txt": bytes(60 * _MEGABYTE), "bomb.html": b"<b>" * (8 * _MEGABYTE), "huge.md": bytes(65 * _MEGABYTE)}
    maker.pack("bomb", bombs, bombs)
    nested = {"in.zip": zipped({"a.txt": PROSE}), "b.tar": PROSE, "c.tgz": PROSE, "d.txt.gz": b"\x1f\x8b", "e.ZIP": b""}
    maker.pack("nested", nested, nested)
    noise = {f"noise{suffix}": maker.dice.randbytes(900) for suffix in (".docx", ".pdf", ".exe", ".jpg", ".epub")}
    maker.pack("random", noise, noise)
    for suffix in (".crash", ".spin"):
        maker.pack("trap", {f"trap{suffix}": PROSE}, [f"trap{suffix}"])
    data = zipped({f"{number}.txt": b"%d. " % number + PROSE for number in range(5)})
    for share in (0.1, 0.5, 0.9):
        maker.write("truncated", ".zip", data[: int(share * len(data))], True)
    for _ in range(20):  # some bytes of it are wrong: what becomes of it is each member's own affair
        damaged = bytearray(data)
        for at in maker.dice.sample(range(len(data)), 3):
            damaged[at] = maker.dice.randrange(256)
        maker.place("damaged", ".zip", False).write_bytes(damaged)
        maker.made.pop()
    for many in ({}, dict.fromkeys(map(str, range(20_001)), b"")):
        maker.write("number of members", ".zip", zipped(many), True)
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("../../slipped.txt"), io.BytesIO())
    for suffix in (".tar", ".tgz", ".tar.gz", ".TAR"):
        data = packed.getvalue()
        maker.write("tar", suffix, gzip.compress(data) if suffix.endswith("gz") else data, True)


def zipped(files: Mapping[Any, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Make a ZIP archive of files by name or `ZipInfo`."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return stream.getvalue()


def _endless(maker: _Maker) -> None:
    for suffix, depth in ((".html", 50_000), (".htm", 5_000), (".xhtml", 5_000)):  # one reader for all, seconds each
        maker.write("deep HTML", suffix, b"<div>" * depth + PROSE, False)
        maker.write("deep HTML", suffix, b"<b><p><table>" * (depth // 3) + PROSE, False)
    for suffix in (".xml", ".xhtml", ".html", ".svg", ".txt"):
        maker.write("billion laughs", suffix, LAUGHING_XML, False)
    yaml = f"---\nl0: &l0 ha\n{LAUGHING_YAML}\ntitle: *l9\n---\n".encode()
    maker.write("billion laughs", ".md", yaml + PROSE, True)
    for suffix in (".json", ".txt", ".md", ".html"):
        maker.write("deep JSON", suffix, b"[" * 100_000 + b"]" * 100_000, False)
    maker.write("deep JSON", ".md", b"---\n" + b"[" * 100_000 + b"\n---\n" + PROSE, True)
    maker.write("slow pattern", ".md", b"# " + b"#" * 200_000 + b"x" + b" \t" * 100_000 + b"x\n", False)
    for suffix in (".txt", ".md", ".html", ".csv"):
        maker.write("one line", suffix, PROSE.replace(b"\n", b" ") * 2_000, False)
        maker.write("one word", suffix, b"x" * 100_000, False)
        maker.write("many lines", suffix, b"\n" * (2 * _MEGABYTE), True)
        maker.write("many lines", suffix, b"a\n" * 20_000, False)
    for suffix in (".txt", ".md", ".html", ".pdf", ".docx"):
        with maker.place("huge", suffix, True).open("wb") as file:
            file.truncate(100 * 2**30)  # of holes: it takes no room
    with maker.place("huge", ".txt", True).open("wb") as file:
        file.truncate(60 * _MEGABYTE)


def _encodings(maker: _Maker) -> None:
    japanese = "船は正午に出る。船長を見た者はいない。".encode("shift-jis")
    for suffix in (".txt", ".md", ".html"):
        for data in (
            japanese * 20,
            b"\xc0\xaf\xc0\xae" * 200,  # overlong
            b"\xed\xa0\x80 half a pair. " * 20,
            b"\xff\xfe\x00" * 33,
            b"\xff\xfe\x00\x00\xff\xff\xff\xff" * 9,
            bytes(range(1, 256)) * 4,
            PROSE + b"\xff\xfe\xfd",
            "\ufeff\u202e\u2066".encode() + PROSE,
        ):
            maker.write("encoding", suffix, data, False)


def _names(maker: _Maker) -> None:
    for name in (b"not \xff UTF-8", b"\xe9t\xe9", b"\xed\xa0\x80"):
        try:
            maker.place("name", ".txt", True, os.fsdecode(name)).write_bytes(PROSE)
        except OSError:  # this file system has no such names
            maker.made.pop()
    for number, name in enumerate(("two\nlines", "re\rturn", "tab\t", "\u202egnp.", "n" * 240, "-rf *", "'; DROP")):
        maker.write("name", ".txt", b"Name %d. " % number + PROSE, False, name)
        maker.write("name", ".txt", b"\x00", True, name[:230] + "0")


def _no_files(maker: _Maker) -> None:
    targets = {".txt": "nowhere", ".md": "/nowhere/at/all", ".html": "/dev/zero", ".htm": "/dev/null"}
    for suffix, target in targets.items():
        maker.place("symlink", suffix, True).symlink_to(target)
    for suffix in (".txt", ".html", ".pdf"):
        os.mkfifo(maker.place("FIFO", suffix, True))
        loop = maker.place("loop", suffix, True)
        loop.symlink_to(loop.name)
        closed = maker.place("unreadable", suffix, os.geteuid() != 0 or suffix not in READERS)
        closed.write_bytes(PROSE)
        closed.chmod(0)
    (maker.folders[2] / "up.txt").symlink_to(maker.folders[0], target_is_directory=True)  # not followed, not a file
    here = Path.cwd()
    path = maker.place("socket", ".txt", True)
    with socket.socket(socket.AF_UNIX) as door:  # whose address can't be long
        os.chdir(path.parent)
        try:
            door.bind(path.name)
        finally:
            os.chdir(here)
