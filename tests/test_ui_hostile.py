"""Hostile texts in titles, documents, file names, questions, ratings and model output stay texts, in a real browser.

Four looks at one server whose documents, conversations and model are all made of `tests.hostile`. While the page is
looked at, it notes what runs, what is loaded and what our own markup never holds; `test_the_traps_work` shows that it
would, had the texts not been escaped.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from index.conversations import Conversations, Turn
from index.store import Store
from tests.hostile import STRINGS, as_file_name, as_shown
from tests.hostile_server import BATCH, BETWEEN, PERSON, PLACES
from tests.ui_helpers import Server

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

sync_api = pytest.importorskip("playwright.sync_api", reason="needs Playwright: pip install '.[dev]'")

REGIONS = "#history, #live, #panel, #aside, #table, #found, #status, #reasons, #progress, #hint, #top"
WATCH = """
(() => {
  const tags = new Set((
    "article bdi button circle dialog div fieldset footer h1 h2 h3 header input label legend li mark nav ol p path " +
    "progress q section small span svg table tbody td textarea th thead tr ul").split(" "));
  const attributes = new Set((
    "class dir lang title type role tabindex scope rows maxlength name placeholder value max checked open viewbox " +
    "width height fill stroke stroke-width stroke-linecap stroke-linejoin d cx cy r").split(" "));
  const ids = new Set(["settings", "current-quote"]);
  const ours = "REGIONS";
  window.seen = { wrong: [], drafts: new Set() };
  const look = (element) => {
    const region = element.closest?.(ours);
    if (!region) return;
    if (element.matches(".draft")) seen.drafts.add(element.textContent);
    if (element === region || element.matches("[class*=svelte]") && element.matches("div")) return; // Gradio's
    const wrong = [...element.attributes].filter((a) =>
      a.name === "id" ? !ids.has(a.value) : !/^(data|aria)-/.test(a.name) && !attributes.has(a.name.toLowerCase()));
    if (!tags.has(element.localName) || wrong.length)
      seen.wrong.push(`${region.id}: <${element.localName} ${wrong.map((a) => `${a.name}=${a.value}`)}>`);
  };
  const below = (node) => {
    if (node.nodeType === 3) node = node.parentElement;
    if (node?.nodeType !== 1) return;
    look(node);
    node.querySelectorAll("*").forEach(look);
  };
  new MutationObserver((changes) => {
    for (const change of changes) {
      if (change.type === "childList") change.addedNodes.forEach(below);
      else below(change.target);
    }
  }).observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
})();
""".replace("REGIONS", REGIONS)

HALF_A_CHARACTER = """
const box = document.querySelector("#box textarea");
box.value = "Where is \\ud800 now? <img src=x onerror=ran=1>";
box.dispatchEvent(new Event("input", { bubbles: true }));
"""


class HostileServer(Server):
    """`tests.hostile_server` in a process of its own."""

    def _command(self) -> list[str]:
        return ["tests.hostile_server", str(self.folder), str(self.port)]


class Watched:
    """A page of the hostile person's, and all that happened in it that should not."""

    def __init__(self, browser: Browser, server: Server) -> None:
        self.context = browser.new_context(viewport={"width": 1360, "height": 860}, locale="en-GB")
        self.context.add_cookies([{"name": "person", "value": PERSON, "url": server.url}])
        self.context.add_init_script(WATCH)
        self.context.set_default_timeout(30_000)
        self.page = self.context.new_page()
        self.happened: list[str] = []
        self._server = server
        self._opened = 0
        self.page.on("request", self._requested)
        self.page.on("dialog", self._asked)
        self.page.on("console", self._complained)
        self.page.on("pageerror", lambda error: self._note("error", str(error)))
        self.page.on("framenavigated", self._navigated)
        self.context.on("page", lambda page: self._note("window", page.url))

    def open(self, address: str = "") -> Page:
        """Open the page and wait until it says something."""
        self._opened = 0
        self.page.goto(self._server.url + address)
        self.page.wait_for_selector(".welcome, .turn")
        self._opened = 1
        return self.page

    def wrong(self) -> list[str]:
        """What has happened so far that should not."""
        ran = ["ran"] if self.page.evaluate("'ran' in window") else []
        return [*self.happened, *ran, *self.page.evaluate("seen.wrong")]

    def texts(self, selector: str) -> list[str]:
        """The texts of some elements, as a reader sees them."""
        found = self.page.evaluate(
            "(s) => [...document.querySelectorAll(s)].map((e) => e.matches('textarea') ? e.value : e.textContent)",
            selector,
        )
        return [" ".join(text.split()) for text in found]

    def _note(self, what: str, detail: str) -> None:
        self.happened.append(f"{what}: {detail}")

    def _requested(self, request: Any) -> None:  # noqa: ANN401
        address = urlsplit(request.url)
        if address.netloc != urlsplit(self._server.url).netloc or "hostile" in address.path:
            self._note("request", request.url)

    def _navigated(self, frame: Any) -> None:  # noqa: ANN401
        own = (
            re.escape(self._server.url) + r"(\?c=[0-9a-f]{32})?"
        )  # the open conversation, which the page itself writes
        if self._opened and not re.fullmatch(own, frame.url):
            self._note("navigation", frame.url)

    def _complained(self, message: Any) -> None:  # noqa: ANN401
        if message.type in ("error", "warning") and message.text != "Method not implemented.":  # Gradio's, of uploads
            self._note("console", message.text)

    def _asked(self, dialog: Any) -> None:  # noqa: ANN401
        self._note("dialog", dialog.message)
        dialog.dismiss()


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with HostileServer() as running:
        yield running


