"""Texts -> vectors with an exported model: small batches, a core to each."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from index.runtimes import OnnxRuntime, Runtime

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from index.embedder import Tokens, Vectors

BATCH_TOKENS = 512  # padding included; so few that what a core works on stays in its cache


@dataclass(frozen=True, slots=True)
class _Batch:
    numbers: list[int]  # of the texts, as they were given
    encodings: list[Any]
    inputs: dict[str, NDArray[np.int64]]  # each of shape (texts, tokens of the longest)


class Tokenised:
    """An export's tokeniser, and what else the export says of itself."""

    def __init__(self, folder: Path) -> None:
        from tokenizers import Tokenizer

        self.config: dict[str, Any] = json.loads((folder / "config.json").read_text())
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.enable_truncation(self.config["max_tokens"])
        padding = self._tokenizer.padding or {}
        self._padding: int = padding.get("pad_id", 0)
        self._tokenizer.no_padding()

    def batches(self, texts: Sequence[str], most: int = BATCH_TOKENS) -> Iterator[_Batch]:
        """Cut texts into batches of similar length, the longest first, for padding is computed like any token.

        A batch has at most `most` tokens, padding included, or one text.
        """
        encodings = self._tokenizer.encode_batch(list(texts))
        order = sorted(range(len(texts)), key=lambda number: -len(encodings[number].ids))
        start = 0
        while start < len(order):
            length = len(encodings[order[start]].ids)
            numbers = order[start : start + max(1, most // max(1, length))]
            yield self._batch(numbers, [encodings[number] for number in numbers], length)
            start += len(numbers)

    def _batch(self, numbers: list[int], encodings: list[Any], length: int) -> _Batch:
        import numpy as np

        shape = (len(numbers), length)
        arrays = {
            "input_ids": np.full(shape, self._padding, np.int64),
            "attention_mask": np.zeros(shape, np.int64),
            "token_type_ids": np.zeros(shape, np.int64),
        }
        for row, encoding in enumerate(encodings):
            tokens = len(encoding.ids)
            arrays["input_ids"][row, :tokens] = encoding.ids
            arrays["attention_mask"][row, :tokens] = encoding.attention_mask
            arrays["token_type_ids"][row, :tokens] = encoding.type_ids
        return _Batch(numbers, encodings, {name: arrays[name] for name in self.config["inputs"]})


class QuestionEncoder:
    """Encodes questions within milliseconds, 0.2 s from process start: an Embedder.

    The first comes from a model that is loaded at once. Where there is a second there will be more: for these it is
    loaded again, in the way that takes longer and then answers sooner.
    """

    def __init__(self, folder: Path, threads: int) -> None:
        self._folder = folder
        self._threads = threads
        self._tokenised = Tokenised(folder)
        self._runtime = OnnxRuntime(folder)
        self._pool = ThreadPoolExecutor(threads, "questions")
        self._was_asked = False

    @cached_property
    def _settled(self) -> OnnxRuntime:
        return OnnxRuntime(self._folder, settled=True, threads=self._threads)

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Encode texts as questions, float32, shape (len(texts), dimension)."""
        import numpy as np

        runtime, self._was_asked = self._settled if self._was_asked else self._runtime, True
        config = self._tokenised.config
        vectors: Vectors = np.empty((len(texts), config["dimension"]), np.float32)
        for batch in self._tokenised.batches([config["query_prompt"] + text for text in texts]):
            vectors[batch.numbers] = runtime.run(batch.inputs)
        return vectors

    def encode_tokens(self, texts: Sequence[str]) -> list[Tokens]:
        """Encode each token of the texts, in its context."""
        batches = list(self._tokenised.batches(texts))
        computed = self._pool.map(lambda batch: self._runtime.run(batch.inputs, "tokens"), batches)
        tokens: dict[int, Tokens] = {}
        for batch, values in zip(batches, computed, strict=True):
            found = zip(batch.numbers, batch.encodings, values, strict=True)
            tokens |= {number: real_tokens(encoding.offsets, vectors) for number, encoding, vectors in found}
        return [tokens[number] for number in range(len(texts))]


class DocumentEncoder:
    """Encodes chunks of documents, as many batches at a time as `runtime` was loaded for."""

    def __init__(self, folder: Path, runtime: Runtime, workers: int) -> None:
        self._tokenised = Tokenised(folder)
        self._runtime = runtime
        self._ahead = 2 * workers
        self._pool = ThreadPoolExecutor(workers, "embedding")

    def encode(self, texts: Sequence[str], on_batch: Callable[[int], None] | None = None) -> Vectors:
        """Encode texts as documents, float32, shape (len(texts), dimension).

        `on_batch` is told the number of a text before its batch is handed to a core. It may wait, or end it by raising.
        """
        import numpy as np

        config = self._tokenised.config
        vectors: Vectors = np.empty((len(texts), config["dimension"]), np.float32)
        waiting: deque[tuple[_Batch, Future[Any]]] = deque()
        for batch in self._tokenised.batches([config["document_prompt"] + text for text in texts]):
            if on_batch:
                on_batch(batch.numbers[0])
            waiting.append((batch, self._pool.submit(self._runtime.run, batch.inputs)))
            if len(waiting) > self._ahead:
                _put(vectors, *waiting.popleft())
        for pair in waiting:
            _put(vectors, *pair)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)  # in less precision they are nearly of length 1
        return vectors


def _put(vectors: Vectors, batch: _Batch, computed: Future[Any]) -> None:
    vectors[batch.numbers] = computed.result()


def real_tokens(offsets: Sequence[tuple[int, int]], vectors: Any) -> Tokens:  # noqa: ANN401
    """Leave out the tokens that stand for no characters: those that open and close a text, and padding."""
    from index.embedder import Tokens

    kept = [number for number, (start, end) in enumerate(offsets) if end > start]
    return Tokens(vectors[kept], tuple(offsets[number] for number in kept))
