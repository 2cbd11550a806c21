"""Each format gives its text, title and date; what can't be read says why."""

from __future__ import annotations

from pathlib import Path

import pytest

from index import readers
from index.errors import ReadError
from index.parsed import Parsed, decode
from index.readers import READERS, read
from tests.index_helpers import CORPUS, KNOWN

PAGE = """<!doctype html><html lang="en"><head><title>The talks - A Paper</title>
<meta property="article:published_time" content="2025-06-02T08:00:00Z"><meta property="og:title" content="The talks">
<script>var x = "not text";</script><style>p { color: red }</style></head>
<body><nav>Home Politics</nav><header>Subscribe</header><article><h1>The talks, again</h1>
<p>First&nbsp;paragraph &amp; <b>bold</b> words,
   &lt;wrapped&gt; caf&eacute;.</p><!-- a remark --><div>Second<br>third</div>
   <aside>Read also <a href="/x">Elsewhere</a></aside></article>
<footer>Imprint</footer>
<section id="comments"><h2>2 comments</h2><p>I agree!</p><div class="comment"><p>me too</p></div></section>
</body></html>"""
FRENCH = (CORPUS / "plan-americain-reponse-europeenne.md").read_text(encoding="utf-8")


def parse(name: str, text: str | bytes) -> Parsed:
    return read(Path(name), text if isinstance(text, bytes) else text.encode())


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("Peace talks resume\n\nThey met.", "Peace talks resume"),
        ("date 2025-06-02\n\nPeace talks resume\n\nThey met.", "Peace talks resume"),
        ("\ufeffPeace talks resume\r\n\r\nThey met.", "Peace talks resume"),
        ("They met on Monday.\n\nThen they left.", "notes"),  # a sentence, no headline
        ("Peace talks resume\nThey met.", "notes"),  # no blank line under it
        ("word " * 40 + "\n\nThey met.", "notes"),
    ],
)
def test_headline_of_a_text(text: str, title: str) -> None:
    parsed = parse("notes.txt", text)
    assert (parsed.title, parsed.text) == (title, text)


def test_date_of_the_text_goes_before_the_file_names() -> None:
    assert parse("2024-01-01.txt", "date 2025-06-02\n\nThey met.").date == "2025-06-02"
    assert parse("2024-01-01.txt", "They met.").date == "2024-01-01"


@pytest.mark.parametrize(
    ("text", "title", "date", "body"),
    [
        ("---\ntitle: The Title\ndate: 2025-06-02\n---\n# Head\n\nText.", "The Title", "2025-06-02", "# Head\n\nText."),
        ("---\r\ntitle: A\r\ndate: 2 June 2025\r\n---\r\nText.", "A", "2025-06-02", "Text."),
        ("---\nTitle: 42\npublished: 2025-06-02T10:00:00Z\n...\nText.", "42", "2025-06-02", "Text."),
        ("\ufeff---\ntitle: A\n---\nText.", "A", None, "Text."),
        ("# Head #\n\n2 June 2025\n\nText.", "Head", "2025-06-02", "# Head #\n\n2 June 2025\n\nText."),
        ("Head\n====\n\nText.", "Head", None, "Head\n====\n\nText."),
        ("Text with no heading.", "notes", None, "Text with no heading."),
        ("---\ntitle: A\ndate: some day\n---\nText.", "A", None, "Text."),
        ("date 2025-06-02\n\n# Head\n\nText.", "Head", "2025-06-02", "# Head\n\nText."),
        ("---\nA paragraph between rules.\n---\nMore.", "notes", None, "---\nA paragraph between rules.\n---\nMore."),
    ],
)
def test_markdown(text: str, title: str, date: str | None, body: str) -> None:
    parsed = parse("notes.md", text)
    assert (parsed.title, parsed.date, parsed.text[parsed.body :].strip()) == (title, date, body)
    assert parsed.text == text


def test_front_matter_that_is_no_yaml() -> None:
    parsed = parse("notes.md", "---\ntitle: [unclosed\n---\n# Head\n\n2 June 2025\n\nText.")
    assert (parsed.title, parsed.date) == ("Head", "2025-06-02")
    assert parsed.text[parsed.body :].endswith("# Head\n\n2 June 2025\n\nText.")


