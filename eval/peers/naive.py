"""The naive pipeline of `eval.baseline`, over this project's library and with its quick models."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from eval.baseline import NaiveBaseline
from eval.library import dense_search
from eval.peers.contest import PASSAGES, main
from eval.peers.ours import Ours
from index.library import Library
from rag.generator import LlamaGenerator
from rag.settings import Settings


class Naive(Ours):
    """Passages pasted into a prompt, no check."""

    def open(self, place: Path) -> None:
        """Open the library; the language model waits for the first question."""
        settings = Settings(library=str(place))
        self._dense = dense_search(Library.open(place), settings)
        self._baseline = NaiveBaseline(self._dense, LlamaGenerator.open(settings.generator))

    def search(self, question: str) -> list[str]:
        """Search by the embedding alone."""
        return [passage.text for passage in self._dense(question, PASSAGES)]

    def stream(self, question: str) -> Iterator[str]:
        """Write freely."""
        yield from self._baseline.write(question, self._dense(question, PASSAGES))


if __name__ == "__main__":
    main(Naive)
