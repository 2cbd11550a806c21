"""Every format is indexed for real: each sentence is found, whole, in the section where its file has it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from index.library import Library
from index.sync import sync
from index.types import Document, Place
from tests import format_files as files
from tests.format_files import DAY, SECTIONS, TITLE
from tests.index_helpers import HashModel, as_model

NAMES = list(SECTIONS)


def below(outer: str) -> Callable[[str, int], Place]:
    """Make a function that tells where a sentence of a section should stand: in a section below `outer`."""
    return lambda section, number: Place(0, section=f"{outer}{section}")


def on_slide(section: str, number: int) -> Place:
    page = NAMES.index(section) + 1
    return Place(0, page=page, section=f"Slide {page}" + (" > Notes" if number == 4 else ""))


def at_time(section: str, number: int) -> Place:
    return Place(0, section=f"00:{NAMES.index(section):02}:{4 * number:02}")


def in_message(section: str, number: int) -> Place:
    return Place(0, section=f"{section} (2025-03-{NAMES.index(section) + 4:02})")


def in_record(section: str, number: int) -> Place:
    return Place(0, section=f"{section} (2025-03-{NAMES.index(section) + 1:02})")


def nowhere(section: str, number: int) -> Place:
    return Place(0)


FORMATS: list[tuple[str, Callable[[], bytes], str, str | None, Callable[[str, int], Place]]] = [
    ("a.docx", files.docx, TITLE, DAY, below("Report > ")),
    ("a.odt", files.odt, TITLE, DAY, below("Report > ")),
    ("a.ods", files.ods, TITLE, None, below("")),
    ("a.odp", files.odp, TITLE, DAY, on_slide),
    ("a.docm", files.docx, TITLE, DAY, below("Report > ")),  # with macros, they are built as those without
    ("a.pptm", files.pptx, TITLE, "2013-01-27", on_slide),
    ("a.ppsx", files.pptx, TITLE, "2013-01-27", on_slide),
    ("a.xlsm", files.xlsx, TITLE, None, below("")),
    ("a.rtf", files.rtf, TITLE, DAY, nowhere),
    ("a.pptx", files.pptx, TITLE, "2013-01-27", on_slide),  # when the writer's template was made, as the file states
    ("a.xlsx", files.xlsx, TITLE, None, below("")),
    ("a.csv", lambda: files.table(";"), "a", None, nowhere),
    ("a.tsv", lambda: files.table("\t"), "a", None, nowhere),
    ("a.epub", files.epub, TITLE, DAY, below("Report > ")),
    ("old.epub", lambda: files.epub(2), TITLE, DAY, below("Report > ")),
    ("a.eml", files.eml, TITLE, DAY, nowhere),
    ("a.srt", files.cues, "a", None, at_time),
    ("a.vtt", lambda: files.cues(vtt=True), TITLE, None, at_time),
    ("a.json", files.records, TITLE, None, in_record),
    ("a.jsonl", lambda: files.records(lines=True), "a", None, in_record),
    ("a.md", files.markdown, TITLE, DAY, below(f"{TITLE} > ")),
    ("a.html", files.html, TITLE, DAY, below(f"{TITLE} > ")),
    ("a.html.gz", files.gz, TITLE, DAY, below(f"{TITLE} > ")),
]


def indexed(folder: Path, name: str, data: bytes) -> tuple[Library, Document]:
    """Index one file."""
    (folder / "in").mkdir()
    (folder / "in" / name).write_bytes(data)
    library = Library.create(folder / "library")
    report = sync(library, [folder / "in"], as_model(HashModel()))
    assert report.failed == []
    return library, next(iter(library.store.documents().values()))


def check(library: Library, document: Document, where: Callable[[str, int], Place]) -> None:
    """Check that every sentence is found, whole, and stands where it should."""
    whole = [document.text[s.start : s.end] for s in library.store.sentences(document.id)]
    for section, sentences in SECTIONS.items():
        for number, sentence in enumerate(sentences):
            assert any(sentence in candidate for candidate in whole), sentence
            best = library.passages(library.bm25(sentence, 5))[0]
            assert sentence in best.text
            place, expected = document.place(document.text.index(sentence)), where(section, number)
            assert (place.section, place.page) == (expected.section, expected.page), sentence


@pytest.mark.parametrize(("name", "make", "title", "date", "where"), FORMATS, ids=[row[0] for row in FORMATS])
def test_a_file_of_every_format(
    name: str,
    make: Callable[[], bytes],
    title: str,
    date: str | None,
    where: Callable[[str, int], Place],
    tmp_path: Path,
) -> None:
    library, document = indexed(tmp_path, name, make())
    assert (document.title, document.date) == (title, date)
    check(library, document, where)
    library.close()


def test_a_mailbox(tmp_path: Path) -> None:
    library, document = indexed(tmp_path, "a.mbox", files.mbox(tmp_path))
    assert (document.title, document.date) == ("a", None)
    check(library, document, in_message)
    library.close()


def test_a_sheet_of_libreoffice(tmp_path: Path) -> None:
    library, document = indexed(tmp_path, "a.ods", files.ods())
    lines = document.text.split("\n\n")
    assert lines[0] == "Number: 1; Day: 2025-03-01; Statement: " + SECTIONS["Harbour"][0]
    assert lines[5:7] == ["Twice.", "Twice."]
    library.close()


def test_a_slide_of_libreoffice(tmp_path: Path) -> None:
    library, document = indexed(tmp_path, "a.odp", files.odp())
    assert document.text.split("\n\n")[0] == "Harbour"  # the title, wherever it stands in the file
    assert "Confidential" not in document.text
    library.close()