def test_web_page() -> None:
    parsed = parse("page.html", PAGE)
    assert (parsed.title, parsed.date) == ("The talks", "2025-06-02")
    assert parsed.comments is not None
    assert parsed.text[: parsed.comments] == (
        "The talks, again\n\nFirst paragraph & bold words, <wrapped> café.\n\nSecond\n\nthird"
    )
    assert parsed.text[parsed.comments :].strip() == "2 comments\n\nI agree!\n\nme too"


@pytest.mark.parametrize(
    ("markup", "title", "date"),
    [
        ("<title>T</title><p>x <time datetime='2025-03-04T09:00'>today</time></p>", "T", "2025-03-04"),
        ("<title>T</title><h1>Heading <i>one</i></h1><time>4 mars 2025</time>", "Heading one", "2025-03-04"),
        ("<meta name='DC.date' content='2025-03-04'><p>x</p>", "page", "2025-03-04"),
        ("<meta itemprop='datePublished' content='soon'><time>4 March 2025</time>", "page", "2025-03-04"),
        ("<div id='comments'><time>4 March 2025</time></div><p>x</p>", "page", None),  # a reader's date
        ("<p>x</p>", "page", None),
    ],
)
def test_title_and_date_of_a_web_page(markup: str, title: str, date: str | None) -> None:
    parsed = parse("page.html", markup)
    assert (parsed.title, parsed.date) == (title, date)


def test_a_page_nested_deeper_than_the_stack() -> None:
    page = "<body>" + "<div>" * 5000 + "<p>Deep text.</p>" + "</div>" * 5000 + "<p>After it.</p></body>"
    assert parse("page.html", page).text == "Deep text.\n\nAfter it."


@pytest.mark.parametrize(
    "data",
    ["<meta charset='windows-1252'><p>été</p>".encode("cp1252"), "<p>été</p>".encode("utf-16"), "<p>été</p>".encode()],
)
def test_encodings_of_a_web_page(data: bytes) -> None:
    assert parse("page.html", data).text == "été"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "cp1252"])
def test_encodings(encoding: str) -> None:

    assert decode(FRENCH.encode(encoding)).removeprefix("\ufeff") == FRENCH


def test_short_text_in_cp1252() -> None:
    text = "Ceci est un été à Genève, où l’armée française négociait. « Très bien », dit-il."
    assert decode(text.encode("cp1252")) == text


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("a.txt", b"", "empty: no text in it"),
        ("a.txt", b" \n\t\n", "empty: no text in it"),
        ("a.txt", b"date 2025-06-02\n", "empty: no text in it"),
        ("a.md", b"---\ntitle: A\n---\n", "empty: no text in it"),
        ("a.html", b"", "empty: no text in it"),
        ("a.html", b"<script>x</script>", "empty: no text in it"),
        ("a.txt", b"a\x00b", "not a text file: it holds binary data"),
        ("a.txt", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "not a text file: it holds binary data"),
        ("a.html", b"<p>\x00\x01</p>", "not an HTML file: it holds binary data"),
        ("a.txt", b"\xff\xfea", "damaged UTF-16 text: truncated data"),
        ("a.xyz", b"x", f"unknown file type .xyz; known: {KNOWN}"),
        ("a", b"x", f"unknown file type (no suffix); known: {KNOWN}"),
    ],
)
def test_reasons(name: str, data: bytes, reason: str) -> None:
    with pytest.raises(ReadError) as caught:
        parse(name, data)
    assert str(caught.value) == reason


def test_too_large() -> None:
    with pytest.raises(ReadError, match=r"^too large: 65 MB, the limit is 64 MB; split it$"):
        parse("a.txt", b"x" * (readers.MAX_BYTES + 2**20))


def test_suffixes_in_capitals() -> None:
    assert parse("A.TXT", "Hello there.").text == "Hello there."
    assert {".txt", ".md", ".html"} <= set(READERS)
