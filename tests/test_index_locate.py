"""Words of a document's text are found where they were printed, or not at all."""

from __future__ import annotations

import pytest

from index.layout import Cell, Line
from index.locate import letters, locate

HEAD, FOOT = "ACME Annual Report", "Page 12"


def printed(*lines: str) -> tuple[list[Line], str]:
    """Lines as they were read from a page, and the page's text; cells of a line are set apart by " | "."""
    found: list[Line] = []
    text = ""
    for number, line in enumerate(lines):
        cells = []
        for words in line.split(" | "):
            cells.append(Cell(0, 1, words, ((len(text), len(text) + len(words)),)))
            text += words + " "
        found.append(Line(1, -number, 1 - number, tuple(cells)))
        text += "\r\n"
    return found, text


def found(lines: tuple[list[Line], str], text: str, *quotes: str | tuple[int, int]) -> list[list[str] | None]:
    """What is found of quotes, or of spans of the text, run by run, as it was printed."""
    spans = [quote if isinstance(quote, tuple) else _span(text, quote) for quote in quotes]
    runs = locate(*lines, text, spans)
    return [None if one is None else [lines[1][run[0] : run[-1] + 1] for run in one] for one in runs]


def _span(text: str, quote: str) -> tuple[int, int]:
    assert text.count(quote) == 1
    return text.index(quote), text.index(quote) + len(quote)


@pytest.mark.parametrize(
    ("lines", "text", "quote", "runs"),
    [
        (["One line of", "prose goes on."], "One line of prose goes on.", "line of prose", ["line of", "prose"]),
        (["an exam-", "ple of it"], "an example of it", "example", ["exam", "ple"]),
        (["a well-", "known story"], "a well-known story", "well-known", ["well", "known"]),
        (["a well-known story"], "a well-known story", "known", ["known"]),
        (["the of\ufb01ce \ufb02oor"], "the office floor", "office", ["of\ufb01ce"]),
        (["the of\ufb01ce"], "the office", "fice", ["\ufb01ce"]),  # half a ligature can't be marked
        (["soft hy\xadphens\u200b are"], "soft hyphens are", "hyphens", ["hy\xadphens"]),
        (["“Never!”,", "he said."], "“Never!”,\n\nhe said.", "“Never!”", ["“Never!”"]),
        (["Net | 12 | (3)", "Tax | 4 | 5"], "Net\t12\t(3)\nTax\t4\t5", "12\t(3)\nTax", ["12", "(3)", "Tax"]),
        (["dent", "of it"], "dent of it", "dent", ["dent"]),  # the half of a word that a page begins with
        (["\x00\x00 is odd"], "is odd", "is", ["is"]),
        (["été  à Nîmes"], "été à Nîmes", "à Nîmes", ["à Nîmes"]),
    ],
)
def test_words_are_found_however_they_were_set(lines: list[str], text: str, quote: str, runs: list[str]) -> None:
    assert found(printed(*lines), text, quote) == [runs]


def test_running_heads_are_passed_over() -> None:
    lines = printed(HEAD, "The mill", "was sold.", FOOT)
    assert found(lines, "The mill was sold.", (0, 18)) == [["The mill", "was sold."]]
    lines = printed("The mill", FOOT, "was sold.", HEAD)  # in the middle, as the file has them
    assert found(lines, "The mill was sold.", (0, 18)) == [["The mill", "was sold."]]


def test_of_two_alike_the_one_at_the_offset_is_found() -> None:
    lines = printed(HEAD, "It rose.", "Then it fell.", "It rose.", FOOT)
    text = "It rose.\n\nThen it fell.\n\nIt rose."
    second = text.rindex("It rose.")
    runs = locate(*lines, text, [(0, 8), (second, second + 8)])
    starts = [run[0] for one in runs for run in one or []]
    assert starts == [lines[1].index("It rose."), lines[1].rindex("It rose.")]


def test_where_it_could_be_either_of_two_nothing_is_found() -> None:
    lines = printed("It rose.", "It rose.", "Then it fell.")  # one of the two was a running head
    assert found(lines, "It rose.\n\nThen it fell.", (0, 8), "Then it fell.") == [None, ["Then it fell."]]
    assert found(lines, "It rose.\n\nThen it fell.", (0, 22)) == [None]  # though the letters are there once in a row


def test_what_is_not_there_is_not_found() -> None:
    lines = printed("One line of prose", "goes on.")
    assert found(lines, "Another text.", "Another") == [None]
    assert found(lines, "One line of prose goes on.", (3, 3)) == [None]
    assert locate([], "", "Some text.", [(0, 4)]) == [None]


def test_in_a_text_that_was_made_in_another_way_only_what_is_unmistakable_is_found() -> None:
    lines = printed("The mill was sold to a dealer", "from the north. It rose.", HEAD)
    older = "ACME The mill was sold to a dealer from the north. It rose."
    assert found(lines, older, "was sold to a dealer from the north.", "It rose.") == [
        ["was sold to a dealer", "from the north."],
        None,
    ]
    twice = printed("The mill was sold to a dealer.", "The mill was sold to a dealer.")
    assert found(twice, "ACME The mill was sold to a dealer.", "The mill was sold to a dealer.") == [None]


def test_letters_are_the_same_before_and_after() -> None:
    assert letters("a well-\nknown of\ufb01ce\xad") == letters("a wellknown office") == "awellknownoffice"
