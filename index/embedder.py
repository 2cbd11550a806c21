"""Text -> unit vectors. Knows nothing of documents or storage.

Two ways to run the same model: sentence-transformers, which loads any model, and the ONNX file exported from it, which
is many times faster. The first makes the second, once, and is needed again only for a model that can't be exported.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from index.catalogue import fetched, model_path
from index.errors import ModelError, one_line
from index.models import EMBEDDER, PACKAGED, folder_fingerprint
from index.weights import check_embedder

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from index.encoder import DocumentEncoder

    Vectors = NDArray[np.float32]

_TOGETHER = 32  # texts that sentence-transformers encodes at a stretch


@dataclass(frozen=True, slots=True)
class Tokens:
    """The tokens of one text: vectors of length 1, shape (tokens, dimension), and the characters each stands for."""

    vectors: Vectors
    spans: tuple[tuple[int, int], ...]


class Embedder(Protocol):
    """Encodes texts as vectors of length 1, float32."""

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Encode texts as questions, shape (len(texts), dimension)."""
        ...

    def encode_tokens(self, texts: Sequence[str]) -> list[Tokens]:
        """Encode each token of the texts, in its context."""
        ...


class EmbeddingModel:
    """An embedding model in a folder: its identity, its tokens, and the two ways to run it.

    Constructing one reads nothing; each part is loaded when first used. `setting` opens it again, from any folder.
    """

    def __init__(self, folder: Path, name: str, setting: str, threads: int = 0) -> None:
        self.folder = folder
        self.name = name
        self.setting = setting
        self.threads = threads or os.cpu_count() or 1

    @classmethod
    def open(cls, setting: str, threads: int = 0) -> EmbeddingModel:
        """Open the packaged model, a fetched one by its name, or a sentence-transformers folder.

        Raises ModelError when there is no such model, or it can't be loaded, as far as that can be seen now.
        """
        if setting == PACKAGED:
            return cls(EMBEDDER.path(), EMBEDDER.name, PACKAGED, threads)
        folder = model_path(setting)
        check_embedder(folder)
        return cls(folder.resolve(), folder.name, setting if fetched(setting) else str(folder.resolve()), threads)

    @cached_property
    def fingerprint(self) -> str:
        """What tells this model's vectors from any other's."""
        return folder_fingerprint(self.folder)

    @cached_property
    def _tokenizer(self) -> Any:  # noqa: ANN401 - tokenizers ships no types
        from tokenizers import Tokenizer

        try:
            tokenizer = Tokenizer.from_file(str(self.folder / "tokenizer.json"))
        except Exception as error:  # it raises nothing more special
            raise self._unusable(error) from None
        tokenizer.no_truncation()
        tokenizer.no_padding()
        return tokenizer

    def count_tokens(self, text: str) -> int:
        """Count the model's tokens in a text, without the special ones at its ends."""
        return self._count(text)

    @cached_property
    def _count(self) -> Callable[[str], int]:
        # Whoever packs sentences into chunks asks for the same few again and again.
        return lru_cache(1024)(lambda text: len(self._tokenizer.encode(text, add_special_tokens=False).ids))

    @cached_property
    def _transformer(self) -> Any:  # noqa: ANN401 - kept out of the type checker: importing it takes seconds
        import torch
        from sentence_transformers import SentenceTransformer
        from transformers.utils import logging

        logging.disable_progress_bar()
        logging.set_verbosity_error()
        torch.set_num_threads(self.threads)
        try:
            return SentenceTransformer(
                str(self.folder),
                device="cpu",
                local_files_only=True,
                trust_remote_code=False,
                model_kwargs={"use_safetensors": True},
            )
        except Exception as error:  # whatever the libraries make of a damaged file
            raise self._unusable(error) from None

    def _unusable(self, error: Exception) -> ModelError:
        told = one_line(str(error))
        if "trust_remote_code" in told:  # as they advise; here there is no such thing
            told = "it needs program code of its own, which is not run here"
        return ModelError(f"{self.folder} can't be loaded as an embedding model: {told}")

    def encode_documents(self, texts: Sequence[str], on_batch: Callable[[int], None] | None = None) -> Vectors:
        """Encode chunks, float32, shape (len(texts), dimension).

        `on_batch` is told the number of a text before its batch is encoded, every few tenths of a second; it may wait,
        or end it all by raising. A text's vector is the same to within 0.005 whatever it is encoded with.
        """
        return self._documents.encode(texts, on_batch)

    @cached_property
    def _documents(self) -> DocumentEncoder | _DocumentTransformer:
        from index.encoder import DocumentEncoder
        from index.export import exported
        from index.fastest import fastest
        from index.runtimes import start

        self.prepare_documents()
        folder = exported(self.fingerprint)
        if folder is None:
            return _DocumentTransformer(self)
        return DocumentEncoder(folder, start(fastest(folder), folder, self.threads), self.threads)

    def prepare_documents(self, on_stage: Callable[[str], None] | None = None) -> None:
        """Find out what encodes documents fastest on this machine, unless that is known. Needs the export, or torch."""
        from index.export import exported
        from index.fastest import fastest, noted

        self.prepare_questions(on_stage)
        folder = exported(self.fingerprint)
        if folder and noted(folder) is None:
            if on_stage:
                on_stage("Measuring what embeds fastest on this machine (once, about 10 s)")
            fastest(folder)

    def prepare_questions(self, on_stage: Callable[[str], None] | None = None) -> None:
        """Make the ONNX file that questions and documents are encoded with, unless it is there. Needs torch."""
        from index.export import attempted, export

        if not attempted(self.fingerprint):
            if on_stage:
                on_stage("Preparing the model for quick use (once, about 20 s)")
            export(self._transformer, self.folder, self.fingerprint)

    def question_encoder(self, warn: Callable[[str], None] | None = None) -> Embedder:
        """Return what encodes questions: the exported ONNX file, else sentence-transformers, said through `warn`."""
        from index.encoder import QuestionEncoder
        from index.export import exported

        self.prepare_questions(warn or _warn)  # another version of this program may have indexed last
        folder = exported(self.fingerprint)
        if folder is not None:
            return QuestionEncoder(folder, self.threads)
        (warn or _warn)(f"{self.name} could not be exported to ONNX: loading it whole, which takes some seconds")
        return _QuestionTransformer(self)


