"""Pairs of texts -> scores, with a cross-encoder in a folder. Knows nothing of what the scores are for.

Only safetensors are loaded, only from this machine, and nothing in the folder is run.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from index.catalogue import model_path
from index.errors import ModelError, one_line
from index.weights import check_weights, read_config

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.floating[Any]]

ARCHITECTURE = "ForSequenceClassification"  # how the architecture of every such model ends
_TOKENS = 512  # read of a pair; a question and a passage have fewer
_TOGETHER = 8  # pairs at a stretch


class CrossEncoder:
    """A sequence classification model; `labels` are the names of its outputs. Its weights are loaded when first used.

    May be used by several threads, one at a time.
    """

    def __init__(self, folder: Path, labels: Sequence[str], threads: int = 0) -> None:
        self.folder = folder
        self.name = folder.name
        self.labels = tuple(labels)
        self._threads = threads or os.cpu_count() or 1
        self._lock = threading.Lock()

    @classmethod
    def open(cls, setting: str, threads: int = 0) -> CrossEncoder:
        """Open a fetched model by its name, or the folder of one.

        Raises ModelError when it is no such model, or can't be loaded, as far as that can be seen now.
        """
        folder = model_path(setting).resolve()
        config = _config(folder)
        architectures = [str(name) for name in config.get("architectures") or ["no architecture"]]
        if not is_cross_encoder(folder):
            raise ModelError(f"{folder} is not a cross-encoder: its config.json tells of {', '.join(architectures)}")
        if "auto_map" in config:
            raise ModelError(f"{folder} needs program code of its own, which is not run here")
        check_weights(folder)
        labels = config.get("id2label") or {str(number): "" for number in range(config.get("num_labels", 2))}
        return cls(folder, [str(labels[key]) for key in sorted(labels, key=int)], threads)

    def scores(self, pairs: Sequence[tuple[str, str]]) -> Floats:
        """Score pairs of texts: what the model puts out before any softmax, shape (len(pairs), len(self.labels)).

        Raises ModelError when the model can't be loaded.
        """
        import numpy as np

        found = np.zeros((len(pairs), len(self.labels)))
        order = sorted(range(len(pairs)), key=lambda number: -sum(map(len, pairs[number])))
        with self._lock:
            for start in range(0, len(order), _TOGETHER):
                numbers = order[start : start + _TOGETHER]
                found[numbers] = self._run([pairs[number] for number in numbers])
        return found

    def _run(self, pairs: Sequence[tuple[str, str]]) -> Floats:
        import torch

        tokenizer, model = self._loaded
        most = min(_TOKENS, tokenizer.model_max_length, getattr(model.config, "max_position_embeddings", _TOKENS))
        inputs = tokenizer(list(pairs), padding=True, truncation=True, max_length=most, return_tensors="pt")
        with torch.inference_mode():
            logits: Floats = model(**inputs).logits.numpy()
        return logits

    @cached_property
    def _loaded(self) -> tuple[Any, Any]:
        import torch
        from transformers import AutoModelForSequenceClassification, AutoTokenizer
        from transformers.utils import logging

        logging.disable_progress_bar()
        logging.set_verbosity_error()
        torch.set_num_threads(self._threads)
        local = {"local_files_only": True, "trust_remote_code": False}
        try:
            tokenizer = AutoTokenizer.from_pretrained(str(self.folder), **local)
            model, told = AutoModelForSequenceClassification.from_pretrained(
                str(self.folder), use_safetensors=True, dtype=torch.float32, output_loading_info=True, **local
            )
        except Exception as error:  # whatever transformers makes of a damaged file
            raise ModelError(f"{self.folder} can't be loaded as a cross-encoder: {one_line(str(error))}") from None
        if lacking := sorted(told["missing_keys"]):
            raise ModelError(f"{self.folder} can't be loaded as a cross-encoder: its weights lack {lacking[0]}")
        return tokenizer, model.eval()


def is_cross_encoder(folder: Path) -> bool:
    """Tell whether a folder's configuration is a sequence classification model's. Raises ModelError without one."""
    architectures = _config(folder).get("architectures") or []
    return any(str(name).endswith(ARCHITECTURE) for name in architectures)


def _config(folder: Path) -> dict[str, Any]:
    file = folder / "config.json"
    if not file.is_file():
        raise ModelError(f"{folder} is not a cross-encoder: it has no config.json")
    config: dict[str, Any] = read_config(file)
    return config
