"""Every test runs in folders of its own; what takes long (the ONNX export, the corpus's library) is made once.

Once in all with `pytest -n 2`, too, where two processes take turns: the second copies what the first has made.
"""

from __future__ import annotations

import itertools
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from filelock import FileLock

from index.embedder import Embedder, EmbeddingModel
from index.library import Library
from index.places import cache_dir
from index.sync import sync
from tests.index_helpers import CORPUS
from tests.ui_helpers import CHROMIUM, CHROMIUM_FLAGS

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture(scope="session", autouse=True)
def _session_folders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep the user's settings and folders out; one cache for the session, so that models are exported once."""
    folder = tmp_path_factory.mktemp("session")
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("RAG_")]:
            patch.delenv(name)
        patch.setenv("RAG_CACHE_DIR", str(folder / "cache"))
        patch.setenv("RAG_DATA_DIR", str(folder / "data"))
        if _ONE_OF_SEVERAL:
            _share(tmp_path_factory.getbasetemp().parent, folder)
        yield


_ONE_OF_SEVERAL = "PYTEST_XDIST_WORKER" in os.environ


def _share(common: Path, own: Path) -> None:
    """Copy the corpus's library and all that is kept in the cache for it; whoever comes first makes them."""
    shared = common / "made"
    with FileLock(common / "made.lock"):
        if not shared.exists():
            _make_library(own / "library")
            shutil.copytree(cache_dir(), own / "made" / "cache")
            (own / "library").rename(own / "made" / "library")
            (own / "made").rename(shared)
    shutil.copytree(shared / "cache", cache_dir(), dirs_exist_ok=True)
    shutil.copytree(shared / "library", own / "library")


def _make_library(folder: Path) -> None:
    library = Library.create(folder)
    report = sync(library, [CORPUS], EmbeddingModel.open("packaged"))
    library.close()
    assert not report.failed


@pytest.fixture(scope="session")
def _homes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Return a new folder each time; mktemp() looks through all those before it, which took half a minute."""
    folder = tmp_path_factory.mktemp("homes")
    return (folder / str(number) for number in itertools.count())


@pytest.fixture(autouse=True)
def _test_folders(_homes: Iterator[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """Give a test its own data folder and an empty working folder, where no rag.toml is found."""
    folder = next(_homes)
    (folder / "work").mkdir(parents=True)
    monkeypatch.setenv("RAG_DATA_DIR", str(folder / "data"))
    monkeypatch.chdir(folder / "work")


@pytest.fixture(scope="session")
def model(_session_folders: None) -> EmbeddingModel:
    """Return the packaged embedding model."""
    return EmbeddingModel.open("packaged")


@pytest.fixture(scope="session")
def corpus_library(_session_folders: None) -> Path:
    """Return the folder of a library of eval/corpus, embedded with the packaged model. For reading only."""
    folder = cache_dir().parent / "library"
    if not folder.exists():
        _make_library(folder)
    return folder


@pytest.fixture(scope="module")
def corpus(corpus_library: Path) -> Iterator[Library]:
    """Return that library, open."""
    library = Library.open(corpus_library)
    yield library
    library.close()


@pytest.fixture(scope="session")
def encoder(model: EmbeddingModel, corpus_library: Path) -> Embedder:
    """Return what encodes questions to that library."""
    return model.question_encoder()


@pytest.fixture(scope="module")  # while it lasts, asyncio.run() would fail
def browser() -> Iterator[Browser]:
    """Return a real browser; where there is none, the tests that need it are skipped, saying how to get one."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="needs Playwright: pip install '.[dev]'")
    if CHROMIUM is None:
        pytest.skip("needs Chromium: apt-get install chromium")
    with sync_api.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_FLAGS)
        yield chromium
        chromium.close()
