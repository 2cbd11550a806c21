"""What could not be read is told in few lines, and nothing that a person can do something about is lost in them."""

from __future__ import annotations

from index.readers import why_not
from ui.render import unread


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
