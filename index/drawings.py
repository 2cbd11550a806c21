"""What Office files of every kind hold besides paragraphs: charts, diagrams, text in shapes; and how parts relate."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass

from index.archive import MC, Archive, Element
from index.compose import Composer, fold
from index.tables import cell_text, table_lines

A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_C = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
_DIAGRAM = "{http://schemas.openxmlformats.org/drawingml/2006/diagram}"


@dataclass(frozen=True, slots=True)
class Relation:
    """Leads from one part of a file to another; `kind` is "slide", "chart", "footer"."""

    id: str
    kind: str
    part: str


def related(archive: Archive, name: str) -> Iterator[Relation]:
    """Yield the relations of a part within its file."""
    folder, base = posixpath.split(name)
    relations = archive.tree_or_none(f"{folder}/_rels/{base}.rels")
    for relation in () if relations is None else relations:
        if relation.get("TargetMode") != "External":
            target = posixpath.normpath(posixpath.join("/", folder, relation.get("Target") or ""))
            kind = posixpath.basename(relation.get("Type") or "")
            yield Relation(relation.get("Id") or "", kind, target.lstrip("/"))


def add_graphics(composer: Composer, archive: Archive, name: str, element: Element) -> None:
    """Add the text of the charts and diagrams that an element of the part `name` shows."""
    graphics = [one for one in element.iter(f"{_C}chart", f"{_DIAGRAM}relIds") if not is_fallback(one)]
    parts = {relation.id: relation.part for relation in related(archive, name)} if graphics else {}
    for shown in graphics:
        part = parts.get(shown.get(f"{R}id") or shown.get(f"{R}dm"))
        root = archive.tree_or_none(part) if part else None
        if root is not None:
            for line in _chart(root) if shown.tag == f"{_C}chart" else _diagram(root):
                composer.paragraph(line)


def is_fallback(element: Element) -> bool:
    """Whether an element is in a part that repeats for old programs what stands beside it."""
    return any(True for _ in element.iterancestors(f"{MC}Fallback"))


def drawn_text(paragraph: Element) -> str:
    """Text of a paragraph in a shape."""
    return "".join(" " if part.tag == f"{A}br" else part.text or "" for part in paragraph.iter(f"{A}t", f"{A}br"))


def _diagram(root: Element) -> Iterator[str]:
    """Yield the texts of a SmartArt diagram."""
    for text in root.iter(f"{_DIAGRAM}t"):
        for paragraph in text.iter(f"{A}p"):
            yield drawn_text(paragraph)


def _chart(root: Element) -> Iterator[str]:
    """Yield a chart's title, and a line for each category with the value of each series."""
    titles = [_title(root.find(f"{_C}chart")), *(_title(axis) for axis in root.iter(f"{_C}valAx"))]
    yield "; ".join(filter(None, titles))
    series = list(root.iter(f"{_C}ser"))
    names = [fold(one.findtext(f"{_C}tx//{_C}v") or "") for one in series]
    labels: dict[int, str] = {}
    for one in series:
        labels = {**_points(one, "cat", "xVal"), **labels}
    values = [_points(one, "val", "yVal") for one in series]
    axis = next(filter(None, map(_title, root.iter(f"{_C}catAx", f"{_C}dateAx"))), "")
    numbers = sorted({*labels, *(number for value in values for number in value)})
    rows = ([labels.get(number, ""), *(value.get(number, "") for value in values)] for number in numbers)
    if any(labels.values()) or any(names):  # else it was never drawn
        yield from table_lines(rows, [axis, *names])


def _title(of: Element) -> str:
    title = None if of is None else of.find(f"{_C}title")
    return "" if title is None else fold(" ".join(part.text or "" for part in title.iter(f"{A}t", f"{_C}v")))


def _points(series: Element, *names: str) -> dict[int, str]:
    """Read the labels or values of a series as they were when the chart was last drawn, by their number."""
    caches = (f"{_C}{kind}" for kind in ("strCache", "numCache", "strLit", "numLit", "lvl"))
    holders = (series.find(f"{_C}{name}") for name in names)
    cache = next((found for holder in holders if holder is not None for found in holder.iter(*caches)), None)
    if cache is None:
        return {}
    form = cache.findtext(f"{_C}formatCode") or "General"
    return {
        int(point.get("idx")): _shown(point.findtext(f"{_C}v") or "", form)
        for point in cache.iter(f"{_C}pt")
        if (point.get("idx") or "").isdecimal()
    }


def _shown(value: str, form: str) -> str:
    """Write a number as a day or a percentage if it is shown as one."""
    from openpyxl.styles.numbers import is_date_format
    from openpyxl.utils.datetime import from_excel

    try:
        number = float(value)
        if is_date_format(form):
            return cell_text(from_excel(number))
    except (ValueError, OverflowError):
        return fold(value)
    return f"{cell_text(number * 100)}%" if "%" in form else cell_text(number)
