"""PDF files: every sentence whole, on its page, in reading order, and nothing left out in silence."""

from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path

import pytest
from fpdf import FPDF
from PIL import Image

from index.errors import ReadError
from index.extras import OCR
from index.layout import clean
from index.library import Library
from index.parsed import Parsed
from index.pdf import read_pdf
from index.readers import read
from index.sync import sync
from tests.index_helpers import HashModel, as_model
from tests.pdf_helpers import blank_pdf, column, finished, make_pdf, turned

LEFT = ["The committee met in the early spring", "to judge the new plans of the harbour.", "It found them wanting."]
RIGHT = [
    "In the right column another story is",
    "told, of cranes that were sold in 1932",
    "to a dealer from the north.",
]
LEFT_TEXT, RIGHT_TEXT = " ".join(LEFT), " ".join(RIGHT)
SUBJECTS = """harbour lighthouse orchard railway cathedral glacier vineyard telescope parliament windmill
    aqueduct library observatory brewery monastery shipyard quarry theatre greenhouse foundry""".split()
SENTENCES = [
    f"The {subject} was built in {1700 + 7 * number} by the citizens, who paid for their {subject} with a tax on salt "
    f"and, when the {subject} was half done, with the gifts of {number + 3} dealers in {subject} parts."
    for number, subject in enumerate(SUBJECTS)
]


def text_of(*pages: list[tuple[float, float, str]]) -> str:
    return read_pdf(make_pdf(pages)).text


@pytest.mark.parametrize(
    ("lines", "text"),
    [
        (["It was an exam-", "ple of patience."], "It was an example of patience."),
        (["It was well known, a well-", "known story."], "It was well known, a well-known story."),
        (["A re-entry, said the re-", "entry office."], "A re-entry, said the re-entry office."),
        (["The reform: a re-", "form of form."], "The reform: a reform of form."),
        (["A well-", "known story, by a self-", "taught man."], "A well-known story, by a self-taught man."),
        (["He sells house-", "plants."], "He sells houseplants."),
        (["ELEMENT or an ELE-", "MENT of it."], "ELEMENT or an ELEMENT of it."),
        (  # other hyphens at its lines' ends belong to the words, so the one that can't be told does as well
            ["It is cloud-based, as a cloud-", "based firm is, and state-", "sponsored."],
            "It is cloud-based, as a cloud-based firm is, and state-sponsored.",
        ),
        (  # others don't
            ["The harbour, a har-", "bour of the king, was magnifi-", "cently built."],
            "The harbour, a harbour of the king, was magnificently built.",
        ),
        (["Between 2022-", "2023 it rose."], "Between 2022-2023 it rose."),
        (["The Franco-", "German brigade."], "The Franco-German brigade."),
        (["One line of prose goes on", "in the next one."], "One line of prose goes on in the next one."),
        (["First of all the coal.", "Then the steel of the whole region."], None),
    ],
)
def test_lines_become_sentences(lines: list[str], text: str | None) -> None:
    assert text_of(column(20, 30, lines)) == (text or "\n\n".join(lines))


@pytest.mark.parametrize(
    ("page", "text"),
    [
        (column(20, 30, LEFT) + column(115, 30, RIGHT), f"{LEFT_TEXT}\n\n{RIGHT_TEXT}"),  # written one after the other
        (
            [text for pair in zip(column(20, 30, LEFT), column(115, 30, RIGHT), strict=True) for text in pair],
            f"{LEFT_TEXT}\n\n{RIGHT_TEXT}",  # written line by line across the page
        ),
        (column(20, 30, LEFT) + column(20, 55, RIGHT), f"{LEFT_TEXT}\n\n{RIGHT_TEXT}"),  # a gap between them
        (
            [
                *((20, 30, "Net sales"), (100, 30, "$ 3,226"), (150, 30, "$ 2,729")),
                *((20, 36, "Cost of sales"), (100, 36, "2,107"), (150, 36, "1,701")),
            ],
            "Net sales\t$ 3,226\t$ 2,729\nCost of sales\t2,107\t1,701",
        ),
        (
            [(20, 30, "Growth"), (100, 30, "$"), (112, 30, "12"), (150, 30, "4"), (160, 30, "%")],
            "Growth\t$ 12\t4 %",
        ),
    ],
)  # fmt: skip
def test_layouts(page: list[tuple[float, float, str]], text: str) -> None:
    assert text_of(page) == text


