"""What is damaged, disguised, locked or hostile is refused with one line, at once and in little memory."""

from __future__ import annotations

import gzip
import io
import time
import tracemalloc
import zipfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from index.errors import ReadError
from index.parsed import Parsed
from index.readers import READERS, read
from tests import format_files as files

ZIPPED: dict[str, Callable[[], bytes]] = {
    ".docx": files.docx,
    ".odt": files.odt,
    ".ods": files.ods,
    ".odp": files.odp,
    ".pptx": files.pptx,
    ".xlsx": files.xlsx,
    ".epub": files.epub,
}
# The part of each that is read first, or at any rate.
MAIN = {
    ".docx": "word/document.xml",
    ".odt": "content.xml",
    ".ods": "content.xml",
    ".odp": "content.xml",
    ".pptx": "ppt/presentation.xml",
    ".xlsx": "xl/workbook.xml",
    ".epub": "OEBPS/book.opf",
}
LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a0 "ha">'
    + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
    + "]><x>&a11;</x>"
).encode()
OUTSIDE = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>'
DEEP = b"<x>" * 50_000 + b"</x>" * 50_000
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)
SECONDS = 10  # of the processor, whatever else the machine is busy with
MEGABYTES = 120


def refusal(name: str, data: bytes) -> str:
    """Read a file that can't be read; return the one line that says why."""
    tracemalloc.start()
    start = time.process_time()
    try:
        with pytest.raises(ReadError) as caught:
            read(Path(name), data)
        assert time.process_time() - start < SECONDS
        assert tracemalloc.get_traced_memory()[1] < MEGABYTES * 2**20
    finally:
        tracemalloc.stop()
    reason = str(caught.value)
    assert (
        reason.strip() and len(reason.splitlines()) == 1 and len(reason) < 400
    )  # the suffixes that are known take 250
    return reason


