"""Another embedding model for a library: its vectors are made beside those that answer, and take their place at once.

Chunks stay as they are, whichever model cut them: 128 tokens are far below what any model reads. So a switch is vectors
for the chunks that have none of the new model, batch by batch, and at the end one short transaction. Interrupted, it
goes on where it was; going back to a model whose vectors are kept takes what has come since. Until the end, questions
are answered by the former model: `LibraryEmbedder` encodes them with whichever model the vectors at hand are of.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from index.embedder import Embedder, EmbeddingModel, Tokens
from index.embedders import Embedders, Kept
from index.errors import EmbedderMismatch, ModelError
from index.library import Library
from index.models import PACKAGED
from index.store import Store, StoredEmbedder
from index.vectors import forget

if TYPE_CHECKING:
    from index.embedder import Vectors

_BATCH = 96  # chunks written together: a second of work with a small model, which an interruption loses


def pending(library: Library, model: EmbeddingModel) -> bool:
    """Tell whether a library answers with another model than this one."""
    own = library.store.embedder
    return own is not None and own.fingerprint != model.fingerprint


def switch(
    library: Library,
    model: EmbeddingModel,
    on_progress: Callable[[int, int], None] | None = None,
    on_stage: Callable[[str], None] | None = None,
    on_step: Callable[[], None] | None = None,
) -> int:
    """Give every chunk a vector of `model`, then answer with these; returns how many chunks were embedded.

    `on_progress` is told how many of the chunks have one, each time that some more are safely stored, `on_stage` what
    takes long besides. `on_step` is called every few tenths of a second; it may wait, or end it all by raising.
    The former model's vectors are kept. Raises LibraryBusy.
    """
    with library.writing():
        if not pending(library, model):
            return 0
        store, embedders = library.store, Embedders(library.store)
        mine = described(model)
        embedded, last, total = 0, 0, store.counts()[1]
        if lacking := embedders.lacking(mine.fingerprint):
            model.prepare_documents(on_stage)
        while chunks := embedders.next_lacking(mine.fingerprint, last, _BATCH):
            vectors = model.encode_documents(_texts(store, chunks), (lambda _: on_step()) if on_step else None)
            with store.transaction():
                embedders.put(mine, chunks, vectors)
            last = chunks[-1]
            embedded += len(chunks)
            if on_progress:
                on_progress(total - lacking + embedded, total)
        model.prepare_questions(on_stage)
        library.answer_with(mine)
    return embedded


def forget_others(library: Library) -> list[Kept]:
    """Drop the vectors of all models but the one that a library answers with; returns what there was of them."""
    with library.writing():
        embedders, own = Embedders(library.store), library.store.embedder
        others = [kept for kept in embedders.kept() if kept.embedder != own]
        embedders.forget([kept.embedder.fingerprint for kept in others])
        for kept in others:
            forget(library.folder, kept.embedder.fingerprint)
    return others


def described(model: EmbeddingModel) -> StoredEmbedder:
    """What a library notes of a model that it has vectors of."""
    return StoredEmbedder(model.fingerprint, model.name, model.setting)


def _texts(store: Store, chunks: Sequence[int]) -> list[str]:
    from index.headers import embedded_text

    found = store.chunks(chunks)
    documents = store.documents({chunk.document_id for chunk in found.values()})
    return [embedded_text(documents[found[i].document_id], found[i].start, found[i].end) for i in chunks]


def own_model(library: Library, *known: EmbeddingModel) -> EmbeddingModel:
    """Return the model that a library answers with: one of those `known`, the first in a library that has none yet.

    Raises EmbedderMismatch when it is another one, which isn't here any more.
    """
    own = library.store.embedder
    if own is None:
        return known[0]
    for model in known:
        if model.fingerprint == own.fingerprint:
            return model
    for setting in dict.fromkeys((own.setting, PACKAGED, own.name)):  # it may have been noted without its setting
        try:
            model = EmbeddingModel.open(setting, known[0].threads)
            if setting and model.fingerprint == own.fingerprint:
                return model
        except ModelError:
            continue
    raise EmbedderMismatch(
        f"the library {library.folder} was made with the embedding model {own.name}, which isn't here any more, "
        f"the settings name {known[0].name}; embed it again with: rag index --rebuild --library {library.folder}"
    )


class LibraryEmbedder:
    """Encodes questions with the model that a library answers with, also when that changes: an Embedder.

    Within a snapshot of the library it is one model, the one whose vectors are read there.
    """

    def __init__(self, library: Library, model: EmbeddingModel) -> None:
        """Take the model of the settings; the library's own may be another. Raises EmbedderMismatch."""
        self._library = library
        self._model = model
        self._used = own_model(library, model)
        self._encoder = self._used.question_encoder()
        self._lock = threading.Lock()

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Encode texts as questions, shape (len(texts), dimension)."""
        return self._present().encode(texts)

    def encode_tokens(self, texts: Sequence[str]) -> list[Tokens]:
        """Encode each token of the texts, in its context."""
        return self._present().encode_tokens(texts)

    def _present(self) -> Embedder:
        with self._lock:
            used = own_model(self._library, self._used, self._model)
            if used is not self._used:
                self._encoder = used.question_encoder()
                self._used = used
            return self._encoder
