"""Export an embedding model to ONNX, and run the export with onnxruntime and tokenizers alone.

The whole sentence-transformers pipeline is exported (transformer, pooling, any dense layer), normalised at the end,
so nothing about a particular model is known here. The files live in the cache folder under the model's fingerprint.
"""

from __future__ import annotations

import json
import logging
import shutil
import tempfile
import time
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from index.places import cache_dir

if TYPE_CHECKING:
    from index.embedder import Tokens, Vectors

logger = logging.getLogger(__name__)

_INPUTS = ("input_ids", "attention_mask", "token_type_ids")
_CHECKS = ("What is this?", "A second, rather longer text that makes the batch ragged: one, two, three.")
_MIN_COSINE = 0.9995
_STALE_SECONDS = 3600
_BATCH_TOKENS = 4096
_VERSION = 2  # raise when the export's form changes: older ones are then made again


def export_folder(fingerprint: str) -> Path:
    """Folder of a model's export."""
    return cache_dir() / "onnx" / f"{fingerprint}-{_VERSION}"


def exported(fingerprint: str) -> Path | None:
    """Return the folder of a finished export, None if there is none (or the model can't be exported)."""
    folder = export_folder(fingerprint)
    return folder if (folder / "config.json").is_file() else None


def attempted(fingerprint: str) -> bool:
    """Tell whether a model was exported, or found to be impossible to export."""
    return exported(fingerprint) is not None or _failure_note(fingerprint).is_file()


def _failure_note(fingerprint: str) -> Path:
    return export_folder(fingerprint).with_suffix(".failed")


def export(model: Any, source: Path, fingerprint: str) -> Path | None:  # noqa: ANN401 - a SentenceTransformer
    """Export `model`, whose files are in `source`; return its folder, or None when it can't be exported.

    The export is compared with the model before it is put in place, and it appears whole or not at all.
    """
    target = export_folder(fingerprint)
    target.parent.mkdir(parents=True, exist_ok=True)
    for leftover in target.parent.glob("making-*"):  # of a process that was killed
        if time.time() - leftover.stat().st_mtime > _STALE_SECONDS:
            shutil.rmtree(leftover, ignore_errors=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix="making-") as temporary:
        folder = Path(temporary) / "export"
        folder.mkdir()
        try:
            _write(model, source, folder)
            _compare(model, folder)
        except Exception as error:  # torch.onnx raises anything; without an export all still works
            logger.debug("ONNX export failed: %s", error)
            _failure_note(fingerprint).write_text(f"{error}\n")
            return None
        shutil.rmtree(target, ignore_errors=True)
        folder.rename(target)
    return target


def _write(model: Any, source: Path, folder: Path) -> None:  # noqa: ANN401
    import torch

    sample = model.preprocess(list(_CHECKS))
    names = [name for name in _INPUTS if name in sample]

    class Pipeline(torch.nn.Module):  # type: ignore[misc]  # torch is not type-checked: it takes minutes
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(
            self,
            input_ids: torch.Tensor,
            attention_mask: torch.Tensor,
            token_type_ids: torch.Tensor | None = None,
        ) -> tuple[torch.Tensor, torch.Tensor]:
            values = zip(_INPUTS, (input_ids, attention_mask, token_type_ids), strict=True)
            encoded = self.model({name: value for name, value in values if value is not None})
            normalize = torch.nn.functional.normalize
            return normalize(encoded["sentence_embedding"], dim=-1), normalize(encoded["token_embeddings"], dim=-1)

    batch, tokens = torch.export.Dim("batch"), torch.export.Dim("tokens")
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)  # it tells of missing torchvision, which we don't use
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            Pipeline().eval(),
            (),
            str(folder / "model.onnx"),
            kwargs={name: sample[name] for name in names},
            input_names=names,
            output_names=["vectors", "tokens"],
            dynamic_shapes={name: {0: batch, 1: tokens} for name in names},
            external_data=False,
            dynamo=True,
            verbose=False,
        )
    shutil.copy(source / "tokenizer.json", folder / "tokenizer.json")
    config = {
        "inputs": names,
        "max_tokens": model.max_seq_length,
        "query_prompt": (model.prompts or {}).get("query", ""),
    }
    (folder / "config.json").write_text(json.dumps(config))


def _compare(model: Any, folder: Path) -> None:  # noqa: ANN401
    ours = OnnxEmbedder(folder, threads=1).encode(_CHECKS)
    theirs = model.encode_query(list(_CHECKS), normalize_embeddings=True, show_progress_bar=False)
    worst = float((ours * theirs).sum(axis=1).min())
    if worst < _MIN_COSINE:
        raise ValueError(f"the export differs from the model: cosine {worst:.4f}")


class OnnxEmbedder:
    """An exported model: encodes questions within milliseconds, 0.2 s from process start."""

    def __init__(self, folder: Path, threads: int) -> None:
        import onnxruntime
        from tokenizers import Tokenizer

        config = json.loads((folder / "config.json").read_text())
        self._inputs: list[str] = config["inputs"]
        self._prompt: str = config["query_prompt"]
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.enable_truncation(config["max_tokens"])
        self._tokenizer.enable_padding()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.log_severity_level = 3
        # Its threads would go on spinning after the work is done, on the cores that the language model needs next.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        self._session = onnxruntime.InferenceSession(
            str(folder / "model.onnx"), options, providers=["CPUExecutionProvider"]
        )

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Encode texts as questions, float32, shape (len(texts), dimension)."""
        import numpy as np

        vectors: dict[int, Any] = {}
        for batch, encodings in self._batches([self._prompt + text for text in texts]):
            vectors |= zip(batch, self._run("vectors", encodings), strict=True)
        width = self._session.get_outputs()[0].shape[-1]
        return np.array([vectors[i] for i in range(len(texts))], dtype=np.float32).reshape(len(texts), width)

    def encode_tokens(self, texts: Sequence[str]) -> list[Tokens]:
        """Encode each token of the texts, in its context."""
        tokens: dict[int, Tokens] = {}
        for batch, encodings in self._batches(texts):
            for i, encoding, vectors in zip(batch, encodings, self._run("tokens", encodings), strict=True):
                tokens[i] = real_tokens(encoding.offsets, vectors)
        return [tokens[i] for i in range(len(texts))]

    def _batches(self, texts: Sequence[str]) -> Iterator[tuple[list[int], list[Any]]]:
        """Tokenise texts in batches of similar length, for padding is computed like any token."""
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
        while order:
            batch: list[int] = []
            longest = 0
            while order and (not batch or longest * len(batch) < _BATCH_TOKENS):
                batch.append(order.pop())
                longest = longest or len(texts[batch[0]]) // 3 + 1
            yield batch, self._tokenizer.encode_batch([texts[i] for i in batch])

    def _run(self, output: str, encodings: Sequence[Any]) -> Any:  # noqa: ANN401 - an array
        import numpy as np

        arrays = {
            "input_ids": np.array([e.ids for e in encodings], dtype=np.int64),
            "attention_mask": np.array([e.attention_mask for e in encodings], dtype=np.int64),
            "token_type_ids": np.array([e.type_ids for e in encodings], dtype=np.int64),
        }
        return self._session.run([output], {name: arrays[name] for name in self._inputs})[0]


def real_tokens(offsets: Sequence[tuple[int, int]], vectors: Any) -> Tokens:  # noqa: ANN401
    """Leave out the tokens that stand for no characters: those that open and close a text, and padding."""
    from index.embedder import Tokens

    kept = [i for i, (start, end) in enumerate(offsets) if end > start]
    return Tokens(vectors[kept], tuple(offsets[i] for i in kept))
