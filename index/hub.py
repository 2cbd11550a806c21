"""Fetch models from the Hugging Face hub: each is there whole and verified, or not at all.

Files come into a staging folder beside the models, where an interrupted download is gone on with, and their sums are
checked; then the folder is renamed into place. huggingface_hub speaks to the hub (HF_ENDPOINT, HF_TOKEN and
HF_HUB_OFFLINE are its own), but the bytes are written here: its own downloads begin again with each run.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from index.amounts import amount
from index.catalogue import KnownModel, is_name
from index.errors import HubUnreachable, ModelError, UsageError
from index.models import sha256, write_atomically
from index.places import models_dir
from index.refusals import outdated, plainly

if TYPE_CHECKING:
    from huggingface_hub.hf_api import ModelInfo

ORIGIN = "origin.toml"  # of a fetched model: its repository, commit and sums. Not JSON: those are the model's own
_PROMPTS = "config_sentence_transformers.json"
_TIMEOUT_SECONDS = 30
_ATTEMPTS = 3  # in a row that brought nothing
_PAUSE_SECONDS = 1.0
_SPARE = 100_000_000  # bytes of the disk that are left free
# What a safetensors model consists of, and nothing that runs: weights, configuration, tokeniser, and those of its parts
_COMMON_LICENCES = {"apache-2.0", "mit"}  # the hub calls others as it likes
_HARMLESS = re.compile(r"(?:\d+_\w+/)?[\w-][\w.-]*\.(?:safetensors|json|txt|model)")


@dataclass(frozen=True, slots=True)
class HubFile:
    """A file at the hub: its size in bytes and its sum, the SHA-256 or, of small ones, git's."""

    path: str
    size: int
    sha256: str | None
    git: str | None

    def holds(self, file: Path) -> bool:
        """Tell whether a local file is this one."""
        if file.stat().st_size != self.size:
            return False
        if self.sha256:
            return sha256(file) == self.sha256
        blob = hashlib.sha1(b"blob %d\0" % self.size + file.read_bytes(), usedforsecurity=False)
        return blob.hexdigest() == self.git


@dataclass(frozen=True, slots=True)
class Download:
    """What is to be fetched of a model, and under which licence, as the hub tells it."""

    model: KnownModel
    files: tuple[HubFile, ...]
    licence: str | None

    @property
    def size(self) -> int:
        """Bytes of all its files."""
        return sum(file.size for file in self.files)

    @property
    def staging(self) -> Path:
        """Folder that it is fetched into."""
        return _staging(self.model.name) / self.model.revision

    @property
    def present(self) -> int:
        """Bytes that an interrupted run has left."""
        targets = (self.staging / _local(self.model, file) for file in self.files)
        return sum(_size(target) or _size(_part(target)) for target in targets)


def ask(model: KnownModel) -> Download:
    """Ask the hub for the files of a model, at the commit of the catalogue.

    Raises ModelError when it can't be reached, doesn't have them, or has others than the catalogue knows.
    """
    info = _info(model)
    listed = {sibling.rfilename: sibling for sibling in info.siblings or ()}
    if model.file not in listed:
        raise outdated(model)
    wanted = [model.file] if model.kind == "generator" else [path for path in listed if _HARMLESS.fullmatch(path)]
    files = []
    for path in wanted:
        entry = listed[path]
        if entry.size is None or not (entry.lfs or entry.blob_id):
            raise ModelError(f"the hub tells no size or no sum of {path} in {model.repository}; see: rag models check")
        files.append(HubFile(path, entry.size, entry.lfs.sha256 if entry.lfs else None, entry.blob_id))
    weights = next(file for file in files if file.path == model.file)
    if model.sha256 and weights.sha256 != model.sha256:
        raise ModelError(
            f"{model.file} in {model.repository} is not the file that the catalogue knows (its SHA-256 differs), so it "
            "is not fetched; see: rag models check"
        )
    # The small ones first: what tells that a model can't be used comes before its gigabytes.
    ordered = tuple(sorted(files, key=lambda file: file.size))
    return Download(model, ordered, _licence(info))


def differences(model: KnownModel) -> list[str]:
    """Tell where the catalogue and the hub differ about a model, and what only the hub knows.

    Raises ModelError when the hub can't be reached, or has no such repository or revision.
    """
    info = _info(model)
    entry = next((sibling for sibling in info.siblings or () if sibling.rfilename == model.file), None)
    if entry is None:
        return [f"there is no file {model.file}"]
    facts = {
        "size": (model.size, entry.size),
        "sha256": (model.sha256, entry.lfs.sha256 if entry.lfs else None),
        "gated": (model.gated, bool(info.gated)),
    }
    if model.licence.lower() in _COMMON_LICENCES or _licence(info) in _COMMON_LICENCES:
        facts["licence"] = (model.licence.lower(), _licence(info))
    return [f"{name} is {theirs} there, {ours} here" for name, (ours, theirs) in facts.items() if ours != theirs]


