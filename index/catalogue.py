"""The models that are known by name (`catalogue.toml`), and those that were fetched. Fetches none: index/hub.py does.

A name stands wherever a setting takes the path of a model; `model_path` tells which file or folder it means.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Literal

from index.errors import ModelError, UsageError
from index.places import models_dir
from index.toml import read_toml

CATALOGUE = Path(__file__).with_name("catalogue.toml")
Kind = Literal["generator", "embedder", "reranker", "entailment"]
Fit = Literal["fits", "slow", "too big"]

# What a core can do without making people wait: a generator, about half a minute for an answer (measured on two cores
# with the packaged one, and in proportion); an encoder, a few passages a second while indexing. In millions.
_GENERATOR_PER_CORE = 500
_ENCODER_PER_CORE = 150
_SHARE = 0.7  # of the memory: the rest is for the library, the browser and the system


@dataclass(frozen=True, slots=True)
class KnownModel:
    """An entry of the catalogue, whose file tells what each field means."""

    name: str
    kind: Kind
    repository: str
    revision: str
    file: str
    parameters: int
    languages: str
    licence: str
    good_for: str
    size: int | None = None
    sha256: str | None = None
    active: int | None = None
    query_prompt: str = ""
    document_prompt: str = ""
    gated: bool = False
    verified: bool = False

    @property
    def memory(self) -> int:
        """Estimate of the memory in bytes that it takes to run.

        A GGUF file is run as it is, beside what it remembers of the prompt; the others are run in float32 by torch.
        """
        if self.kind == "generator":
            return int((self.size or 0) * 1.1 + 0.6e9)
        return int(self.parameters * 4e6 + 0.8e9)

    def other_licence(self, told: str | None) -> str | None:
        """Return the licence that the hub tells, where it is another than that of the catalogue."""
        return told if told and told.lower() != self.licence.lower() else None

    def fit(self, machine: Machine) -> Fit:
        """Tell whether it runs on a machine, and quickly enough to be used."""
        if self.memory > machine.memory * _SHARE:
            return "too big"
        per_core = _GENERATOR_PER_CORE if self.kind == "generator" else _ENCODER_PER_CORE
        return "slow" if (self.active or self.parameters) > per_core * machine.cores else "fits"


@dataclass(frozen=True, slots=True)
class Machine:
    """What a model may use: memory in bytes, and processor cores."""

    memory: int
    cores: int

    @classmethod
    def this(cls) -> Machine:
        """Return this machine, or what a container leaves of it; on Windows, as if there were memory enough."""
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") if hasattr(os, "sysconf") else sys.maxsize
        limit = Path("/sys/fs/cgroup/memory.max")
        allowed = limit.read_text().strip() if limit.is_file() else "max"
        cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        return cls(min(memory, int(allowed)) if allowed.isdigit() else memory, cores)


def known_models() -> dict[str, KnownModel]:
    """Return the catalogue by name, in its order."""
    entries = (KnownModel(**entry) for entry in read_toml(CATALOGUE)["model"])
    return {entry.name: entry for entry in entries}


def known_model(name: str) -> KnownModel:
    """Return an entry. Raises UsageError when there is none, with the nearest name."""
    known = known_models()
    if name not in known:
        raise UsageError(f"no model is called {name}; {nearest(name, known)}")
    return known[name]


def nearest(name: str, names: Iterable[str]) -> str:
    """Say which of the names may have been meant, or where they are listed."""
    near = get_close_matches(name, names, 1)
    return f"did you mean {near[0]}?" if near else "see: rag models"


def is_name(setting: str) -> bool:
    """Tell whether a setting is written as a name, not as a path."""
    return Path(setting).name == setting and not setting.startswith((".", "~"))


def fetched(name: str) -> Path | None:
    """Return the file or folder of a fetched model: of a generator its GGUF file, of any other its folder."""
    folder = models_dir() / name
    if not is_name(name) or not folder.is_dir():
        return None
    return next(iter(sorted(folder.glob("*.gguf"))), folder)


def all_fetched() -> set[str]:
    """Return the names of the models that are here, and of those that somebody put into their folder."""
    return {path.name for path in models_dir().glob("[!.]*") if path.is_dir()}


def model_path(setting: str) -> Path:
    """Resolve what a setting says of a model: the name of a fetched one, or the path of any.

    Raises ModelError for a name of the catalogue that isn't fetched yet.
    """
    path = Path(setting).expanduser()
    if not is_name(setting):
        return path
    found = fetched(setting)
    if found or path.exists():
        return found or path
    known = known_models()
    if setting in known:
        raise ModelError(f"the model {setting} isn't here yet; run: rag models get {setting}")
    if near := get_close_matches(setting, known, 1, cutoff=0.8):
        raise ModelError(f"there is no model {setting}; did you mean {near[0]}?")
    return path
