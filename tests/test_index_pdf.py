"""PDF files: every sentence whole, on its page, in reading order, and nothing left out in silence."""

from __future__ import annotations

import re
from collections.abc import Sequence
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
from tests.pdf_helpers import blank_pdf, column, finished, form_pdf, make_pdf, turned

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
def test_a_page_that_is_shown_lying_on_its_side_or_upside_down(angle: int) -> None:
    page = [text for pair in zip(column(20, 30, LEFT), column(115, 30, RIGHT), strict=True) for text in pair]
    assert read_pdf(turned(make_pdf([page]), angle)).text == f"{LEFT_TEXT}\n\n{RIGHT_TEXT}"


@pytest.mark.parametrize("angle", [90, 180, 270])
def test_a_page_that_is_printed_sideways(angle: int) -> None:
    pdf = blank_pdf()
    pdf.add_page()
    pdf.text(20, 290, "12")
    with pdf.rotation(angle, 105, 148):
        for left, right in zip(column(20, 30, LEFT), column(115, 30, RIGHT), strict=True):
            pdf.text(*left)
            pdf.text(*right)
    text = read_pdf(finished(pdf)).text
    assert re.sub(r"\s*\b12\b\s*", "\n\n", text).strip() == f"{LEFT_TEXT}\n\n{RIGHT_TEXT}"


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


BODIES = [f"Text of its own: {subject}, with no other." for subject in SUBJECTS[:6]]


def under(heads: Sequence[str], bodies: Sequence[str] = BODIES) -> Parsed:
    """Read pages with these lines over their texts."""
    return read_pdf(make_pdf([[(20, 12, h), (20, 60, body)] for h, body in zip(heads, bodies, strict=True)]))


def test_running_heads_and_page_numbers_are_set_aside() -> None:
    parsed = read_pdf(
        make_pdf(
            [
                [(20, 12, "ACME INC. Annual Report 2023"), (20, 40, body), (100, 285 - 9 * n, str(n + 1))]
                for n, body in enumerate(BODIES)
            ]
        )
    )
    assert parsed.text == "\n\n".join(BODIES)
    assert parsed.set_aside == ("running head on 6 pages: ACME INC. Annual Report 2023", "page numbers on 6 pages")


@pytest.mark.parametrize(
    "head",
    [
        "ACME Annual Report 2023 | {47}",
        "{1} ACME Annual Report 2023",
        "ACME Annual Report - Page {12}",
        "ACME, page {1} of 6",
        "Rapport annuel, page {3} sur 60",
    ],
)
def test_a_running_head_with_the_number_of_its_page(head: str) -> None:
    heads = [re.sub(r"\{(\d+)\}", lambda found: str(int(found[1]) + n), head) for n in range(6)]  # noqa: B023
    parsed = under(heads)
    assert parsed.text == "\n\n".join(BODIES)
    assert parsed.set_aside == (f"running head on 6 pages, with its number: {heads[0]}",)


@pytest.mark.parametrize(
    "numbers",
    [
        ["i", "ii", "iii", "iv", "v", "vi"],
        ["i", "ii", "1", "2", "3", "4"],
        ["- 8 -", "- 9 -", "- 10 -", "- 11 -", "- 12 -", "- 13 -"],
        ["3/12", "4/12", "5/12", "6/12", "7/12", "8/12"],
        ["Page 1 of 3", "Page 2 of 3", "Page 3 of 3", "Page 1 of 2", "Page 2 of 2", "Page 3 of 2"],
        ["F-1", "F-2", "F-3", "F-4", "F-5", "F-6"],
        ["1-1", "1-2", "1-3", "2-1", "2-2", "2-3"],
    ],
)
def test_page_numbers_of_any_kind(numbers: list[str]) -> None:
    pages = 2  # so that "3/12" are numbers of the file's twelve pages
    parsed = under(numbers * pages, BODIES * pages)
    assert parsed.text == "\n\n".join(BODIES * pages)
    assert parsed.set_aside == ("page numbers on 12 pages",)


@pytest.mark.parametrize(
    "line",
    [
        "Invoice number 2024-00{1} of 15.0{1}.2024",
        "Invoice {1001}",
        "Invoice no. | {17}",
        "Invoice | {1001}",
        "Goal {1}: due in {2025}",
        "Goal {1}",
        "Statement {17}/2024",
        "{17}/2024",
        "Report | {2019}",
        "{2019}",
    ],
)
def test_numbers_that_go_up_but_are_no_page_numbers_stay(line: str) -> None:
    lines = [re.sub(r"\{(\d+)\}", lambda found: str(int(found[1]) + n), line) for n in range(6)]  # noqa: B023
    parsed = under(lines)
    assert [shown for shown in lines if shown not in parsed.text] == []
    assert parsed.set_aside == ()


