"""A quote of a PDF as a person sees it: on its page, the very words marked, in light and dark, wide and narrow."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PIL import Image, ImageChops

from index.embedder import EmbeddingModel
from index.library import Library
from index.sync import sync
from tests.pdf_helpers import blank_pdf, column, make_pdf
from tests.test_ui_browser import CONTRASTS, PHONE
from tests.ui_helpers import Server, Visitor

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

WIDTH, HEIGHT = 210.0, 297.0  # millimetres
KEPT = ["The lighthouse at Skagerrak is kept by Ingeborg Hal-", "vorsen, who came in 1998. Few live here."]
KEEPER = column(20, 40, KEPT)
QUARRY = (20.0, 270.0, "The quarry at Ald was closed after forty years because the members of its council")
COUNCIL = (20.0, 30.0, "had found no dealer for its stone.")
PAGES = [
    [(20.0, 20.0, "Report on the coast"), *KEEPER, QUARRY],
    [COUNCIL, (20.0, 60.0, "The orchard was sold.")],
    [(20.0, 30.0, "It ends here.")],
]
YELLOW = (255, 216, 77)


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("printed") / "documents"
    folder.mkdir()
    for name in ("coast.pdf", "moved.pdf", "changed.pdf"):
        (folder / name).write_bytes(make_pdf(PAGES if name == "coast.pdf" else [[(20, 30, f"It was {name[:-4]}.")]]))
    lines = (f"The log of day {day} says that {'zebras' if day == 900 else 'gulls'} were seen." for day in range(1800))
    (folder / "log.txt").write_text("\n\n".join(lines))
    return folder


@pytest.fixture(scope="module")
def server(documents: Path, model: EmbeddingModel) -> Iterator[Server]:
    folder = documents.parent / "library"
    library = Library.create(folder)
    assert not sync(library, [documents], model).failed
    library.close()
    with Server(folder) as running:
        yield running


@pytest.fixture
def visitor(browser: Browser, server: Server, request: pytest.FixtureRequest) -> Iterator[Visitor]:
    one = Visitor(browser, server, **getattr(request, "param", {}))
    yield one
    one.context.close()
    assert [url for url in one.requests if not url.startswith((server.url, "data:", "blob:"))] == []
    assert one.complaints == [], server.log()


def ask_and_open(visitor: Visitor, question: str) -> Page:
    page = visitor.visit()
    visitor.ask(question)
    page.locator("#live .mark:visible >> nth=0").click()
    page.wait_for_selector("#panel .facsimile #current-quote")
    return page


def yellow(page: Page) -> tuple[float, float, float, float]:
    """Where the page's picture is marked on the screen, in millimetres of paper: left, top, right, bottom."""
    page.set_viewport_size({"width": page.viewport_size["width"], "height": 1600})  # so that nothing lies over it
    page.wait_for_function("document.querySelector('#panel .facsimile img').complete")
    page.evaluate("document.activeElement.blur()")  # its outline is no mark
    shot = Image.open(BytesIO(page.locator("#panel .facsimile img").screenshot())).convert("RGB")
    apart = ImageChops.difference(shot, Image.new("RGB", shot.size, YELLOW)).convert("L")
    found = apart.point(lambda level: 255 * (level < 12)).getbbox()
    assert found is not None, "nothing is marked"
    left, top, right, bottom = found
    inside = shot.crop(found).convert("L")
    assert inside.getextrema()[0] < 100, "no ink under the mark"
    x, y = WIDTH / shot.width, HEIGHT / shot.height
    return left * x, top * y, right * x, bottom * y


def width_of(words: str) -> float:
    return float(blank_pdf().get_string_width(words))


COLOURS_AND_WIDTHS = [{}, {"color_scheme": "dark"}, PHONE, {**PHONE, "color_scheme": "dark"}]


@pytest.mark.parametrize("visitor", COLOURS_AND_WIDTHS, indirect=True)
def test_the_marks_lie_over_the_quoted_words(visitor: Visitor) -> None:
    page = ask_and_open(visitor, "Who keeps the lighthouse at Skagerrak?")
    mark, frame = (page.locator(one).bounding_box() for one in ("#current-quote", "#panel"))
    assert mark and frame and frame["y"] < mark["y"] < frame["y"] + frame["height"]
    left, top, right, bottom = yellow(page)
    assert (left, right) == pytest.approx((20, 20 + width_of(KEPT[0].rstrip("-"))), abs=1.5)
    assert 35 < top < 38 and 45 <= bottom < 48  # two lines, on 40 and 45; the next one is on 270
    assert "page 1 of 3" in page.inner_text(".pager")
    assert page.locator(".facsimile img").get_attribute("alt") == "coast.pdf, page 1 of 3"
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]
    assert page.evaluate(CONTRASTS) == []


