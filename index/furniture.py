"""Tells the text of a web page from its furniture: menus, banners to click away, share bars, lists of other articles.

Furniture is told by its element, its role, what its class is called and how much of it are links; never by what it
says. What holds the page's heading or its main part stays, whatever it is called, and where a page marks no main part,
so does every paragraph that isn't in a menu, a footer or a box to click away.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Container, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from index.markup import block_text, heading_level

if TYPE_CHECKING:
    from bs4 import Tag

_INVISIBLE = ["script", "style", "noscript", "template", "svg", "iframe", "select", "datalist", "textarea",
              "title", "annotation", "annotation-xml"]  # fmt: skip
_ELEMENTS = {"nav": "navigation", "dialog": "dialogue", "header": "page header", "footer": "page footer",
             "aside": "box beside the text", "form": "form"}  # fmt: skip
_ROLES = {"navigation": "navigation", "menu": "navigation", "menubar": "navigation", "search": "form",
          "dialog": "dialogue", "alertdialog": "dialogue", "complementary": "box beside the text",
          "banner": "page header", "contentinfo": "page footer"}  # fmt: skip
_OVERLAYS = ("cookie notice", "dialogue")
# The header or footer of these is theirs, not the page's: https://www.w3.org/TR/html-aam-1.0/#el-footer
_SECTIONS = {"article", "aside", "main", "nav", "section", "blockquote", "figure", "fieldset", "details", "td"}
_SHARE = re.compile(
    r"facebook\.com/(?:sharer|share|dialog)|(?:twitter|x)\.com/(?:intent|share)|linkedin\.com/share|t\.me/share"
    r"|pinterest\.[a-z.]+/pin/create|reddit\.com/submit|(?:wa\.me/|whatsapp(?:\.com|:)/+send)\?text|^mailto:\?"
)
_TEXT = 200  # characters, without spaces: what has as many that are no links is a text of its own
_SHOWN = 5  # pieces left out, of a kind


@dataclass(slots=True)
class _Size:
    """What an element holds, in characters without spaces: headings are neither prose nor clickable."""

    prose: int = 0
    clickable: int = 0
    links: int = 0
    shares: int = 0  # links that share the page
    headings: int = 0
    teasers: int = 0  # headings that are links to other pages
    away: int = 0  # links to other pages
    main: int = 0  # elements that are the page's main part
    title: bool = False  # a heading of the first level
    asks: bool = False  # to be clicked, or filled in
    cookies: bool = False  # the word: it is the same in every language

    @property
    def text(self) -> int:
        return self.prose + self.clickable

    @property
    def share(self) -> float:
        """Share of the text that can be clicked."""
        return self.clickable / max(self.text, 1)

    @property
    def is_text(self) -> bool:
        return self.prose >= _TEXT and self.share < 0.3 and not self.asks

    @property
    def is_main(self) -> bool:
        return self.main > 0 or self.title

    def add(self, other: _Size) -> None:
        self.prose += other.prose
        self.clickable += other.clickable
        self.links += other.links
        self.shares += other.shares
        self.headings += other.headings
        self.teasers += other.teasers
        self.away += other.away
        self.main += other.main
        self.title |= other.title
        self.asks |= other.asks
        self.cookies |= other.cookies


def _called(words: str) -> re.Pattern[str]:
    return re.compile(rf"(?:^|-)(?:{words})(?:-|$)")


_COMMENTS = _called(r"comments?(?:list|area|section|wrapper|block|box)?|commentaires?|kommentare?|comentarios|disqus")
_NO_COMMENTS = _called("open|opened|closed|has|with|no|count|links?|forms?")  # class="post comments-open"
_BYLINE = _called("byline|authors?")
# What an element's class or id is called, and what must be true of the element for this to be believed.
_NAMES: tuple[tuple[str, re.Pattern[str], Callable[[_Size], bool]], ...] = (
    ("cookie notice", _called(r"cookies?-(?:bar|banner|notice|consent|law|message|popup|modal|overlay|wall|alert"
     r"|warning|disclaimer|box|layer|control|settings)|onetrust|cookiebot|cybot|didomi|usercentrics|iubenda|klaro|cmpbox"
     r"|truste|tarteaucitron|axeptio|borlabs|osano|termly|cookieyes|cky|qc-cmp\d?|fc-consent"),
     lambda size: size.cookies and (size.asks or size.links > 0)),
    ("cookie notice", _called("cookies?|consent|gdpr|rgpd|dsgvo|privacy"),
     lambda size: size.asks and size.cookies and size.prose < 4 * _TEXT),
    ("navigation", _called("nav|navbar|navbox|navigation|menu|toc|pagination|pager|sidebar|topbar|catlinks"),
     lambda size: size.share >= 0.7),
    ("box beside the text", _called("sidebar"),
     lambda size: size.share >= 0.4 or (size.asks and size.prose < 2 * _TEXT)),
    ("navigation", _called("breadcrumbs?|editsection|skip|jump"),
     lambda size: size.links > 0 and size.prose < _TEXT / 2),
    ("share bar", _called("shares?|sharing|sharedaddy|social|addthis|addtoany"), lambda size: size.share >= 0.4),
    ("related articles", _called("related(?!-work)"), lambda size: size.share >= 0.2),
    ("related articles",
     _called("recommend(?:ed|ations?)|trending|popular|(?:most|also)-read|read-(?:also|more|next)|outbrain"),
     lambda size: size.share >= 0.4),
    ("offer", _called("newsletter|subscribe|sign-?up|paywall"),
     lambda size: (size.asks or size.links > 0) and size.prose < 2 * _TEXT),
    ("form", _called("comment-?form|respond"), lambda size: size.prose < 4 * _TEXT),
    ("advertisement", _called("ads?|advert|advertisement|advertising|sponsored"),
     lambda size: size.prose < _TEXT / 4),
    ("page footer", _called("colophon|(?<!-)footer(?!-)|(?:site|page|main)-footer(?!-)"),
     lambda size: size.prose < 5 * _TEXT),
)  # fmt: skip


@dataclass(slots=True)
class Page:
    """A page whose tree stays as it was: `root` holds its text, without what is `gone`, the `id()`s of elements.

    `comments` are the outermost elements of its readers' comments; they are gone from the text, too. `aside` is what
    else was left out, by its kind.
    """

    body: Tag
    root: Tag
    gone: set[int]
    comments: list[Tag] = field(default_factory=list)
    aside: dict[str, list[str]] = field(default_factory=dict)

    def found(self, name: str) -> Iterator[Tag]:
        """Yield the elements of a name that are not gone, those in the text first."""
        return (tag for root in (self.root, self.body) for tag in _walk(root, self.gone) if tag.name == name)

    def inside(self) -> Iterator[Tag]:
        """Yield the elements of the text."""
        return _walk(self.root, self.gone)

    def told(self) -> Iterator[str]:
        """Tell what was left out, a line for each kind."""
        for kind, texts in self.aside.items():
            more = f" (and {len(texts) - _SHOWN} more)" if len(texts) > _SHOWN else ""
            yield f"{kind}: {' | '.join(textwrap.shorten(text, 60, placeholder=' …') for text in texts[:_SHOWN])}{more}"

    def note(self, tag: Tag, kind: str) -> None:
        """Note that an element is left out."""
        if text := block_text(tag, without=self.gone)[0]:
            self.aside.setdefault(kind, []).append(text)


def clear(body: Tag) -> Page:
    """Tell a page's text from all else. Each step looks at an element once, however they are nested.

    A page that is nothing but furniture is all text.
    """
    invisible = {id(tag) for tag in body.find_all(_INVISIBLE)}
    invisible |= {id(tag) for tag in body.find_all(["a", "button"]) if _is_mark(tag)}
    page = Page(body, body, set(invisible))
    parts = _main_parts(page)
    sizes = _measure(page, parts)
    page.comments = _outermost(page, lambda tag: _is_comments(tag) and not sizes[id(tag)].is_main)
    page.gone.update(map(id, page.comments))
    for root in (body, *page.comments):
        _drop_furniture(page, root, parts, sizes)
    sizes = _measure(page, parts)
    page.root = _root(page, parts, sizes)
    _drop_links(page, sizes)
    return page if block_text(page.root, without=page.gone)[0] else Page(body, body, invisible)


def _main_parts(page: Page) -> list[Tag]:
    """Find what the page says is its main part: one element, or several articles."""
    main = _outermost(page, lambda tag: tag.name == "main" or tag.get("role") == "main")
    articles = _outermost(
        page, lambda tag: (tag.name == "article" or tag.get("itemprop") == "articleBody") and not _is_comments(tag)
    )
    return main or [tag for tag in articles if tag.find("h1")] or articles


def _drop_furniture(page: Page, root: Tag, parts: list[Tag], sizes: dict[int, _Size]) -> None:
    """Drop what is no text by its element, its role or its name."""
    inside = {id(tag) for part in parts for tag in part.find_all(True)}
    most = sizes[id(page.root)].prose / 2
    for tag in _walk(root, page.gone):
        size = sizes[id(tag)]
        if size.is_main:
            continue
        kind = _landmark(tag, size, bool(parts), id(tag) in inside) or _named(tag, size)
        if not kind and size.shares == size.links > 0 and not size.prose:
            kind = "share bar"
        is_list = size.share >= 0.7 and sizes[id(page.root)].prose - size.prose >= _TEXT
        if kind and (size.prose <= most or is_list or (parts and kind in _OVERLAYS)):
            page.note(tag, kind)
            page.gone.add(id(tag))


def _landmark(tag: Tag, size: _Size, marked: bool, inside: bool) -> str | None:
    """Tell what an element is by its role or its kind, `inside` the main part or not, if one is `marked`."""
    role = str(tag.get("role") or "").lower()
    kind = _ROLES.get(role) or _ELEMENTS.get(tag.name)
    owned = inside or (tag.parent is not None and tag.parent.name in _SECTIONS)
    beside = marked and not inside
    believed = {
        "page header": role == "banner" or not (owned or size.is_text),
        "page footer": role == "contentinfo" or not owned or size.share >= 0.5,
        "box beside the text": beside or size.share >= 0.4 or size.asks,
        "form": size.prose < (_TEXT if beside else _TEXT / 4),
        "dialogue": size.cookies or size.prose < 5 * _TEXT,
    }
    return kind if kind and believed.get(kind, True) else None


def _named(tag: Tag, size: _Size) -> str | None:
    """Tell what an element is by its classes and id."""
    names = _names(tag)
    kinds = (kind for kind, called, believed in _NAMES if any(map(called.search, names)) and believed(size))
    # A paragraph of class "paywall" is what stands behind it.
    return next((kind for kind in kinds if kind != "offer" or tag.name != "p"), None)


def _root(page: Page, parts: list[Tag], sizes: dict[int, _Size]) -> Tag:
    """Return the element around the main part, the page's heading, most of its text, and any text beside it."""
    whole = sizes[id(page.body)]
    root = node = parts[0] if parts else page.body
    outside: list[Tag] = []
    while node is not page.body and node.parent:
        size = sizes[id(node)]
        outside += (others := [tag for tag in _children(node.parent) if tag is not node and id(tag) not in page.gone])
        holds_all = size.main == whole.main and size.title >= whole.title and size.prose >= whole.prose / 2
        node = node.parent
        if not holds_all or any(sizes[id(tag)].is_text for tag in others):
            root, outside = node, []
    for tag in outside:
        page.note(tag, "around the text")
    return root


