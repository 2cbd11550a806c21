"""Of a web page its text is read, whatever hangs around it, and what was left out is told."""

from __future__ import annotations

import os
from email.message import EmailMessage
from pathlib import Path

import pytest

from index.errors import ReadError
from index.isolation import SECONDS, Isolated
from index.parsed import Parsed
from index.readers import read
from tests.web_pages import ARTICLE_WITH_COMMENTS, BODY, PAGES, Page


def parse(html: str) -> Parsed:
    return read(Path("page.html"), html.encode())


def folded(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize("page", PAGES.values(), ids=list(PAGES))
def test_the_text_is_read_and_all_else_is_told(page: Page) -> None:
    parsed = parse(page.html)
    text, told = folded(parsed.text), "\n".join(parsed.set_aside)
    assert [part for part in page.kept if part not in text] == []
    assert [part for part in page.dropped if part in text] == []
    assert [part for part in page.told if part not in told] == []
    assert bool(told) == bool(page.told)


def test_what_is_told_is_short() -> None:
    menus = "".join(f"<nav><a href='{n}'>{'Menu ' * 50}</a></nav>" for n in range(20))
    (told,) = parse(f"{menus}<p>{BODY[0]}</p>").set_aside
    assert told.startswith("navigation: Menu Menu") and told.endswith("… (and 15 more)")
    assert len(told) < 400


def test_comments_are_known_as_such_and_their_dates_and_forms_are_not_the_pages() -> None:
    parsed = parse(ARTICLE_WITH_COMMENTS.html)
    assert parsed.comments is not None
    assert folded(parsed.text[parsed.comments :]).startswith("Two thoughts on this Piet later My boat is stuck, too.")
    assert "Correction" in parsed.text[: parsed.comments]
    assert (parsed.title, parsed.date) == ("Harbour closed", "2025-03-04")


def test_a_section_has_the_name_of_its_heading_alone() -> None:
    html = f"<h1>Mooring <a href='#m'>¶</a></h1><h2>Lines<a href='#l'>#</a></h2><p>{BODY[0]}</p>"
    parsed = parse(html)
    assert parsed.title == "Mooring"
    assert [place.section for place in parsed.places] == ["Mooring", "Mooring > Lines"]


@pytest.mark.parametrize(
    "html",
    [
        f"<form><p>{BODY[0]}</p><p>{BODY[1]}</p></form>",
        f"<aside><p>{BODY[0]}</p><p>{BODY[1]}</p></aside><p>Short.</p>",
        f"<div class='cookie-policy'><p>{BODY[0]} <a href='x'>Cookies</a></p><p>{BODY[1]}</p></div><p>Short.</p>",
        f"<div role='dialog'><p>{BODY[0]}</p><p>{BODY[1]}</p></div>",
        f"<nav><p>{BODY[0]}</p><p>{BODY[1]}</p></nav>",
        f"<main><p>Up.</p></main><div><p>{BODY[0]}</p><p>{BODY[1]}</p></div>",
        f"<article><p>{BODY[0]}</p></article><article><p>{BODY[1]}</p></article>",
        f"<div id='comments'><p>{BODY[0]}</p><p>{BODY[1]}</p></div>",
    ],
    ids=["form", "aside", "cookie policy", "dialog", "nav", "tiny main", "two articles", "comments"],
)
def test_a_page_of_what_is_usually_left_out_is_read(html: str) -> None:
    text = parse(html).text
    assert BODY[0] in text and BODY[1] in text


def test_the_head_of_an_article_is_its_text_and_the_head_of_a_site_isnt() -> None:
    head = "<header><h1>The ferry</h1><p>It left early, and nobody knows why.</p></header>"
    article = f"<article>{head}<h2>Why</h2><p>{BODY[0]}</p></article>"
    parsed = parse(f"<body><header><p>The Courier, daily</p></header>{article}</body>")
    assert parsed.text.startswith("The ferry\n\nIt left early, and nobody knows why.\n\nWhy")
    assert [place.section for place in parsed.places] == ["The ferry", "The ferry > Why"]
    assert parsed.set_aside == ("page header: The Courier, daily",)


def test_a_list_of_links_in_the_text_stays_and_one_beside_it_doesnt() -> None:
    links = "".join(f"<li><a href='{n}'>Chart number {n}</a></li>" for n in range(3, 7))
    text = f"<div><p>{BODY[0]}</p><p>{BODY[1]}</p><p>{BODY[2]}</p><ul>{links}</ul></div>"
    others = links.replace("Chart", "Poster")
    parsed = parse(f"<h1>Charts</h1>{text}<div><h3>Posters</h3><ul>{others}</ul></div>")
    assert "Chart number 3" in parsed.text and "Poster" not in parsed.text
    (told,) = parsed.set_aside
    assert told.startswith("list of links: Posters Poster number 3")


def test_paragraphs_behind_a_paywall_are_text() -> None:
    paragraphs = "".join(f"<p class='paywall'>{part} <a href='x'>{part[:9]}</a></p>" for part in BODY)
    offer = "<div class='paywall'><p>Only for members.</p><a href='x'>Join</a></div>"
    parsed = parse(f"<article><h1>Harbour</h1>{paragraphs}{offer}</article>")
    assert all(part in parsed.text for part in BODY)
    assert parsed.set_aside == ("offer: Only for members. Join",)


def test_a_letter_that_opens_in_a_dialogue_is_text() -> None:
    letter = "".join(f"<p>{part} {part.upper()}</p>" for part in BODY) * 2
    dialogue = f"<div role='dialog'>{letter}<button>Close</button></div>"
    parsed = parse(f"<h1>Letters</h1><p>{BODY[0]} {' '.join(BODY * 4)}</p>{dialogue}<div role='dialog'>Log in</div>")
    assert BODY[1].upper() in parsed.text
    assert parsed.set_aside == ("dialogue: Log in",)


def test_a_word_is_whole_wherever_it_may_be_broken() -> None:
    parsed = parse(f"<h1>Hafen&shy;meis&shy;ter</h1><p>Schiff&shy;fahrt. {BODY[0]}</p>")
    assert parsed.text.startswith("Hafenmeister\n\nSchifffahrt.")
    assert (parsed.title, parsed.places[0].section) == ("Hafenmeister", "Hafenmeister")


def test_a_formula_is_read_and_its_source_isnt() -> None:
    source = "<annotation encoding='application/x-tex'>{\\displaystyle d}</annotation>"
    parsed = parse(f"<p>The depth <math><semantics><mi>d</mi>{source}</semantics></math> in metres. {BODY[0]}</p>")
    assert parsed.text.startswith("The depth d in metres.")


@pytest.mark.parametrize("name", ["class='commentlist'", "id='commentlist'", "class='comment-list'"])
def test_a_list_of_comments_is_known_by_any_of_its_names_and_its_form_isnt_one(name: str) -> None:
    comments = f"<ol {name}><li><cite>Jo</cite><p>Take the old basin, it is deep enough for all of us.</p></li></ol>"
    form = f"<div id='respond'><form><label>Your name</label><input>{BODY[0]}</form></div>"
    notice = "<p class='antispam_comment_form_notice'>Spam is sorted out.</p>"
    parsed = parse(f"<h1>Harbour</h1><p>{BODY[0]}</p><p>{BODY[1]}</p>{comments}{form}{notice}")
    assert parsed.comments is not None
    assert folded(parsed.text[parsed.comments :]) == "Jo Take the old basin, it is deep enough for all of us."
    (told,) = parsed.set_aside
    assert told.startswith("form: Your name") and told.endswith(" | Spam is sorted out.")


def test_short_sections_whose_headings_link_to_themselves_are_text() -> None:
    short = "".join(
        f"<div><h3><a href='page.html#{n}'>Option {n}</a></h3><p>Sets {n} lines.</p></div>" for n in range(4)
    )
    parsed = parse(f"<h1>Harbour</h1><div>{''.join(f'<p>{part}</p>' for part in BODY * 5)}</div><div>{short}</div>")
    assert "Sets 3 lines." in parsed.text and parsed.set_aside == ()


def test_a_comment_that_is_recommended_is_a_comment() -> None:
    comment = f"<article class='comment comment--recommended'><p>{BODY[2]}</p><a href='x'>Reply</a></article>"
    parsed = parse(f"<main><h1>Harbour</h1><p>{BODY[0]}</p><section id='comments'>{comment}</section></main>")
    assert parsed.comments is not None
    assert parsed.text[parsed.comments :].strip().startswith(BODY[2])


def test_a_box_of_links_beside_the_text_is_left_out_even_if_there_is_more_of_it_than_text() -> None:
    box = "".join(
        f"<p>{n} lines of <a href='{n}'>a song of the harbour, and who sang it first</a></p>" for n in range(99)
    )
    parsed = parse(f"<h1>Song</h1><div><p>{BODY[0]}</p><p>{BODY[1]}</p><p>{BODY[2]}</p></div><aside>{box}</aside>")
    assert BODY[2] in parsed.text and "who sang it" not in parsed.text


def test_lists_of_other_articles_are_left_out_with_their_first_lines_and_a_section_on_related_work_isnt() -> None:
    line = "Some say that it was the wind, and others that it was the ferryman, who had never been a sailor."
    teasers = "".join(f"<div><h3><a href='{n}'>Storm {n}</a></h3><p>{line}</p></div>" for n in range(4))
    named = f"<div class='related_to'><a href='x'>Wrecks at the harbour, found and not found</a> <p>{line}</p></div>"
    work = f"<section id='related-work'><h2>Others</h2><p>As <a href='#1'>Jonker</a> found, {BODY[3]}</p></section>"
    text = f"<div>{''.join(f'<p>{part}</p>' for part in BODY * 5)}{work}{named}</div>"
    parsed = parse(f"<h1>Harbour</h1>{text}<div><h2>More</h2>{teasers}</div>")
    assert "As Jonker found" in parsed.text and line not in parsed.text
    assert [told.split(":")[0] for told in parsed.set_aside] == ["related articles", "list of links"]


def test_links_around_a_long_table_and_names_in_code_are_text() -> None:
    links = "".join(f"<li><a href='{n}'>Chart number {n}</a></li>" for n in range(3, 7))
    rows = "".join(f"<tr><td>Berth {n}</td><td>A depth of {n} metres at low tide</td></tr>" for n in range(50))
    table = f"<table><thead><tr><th>Berth</th><th>Depth</th></tr></thead><tbody>{rows}</tbody></table>"
    method = "<section id='method.partial_cmp'><h2>Compare</h2><a href='x'>Source</a> Compares two berths.</section>"
    parsed = parse(f"<main><h1>Berths <button>Copy</button></h1><ul>{links}</ul>{table}{method}</main>")
    assert parsed.set_aside == () and parsed.title == "Berths"
    assert "Chart number 6" in parsed.text and "Compares two berths." in parsed.text


@pytest.mark.parametrize(
    "html",
    [
        "<div>" * 50_000 + "<p>Words.</p>",
        "<div class='comments'>" * 10_000 + "<p>Words.</p>",
        "<header>" * 10_000 + "<p>Words.</p>",
        "<main><article>" * 10_000 + "<p>Words.</p>",
        "<div class='nav'><a href='x'>x</a>" * 10_000 + "<p>Words.</p>",
        "<div>cookies <button>x</button>" * 5_000 + "<p>Words.</p>" * 300,
        "<p>Words.</p>" * 10_000 + "<nav>x</nav>" * 10_000,
        "<ul>" + "<li><a href='x'>A link, and its text</a></li>" * 10_000 + "</ul><p>Words.</p>",
    ],
    ids=["deep", "comments", "headers", "articles", "navigation", "cookies", "many", "links"],
)
def test_deep_and_long_pages_are_read_within_the_limits(html: str) -> None:
    before = processor_time_of_children()
    with Isolated(seconds=10 * SECONDS) as reader:
        assert "Words." in reader.read(Path("page.html"), html.encode()).text
    assert processor_time_of_children() - before < SECONDS  # which other programs have no part in


def processor_time_of_children() -> float:
    times = os.times()
    return times.children_user + times.children_system


def article(*, head: str = "", below: str = "", language: str = "en") -> Parsed:
    """Read a page whose heading is "Harbour closed", with something below it."""
    title = "<title>Harbour closed - The Courier</title>"
    text = f"<p>{BODY[0]}</p><p>{BODY[1]}</p>"
    return parse(f"<html lang={language}><head>{title}{head}</head><h1>Harbour closed</h1>{below}{text}</html>")


def linked_data(source: str) -> str:
    return f"<script type='application/ld+json'>{source}</script>"


@pytest.mark.parametrize(
    "head",
    [
        "<meta name='dcterms.created' content='2025-03-04'><meta name='dcterms.created' content='2019-01-01'>",
        linked_data('{"@graph": [{"@type": "WebSite"}, {"@type": ["NewsArticle"], "datePublished": "20250304T0800"}]}'),
        linked_data(
            '{"comment": [{"@type": "Comment", "datePublished": "2019-01-01"}], "datePublished": "2025-03-04"}'
        ),
        linked_data('{"datePublished": "2025-03-04", "description": "A "quotation"}'),
        "<link rel='canonical' href='https://courier.example/2025/3/4/harbour-closed'>",
    ],
    ids=["first meta", "graph", "not of a comment", "broken", "address"],
)
def test_dates_in_the_head_of_a_page(head: str) -> None:
    assert article(head=head).date == "2025-03-04"


@pytest.mark.parametrize(
    "below",
    [
        "<abbr class='published' title='Tuesday, some time'>4 March 2025</abbr>",
        "<div itemprop='datePublished' content='2025-03-04'></div>",
        "<p>By Anna Kerstens | 4 March 2025</p>",
        "<h5>4 March 2025</h5>",
        "<time datetime='2025-03-09' class='updated'>9</time><time datetime='2025-03-04T08:00'>Tuesday</time>",
        "<blockquote><time datetime='2019-01-01'>Then</time></blockquote><time datetime='2025-03-04'>Now</time>",
        "<p><time datetime='2025-03-05T10:18:46Z'>Posted on 4 March 2025</time></p>",
    ],
    ids=["microformat", "microdata", "dateline", "dateline as heading", "changed", "quoted", "told otherwise"],
)
def test_dates_beside_the_heading_of_a_page(below: str) -> None:
    assert article(below=below).date == "2025-03-04"


@pytest.mark.parametrize(
    "below",
    [
        "<time datetime='2025-03-04'>One</time><time datetime='2025-05-04'>Two</time>",
        "<i class='published' title='2025-03-04'></i><i class='published' title='2025-05-04'></i>",
        "<h2>Boats</h2><p>4 March 2025</p>",
        "<p>3/4/2025</p>",
        "<p>Last updated 4 March 2025</p>",
        "<p itemscope itemtype='https://schema.org/Review'><i itemprop='datePublished' content='2025-03-04'></i></p>",
        linked_data('[{"datePublished": "2025-03-04"}, {"datePublished": "2025-05-04"}]'),
        linked_data("[" * 100_000),
    ],
    ids=["two", "two articles", "of a section", "two senses", "changed", "of a review", "of a list", "hostile"],
)
def test_where_it_isnt_certain_there_is_no_date(below: str) -> None:
    assert article(below=below).date is None


def test_a_date_in_figures_has_one_sense_outside_english() -> None:
    assert article(below="<p>3/4/2025</p>", language="fr").date == "2025-04-03"


@pytest.mark.parametrize(
    ("head", "title"),
    [
        ("", "Harbour closed"),
        ("<meta property='og:title' content='The Courier | Harbour closed'>", "Harbour closed"),
        ("<meta property='og:title' content='A freighter lost forty containers'>", "Harbour closed"),
        ("<title>The Courier, News of the Coast, Sport, Weather</title>", "Harbour closed"),
    ],
)
def test_the_title_is_without_the_name_of_the_site(head: str, title: str) -> None:
    assert article(head=head).title == title


def test_a_heading_that_the_page_isnt_called_by_is_not_its_title() -> None:
    page = "<meta property='og:title' content='Harbour closed'><h1>The Courier</h1><h2>Lines</h2>"
    assert parse(f"{page}<p>{BODY[0]}</p>").title == "Harbour closed"


def test_a_page_saved_as_one_file() -> None:
    page = EmailMessage()
    page["Subject"], page["Date"] = "Saved", "Tue, 01 Jul 2025 10:00:00 +0000"
    page.set_content(
        "<html><meta name='date' content='2025-03-04'><title>The quay</title><p>Où est le phare ?</p>", "html"
    )
    page.add_related(b"GIF89a", "image", "gif")
    parsed = read(Path("quay.mhtml"), bytes(page))
    assert (parsed.text, parsed.title, parsed.date) == ("Où est le phare ?", "The quay", "2025-03-04")
    with pytest.raises(ReadError, match="no HTML in it"):
        read(Path("quay.mht"), b"Subject: nothing\n\nNo page.")
