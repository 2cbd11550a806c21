"""This project, by the calls that `rag index` and `rag ask` make. A place is a library's folder."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from eval.peers.contest import CLEAR, PASSAGES, Models, main
from index.embedder import EmbeddingModel
from index.library import Library
from index.readers import read
from index.sync import sync, warm_up
from rag.answer import Answer, Checked, Piece
from rag.assistant import open_assistant
from rag.settings import Settings


class Ours:
    """The assistant over a library, with the packaged models, which are those of all contestants."""

    def __init__(self, models: Models) -> None:
        self._model = EmbeddingModel.open(Settings().embedder)

    def load(self) -> None:
        """Load the embedding model, and what comes with the first file; the others import all of theirs at once."""
        warm_up(self._model, read)

    def index(self, folder: Path, place: Path) -> None:
        """Make a library of the folder."""
        with closing(Library.create(place)) as library:
            sync(library, [folder], self._model)

    def update(self, folder: Path, changed: list[Path], place: Path) -> None:
        """Bring the library in step; it finds by itself what has changed."""
        self.index(folder, place)

    def open(self, place: Path) -> None:
        """Open the assistant; its language model loads in the background."""
        self._assistant = open_assistant(Settings(library=str(place)))

    def search(self, question: str) -> list[str]:
        """Search as `rag search` does, by meaning and by words."""
        return [passage.text for passage in self._assistant.searcher.search(question, PASSAGES)]

    def stream(self, question: str) -> Iterator[str]:
        """Stream what the chat shows: the draft as it is written, the checked statements, in the end these alone."""
        for event in self._assistant.stream(question):
            if isinstance(event, Piece):
                yield event.text
            elif isinstance(event, Checked):
                yield f"\n{event.statement.text}"
            elif isinstance(event, Answer):
                yield CLEAR + "\n".join(statement.text for statement in event.statements)


if __name__ == "__main__":
    main(Ours)
