"""A page's picture shows what was printed, and the marks lie over the very words: measured by what made the file."""

from __future__ import annotations

import base64
from io import BytesIO

import pytest
from fpdf import FPDF
from PIL import Image

from index.errors import ReadError
from index.facsimile import PIXELS, draw
from index.layout import Box
from index.parsed import Parsed
from index.pdf import read_pdf
from tests.pdf_helpers import blank_pdf, by_hand, column, finished, form_pdf, make_pdf, turned

WIDTH, HEIGHT = 210.0, 297.0  # millimetres
POINT = 25.4 / 72  # millimetres


def marks(data: bytes, quote: str, page: int = 1, *, which: int = 0) -> list[Box] | None:
    """The boxes of a quote on a page, in millimetres from its top left; `which` of those alike."""
    parsed = read_pdf(data)
    start, end = _extent(parsed, page)
    at = -1
    for _ in range(which + 1):
        at = parsed.text.index(quote, at + 1)
    span = max(at, start) - start, min(at + len(quote), end) - start
    (boxes,) = draw(data, page, parsed.text[start:end], [span])["marks"]
    if boxes is None:
        return None
    return [(x * WIDTH, y * HEIGHT, x_end * WIDTH, y_end * HEIGHT) for x, y, x_end, y_end in boxes]


def _extent(parsed: Parsed, page: int) -> tuple[int, int]:
    starts = {place.page: place.start for place in reversed(parsed.places)}
    return starts[page], starts.get(page + 1, len(parsed.text))


def over(line: tuple[float, float, str], words: str, size: float = 11) -> Box:
    """Where words of a line lie, by the widths of the font as fpdf2 knows them."""
    x, baseline, text = line
    pdf = blank_pdf(size)
    before = pdf.get_string_width(text[: text.index(words)])
    return x + before, baseline - 0.8 * size * POINT, x + before + pdf.get_string_width(words), baseline


def assert_over(found: list[Box] | None, *expected: Box) -> None:
    """Each box begins and ends with the words, within a millimetre, and covers their height."""
    assert found is not None and len(found) == len(expected)
    for (x, y, x_end, y_end), (left, top, right, baseline) in zip(found, expected, strict=True):
        assert (x, x_end) == pytest.approx((left, right), abs=1)
        assert y <= top + 1 and baseline <= y_end and y_end - y < 2 * (baseline - top)


def test_a_mark_lies_over_the_words() -> None:
    line = (20.0, 30.0, "The committee met in the early spring.")
    assert_over(marks(make_pdf([[line]]), "met in the early"), over(line, "met in the early"))


def test_a_hyphenated_word_is_marked_on_both_lines() -> None:
    first, second = column(20, 30, ["It was a long exam-", "ple of patience."])
    found = marks(make_pdf([[first, second]]), "long example of")
    assert_over(found, over(first, "long exam"), over(second, "ple of"))


def test_in_columns_that_the_file_has_line_by_line() -> None:
    left = column(20, 30, ["The committee met in the early", "spring to judge the new plans", "of the harbour."])
    right = column(115, 30, ["In the right column another story", "is told, of cranes that were sold", "to a dealer."])
    data = make_pdf([[text for pair in zip(left, right, strict=True) for text in pair]])
    found = marks(data, "early spring to judge the new plans of the")
    assert_over(found, over(left[0], "early"), over(left[1], left[1][2]), over(left[2], "of the"))


def test_cells_of_a_table_are_marked_one_by_one() -> None:
    row = [(20.0, 30.0, "Net sales"), (100.0, 30.0, "3,226"), (150.0, 30.0, "2,729")]
    assert_over(marks(make_pdf([row]), "Net sales\t3,226"), *(over(cell, cell[2]) for cell in row[:2]))


def test_of_two_alike_the_one_that_was_quoted() -> None:
    lines = column(20, 30, ["The mill was sold.", "Nobody knew it. The mill was sold. It rained."], step=20)
    data = make_pdf([lines])
    for which, line in enumerate(lines):
        assert_over(marks(data, "The mill was sold.", which=which), over(line, "The mill was sold."))


