"""Reads Word documents: paragraphs under their headings, tables row by row, notes in their place."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator

from index.archive import DC, MC, Archive, Element
from index.compose import Composer, Headings, fold
from index.dates import parse_date
from index.drawings import add_graphics, is_fallback, related
from index.errors import ReadError
from index.parsed import Parsed
from index.tables import table_lines

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_DCTERMS = "{http://purl.org/dc/terms/}"
_MATH = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
# What is read elsewhere, or was struck out.
_ELSEWHERE = {f"{_W}txbxContent", f"{_W}del", f"{_W}moveFrom", f"{MC}Fallback", f"{_W}pPr"}
_SIGNS = {f"{_MATH}sup": "^", f"{_MATH}sub": "_", f"{_MATH}den": "/", f"{_MATH}rad": "√"}
_TERMS = {f"{_MATH}{name}" for name in ("num", "den", "sup", "sub", "e")}
_PAGE_NUMBER = re.compile(r"\W*([^\W\d_]{1,10}\W*)?\d{0,3}\W*([^\W\d_]{1,6}\W*)?\d{0,3}\W*")  # "Page 2 of 7"
_SHOWN = 100  # characters of what is left out
_MOST_COLUMNS = 100
_LAYOUT = 300  # characters; a table with a longer cell holds text side by side, no rows


def core_properties(archive: Archive) -> tuple[str | None, str | None]:
    """Title and date of creation in the properties of an Office file."""
    core = archive.tree_or_none("docProps/core.xml")
    if core is None:
        return None, None
    created = core.findtext(f"{_DCTERMS}created")
    return core.findtext(f"{DC}title"), parse_date(created) if created else None


def read_docx(data: bytes) -> Parsed:
    """Read a Word document; its date is the one in its head, else that of its creation."""
    archive = Archive(data, "a Word file")
    document = archive.tree("word/document.xml")
    body = document.find(f"{_W}body")
    if body is None:
        raise ReadError("not a Word file: it has no body")
    title, created = core_properties(archive)
    word = _Word(archive)
    word.walk(body)
    word.add_margins(document)
    struck = [
        fold("".join(text.text or "" for text in change.iter(f"{_W}delText"))) for change in body.iter(f"{_W}del")
    ]
    return word.composer.parsed(
        word.title or title or word.first_heading, created, told("struck out by a change", struck), article=True
    )


def told(what: str, texts: list[str]) -> list[str]:
    """Tell in a line what of a file is not in its text."""
    shown = "; ".join(filter(None, texts))
    return [f"{what}: {textwrap.shorten(shown, _SHOWN, placeholder=' …')}"] if shown else []


def is_page_number(text: str) -> bool:
    """Whether a header or footer with a page number in it says nothing else."""
    return _PAGE_NUMBER.fullmatch(text) is not None


def comment(author: str | None, text: str, on: str = "") -> str:
    """Write a comment in the margin, and by whom it is on what."""
    by = f" by {author}" if author and author.strip() else ""
    return f"Comment{by}{f' on “{fold(on)}”' if on.strip() else ''}: {fold(text)}" if text.strip() else ""


class _Word:
    """A walk through a Word document."""

    def __init__(self, archive: Archive) -> None:
        self.composer = Composer()
        self.headings = Headings()
        self.title = ""
        self.first_heading = ""
        self._archive = archive
        self._part = "word/document.xml"
        self._levels = _heading_styles(archive)
        self._notes = {
            (kind, note.get(f"{_W}id")): " ".join(_word_text(p) for p in note.iter(f"{_W}p"))
            for kind in ("footnote", "endnote")
            for note in _children(archive.tree_or_none(f"word/{kind}s.xml"))
            if note.get(f"{_W}type") in (None, "normal")
        }

    def walk(self, parent: Element) -> None:
        for child in parent:
            if child.tag == f"{_W}p":
                self._paragraph(child)
            elif child.tag == f"{_W}tbl":
                add_table(self.composer, _word_rows(child))
                self._add_notes(child)
            elif child.tag not in (f"{_W}del", f"{_W}sectPr", f"{MC}Fallback"):
                self.walk(child)

    def _paragraph(self, paragraph: Element) -> None:
        text = fold(_word_text(paragraph))
        style = paragraph.find(f"{_W}pPr/{_W}pStyle")
        level = self._levels.get(style.get(f"{_W}val") or "", 0) if style is not None else 0
        level = _outline(paragraph.find(f"{_W}pPr/{_W}outlineLvl")) or level
        if text and level == -1:
            self.title = self.title or text
        elif text and level:
            self.first_heading = self.first_heading or text
            self.composer.place(self.headings.enter(level, text))
        self.composer.paragraph(text)
        for box in _within(paragraph, f"{_W}txbxContent"):
            self.walk(box)
        self._add_notes(paragraph)

    def _add_notes(self, element: Element) -> None:
        """Add the charts and the notes of a paragraph or a table."""
        add_graphics(self.composer, self._archive, self._part, element)
        for kind in ("footnote", "endnote"):
            for reference in _within(element, f"{_W}{kind}Reference"):
                self.composer.paragraph(self._notes.get((kind, reference.get(f"{_W}id")), ""))

    def add_margins(self, document: Element) -> None:
        """Add the comments, and the page headers and footers, each once."""
        comments = list(_children(self._archive.tree_or_none("word/comments.xml")))
        on = _commented(document) if comments else {}
        if comments:
            self.composer.place("Comments")
        for one in comments:
            text = " ".join(_word_text(p) for p in one.iter(f"{_W}p"))
            author, about = one.get(f"{_W}author"), on.get(one.get(f"{_W}id") or "", "")
            self.composer.paragraph(comment(author, text, about))
        seen: set[str] = set()
        for relation in sorted(related(self._archive, self._part), key=lambda relation: relation.kind != "header"):
            root = self._archive.tree_or_none(relation.part) if relation.kind in ("header", "footer") else None
            text = "" if root is None else fold(" ".join(_word_text(p) for p in root.iter(f"{_W}p")))
            if root is None or text in seen or (_has_page_number(root) and is_page_number(text)):
                continue
            seen.add(text)
            self.composer.place(f"Page {relation.kind}")
            self._part = relation.part
            self.walk(root)


def _within(parent: Element, tag: str) -> Iterator[Element]:
    """Yield the outermost elements of a kind below another, but for those that are read elsewhere."""
    for child in parent:
        if child.tag == tag:
            yield child
        elif child.tag not in _ELSEWHERE:
            yield from _within(child, tag)


def _has_page_number(part: Element) -> bool:
    fields = part.iter(f"{_W}instrText", f"{_W}fldSimple")
    return any("PAGE" in (field.get(f"{_W}instr") or field.text or "") for field in fields)


def _cell_paragraphs(cell: Element) -> Iterator[str]:
    """Yield the paragraphs of a cell, and of the text boxes in it."""
    for paragraph in _within(cell, f"{_W}p"):
        yield _word_text(paragraph)
        for box in _within(paragraph, f"{_W}txbxContent"):
            yield from _cell_paragraphs(box)


def _commented(document: Element) -> dict[str, str]:
    """Return the text that each comment is on."""
    texts: dict[str, str] = {}
    open_: set[str] = set()
    for element in document.iter(f"{_W}commentRangeStart", f"{_W}commentRangeEnd", f"{_W}t"):
        name = element.get(f"{_W}id") or ""
        if element.tag == f"{_W}commentRangeStart":
            open_.add(name)
        elif element.tag == f"{_W}commentRangeEnd":
            open_.discard(name)
        elif not is_fallback(element):
            texts.update({one: texts.get(one, "") + (element.text or "") for one in open_})
    return {name: textwrap.shorten(text, _SHOWN, placeholder=" …") for name, text in texts.items()}


def _heading_styles(archive: Archive) -> dict[str, int]:
    """Level of each style that makes a heading, -1 for the title's."""
    levels: dict[str, int] = {}
    for style in _children(archive.tree_or_none("word/styles.xml")):
        name = style.find(f"{_W}name")
        called = (name.get(f"{_W}val") or "").lower() if name is not None else ""
        numbered = re.fullmatch(r"heading ([1-9])", called)
        level = int(numbered.group(1)) if numbered else _outline(style.find(f"{_W}pPr/{_W}outlineLvl"))
        based = style.find(f"{_W}basedOn")
        if not level and based is not None:
            level = levels.get(based.get(f"{_W}val") or "", 0)
        if called == "title":
            level = -1
        if level:
            levels[style.get(f"{_W}styleId") or ""] = level
    return levels


