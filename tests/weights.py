"""Files of safetensors made by hand, for folders of models that are looked at and never loaded."""

from __future__ import annotations

import json
import struct
from pathlib import Path


def safetensors(file: Path, count: int = 2) -> Path:
    """Write a file of one tensor of `count` numbers, all of them 0, in its folder."""
    told = json.dumps({"weight": {"dtype": "F32", "shape": [count], "data_offsets": [0, 4 * count]}}).encode()
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("wb") as opened:  # the tensor is a hole, which takes no room
        opened.truncate(opened.write(struct.pack("<Q", len(told)) + told) + 4 * count)
    return file


def embedder(folder: Path) -> Path:
    """Write what the folder of an embedding model is known by."""
    safetensors(folder / "model.safetensors")
    (folder / "config.json").write_text('{"architectures": ["BertModel"]}')
    (folder / "tokenizer.json").write_text("{}")
    return folder


def reranker(folder: Path) -> Path:
    """Write what the folder of a reranker is known by."""
    config = {"architectures": ["BertForSequenceClassification"], "id2label": {"0": "LABEL_0"}}
    embedder(folder)
    (folder / "config.json").write_text(json.dumps(config))
    return folder