@pytest.mark.parametrize("angle", [90, 180, 270])
def test_a_page_that_is_printed_sideways_and_shown_upright(angle: int) -> None:
    pdf = blank_pdf()
    pdf.add_page()
    with pdf.rotation(angle, 105, 148):
        for left, right in zip(column(20, 30, LEFT), column(115, 30, RIGHT), strict=True):
            pdf.text(*left)
            pdf.text(*right)
    assert read_pdf(turned(finished(pdf), angle)).text == f"{LEFT_TEXT}\n\n{RIGHT_TEXT}"


@pytest.mark.parametrize("angle", [90, 180, 270])
def test_text_that_runs_down_up_or_backwards_loses_no_word(angle: int) -> None:
    text = read_pdf(turned(make_pdf([column(20, 30, LEFT) + column(115, 30, RIGHT)]), angle)).text
    assert sorted(text.split()) == sorted(f"{LEFT_TEXT} {RIGHT_TEXT}".split())


@pytest.mark.parametrize(
    ("last", "first", "between"),
    [
        ("The vote was put off until the members of the council", "had read the report.", " "),
        ("The vote was put off.", "Nobody had read the report.", "\n\n"),
        ("The vote was put off by the presi-", "dent of the council.", ""),
        ("The vote was postponed by order of the two chairmen, Mr Albert Brown and Miss Hilda van", "Aalst.", " "),
    ],
)
def test_a_sentence_over_a_page_break_is_one(last: str, first: str, between: str) -> None:
    parsed = read_pdf(make_pdf([[(20, 250, last)], [(20, 30, first)]]))
    assert parsed.text == last.removesuffix("-" if not between else "") + between + first
    assert [(place.page, parsed.text[place.start :]) for place in parsed.places] == [(1, parsed.text), (2, first)]


def test_running_heads_and_page_numbers_are_set_aside() -> None:
    bodies = [f"Text of its own: {subject}, with no other." for subject in SUBJECTS[:6]]
    parsed = read_pdf(
        make_pdf(
            [
                [(20, 12, f"ACME INC. Annual Report {2020 + n}"), (20, 40, body), (100, 285 - 9 * n, str(n + 1))]
                for n, body in enumerate(bodies)
            ]
        )
    )
    assert parsed.text == "\n\n".join(bodies)
    assert parsed.set_aside == ("running head on 6 pages: ACME INC. Annual Report 2020", "page numbers on 6 pages")


def test_what_recurs_on_three_pages_or_is_all_there_is_stays() -> None:
    assert text_of(*[[(20, 12, "ACME INC."), (20, 40, "A text.")]] * 3).count("ACME INC.") == 3
    assert text_of(*[[(20, 12, f"This is page {n}.")] for n in range(5)]).count("This is page") == 5


def test_page_labels_and_bookmarks() -> None:
    pdf = blank_pdf()
    for number, (heading, body) in enumerate([("Preface", "Thanks."), ("3 Results", "It rose."), ("", "It fell.")]):
        pdf.add_page(label_style="r" if number == 0 else "D", label_start=1)
        pdf.text(20, 30, "Some words come first.")
        if heading:
            pdf.start_section(heading, level=number)
            pdf.text(20, 60, heading)
        pdf.text(20, 80, body)
    parsed = read_pdf(finished(pdf))
    found = [(place.page, place.label, place.section, parsed.text[place.start :][:9]) for place in parsed.places]
    assert found == [
        (1, "i", "", "Some word"),
        (1, "i", "Preface", "Preface\n\n"),
        (2, "1", "Preface", "Some word"),
        (2, "1", "Preface > 3 Results", "3 Results"),
        (3, "1", "Preface > 3 Results", "Some word"),
    ]


@pytest.mark.parametrize(
    ("metadata", "title"),
    [
        ("Harbours of the North", "Harbours of the North"),
        ("Microsoft Word - harbours final.doc", "The Largest Line"),
        ("harbours.pdf", "The Largest Line"),
        ("untitled", "The Largest Line"),
        ("0000764478-23-000006", "The Largest Line"),
        ("", "The Largest Line"),
    ],
)
def test_title(metadata: str, title: str) -> None:
    pdf = blank_pdf()
    pdf.add_page()
    pdf.text(20, 20, "A small line")
    pdf.set_font_size(24)
    pdf.text(20, 40, "The Largest Line")
    pdf.set_font_size(11)
    pdf.text(20, 60, "Text of the page.")
    pdf.set_title(metadata)
    assert read_pdf(finished(pdf)).title == title


def test_date_of_the_text_goes_before_the_day_the_file_was_made() -> None:
    def day(head: str) -> str | None:
        pdf = blank_pdf()
        pdf.creation_date = datetime(2023, 1, 17, tzinfo=timezone.utc)
        pdf.add_page()
        pdf.text(20, 20, head)
        return read_pdf(finished(pdf)).date

    assert (day("March 9, 2023"), day("Some text.")) == ("2023-03-09", "2023-01-17")


