"""Reads e-books: the chapters in the order of the spine, under the titles of the table of contents."""

from __future__ import annotations

import posixpath
import re
import warnings
from collections import defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import unquote

from index.archive import DC, Archive, Element
from index.compose import Composer, Headings, fold
from index.dates import parse_date
from index.errors import ReadError
from index.markup import block_text, heading_level
from index.parsed import Parsed

if TYPE_CHECKING:
    from bs4 import BeautifulSoup

_CONTAINER = "{urn:oasis:names:tc:opendocument:xmlns:container}"
_OPF = "{http://www.idpf.org/2007/opf}"
_NCX = "{http://www.daisy.org/z3986/2005/ncx/}"
_FONTS_ONLY = re.compile(rb"http://(www\.idpf\.org/2008/embedding|ns\.adobe\.com/pdf/enc#RC)")
_VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
_SELF_CLOSED = re.compile(r"<([A-Za-z][\w:-]*)((?:\s[^<>]*)?)/>")

Contents = dict[str, list[tuple[str, tuple[str, ...]]]]  # part -> (fragment, titles from the outermost)


def read_epub(data: bytes) -> Parsed:
    """Read an e-book; its sections are the entries of its table of contents, with the headings below them."""
    archive = Archive(data, "an EPUB book")
    protection = archive.part("META-INF/encryption.xml") or b""
    if protection.count(b"EncryptionMethod ") > len(_FONTS_ONLY.findall(protection)):
        raise ReadError("encrypted: its publisher protects it against copying")
    container = archive.tree("META-INF/container.xml")
    root = next((found.get("full-path") for found in container.iter("{*}rootfile")), None)
    if not root:
        raise ReadError("damaged EPUB book: its container names no content")
    package = archive.tree(root)
    folder = posixpath.dirname(root)
    items = {item.get("id"): item for item in package.iter(f"{_OPF}item")}
    spine = [items.get(reference.get("idref")) for reference in package.iter(f"{_OPF}itemref")]
    contents = _contents(archive, items, folder)
    composer = Composer()
    missing: list[str] = []
    titles: tuple[str, ...] = ()
    for item in spine:
        if item is None or "nav" in (item.get("properties") or "").split():
            continue
        name = _join(folder, item.get("href") or "")[0]
        part = archive.part(name)
        if part is None:
            missing.append(f"{name}: it is missing in the book")
        elif "html" in (item.get("media-type") or "html"):
            titles = _add_chapter(composer, _soup(part), contents.get(name, []), titles)
    stated = (element.text for element in package.iter(f"{DC}date") if element.text)
    day = next((found for found in map(parse_date, stated) if found), None)
    title = next((element.text for element in package.iter(f"{DC}title")), None)
    return composer.parsed(title, day, missing)


def _add_chapter(
    composer: Composer, soup: BeautifulSoup, entries: list[tuple[str, tuple[str, ...]]], titles: tuple[str, ...]
) -> tuple[str, ...]:
    """Add one file of a book; returns the titles that hold at its end, since a chapter may go on in the next file."""
    at = dict(entries)
    titles = at.get("", titles)
    text, marks = block_text(soup.body or soup, at)
    headings = Headings(*titles)
    composer.place(_path(titles))
    position = 0
    for offset, tag in marks:
        composer.text(text[position:offset])
        position = offset
        identity = str(tag.get("id") or "")
        if identity in at:
            titles = at[identity]
            headings = Headings(*titles)
            composer.place(_path(titles))
        if heading_level(tag) and (heading := fold(tag.get_text(" "))) not in titles:
            # a heading of the chapter's own level, "Chapter 1" above "The Whale" in the contents, is below its title
            composer.place(_path((*titles, *_below(headings, heading_level(tag), heading, len(titles)))))
    composer.text(text[position:])
    return titles


def _below(headings: Headings, level: int, heading: str, outer: int) -> list[str]:
    return headings.enter(level, heading).split(" > ")[outer:]


def _path(titles: tuple[str, ...]) -> str:
    return " > ".join(titles)


def _soup(part: bytes) -> BeautifulSoup:
    """Parse a chapter as HTML, which forgives what XML doesn't and knows no entities but its own."""
    from bs4 import BeautifulSoup, XMLParsedAsHTMLWarning

    try:
        source = part.decode("utf-8-sig")
    except UnicodeDecodeError:
        source = part.decode("utf-16" if part[:2] in (b"\xff\xfe", b"\xfe\xff") else "cp1252", "replace")
    source = re.sub(r"^\s*<\?xml[^>]*\?>", "", source)
    source = _SELF_CLOSED.sub(  # <a id="x"/> would stay open to the end of the page
        lambda tag: (
            tag.group() if tag.group(1).lower() in _VOID else f"<{tag.group(1)}{tag.group(2)}></{tag.group(1)}>"
        ),
        source,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", XMLParsedAsHTMLWarning)
        soup = BeautifulSoup(source, "lxml")
    for tag in soup.find_all(["script", "style", "template", "svg", "head"]):
        tag.decompose()
    return soup


def _contents(archive: Archive, items: dict[str, Element], folder: str) -> Contents:
    """Read the table of contents: the navigation document of EPUB 3, else the NCX of EPUB 2."""
    contents: Contents = defaultdict(list)
    for item in items.values():
        name = _join(folder, item.get("href") or "")[0]
        if "nav" in (item.get("properties") or "").split() and (part := archive.part(name)) is not None:
            for href, titles in _navigation(_soup(part)):
                target, fragment = _join(posixpath.dirname(name), href)
                contents[target].append((fragment, titles))
            return contents
    for item in items.values():
        name = _join(folder, item.get("href") or "")[0]
        if item.get("media-type") == "application/x-dtbncx+xml" and (part := archive.part(name)) is not None:
            for href, titles in _ncx(_soup(part)):
                target, fragment = _join(posixpath.dirname(name), href)
                contents[target].append((fragment, titles))
    return contents


def _navigation(soup: BeautifulSoup) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the entries of the list named "toc": where each leads, and its titles from the outermost."""
    navs = soup.find_all("nav")
    nav = next((found for found in navs if "toc" in str(found.get("epub:type") or "").split()), None)
    for link in (nav or soup).find_all("a", href=True):
        above = [item.find(["a", "span"]) for item in link.find_parents("li")]
        yield str(link["href"]), tuple(fold(label.get_text(" ")) for label in reversed(above) if label)


def _ncx(soup: BeautifulSoup) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the entries of an NCX; its tags are in lower case, as the HTML parser leaves them."""
    for point in soup.find_all("navpoint"):
        target = point.find("content")
        labels = [found.find("navlabel") for found in (point, *point.find_parents("navpoint"))]
        if target:
            yield str(target.get("src") or ""), tuple(fold(label.get_text(" ")) for label in reversed(labels) if label)


def _join(folder: str, href: str) -> tuple[str, str]:
    """Resolve a link within the archive: the part's name and the fragment."""
    name, _, fragment = unquote(href).partition("#")
    return posixpath.normpath(posixpath.join(folder, name)), fragment
