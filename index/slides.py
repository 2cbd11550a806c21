"""Reads PowerPoint presentations slide by slide, with the speaker's notes, which are said to be notes."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from typing import Any

from index.archive import Archive
from index.compose import Composer
from index.errors import ReadError
from index.office import add_table, core_properties
from index.parsed import Parsed

_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_P = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_FURNITURE = {"dt", "ftr", "hdr", "sldNum", "sldImg"}  # dates, footers and numbers that every slide repeats

Element = Any  # lxml has no types


def read_pptx(data: bytes) -> Parsed:
    """Read a presentation; its pages are its slides."""
    archive = Archive(data, "a PowerPoint file")
    slides = archive.tree("ppt/presentation.xml").findall(f"{_P}sldIdLst/{_P}sldId")
    targets = dict(_related(archive, "ppt/presentation.xml"))
    title, created = core_properties(archive)
    composer = Composer()
    for number, slide in enumerate(slides, start=1):
        name = targets.get(slide.get(f"{_R}id") or "")
        if name is None:
            raise ReadError(f"damaged PowerPoint file: slide {number} is missing")
        composer.place(f"Slide {number}", page=number)
        _add_shapes(composer, archive.tree(name))
        for _, other in _related(archive, name):
            if "notesSlide" in other and (notes := archive.tree_or_none(other)) is not None:
                composer.place(f"Slide {number} > Notes", page=number)
                _add_shapes(composer, notes)
    return composer.parsed(title, created)


def _related(archive: Archive, name: str) -> Iterator[tuple[str, str]]:
    """Yield the relations of a part: their ids and the parts they lead to."""
    folder, base = posixpath.split(name)
    relations = archive.tree_or_none(f"{folder}/_rels/{base}.rels")
    for relation in () if relations is None else relations:
        if relation.get("TargetMode") != "External":
            target = posixpath.normpath(posixpath.join("/", folder, relation.get("Target") or ""))
            yield relation.get("Id") or "", target.lstrip("/")


def _add_shapes(composer: Composer, slide: Element) -> None:
    """Add a slide's shapes, the title first."""
    frames = [
        shape
        for shape in slide.iter(f"{_P}sp", f"{_P}graphicFrame")
        if not any(parent.tag == f"{_MC}Fallback" for parent in shape.iterancestors())
    ]
    for shape in sorted(frames, key=lambda shape: _kind(shape) not in ("title", "ctrTitle")):
        if _kind(shape) in _FURNITURE:
            continue
        tables = list(shape.iter(f"{_A}tbl"))
        for table in tables:
            add_table(composer, _rows(table))
        for paragraph in () if tables else shape.iter(f"{_A}p"):
            composer.paragraph(_text(paragraph))


def _kind(shape: Element) -> str:
    placeholder = shape.find(f"{_P}nvSpPr/{_P}nvPr/{_P}ph")
    return "" if placeholder is None else placeholder.get("type") or "body"


def _rows(table: Element) -> Iterator[list[list[str]]]:
    for row in table.iter(f"{_A}tr"):
        yield [[_text(p) for p in cell.iter(f"{_A}p")] for cell in row.iterchildren(f"{_A}tc")]


def _text(paragraph: Element) -> str:
    return "".join(" " if part.tag == f"{_A}br" else part.text or "" for part in paragraph.iter(f"{_A}t", f"{_A}br"))