def with_part(data: bytes, name: str, part: bytes) -> bytes:
    """Replace one part of a ZIP archive, or add it."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = {entry: archive.read(entry) for entry in archive.namelist()}
    return files.zipped({**parts, name: part})


@pytest.mark.parametrize("suffix", ZIPPED)
def test_archives_that_are_cut_off(suffix: str) -> None:
    data = ZIPPED[suffix]()
    for share in (0.01, 0.2, 0.5, 0.9, 0.999):
        assert refusal(f"a{suffix}", data[: int(share * len(data))]).startswith(("damaged", "not a"))


@pytest.mark.parametrize("suffix", ZIPPED)
def test_a_damaged_part(suffix: str) -> None:
    data = ZIPPED[suffix]()
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        start = archive.getinfo(MAIN[suffix]).header_offset + 30 + len(MAIN[suffix]) + 10
    damaged = data[:start] + b"\xff" * 40 + data[start + 40 :]
    assert refusal(f"a{suffix}", damaged).startswith("damaged")


@pytest.mark.parametrize("suffix", ZIPPED)
@pytest.mark.parametrize("part", [LAUGHS, OUTSIDE, DEEP, b"", b"<x", b"\x00\x01", b"<x/>", b"<x>" * 50_000])
def test_hostile_xml(suffix: str, part: bytes) -> None:
    assert "passwd" not in refusal(f"a{suffix}", with_part(ZIPPED[suffix](), MAIN[suffix], part))


@pytest.mark.parametrize("part", [LAUGHS, OUTSIDE, DEEP, b"<x"])
def test_hostile_xml_further_in(part: bytes) -> None:
    assert refusal("a.pptx", with_part(files.pptx(), "ppt/slides/slide2.xml", part))
    assert refusal("a.docx", with_part(files.docx(), "word/styles.xml", part))
    if part is not DEEP:  # a sheet is read element by element, so that its depth costs nothing
        assert refusal("a.xlsx", with_part(files.xlsx(), "xl/sharedStrings.xml", part))
        assert refusal("a.xlsx", with_part(files.xlsx(), "xl/worksheets/sheet3.xml", part))


def test_a_deep_sheet_is_an_empty_one() -> None:
    parsed = read(Path("a.xlsx"), with_part(files.xlsx(), "xl/worksheets/sheet3.xml", DEEP))
    assert "foundry" in parsed.text and "telescope" not in parsed.text


def test_hostile_chapters_of_a_book_expand_nothing() -> None:
    for part in (LAUGHS, OUTSIDE, DEEP):
        parsed = read(Path("a.epub"), with_part(files.epub(), "OEBPS/text/two.xhtml", part))
        assert "root:" not in parsed.text and len(parsed.text) < 10_000


@cache
def many_members() -> bytes:
    return files.zipped({f"{number}.xml": "" for number in range(20_001)})


@pytest.mark.parametrize("suffix", ZIPPED)
def test_bombs(suffix: str) -> None:
    packed = with_part(ZIPPED[suffix](), MAIN[suffix], b"<x>" + bytes(60 * 2**20) + b"</x>")
    assert "times its size" in refusal(f"a{suffix}", packed)
    assert refusal(f"a{suffix}", many_members()) == "refused: 20001 files in one archive, the limit is 20000"


@pytest.mark.parametrize("suffix", ZIPPED)
def test_a_locked_archive(suffix: str) -> None:
    data = bytearray(ZIPPED[suffix]())
    place = data.index(b"PK\x01\x02")
    while place >= 0:  # the flag in each entry of the directory
        data[place + 8] |= 1
        place = data.find(b"PK\x01\x02", place + 4)
    assert refusal(f"a{suffix}", bytes(data)) == "encrypted: needs a password"


@pytest.mark.parametrize(
    ("stream", "reason"),
    [
        ("EncryptedPackage", "encrypted: needs a password; save it without one"),
        ("WordDocument", "an old Word file: save it as .docx"),
        ("Workbook", "an old Excel file: save it as .xlsx"),
        ("PowerPoint Document", "an old PowerPoint file: save it as .pptx"),
        ("", "an old Office file: save it in today's format"),
    ],
)
@pytest.mark.parametrize("suffix", [".docx", ".xlsx", ".pptx"])
def test_old_and_encrypted_office_files(suffix: str, stream: str, reason: str) -> None:
    assert refusal(f"a{suffix}", OLE + stream.encode("utf-16-le")) == reason


PICTURE = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(range(256))


@pytest.mark.parametrize("suffix", sorted(set(READERS) - {".pdf"}))
@pytest.mark.parametrize("data", [b"", b" \n", PICTURE, b"PK\x05\x06" + bytes(18)])
def test_other_kinds(suffix: str, data: bytes) -> None:
    assert refusal(f"a{suffix}", data)


@pytest.mark.parametrize("suffix", ZIPPED)
@pytest.mark.parametrize("other", ZIPPED)
def test_another_archive(suffix: str, other: str) -> None:
    if suffix != other:
        assert refusal(f"a{suffix}", ZIPPED[other]()).startswith(("not a", "damaged"))


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("a.rtf", files.rtf()[:200], "damaged RTF file: it is cut off"),
        ("a.rtf", b"Plain words.", "not an RTF file: it doesn't begin as one"),
        ("a.eml", b"Plain words, no mail.", "not a mail: it has no sender, date or subject"),
        ("a.mbox", b"Subject: x\n\nWords.", "not a mailbox: it doesn't begin with a From line"),
        ("a.srt", b"Words without times.", "not subtitles: it has no time codes"),
        ("a.srt", b"1\n00:00:01,000 --> 00:00:02,000\n\n", "empty: no cue in it that says anything"),
        ("a.json", files.records()[:300], "not JSON: "),
        ("a.json", b"[" * 50_000, "nested too deeply for JSON that says something"),
        ("a.json", b"[" * 50_000 + b"]" * 50_000, "nested too deeply for JSON that says something"),
        ("a.json", b"[" * 400 + b'{"a":' * 400 + b'"b"' + b"}" * 400 + b"]" * 400, "nested more than 100 keys deep"),
        ("a.json", b'{"a": ' + b"9" * 9999 + b"}", "not JSON: "),
        ("a.jsonl", b'{"text": "One."}\n{"text": "Tw\n{"te', "line 2: not JSON: "),
        ("a.jsonl", b"[" * 50_000 + b"\n{", "line 1: nested too deeply"),
        ("a.csv", b'a,b\n"' + b"x," * 100_000, "damaged table: field larger than field limit (131072) (line 2)"),
        ("a.txt.gz", files.gz()[:100], "damaged gzip file: "),
        ("a.txt.gz", files.gz()[:-3], "damaged gzip file: "),
        ("a.txt.gz", b"Plain words.", "damaged gzip file: "),
        ("a.txt.gz", gzip.compress(bytes(65 * 2**20), mtime=0), "too large: it inflates to more than 64 MB; split it"),
        ("a.gz.gz", gzip.compress(gzip.compress(b"x", mtime=0), mtime=0), "gzipped twice: unpack it once"),
        ("a.xyz.gz", gzip.compress(b"x", mtime=0), "unknown file type .xyz; known: "),
        ("a.json.gz", gzip.compress(b"[" * 50_000, mtime=0), "nested too deeply"),
    ],
)
def test_reasons(name: str, data: bytes, reason: str) -> None:
    if name.endswith(".gz"):
        with pytest.raises(ReadError, match="^" + reason.replace("(", r"\(").replace(")", r"\)")):
            read(Path(name), data)
    else:
        assert refusal(name, data).startswith(reason)


def test_mails_within_mails() -> None:
    deep = b"Subject: x\n" + b"".join(
        b'Content-Type: multipart/mixed; boundary="%d"\n\n--%d\n' % (n, n) for n in range(50_000)
    )
    assert refusal("a.eml", deep).startswith("nested too deeply")


def test_a_table_beyond_the_limit_is_read_up_to_it() -> None:
    data = ("a,b\n" + "word,other\n" * 100_005).encode()
    parsed = read(Path("a.csv"), data)
    assert parsed.set_aside == ("6 rows of the table: more than 200000 cells in one file",)


def test_a_sheet_whose_only_cell_is_its_last(tmp_path: Path) -> None:
    import xlsxwriter

    book = xlsxwriter.Workbook(tmp_path / "a.xlsx")
    book.add_worksheet("Far").write(1_048_575, 16_383, "Alone out here.")
    book.close()
    start = time.process_time()
    assert read(Path("a.xlsx"), (tmp_path / "a.xlsx").read_bytes()).text == "Alone out here."
    assert time.process_time() - start < SECONDS


def test_long_lines_take_no_time() -> None:
    start = time.process_time()
    for name, data in {
        "a.md": b"# a" + b" #" * 100_000 + b"x",
        "b.md": b"x" * 400_000 + b"\n" + b"-" * 400_000 + b"x",
        "a.vtt": b"WEBVTT\n\n00:01.000 --> 00:02.000\n" + b"<" * 100_000 + b"words",
        "a.srt": b"00:00:01,000 --> 00:00:02,000\n" + b"{\\" * 100_000 + b"words",
        "a.eml": b"Subject: " + b"<" * 100_000 + b"\n\n" + b"> " * 100_000 + b"words",
        "b.eml": b"Subject: x\nFrom: " + b"(" * 100_000 + b"\n\nwords",
        "c.eml": b"Subject: x\nFrom: " + b"a@b.c, " * 20_000 + b"\n\nwords",
        "a.json": b'{"text": "words ' + b"<p " * 50_000 + b'"}',
        "a.csv": b"a;b\n" + b"word;" * 100_000,
        "a.epub": with_part(files.epub(), "OEBPS/text/two.xhtml", b"<a" + b" b" * 50_000 + b"<a " * 50_000),
        "b.rtf": b"{\\rtf1 words" + b"{\\b" * 50_000 + b"}",
    }.items():
        assert isinstance(read(Path(name), data), Parsed)
    assert time.process_time() - start < SECONDS
