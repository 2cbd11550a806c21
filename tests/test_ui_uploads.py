"""What is uploaded lands in one folder, under a harmless name, and only if it is what its suffix says."""

from __future__ import annotations

import os
import random
import shutil
import unicodedata
import zlib
from collections import namedtuple
from pathlib import Path

import pytest

from index.errors import ReadError
from index.readers import READERS
from tests import format_files
from tests.index_helpers import KNOWN
from ui import uploads
from ui.uploads import LONGEST_NAME, check, keep_upload, keep_uploads, safe_name

TEXT = b"The ferry left at noon. Nobody was on it."

HOSTILE = {
    "a/../../b.txt": "b.txt",
    "../../../etc/passwd.txt": "passwd.txt",
    "/etc/cron.d/x.txt": "x.txt",
    "..\\..\\windows\\system.txt": "system.txt",
    "C:\\Users\\me\\notes.txt": "notes.txt",
    "C:notes.txt": "C_notes.txt",
    "notes.txt:hidden": "notes.txt_hidden",
    "..": "document",
    ".": "document",
    "": "document",
    "...txt": "txt",
    ".htaccess": "htaccess",
    "..hidden.txt": "hidden.txt",
    " . .spaced.txt": "spaced.txt",
    "CON.txt": "_CON.txt",
    "con": "_con",
    "nul.tar.txt": "_nul.tar.txt",
    "LPT1 .txt": "_LPT1 .txt",
    "COM¹.md": "_COM¹.md",
    "console.txt": "console.txt",
    "trailing.txt. . ": "trailing.txt",
    "trailing.txt   ": "trailing.txt",
    "two\nlines.txt": "two lines.txt",
    "tab\there\r.txt": "tab here .txt",
    "bell\x07\x1b[31m.txt": "bell[31m.txt",
    "nul\x00byte.txt": "nulbyte.txt",
    "invoice\u202etxt.exe": "invoicetxt.exe",
    "\u2066isolated\u2069.txt": "isolated.txt",
    "\ufeffmarked\u200b.txt": "marked.txt",
    "line\u2028separator.txt": "lineseparator.txt",
    "raw\udcff\udc80bytes.txt": "rawbytes.txt",
    "na\u0131\u0308ve cafe\u0301.txt": "na\u0131\u0308ve café.txt",
    "👩‍👩‍👧 family.md": "👩‍👩‍👧 family.md",
    "می‌خواهم.txt": "می‌خواهم.txt",
    "~root.txt": "~root.txt",
    "$(rm -rf x); `ls`.txt": "$(rm -rf x); `ls`.txt",
    'what? "this" <b>|*.html': "what_ _this_ _b___.html",
    "-rf.txt": "-rf.txt",
    "%2e%2e%2fb.txt": "%2e%2e%2fb.txt",
    "x" * 300 + ".txt": "x" * (LONGEST_NAME - 4) + ".txt",
    "😀" * 100 + ".txt": "😀" * 59 + ".txt",
    "x." + "y" * 300: "x." + "y" * (LONGEST_NAME - 2),
    "x" * 115 + ". . .txt": "x" * 115 + ".txt",
}


def listed(folder: Path) -> list[str]:
    """Return the names of what is in a folder, sorted."""
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize(("name", "expected"), HOSTILE.items(), ids=range(len(HOSTILE)))
def test_names_become_harmless(name: str, expected: str, tmp_path: Path) -> None:
    safe = safe_name(name)
    assert safe == expected
    assert safe_name(safe) == safe
    assert len(safe) <= LONGEST_NAME
    assert unicodedata.is_normalized("NFC", safe)
    (tmp_path / "in" / safe).parent.mkdir()
    (tmp_path / "in" / safe).touch(exist_ok=False)
    assert listed(tmp_path / "in") == [safe]
    assert listed(tmp_path) == ["in"]


def test_any_characters_make_a_name_that_stays_in_the_folder(tmp_path: Path) -> None:
    dice = random.Random(11)
    alphabet = "ab./\\ \t\n\0:*?~%'\"\u202e\u200d\u0301\ud800é😀CONcon1"
    for _ in range(3000):
        safe = safe_name("".join(dice.choices(alphabet, k=dice.randint(0, 40))))
        target = tmp_path / safe
        assert target.resolve().parent == tmp_path.resolve()
        assert safe[0] not in ". " and safe[-1] not in ". "
        assert not any(unicodedata.category(c) in ("Cc", "Cs") or c in '/\\:*?"' for c in safe)