def test_a_quote_over_a_page_break_is_followed_to_the_next_page(visitor: Visitor) -> None:
    page = ask_and_open(visitor, "Why was the quarry at Ald closed?")
    left, top, right, bottom = yellow(page)
    assert (left, right) == pytest.approx((20, 20 + width_of(QUARRY[2])), abs=1.5)
    assert top > 265 and bottom < 273
    page.click(".pager .hint button")
    page.wait_for_selector(".pager :text('page 2 of 3')")
    assert page.evaluate("document.activeElement.id") == "current-quote"
    left, top, right, bottom = yellow(page)
    assert (left, right) == pytest.approx((20, 20 + width_of(COUNCIL[2])), abs=1.5)
    assert top > 25 and bottom < 33


def test_pages_are_turned_and_enlarged_by_keyboard_and_the_text_is_one_key_away(visitor: Visitor) -> None:
    page = ask_and_open(visitor, "Who keeps the lighthouse at Skagerrak?")
    for number in (2, 3):
        page.focus(".pager [data-keep=next]")
        page.keyboard.press("Enter")
        page.wait_for_selector(f".pager :text('page {number} of 3')")
    assert page.is_disabled(".pager [data-keep=next]")
    assert page.locator("mark").count() == 0
    page.focus(".pager [data-keep=back]")
    page.keyboard.press("Enter")
    page.wait_for_selector(".pager :text('page 2 of 3')")
    assert page.evaluate("document.activeElement.dataset.keep") == "back"

    def width() -> float:
        return float(page.evaluate("document.querySelector('.facsimile img').getBoundingClientRect().width"))

    before = width()
    page.focus(".pager [data-zoom=in]")
    page.keyboard.press("Enter")
    assert width() == pytest.approx(1.5 * before, rel=0.01)
    page.click(".pager [data-keep=back]")
    page.wait_for_selector("#current-quote")
    assert width() == pytest.approx(1.5 * before, rel=0.01)
    page.click(".pager [data-zoom=fit]")
    assert width() == pytest.approx(before, rel=0.01)

    page.focus(".views [data-keep=text]")
    page.keyboard.press("Enter")
    page.wait_for_selector("#panel .text mark")
    assert "Ingeborg Halvorsen" in page.inner_text("#current-quote")
    page.keyboard.press("Escape")
    page.wait_for_selector("#panel .text", state="detached")
    page.click("#live .mark >> nth=0")  # what was chosen last is kept
    page.wait_for_selector("#panel .text")
    page.click(".views [data-keep=page]")
    page.wait_for_selector("#panel .facsimile #current-quote")


@pytest.mark.parametrize(
    ("name", "why"), [("moved", "no longer where it was read"), ("changed", "has changed since it was read")]
)
def test_without_its_file_the_text_is_shown_with_a_line_why(
    visitor: Visitor, documents: Path, name: str, why: str
) -> None:
    file = documents / f"{name}.pdf"
    file.write_bytes(make_pdf([[]])) if name == "changed" else file.unlink()
    page = visitor.visit()
    page.click("#top [data-view=documents]")
    page.click(f"#table tr:has-text('{name}.pdf') .open")
    page.wait_for_selector("#panel .text")
    assert why in page.inner_text("#panel .bar .hint")
    assert page.inner_text("#panel .text") == f"It was {name}."


def test_what_is_read_stays_in_place_when_more_of_a_text_is_shown(visitor: Visitor) -> None:
    page = visitor.visit()
    page.click("#top [data-view=documents]")
    page.fill("#words textarea, #words input", "zebras")
    page.wait_for_selector("#found .quoted")
    page.click("#found .quoted >> nth=0")
    page.wait_for_selector("#current-quote")
    for button in ("earlier", "later"):
        page.focus(f"#panel [data-keep={button}]")
        before, length = page.evaluate(PLACE), len(page.inner_text("#panel .text"))
        page.keyboard.press("Enter")
        page.wait_for_function(f"document.querySelector('#panel .text').innerText.length > {length}")
        page.wait_for_timeout(300)
        assert page.evaluate(PLACE) == pytest.approx(before, abs=2)
        assert page.evaluate("document.activeElement.dataset.keep") == button


PLACE = "document.querySelector('#current-quote').getBoundingClientRect().top"


@pytest.mark.parametrize("visitor", [{"locale": "fr-FR"}], indirect=True)
def test_in_french(visitor: Visitor) -> None:
    page = ask_and_open(visitor, "Who keeps the lighthouse at Skagerrak?")
    assert "page 1 sur 3" in page.inner_text(".pager")
    assert page.inner_text(".views") == "Page\nTexte"