def scan(pdf: FPDF) -> None:
    pdf.add_page()
    pdf.image(Image.new("RGB", (20, 20), "gray"), 10, 10, 100)


def test_scanned_pages_are_named() -> None:
    pdf = blank_pdf()
    for number in range(7):
        if number in (2, 3, 6):
            scan(pdf)
        else:
            pdf.add_page()
            pdf.text(20, 30, f"A text, the {SUBJECTS[number]}.")
    parsed = read_pdf(finished(pdf))
    assert parsed.scanned == (3, 4, 7)
    assert parsed.set_aside == (f"scanned, and not recognised: pages 3-4, 7; {OCR}",)
    assert [place.page for place in parsed.places] == [1, 2, 5, 6]


def encrypted(password: str) -> bytes:
    pdf = blank_pdf()
    pdf.add_page()
    pdf.text(20, 20, "A secret text.")
    pdf.set_encryption("owner", password)
    return finished(pdf)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty: no text in it"),
        (make_pdf([[]]), "empty: no text in it"),
        (b"no PDF at all", "damaged, or not a PDF: "),
        (b"%PDF-1.7\n", "damaged, or not a PDF: "),
        (encrypted("secret"), "encrypted: needs a password"),
    ],
)
def test_what_cannot_be_read_says_why(data: bytes, reason: str) -> None:
    with pytest.raises(ReadError) as error:
        read(Path("a.pdf"), data)
    assert str(error.value).startswith(reason)


def test_too_many_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("index.pdf.MAX_PAGES", 2)
    with pytest.raises(ReadError, match="too long: 3 pages, the limit is 2; split it"):
        read_pdf(make_pdf([[]] * 3))


def test_a_file_that_opens_without_a_password_is_read() -> None:
    assert read_pdf(encrypted("")).text == "A secret text."


@pytest.mark.parametrize("share", [0.02, 0.1, 0.3, 0.5, 0.7, 0.9, 0.98])
def test_a_truncated_file_is_refused_or_said_to_be_cut_off(share: float) -> None:
    data = make_pdf([[(20, 30, sentence)] for sentence in SENTENCES])
    try:
        parsed = read(Path("a.pdf"), data[: int(share * len(data))])
    except ReadError as error:
        assert "damaged" in str(error) or "empty" in str(error)
    else:
        assert any("cut off" in said for said in parsed.set_aside)


def book() -> bytes:
    """Print the twenty sentences over several pages, each wrapped, most of them over page breaks somewhere."""
    pdf = blank_pdf(14)
    pdf.set_auto_page_break(True, margin=220)
    pdf.add_page()
    pdf.multi_cell(150, 7, "\n".join(SENTENCES), align="J")
    return finished(pdf)


def page_of(parsed: Parsed, offset: int) -> int | None:
    return [place.page for place in parsed.places if place.start <= offset][-1]


def test_every_sentence_is_found_with_its_page(tmp_path: Path) -> None:
    data = book()
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "town.pdf").write_bytes(data)
    model = HashModel()
    library = Library.create(tmp_path / "library")
    assert sync(library, [tmp_path / "files"], as_model(model)).failed == []
    (document,) = library.store.documents().values()
    import pypdfium2

    with pypdfium2.PdfDocument(data) as pdf:
        bare = [" ".join(page.get_textpage().get_text_bounded().split()) for page in pdf]
    assert len(bare) >= 5
    sentences = [document.text[s.start : s.end] for s in library.store.sentences(document.id)]
    assert sentences == SENTENCES
    for subject, sentence in zip(SUBJECTS, SENTENCES, strict=True):
        ((best, _),) = library.bm25(f"when was the {subject} built?", 1)
        (passage,) = library.passages([(best, 1.0)])
        assert sentence in passage.text
        begins = document.place(document.text.index(sentence)).page
        assert begins == next(n for n, page in enumerate(bare, start=1) if f"The {subject}" in page)
    library.close()


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("the of\ufb01ce \ufb02oor", "the office floor"),
        ("soft\xad hy\xadphens", "soft hyphens"),
        ("\x00nul\x07 and\x85 bell\u200b", "nul and bell"),
        ("\uf0b7 an item", "• an item"),
        ("été  d’“œuvre” — 10\xa0€ 中文", "été d’“œuvre” — 10 € 中文"),
    ],
)
def test_characters_that_only_printing_needs(raw: str, text: str) -> None:
    assert clean(raw) == text
