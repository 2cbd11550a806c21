"""Reads PowerPoint presentations slide by slide, with the speaker's notes, which are said to be notes."""

from __future__ import annotations

from collections.abc import Iterator

from index.archive import Archive, Element
from index.compose import Composer
from index.drawings import A, R, add_graphics, drawn_text, is_fallback, related
from index.errors import ReadError
from index.office import add_table, core_properties
from index.parsed import Parsed

_P = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
_FURNITURE = {"dt", "ftr", "hdr", "sldNum", "sldImg"}  # dates, footers and numbers that every slide repeats


def read_pptx(data: bytes) -> Parsed:
    """Read a presentation; its pages are its slides."""
    archive = Archive(data, "a PowerPoint file")
    slides = archive.tree("ppt/presentation.xml").findall(f"{_P}sldIdLst/{_P}sldId")
    targets = {relation.id: relation.part for relation in related(archive, "ppt/presentation.xml")}
    title, created = core_properties(archive)
    composer = Composer()
    for number, slide in enumerate(slides, start=1):
        name = targets.get(slide.get(f"{R}id") or "")
        if name is None:
            raise ReadError(f"damaged PowerPoint file: slide {number} is missing")
        composer.place(f"Slide {number}", page=number)
        _add_shapes(composer, archive, name)
        for relation in related(archive, name):
            if relation.kind == "notesSlide" and relation.part in archive.names:
                composer.place(f"Slide {number} > Notes", page=number)
                _add_shapes(composer, archive, relation.part)
    return composer.parsed(title, created)


def _add_shapes(composer: Composer, archive: Archive, name: str) -> None:
    """Add a slide's shapes, the title first."""
    frames = [shape for shape in archive.tree(name).iter(f"{_P}sp", f"{_P}graphicFrame") if not is_fallback(shape)]
    for shape in sorted(frames, key=lambda shape: _kind(shape) not in ("title", "ctrTitle")):
        if _kind(shape) in _FURNITURE:
            continue
        tables = list(shape.iter(f"{A}tbl"))
        for table in tables:
            add_table(composer, _rows(table))
        for paragraph in () if tables else shape.iter(f"{A}p"):
            composer.paragraph(drawn_text(paragraph))
        add_graphics(composer, archive, name, shape)


def _kind(shape: Element) -> str:
    placeholder = shape.find(f"{_P}nvSpPr/{_P}nvPr/{_P}ph")
    return "" if placeholder is None else placeholder.get("type") or "body"


def _rows(table: Element) -> Iterator[list[list[str]]]:
    above: dict[int, list[str]] = {}
    for row in table.iter(f"{A}tr"):
        cells = list(row.iterchildren(f"{A}tc"))
        for column, cell in enumerate(cells):
            if cell.get("vMerge") not in ("1", "true") or column not in above:  # else it is one with the cell above
                above[column] = [drawn_text(p) for p in cell.iter(f"{A}p")]
        yield [above[column] for column in range(len(cells))]
