"""What a terminal shows: what could not be read in few lines, without losing any; the pages of a quote."""

from __future__ import annotations

from dataclasses import replace

import pytest

from index import extras
from index.extras import OCR
from index.pictures import WORDLESS
from index.readers import why_not
from index.types import Chunk, Passage, Place
from rag.answer import Quote
from tests.rag_helpers import document
from ui.render import passage_lines, source_lines, unread

TEXT = "The mill was sold to members of the council. It rained."


def failed(*paths: str) -> list[tuple[str, str]]:
    """Return files as they fail for their kind."""
    return [(path, str(why_not(path))) for path in paths]


def test_what_is_no_document_is_counted() -> None:
    pictures = failed(*(f"/p/IMG_{number}.{'MP4' if number % 2 else 'mp4'}" for number in range(312)))
    programs = failed(*(f"/p/{number}.exe" for number in range(40)))
    assert unread([*pictures, *programs, *failed("/p/Makefile", "/p/x.zip/a.blend")]) == [
        ("312 .mp4, 40 .exe, 1 without a suffix, 1 .blend", "not documents")
    ]


def test_what_is_a_document_elsewhere_is_told_kind_by_kind() -> None:
    names = ("a.mp3", "a.doc", "b.DOC", "old/t.dot", "x.zip/talk.key", "b.tar.gz", "c.tgz")
    assert unread(failed(*(f"/p/{name}" for name in names))) == [
        ("3 .doc .dot files, such as a.doc", "an old Word file: save it as .docx"),
        ("/p/x.zip/talk.key", "a Keynote file: export it as .pptx"),
        ("2 .gz .tgz files, such as b.tar.gz", "a tar archive: unpack it, or pack it as .zip"),
        ("1 .mp3", "not documents"),
    ]


def test_what_is_damaged_or_named_stands_alone() -> None:
    damaged = [(f"/p/{number}.txt", "empty: no text in it") for number in range(3)]
    others = failed("/p/a.mp3", "/p/b.mp3", "/p/c.doc")
    assert unread([*others, *damaged], named={"/p/b.mp3", "/p/c.doc"}) == [
        *others[1:],
        *damaged,
        ("1 .mp3", "not documents"),
    ]
    assert others[1][1].startswith("unknown file type .mp3; known: .")


def test_photos_are_told_in_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    photos = [(f"/p/IMG_{number}.jpg", WORDLESS) for number in range(312)]
    assert unread(photos) == [("312 .jpg files, such as IMG_0.jpg", WORDLESS)]
    monkeypatch.setattr(extras, "has_ocr", lambda: False)
    assert unread(failed("/p/a.jpg", "/p/b.png")) == [("2 .jpg .png files, such as a.jpg", f"a picture; {OCR}")]


def test_where_a_passage_stands() -> None:
    source = replace(document(TEXT), places=(Place(0, 2, section="Slide 2"), Place(45, 3, section="Slide 3", ocr=True)))
    one = Passage(Chunk(1, source.id, 0, len(TEXT)), source, 1.0)
    within = replace(one, chunk=Chunk(2, source.id, 0, 40))
    assert next(passage_lines([one], 80)).endswith(", pages 2-3 (OCR), Slide 2 – Slide 3  1.00")
    assert next(passage_lines([within], 80)).endswith(", page 2, Slide 2  1.00")


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
