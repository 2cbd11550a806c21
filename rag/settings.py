"""The few things a user may set, and where each value comes from.

The later wins: defaults < rag.toml of the user's data folder < rag.toml of the current folder < RAG_* < flags.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, fields, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from index.errors import ModelError, SettingsError
from index.models import PACKAGED, write_atomically
from index.places import data_dir, library_folder
from index.toml import read_toml
from rag.address import check_address, means_address

FILE = "rag.toml"
NONE = "none"  # as settings name no model
_PREFIX = "RAG_"
# Read elsewhere, and no settings of an answer: where files live (index.places), who may see the page (ui.cli), and
# what opens a server (rag.server), which belongs in no file.
_ELSEWHERE = {"RAG_DATA_DIR", "RAG_CACHE_DIR", "RAG_WEB_PASSWORD", "RAG_API_KEY"}


@dataclass(frozen=True, slots=True)
class Settings:
    """What can be set.

    library    name of a library in the user's data folder, or the path of one
    embedder   "packaged", a name of `rag models`, or the folder of a sentence-transformers model
    generator  "packaged", "none", a name of `rag models`, the path of a GGUF file, or the address of a server
    reranker   "none", a name of `rag models`, or the folder of a cross-encoder
    entailment "none", a name of `rag models`, or the folder of a cross-encoder
    answer     "written": the model writes, checked sentence by sentence; "quotes": the evidence alone; "auto": the
               model writes, the packaged one only where it is known to be able to
    threads    processor threads, 0 for all
    """

    library: str = "default"
    embedder: str = PACKAGED
    generator: str = PACKAGED
    reranker: str = NONE
    entailment: str = NONE
    answer: str = "auto"
    threads: int = 0

    def __post_init__(self) -> None:
        if self.answer not in ("auto", "written", "quotes"):
            raise SettingsError(f'answer must be "auto", "written" or "quotes", not {self.answer!r}')
        if isinstance(self.threads, bool) or not isinstance(self.threads, int) or self.threads < 0:
            raise SettingsError(f"threads must be a whole number, 0 for all, not {self.threads!r}")
        for name in ("library", "embedder", "generator", "reranker", "entailment"):
            value = getattr(self, name)
            if not isinstance(value, str) or not value.strip():
                raise SettingsError(f"{name} must be a text, not {value!r}")
        if means_address(self.generator):
            try:
                check_address(self.generator)
            except ModelError as error:
                raise SettingsError(f"generator: {error}") from None

    @property
    def writes(self) -> bool:
        """Whether a language model has a say in answers."""
        return self.answer != "quotes" and self.generator != NONE

    @property
    def library_folder(self) -> Path:
        """Folder of the library."""
        return library_folder(self.library)


def load_settings(
    flags: Mapping[str, Any] | None = None,
    environment: Mapping[str, str] | None = None,
    file: Path | None = None,
) -> Settings:
    """Put the settings together, from the files (`file` for the current folder's), the environment and the flags.

    Flags that are None are not given. Raises SettingsError for an unknown name or an impossible value, naming where it
    stands and the nearest known name.
    """
    settings = Settings()
    for values, source, prefix in _layers(flags, environment, file):
        settings = _apply(settings, values, source, prefix)
    return settings


def sources(flags: Mapping[str, Any] | None = None) -> dict[str, str]:
    """Tell where each value of `load_settings` comes from."""
    found = {field.name: "default" for field in fields(Settings)}
    for values, source, _ in _layers(flags, None, None):
        found |= dict.fromkeys(values, source)
    return found


@dataclass(frozen=True, slots=True)
class Told:
    """A setting as people are shown it: its value, and the file or other place that this comes from."""

    name: str
    value: str
    origin: str


def told(flags: Mapping[str, Any] | None = None) -> list[Told]:
    """List every setting of `load_settings`. Raises SettingsError as it does."""
    origins = sources(flags)
    return [Told(name, str(value), origins[name]) for name, value in asdict(load_settings(flags)).items()]


def user_file() -> Path:
    """File of the settings that hold in every folder."""
    return data_dir() / FILE


def remember(values: Mapping[str, str | None]) -> Path:
    """Write settings into the user's file, take those that are None out of it, and leave the rest of it alone.

    Raises SettingsError when the rest of the file is not in order.
    """
    path = user_file()
    lines: list[str] = []
    if path.is_file():
        rest = {name: value for name, value in read_toml(path).items() if name not in values}
        _apply(Settings(), rest, str(path))
        lines = path.read_text(encoding="utf-8").splitlines()
    names = "|".join(map(re.escape, values))
    kept = [line for line in lines if not re.match(rf"\s*[\"']?(?:{names})[\"']?\s*=", line)]
    new = [f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in values.items() if value is not None]
    write_atomically(path, "".join(f"{line}\n" for line in [*kept, *new]).encode())
    return path


def _layers(
    flags: Mapping[str, Any] | None, environment: Mapping[str, str] | None, file: Path | None
) -> Iterator[tuple[dict[str, Any], str, str]]:
    """Yield what each place sets, the name of the place, and what its names begin with; the later ones win."""
    for path in (user_file(), file or Path(FILE)):
        if path.is_file():
            yield read_toml(path), str(path), ""
    environment = os.environ if environment is None else environment
    named = {k: v for k, v in environment.items() if k.startswith(_PREFIX) and k not in _ELSEWHERE}
    yield {k[len(_PREFIX) :].lower(): v for k, v in named.items()}, "the environment", _PREFIX
    yield {k: v for k, v in (flags or {}).items() if v is not None}, "the command line", ""


def _apply(settings: Settings, values: Mapping[str, Any], source: str, prefix: str = "") -> Settings:
    known = {field.name for field in fields(Settings)}
    for name in values:
        if name not in known:
            near = get_close_matches(name, known, 1, cutoff=0.7)
            shown = (lambda key: f"{prefix}{key.upper()}") if prefix else str
            hint = f"did you mean {shown(near[0])}?" if near else f"known: {', '.join(map(shown, sorted(known)))}"
            raise SettingsError(f"unknown setting {shown(name)} in {source}; {hint}")
    changed = dict(values)
    if isinstance(changed.get("threads"), str):
        try:
            changed["threads"] = int(changed["threads"])
        except ValueError:
            raise SettingsError(f"threads in {source} must be a whole number, not {changed['threads']!r}") from None
    try:
        return replace(settings, **changed)
    except SettingsError as error:
        raise SettingsError(f"{error} (in {source})") from None
