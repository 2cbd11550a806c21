"""Pages are shown while their file is the one that was read: within limits, with what was drawn kept for a while."""

from __future__ import annotations

import gzip
import json
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from index import viewer as module
from index.errors import ReadError
from index.library import Library
from index.readers import identify, read
from index.store import Store
from index.types import Document
from index.viewer import FileChanged, FileGone, Viewer, is_paged
from tests.pdf_helpers import make_pdf

PAGES = [[(20.0, 30.0, "The mill was sold to the members of the council")], [(20.0, 30.0, "who had read the report.")]]
DATA = make_pdf(PAGES)
QUOTE = "sold to the members of the council who had read"


def document(path: Path, data: bytes = DATA) -> Document:
    """Write a file and read it."""
    path.write_bytes(data)
    parsed = read(path, data)
    return Document(identify(path, data), str(path), "", None, "en", parsed.text, parsed.places)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with closing(Library.create(tmp_path_factory.mktemp("library"))) as library:
        yield library.store


@pytest.fixture(scope="module")
def viewer(store: Store) -> Iterator[Viewer]:
    made = Viewer(store)
    yield made
    made.close()


@pytest.fixture
def shown(tmp_path: Path) -> Document:
    return document(tmp_path / "report.pdf")


def asked(viewer: Viewer, monkeypatch: pytest.MonkeyPatch, **changes: object) -> list[int]:
    """Note the pages that the child is asked for; with `changes`, falsify its answers."""
    pages: list[int] = []
    real = viewer._child.ask

    def ask(task: bytes, data: bytes) -> Mapping[str, Any]:
        pages.append(json.loads(task)["page"])
        return real(task, data) | changes

    monkeypatch.setattr(viewer._child, "ask", ask)
    return pages


def test_a_quote_is_marked_on_each_of_its_pages(viewer: Viewer, shown: Document) -> None:
    start = shown.text.index(QUOTE)
    spans = [(start, start + len(QUOTE)), (0, 3), (len(shown.text) - 7, len(shown.text)), (0, 0)]
    first, second = (viewer.view(shown, number, spans) for number in (1, 2))
    assert (first.number, first.count, second.number, second.count) == (1, 2, 2, 2)
    assert [[len(boxes or ()) for boxes in page.marks] for page in (first, second)] == [[1, 1, 0, 0], [1, 0, 1, 0]]
    assert first.picture != second.picture


def test_what_cannot_be_found_is_told_from_what_is_elsewhere(viewer: Viewer, shown: Document) -> None:
    other = replace(shown, text=shown.text.replace("mill", "brewery"))
    assert viewer.view(other, 1, [(4, 11), (len(other.text) - 7, len(other.text))]).marks == (None, ())


def test_a_gzipped_file_is_shown_too(viewer: Viewer, tmp_path: Path) -> None:
    zipped = document(tmp_path / "Report.PDF.GZ", gzip.compress(DATA))
    assert viewer.view(zipped, 1, [(4, 8)]).marks[0]


def test_a_member_of_an_archive_is_shown_too(viewer: Viewer, shown: Document, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "files.zip", "w") as archive:
        archive.writestr("2024/report.pdf", DATA)
    member = replace(shown, path=f"{tmp_path}/files.zip/2024/report.pdf")
    assert is_paged(member) and viewer.view(member, 1, [(4, 8)]).marks[0]
    with pytest.raises(ReadError, match="^the archive has changed meanwhile"):
        viewer.view(replace(member, path=f"{tmp_path}/files.zip/report.pdf"), 1)


def test_a_file_that_changed_or_is_gone(viewer: Viewer, shown: Document) -> None:
    path = Path(shown.path)
    viewer.view(shown, 1)
    path.write_bytes(DATA + b"\n")
    with pytest.raises(FileChanged):
        viewer.view(shown, 1)
    path.unlink()
    with pytest.raises(FileGone):
        viewer.view(shown, 1)
    with pytest.raises(ReadError, match="^can't be read: "):
        viewer.view(replace(shown, path=f"{__file__}/report.pdf"), 1)
    path.mkdir()
    with pytest.raises(ReadError, match="^not a regular file$"):
        viewer.view(shown, 1)