def test_under_a_running_head_that_says_the_same() -> None:
    pages = [[(20, 12, "The mill was sold."), (20, 60, f"The mill was sold. Page {n}.")] for n in range(5)]
    data = make_pdf(pages)
    assert read_pdf(data).text.count("The mill was sold.") == 5
    assert_over(marks(data, "The mill was sold.", 3, which=2), over((20, 60, pages[2][1][2]), "The mill was sold."))


def test_over_a_page_break_both_pages_have_their_part() -> None:
    last = (20.0, 250.0, "The vote was put off until the members of the council")
    first = (20.0, 30.0, "had read the report.")
    data, quote = make_pdf([[last], [first]]), "members of the council had read"
    assert_over(marks(data, quote, 1), over(last, "members of the council"))
    assert_over(marks(data, quote, 2), over(first, "had read"))


@pytest.mark.parametrize("angle", [90, 180, 270])
def test_on_a_page_that_is_shown_turned(angle: int) -> None:
    data = make_pdf([[(20, 30, "The committee met.")]])
    x, y, x_end, y_end = (marks(data, "committee") or [])[0]
    upright = [(x / WIDTH, y / HEIGHT), (x_end / WIDTH, y_end / HEIGHT)]
    for _ in range(angle // 90):
        upright = [(1 - y, x) for x, y in upright]
    (a, b), (c, d) = upright
    drawn = draw(turned(data, angle), 1, "The committee met.", [(4, 13)])
    assert drawn["marks"][0][0] == pytest.approx((min(a, c), min(b, d), max(a, c), max(b, d)), abs=0.002)
    assert (drawn["width"] > drawn["height"]) == (angle != 180)


@pytest.mark.parametrize("angle", [90, 180, 270])
def test_on_a_page_that_is_printed_sideways(angle: int) -> None:
    line = (60.0, 148.5, "The committee met in the early spring.")
    pdf = blank_pdf()
    pdf.add_page()
    with pdf.rotation(angle, WIDTH / 2, HEIGHT / 2):
        pdf.text(*line)
    x, _, _ = line
    left, right = x - WIDTH / 2, x - WIDTH / 2 + pdf.get_string_width(line[2])
    expected = {90: (-right, -left), 180: (-right, -left), 270: (left, right)}[angle]
    (box,) = marks(finished(pdf), line[2]) or []
    side = (box[0] - WIDTH / 2, box[2] - WIDTH / 2) if angle == 180 else (box[1] - HEIGHT / 2, box[3] - HEIGHT / 2)
    assert side == pytest.approx(expected, abs=1)
    assert min(box[2] - box[0], box[3] - box[1]) < 10


def test_notes_are_marked_where_they_were_written_and_the_print_beside_them() -> None:
    line = (20.0, 30.0, "The committee met in the early spring.")
    pdf = blank_pdf()
    pdf.add_page()
    pdf.text(*line)
    pdf.free_text_annotation("The deed is missing.", 100, 60, 80, 20)
    pdf.text_annotation(20, 100, "Ask the notary.")
    data = finished(pdf)
    assert_over(marks(data, "met in the early"), over(line, "met in the early"))
    (box,) = marks(data, "deed is missing") or []
    assert 100 <= box[0] < box[2] <= 180 and (box[1], box[3]) == pytest.approx((60, 80), abs=1)
    assert len(marks(data, "Note: Ask the notary.") or []) == 1


def test_a_filled_field_is_marked() -> None:
    data = form_pdf(b"/FT/Tx/V(Ada Lovelace)", b"Applicant")
    (mark,) = draw(data, 1, "Applicant\n\nname: Ada Lovelace", [(11, 29)])["marks"]
    assert mark == [pytest.approx((10 / 300, 140 / 300, 290 / 300, 200 / 300), abs=0.01)]


def test_where_a_page_is_cropped_marks_are_measured_from_what_is_seen() -> None:
    import pypdfium2

    saved = BytesIO()
    with pypdfium2.PdfDocument(make_pdf([[(20, 30, "The committee met."), (180, 30, "Not seen.")]])) as pdf:
        page = pdf[0]
        page.set_cropbox(10 / POINT, (HEIGHT - 110) / POINT, 110 / POINT, (HEIGHT - 10) / POINT)
        pdf.save(saved)
    drawn = draw(saved.getvalue(), 1, "The committee met.\n\nNot seen.", [(0, 18), (20, 29)])
    seen, unseen = drawn["marks"]
    assert [seen[0][0] * 100, seen[0][3] * 100] == pytest.approx([10, 21], abs=1)
    assert unseen is None


def test_words_that_are_not_on_the_page_are_not_marked() -> None:
    data = make_pdf([[(20, 30, "The committee met.")]])
    assert draw(data, 1, "Another text altogether.", [(0, 12)])["marks"] == [None]


def picture(drawn: dict[str, object]) -> Image.Image:
    image = Image.open(BytesIO(base64.b64decode(str(drawn["picture"]))))
    assert (image.format, image.size) == ("WEBP", (drawn["width"], drawn["height"]))
    return image.convert("L")


def test_the_picture_shows_ink_where_the_words_are_and_nowhere_else() -> None:
    data = make_pdf([[(20, 30, "The committee met.")]])
    drawn = draw(data, 1, "The committee met.", [(0, 18)])
    image = picture(drawn)
    ((box,),) = drawn["marks"]
    left, top, right, bottom = (
        round(side * size) for side, size in zip(box, (image.width, image.height) * 2, strict=True)
    )
    ink = image.point(lambda level: 255 if level < 128 else 0).getbbox()
    assert ink is not None
    assert left - 2 <= ink[0] and top - 2 <= ink[1] and ink[2] <= right + 2 and ink[3] <= bottom + 2
    assert ink[2] - ink[0] > 0.95 * (right - left)


def test_the_page_and_what_the_file_calls_it() -> None:
    pdf = blank_pdf()
    for style in ("r", "r", "D"):
        pdf.add_page(label_style=style, label_start=1 if style == "D" else None)
        pdf.text(20, 30, "A text.")
    drawn = [draw(finished(pdf), number, "", []) for number in (1, 2, 3)]
    assert [(one["count"], one["label"]) for one in drawn] == [(3, "i"), (3, "ii"), (3, "1")]
    assert draw(make_pdf([[]]), 1, "", [])["label"] is None


@pytest.mark.parametrize("size", [(14_400, 14_400), (14_400, 3), (3, 14_400), (3, 3), (612, 14_400), (612, 792)])
def test_pages_of_any_size_are_drawn_with_few_pixels(size: tuple[float, float]) -> None:
    pdf = FPDF(unit="pt", format=size)
    pdf.add_page()
    drawn = draw(finished(pdf), 1, "", [])
    image = picture(drawn)
    assert image.width * image.height <= 1.01 * PIXELS + max(image.size)
    assert max(image.size) < 16_384 and min(image.size) >= 1


CATALOG = b"<</Type/Catalog/Pages 2 0 R>>"


@pytest.mark.parametrize(
    ("data", "page", "reason"),
    [
        (make_pdf([[]]), 2, "no page 2 of 1"),
        (make_pdf([[]]), 0, "no page 0 of 1"),
        (make_pdf([[]]), -1, "no page -1 of 1"),
        (b"no PDF", 1, "damaged, or not a PDF"),
        (b"", 1, "empty"),
        (by_hand(CATALOG, b"<</Type/Pages/Kids[9 0 R]/Count 1>>"), 1, "damaged: page 1 can't be opened"),
    ],
)
def test_what_cannot_be_drawn_says_why(data: bytes, page: int, reason: str) -> None:
    with pytest.raises(ReadError, match=f"^{reason}"):
        draw(data, page, "", [])


def test_a_form_shows_what_was_filled_in() -> None:
    def inked(value: bytes) -> bool:
        content = b"/Tx BMC q BT /F1 40 Tf 10 10 Td (" + value + b") Tj ET Q EMC"
        return picture(draw(form_pdf(appearance=content), 1, "", [])).getextrema()[0] < 128

    assert (inked(b"Filled in"), inked(b"")) == (True, False)
