"""txtai: its embeddings database and its RAG pipeline over llama.cpp.

neuml.github.io/txtai: "RAG", "LLM", "Embeddings"; its notebook "RAG with llama.cpp and external API services".
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

from txtai import RAG, Embeddings

from eval.peers.contest import CONTEXT, MAX_TOKENS, PASSAGES, THREADS, Models, main

_TEMPLATE = """
Answer the following question using the provided context.

Question:
{question}

Context:
{context}
"""


class Txtai:
    """The documentation's pipeline, its database kept by `save`."""

    def __init__(self, models: Models) -> None:
        self._models = models

    def load(self) -> None:
        """Load the embedding model."""
        self._embeddings = Embeddings(path=self._models.embedder, content=True)

    def index(self, folder: Path, place: Path) -> None:
        """Index the files' paragraphs."""
        self._embeddings.index(_paragraphs(sorted(folder.glob("*.txt"))))
        self._embeddings.save(str(place))

    def update(self, folder: Path, changed: list[Path], place: Path) -> None:
        """Delete what the changed files had, upsert what they have now."""
        self._embeddings.load(str(place))
        for file in changed:
            query, names = "select id from txtai where id like :names", {"names": f"{file}#%"}
            rows = self._embeddings.search(query, limit=1000, parameters=names)
            self._embeddings.delete([row["id"] for row in rows])
        self._embeddings.upsert(_paragraphs(changed))
        self._embeddings.save(str(place))

    def open(self, place: Path) -> None:
        """Load the database; the language model waits for the first question."""
        self.load()
        self._embeddings.load(str(place))

    def search(self, question: str) -> list[str]:
        """Search."""
        return [row["text"] for row in self._embeddings.search(question, PASSAGES)]

    def stream(self, question: str) -> Iterator[str]:
        """Run the pipeline, streaming."""
        yield from self._pipeline(question, maxlength=MAX_TOKENS, stream=True, temperature=0.0)

    @cached_property
    def _pipeline(self) -> Any:  # noqa: ANN401 - the library's class, which is not type-checked
        return RAG(
            self._embeddings,
            self._models.generator,
            system="You are a friendly assistant",
            template=_TEMPLATE,
            context=PASSAGES,
            output="flatten",
            n_ctx=CONTEXT,
            n_threads=THREADS,
        )


def _paragraphs(files: list[Path]) -> Iterator[tuple[str, str, None]]:
    for file in files:
        paragraphs = (part.strip() for part in file.read_text(encoding="utf-8").split("\n\n"))
        for number, paragraph in enumerate(filter(None, paragraphs)):
            yield f"{file}#{number}", paragraph, None


if __name__ == "__main__":
    main(Txtai)
