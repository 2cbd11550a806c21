"""Recognised words become lines of print: rows, columns and sizes from their boxes alone."""

from __future__ import annotations

import pytest

from index.layout import flow, read_lines
from index.recognised import Words, printed


def at(words: str, left: float, line: float, size: float = 10) -> Words:
    """Box some words as a detector does: as high as the letters that are in them, not as the font."""
    low = line - (0.22 * size if any(c in "gjpqy," for c in words) else 0)
    high = line + (0.5 if all(c in "acemnorsuvwxz. " for c in words) else 0.72) * size
    return words, left, low, left + 5 * len(words), high


def text_of(*found: Words) -> str:
    return flow(read_lines(1, *printed(found)))[0]


def test_lines_of_a_paragraph_are_joined_whatever_letters_are_in_them() -> None:
    lines = [
        "The first line has every kind of letters, up",
        "or none",
        "and goes on to the third line of them all.",
    ]
    assert text_of(*(at(words, 20, 700 - 13 * n) for n, words in enumerate(lines))) == " ".join(lines)


def test_pieces_of_one_line_are_put_together_from_the_left() -> None:
    assert text_of(at("ends here.", 73, 700.8), at("This line", 20, 700)) == "This line ends here."


def test_cells_of_a_table_stay_apart() -> None:
    rows = [(at("Wheat", 20, 700), at("12", 200, 700)), (at("Barley", 20, 687), at("7", 200, 687))]
    assert text_of(*rows[0], *rows[1]) == "Wheat\t12\nBarley\t7"


def test_columns_are_read_one_after_the_other() -> None:
    left = [
        "It was the left column that",
        "came first and it went on for",
        "some lines more than three of",
        "them in all.",
    ]
    right = ["Then the right column was", "read, as its words are about", "something else, and so it is", "the end."]
    found = [at(words, 20, 700 - 13 * n) for n, words in enumerate(left)]
    found += [at(words, 300, 700 - 13 * n) for n, words in enumerate(right)]
    assert text_of(*found) == " ".join(left) + "\n\n" + " ".join(right)


def test_a_headline_keeps_its_size() -> None:
    body = [at("some words of the text, one line of it", 20, 700 - 13 * n) for n in range(4)]
    head, *lines = read_lines(1, *printed([at("Headline", 20, 725, 15), *body]))
    assert head.height == pytest.approx(1.5 * lines[0].height, rel=0.05)
    assert len({round(line.height, 3) for line in lines}) == 1


def test_characters_stand_where_their_words_do() -> None:
    text, measure = printed([at("one two", 20, 700), at("three", 20, 687)])
    assert text == "one two\nthree"
    left, bottom, right, top = measure([text.index("two"), text.index("three")])
    assert (left, right) == ([40, 20], [45, 25])
    assert bottom[0] < 700 < top[0]
    assert bottom[1] < 687 < top[1]


def test_nothing_recognised_is_no_text() -> None:
    assert printed([])[0] == ""
    assert text_of(("  ", 1, 1, 2, 2)) == ""
