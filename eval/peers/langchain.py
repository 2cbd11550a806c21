"""LangChain: FAISS, sentence-transformers and llama-cpp-python, joined as in its tutorial's two-step chain.

docs.langchain.com: "Build a RAG agent with LangChain" (RAG chains), "FAISS integration", "Llama.cpp integration".
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

from langchain.agents import create_agent
from langchain.agents.middleware import ModelRequest, dynamic_prompt
from langchain_community.chat_models import ChatLlamaCpp
from langchain_community.document_loaders import TextLoader
from langchain_community.vectorstores import FAISS
from langchain_core.documents import Document
from langchain_huggingface import HuggingFaceEmbeddings
from langchain_text_splitters import RecursiveCharacterTextSplitter

from eval.peers.contest import CHUNK, CONTEXT, MAX_TOKENS, PASSAGES, THREADS, Models, main


class LangChain:
    """The tutorial's chain, its index kept by `save_local`."""

    def __init__(self, models: Models) -> None:
        self._models = models

    def load(self) -> None:
        """Load the embedding model."""
        self._embeddings = HuggingFaceEmbeddings(model_name=self._models.embedder)

    def index(self, folder: Path, place: Path) -> None:
        """Split, embed, save."""
        splits, ids = _splits(sorted(folder.glob("*.txt")))
        FAISS.from_documents(splits, self._embeddings, ids=ids).save_local(str(place))

    def update(self, folder: Path, changed: list[Path], place: Path) -> None:
        """Delete what the changed files had, add what they have now."""
        store, names = self._saved(place), {str(file) for file in changed}
        old = [i for i in store.index_to_docstore_id.values() if i.rsplit("#", 1)[0] in names]
        splits, ids = _splits(changed)
        store.delete(old)
        store.add_documents(splits, ids=ids)
        store.save_local(str(place))

    def open(self, place: Path) -> None:
        """Load model and index; the language model waits for the first question."""
        self.load()
        self._store = self._saved(place)

    def search(self, question: str) -> list[str]:
        """Search by similarity."""
        return [document.page_content for document in self._store.similarity_search(question, k=PASSAGES)]

    def stream(self, question: str) -> Iterator[str]:
        """Stream the agent's messages."""
        asked = {"messages": [{"role": "user", "content": question}]}
        for piece, _ in self._agent.stream(asked, stream_mode="messages"):
            yield piece.text

    def _saved(self, place: Path) -> Any:  # noqa: ANN401 - the library's class, which is not type-checked
        return FAISS.load_local(str(place), self._embeddings, allow_dangerous_deserialization=True)

    @cached_property
    def _agent(self) -> Any:  # noqa: ANN401
        model = ChatLlamaCpp(
            model_path=self._models.generator,
            n_ctx=CONTEXT,
            n_batch=512,  # its default of 8 would make it read prompts many times slower
            n_threads=THREADS,
            max_tokens=MAX_TOKENS,
            temperature=0.0,
            verbose=False,
        )

        @dynamic_prompt  # type: ignore[untyped-decorator]
        def prompt_with_context(request: ModelRequest) -> str:
            context = "\n\n".join(self.search(request.state["messages"][-1].text))
            return f"You are a helpful assistant. Use the following context in your response:\n\n{context}"

        return create_agent(model, tools=[], middleware=[prompt_with_context])


def _splits(files: list[Path]) -> tuple[list[Document], list[str]]:
    documents = [document for file in files for document in TextLoader(str(file), encoding="utf-8").load()]
    splits = RecursiveCharacterTextSplitter(chunk_size=CHUNK, chunk_overlap=CHUNK // 5).split_documents(documents)
    return splits, [f"{split.metadata['source']}#{number}" for number, split in enumerate(splits)]


if __name__ == "__main__":
    main(LangChain)
