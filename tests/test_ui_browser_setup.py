"""The settings' part of the page in a real browser: what is set, and models fetched from a stand-in hub.

One server for all; each test finds it with nothing fetched and nothing under way.
"""

from __future__ import annotations

import shutil
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


@pytest.fixture(scope="module")
def _hub() -> Iterator[Hub]:
    with Hub().running() as running:
        yield running


@pytest.fixture
def hub(_hub: Hub) -> Hub:
    """Return the stand-in with both models, of which nothing was asked yet."""
    _hub.repositories[WRITER] = Repository({"writer.gguf": GGUF})
    _hub.repositories[FINDER] = Repository({"model.safetensors": WEIGHTS, "config.json": b"{}"}, licence="mit")
    _hub.asked.clear()
    _hub.released.clear()
    return _hub


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder with the server's data and its working folder, each with a file of settings."""
    folder = tmp_path_factory.mktemp("home")
    for name, setting in {"data": 'answer = "quotes"', "work": "threads = 2"}.items():
        (folder / name).mkdir()
        (folder / name / "rag.toml").write_text(setting)
    return folder


@pytest.fixture(scope="module")
def _server(_hub: Hub, corpus_library: Path, home: Path) -> Iterator[FetchingServer]:
    catalogue = write_catalogue(home / "catalogue.toml", size=len(GGUF))
    finder = catalogue.read_text().split("\n\n")[1]
    ranker = finder.replace('"finder"', '"ranker"').replace('"embedder"', '"reranker"')
    catalogue.write_text("\n\n".join([catalogue.read_text(), ranker]))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAG_DATA_DIR", str(home / "data"))
        patch.chdir(home / "work")
        for name, value in environment(_hub).items():
            patch.setenv(name, value)
        with FetchingServer(corpus_library, catalogue) as running:
            yield running


@pytest.fixture
def server(_server: FetchingServer, hub: Hub, home: Path, monkeypatch: pytest.MonkeyPatch) -> FetchingServer:
    """Return the server, and stand where it does."""
    monkeypatch.setenv("RAG_DATA_DIR", str(home / "data"))
    monkeypatch.chdir(home / "work")
    shutil.rmtree(models_dir(), ignore_errors=True)
    return _server


@pytest.fixture
def visitor(browser: Browser, server: Server, hub: Hub, request: pytest.FixtureRequest) -> Iterator[Visitor]:
    one = Visitor(browser, server, **getattr(request, "param", {}))
    yield one
    hub.released.set()
    for _ in range(2):  # what is under way; then how that ended
        assert one.page.evaluate(FORGE, ["fetch", "stop", {}]) == DONE
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


def test_a_model_of_any_kind_can_be_fetched(visitor: Visitor) -> None:
    page = opened(visitor)
    assert page.inner_text("#models h3 >> nth=2") == "Rank again what was found (optional)"
    page.click("#models h3:has-text('Rank again') + ul li:has-text('ranker') [data-event=select]")
    page.click(".terms [data-event=apply]")
    page.wait_for_selector("#models li:has-text('ranker'):has-text('here')")
    assert (models_dir() / "ranker" / "model.safetensors").read_bytes() == WEIGHTS


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
    size = f"{len(GGUF) / 1e6:.1f} MB"
    page.wait_for_selector(f"#fetch .progress:has-text('Fetching writer: 0.4 MB of {size}')")
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


# Sends an event as Gradio's own script does, whatever the page shows, and waits until it has been dealt with.
FORGE = """async ([part, event, event_data]) => {
  const { components, dependencies } = window.gradio_config;
  const id = components.find((one) => one.props.elem_id === part).id;
  const wired = dependencies.find((one) => one.targets.some((target) => target[0] === id && target[1] === event));
  const session_hash = "forged" + crypto.randomUUID();
  const body = JSON.stringify({ data: [], event_data, fn_index: wired.id, session_hash });
  const headers = { "Content-Type": "application/json" };
  const { status } = await fetch("/gradio_api/queue/join", { method: "POST", headers, body });
  const told = await (await fetch("/gradio_api/queue/data?session_hash=" + session_hash)).text();
  return [status, ...told.matchAll(/"msg":"process_completed".*?"success":(\\w+)/g).map((found) => found[1])];
}"""
DONE = [200, "true"]


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0"])
def test_beyond_this_machine_nobody_is_shown_the_settings_or_can_fetch(
    browser: Browser, hub: Hub, corpus_library: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    for name, value in environment(hub).items():
        monkeypatch.setenv(name, value)
    catalogue = write_catalogue(tmp_path / "catalogue.toml")
    own = host == "127.0.0.1"
    with FetchingServer(corpus_library, catalogue, "--host", host, "--password", "opensesame") as server:
        visitor = Visitor(browser, server, http_credentials={"username": "guest", "password": "opensesame"})
        page = visitor.visit()
        assert page.locator("#settings [data-act=setup]").count() == own
        assert page.locator("#values table").count() == own
        assert page.locator("#models li").count() == (2 if own else 0)
        assert page.evaluate(FORGE, ["models", "select", {"model": "writer"}]) == DONE
        page.reload()
        page.wait_for_selector(".welcome")
        if own:
            page.wait_for_selector("#fetch .terms", state="attached")
        assert page.locator("#fetch .terms").count() == own
        assert page.evaluate(FORGE, ["fetch", "apply", {"model": "writer", "size": len(GGUF)}]) == DONE
        if own:
            page.wait_for_selector("#models li:has-text('writer'):has-text('here')", state="attached")
        assert bool(hub.asked) == models_dir().exists() == own
        visitor.context.close()