def _drop_links(page: Page, sizes: dict[int, _Size]) -> None:
    """Drop lists of links, and notices of cookies, that stand beside the element with nearly all of the text.

    A long list, or a table with a head, is part of a text: what it stands beside is no furniture.
    """
    whole = sizes[id(page.root)].prose
    core, around = page.root, {id(page.root)}
    while inner := next((tag for tag in _children(core) if sizes[id(tag)].prose > 0.8 * whole), None):
        if inner.name in ("ul", "ol", "dl", "pre") or any(tag.name == "thead" for tag in _children(inner)):
            break
        core = inner
        around.add(id(core))
    passed = {*page.gone, id(core)}
    for tag in _walk(page.root, passed) if whole >= _TEXT else ():
        size = sizes[id(tag)]
        if size.is_main or id(tag) in around or tag.name in ("li", "tr"):
            continue
        links = size.links >= 3 and size.share >= 0.8 and size.clickable < 80 * size.links
        links = core is not page.root and (links or (size.teasers >= 3 and size.prose < _TEXT * size.teasers))
        if links or (size.asks and size.cookies and size.text < 4 * _TEXT):
            passed.add(id(tag))
            if not any(_BYLINE.search(name) for name in _names(tag)):
                page.note(tag, "list of links" if links else "cookie notice")
                page.gone.add(id(tag))


