"""Reads web pages: title, date, the text itself, and its readers' comments behind it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING

from index.compose import fold
from index.dates import header_date, parse_date
from index.errors import ReadError
from index.furniture import Page, clear
from index.markup import block_text, heading_places
from index.parsed import Parsed

if TYPE_CHECKING:
    from bs4 import BeautifulSoup, Tag

_DATE_METAS = (
    "article:published_time", "og:article:published_time", "og:published_time", "datepublished", "date", "dc.date",
    "dcterms.date", "pubdate", "dc.date.issued", "dcterms.issued", "dc.date.created", "dc.created", "dcterms.created",
    "parsely-pub-date", "publish-date", "publishdate", "publication_date", "sailthru.date", "article.published",
    "citation_publication_date", "originalpublicationdate",
)  # fmt: skip
_STATED = re.compile(r'"datePublished"\s*:\s*"([^"]{4,40})"')  # https://schema.org/Article, as JSON
_OF_OTHERS = re.compile(r"(?:Comment|Review|Answer|VideoObject|ImageObject|AudioObject)\W*$")  # not the page's dates
_PUBLISHED = re.compile(r"(?:dt-)?published")  # https://microformats.org/wiki/h-entry
_CHANGED = re.compile(r"updated|modified", re.IGNORECASE)
_PERMALINK = re.compile(r"/(\d{4})/(\d{1,2})/(\d{1,2})/[^/]")
_MOST_DATES = 50  # elements looked at: there is one on a page of one article
_EITHER_WAY = re.compile(r"\b(?:0?[1-9]|1[0-2])/(?:0?[1-9]|1[0-2])/\d{4}")  # 3/5/2025, in March or in May


def read_html(data: bytes) -> Parsed:
    """Read a web page: the article's own text, its readers' comments behind it, title and date from its markup."""
    soup = _soup(data)
    metas: dict[str, str] = {}
    own = {id(tag) for tag in soup.head.find_all("meta")} if soup.head else set()
    for tag in soup.find_all("meta"):  # an itemprop in the body is of something that the page shows
        name = tag.get("property") or tag.get("name") or (id(tag) in own and tag.get("itemprop"))
        metas.setdefault(str(name).lower(), str(tag.get("content") or "").strip())
    page = clear(soup.body or soup)
    text, marks = block_text(page.root, without=page.gone)
    comments = "\n\n".join(filter(None, (block_text(tag, without=page.gone)[0] for tag in page.comments)))
    stated = [fold(metas.get("og:title", "")), fold(soup.title.get_text()) if soup.title else ""]
    headings = [fold(block_text(tag, without=page.gone)[0]) for _, tag in marks]
    named = [head for head in headings if any(head in full and 2 * len(head) >= len(full) > 0 for full in stated)]
    first = (block_text(tag, without=page.gone)[0] for tag in page.found("h1"))
    title = next(iter(named), stated[0]) or fold(next(filter(None, first), "")) or stated[1]
    day = next(filter(None, map(parse_date, _stated_dates(soup, page, metas))), None)
    if not day and title in headings:
        ends = [start + len(head) for (start, _), head in zip(marks, headings, strict=True)] + [len(text)]
        place = headings.index(title)
        day = _dateline(soup, text[ends[place] : ends[place + 1]])
    return Parsed(
        f"{text}\n\n{comments}" if comments else text,
        title=title or None,
        date=day or _agreed(filter(_is_time, page.inside())) or None,
        comments=len(text) if comments else None,
        places=heading_places(marks, headings),
        set_aside=tuple(page.told()),
    )


def read_mhtml(data: bytes) -> Parsed:
    """Read a web page that a browser saved with all that is on it as one file, a MIME message: RFC 2557."""
    from email import message_from_bytes
    from email.policy import default

    for part in message_from_bytes(data, policy=default).walk():
        if part.get_content_type() in ("text/html", "application/xhtml+xml"):
            return read_html(bytes(part.get_payload(decode=True) or b""))
    raise ReadError("damaged, or not a saved page: no HTML in it")


def _stated_dates(soup: BeautifulSoup, page: Page, metas: dict[str, str]) -> Iterator[str]:
    """Yield what the page states as its date of publication, the most certain first."""
    yield from (metas[name] for name in _DATE_METAS if metas.get(name))
    for script in soup.find_all("script", type="application/ld+json"):
        yield from _linked_data(script.get_text())
    yield _agreed(filter(_is_published, page.inside())) or _agreed(filter(_is_published, page.found("time")))
    address = soup.find("link", rel="canonical")
    for link in (str(address.get("href")) if address else "", metas.get("og:url", "")):
        yield from ("{}-{:0>2}-{:0>2}".format(*found) for found in _PERMALINK.findall(link))


def _linked_data(source: str) -> Iterator[str]:
    """Yield the date of publication in JSON-LD, unless it tells of several; where it is broken, dates as they come."""
    try:
        level = [json.loads(source, strict=False)]
    except (ValueError, RecursionError):
        yield from _STATED.findall(source)
        return
    while level:
        things = [
            value for value in level if isinstance(value, dict) and not _OF_OTHERS.search(str(value.get("@type")))
        ]
        if dates := {str(thing["datePublished"]) for thing in things if thing.get("datePublished")}:
            yield from dates if len(dates) == 1 else ()
            return
        lists = [value for value in level if isinstance(value, list)]
        level = [value for values in (*lists, *(thing.values() for thing in things)) for value in values]


def _dateline(soup: BeautifulSoup, lines: str) -> str | None:
    """Find the date in the lines from the title to the next heading, unless it has another sense in America."""
    language = str(soup.html.get("lang") or "en") if soup.html else "en"
    return None if language.startswith("en") and _EITHER_WAY.search(lines[:1000]) else header_date(lines)[0]


def _agreed(tags: Iterable[Tag]) -> str:
    """Return the day that all of some elements tell; nothing where they are of several articles, or events."""
    days = set()
    for tag in islice(tags, _MOST_DATES):
        scope = tag.find_parent(itemtype=True)
        if not tag.find_parent("blockquote") and not (scope and _OF_OTHERS.search(str(scope["itemtype"]))):
            stated = str(tag.get("content") or tag.get("datetime") or tag.get("title") or "")
            days.add(parse_date(stated) or parse_date(tag.get_text()) or "")
    days.discard("")
    return days.pop() if len(days) == 1 else ""


def _is_published(tag: Tag) -> bool:
    marked = tag.get("itemprop") == "datePublished" or tag.has_attr("pubdate")
    return marked or any(map(_PUBLISHED.fullmatch, tag.get("class") or []))


def _is_time(tag: Tag) -> bool:
    return tag.name == "time" and not _CHANGED.search(str(tag.attrs))


def _soup(data: bytes) -> BeautifulSoup:
    from bs4 import BeautifulSoup

    if b"\x00" in data[:1024] and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise ReadError("not an HTML file: it holds binary data")
    try:  # what is UTF-8 is hardly anything else, but a page that doesn't say so is taken for something else
        return BeautifulSoup(data.decode("utf-8"), "lxml")
    except UnicodeDecodeError:
        return BeautifulSoup(data, "lxml")