@pytest.fixture
def watched(browser: Browser, server: Server) -> Iterator[Watched]:
    one = Watched(browser, server)
    yield one
    one.context.close()


@pytest.fixture(scope="module")
def conversations(server: Server) -> Conversations:
    return Conversations(Store.open(server.library))


def turns_of(conversations: Conversations, title: str) -> list[Turn]:
    found = next(one for one in conversations.list(PERSON) if one.title == title)
    return conversations.turns(PERSON, found.id)


def assert_all_in(wanted: list[str], shown: list[str]) -> None:
    missing = [text for text in map(as_shown, wanted) if not any(text in one for one in shown)]
    assert not missing, f"{len(missing)} of {len(wanted)} are not shown; the first: {missing[0]!r} in {shown[:3]}"


def press_until_taken(page: Page) -> None:
    """Press Enter until the question leaves the box: Gradio takes none while the last one's event is ending."""
    for _ in range(50):
        page.press("#box textarea", "Enter")
        try:
            page.wait_for_function("document.querySelector('#box textarea').value === ''", timeout=1000)
            return
        except sync_api.TimeoutError:
            continue
    raise AssertionError("the question stays in the box")


def test_there_are_at_least_sixty_texts() -> None:
    assert len(set(STRINGS)) == len(STRINGS) >= 60
    assert len(PLACES) >= len(STRINGS)


def test_the_traps_work(watched: Watched) -> None:
    page = watched.open()
    assert watched.wrong() == []
    tripped = 0
    leads_away = next(text for text in STRINGS if "refresh" in text)
    for text in sorted(STRINGS, key=lambda text: text == leads_away):
        page.evaluate("(text) => { document.querySelector('#found').innerHTML = text; }", text)
        page.wait_for_timeout(10)
        if text != leads_away:
            tripped += bool(page.evaluate("seen.wrong.splice(0).length"))
            ran = page.evaluate("window.ran")
    assert tripped >= 45  # the others mean nothing to HTML
    assert ran == 1
    page.wait_for_url("**/hostile-refresh")
    assert {"request", "navigation", "console"} <= {one.split(":")[0] for one in watched.happened}
    assert any("Content Security Policy" in one for one in watched.happened)


def test_documents_stay_texts(watched: Watched) -> None:
    page = watched.open()
    page.click("#top [data-view=documents]")
    page.wait_for_selector("#table table")
    assert_all_in(list(STRINGS), watched.texts("#table .title"))
    assert_all_in([as_file_name(text) for text in STRINGS], watched.texts("#table .file"))
    assert len(watched.texts("#table .problem")) == 5

    page.click("#status [data-event=retry]")  # read again: those that can't be are named
    page.wait_for_selector("#reasons li")
    assert_all_in([as_file_name(text) for text in STRINGS[:5]], watched.texts("#reasons bdi"))

    shown: list[str] = []
    for place in PLACES[: len(STRINGS)]:
        page.fill("#words textarea, #words input", f"ledger of {place}")
        page.wait_for_function(
            "(place) => document.querySelector('#found')?.textContent.includes(place)", arg=f"ledger of {place}"
        )
        shown += watched.texts("#found q") + watched.texts("#found .title")
    page.fill("#words textarea, #words input", "")
    assert_all_in([text for text in STRINGS if "\x00" not in text and len(text) < 200], shown)

    page.wait_for_function("(count) => document.querySelectorAll('#table .open').length === count", arg=len(STRINGS))
    opened: list[str] = []
    for number in range(len(STRINGS)):
        page.evaluate("(number) => document.querySelectorAll('#table .open')[number].click()", number)
        place = f"ledger of {PLACES[number]} holds"
        page.wait_for_function("(p) => document.querySelector('#panel .text')?.textContent.includes(p)", arg=place)
        opened += watched.texts("#panel .title, #panel .text")
    assert_all_in(list(STRINGS), opened)
    assert_all_in([text.replace("\x00", "") for text in STRINGS], [one for one in opened if "The ledger of" in one])
    assert watched.wrong() == []