def _measure(page: Page, parts: list[Tag]) -> dict[int, _Size]:
    """Measure each element of a page, by its `id()`, without what is gone from it."""
    from bs4 import Tag
    from bs4.element import NavigableString

    main = {id(tag) for tag in parts}
    sizes = {id(tag): _Size() for tag in (page.body, *page.body.find_all(True))}
    for node in reversed(list(page.body.descendants)):  # what is within goes before what is around
        above = sizes[id(node.parent)]
        if type(node) is NavigableString:
            above.prose += len("".join(node.split()))
            above.cookies |= "cookie" in node.lower()
        elif isinstance(node, Tag):
            size, href = sizes[id(node)], str(node.get("href") or "")
            if heading_level(node):
                size.prose, size.title = 0, size.title or node.name == "h1"
                size.headings, size.teasers = 1, int(size.away > 0)
            elif node.name == "a" and href:
                size.prose, size.clickable, size.links = 0, size.text, 1
                size.shares, size.away = int(bool(_SHARE.search(href))), int("#" not in href)
                size.teasers = int(size.headings > 0 and size.away > 0)
            size.main += id(node) in main
            above.asks |= node.name in ("button", "input") or node.get("role") == "button" or "javascript:" in href
            if id(node) not in page.gone:
                above.add(size)
    return sizes


