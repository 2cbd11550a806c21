"""Fetching models beside the chat, as far as it needs no browser: who may, and what was agreed to."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import index.catalogue
from index.catalogue import known_models
from index.errors import UsageError
from index.places import models_dir
from rag.settings import told
from tests.hub_server import Hub, Repository
from tests.test_index_hub import GGUF, WRITER, write_catalogue
from ui.chat import Preferences
from ui.fetching import Fetching, FetchState
from ui.setup import Setup
from ui.visit import Visit
from ui.words import ENGLISH

ANN = Visit("ann", "tab", ENGLISH, Preferences())


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Hub]:
    monkeypatch.setattr(index.catalogue, "CATALOGUE", write_catalogue(tmp_path / "catalogue.toml"))
    with Hub().running() as running:
        running.repositories[WRITER] = Repository({"writer.gguf": GGUF})
        monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", running.url)
        monkeypatch.setattr("huggingface_hub.constants.HUGGINGFACE_CO_URL_TEMPLATE",
                            running.url + "/{repo_id}/resolve/{revision}/{filename}")  # fmt: skip
        yield running


def settled(fetching: Fetching) -> FetchState:
    until = time.monotonic() + 60
    while (state := fetching.state()).at_work:
        assert time.monotonic() < until
        time.sleep(0.02)
    return state


def test_nothing_is_fetched_but_what_was_agreed_to(hub: Hub) -> None:
    fetching = Fetching()
    fetching.agree("writer", len(GGUF))  # nobody has told the terms
    assert fetching.state() == FetchState()
    fetching.ask("writer")
    asked = settled(fetching)
    assert (asked.stage, asked.download and asked.download.size) == ("terms", len(GGUF))
    fetching.agree("writer", len(GGUF) - 1)
    fetching.agree("finder", len(GGUF))
    assert fetching.state() == asked
    assert hub.asked == []
    fetching.agree("writer", len(GGUF))
    assert settled(fetching) == FetchState("done", "writer")
    assert (models_dir() / "writer" / "writer.gguf").read_bytes() == GGUF


def test_the_list_is_that_of_the_command_line(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("bge-reranker-v2-m3", "minilm-xnli", "my own"):
        (models_dir() / name).mkdir(parents=True)
    (models_dir() / ".staging").mkdir()
    monkeypatch.setenv("RAG_RERANKER", "bge-reranker-v2-m3")
    shown = Setup(told(), Fetching(), own=True).show(ANN)["models"]
    items = {re.findall("<strong>(.+?)</strong>", item)[0]: item for item in shown.split("<li>")[1:]}
    assert list(items) == list(known_models())
    assert ENGLISH.model_kinds.keys() == {model.kind for model in known_models().values()}
    assert ">in use<" in items["bge-reranker-v2-m3"]
    assert "off: rag models use no-reranker" in items["bge-reranker-v2-m3"]
    assert ">here<" in items["minilm-xnli"]
    assert {name for name, item in items.items() if 'data-event="select"' not in item} == {
        "bge-reranker-v2-m3",
        "minilm-xnli",
    }
    assert "Also here: my own<" in shown


def test_a_model_that_is_not_in_the_catalogue(hub: Hub) -> None:
    fetching = Fetching()
    with pytest.raises(UsageError, match="did you mean writer"):
        fetching.ask("writr")
    shown = Setup(told(), fetching, own=True).ask(ANN, {"model": "writr"})
    assert "did you mean writer?" in shown["fetch"]


def test_a_surprise_is_told(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    def surprise(*_: object) -> None:
        raise KeyError("sizes")

    monkeypatch.setattr("ui.fetching.ask", surprise)
    fetching = Fetching()
    fetching.ask("writer")
    assert settled(fetching) == FetchState(error="stopped by an error: KeyError: 'sizes'")


def test_the_looks_go_on_for_a_while_after_the_end(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    fetching = Fetching()
    owner = Setup(told(), fetching, own=True)
    assert "ticks" not in owner.show(ANN), "it may get to the page after what somebody asked meanwhile"
    assert owner.ask(ANN, {"model": "writer"})["ticks"] == {"active": True}
    settled(fetching)
    assert owner.stop(ANN)["ticks"] == owner.watch(ANN)["ticks"] == {"active": True}
    monkeypatch.setattr("ui.fetching._LATE", 0.0)
    assert owner.watch(ANN)["ticks"] == {"active": False}
    assert "ticks" not in owner.show(ANN)


def test_whoever_is_not_at_this_machine_sees_nothing_and_starts_nothing(hub: Hub) -> None:
    fetching = Fetching()
    guest, owner = (Setup(told(), fetching, own=own) for own in (False, True))
    assert guest.show(ANN) == {}
    assert guest.ask(ANN, {"model": "writer"}) == {}
    assert fetching.state() == FetchState()
    owner.ask(ANN, {"model": "writer"})
    asked = settled(fetching)
    assert owner.watch(ANN)["ticks"] == {"active": True}, "an answer that is overtaken must not end the looks"
    assert guest.agree(ANN, {"model": "writer", "size": len(GGUF)}) == {}
    assert guest.stop(ANN) == {}
    assert fetching.state() == asked
    assert hub.asked == []
    hub.repositories[WRITER].hold_at = 1000
    owner.agree(ANN, {"model": "writer", "size": len(GGUF)})
    assert guest.watch(ANN) == {}
    assert "progress" in owner.watch(ANN)["fetch"]
    owner.stop(ANN)