def test_conversations_stay_texts(watched: Watched, conversations: Conversations) -> None:
    kept = next(one for one in conversations.list(PERSON) if one.title == "All of them")
    turns = conversations.turns(PERSON, kept.id)
    watched.open(f"?c={kept.id}")
    watched.page.wait_for_function("(count) => document.querySelectorAll('.turn').length === count", arg=len(STRINGS))
    assert_all_in([one.title for one in conversations.list(PERSON)], watched.texts("#aside .open"))
    assert_all_in(list(STRINGS), watched.texts(".question h2"))
    assert_all_in(list(STRINGS), watched.texts(".expected textarea"))

    statements = [statement for turn in turns for statement in turn.answer["statements"]]
    assert {statement["origin"] for statement in statements} == {"model", "quote"}
    assert [as_shown(one["text"]) for one in statements] == watched.texts(".statement .text")
    told = [as_shown(" ".join(one["text"] for one in turn.answer["statements"])) for turn in turns]
    assert sum(as_shown(text) in one for text, one in zip(STRINGS, told, strict=True)) >= 60

    cards = watched.texts(".below .cards q, .below .cards .title, .below .cards bdi")
    assert_all_in([quote["text"] for turn in turns for quote in turn.answer["quotes"]], cards)
    assert_all_in([quote["title"] for turn in turns for quote in turn.answer["quotes"]], cards)
    copied = watched.page.evaluate("[...document.querySelectorAll('[data-copy]')].map((b) => b.dataset.copy)")
    assert len(copied) == len(turns)

    watched.page.evaluate("document.querySelectorAll('.turn').forEach((turn) => turn.querySelector('.mark').click())")
    watched.page.wait_for_selector("#panel mark.current")
    assert watched.wrong() == []


def test_what_is_typed_and_drafted_stays_text(watched: Watched, conversations: Conversations) -> None:
    page = watched.open()
    for first in range(0, len(STRINGS), BATCH):
        for question in (
            f"What motto does the ledger of {PLACES[first]} hold?",  # which the documents answer, so there is a draft
            f"{PLACES[first]} and these? {BETWEEN.join(STRINGS[first : first + BATCH])}",
        ):
            page.fill("#box textarea", question)
            press_until_taken(page)
            begun = question.split("?")[0]
            page.wait_for_selector(f"#live .turn:not(.live):has-text('{begun}?') .tools")
    drafts = [" ".join(draft.split()) for draft in page.evaluate("[...seen.drafts]")]
    assert_all_in(list(STRINGS), drafts)
    assert_all_in(list(STRINGS), watched.texts(".question h2"))
    assert len(watched.texts(".statement")) >= len(STRINGS) / BATCH

    for text in ("<img src=x onerror=ran=1>", "{{ran=1}} ${ran=1} </textarea>", '" onfocus="ran=1" autofocus x="'):
        page.evaluate("document.querySelector('#aside .current [data-act=rename]').click()")
        page.fill("#aside .renaming input", text)
        page.press("#aside .renaming input", "Enter")
        page.wait_for_function("(t) => document.querySelector('#aside .current .open').textContent === t", arg=text)

        page.evaluate("document.querySelector('#live .tools [data-value*=down]:not([data-act])').click()")
        page.wait_for_selector("#live .expected textarea")
        page.fill("#live .expected textarea", text)
        page.click("#live .expected button")
        page.wait_for_selector("#live .thanks")
        assert watched.texts("#live .expected textarea") == [text]
        page.evaluate("document.querySelector('#live .tools [data-value*=null]').click()")
        page.wait_for_selector("#live .expected", state="detached")

    page.evaluate(HALF_A_CHARACTER)  # which no file can hold, nor Playwright send
    press_until_taken(page)
    page.wait_for_selector("#live .turn:not(.live):has-text('Where is \ufffd now?') .tools")
    assert watched.wrong() == []
    assert re.search(r"[?&]c=[0-9a-f]{32}$", page.url)
    assert len(turns_of(conversations, text)) >= 2 * len(STRINGS) / BATCH


def test_a_file_with_a_hostile_name_is_uploaded_or_refused_by_name(watched: Watched, tmp_path: Path) -> None:
    page = watched.open()
    page.click("#top [data-view=documents]")
    for number, suffix in enumerate((".txt", ".exe")):
        name = f"upload {number} <img src=x onerror=ran=1>{{{{ran=1}}}}{suffix}"
        (tmp_path / name).write_text("The mayor of Upland has resigned. It was no surprise.", encoding="utf-8")
        page.set_input_files("#files input[type=file]", str(tmp_path / name))
        region = "#table .title, #table .file" if suffix == ".txt" else "#reasons bdi"
        page.wait_for_selector(f":is({region}):has-text('upload {number}')")
        assert any("img src=x onerror=ran=1" in text for text in watched.texts(region))
    assert watched.wrong() == []
