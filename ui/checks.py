"""What `rag doctor` looks at: one small function for each thing, which yields what it found.

None loads a model. None asks anything of the network, but that a server which the settings name as generator is tried
for a connection, and sent nothing.
"""

from __future__ import annotations

import platform
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from index.amounts import amount
from index.errors import LibraryBusy, LibraryMissing, ModelError
from index.extras import ocr_version
from rag.address import is_address, recipient
from rag.settings import NONE, Settings

PATIENCE = 20.0  # seconds that a check may take; a network drive that is gone keeps whoever looks at it for ever
_INTEGRITY_SECONDS = 5.0
_CONNECT_SECONDS = 2.0
_LEAST = 300_000_000  # bytes of a disk below which nothing works for long
_LITTLE = 2_000_000_000
_FEATURES = {
    "avx2": "AVX2",
    "avx512_vnni": "AVX-512 VNNI",
    "avx_vnni": "AVX-VNNI",
    "avx512_bf16": "bfloat16",
    "amx_tile": "AMX",
    "asimd": "NEON",
    "asimddp": "dot products",
    "i8mm": "int8 products",
    "sve": "SVE",
    "bf16": "bfloat16",
}

State = Literal["ok", "note", "problem"]


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found, and what to do about it; nothing where it is fine."""

    state: State
    found: str
    remedy: str = ""


Findings = Iterator[Finding]


# --- the installation -------------------------------------------------------------------------------------------------


def packages(_: Settings) -> Findings:
    """Look whether what this program needs is installed, in the versions that it needs."""
    from packaging.requirements import Requirement

    python = f"Python {platform.python_version()}"
    try:
        needed = [Requirement(line) for line in requires("chapterverse") or ()]
    except PackageNotFoundError:
        yield Finding("note", f"{python}; chapterverse is run from its folder, not installed", "pip install .")
        return
    needed = [one for one in needed if one.marker is None or one.marker.evaluate({"extra": ""})]
    wrong: dict[str, str] = {}
    for one in needed:
        try:
            installed = version(one.name)
        except PackageNotFoundError:
            wrong[f"{one.name} is missing"] = f"{one.name}{one.specifier}"
            continue
        if not one.specifier.contains(installed, prereleases=True):
            wrong[f"{one.name} {installed} is not {one.specifier}"] = f"{one.name}{one.specifier}"
    if wrong:
        yield Finding("problem", ", ".join(wrong), f"pip install {' '.join(repr(name) for name in wrong.values())}")
    else:
        yield Finding("ok", f"{python} and {len(needed)} packages, in the versions that are needed")


def ocr(_: Settings) -> Findings:
    """Look whether the words on scanned pages can be recognised."""
    if found := ocr_version():
        yield Finding("ok", f"scanned pages and pictures are read, by rapidocr {found}")
    else:
        yield Finding("note", "scanned pages and pictures are named, not read", "pip install 'chapterverse[ocr]'")


def llama(settings: Settings) -> Findings:
    """Look whether llama.cpp can be loaded on this machine at all; which takes no model."""
    if _writes_here(settings):
        ran = subprocess.run(
            [sys.executable, "-c", "import llama_cpp; print(llama_cpp.__version__)"],
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            timeout=PATIENCE,
            check=False,
        )
        if ran.returncode:
            lines = ran.stderr.strip().splitlines() or [f"status {ran.returncode}"]
            remedy = "pip install --force-reinstall --no-cache-dir --no-deps llama-cpp-python"
            yield Finding("problem", f"llama.cpp can't be loaded: {lines[-1]}", remedy)
        else:
            yield Finding("ok", f"llama.cpp {ran.stdout.strip()} (llama-cpp-python)")


# --- the models -------------------------------------------------------------------------------------------------------


def embedder(settings: Settings) -> Findings:
    """Look whether the embedding model is there and whole, and what runs it."""
    from index.embedder import EmbeddingModel, runtime_of
    from index.export import attempted, exported

    model = EmbeddingModel.open(settings.embedder, settings.threads)
    runtime = runtime_of(model.fingerprint)
    if runtime:
        yield Finding("ok", f"{model.name} finds, run by {runtime}")
    elif exported(model.fingerprint):
        yield Finding("ok", f"{model.name} finds; what runs it fastest is measured at the first rag index")
    elif attempted(model.fingerprint):
        yield Finding("note", f"{model.name} can't be exported to ONNX", "each command loads it whole, some seconds")
    else:
        yield Finding("ok", f"{model.name} finds; it is prepared for quick use at the first rag index, about 30 s")


def generator(settings: Settings) -> Findings:
    """Look whether the language model is there, and has run here; a server, whether anything listens at its address."""
    from rag.generator import LlamaGenerator, open_generator

    if not settings.writes:
        yield Finding("ok", "no language model is used: answers are quotations")
        return
    model = open_generator(settings.generator)
    if not isinstance(model, LlamaGenerator):
        yield _server(model.url)
    elif model.is_probed:
        yield Finding("ok", f"{model.name} writes; it has run on this machine")
    else:
        yield Finding("ok", f"{model.name} writes; whether it runs on this machine is tried before the first answer")


def _server(url: str) -> Finding:
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        socket.create_connection((parts.hostname or "", port), _CONNECT_SECONDS).close()
    except OSError as error:
        reason = error.strerror or str(error)
        return Finding("problem", f"no server at {url} ({reason})", "start it, or: rag models use packaged")
    if host := recipient(url):
        return Finding("note", f"a server answers at {url}", f"questions and quoted passages are sent to {host}")
    return Finding("ok", f"a server answers at {url}")


def reranker(settings: Settings) -> Findings:
    """Look whether the model that ranks again is there and whole, if one is chosen."""
    from rag.rerank import ranking_model

    if settings.reranker != NONE:
        yield Finding("ok", f"{ranking_model(settings.reranker).name} ranks again")


def entailment(settings: Settings) -> Findings:
    """Look whether the model that checks what is written is there and whole, if one is chosen."""
    from rag.entailment import Entailment

    if settings.entailment == NONE:
        return
    if settings.writes:
        yield Finding("ok", f"{Entailment.open(settings.entailment).name} checks what is written")
    else:
        yield Finding("ok", "the model that is chosen isn't needed: no language model writes")


# --- this machine -----------------------------------------------------------------------------------------------------


def processor(_: Settings) -> Findings:
    """Tell what the processor has that models are fast with."""
    from index.catalogue import Machine

    cores = Machine.this().cores
    told = f"{platform.machine()}, {cores} {'core' if cores == 1 else 'cores'}"
    try:
        yield features(told, Path("/proc/cpuinfo").read_text())
    except OSError:  # only Linux tells
        yield Finding("ok", told)


def features(told: str, cpuinfo: str) -> Finding:
    """Tell what /proc/cpuinfo announces, after the words that are told already."""
    lines = [line for line in cpuinfo.splitlines() if line.startswith(("flags", "Features"))]
    flags = set(lines[0].partition(":")[2].split()) if lines else set()
    names = list(dict.fromkeys(name for flag, name in _FEATURES.items() if flag in flags))
    told = f"{told}{''.join(f', {name}' for name in names)}"
    if flags and not flags & {"avx2", "asimd"}:
        return Finding("note", f"{told}: neither AVX2 nor NEON", "models are several times slower; take small ones")
    return Finding("ok", told)


def memory(settings: Settings) -> Findings:
    """Compare the memory that is free with what the models take."""
    from index.embedder import EmbeddingModel
    from rag.crossencoder import CrossEncoder
    from rag.generator import LlamaGenerator
    from rag.memory import available

    try:
        folders = [EmbeddingModel.open(settings.embedder).folder]
        if settings.reranker != NONE:
            folders.append(CrossEncoder.open(settings.reranker).folder)
        if settings.entailment != NONE and settings.writes:
            folders.append(CrossEncoder.open(settings.entailment).folder)
        needed = sum(file.stat().st_size for folder in folders for file in folder.rglob("*.safetensors"))
        if _writes_here(settings):
            needed += LlamaGenerator.open(settings.generator).memory
    except ModelError:  # which the checks of the models tell
        return
    free = available()
    if free is None:
        yield Finding("ok", f"the models take about {amount(needed)}; how much is free isn't told here")
    elif free < needed:
        told = f"{amount(free)} free, the models take about {amount(needed)}"
        yield Finding("problem", told, "close other programs, or take a smaller model: rag models")
    else:
        yield Finding("ok", f"{amount(free)} free, the models take about {amount(needed)}")


def disk(_: Settings) -> Findings:
    """Look whether the folders can be written, and how much room there is."""
    from index.places import cache_dir, data_dir

    for what, folder, variable in (("data", data_dir(), "RAG_DATA_DIR"), ("cache", cache_dir(), "RAG_CACHE_DIR")):
        elsewhere = f"set {variable} to another folder"
        try:
            free = _room(folder)
        except OSError as error:
            yield Finding("problem", f"can't write to the {what} folder {folder}: {error.strerror}", elsewhere)
            continue
        told = f"{amount(free)} free for the {what} folder {folder}"
        if free < _LEAST:
            yield Finding("problem", told, f"make room, or {elsewhere}")
        elif free < _LITTLE:
            yield Finding("note", told, "enough for documents, hardly for another model")
        else:
            yield Finding("ok", told)


def _room(folder: Path) -> int:
    """Return the bytes free where a folder is or would be. Raises OSError when nothing can be written there."""
    there = next(place for place in (folder, *folder.absolute().parents) if place.exists())
    if not there.is_dir():
        raise NotADirectoryError(0, f"{there} is a file")
    tempfile.TemporaryFile(dir=there).close()
    return shutil.disk_usage(there).free


def port(_: Settings) -> Findings:
    """Look whether `rag web` would find its port free."""
    from ui.web import LOOPBACK, PORT, listen

    with closing(listen(LOOPBACK, None)) as listener:
        got = listener.getsockname()[1]
    if got == PORT:
        yield Finding("ok", f"{PORT} is free for rag web")
    else:
        yield Finding("note", f"{PORT} is taken", f"rag web takes {got}, or the one that --port names")


# --- the library ------------------------------------------------------------------------------------------------------


def library(settings: Settings) -> Findings:
    """Look whether the library can be read, by the models that are set, and what it lacks."""
    from index.embedder import EmbeddingModel
    from index.library import Library
    from index.switch import own_model
    from ui.render import is_no_document

    folder = settings.library_folder
    try:
        opened = Library.open(folder)
    except LibraryMissing:
        yield Finding("note", f"none at {folder} yet", "rag index FOLDER")
        return
    with closing(opened):
        store = opened.store
        documents, chunks = store.counts()
        yield Finding("ok", f"{documents} documents in {chunks} passages, format {store.version}, at {folder}")
        yield _integrity(store.damage(_INTEGRITY_SECONDS), folder)
        problems = [(file.path, file.problem) for file in store.files().values() if file.problem]
        if failed := sum(not is_no_document(*one) for one in problems):
            yield Finding("note", f"{failed} {'file' if failed == 1 else 'files'} could not be read", "rag status")
        if not opened.vectors_are_kept:
            yield Finding("note", "its vectors are to be gathered in a file", "the next command does so")
        if store.read_only:
            yield Finding("note", f"{folder} can only be read", "copy it to where it can be written to add documents")
        else:
            try:
                with opened.writing():
                    pass
            except LibraryBusy as busy:
                yield Finding("note", str(busy))
        with suppress(ModelError):  # which the check of the embedder tells
            model = EmbeddingModel.open(settings.embedder)
            own = own_model(opened, model)
            if own is not model:
                told = f"{own.name} finds the passages until they are embedded with {model.name}"
                yield Finding("note", told, f"rag index --library {folder}")


def _integrity(damage: list[str] | None, folder: Path) -> Finding:
    if damage is None:
        return Finding("ok", f"no damage found in the first {_INTEGRITY_SECONDS:.0f} seconds of looking")
    if damage:
        return Finding("problem", f"its file is damaged ({damage[0]})", f"delete {folder} and run rag index again")
    return Finding("ok", "its file is undamaged")


CHECKS: dict[str, Callable[[Settings], Findings]] = {
    "packages": packages,
    "OCR": ocr,
    "llama.cpp": llama,
    "embedder": embedder,
    "generator": generator,
    "reranker": reranker,
    "entailment": entailment,
    "processor": processor,
    "memory": memory,
    "disk": disk,
    "library": library,
    "port": port,
}


def _writes_here(settings: Settings) -> bool:
    return settings.writes and not is_address(settings.generator)
