"""Text -> unit vectors. Knows nothing of documents or storage.

Two ways to run the same model: sentence-transformers while indexing (it loads any model), and for questions the ONNX
file exported from it, because importing sentence-transformers takes longer than answering.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from index.catalogue import model_path
from index.errors import ModelError
from index.models import EMBEDDER, folder_fingerprint

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vectors = NDArray[np.float32]

PACKAGED = "packaged"


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

    Constructing one reads nothing; each part is loaded when first used.
    """

    def __init__(self, folder: Path, name: str, threads: int = 0) -> None:
        self.folder = folder
        self.name = name
        self.threads = threads or os.cpu_count() or 1

    @classmethod
    def open(cls, setting: str, threads: int = 0) -> EmbeddingModel:
        """Open the packaged model, a fetched one by its name, or a sentence-transformers folder.

        Raises ModelError when there is no such model.
        """
        if setting == PACKAGED:
            return cls(EMBEDDER.path(), EMBEDDER.name, threads)
        folder = model_path(setting)
        if not (folder / "modules.json").is_file() and not (folder / "config.json").is_file():
            raise ModelError(f"{folder} is not an embedding model: it has neither modules.json nor config.json")
        return cls(folder.resolve(), folder.name, threads)

    @cached_property
    def fingerprint(self) -> str:
        """What tells this model's vectors from any other's."""
        return folder_fingerprint(self.folder)

    @cached_property
    def _tokenizer(self) -> Any:  # noqa: ANN401 - tokenizers ships no types
        from tokenizers import Tokenizer

        file = self.folder / "tokenizer.json"
        if not file.is_file():
            raise ModelError(
                f"{self.folder} has no tokenizer.json; save the model with a current sentence-transformers"
            )
        tokenizer = Tokenizer.from_file(str(file))
        tokenizer.no_truncation()
        tokenizer.no_padding()
        return tokenizer

    def count_tokens(self, text: str) -> int:
        """Count the model's tokens in a text, without the special ones at its ends."""
        return len(self._tokenizer.encode(text, add_special_tokens=False).ids)

    @cached_property
    def _transformer(self) -> Any:  # noqa: ANN401 - kept out of the type checker: importing it takes seconds
        import torch
        from sentence_transformers import SentenceTransformer
        from transformers.utils import logging

        logging.disable_progress_bar()
        logging.set_verbosity_error()
        torch.set_num_threads(self.threads)
        return SentenceTransformer(str(self.folder), device="cpu", local_files_only=True)

    def encode_documents(self, texts: Sequence[str]) -> Vectors:
        """Encode chunks with sentence-transformers, float32, shape (len(texts), dimension)."""
        vectors: Vectors = self._transformer.encode_document(
            list(texts), batch_size=32, normalize_embeddings=True, show_progress_bar=False
        )
        return vectors

    def prepare_questions(self, on_stage: Callable[[str], None] | None = None) -> None:
        """Make the ONNX file that questions are encoded with, unless it is there. Needs torch, so: at index time."""
        from index.export import attempted, export

        if not attempted(self.fingerprint):
            if on_stage:
                on_stage("Preparing the model for quick questions (once, about 20 s)")
            export(self._transformer, self.folder, self.fingerprint)

    def question_encoder(self, warn: Callable[[str], None] | None = None) -> Embedder:
        """Return what encodes questions: the exported ONNX file, else sentence-transformers, said through `warn`."""
        from index.export import OnnxEmbedder, exported

        folder = exported(self.fingerprint)
        if folder is not None:
            return OnnxEmbedder(folder, self.threads)
        (warn or _warn)(f"{self.name} could not be exported to ONNX: loading it whole, which takes some seconds")
        return _QuestionTransformer(self)


class _QuestionTransformer:
    def __init__(self, model: EmbeddingModel) -> None:
        self._model = model

    def encode(self, texts: Sequence[str]) -> Vectors:
        vectors: Vectors = self._model._transformer.encode_query(
            list(texts), normalize_embeddings=True, show_progress_bar=False
        )
        return vectors

    def encode_tokens(self, texts: Sequence[str]) -> list[Tokens]:
        from index.export import real_tokens

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
