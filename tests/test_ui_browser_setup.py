"""The settings' part of the page in a real browser: what is set, and models fetched from a stand-in hub."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from index.places import models_dir
from rag.settings import user_file
from tests.hub_server import Hub, Repository
from tests.test_index_hub import FINDER, GGUF, WEIGHTS, WRITER, environment, write_catalogue
from tests.test_ui_cli import rag
from tests.ui_helpers import Server, Visitor

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


class FetchingServer(Server):
    """`rag web` with a catalogue of two small models."""

    def __init__(self, library: Path, catalogue: Path, *options: str) -> None:
        super().__init__(library, *options)
        self._catalogue = catalogue

    def _command(self) -> list[str]:
        _, *rest = super()._command()
        return ["tests.fetching_server", str(self._catalogue), *rest]


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    with Hub().running() as running:
        running.repositories[WRITER] = Repository({"writer.gguf": GGUF})
        running.repositories[FINDER] = Repository({"model.safetensors": WEIGHTS, "config.json": b"{}"}, licence="mit")
        for name, value in environment(running).items():
            monkeypatch.setenv(name, value)
        yield running


@pytest.fixture
def server(hub: Hub, corpus_library: Path, tmp_path: Path) -> Iterator[Server]:
    Path("rag.toml").write_text("threads = 2")
    user_file().parent.mkdir(exist_ok=True)
    user_file().write_text('answer = "quotes"')
    catalogue = write_catalogue(tmp_path / "catalogue.toml", size=len(GGUF))
    with FetchingServer(corpus_library, catalogue) as running:
        yield running


@pytest.fixture
def visitor(browser: Browser, server: Server, request: pytest.FixtureRequest) -> Iterator[Visitor]:
    one = Visitor(browser, server, **getattr(request, "param", {}))
    yield one
    one.context.close()
    assert [url for url in one.requests if not url.startswith((server.url, "data:", "blob:"))] == []
    assert one.complaints == [], server.log()


def opened(visitor: Visitor) -> Page:
    page = visitor.visit()
    page.click("[data-act=settings]")
    page.click("#settings [data-act=setup]")
    page.wait_for_selector("#values table", state="visible")
    return page


def test_the_settings_are_those_of_the_command_line(visitor: Visitor) -> None:
    page = opened(visitor)
    assert not page.is_visible("#settings")
    assert not page.is_visible("#chat")
    shown = [row.split("\t") for row in page.inner_text("#values tbody").splitlines()]
    expected = rag("settings", "--library", visitor.server.library).stdout.splitlines()
    assert [line.split() for line in expected] == [" ".join(row).split() for row in shown]
    assert ["answer", "quotes", str(user_file())] in shown
    assert ["threads", "2", "rag.toml"] in shown
    page.click("#top .tab >> nth=0")
    page.wait_for_selector("#chat", state="visible")


def test_a_model_is_fetched_after_its_terms_were_agreed_to(visitor: Visitor, hub: Hub) -> None:
    page = opened(visitor)
    assert page.inner_text("#models li:has-text('finder')").startswith("finder fits this machine")
    page.click("#models li:has-text('finder') [data-event=select]")
    page.wait_for_selector(".terms")
    terms = page.inner_text(".terms")
    for told in ("Fetch finder?", "0.3 MB", "Apache-2.0 (the hub says: mit)", f"{hub.url}/{FINDER}"):
        assert told in terms
    assert str(models_dir() / "finder") in terms
    assert page.evaluate("document.activeElement.className") == "terms"
    assert hub.asked == [], "nothing is fetched before that"
    page.click(".terms [data-event=apply]")
    page.wait_for_selector("#fetch .outcome:has-text('rag models use finder')")
    page.wait_for_selector("#models li:has-text('finder'):has-text('here')")
    assert (models_dir() / "finder" / "model.safetensors").read_bytes() == WEIGHTS
    assert page.locator("#models li:has-text('finder') button").count() == 0
    page.reload()
    page.wait_for_selector("#models li:has-text('finder'):has-text('here')", state="attached")


def test_terms_that_are_turned_down_fetch_nothing(visitor: Visitor, hub: Hub) -> None:
    page = opened(visitor)
    page.click("#models li:has-text('writer') [data-event=select]")
    page.click(".terms [data-event=stop]")
    page.wait_for_selector(".terms", state="detached")
    assert hub.asked == []
    assert not models_dir().exists()


def test_fetching_is_stopped_and_gone_on_with(visitor: Visitor, hub: Hub) -> None:
    hub.repositories[WRITER].hold_at = 400_000
    page = opened(visitor)
    page.click("#models li:has-text('writer') [data-event=select]")
    page.click(".terms [data-event=apply]")
    page.wait_for_selector("#fetch .progress:has-text('Fetching writer: 0.4 MB of 0.7 MB')")
    assert page.get_attribute("#fetch progress", "max") == str(len(GGUF))
    assert int(page.get_attribute("#fetch progress", "value") or 0) > 300_000
    page.reload()  # it goes on in the meantime, and whoever comes sees it
    page.wait_for_selector("#fetch .progress", state="attached")
    page.click("[data-act=settings]")
    page.click("#settings [data-act=setup]")
    page.click("#fetch .progress [data-event=stop]")
    page.wait_for_selector("#fetch .outcome:has-text('Stopped.')")
    assert not (models_dir() / "writer").exists()
    hub.repositories[WRITER].hold_at = None
    hub.released.set()
    page.click("#models li:has-text('writer') [data-event=select]")
    page.wait_for_selector(".terms:has-text('are here')")
    page.click(".terms [data-event=apply]")
    page.wait_for_selector("#models li:has-text('writer'):has-text('here')")
    assert (models_dir() / "writer" / "writer.gguf").read_bytes() == GGUF
    assert hub.starts("writer.gguf")[-1] > 0


def test_what_goes_wrong_is_one_line(visitor: Visitor, hub: Hub) -> None:
    del hub.repositories[WRITER]
    page = opened(visitor)
    page.click("#models li:has-text('writer') [data-event=select]")
    page.wait_for_selector("#fetch .failed")
    assert page.inner_text("#fetch .failed") == (
        f"there is no {hub.url}/{WRITER}, or only for some (HF_TOKEN tells who you are); see: rag models"
    )
    hub.repositories[FINDER].damaged = True
    page.click("#models li:has-text('finder') [data-event=select]")
    page.click(".terms [data-event=apply]")
    page.wait_for_selector("#fetch .failed:has-text('arrived damaged')")
    assert not (models_dir() / "finder").exists()


@pytest.mark.parametrize("visitor", [{"viewport": {"width": 390, "height": 780}, "locale": "fr-FR"}], indirect=True)
def test_it_is_french_and_fits_a_phone(visitor: Visitor) -> None:
    page = opened(visitor)
    assert "par défaut" in page.inner_text("#values")
    page.click("#models li:has-text('writer') [data-event=select]")
    page.wait_for_selector(".terms:has-text('Télécharger writer ?')")
    assert page.evaluate("document.querySelector('#setup').scrollWidth <= innerWidth")


# Sends an event as Gradio's own script does, whatever the page shows.
FORGE = """async ([part, event, event_data]) => {
  const { components, dependencies } = window.gradio_config;
  const id = components.find((one) => one.props.elem_id === part).id;
  const wired = dependencies.find((one) => one.targets.some((target) => target[0] === id && target[1] === event));
  const body = JSON.stringify({ data: [], event_data, fn_index: wired.id, session_hash: "forged" });
  const headers = { "Content-Type": "application/json" };
  return (await fetch("/gradio_api/queue/join", { method: "POST", headers, body })).status;
}"""


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0"])
def test_beyond_this_machine_nobody_is_shown_the_settings_or_can_fetch(
    browser: Browser, hub: Hub, corpus_library: Path, tmp_path: Path, host: str
) -> None:
    catalogue = write_catalogue(tmp_path / "catalogue.toml")
    own = host == "127.0.0.1"
    with FetchingServer(corpus_library, catalogue, "--host", host, "--password", "opensesame") as server:
        visitor = Visitor(browser, server, http_credentials={"username": "guest", "password": "opensesame"})
        page = visitor.visit()
        assert page.locator("#settings [data-act=setup]").count() == own
        assert page.locator("#values table").count() == own
        assert page.locator("#models li").count() == (2 if own else 0)
        assert page.evaluate(FORGE, ["models", "select", {"model": "writer"}]) == 200
        page.wait_for_timeout(2000)
        page.reload()
        page.wait_for_selector(".welcome")
        assert page.locator("#fetch .terms").count() == own
        assert page.evaluate(FORGE, ["fetch", "apply", {"model": "writer", "size": len(GGUF)}]) == 200
        page.wait_for_timeout(2000)
        assert bool(hub.asked) == models_dir().exists() == own
        visitor.context.close()
