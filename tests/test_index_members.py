"""Members of ZIP archives are documents of their own; what is wrong with one is told, and no harm to the others."""

from __future__ import annotations

import errno
import io
import os
import random
import stat
import struct
import tracemalloc
import zipfile
from contextlib import suppress
from pathlib import Path

import pytest

from index import members
from index.errors import ReadError
from index.isolation import Isolated
from index.library import Library
from index.members import Members, archive_of
from index.readers import MAX_BYTES, READERS
from index.sync import SyncReport, remove, sync
from index.types import Document
from tests import format_files
from tests.bad_readers import BAD
from tests.index_helpers import HashModel, as_model, write_files

TEXT = "The ferry {} left at noon."


def packed(files: dict[str, str | bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Make an archive."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return stream.getvalue()


def ferries(*names: str) -> dict[str, str | bytes]:
    """Make files that each name a ferry by its own name."""
    return {name: TEXT.format(Path(name).stem) for name in names}


class Desk:
    """A folder with an archive in it, a library, and a model that counts."""

    def __init__(self, tmp_path: Path) -> None:
        self.folder = tmp_path / "in"
        self.folder.mkdir()
        self.zip = self.folder / "x.zip"
        self.library = Library.create(tmp_path / "library")
        self.model = HashModel()

    def sync(self, *paths: Path) -> SyncReport:
        """Sync the folder, or some paths."""
        return sync(self.library, paths or [self.folder], as_model(self.model))

    def short(self, paths: list[str]) -> list[str]:
        """Return paths relative to the folder, sorted."""
        return sorted(os.path.relpath(path, self.folder) for path in paths)

    def failed(self, report: SyncReport) -> dict[str, str]:
        """Return the reasons of a report."""
        return {os.path.relpath(path, self.folder): reason for path, reason in report.failed}

    def found(self, word: str) -> list[str]:
        """Return the documents that hold a word."""
        return [passage.document.name for passage in self.library.passages(self.library.bm25(word, 9))]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_each_member_is_a_document(desk: Desk) -> None:
    files = {**ferries("anna.txt", "2024/berta 2024-05-06.md"), "deep/a.docx": format_files.docx(), "empty/": ""}
    desk.zip.write_bytes(packed(files))
    report = desk.sync()
    assert desk.short(report.added) == ["x.zip/2024/berta 2024-05-06.md", "x.zip/anna.txt", "x.zip/deep/a.docx"]
    assert report.failed == []
    assert desk.found("anna") == ["x.zip/anna.txt"]
    documents = {document.name: document for document in desk.library.store.documents().values()}
    berta = documents["x.zip/2024/berta 2024-05-06.md"]
    assert (berta.title, berta.date) == ("berta 2024-05-06", "2024-05-06")
    assert (documents["x.zip/deep/a.docx"].title, berta.path) == (
        format_files.TITLE,
        f"{desk.zip}/2024/berta 2024-05-06.md",
    )
    record = desk.library.store.files()[berta.path]
    assert (record.size, record.mtime_ns) == (desk.zip.stat().st_size, desk.zip.stat().st_mtime_ns)


def test_an_archive_as_it_was_is_not_opened(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.zip.write_bytes(packed({**ferries("anna.txt", "berta.txt"), "c.txt": b"\x00", "d.mp3": b"x"}))
    os.utime(desk.zip, (1, 1))
    first = desk.sync()
    monkeypatch.setattr(Members, "__init__", lambda *_: pytest.fail("it was opened"))
    report = desk.sync()
    assert desk.short(report.unchanged) == ["x.zip/anna.txt", "x.zip/berta.txt"]
    assert report.failed == first.failed and len(report.failed) == 2
    assert report.chunks_embedded == 0


def test_a_changed_archive_embeds_what_is_new(desk: Desk) -> None:
    desk.zip.write_bytes(packed(ferries("anna.txt", "berta.txt", "clara.txt")))
    desk.sync()
    desk.zip.write_bytes(packed({**ferries("anna.txt", "dora.txt"), "berta.txt": "The ferry berta is back."}))
    report = desk.sync()
    assert [desk.short(paths) for paths in (report.unchanged, report.updated, report.added, report.removed)] == [
        ["x.zip/anna.txt"],
        ["x.zip/berta.txt"],
        ["x.zip/dora.txt"],
        ["x.zip/clara.txt"],
    ]
    assert report.chunks_embedded == 2
    assert (desk.found("clara"), desk.found("back")) == ([], ["x.zip/berta.txt"])


def test_removed_with_its_archive(desk: Desk) -> None:
    desk.zip.write_bytes(packed(ferries("anna.txt", "b/berta.txt")))
    (desk.folder / "x.zipped.txt").write_text(TEXT.format("clara"))
    desk.sync()
    assert desk.short(remove(desk.library, [desk.zip])) == ["x.zip/anna.txt", "x.zip/b/berta.txt"]
    assert desk.short(desk.sync(desk.zip).added) == ["x.zip/anna.txt", "x.zip/b/berta.txt"]
    assert desk.short(remove(desk.library, [desk.zip / "b"])) == ["x.zip/b/berta.txt"]
    desk.zip.unlink()
    report = desk.sync()
    assert (desk.short(report.removed), desk.short(report.unchanged)) == (["x.zip/anna.txt"], ["x.zipped.txt"])


def test_a_moved_archive_and_an_unpacked_one_embed_nothing(desk: Desk) -> None:
    desk.zip.write_bytes(packed(ferries("anna.txt", "b/berta.txt")))
    desk.sync()
    (desk.folder / "sub").mkdir()
    desk.zip.rename(desk.folder / "sub" / "y.zip")
    report = desk.sync()
    assert (desk.short(report.moved), report.removed) == (["sub/y.zip/anna.txt", "sub/y.zip/b/berta.txt"], [])
    with zipfile.ZipFile(desk.folder / "sub" / "y.zip") as archive:
        archive.extractall(desk.folder)
    (desk.folder / "sub" / "y.zip").unlink()
    assert desk.short(desk.sync().moved) == ["anna.txt", "b/berta.txt"]
    desk.zip.write_bytes(packed(ferries("anna.txt", "b/berta.txt")))
    assert desk.short(desk.sync().added) == ["x.zip/anna.txt", "x.zip/b/berta.txt"]
    assert (desk.model.encoded, desk.found("anna")) == (2, ["anna.txt"])  # a copy has its document


def test_a_folder_of_such_a_name_is_a_folder(desk: Desk) -> None:
    write_files(desk.folder, {"x.zip/anna.txt": TEXT.format("anna"), "y.zip/z.zip/berta.txt": TEXT.format("berta")})
    assert desk.short(desk.sync().added) == ["x.zip/anna.txt", "y.zip/z.zip/berta.txt"]
    assert archive_of(str(desk.zip / "anna.txt")) is None
    assert desk.short(desk.sync().unchanged) == ["x.zip/anna.txt", "y.zip/z.zip/berta.txt"]
    (desk.zip / "anna.txt").unlink()
    desk.zip.rmdir()
    desk.zip.write_bytes(packed(ferries("anna.txt")))
    assert desk.short(desk.sync().unchanged) == ["x.zip/anna.txt", "y.zip/z.zip/berta.txt"]  # the same bytes
    assert archive_of(str(desk.zip / "anna.txt")) == str(desk.zip)


def test_an_archive_that_cannot_be_opened_for_once_keeps_its_members(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.zip.write_bytes(packed(ferries("anna.txt")))
    desk.sync()
    os.utime(desk.zip)

    def lost(path: Path) -> Members:
        raise OSError(errno.EIO, os.strerror(errno.EIO), str(path))

    with monkeypatch.context() as patch:
        patch.setattr(Members, "open", lost)
        report = desk.sync()
    assert (desk.failed(report), report.removed) == ({"x.zip": "can't be read: Input/output error"}, [])
    assert desk.found("anna") == ["x.zip/anna.txt"]
    report = desk.sync()
    assert (desk.short(report.unchanged), report.failed, report.removed) == (["x.zip/anna.txt"], [], [])


def test_a_damaged_archive_is_told_once_and_forgotten_when_it_is_whole(desk: Desk) -> None:
    data = packed(ferries("anna.txt"))
    desk.zip.write_bytes(data)
    desk.sync()
    desk.zip.write_bytes(data[:-9])
    report = desk.sync()
    assert desk.failed(report) == {"x.zip": "damaged ZIP archive: File is not a zip file"}
    assert desk.short(report.removed) == ["x.zip/anna.txt"]
    assert desk.failed(desk.sync()) == desk.failed(report)
    desk.zip.write_bytes(data)
    report = desk.sync()
    assert (desk.short(report.added), report.failed, report.removed) == (["x.zip/anna.txt"], [], [])
    assert list(desk.library.store.files()) == [f"{desk.zip}/anna.txt"]


# --- what is wrong with members ---------------------------------------------------------------------------------------


def linked(name: str, target: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return info


def patched(data: bytes, name: bytes, at: int, value: bytes) -> bytes:
    """Change a member's fields, in its own header and in the list of members; `at` counts from the flags on."""
    changed = bytearray(data)
    local = data.rindex(b"PK\x03\x04", 0, data.index(name))
    entry = data.rindex(b"PK\x01\x02", 0, data.rindex(name))
    for start in (local + 6, entry + 8):
        changed[start + at : start + at + len(value)] = value
    return bytes(changed)


FLAGS, METHOD, CRC, SIZE = 0, 2, 8, 16


def test_bad_members_among_good_ones(desk: Desk) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in ferries("anna.txt", "up/../../berta.txt", "/clara.txt", "C:\\dora.txt", "wrong.txt").items():
            archive.writestr(name, text)
        archive.writestr(linked("link.txt", "anna.txt"), "anna.txt")
        archive.writestr("inner.zip", packed(ferries("emma.txt")))
        archive.writestr("bomb.txt", b"a " * 2**22)
        archive.writestr("large.txt", bytes(MAX_BYTES + 2**20))
        archive.writestr("a.mp3", b"x")
        archive.writestr("old.doc", b"x")
        archive.writestr("bell\x07.txt", TEXT)
        archive.writestr("n" * 1001 + ".txt", TEXT)
        archive.writestr("locked.txt", TEXT)
        archive.writestr("odd.txt", TEXT)
        archive.writestr("broken.docx", format_files.docx()[:500])
        archive.writestr("__MACOSX/._anna.txt", b"\x00\x05\x16\x07")
        archive.writestr(".git/frida.txt", TEXT)
        archive.writestr("z/gerda.txt", TEXT.format("gerda"))
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr("anna.txt", TEXT.format("hanna"))
    data = stream.getvalue()
    data = patched(data, b"locked.txt", FLAGS, b"\x01")
    data = patched(data, b"wrong.txt", CRC, b"\x01\x02\x03\x04")
    data = patched(data, b"odd.txt", METHOD, b"\x0c\x00")
    desk.zip.write_bytes(data)
    report = desk.sync()
    assert desk.short(report.added) == ["x.zip/anna.txt", "x.zip/z/gerda.txt"]
    failed = desk.failed(report)
    assert failed.pop("x.zip/a.mp3").startswith("unknown file type .mp3; known: ")
    assert failed == {
        "x.zip/up_berta.txt": "refused: its name leads out of the archive: 'up/../../berta.txt'",
        "x.zip/_clara.txt": "refused: its name leads out of the archive: '/clara.txt'",
        "x.zip/C_dora.txt": "refused: its name leads out of the archive: 'C:\\\\dora.txt'",
        "x.zip/wrong.txt": "damaged member: Bad CRC-32 for file 'wrong.txt'",
        "x.zip/link.txt": "a symbolic link: not followed",
        "x.zip/inner.zip": "an archive in an archive: unpack it",
        "x.zip/bomb.txt": "refused: it unpacks to more than 200 times its size",
        "x.zip/large.txt": "too large: 65 MB, the limit is 64 MB; split it",
        "x.zip/old.doc": "an old Word file: save it as .docx",
        "x.zip/bell_.txt": "refused: a name that no file should have",
        f"x.zip/{'n' * 100}": "refused: a name that no file should have",
        "x.zip/locked.txt": "encrypted: needs a password",
        "x.zip/odd.txt": "packed in a way that isn't known here: unpack the archive",
        "x.zip/broken.docx": "damaged Word file: File is not a zip file",
        "x.zip/anna.txt (again)": "refused: the archive has another member of this name",
    }
    assert desk.found("anna") == ["x.zip/anna.txt"]
    assert not (desk.folder.parent / "berta.txt").exists()


def test_names_in_other_encodings_and_cases(desk: Desk) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, text in ferries("é.txt", "船.txt", "A.txt", "a.txt", "win\\dows.txt", "./b//c.txt").items():
            archive.writestr(name, text)
        archive.writestr("old_.txt", TEXT.format("alt"))
        archive.writestr("mac__.txt", TEXT.format("mac"))
    data = stream.getvalue().replace(b"old_.txt", b"old\x82.txt").replace(b"mac__.txt", "macé.txt".encode())
    desk.zip.write_bytes(data)
    report = desk.sync()
    assert desk.short(report.added) == sorted(
        ["x.zip/é.txt", "x.zip/船.txt", "x.zip/A.txt", "x.zip/a.txt", "x.zip/win/dows.txt", "x.zip/b/c.txt",
         "x.zip/oldé.txt", "x.zip/macé.txt"]
    )  # fmt: skip
    assert report.failed == []


def test_more_than_is_declared_is_not_inflated(desk: Desk) -> None:
    data = packed({"lie.txt": bytes(2**26), **ferries("berta.txt")})
    desk.zip.write_bytes(patched(data, b"lie.txt", SIZE, struct.pack("<L", 100)))
    with Members.open(desk.zip) as opened:
        tracemalloc.start()
        with pytest.raises(ReadError, match=r"^damaged member: Bad CRC-32 for file 'lie.txt'$"):
            opened.read("lie.txt")
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert peak < 2**23
    report = desk.sync()
    assert (desk.short(report.added), list(desk.failed(report))) == (["x.zip/berta.txt"], ["x.zip/lie.txt"])


def test_members_that_overlap(desk: Desk) -> None:
    """Build what bombs are built of: two entries of the list for the same bytes."""
    data = packed(ferries("anna.txt", "berta.txt"), zipfile.ZIP_STORED)
    start = data.index(b"PK\x01\x02")
    entry = data[start : start + 46 + len("anna.txt")]
    again = entry.replace(b"anna.txt", b"copy.txt")
    end = bytearray(data[data.index(b"PK\x05\x06") :])
    struct.pack_into("<HHL", end, 8, 3, 3, data.index(b"PK\x05\x06") - start + len(again))
    desk.zip.write_bytes(data[: data.index(b"PK\x05\x06")] + again + end)
    report = desk.sync()
    reason = "refused: it overlaps with another member of the archive"
    assert desk.failed(report) == {"x.zip/anna.txt": reason, "x.zip/copy.txt": reason}
    assert desk.short(report.added) == ["x.zip/berta.txt"]


@pytest.mark.parametrize("seed", range(5))
def test_any_damage_is_a_reason(tmp_path: Path, seed: int) -> None:
    dice = random.Random(seed)
    data = packed({**ferries("anna.txt", "é.md"), "a.docx": format_files.docx()[:999]})
    told: set[str] = set()
    for _ in range(100):
        damaged = bytearray(data)
        for _ in range(dice.randint(1, 4)):
            damaged[dice.randrange(len(data) - 300, len(data))] = dice.choice([0, 1, 127, 255, dice.randrange(256)])
        (tmp_path / "x.zip").write_bytes(damaged)
        try:
            with Members.open(tmp_path / "x.zip") as opened:
                for name, problem in opened.problems.items():
                    told.add(problem or "")
                    with suppress(ReadError):
                        opened.read(name)
        except ReadError as error:
            told.add(str(error))
    assert len(told) > 5 and "" in told


def test_zip64_and_what_stands_before_an_archive(desk: Desk) -> None:
    stream = io.BytesIO(b"#!/bin/sh\n")
    stream.seek(0, io.SEEK_END)
    with zipfile.ZipFile(stream, "a") as archive, archive.open("anna.txt", "w", force_zip64=True) as member:
        member.write(TEXT.format("anna").encode())
    desk.zip.write_bytes(stream.getvalue())
    assert desk.short(desk.sync().added) == ["x.zip/anna.txt"]


def test_all_that_is_unpacked_has_a_limit(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(members, "MAX_UNPACKED", 2 * 2**20)
    files = {f"{number}.txt": f"{TEXT.format(number)} " * 25_000 for number in range(4)}
    desk.zip.write_bytes(packed({"a.mp3": bytes(3 * 2**20), **files}))
    with Members.open(desk.zip) as opened:
        told = "refused: the archive unpacks to more than 2 MB; unpack it"
        assert list(opened.problems.values())[1:] == [None, None, None, told]
        assert opened.read("2.txt") == files["2.txt"].encode()
        with pytest.raises(ReadError, match="^" + told):
            opened.read("3.txt")


def test_too_many_members(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(members, "MAX_ENTRIES", 50)
    desk.zip.write_bytes(packed(dict.fromkeys(map(str, range(51)), "")))
    told = "refused: 51 files in one archive, the limit is 50; unpack it"
    assert desk.failed(desk.sync()) == {"x.zip": told}
    monkeypatch.setattr(members, "_MAX_LIST", 1000)  # so many that not even their list is read
    os.utime(desk.zip, (1, 1))
    assert desk.failed(desk.sync()) == {"x.zip": "refused: too many files in one archive, the limit is 50; unpack it"}


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "damaged ZIP archive: File is not a zip file"),
        (b"Plain words.", "damaged ZIP archive: File is not a zip file"),
        (packed({}), "empty: no file in it"),
        (packed({"folder/": "", "__MACOSX/._x": ""}), "empty: no file in it"),
        (packed({"a.txt": "x"}).replace(b"PK\x01\x02", b"PK\x01\x03"), "damaged ZIP archive: Bad magic number"),
        (packed({"a.txt": "x"}).replace(b"a.txt", b"\xff.txt").replace(b"\x14\x00\x00\x00", b"\x14\x00\x00\x08"),
         "damaged ZIP archive: 'utf-8' codec can't decode"),
    ],
)  # fmt: skip
def test_archives_that_are_none(desk: Desk, data: bytes, reason: str) -> None:
    desk.zip.write_bytes(data)
    (told,) = desk.failed(desk.sync()).values()
    assert told.startswith(reason)


def test_a_member_that_crashes_its_reader_costs_only_itself(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(READERS, ".crash", BAD[".crash"])
    desk.zip.write_bytes(packed({"a.crash": b"x", **ferries("berta.txt")}))
    with Isolated(worker="tests.bad_readers") as isolated:
        report = sync(desk.library, [desk.zip], as_model(desk.model), read=isolated.read)
    assert desk.failed(report) == {"x.zip/a.crash": "crashed its reader (SIGSEGV)"}
    assert desk.found("berta") == ["x.zip/berta.txt"]


def test_names_of_documents() -> None:
    def name(path: str) -> str:
        return Document("1", path, "", None, "en", "").name

    assert name("/a/b/c.txt") == "c.txt"
    assert name("/a/b/x.ZIP/d/c.txt") == "x.ZIP/d/c.txt"
    assert name("/a/x.zip") == "x.zip"
    assert name(str(Path("a", "x.zip", "c.txt"))) == "x.zip/c.txt"
