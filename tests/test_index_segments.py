"""A document's own text is told from comments and tags; its language is told too."""

from __future__ import annotations

from itertools import pairwise

import pytest

from index.language import detect_language
from index.parsed import Parsed
from index.segments import comments_start, segments
from tests.index_helpers import CORPUS

CHATTER = "I think you are wrong!\n\nlol what\n\nTu parles !!!\n"


def cut(text: str, body: int = 0, comments: int | None = None) -> list[tuple[str, str]]:
    """Return the segments as (voice, text without white space around it)."""
    found = segments(Parsed(text, body=body, comments=comments))
    assert all(a.end <= b.start for a, b in pairwise(found))
    return [(segment.voice, text[segment.start : segment.end].strip()) for segment in found]


@pytest.mark.parametrize(
    "heading",
    (
        "Comments|COMMENTS:|3 comments|Comments (3)|## Comments|Readers' comments|Readers’ comments|"
        "Comments from readers|Commentaires|Commentaires des lecteurs|12 commentaires :|Réactions|"
        "**Commentaires**|Kommentare|Comentarios"
    ).split("|"),
)
def test_comments_heading(heading: str) -> None:
    text = f"The report.\n\n{heading}\n\nMaybe so.\n"
    assert cut(text) == [("report", "The report."), ("comment", f"{heading}\n\nMaybe so.")]


@pytest.mark.parametrize(
    "line", ["Comments were many.", "He made comments", "The minister's comments on it", "Comment"]
)
def test_a_line_about_comments_is_no_heading(line: str) -> None:
    text = f"The report.\n\n{line} and more\n\nThe end."
    assert comments_start(text) == len(text)


def test_gap_before_chatter() -> None:
    text = f"The report one. The report two.\n\n\n\n\n{CHATTER}"
    assert cut(text) == [("report", "The report one. The report two."), ("comment", CHATTER.strip())]


@pytest.mark.parametrize(
    "text",
    [
        "The report.\n\n\n\n\nThe minister left.\n\nThe talks ended.\n\nThe train departed.\n",  # a gap, but sober
        "The report.\n\n\n\n\nI think so!\n\nyou too\n",  # two lines are too few to tell
        f"The report.\n\n\n{CHATTER}",  # no more than two blank lines
        f"\n\n\n\n{CHATTER}",  # nothing before it
        f"The report.\n\n\n\n\n{CHATTER}" + "\n".join("The minister left." for _ in range(4)),  # a minority
    ],
)
def test_no_gap_before_comments(text: str) -> None:
    assert {voice for voice, _ in cut(text)} == {"report"}


@pytest.mark.parametrize(
    "line",
    [
        "#Ukraine #Russia #peace",
        "  #Ukraine  #peace\t",
        "Keywords: war, peace",
        "Tags: a, b",
        "Mots-clés : paix",
        "Schlagwörter: Krieg",
        "Palabras clave: paz",
    ],
)
@pytest.mark.parametrize("tail", ["", "\n", "\nThe end."])
def test_tag_lines_are_no_text(line: str, tail: str) -> None:
    expected = [("report", "The report.")] + ([("report", "The end.")] if tail.strip() else [])
    assert cut(f"The report.\n{line}{tail}") == expected


@pytest.mark.parametrize("line", ["# Heading", "## A heading", "#1 in the charts", "Tagged as #peace", "Tags are fun"])
def test_lines_that_are_no_tags(line: str) -> None:
    assert cut(f"The report.\n{line}\n") == [("report", f"The report.\n{line}")]


def test_body_and_marked_comments() -> None:
    text = "date 2025-06-02 The report.\n\nSoberly said."
    assert cut(text, body=16, comments=28) == [("report", "The report."), ("comment", "Soberly said.")]
    assert cut(text, comments=0) == [("comment", text)]
    assert cut("#one #two\n") == []


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ((CORPUS / "appel-trump-poutine.txt").read_text(encoding="utf-8"), "fr"),
        ((CORPUS / "waiting-for-the-buses.txt").read_text(encoding="utf-8"), "en"),
        ("Die Verhandlungen wurden am Montag in Istanbul ohne Ergebnis beendet.", "de"),
        ("Переговоры в Стамбуле закончились без результата, сообщили вчера.", "ru"),
        ("Trop court", "en"),  # too little to tell
        ("", "en"),
    ],
)
def test_language(text: str, language: str) -> None:
    assert detect_language(text) == language
