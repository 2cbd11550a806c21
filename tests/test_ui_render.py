"""What a terminal shows: what could not be read in few lines, without losing any; the pages of a quote."""

from __future__ import annotations

from dataclasses import replace

import pytest

from index.readers import why_not
from index.types import Place
from rag.answer import Quote
from tests.rag_helpers import document
from ui.render import source_lines, unread

TEXT = "The mill was sold to members of the council. It rained."


def failed(*paths: str) -> list[tuple[str, str]]:
    """Return files as they fail for their kind."""
    return [(path, str(why_not(path))) for path in paths]


def test_what_is_no_document_is_counted() -> None:
    pictures = failed(*(f"/p/IMG_{number}.{'JPG' if number % 2 else 'jpg'}" for number in range(312)))
    programs = failed(*(f"/p/{number}.exe" for number in range(40)))
    assert unread([*pictures, *programs, *failed("/p/Makefile", "/p/x.zip/a.blend")]) == [
        ("312 .jpg, 40 .exe, 1 without a suffix, 1 .blend", "not documents")
    ]


def test_what_is_a_document_elsewhere_is_told_kind_by_kind() -> None:
    names = ("a.jpg", "a.doc", "b.DOC", "old/t.dot", "x.zip/talk.key", "b.tar.gz", "c.tgz")
    assert unread(failed(*(f"/p/{name}" for name in names))) == [
        ("3 .doc .dot files, such as a.doc", "an old Word file: save it as .docx"),
        ("/p/x.zip/talk.key", "a Keynote file: export it as .pptx"),
        ("2 .gz .tgz files, such as b.tar.gz", "a tar archive: unpack it, or pack it as .zip"),
        ("1 .jpg", "not documents"),
    ]


def test_what_is_damaged_or_named_stands_alone() -> None:
    damaged = [(f"/p/{number}.txt", "empty: no text in it") for number in range(3)]
    pictures = failed("/p/a.jpg", "/p/b.jpg", "/p/c.doc")
    assert unread([*pictures, *damaged], named={"/p/b.jpg", "/p/c.doc"}) == [
        *pictures[1:],
        *damaged,
        ("1 .jpg", "not documents"),
    ]
    assert pictures[1][1].startswith("unknown file type .jpg; known: .csv .")


def test_nothing() -> None:
    assert unread([]) == []


@pytest.mark.parametrize(
    ("places", "shown"),
    [
        ((), "a.txt"),
        ((Place(0, 4),), "a.txt, page 4"),
        ((Place(0, 4, "iv"), Place(45, 5)), "a.txt, page iv"),
        ((Place(0, 4), Place(20, 5)), "a.txt, pages 4-5"),
        ((Place(0, 4, "iv", "Report"), Place(20, 6, "1", "Report")), "a.txt, pages iv-1, Report"),
    ],
)
def test_the_pages_of_a_quote_are_named(places: tuple[Place, ...], shown: str) -> None:
    quote = Quote(replace(document(TEXT), places=places), 0, 44)
    first, *_ = source_lines({quote: 1}, 100)
    assert first == f"[1] 2025-06-02 · {shown}"