def runtime_of(fingerprint: str) -> str | None:
    """Name what encodes documents on this machine with the model of a fingerprint; None until that is known."""
    from index.export import attempted, exported
    from index.fastest import noted

    folder = exported(fingerprint)
    if folder is None:
        return "sentence-transformers" if attempted(fingerprint) else None
    return noted(folder)


class _DocumentTransformer:
    def __init__(self, model: EmbeddingModel) -> None:
        self._model = model

    def encode(self, texts: Sequence[str], on_batch: Callable[[int], None] | None = None) -> Vectors:
        import numpy as np

        model = self._model._transformer
        order = sorted(range(len(texts)), key=lambda number: -len(texts[number]))
        vectors: Vectors = np.empty((len(texts), model.get_embedding_dimension()), np.float32)
        for start in range(0, len(order), _TOGETHER):
            numbers = order[start : start + _TOGETHER]
            if on_batch:
                on_batch(numbers[0])
            vectors[numbers] = model.encode_document(
                [texts[number] for number in numbers], normalize_embeddings=True, show_progress_bar=False
            )
        return vectors


class _QuestionTransformer:
    def __init__(self, model: EmbeddingModel) -> None:
        self._model = model

    def encode(self, texts: Sequence[str]) -> Vectors:
        vectors: Vectors = self._model._transformer.encode_query(
            list(texts), normalize_embeddings=True, show_progress_bar=False
        )
        return vectors

    def encode_tokens(self, texts: Sequence[str]) -> list[Tokens]:
        from index.encoder import real_tokens

        model = self._model._transformer
        encoded = model.encode(list(texts), output_value="token_embeddings", show_progress_bar=False)
        tokens = []
        for text, vectors in zip(texts, encoded, strict=True):
            offsets = model.tokenizer(text, truncation=True, return_offsets_mapping=True)["offset_mapping"]
            unit = vectors / vectors.norm(dim=-1, keepdim=True)
            tokens.append(real_tokens(offsets[: len(unit)], unit.numpy()))
        return tokens


def _warn(message: str) -> None:
    sys.stderr.write(f"{message}\n")
