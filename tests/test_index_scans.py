"""Words on scanned pages are recognised for real: found, quoted, marked; page by page, and only once."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from fpdf import FPDF
from PIL import Image

from index import extras, pdf, pictures
from index.errors import ReadError
from index.extras import OCR
from index.library import Library
from index.readers import read, why_not
from index.scans import recognised
from index.sync import SyncReport, sync
from index.types import Document
from index.viewer import Viewer
from tests.format_files import SECTIONS
from tests.index_helpers import HashModel, as_model
from tests.scan_files import photographed, printed, saved

NAMES = list(SECTIONS)


class Stopped(Exception):
    """The run was interrupted."""


def indexed(library: Library, folder: Path, on_stage: Callable[[str], None] | None = None) -> SyncReport:
    return sync(library, [folder], as_model(HashModel()), on_stage=on_stage)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("scans")
    pages = list(photographed(printed()))
    (made / "places.pdf").write_bytes(saved(pages[:3], "PDF"))
    (made / "foundry.jpg").write_bytes(saved(pages[3:], "JPEG"))
    return made


@pytest.fixture(scope="module")
def told(folder: Path, library: Library) -> list[str]:
    """Index the scans, interrupted before the third page, and then once more; what was told of."""
    heard: list[str] = []

    def on_stage(text: str) -> None:
        heard.append(text)
        if "page 2 of 3" in text and heard.count(text) == 1:
            raise Stopped

    with pytest.raises(Stopped):
        indexed(library, folder, on_stage)
    assert indexed(library, folder, on_stage).failed == []
    return heard


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    made = Library.create(tmp_path_factory.mktemp("library"))
    yield made
    made.close()


@pytest.fixture
def documents(library: Library, told: list[str]) -> dict[str, Document]:
    return {document.name: document for document in library.store.documents().values()}


def where(section: str) -> tuple[str, int]:
    return ("foundry.jpg", 1) if section == "Foundry" else ("places.pdf", NAMES.index(section) + 1)


def test_every_sentence_is_found_whole_and_on_its_page(library: Library, documents: dict[str, Document]) -> None:
    for section, sentences in SECTIONS.items():
        name, page = where(section)
        document = documents[name]
        whole = [document.text[s.start : s.end] for s in library.store.sentences(document.id)]
        for sentence in sentences:
            assert sentence in whole
            assert sentence in library.passages(library.bm25(sentence, 5))[0].text
            place = document.place(document.text.index(sentence))
            assert (place.page, place.ocr) == (page, True)


def test_title_and_date_are_the_texts_own(documents: dict[str, Document]) -> None:
    assert [(d.title, d.date) for d in documents.values()] == [("Foundry", None), ("Harbour", None)]


def test_it_is_said_that_words_were_recognised(library: Library, documents: dict[str, Document]) -> None:
    told = library.store.set_aside()
    assert told[documents["places.pdf"].path] == ["words recognised by OCR on pages 1-3, perhaps with mistakes"]


def test_an_interrupted_run_goes_on_with_the_next_page(told: list[str]) -> None:
    pages = [(found[1], found[2]) for text in told if (found := re.search(r"page (\d) of \d of (.*)", text))]
    assert pages == [("1", "foundry.jpg"), ("1", "places.pdf"), ("2", "places.pdf"), ("2", "places.pdf"),
                     ("3", "places.pdf")]  # fmt: skip


def test_a_moved_file_is_not_recognised_again(library: Library, documents: dict[str, Document], folder: Path) -> None:
    (folder / "foundry.jpg").rename(folder / "bells.jpg")
    heard: list[str] = []
    report = indexed(library, folder, heard.append)
    (folder / "bells.jpg").rename(folder / "foundry.jpg")
    assert indexed(library, folder, heard.append).moved
    assert [Path(path).name for path in report.moved] == ["bells.jpg"]
    assert not any("Recognising" in text for text in heard)


@pytest.mark.parametrize("section", ["Orchard", "Foundry"])
def test_the_words_are_marked_on_the_picture(section: str, library: Library, documents: dict[str, Document]) -> None:
    name, page = where(section)
    document = documents[name]
    sentence = SECTIONS[section][0]
    start = document.text.index(sentence)
    viewer = Viewer(library.store)
    shown = viewer.view(document, page, [(start, start + len(sentence))])
    viewer.close()
    (box, *_) = shown.marks[0] or ()
    left, top, _, bottom = box
    assert (shown.count, shown.number) == (3 if name == "places.pdf" else 1, page)
    assert left * 210 == pytest.approx(20, abs=3)  # millimetres, where it was printed, a little askew
    assert 39 < top * 297 < bottom * 297 < 48


def test_what_was_recognised_goes_with_the_document(library: Library, documents: dict[str, Document]) -> None:
    document = documents["places.pdf"]
    assert sorted(recognised(library.store, document.id)) == [1, 2, 3]
    with library.store.transaction():
        library.store.remove_file(document.path)
    assert recognised(library.store, document.id) == {}


# --- without the extra ------------------------------------------------------------------------------------------------


@pytest.fixture
def without(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extras, "has_ocr", lambda: False)


def scan(text: str) -> Image.Image:
    made = FPDF()
    made.add_page()
    made.set_font("times", size=12)
    made.text(20, 30, text)
    return next(photographed(bytes(made.output())))


def mixed() -> bytes:
    """Make a PDF with a printed page, and a scanned one that bears the stamp of a program."""
    made = FPDF()
    made.set_font("times", size=12)
    made.add_page()
    made.text(20, 30, "The first page was printed by a program.")
    made.add_page()
    made.image(scan("The second page came from the scanner in the hall."), 0, 0, 210, 297)
    made.text(150, 290, "Scanned with a phone")
    return bytes(made.output())


@pytest.mark.usefixtures("without")
def test_without_the_extra_it_is_named() -> None:
    reasons = []
    for name, kind in (("letter.pdf", "PDF"), ("letter.png", "PNG")):
        with pytest.raises(ReadError) as error:
            read(Path(name), saved([scan("Dear Sir")], kind))
        reasons.append(str(error.value))
    assert reasons == [f"scanned: no text on its page; {OCR}", f"a picture; {OCR}"]
    assert "pip install 'chapterverse[ocr]'" in OCR
    assert ".png" not in (why_not("a.xyz") or "")


def test_pages_are_recognised_once_the_extra_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "mixed.pdf").write_bytes(mixed())
    library = Library.create(tmp_path / "library")
    with monkeypatch.context() as patched:
        patched.setattr(extras, "has_ocr", lambda: False)
        sync(library, [tmp_path / "in"], as_model(HashModel()), read=read)
    (before,) = library.store.documents().values()
    assert (before.text, library.store.set_aside()[before.path]) == (
        "The first page was printed by a program.\n\nScanned with a phone",
        [f"scanned, and not recognised: page 2; {OCR}"],
    )
    report = sync(library, [tmp_path / "in"], as_model(HashModel()))
    (after,) = library.store.documents().values()
    assert len(report.updated) == 1
    assert after.text.startswith("The first page was printed by a program.\n\nThe second page came from the scanner in")
    assert [place.ocr for place in after.places] == [False, True]
    assert library.passages(library.bm25("scanner", 5))
    assert sync(library, [tmp_path / "in"], as_model(HashModel())).unchanged
    library.close()


# --- pictures that are no text ----------------------------------------------------------------------------------------


def picture(mode: str, size: tuple[int, int], kind: str = "PNG") -> bytes:
    return saved([Image.new(mode, size)], kind)


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("a.png", picture("RGB", (300, 200)), "a picture with hardly any words on it"),
        ("a.png", picture("RGBA", (64, 64)), "a picture too small for a text"),
        ("a.png", picture("RGB", (300, 200))[:60], "damaged picture: "),
        ("a.jpg", b"no picture at all", "damaged, or not a picture"),
        ("a.tiff", picture("1", (300, 200), "TIFF")[:-900], "damaged picture: "),
    ],
    ids=["no words", "small", "cut off", "no picture", "cut off, with pages"],
)
def test_a_picture_that_is_no_text_says_why(name: str, data: bytes, reason: str, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / name).write_bytes(data)
    with closing(Library.create(tmp_path / "library")) as library:
        ((_, told),) = indexed(library, tmp_path / "in").failed
    assert told.startswith(reason)


@pytest.mark.parametrize("mode", ["1", "L", "P", "LA", "RGBA", "I;16", "CMYK"])
def test_every_kind_of_picture_becomes_a_page(mode: str) -> None:
    kind = "TIFF" if mode == "CMYK" else "PNG"
    shown = pdf.opened(pictures.to_pdf(picture(mode, (300, 200), kind)))
    assert [page.get_size() for page in shown] == [(300, 200)]


def test_what_can_be_seen_through_is_white() -> None:
    shown = pdf.opened(pictures.to_pdf(picture("RGBA", (300, 200))))
    assert shown[0].render().to_pil().convert("L").getpixel((150, 100)) > 250  # type: ignore[operator]


def test_a_tiff_has_pages() -> None:
    pages = [Image.new("1", (300, 200)) for _ in range(3)]
    assert len(pdf.opened(pictures.to_pdf(saved(pages, "TIFF")))) == 3


def test_a_photo_is_turned_as_its_camera_was() -> None:
    file = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6  # orientation: turned by a quarter
    Image.new("RGB", (300, 200)).save(file, "JPEG", exif=exif)
    assert pdf.opened(pictures.to_pdf(file.getvalue()))[0].get_size() == (200, 300)


def test_too_large_a_picture_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1000)
    with pytest.raises(ReadError, match="too large a picture"):
        pictures.to_pdf(picture("RGB", (300, 200)))