def fetch(download: Download, on_bytes: Callable[[int], object] = lambda count: None) -> Path:
    """Fetch a model, going on where an interrupted run stopped; return its folder. `on_bytes` is told what arrives.

    Raises ModelError when there is no space, the connection fails, the hub refuses, or a sum is wrong. What had come
    until then is kept for the next run, except files with wrong sums.
    """
    from filelock import FileLock, Timeout

    model, staging = download.model, download.staging
    with plainly(model, fetching=True):
        staging.mkdir(parents=True, exist_ok=True)
        try:
            lock = FileLock(_staging(model.name) / "lock").acquire(timeout=0)
        except Timeout:
            raise ModelError(f"{model.name} is being fetched by another rag") from None
        with lock:
            _check_space(download)
            for file in download.files:
                target = staging / _local(model, file)
                target.parent.mkdir(exist_ok=True)
                if not target.is_file():
                    _receive(download, file, target, on_bytes)
                if file.path == "config.json" and b'"auto_map"' in target.read_bytes():
                    raise ModelError(f"{model.repository} needs program code of its own, which is not run here")
            prompts = {"query": model.query_prompt, "document": model.document_prompt}
            if any(prompts.values()) and not (staging / _PROMPTS).is_file():
                write_atomically(staging / _PROMPTS, json.dumps({"prompts": prompts}).encode())
            write_atomically(staging / ORIGIN, _origin(download).encode())
            target = models_dir() / model.name
            if target.exists():  # of an older revision
                _delete(target)
            staging.replace(target)
        shutil.rmtree(_staging(model.name), ignore_errors=True)
    return target


def remove(name: str) -> int:
    """Delete a fetched model and what an interrupted download of it has left; return the bytes that are free again.

    Raises UsageError when there is nothing of this name.
    """
    folders = [folder for folder in (models_dir() / name, _staging(name)) if is_name(name) and folder.is_dir()]
    if not folders:
        raise UsageError(f"there is no fetched model {name}; see: rag models")
    size = 0
    for folder in folders:
        size += sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
        _delete(folder)
    return size


def _delete(folder: Path) -> None:
    """Delete a folder that is gone at once: what is half deleted isn't taken for a model."""
    gone = models_dir() / ".staging" / f"{folder.name}.gone"
    shutil.rmtree(gone, ignore_errors=True)
    gone.parent.mkdir(exist_ok=True)
    folder.rename(gone)
    shutil.rmtree(gone, ignore_errors=True)


def _info(model: KnownModel) -> ModelInfo:
    from huggingface_hub import HfApi, constants

    with plainly(model):
        try:
            return HfApi().model_info(
                model.repository, revision=model.revision, files_metadata=True, timeout=_TIMEOUT_SECONDS
            )
        except (ValueError, KeyError, TypeError):  # the page of a proxy, or of a network that wants a log-in
            raise HubUnreachable(
                f"what answers at {constants.ENDPOINT} is not a hub of models; check the network or HF_ENDPOINT"
            ) from None


def _licence(info: ModelInfo) -> str | None:
    told = info.card_data.get("license") if info.card_data else None
    return str(told).lower() if told else None


def _staging(name: str) -> Path:
    return models_dir() / ".staging" / name


def _local(model: KnownModel, file: HubFile) -> str:
    return Path(file.path).name if model.kind == "generator" else file.path


def _part(target: Path) -> Path:
    return target.with_name(f"{target.name}.part")


def _size(file: Path) -> int:
    return file.stat().st_size if file.is_file() else 0


def _check_space(download: Download) -> None:
    needed = download.size - download.present
    free = shutil.disk_usage(models_dir()).free
    if needed + _SPARE > free:
        raise ModelError(
            f"{download.model.name} needs {amount(needed)} more in {models_dir()}, where {amount(free)} are free and "
            f"{amount(_SPARE)} must stay so; make room, or set RAG_DATA_DIR to a folder on another disk"
        )


def _receive(download: Download, file: HubFile, target: Path, on_bytes: Callable[[int], object]) -> None:
    """Download one file beside its place, in as many attempts as bring something; check it, put it there."""
    import httpx2

    part = _part(target)
    vain = 0
    while (had := _size(part)) < file.size:
        failure: httpx2.TransportError = httpx2.ReadError("it ends too early")
        try:
            _append(download, file, part, on_bytes)
        except httpx2.TransportError as error:
            failure = error
            time.sleep(_PAUSE_SECONDS)
        vain = 0 if _size(part) > had else vain + 1
        if vain == _ATTEMPTS:
            raise failure
    if not file.holds(part):
        part.unlink()
        raise ModelError(
            f"{file.path} of {download.model.name} arrived damaged (its checksum is wrong) and was deleted; "
            f"try again: rag models get {download.model.name}"
        )
    part.replace(target)


def _append(download: Download, file: HubFile, part: Path, on_bytes: Callable[[int], object]) -> None:
    from huggingface_hub import hf_hub_url
    from huggingface_hub.utils import build_hf_headers, get_session, hf_raise_for_status

    have = _size(part)
    headers = {**build_hf_headers(), "Accept-Encoding": "identity"}
    if have:
        headers["Range"] = f"bytes={have}-"
    url = hf_hub_url(download.model.repository, file.path, revision=download.model.revision)
    with get_session().stream("GET", url, headers=headers, timeout=_TIMEOUT_SECONDS) as response:
        hf_raise_for_status(response)
        with part.open("ab" if response.status_code == 206 else "wb") as out:
            for block in response.iter_bytes():
                out.write(block)
                on_bytes(len(block))
            out.flush()
            os.fsync(out.fileno())


def _origin(download: Download) -> str:
    sums = [f"{json.dumps(file.path)} = {json.dumps(file.sha256 or file.git)}" for file in download.files]
    told = {
        "repository": download.model.repository,
        "commit": download.model.revision,
        "licence": download.model.licence,
    }
    return "\n".join([*(f"{key} = {json.dumps(value)}" for key, value in told.items()), "", "[sums]", *sums, ""])
