"""The web chat as a person sees it: the real server with the real models, in a real browser.

One server and one browser for all; each test is a new person, with conversations of their own.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from index.conversations import Conversations
from index.store import Store
from tests.ui_helpers import REPOSITORY, Server, Visitor

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

QUESTION = "what does Russia demand?"


@pytest.fixture(scope="module")
def server(corpus_library: Path) -> Iterator[Server]:
    with Server(corpus_library, "--answer", "written") as running:  # so that there is a draft to see and to stop
        yield running


@pytest.fixture
def visitor(browser: Browser, server: Server, request: pytest.FixtureRequest) -> Iterator[Visitor]:
    """A new person; with `@pytest.mark.parametrize(..., indirect=True)`, one with other browser settings."""
    one = Visitor(browser, server, **getattr(request, "param", {}))
    yield one
    one.context.close()
    assert [url for url in one.requests if not url.startswith((server.url, "data:", "blob:"))] == []
    assert one.complaints == [], server.log()


def answer_of_the_command_line(server: Server, question: str) -> dict[str, Any]:
    ask = ["ask", "--json", "--answer", "written", "--library", str(server.library), question]
    command = [sys.executable, "-m", "ui.cli", *ask]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env=os.environ | {"PYTHONPATH": str(REPOSITORY)}
    )
    return dict(json.loads(done.stdout))


def test_an_answer_streams_settles_and_opens_its_source_at_the_quoted_words(visitor: Visitor) -> None:
    page = visitor.visit()
    page.evaluate(NOTE_STAGES)
    visitor.ask(QUESTION)
    stages = page.evaluate("window.stages")
    assert any("passages" in stage for stage, _ in stages)
    drafts = list(dict.fromkeys(draft for _, draft in stages if draft))
    assert len(drafts) > 2, "a draft that grows, and is said to be unchecked"
    assert all("not checked" in stage for stage, draft in stages if draft)

    expected = answer_of_the_command_line(visitor.server, QUESTION)
    assert page.locator("#live .statement .text").all_inner_texts() == [s["text"] for s in expected["statements"]]
    page.click("#live .mark >> nth=0")
    page.wait_for_selector("#current-quote")
    assert page.evaluate("document.querySelector('#current-quote').textContent") == expected["quotes"][0]["text"]
    assert page.evaluate("document.activeElement.id") == "current-quote"
    others = [q for q in expected["quotes"][1:] if q["document"] == expected["quotes"][0]["document"]]
    assert page.locator("#panel mark.other").count() == len(others)
    _is_in_view(page, "#current-quote", "#panel")

    page.click("#panel [data-event=collapse]")
    last = len(expected["quotes"])
    page.click(f"#panel .quoted >> nth={last - 1}")
    page.wait_for_selector("#current-quote")
    assert page.evaluate("document.querySelector('#current-quote').textContent") == expected["quotes"][-1]["text"]


# Notes what the answer under way says of itself, and its draft, at each change.
NOTE_STAGES = """() => {
  window.stages = [];
  const text = (part) => document.querySelector("#live " + part)?.innerText || "";
  new MutationObserver(() => window.stages.push([text(".stage"), text(".draft")]))
    .observe(document.querySelector("#live"), { childList: true, subtree: true, characterData: true });
}"""


def _is_in_view(page: Page, selector: str, frame: str) -> None:
    inner, outer = (page.locator(name).bounding_box() for name in (selector, frame))
    assert outer["y"] <= inner["y"]
    assert inner["y"] + inner["height"] <= outer["y"] + outer["height"]


def test_a_follow_up_is_understood_and_a_conversation_survives_a_reload_and_a_restart(visitor: Visitor) -> None:
    page = visitor.visit()
    visitor.ask("Which oil companies did Trump put under sanctions?")
    visitor.ask("why?")
    assert page.locator("#history .turn").count() == 1
    _is_in_view(page, "#live .question", "#scroll")
    shown, address = page.inner_text("#live"), page.url
    assert re.search(r"\?c=[0-9a-f]{32}$", address)
    page.reload()
    visitor.settled("why?")
    assert page.inner_text("#live") == shown
    page.wait_for_timeout(300)
    _is_in_view(page, "#live .question", "#scroll")
    assert visitor.complaints == []
    visitor.server.stop()
    visitor.server.start()
    visitor.visit()
    assert page.inner_text(".chats") == "Which oil companies did Trump put under sanctions?"
    page.click(".chats .open")
    visitor.settled("why?")
    assert page.inner_text("#live") == shown
    visitor.complaints.clear()  # of the time without a server


def test_a_running_answer_stops_within_a_second(visitor: Visitor) -> None:
    page = visitor.visit()
    page.evaluate(ESCAPE_AT_THE_DRAFT)
    page.fill("#box textarea", "What did the Europeans promise, and what did they ask for?")
    page.press("#box textarea", "Enter")
    assert page.evaluate("window.stopped") < 1000
    page.wait_for_selector("#send", state="visible")  # an update of its own
    page.click("#live [data-event=retry]")
    page.wait_for_selector("#live .statement")
    assert page.locator(".turn").count() == 1


# Presses Escape when a draft begins, and tells after how many milliseconds the answer was stopped; Infinity if it was
# finished instead. In the page itself: a draft may be over before a look from outside sees it.
ESCAPE_AT_THE_DRAFT = """() => {
  window.stopped = new Promise((told) => {
    let began;
    new MutationObserver(() => {
      if (began === undefined && document.querySelector("#live .draft")) {
        began = performance.now();
        document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true }));
      } else if (document.querySelector("#live .outcome.stopped")) told(performance.now() - began);
      else if (document.querySelector("#live .tools")) told(Infinity);
    }).observe(document.querySelector("#live"), { childList: true, subtree: true, characterData: true });
  });
}"""


def test_an_edited_question_replaces_what_followed_it(visitor: Visitor) -> None:
    page = visitor.visit()
    visitor.ask("Who attended the talks in Istanbul?")
    visitor.ask("and in Geneva?")
    page.click("#history [data-event=edit]")
    page.wait_for_selector("#hint [data-event=edit]")
    assert page.input_value("#box textarea") == "Who attended the talks in Istanbul?"
    page.keyboard.press("Escape")
    page.wait_for_selector("#hint [data-event=edit]", state="detached")
    page.click("#history [data-event=edit]")
    page.wait_for_selector("#hint [data-event=edit]")
    visitor.ask("Where did the Alaska summit take place?")
    assert page.locator(".turn h2").all_text_contents() == ["You: Where did the Alaska summit take place?"]


def test_what_the_documents_do_not_say_is_said_with_the_nearest_passages(visitor: Visitor) -> None:
    page = visitor.visit()
    visitor.ask("Who wrote Don Quixote?")
    assert visitor.outcome().startswith("The documents don't say.")
    assert "Quixote" in visitor.outcome()
    page.click("#live .closest .quoted >> nth=0")
    page.wait_for_selector("#current-quote")
    shown = page.inner_text("#live .closest q >> nth=0").removesuffix(" …")
    assert " ".join(page.inner_text("#current-quote").split()).startswith(shown)


def test_conversations_are_renamed_found_and_deleted_each_by_its_owner_alone(
    browser: Browser, visitor: Visitor
) -> None:
    page = visitor.visit()
    visitor.ask("Where did the Alaska summit take place?")
    page.hover(".chats li")
    page.click(".chats [data-act=rename]")
    page.keyboard.type("Été à Anchorage")
    page.keyboard.press("Enter")
    page.wait_for_selector(".chats :text('Été à Anchorage')")
    page.fill("#aside input[type=search]", "ete anchor")
    page.wait_for_timeout(600)
    assert page.locator(".chats li").count() == 1
    page.fill("#aside input[type=search]", "zebra")
    page.wait_for_selector(".chats li", state="detached")
    page.fill("#aside input[type=search]", "")
    page.wait_for_selector(".chats li")

    other = Visitor(browser, visitor.server)
    other.visit(page.url.removeprefix(visitor.server.url))  # the address of someone else's conversation
    assert other.page.is_visible(".welcome")
    assert other.page.locator(".chats li").count() == 0
    other.context.close()

    elsewhere = visitor.context.new_page()  # a second tab of the same person
    elsewhere.goto(page.url)
    elsewhere.wait_for_selector("#live .mark")

    page.hover(".chats li")
    page.click(".chats [data-event=delete]")
    assert page.locator(".chats li").count() == 1, "the first click only asks"
    page.click(".chats [data-event=delete]")
    page.wait_for_selector(".welcome")
    assert page.locator(".chats li").count() == 0
    elsewhere.click("#live .mark")
    elsewhere.wait_for_selector(":text('begin a new one')")


def test_a_rating_is_kept_in_the_library(visitor: Visitor) -> None:
    page = visitor.visit()
    visitor.ask("Who wrote Don Quixote?")
    page.click("#live [data-event=like] >> nth=1")
    page.fill("#live textarea[name=expected]", "Cervantes did.")
    page.click("#live [data-act=expected]")
    page.wait_for_selector("#live .thanks")
    store = Store.open(visitor.server.library)
    rated = [(one.question, one.rating, one.expected) for one in Conversations(store).feedback()]
    store.close()
    assert rated == [("Who wrote Don Quixote?", "down", "Cervantes did.")]


def test_an_uploaded_file_can_be_asked_about_and_removed(visitor: Visitor, tmp_path: Path) -> None:
    file, other = tmp_path / "lighthouse.txt", tmp_path / "picture.txt"
    file.write_text("date 2025-11-02\n\nThe keeper of the Skagerrak lighthouse is called Ingeborg Halvorsen.\n")
    other.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)))
    page = visitor.visit()
    page.click("#top [data-view=documents]")
    page.set_input_files("#files input[type=file]", [str(file), str(other)])
    page.wait_for_selector("#reasons :text('picture.txt')")
    page.wait_for_selector("#table :text('lighthouse')")
    page.click("#top [data-view=chat]")
    visitor.ask("Who is the keeper of the Skagerrak lighthouse?")
    assert "Ingeborg Halvorsen" in page.inner_text("#live .statement")
    page.click("#top [data-view=documents]")
    row = page.locator("#table tr", has_text="lighthouse")
    row.locator("[data-event=delete]").click()
    row.locator("[data-event=delete]").click()
    page.wait_for_selector("#table :text('lighthouse')", state="detached")
    assert not list((visitor.server.library / "uploads").glob("lighthouse*"))


def test_documents_are_searched_and_opened(visitor: Visitor) -> None:
    page = visitor.visit()
    page.click("#top [data-view=documents]")
    page.fill("#words textarea, #words input", "Rosneft Lukoil")
    page.wait_for_selector("#found .quoted")
    assert "Rosneft" in page.inner_text("#found .quoted >> nth=0")
    page.click("#found .quoted >> nth=0")
    page.wait_for_selector("#current-quote")
    assert "Rosneft" in page.inner_text("#panel .text")


def test_the_search_can_be_kept_to_some_documents(visitor: Visitor) -> None:
    page = visitor.visit()
    page.click("#filter [data-event=expand]")
    page.wait_for_selector("#filter input:focus")
    page.keyboard.type("2025-13")
    page.keyboard.press("Enter")
    page.wait_for_selector("#filter [role=alert]:has-text('2025-13')")
    page.fill("#filter input[name=since]", "2025-10")
    page.get_by_label("Files or folders").fill("oil*")
    page.get_by_role("checkbox", name="English").check()
    assert page.evaluate(CONTRASTS) == []
    page.keyboard.press("Enter")
    page.wait_for_selector("#box textarea:focus")
    chips = ["from 1 October 2025", "English", "oil*"]
    assert page.locator("#filter .chip bdi").all_inner_texts() == chips
    assert page.evaluate(CONTRASTS) == []

    visitor.ask(QUESTION)
    assert "Searched only in: from 1 October 2025 · English · oil*" in page.inner_text("#live .answer")
    sources = page.locator("#panel .cards .title").all_inner_texts()
    assert set(sources) == {"Trump drops the Budapest meeting and goes after Russian oil"}
    visitor.ask("Who leads the Carnegie centre in Berlin?")
    assert visitor.outcome().startswith("The documents don't say.")
    page.reload()
    page.wait_for_selector("#filter .chip")
    assert page.locator("#filter .chip bdi").all_inner_texts() == chips
    page.click("#top [data-view=documents]")
    page.fill("#words textarea, #words input", "Geneva")
    page.wait_for_selector("#found :text('Searched only in')")
    page.click("#top [data-view=chat]")

    page.click("#filter [data-event=expand]")
    page.wait_for_selector(".filter-form")
    page.keyboard.press("Escape")
    page.wait_for_selector(".filter-form", state="detached")
    for left in (2, 1, 0):
        page.click("#filter .chip button >> nth=0")
        page.wait_for_function(f"document.querySelectorAll('#filter .chip').length === {left}")
        assert page.evaluate("document.activeElement === document.querySelector('#box textarea')")
    page.click("#live [title='Ask again']")
    page.wait_for_selector("#live .mark")
    assert "Searched only" not in page.inner_text("#live")
    page.click("#aside [data-event=clear]")
    page.wait_for_selector(".welcome")


@pytest.mark.parametrize("visitor", [{"locale": "fr-FR"}], indirect=True)
def test_the_page_speaks_french_to_a_french_browser(visitor: Visitor) -> None:
    page = visitor.visit()
    assert page.inner_text(".welcome h1") == "Que voulez-vous savoir ?"
    assert page.evaluate("document.documentElement.lang") == "fr"
    visitor.ask("Combien d'enfants figurent sur la liste remise par Kiev ?")
    assert "339" in page.inner_text("#live .answer")
    assert re.search(r"\d{1,2}(er)? (mai|juin|juillet|août|septembre) 2025", page.inner_text("#panel"))
    page.click("#top header > button")
    page.click("#settings input[value=en]")
    page.wait_for_selector(".brand")
    page.wait_for_selector("#live .tools [title='Ask again']")


PHONE = {"viewport": {"width": 380, "height": 780}, "is_mobile": True, "has_touch": True}


@pytest.mark.parametrize("visitor", [PHONE], indirect=True)
def test_on_a_phone_nothing_is_cut_off_and_sources_stand_below(visitor: Visitor) -> None:
    page = visitor.visit()
    visitor.ask(QUESTION)
    assert page.evaluate("document.documentElement.scrollWidth") <= 380
    assert not page.is_visible("#panel")
    page.locator("#live .below .quoted >> nth=0").click()
    page.wait_for_selector("#panel #current-quote")
    _is_in_view(page, "#current-quote", "#panel")
    page.click("#panel .sheet-close")
    page.wait_for_selector("#panel", state="hidden")
    page.click("#top .menu")
    page.click("#aside [data-event=clear]")
    page.wait_for_selector(".welcome")


def test_the_keyboard_is_enough(visitor: Visitor) -> None:
    page = visitor.visit()
    page.keyboard.press("Tab")
    page.keyboard.press("/")
    page.keyboard.type("Where did the Alaska summit")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("take place?")
    assert page.input_value("#box textarea") == "Where did the Alaska summit\ntake place?"
    page.keyboard.press("Enter")
    page.wait_for_selector("#live .tools")
    for _ in range(40):
        page.keyboard.press("Shift+Tab")
        if page.evaluate("document.activeElement.matches('#live .mark')"):
            break
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    page.wait_for_selector("#current-quote")
    page.keyboard.press("Escape")
    page.wait_for_selector("#current-quote", state="detached")
    assert page.evaluate("document.activeElement.matches('#live .mark')")


def test_colours_and_answer_style_are_kept(visitor: Visitor) -> None:
    page = visitor.visit()
    page.click("#top header > button")
    page.click("#settings input[value=dark]")
    page.click("#settings input[value=quotes]")
    page.keyboard.press("Escape")
    visitor.visit()
    assert page.evaluate("document.body.classList.contains('dark')")
    assert page.evaluate(CONTRASTS) == []
    visitor.ask(QUESTION)
    assert page.locator("#live .statement:not(.quote)").count() == 0
    assert page.evaluate(CONTRASTS) == []


def test_text_has_enough_contrast(visitor: Visitor) -> None:
    page = visitor.visit()
    assert page.evaluate(CONTRASTS) == []
    visitor.ask(QUESTION)
    assert page.evaluate(CONTRASTS) == []
    page.click("#top [data-view=documents]")
    assert page.evaluate(CONTRASTS) == []


# Texts whose contrast with what is behind them is below WCAG 2.2's AA: 4.5, or 3 for large ones.
CONTRASTS = """() => {
  const rgb = (color) => (color.match(/[\\d.]+/g) || [0, 0, 0, 0]).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((c) => (c /= 255) <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = (element) => {
    for (let e = element; e; e = e.parentElement) {
      const [r, g, b, a = 1] = rgb(getComputedStyle(e).backgroundColor);
      if (a > 0.99) return [r, g, b];
    }
    return [255, 255, 255];
  };
  const poor = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement, style = getComputedStyle(element);
    if (!walker.currentNode.textContent.trim() || !element.checkVisibility({ opacityProperty: true })) continue;
    if (element.closest(".unseen, script, style, #files")) continue;
    const [a, b] = [light(rgb(style.color)), light(behind(element))].sort((x, y) => y - x);
    const large = parseFloat(style.fontSize) >= 24 || (parseFloat(style.fontSize) >= 18.66 && style.fontWeight >= 700);
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < (large ? 3 : 4.5)) poor.push([walker.currentNode.textContent.trim().slice(0, 40), ratio.toFixed(2)]);
  }
  return poor;
}"""


def test_the_first_visit_shows_how_to_begin(browser: Browser) -> None:
    with Server() as server:
        visitor = Visitor(browser, server)
        page = visitor.visit()
        assert page.inner_text(".welcome h1") == "Begin with your documents"
        page.click(".welcome [data-event=apply]")
        page.wait_for_selector(".welcome .example")
        page.click(f".welcome .example:has-text('{QUESTION}')")
        visitor.settled(QUESTION)
        assert page.locator("#live .statement").count() >= 3
        visitor.context.close()