def upload(folder: Path, name: str, data: bytes = TEXT) -> Path:
    """Make a file as a web server's temporary one."""
    folder.mkdir(exist_ok=True)
    (folder / name).write_bytes(data)
    return folder / name


PICTURE = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(range(256))
NOISE = bytes(byte for byte in random.Random(5).randbytes(4000) if byte)


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("a.exe", TEXT, "unknown file type .exe; known: " + KNOWN),
        ("README", TEXT, "unknown file type (no suffix); known: " + KNOWN),
        (".htaccess", TEXT, "unknown file type (no suffix); known: " + KNOWN),
        ("a.txt", b"", "empty: it has no content"),
        ("a.md", b" \n\t\n", "empty: no text in it"),
        ("a.html", b"<html><script>let text = 1</script></html>", "empty: no text in it"),
        ("a.txt", b"\x7fELF\x02\x01\x01" + bytes(99), "named .txt, but it is a program"),
        ("a.md", PICTURE, "named .md, but it is a PNG picture"),
        ("a.HTML", PICTURE, "named .html, but it is a PNG picture"),
        ("a.txt", b"PK\x03\x04\x14\x00\x08", "named .txt, but it is a ZIP archive"),
        ("a.txt", b"%PDF-1.4\n1 0 obj << /Type /Catalog >>", "named .txt, but it is a PDF"),
        ("a.md", b"{\\rtf1\\ansi Hello.}", "named .md, but it is an RTF document"),
        ("a.txt", b"Text with a \x00 in it.", "not a text file: it holds binary data"),
        ("a.html", b"MZ\x90\x00\x03" + bytes(300), "not an HTML file: it holds binary data"),
        ("a.html", NOISE, "named .html, but it holds binary data"),
    ],
)
def test_what_does_not_fit_its_suffix_is_refused(tmp_path: Path, name: str, data: bytes, reason: str) -> None:
    file = upload(tmp_path / "in", name, data)
    kept, refused = keep_uploads([file], tmp_path / "kept")
    assert kept == []
    assert list(map(str, refused)) == [f"{safe_name(name)}: {reason}"]
    assert not file.exists()
    assert not (tmp_path / "kept").exists() or listed(tmp_path / "kept") == []


@pytest.mark.parametrize("data", [NOISE, zlib.compress(TEXT * 50).replace(b"\0", b"\1")])
def test_noise_is_no_text(data: bytes) -> None:
    with pytest.raises(ReadError):
        check("a.txt", data)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.txt", "Un café à Genève, « bientôt ».".encode("cp1252")),
        ("a.txt", "The ferry left.".encode("utf-16")),
        ("a.txt", "Паром ушёл в полдень, и никого на нём не было.".encode("cp1251")),
        ("a.md", b"# Title\n\nPK is a code. \x1b[1mBold\x1b[0m"),
        ("a.TXT", b"%PDF is how such files begin."),
        ("a.xhtml", b"<p>The ferry left.</p>"),
    ],
)
def test_text_is_taken_in_any_encoding(name: str, data: bytes) -> None:
    check(name, data)


def test_a_parser_that_trips_is_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    def trip(data: bytes) -> None:
        raise RecursionError("too deep")

    monkeypatch.setitem(READERS, ".deep", trip)  # type: ignore[arg-type]
    with pytest.raises(ReadError, match="can't be parsed: RecursionError: too deep"):
        check("a.deep", TEXT)