def test_a_page_that_is_not_there(viewer: Viewer, shown: Document) -> None:
    with pytest.raises(ReadError, match="^no page 3 of 2$"):
        viewer.view(shown, 3)
    assert viewer.view(shown, 1).number == 1


def test_what_was_drawn_is_kept_and_the_oldest_is_let_go(
    store: Store, shown: Document, monkeypatch: pytest.MonkeyPatch
) -> None:
    viewer = Viewer(store)
    pages = asked(viewer, monkeypatch)
    first = viewer.view(shown, 1)
    assert viewer.view(shown, 1) is first
    viewer.view(shown, 1, [(0, 3)])  # other marks
    viewer.view(shown, 2)
    assert pages == [1, 1, 2]
    monkeypatch.setattr(module, "KEPT", len(first.picture))
    viewer.view(shown, 2, [(0, 3)])
    viewer.view(shown, 2, [(0, 3)])
    viewer.view(shown, 1)
    assert pages == [1, 1, 2, 2, 1]
    viewer.close()


@pytest.mark.parametrize(
    "changes",
    [
        {"marks": []},
        {"marks": [[[0, 0, 1]]]},
        {"marks": [[[0.5, 0, 0.1, 1]]]},
        {"marks": [[[0, 0, 1, float("nan")]]]},
        {"marks": [[[0, 0, 1, "1;x:expression()"]]]},
        {"marks": [7]},
        {"marks": None},
        {"picture": '"><script>ran=1</script>'},
        {"picture": 7},
        {"width": 0},
        {"width": "wide"},
        {"count": None},
        {"height": float("inf")},
    ],
)
def test_an_answer_that_makes_no_sense_is_not_believed(
    viewer: Viewer, shown: Document, monkeypatch: pytest.MonkeyPatch, changes: dict[str, object]
) -> None:
    asked(viewer, monkeypatch, **changes)
    with pytest.raises(ReadError, match="makes no sense"):
        viewer.view(shown, 1, [(0, 3), (3, 3)])


def endless() -> bytes:
    """A page that takes minutes to draw."""
    curves = b"q 1 0 0 1 0 0 cm " + b"0 0 m 600 800 0 800 600 0 c 300 500 100 20 0 0 c f* " * 400_000
    head = b"1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj "
    page = b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R>>endobj "
    return b"%%PDF-1.7\n%s%s4 0 obj<</Length %d>>stream\n%s\nendstream endobj\ntrailer<</Root 1 0 R>>\n%%%%EOF" % (
        head, page, len(curves), curves,
    )  # fmt: skip


def test_a_page_that_takes_too_long_holds_nobody_up(
    store: Store, shown: Document, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SECONDS", 0.5)
    hostile, viewer = tmp_path / "hostile.pdf", Viewer(store)
    hostile.write_bytes(data := endless())
    document = replace(shown, id=identify(hostile, data), path=str(hostile))
    with pytest.raises(ReadError, match="^took more than 0.5 s to read$"):
        viewer.view(document, 1)
    monkeypatch.setattr(viewer._child, "_seconds", 60.0)
    assert viewer.view(shown, 1).count == 2
    monkeypatch.setattr(module, "PATIENCE", 0.1)
    with viewer._drawing, pytest.raises(ReadError, match="^other pages are being drawn; try again$"):
        viewer.view(shown, 1)
    viewer.close()


@pytest.mark.parametrize(
    ("name", "paged"),
    [("a.pdf", True), ("A.PDF", True), ("a.pdf.gz", True), ("a.pdf\n.pdf", True), ("a.pptx", False), ("pdf", False)],
)
def test_only_pdf_files_have_pages_to_show(shown: Document, name: str, paged: bool) -> None:
    assert is_paged(replace(shown, path=f"/docs/{name}")) == paged
    assert not is_paged(replace(shown, path=f"/docs/{name}", places=()))
