"""Reads OpenDocument texts (LibreOffice): paragraphs under their headings, tables row by row, notes in their place."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from index.archive import Archive
from index.compose import Composer, Headings, fold
from index.dates import parse_date
from index.errors import ReadError
from index.office import add_table
from index.parsed import Parsed

_OASIS = "{urn:oasis:names:tc:opendocument:xmlns:"
_OFFICE = f"{_OASIS}office:1.0}}"
_TEXT = f"{_OASIS}text:1.0}}"
_TABLE = f"{_OASIS}table:1.0}}"
_META = f"{_OASIS}meta:1.0}}"
_DC = "{http://purl.org/dc/elements/1.1/}"
# Changes that were struck out, remarks in the margin, tables of contents.
_LEFT_OUT = {
    f"{_TEXT}tracked-changes", f"{_OFFICE}annotation", f"{_TEXT}table-of-content", f"{_TEXT}sequence-decls",
    f"{_OFFICE}forms",
}  # fmt: skip

Element = Any  # lxml has no types


def read_odt(data: bytes) -> Parsed:
    """Read an OpenDocument text; its date is the one in its head, else that of its creation."""
    archive = Archive(data, "an OpenDocument text")
    if b"encryption-data" in (archive.part("META-INF/manifest.xml") or b""):
        raise ReadError("encrypted: needs a password; save it without one")
    body = archive.tree("content.xml").find(f"{_OFFICE}body/{_OFFICE}text")
    if body is None:
        raise ReadError("not an OpenDocument text: it has no text body")
    walk = _Walk()
    walk.walk(body)
    meta = archive.tree_or_none("meta.xml")
    title = created = None
    if meta is not None:
        title = meta.findtext(f".//{_DC}title")
        created = meta.findtext(f".//{_META}creation-date")
    day = parse_date(created) if created else None
    return walk.composer.parsed(title or walk.first_heading, day, article=True)


class _Walk:
    """A walk through an OpenDocument text."""

    def __init__(self) -> None:
        self.composer = Composer()
        self.headings = Headings()
        self.first_heading = ""

    def walk(self, parent: Element) -> None:
        for child in parent:
            if child.tag == f"{_TEXT}h":
                level = child.get(f"{_TEXT}outline-level") or "1"
                text = fold(_text(child))
                self.first_heading = self.first_heading or text
                self.composer.place(self.headings.enter(int(level) if level.isdecimal() else 1, text))
                self._paragraph(child)
            elif child.tag == f"{_TEXT}p":
                self._paragraph(child)
            elif child.tag == f"{_TABLE}table":
                add_table(self.composer, _rows(child))
            elif child.tag not in _LEFT_OUT:
                self.walk(child)

    def _paragraph(self, paragraph: Element) -> None:
        self.composer.paragraph(_text(paragraph))
        for note in paragraph.iter(f"{_TEXT}note-body"):
            self.composer.paragraph(" ".join(_text(p) for p in note.iter(f"{_TEXT}p")))


def _text(element: Element) -> str:
    """Text of a paragraph, without its notes and remarks."""
    pieces = [element.text or ""]
    for child in element:
        if child.tag in (f"{_TEXT}s", f"{_TEXT}tab", f"{_TEXT}line-break"):
            pieces.append(" ")
        elif child.tag not in (f"{_TEXT}note", f"{_OFFICE}annotation", f"{_TEXT}ruby-text"):
            pieces.append(_text(child))
        pieces.append(child.tail or "")
    return "".join(pieces)


def _rows(table: Element) -> Iterator[list[list[str]]]:
    for row in table.iter(f"{_TABLE}table-row"):
        if next(row.iterancestors(f"{_TABLE}table")) is table:
            yield [
                [_text(p) for p in cell.iter(f"{_TEXT}p", f"{_TEXT}h")]
                for cell in row.iterchildren(f"{_TABLE}table-cell")
            ]
