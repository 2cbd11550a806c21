"""Publication dates are found where a document states them, and nowhere else."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from index.dates import file_name_date, header_date, parse_date
from index.library import Library
from index.sync import sync
from tests.index_helpers import HashModel, as_model, write_files


@pytest.mark.parametrize(
    "text",
    [
        "2025-06-02",
        " 2025-06-02 ",
        "2025-06-02T23:30:00Z",
        "20250602",
        "20250602T233000+0900",
        "2025-06-02T23:30:00-08:00",  # the publisher's own day
        "02/06/2025",
        "2.6.2025",
        "2 June 2025",
        "2nd June 2025",
        "June 2, 2025",
        "June 2nd, 2025",
        "Jun. 2, 2025",
        "2 juin 2025",
        "2. Juni 2025",
        "2 de junio de 2025",
        "2 giugno 2025",
        "Mon, 02 Jun 2025 10:00:00 GMT",
    ],
)
def test_forms_of_one_date(text: str) -> None:
    assert parse_date(text) == "2025-06-02"


def test_first_of_the_month_in_french() -> None:
    assert parse_date("1er juin 2025") == "2025-06-01"


@pytest.mark.parametrize(
    "text",
    (
        "|2025|June 2025|2025-06|last Tuesday|yesterday|2 June|soon|28-point plan|"
        "20251301|202506021|1748851200|2025-13-01|2025-02-30|31/02/2025|30 février 2025|0999-01-01|3025-01-01"
    ).split("|"),
)
def test_no_date_or_an_impossible_one(text: str) -> None:
    assert parse_date(text) is None


@pytest.mark.parametrize(
    ("text", "date", "rest"),
    [
        (" date 2025-06-02 \n\n\n\nThus, Russia", "2025-06-02", "Thus, Russia"),
        ("date 2025-11-25 Last week, the plan", "2025-11-25", "Last week, the plan"),
        ("\ufeffdate 2025-11-25 Last week", "2025-11-25", "Last week"),
        ("Date: 2 June 2025\n\nText", "2025-06-02", "Text"),
        ("Published on June 2, 2025\nText", "2025-06-02", "Text"),
        ("Posted: 2025-06-02\nText", "2025-06-02", "Text"),
        ("Publié le 3 mai 2025\nTexte", "2025-05-03", "Texte"),
        ("Veröffentlicht 2. Juni 2025\nText", "2025-06-02", "Text"),
    ],
)
def test_a_labelled_date_is_no_part_of_the_first_sentence(text: str, date: str, rest: str) -> None:
    found, body = header_date(text)
    assert (found, text[body:].strip()) == (date, rest)


@pytest.mark.parametrize(
    "text",
    ["A headline\n\nParis, 3 May 2025\n\nThe text.", "3 May 2025\nThe text.", "By A. Writer | 2025-05-03\n\nThe text."],
)
def test_a_dateline_gives_the_date_and_stays(text: str) -> None:
    assert header_date(text) == ("2025-05-03", 0)


@pytest.mark.parametrize(
    "text",
    [
        "Après l’appel téléphonique du 20 mai 2025 entre MM. Trump et Poutine, les discussions continuent.",
        "one\ntwo\nthree\nfour\nfive\n2025-06-02",  # too far down to be a dateline
        "The plan of 28 points\n\nNothing here.",
        "Text " * 1000 + "\n2025-06-02",
        "Headline\n\nLast updated: 2 June 2025\n\nText.",
        "Titre\n\nMis à jour le 2 juin 2025\n\nTexte.",
        "",
    ],
)
def test_a_date_in_the_text_is_not_the_publication_date(text: str) -> None:
    assert header_date(text) == (None, 0)


@pytest.mark.parametrize("text", ["date 2025-13-45 text", "date 31/02/2025 text", "2025-02-30\n\ntext"])
def test_an_impossible_header_date_is_none(text: str) -> None:
    assert header_date(text)[0] is None


@pytest.mark.parametrize(
    ("name", "date"),
    [
        ("2025-05-17-istanbul.txt", "2025-05-17"),
        ("notes_20250517.md", "2025-05-17"),
        ("2025.05.17.html", "2025-05-17"),
        ("a 2025_05_17 b.txt", "2025-05-17"),
        ("000_a314c0a05cd791ed.txt", None),
        ("2025-13-02.txt", None),
        ("202505170.txt", None),
        ("report-2025.txt", None),
        ("12345678-2025-05-17.txt", "2025-05-17"),
    ],
)
def test_file_names(name: str, date: str | None) -> None:
    assert file_name_date(name) == date


def test_never_the_modification_time(tmp_path: Path) -> None:
    write_files(tmp_path / "in", {"undated.txt": "The talks went on for hours. Nothing came of them."})
    os.utime(tmp_path / "in" / "undated.txt", (1_700_000_000, 1_700_000_000))
    library = Library.create(tmp_path / "library")
    sync(library, [tmp_path / "in"], as_model(HashModel()))
    assert [document.date for document in library.store.documents().values()] == [None]