def test_a_taken_name_is_numbered_and_the_same_content_kept_once(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    long = "x" * 200 + ".txt"
    given = [("a.txt", TEXT), ("a.txt", b"Another."), ("a.txt", TEXT), ("a.txt", b"Another."), ("a.txt", b"A third.")]
    stored = [keep_upload(upload(tmp_path / "in", name, data), kept).name for name, data in given]
    assert stored == ["a.txt", "a (2).txt", "a.txt", "a (2).txt", "a (3).txt"]
    assert [len(keep_upload(upload(tmp_path / "in", long, b"No %d." % n), kept).name) for n in (1, 2)] == [120, 120]
    assert sorted(map(len, listed(kept))) == [5, 9, 9, 120, 120]
    assert (kept / "a (2).txt").read_bytes() == b"Another."


def test_links_folders_and_pipes_are_refused_and_left_alone(tmp_path: Path) -> None:
    secret = upload(tmp_path / "secret", "secret.txt")
    (link := tmp_path / "link.txt").symlink_to(secret)
    (folder := tmp_path / "folder.txt").mkdir()
    os.mkfifo(pipe := tmp_path / "pipe.txt")
    kept, refused = keep_uploads([link, folder, pipe, tmp_path / "gone.txt"], tmp_path / "kept")
    assert kept == []
    assert list(map(str, refused)) == [
        "link.txt: not a regular file",
        "folder.txt: not a regular file",
        "pipe.txt: not a regular file",
        "gone.txt: can't be stored: No such file or directory",
    ]
    assert secret.exists() and link.is_symlink() and folder.is_dir() and pipe.exists()


def test_a_link_that_lies_in_the_way_is_not_written_through(tmp_path: Path) -> None:
    secret = upload(tmp_path / "secret", "secret.txt", b"Keep me.")
    (kept := tmp_path / "kept").mkdir()
    (kept / "a.txt").symlink_to(secret)
    (kept / "b.txt").symlink_to(tmp_path / "nowhere")
    for name in ("a", "b"):
        assert keep_upload(upload(tmp_path / "in", f"{name}.txt"), kept).name == f"{name} (2).txt"
    assert secret.read_bytes() == b"Keep me."
    assert not (tmp_path / "nowhere").exists()


def test_too_large(tmp_path: Path) -> None:
    file = upload(tmp_path / "in", "big.txt")
    os.truncate(file, 65 * 2**20)  # sparse
    _, refused = keep_uploads([file], tmp_path / "kept")
    assert list(map(str, refused)) == ["big.txt: too large: 65 MB, the limit is 64 MB; split it"]
    assert not file.exists()


def test_a_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(0, 0, 150 * 2**20))
    _, refused = keep_uploads([upload(tmp_path / "in", "a.txt")], kept := tmp_path / "kept")
    assert str(refused[0]) == f"a.txt: not stored: only 150 MB are left on the disk of {kept}; make room first"
    monkeypatch.undo()

    def fail(target: Path, data: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(uploads, "write_atomically", fail)
    _, refused = keep_uploads([upload(tmp_path / "in", "a.txt")], kept)
    assert str(refused[0]) == "a.txt: can't be stored: No space left on device"
    assert listed(kept) == []


def test_a_kept_file_that_is_given_again_is_not_deleted(tmp_path: Path) -> None:
    kept = keep_upload(upload(tmp_path / "in", "a.txt"), tmp_path / "kept")
    assert keep_uploads([kept], tmp_path / "kept") == ([kept], [])
    assert kept.read_bytes() == TEXT


def test_files_of_every_format_are_taken_when_they_are_real(tmp_path: Path) -> None:
    made = {
        ".docx": format_files.docx(), ".odt": format_files.odt(), ".pptx": format_files.pptx(),
        ".xlsx": format_files.xlsx(), ".ods": format_files.ods(), ".odp": format_files.odp(),
        ".epub": format_files.epub(), ".rtf": format_files.rtf(),
        ".eml": format_files.eml(), ".mbox": format_files.mbox(tmp_path), ".srt": format_files.cues(),
        ".json": format_files.records(), ".csv": format_files.table(";"), ".html.gz": format_files.gz(),
    }  # fmt: skip
    for suffix, data in made.items():
        check(f"a{suffix}", data)
        for other in (".docx", ".odt", ".pptx", ".xlsx", ".epub", ".rtf", ".eml", ".mbox", ".srt", ".json"):
            if other != suffix and (suffix, other) != (".mbox", ".eml"):  # a mailbox opens with a message
                with pytest.raises(ReadError):
                    check(f"a{other}", data)


def test_a_locked_word_file_is_said_to_be_locked() -> None:
    with pytest.raises(ReadError, match=r"^encrypted: needs a password"):
        check("a.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"))
