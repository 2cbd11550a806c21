"""A document's own text is told from comments and tags; its language is told too."""

from __future__ import annotations

from io import BytesIO
from itertools import pairwise
from pathlib import Path

import docx
import pytest

from index.language import detect_language
from index.parsed import Parsed
from index.readers import read
from index.segments import comments_start, left_out, segments
from tests.index_helpers import CORPUS

CHATTER = "I think you are wrong!\n\nlol what\n\nTu parles !!!\n"


def cut(text: str, body: int = 0, comments: int | None = None, article: bool = True) -> list[tuple[str, str]]:
    """Return the segments as (voice, text without white space around it)."""
    found = segments(Parsed(text, body=body, comments=comments, article=article))
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


MARKDOWN = """# Site visit

The roof leaks.

## Comments

The builder was polite.

### Of the owner

He was not.

{heading}

The parish will replace the slates.
"""
COMMENTS = "## Comments\n\nThe builder was polite.\n\n### Of the owner\n\nHe was not."


@pytest.mark.parametrize("heading", ["## Decision", "# Decision"])
def test_comments_end_with_their_section(heading: str) -> None:
    parsed = read(Path("a.md"), MARKDOWN.format(heading=heading).encode())
    found = [(segment.voice, parsed.text[segment.start : segment.end].strip()) for segment in segments(parsed)]
    assert found == [
        ("report", "# Site visit\n\nThe roof leaks."),
        ("comment", COMMENTS),
        ("report", f"{heading}\n\nThe parish will replace the slates."),
    ]
    assert left_out(parsed, segments(parsed)) == []


def test_comments_of_a_document_that_says_more_than_once() -> None:
    parsed = read(Path("a.md"), MARKDOWN.format(heading="## Decision\n\nSlates.\n\n## Comments").encode())
    assert [segment.voice for segment in segments(parsed)] == ["report", "comment", "report", "comment"]


def test_comments_whose_heading_is_none_of_the_format_go_on_to_the_end() -> None:
    text = MARKDOWN.format(heading="## Decision").replace("## Comments", "Comments")
    parsed = read(Path("a.md"), text.encode())
    assert [segment.voice for segment in segments(parsed)] == ["report", "comment"]


def test_comments_in_a_word_document_end_with_their_section() -> None:
    document = docx.Document()
    document.add_heading("Site visit", 1)
    document.add_paragraph("The roof leaks.")
    document.add_heading("Comments", 2)
    document.add_paragraph("The builder was polite.")
    document.add_heading("Decision", 2)
    document.add_paragraph("The parish will replace the slates.")
    file = BytesIO()
    document.save(file)
    parsed = read(Path("a.docx"), file.getvalue())
    voices = {segment.voice: parsed.text[segment.start : segment.end].strip() for segment in segments(parsed)[1:]}
    assert voices == {
        "comment": "Comments\n\nThe builder was polite.",
        "report": "Decision\n\nThe parish will replace the slates.",
    }


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


@pytest.mark.parametrize(
    "text",
    [
        "Tags: harbour; Ship: Ana.\n\nTags: harbour; Ship: Rui.",  # the rows of a table in a report
        "The report.\nKeywords: oil\nIt goes on.\nkeywords: gas\nThe end.",
    ],
)
def test_a_label_that_comes_again_names_a_column(text: str) -> None:
    assert cut(text) == [("report", text)]


@pytest.mark.parametrize("text", ["Tags: harbour; Ship: Ana.", "tags: harbour", "#one #two", "Keywords: a, b"])
def test_in_data_nothing_is_left_out(text: str) -> None:
    assert cut(text, article=False) == [("report", text)]
    assert cut(text) == []


@pytest.mark.parametrize(
    ("name", "data", "line"),
    [
        ("a.csv", b"Tags,Ship\noil,Ana\n", "Tags: oil; Ship: Ana."),
        ("a.json", b'{"tags": "oil", "ship": {"name": "Ana"}}', "tags: oil"),
        ("a.eml", b"Subject: Ship\nDate: 2 Jun 2025\n\nTags: oil\n\nIt left.\n", "Tags: oil"),
        ("a.srt", b"1\n00:00:01,000 --> 00:00:02,000\nTags: oil\n", "Tags: oil"),
    ],
)
def test_a_field_of_data_is_searched(name: str, data: bytes, line: str) -> None:
    parsed = read(Path(name), data)
    found = segments(parsed)
    assert any(line in parsed.text[segment.start : segment.end] for segment in found)
    assert left_out(parsed, found) == []


def test_what_is_left_out_is_told() -> None:
    text = "\ufeffdate 2025-06-02\n#one #two\n\nThe report.\nTags: a, b\nIt ends.\n\nKeywords: " + "word, " * 40
    parsed = Parsed(text, body=16)
    assert left_out(parsed, segments(parsed)) == [
        "in front of the text: date 2025-06-02",
        "line of keywords: #one #two",
        "line of keywords: Tags: a, b",
        f"line of keywords: Keywords: {'word, ' * 13}word, …",
    ]
    assert left_out(Parsed("The report."), segments(Parsed("The report."))) == []


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