def _outline(element: Element) -> int:
    """Level 1 to 9 of an outline level 0 to 8; 0 for body text."""
    value = element.get(f"{_W}val") or "" if element is not None else ""
    return int(value) + 1 if value in set("012345678") else 0


def _word_text(parent: Element) -> str:
    """Text of a paragraph, without what its text boxes and struck-out changes hold."""
    pieces: list[str] = []
    for child in parent:
        if child.tag in (f"{_W}t", f"{_MATH}t"):
            pieces.append(child.text or "")
        elif child.tag in (f"{_W}tab", f"{_W}br", f"{_W}cr"):
            pieces.append(" ")
        elif child.tag == f"{_W}noBreakHyphen":
            pieces.append("-")
        elif child.tag not in _ELSEWHERE:
            text = _word_text(child)
            is_term = child.tag in _TERMS and len(text) > 1
            pieces.append(f"{_SIGNS.get(child.tag, '')}{f'({text})' if is_term else text}" if text else "")
    return "".join(pieces)


def _word_rows(table: Element) -> Iterator[list[list[str]]]:
    """Yield the cells of each row as their paragraphs, a cell that spans several rows in each of them."""
    above: dict[int, list[str]] = {}
    for row in table.iter(f"{_W}tr"):
        if next(row.iterancestors(f"{_W}tbl")) is not table:
            continue
        cells: list[list[str]] = [[]] * _number(row.find(f"{_W}trPr/{_W}gridBefore"), 0)
        for cell in (cell for cell in row.iter(f"{_W}tc") if next(cell.iterancestors(f"{_W}tr")) is row):
            merge = cell.find(f"{_W}tcPr/{_W}vMerge")
            if merge is None or merge.get(f"{_W}val") == "restart":
                above[len(cells)] = list(_cell_paragraphs(cell))
            cells += [above.get(len(cells), []), *[[]] * (_number(cell.find(f"{_W}tcPr/{_W}gridSpan"), 1) - 1)]
        yield cells


def _number(element: Element, default: int) -> int:
    value = element.get(f"{_W}val") or "" if element is not None else ""
    return min(int(value[:6]), _MOST_COLUMNS) if value.isdecimal() else default


def add_table(composer: Composer, rows: Iterator[list[list[str]]]) -> None:
    """Add a table of cells of paragraphs: row by row, or cell by cell where it only arranges text.

    A cell that spans several rows is the same list in each of them.
    """
    table = list(rows)
    cells = {id(cell): [fold(paragraph) for paragraph in cell] for row in table for cell in row}
    one_column = all(sum(map(any, row)) < 2 for row in table)
    if one_column or any(sum(map(len, cell)) > _LAYOUT for cell in cells.values()):
        for cell in cells.values():
            for paragraph in cell:
                composer.paragraph(paragraph)
    else:
        for line in table_lines([" ".join(filter(None, cells[id(cell)])) for cell in row] for row in table):
            composer.paragraph(line)


def _children(root: Element) -> Iterator[Element]:
    return iter(()) if root is None else iter(root)
