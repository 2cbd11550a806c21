"""Reads web pages: title, date, the text itself, and its readers' comments behind it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from index.compose import fold
from index.dates import parse_date
from index.errors import ReadError
from index.furniture import clear
from index.markup import block_text, heading_places
from index.parsed import Parsed

if TYPE_CHECKING:
    from bs4 import BeautifulSoup

_DATE_METAS = ("article:published_time", "og:article:published_time", "datepublished", "date", "dc.date", "pubdate",
               "dc.date.issued", "parsely-pub-date", "publish-date")  # fmt: skip
_STATED = re.compile(r'"datePublished"\s*:\s*"([^"]{4,40})"')  # https://schema.org/Article, as JSON


def read_html(data: bytes) -> Parsed:
    """Read a web page: the article's own text, its readers' comments behind it, title and date from its markup."""
    soup = _soup(data)
    metas = {
        str(tag.get("property") or tag.get("name") or tag.get("itemprop")).lower(): str(tag.get("content") or "")
        for tag in soup.find_all("meta")
    }
    stated = [metas[name] for name in _DATE_METAS if metas.get(name)]
    for script in soup.find_all("script", type="application/ld+json"):
        stated += _STATED.findall(script.get_text())
    page = clear(soup.body or soup)
    text, marks = block_text(page.root, without=page.gone)
    comments = "\n\n".join(filter(None, (block_text(tag, without=page.gone)[0] for tag in page.comments)))
    stated += [str(tag.get("datetime") or tag.get_text()) for tag in page.found("time")]
    titles = (block_text(tag, without=page.gone)[0] for tag in (*page.found("h1"), *soup.find_all("title")))
    return Parsed(
        f"{text}\n\n{comments}" if comments else text,
        title=metas.get("og:title") or fold(next(filter(None, titles), "")) or None,
        date=next(filter(None, map(parse_date, stated)), None),
        comments=len(text) if comments else None,
        places=heading_places(marks, without=page.gone),
        set_aside=tuple(page.told()),
    )


def _soup(data: bytes) -> BeautifulSoup:
    from bs4 import BeautifulSoup

    if b"\x00" in data[:1024] and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise ReadError("not an HTML file: it holds binary data")
    try:  # what is UTF-8 is hardly anything else, but a page that doesn't say so is taken for something else
        return BeautifulSoup(data.decode("utf-8"), "lxml")
    except UnicodeDecodeError:
        return BeautifulSoup(data, "lxml")