@pytest.mark.parametrize(
    "amounts",
    [
        ["2310.55", "2298.10", "2455.00", "2399.99", "2310.55", "2301.20"],
        ["500.00", "500.00", "500.00", "512.00", "498.00", "530.00"],  # half of them the same, by chance
        ["17", "4", "12", "5", "33", "6"],
    ],
)
def test_sums_at_the_foot_of_pages_stay(amounts: list[str]) -> None:
    pages = [
        [(20, 60, body), (20, 280, "Total to be paid:"), (120, 280, amount)]
        for body, amount in zip(BODIES, amounts, strict=True)
    ]
    parsed = read_pdf(make_pdf(pages))
    assert re.findall(r"Total to be paid:\t(\S+)", parsed.text) == amounts
    assert parsed.set_aside == ()


def test_each_head_that_is_left_out_is_told() -> None:
    heads = [f"Part {1 + n // 4}" for n in range(12)]
    parsed = under(heads, BODIES * 2)
    assert parsed.text == "\n\n".join(BODIES * 2)
    assert parsed.set_aside == tuple(f"running head on 4 pages: Part {n}" for n in (1, 2, 3))


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


def test_text_of_one_size_has_no_title() -> None:
    lines = column(20, 30, ["Invoice of May", "For May we billed the roof.", "Thank you.", "To be paid: 23 EUR"], 20)
    assert read_pdf(make_pdf([lines])).title is None
    assert read_pdf(make_pdf([lines[:1]])).title is None


@pytest.mark.parametrize(
    ("field", "text"),
    [
        (b"/FT/Tx/V(Ada Lovelace)", "name: Ada Lovelace"),
        (b"/FT/Tx/V(Ada\\012Lovelace)/TU(Name of the applicant:)", "Name of the applicant: Ada Lovelace"),
        (b"/FT/Ch/Ff 131072/V(Lugano)/Opt[(Como)(Lugano)]/TU(Town)", "Town: Lugano"),
        (b"/FT/Btn/V/Yes/AS/Yes/AP<</N<</Yes 5 0 R/Off 5 0 R>>>>/TU(Married)", "Married: Yes"),
        (b"/FT/Btn/V/Off/AS/Off/AP<</N<</Yes 5 0 R/Off 5 0 R>>>>/TU(Married)", ""),
        (b"/FT/Tx", ""),
        (b"/FT/Tx/V( )", ""),
        (b"/FT/Tx/V(hidden)/F 2", ""),
        (b"/FT/Tx/V(a password)/Ff 8192", ""),
        (b"/FT/Sig", ""),
    ],
)
def test_filled_fields_are_text_at_the_end_of_their_page(field: bytes, text: str) -> None:
    assert read_pdf(form_pdf(field, b"Applicant")).text == f"Applicant\n\n{text}".strip()


def test_comments_and_notes_are_text_and_files_inside_are_told() -> None:
    pdf = blank_pdf()
    for body in ("The vote was put off until the members of the council", "had read the report."):
        pdf.add_page()
        pdf.text(20, 30, body)
    pdf.page = 1
    pdf.text_annotation(150, 10, "Ask the\nnotary.")
    pdf.free_text_annotation("The deed is missing.", 20, 100, 80, 20)
    pdf.link(20, 20, 20, 20, "https://example.org", alt_text="a link")
    pdf.embed_file(bytes=b"a,b", basename="data.csv", compress=False)
    parsed = read_pdf(finished(pdf))
    text = "The vote was put off until the members of the council\n\nNote: Ask the notary.\n\nThe deed is missing."
    assert parsed.text == f"{text}\n\nhad read the report."
    assert [place.start for place in parsed.places] == [0, len(text) + 2]
    assert parsed.title is None
    assert parsed.set_aside == ("file inside that isn't read: data.csv",)


def test_a_scanned_page_on_which_a_note_was_written_is_scanned() -> None:
    pdf = blank_pdf()
    scan(pdf)
    pdf.free_text_annotation("The deed is missing, and nobody in the whole house knows where it is.", 20, 100, 80, 20)
    parsed = read_pdf(finished(pdf))
    assert (parsed.scanned, parsed.text[:20]) == ((1,), "The deed is missing,")


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
