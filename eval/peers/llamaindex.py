"""LlamaIndex: its own vector store, sentence-transformers and llama-cpp-python, as in its LlamaCPP example.

developers.llamaindex.ai: "LlamaCPP", "Starter Tutorial (Using Local LLMs)", "Document Management".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from llama_index.core import Settings, SimpleDirectoryReader, StorageContext, VectorStoreIndex, load_index_from_storage
from llama_index.core.llms import ChatMessage
from llama_index.embeddings.huggingface import HuggingFaceEmbedding
from llama_index.llms.llama_cpp import LlamaCPP

from eval.peers.contest import CONTEXT, MAX_TOKENS, PASSAGES, THREADS, Models, main


class LlamaIndex:
    """The example's query engine, its index kept by `persist`."""

    def __init__(self, models: Models) -> None:
        self._models = models

    def load(self) -> None:
        """Load the embedding model."""
        Settings.embed_model = HuggingFaceEmbedding(model_name=self._models.embedder)
        Settings.chunk_size, Settings.chunk_overlap = 256, 50  # tokens: its 1,024 exceed what the model reads

    def index(self, folder: Path, place: Path) -> None:
        """Read, split, embed, persist."""
        options = {"required_exts": [".txt"], "filename_as_id": True, "exclude_hidden": False}  # ~/.cache is hidden
        documents = SimpleDirectoryReader(str(folder), **options).load_data()
        VectorStoreIndex.from_documents(documents).storage_context.persist(persist_dir=str(place))

    def update(self, folder: Path, changed: list[Path], place: Path) -> None:
        """Refresh the changed documents."""
        self.open(place)
        documents = SimpleDirectoryReader(input_files=changed, filename_as_id=True).load_data()
        self._index.refresh_ref_docs(documents)
        self._index.storage_context.persist(persist_dir=str(place))

    def open(self, place: Path) -> None:
        """Load model and index; the language model waits for the first question."""
        self.load()
        self._index: Any = load_index_from_storage(StorageContext.from_defaults(persist_dir=str(place)))
        self._retriever = self._index.as_retriever(similarity_top_k=PASSAGES)

    def search(self, question: str) -> list[str]:
        """Retrieve."""
        return [node.get_content() for node in self._retriever.retrieve(question)]

    def stream(self, question: str) -> Iterator[str]:
        """Query, streaming."""
        yield from self._engine.query(question).response_gen

    @cached_property
    def _engine(self) -> Any:  # noqa: ANN401 - the library's class, which is not type-checked
        model = LlamaCPP(
            model_path=self._models.generator,
            context_window=CONTEXT,
            max_new_tokens=MAX_TOKENS,
            temperature=0.0,
            model_kwargs={"n_threads": THREADS},
            messages_to_prompt=_chatml,
            completion_to_prompt=lambda text: _chatml([ChatMessage(role="user", content=text)]),
            verbose=False,
        )
        return self._index.as_query_engine(llm=model, similarity_top_k=PASSAGES, streaming=True)


def _chatml(messages: Sequence[ChatMessage]) -> str:
    """Write the packaged model's prompt format, which LlamaCPP leaves to its user."""
    turns = "".join(f"<|im_start|>{message.role.value}\n{message.content}<|im_end|>\n" for message in messages)
    return f"{turns}<|im_start|>assistant\n"


if __name__ == "__main__":
    main(LlamaIndex)
