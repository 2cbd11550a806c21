"""Export an embedding model to ONNX: what runs it then needs neither torch nor sentence-transformers.

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
from pathlib import Path
from typing import Any

from index.encoder import DocumentEncoder, QuestionEncoder
from index.places import cache_dir
from index.runtimes import OnnxRuntime

logger = logging.getLogger(__name__)

_INPUTS = ("input_ids", "attention_mask", "token_type_ids")
_CHECKS = ("What is this?", "A second, rather longer text that makes the batch ragged: one, two, three.")
_DOCUMENT_PROMPTS = ("document", "passage", "corpus")  # as sentence-transformers looks for one
_MIN_COSINE = 0.9995
_STALE_SECONDS = 3600
_VERSION = 4  # raise when the export's form changes: older ones are then made again


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

    for module in model.modules():
        if hasattr(module, "set_attn_implementation"):  # the usual one guards against texts without a token, at a price
            module.set_attn_implementation("eager")
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
            external_data=True,  # so that the weights are mapped, and the words nobody uses stay on the disk
            dynamo=True,
            verbose=False,
        )
    shutil.copy(source / "tokenizer.json", folder / "tokenizer.json")
    prompts = model.prompts or {}
    config = {
        "inputs": names,
        "max_tokens": model.max_seq_length,
        "dimension": model.get_embedding_dimension(),
        "query_prompt": prompts.get("query", ""),
        "document_prompt": next((prompts[name] for name in _DOCUMENT_PROMPTS if name in prompts), ""),
    }
    (folder / "config.json").write_text(json.dumps(config))


def _compare(model: Any, folder: Path) -> None:  # noqa: ANN401
    ways = (
        (QuestionEncoder(folder, threads=1), model.encode_query),
        (DocumentEncoder(folder, OnnxRuntime(folder), workers=1), model.encode_document),
    )
    for ours, theirs in ways:
        same = ours.encode(_CHECKS) * theirs(list(_CHECKS), normalize_embeddings=True, show_progress_bar=False)
        worst = float(same.sum(axis=1).min())
        if not worst >= _MIN_COSINE:  # nor when it is no number
            raise ValueError(f"the export differs from the model: cosine {worst:.4f}")
