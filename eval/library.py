"""The library that questions are asked of: a given one, or one built of the documents that come with the questions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from eval.fields import GoldError
from index.scope import EVERYTHING, Scope
from index.types import Passage

if TYPE_CHECKING:
    from eval.baseline import DenseSearch
    from index.library import Library
    from rag.settings import Settings

Unreadable = list[tuple[str, str]]


def write_documents(texts: Mapping[str, str], folder: Path) -> Path:
    """Write the documents of a set as files, byte for byte, so that offsets hold in the files themselves."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        file, data = folder / name, text.encode("utf-8")
        if not file.is_file() or file.stat().st_size != len(data):  # a file may have been cut off
            file.write_bytes(data)
    return folder


def build_library(
    documents: Path, folder: Path, settings: Settings, on_progress: Callable[[int, int], None] | None = None
) -> Unreadable:
    """Index a folder in a process of its own: what indexing needs is no cost of answering.

    Calls `on_progress` with the number of documents in the library and of files. Returns the files that could not be
    read, with reasons.
    """
    from concurrent.futures import ProcessPoolExecutor, wait
    from multiprocessing import get_context

    from index.library import Library

    if not documents.is_dir():
        raise GoldError(f"no such folder of documents: {documents}")
    watched = Library.create(folder)
    files = sum(path.is_file() for path in documents.rglob("*"))
    try:
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
            job = pool.submit(_sync, documents, folder, settings.embedder, settings.threads)
            while wait([job], timeout=0.5).not_done:
                if on_progress:
                    on_progress(watched.store.counts()[0], files)
            return job.result()
    finally:
        watched.close()


def _sync(documents: Path, folder: Path, embedder: str, threads: int) -> Unreadable:
    from index.embedder import EmbeddingModel
    from index.library import Library
    from index.sync import sync

    library = Library.create(folder)
    try:
        return sync(library, [documents], EmbeddingModel.open(embedder, threads)).failed
    finally:
        library.close()


def dense_search(library: Library, settings: Settings, scope: Scope = EVERYTHING) -> DenseSearch:
    """Make the search of the naive pipeline: the chunks whose vectors are nearest to the question's."""
    from index.embedder import EmbeddingModel

    encoder = EmbeddingModel.open(settings.embedder, settings.threads).question_encoder()

    def search(question: str, k: int) -> list[Passage]:
        return library.passages(library.dense(encoder.encode([question])[0], k, scope), scope)

    return search
