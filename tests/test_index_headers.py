"""What a chunk is searched with besides its words: whose it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from index.headers import embedded_text, header
from index.library import Library
from index.sync import sync
from index.types import Document, Place
from tests.index_helpers import HashModel, as_model, write_files


def document(name: str, title: str, *sections: str) -> Document:
    places = tuple(Place(5 * number, section=section) for number, section in enumerate(sections))
    return Document("id", f"/somewhere/{name}", title, None, "en", "Some words of it.", places)


@pytest.mark.parametrize(
    ("name", "title", "lines"),
    [
        ("a.txt", "Istanbul, first talks", ["Istanbul, first talks"]),
        ("ACME_2022_10K.pdf", "SECURITIES COMMISSION", ["ACME 2022 10K", "SECURITIES COMMISSION"]),
        ("AnnualReport2023Q4.pdf", "AnnualReport2023Q4", ["Annual Report 2023 Q4"]),
        ("annual-report.pdf.gz", "Annual report", ["annual report"]),
        ("2025-05-17-istanbul-first-talks.txt", "Istanbul, first talks", ["2025 05 17 istanbul first talks"]),
        ("d0001.txt", "d0001", []),
        ("3fa85f64-5717-4562-b3fc-2c963f66afa6.pdf", "", []),
        ("Procès-verbal.odt", "Réunion du 3 juin", ["Procès verbal", "Réunion du 3 juin"]),
    ],
)
def test_file_name_and_title(name: str, title: str, lines: list[str]) -> None:
    assert header(document(name, title), 0, named=True).splitlines() == lines


def test_the_section_is_the_chunks_own() -> None:
    report = document("report.pdf", "Report", "Part I > 2 Costs > Rent", "Report")
    assert [header(report, start, named=True).splitlines() for start in (0, 5)] == [
        ["report", "2 Costs: Rent"],
        ["report"],
    ]


def test_a_long_title_is_cut() -> None:
    assert len(header(document("a.txt", "word " * 100), 0)) == 120


def test_what_is_embedded_depends_on_no_file_name() -> None:
    assert embedded_text(document("a.pdf", "Report", "2 Costs"), 5, 10) == "Report\n2 Costs\nwords"
    assert embedded_text(document("Report 2024.pdf", "Report 2024"), 5, 10) == "words"


def test_a_chunk_is_found_by_its_documents_name_and_section_and_its_text_is_its_own(tmp_path: Path) -> None:
    text = "# The harbour\n\n## Tides\n\nLow at noon.\n"
    write_files(tmp_path / "in", {"Dover_2023.md": text, "other.txt": "High at noon."})
    library = Library.create(tmp_path / "library")
    sync(library, [tmp_path / "in"], as_model(HashModel()))
    for question in ("Dover", "2023", "FY2023", "harbour", "tides"):
        assert [p.document.name for p in library.passages(library.bm25(question, 9))] == ["Dover_2023.md"]
    (passage,) = library.passages(library.bm25("Dover", 9))
    assert (passage.text, passage.document.text) == (text.strip(), text)
    best, _ = library.dense(HashModel().encode(["The harbour"])[0], 1)[0]
    assert best == passage.chunk.id