def _outermost(page: Page, wanted: Callable[[Tag], bool]) -> list[Tag]:
    """Find the elements of a kind that lie in no other of the kind."""
    found: list[Tag] = []
    passed = set(page.gone)
    for tag in _walk(page.root, passed):
        if wanted(tag):
            found.append(tag)
            passed.add(id(tag))
    return found


def _walk(root: Tag, gone: Container[int]) -> Iterator[Tag]:
    """Yield the elements below one, in order; nothing below what is gone, or goes as soon as it is yielded."""
    stack = _children(root)[::-1]
    while stack:
        if id(tag := stack.pop()) in gone:
            continue
        yield tag
        if id(tag) not in gone:
            stack += _children(tag)[::-1]


def _children(tag: Tag) -> list[Tag]:
    from bs4 import Tag

    return [child for child in tag.contents if isinstance(child, Tag)]


def _names(tag: Tag) -> list[str]:
    """Classes and id of an element, as words-with-dashes."""
    names = [str(tag.get("id") or ""), *(tag.get("class") or [])]
    return [re.sub(r"[-_:]+|(?<=[a-z])(?=[A-Z])", "-", name).lower() for name in names if name]


def _is_comments(tag: Tag) -> bool:
    return tag.name in ("section", "div", "ol", "ul", "aside", "article") and any(
        _COMMENTS.search(name) and not _NO_COMMENTS.search(name) for name in _names(tag)
    )


def _is_mark(tag: Tag) -> bool:
    """Whether a link is a mark, as the one behind a heading that leads to it, or a button is nothing but one.

    A button that unfolds something has its heading on it, or is all there is in one.
    """
    if tag.name == "a":
        return not _children(tag) and not any(c.isalnum() for c in tag.get_text())
    beside = (tag.previous_sibling, tag.next_sibling)
    alone = not any(side and (getattr(side, "name", None) or str(side).strip()) for side in beside)
    return not (tag.get("aria-expanded") or (alone and tag.parent and heading_level(tag.parent)))
