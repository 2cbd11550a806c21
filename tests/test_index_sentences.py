"""Sentences are exact slices of their document, on clean and on untidy text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from index.language import detect_language
from index.parsed import Parsed
from index.readers import read
from index.segments import Segment, segments
from index.sentences import paragraphs, split_sentences
from index.types import Sentence
from tests.index_helpers import CORPUS, SEEDS

WRAPPED = (
    "The negotiators met in the old palace by the sea and\n"
    "spoke for hours about the border, the prisoners and the\n"
    "grain that was waiting in the harbour. They agreed on\n"
    "very little in the end. Nobody was surprised by that at\n"
    "all."
)
FILES = sorted(CORPUS.iterdir())


def split(text: str, language: str = "en") -> list[str]:
    found = split_sentences(text, Segment(0, len(text), "report"), language)
    return [text[sentence.start : sentence.end] for sentence in found]


def of_document(path: Path) -> tuple[Parsed, list[Segment], list[Sentence]]:
    parsed = read(path, path.read_bytes())
    parts = segments(parsed)
    language = detect_language(parsed.text)
    return parsed, parts, [s for part in parts for s in split_sentences(parsed.text, part, language)]


def assert_exact(parsed: Parsed, parts: list[Segment], sentences: list[Sentence]) -> None:
    """Check order, bounds and that nothing but marks and the numbers of list items is left between sentences."""
    for sentence in sentences:
        words = parsed.text[sentence.start : sentence.end]
        assert words and words == words.strip()
        assert sum(part.start <= sentence.start and sentence.end <= part.end for part in parts) == 1
    assert all(a.end <= b.start for a, b in pairwise(sentences))
    covered = "".join(parsed.text[s.start : s.end] for s in sentences)
    kept = "".join(re.sub(r"(?m)^\s*\d{1,3}\.\s", "", parsed.text[part.start : part.end]) for part in parts)
    assert [c for c in covered if c.isalnum()] == [c for c in kept if c.isalnum()]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_offsets_in_the_corpus(path: Path) -> None:
    parsed, parts, sentences = of_document(path)
    assert len(sentences) >= 10
    assert_exact(parsed, parts, sentences)


@pytest.mark.skipif(not SEEDS.is_dir(), reason="the real articles stand beside the repository, where there are any")
def test_offsets_in_real_articles() -> None:
    paths = sorted(SEEDS.glob("*.txt"))
    assert paths
    for path in paths:
        assert_exact(*of_document(path))


def untidy() -> Iterator[str]:
    """Make texts of line breaks, marks and spaces in every order."""
    pieces = [
        "One two.",
        "“Three",
        "four”",
        "\n",
        "\n\n",
        " ",
        "\r\n",
        "\t",
        "»",
        "(5.",
        "*",
        "é!",
        "\u2028",
        "…",
        "\x0c",
    ]
    for shift in range(1, 60):
        yield "".join(pieces[(number * shift + number // 7) % len(pieces)] for number in range(80))


def test_offsets_in_untidy_texts() -> None:
    for text in untidy():
        whole = [Segment(0, len(text), "report")]
        sentences = split_sentences(text, whole[0], "en")
        assert sentences
        assert_exact(Parsed(text), whole, sentences)


def test_only_the_segment_is_split() -> None:
    text = "Before it. In the middle. And more. After it."
    found = split_sentences(text, Segment(11, 35, "report"), "en")
    assert [(s.start, s.end) for s in found] == [(11, 25), (26, 35)]


@pytest.mark.parametrize(
    ("text", "language", "sentences"),
    [
        (
            "Mr. Putin met the U.S. envoy Dr. Smith at 5 p.m. on Tuesday. He left.",
            "en",
            ["Mr. Putin met the U.S. envoy Dr. Smith at 5 p.m. on Tuesday.", "He left."],
        ),
        (
            "« Nous partons. » Ils sont partis. Mme Dupont est restée.",
            "fr",
            ["« Nous partons. »", "Ils sont partis.", "Mme Dupont est restée."],
        ),
        ("One line\nAnother line\nA third one", "en", ["One line", "Another line", "A third one"]),
        ("***\n\nA first one.", "en", ["A first one."]),
        ("He left.\n»\nNext one.", "fr", ["He left.\n»", "Next one."]),
        ('He left. "\n\nNext one.', "en", ['He left. "', "Next one."]),
        ("He left.\n\n”\n\nNext one.", "en", ["He left.\n\n”", "Next one."]),
        ("”", "en", []),
        ("", "en", []),
    ],
)
def test_boundaries(text: str, language: str, sentences: list[str]) -> None:
    assert split(text, language) == sentences


@pytest.mark.parametrize("rule", ["***", "---", "* * *", "—"])
def test_a_rule_is_no_part_of_a_sentence(rule: str) -> None:
    found = split(f"A first one.\n\n{rule}\n\nA second one.")
    assert found == ["A first one.", "A second one."]


def test_monsieur_is_no_sentence() -> None:
    found = split("Hier, M. Poutine a refusé. M. Trump attend.", "fr")
    assert found == ["Hier, M. Poutine a refusé.", "M. Trump attend."]


def test_a_byte_order_mark_is_no_part_of_a_sentence() -> None:
    assert split("\ufeffThey met. They left.") == ["They met.", "They left."]


@pytest.mark.parametrize(("opening", "closing"), [('"', ""), ("“", ""), ("“", "”"), ("(", ")"), ("‘", "’")])
def test_quotation_marks_hold_no_page_together(opening: str, closing: str) -> None:
    expected = [f"Sentence number {number} is here." for number in range(60)]
    found = split(f"{opening}{' '.join(expected)}{closing}")
    assert found == [f"{opening}{expected[0]}", *expected[1:-1], f"{expected[-1]}{closing}"]


def test_hard_wrapped_text() -> None:
    first, second, third = split(WRAPPED)
    assert first.startswith("The negotiators") and first.endswith("the harbour.")
    assert second == "They agreed on\nvery little in the end."
    assert third == "Nobody was surprised by that at\nall."


def test_table_rows_are_no_wrapped_lines() -> None:
    rows = [f"Net sales of the division number {n} in the domestic segment\t{n},204\t{n},185" for n in range(6)]
    assert split("\n".join(rows)) == rows


def test_a_number_in_brackets_does_not_end_a_table_row() -> None:
    rows = [
        "Restructuring charges\t$ (7)\t$ 34\t$ (15)\t$ 34",
        "Total\t966\t5\t(2)\t969\t(2)\t982",
        "Sales\t(1)\t(6.3)%",
    ]
    assert split("\n".join(rows)) == rows


def test_lists_in_hard_wrapped_text() -> None:
    text = f"{WRAPPED}\n\n{WRAPPED}\n- one item that is rather short\n- two items\n# Heading\n> quoted"
    pieces = [text[start:end].strip() for start, end in paragraphs(text, 0, len(text))]
    assert pieces == [WRAPPED, WRAPPED, "- one item that is rather short", "- two items", "# Heading", "> quoted"]


def test_lists() -> None:
    assert split("- one item\n- two items. Really.\n") == ["one item", "two items.", "Really."]
    assert split("1. The first point\n2. The second point\n") == ["The first point", "The second point"]
