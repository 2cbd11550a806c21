"""What the folder of a model must hold before anything is loaded from it: whole safetensors, and no program code.

Other files of weights are pickles, which run whatever they like. Format of safetensors: an unsigned 64-bit length, a
header of that length in JSON, the tensors without a gap, https://github.com/huggingface/safetensors. Loads nothing.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from index.errors import ModelError

_HEADER_BYTES = 100_000_000  # as the library of the format has it
_OWN = "sentence_transformers."  # the package whose parts may be run
_PICKLE = "pytorch_model.bin"  # what sentence-transformers takes for a part without safetensors
_WHOLE, _PARTED = "model.safetensors", "model.safetensors.index.json"


def check_weights(folder: Path, *parts: Path) -> None:
    """Look whether a model has weights, in its folder or in those of its parts, and whether they are whole.

    Raises ModelError when one is damaged or incomplete, or when there is none in safetensors.
    """
    found = [file for place in dict.fromkeys((folder, *parts)) for file in sorted(place.glob("*.safetensors"))]
    if not found:
        raise ModelError(
            f"{folder} has no weights in safetensors; other files may run code and aren't loaded: "
            "take a version of the model that has them"
        )
    for file in found:
        if problem := _problem(file):
            raise ModelError(f"{file} is damaged or incomplete: {problem}; fetch it again")
    if (folder / _PARTED).is_file():
        files = read_config(folder / _PARTED).get("weight_map")
        lacking = sorted({str(name) for name in files.values()}) if isinstance(files, dict) else []
        if lacking := [name for name in lacking if not (folder / name).is_file()]:
            raise ModelError(f"{folder} is incomplete: there is no {lacking[0]}; fetch it again")


def check_embedder(folder: Path) -> None:
    """Look whether the folder of a sentence-transformers model can be loaded, without any code but that package's.

    Raises ModelError, naming the folder, as far as it can be seen without loading it.
    """
    if not (folder / "modules.json").is_file() and not (folder / "config.json").is_file():
        raise ModelError(f"{folder} is not an embedding model: it has neither modules.json nor config.json")
    if not (folder / "tokenizer.json").is_file():
        raise ModelError(f"{folder} has no tokenizer.json; save the model with a current sentence-transformers")
    if (folder / "config.json").is_file() and "auto_map" in read_config(folder / "config.json"):
        raise ModelError(f"{folder} needs program code of its own, which is not run here")
    parts = list(_parts(folder))
    if foreign := [kind for kind, _ in parts if not kind.startswith(_OWN)]:
        raise ModelError(f"{folder} needs program code of its own ({foreign[0]}), which is not run here")
    for _, part in parts:
        if (part / _PICKLE).is_file() and not any((part / name).is_file() for name in (_WHOLE, _PARTED)):
            check_weights(part)
    check_weights(folder, *(part for _, part in parts))


def _parts(folder: Path) -> Iterator[tuple[str, Path]]:
    """Yield the class and the folder of each part of a model, those that a router chooses from among them."""
    if not (folder / "modules.json").is_file():
        return
    listed = read_config(folder / "modules.json", list)
    if not listed or not all(isinstance(entry, dict) and isinstance(entry.get("path"), str) for entry in listed):
        raise ModelError(f"{folder / 'modules.json'} is damaged: it doesn't tell the parts of a model")
    for entry in listed:
        part = folder / entry["path"]
        yield str(entry.get("type")), part
        for name in ("router_config.json", "config.json"):  # the second in older versions
            routes = read_config(part / name).get("types") if (part / name).is_file() else None
            for route, kind in routes.items() if isinstance(routes, dict) else ():
                yield str(kind), part / route


def _problem(file: Path) -> str | None:
    """Say what is wrong with a file of safetensors, as far as its header tells."""
    size = file.stat().st_size
    with file.open("rb") as opened:
        start = opened.read(8)
        length = struct.unpack("<Q", start)[0] if len(start) == 8 else _HEADER_BYTES + 1
        if length > min(_HEADER_BYTES, size - 8):
            return "it ends within its header"
        try:
            header = json.loads(opened.read(length))
            ends = [entry["data_offsets"][1] for name, entry in header.items() if name != "__metadata__"]
            end = 8 + length + max(ends, default=0)
        except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError):
            return "its header can't be read"
    return None if end == size else f"its tensors take {end} bytes, it has {size}"


def read_config(file: Path, kind: type = dict) -> Any:  # noqa: ANN401
    """Read a file of JSON that belongs to a model. Raises ModelError when it can't be read, or is of another type."""
    try:
        told = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        told = None
    if not isinstance(told, kind):
        raise ModelError(f"{file} is not the configuration of a model: it is damaged")
    return told
