"""Running heads are told from text line by line, whatever stands there."""

from __future__ import annotations

import time

import pytest

from index.layout import Cell, Line
from index.running import without_running_heads

MARGIN = (120.0, 680.0)


def line(page: int, height: float, text: str) -> Line:
    return Line(page, height, height + 10, (Cell(50, 300, text),))


def told(*heads: str) -> list[str]:
    """What is said to be left out of pages with these lines over their texts."""
    pages = [[line(n, 750, head), line(n, 400, f"Text {n}.")] for n, head in enumerate(heads)]
    body, said = without_running_heads(pages, [MARGIN] * len(pages))
    assert all(body)
    return said


@pytest.mark.parametrize("numbers", ["1 2 3 4 5 6", "I II III IV V VI", "xi xii xiii xiv xv xvi", "٣ ٤ ٥ ٦ ٧ ٨"])
def test_numbers_of_any_script(numbers: str) -> None:
    assert told(*numbers.split()) == ["page numbers on 6 pages"]


@pytest.mark.parametrize("letters", ["İ ı", "² ³"])
def test_what_only_looks_like_a_number(letters: str) -> None:
    a, b = letters.split()
    assert told(a, b, a, a) == [f"running head on 3 pages: {a}"]


def test_heads_that_alternate_and_a_page_without_one() -> None:
    heads = [f"{n} | Harbours" if n % 2 else f"Mills | {n}" for n in range(1, 9)]
    assert told(*heads) == [f"running head on 4 pages, with its number: {head}" for head in heads[:2]]
    assert told("Harbours", "A title", "Harbours", "Harbours", "Harbours") == ["running head on 4 pages: Harbours"]


@pytest.mark.parametrize("text", ["\t" * 20_000, "| 3 ." * 5_000, "." * 20_000, "page " * 5_000, "i" * 20_000])
def test_long_lines_take_no_time(text: str) -> None:
    began = time.process_time()
    told(*[f"a{text}{n}x" for n in range(4)])
    assert time.process_time() - began < 1
