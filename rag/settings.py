"""The few things a user may set, and where each value comes from: defaults < rag.toml < environment < flags."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from index.errors import SettingsError
from index.places import library_folder

FILE = "rag.toml"
_PREFIX = "RAG_"
# Read elsewhere, and no settings of an answer: where files live (index.places), who may see the page (ui.cli).
_ELSEWHERE = {"RAG_DATA_DIR", "RAG_CACHE_DIR", "RAG_WEB_PASSWORD"}


@dataclass(frozen=True, slots=True)
class Settings:
    """What can be set.

    library    name of a library in the user's data folder, or the path of one
    embedder   "packaged", or the folder of a sentence-transformers model
    generator  "packaged", "none", or the path of a GGUF file
    answer     "written": the model writes, checked sentence by sentence; "quotes": the evidence alone
    threads    processor threads, 0 for all
    """

    library: str = "default"
    embedder: str = "packaged"
    generator: str = "packaged"
    answer: str = "written"
    threads: int = 0

    def __post_init__(self) -> None:
        if self.answer not in ("written", "quotes"):
            raise SettingsError(f'answer must be "written" or "quotes", not {self.answer!r}')
        if isinstance(self.threads, bool) or not isinstance(self.threads, int) or self.threads < 0:
            raise SettingsError(f"threads must be a whole number, 0 for all, not {self.threads!r}")
        for name in ("library", "embedder", "generator"):
            value = getattr(self, name)
            if not isinstance(value, str) or not value.strip():
                raise SettingsError(f"{name} must be a text, not {value!r}")

    @property
    def library_folder(self) -> Path:
        """Folder of the library."""
        return library_folder(self.library)


def load_settings(
    flags: Mapping[str, Any] | None = None,
    environment: Mapping[str, str] | None = None,
    file: Path | None = None,
) -> Settings:
    """Put the settings together: `rag.toml` of the current folder, then RAG_* variables, then flags that are not None.

    Raises SettingsError for an unknown name or an impossible value, naming where it stands and the nearest known name.
    """
    settings = Settings()
    path = file or Path(FILE)
    if path.is_file():
        settings = _apply(settings, _read(path), str(path))
    environment = os.environ if environment is None else environment
    named = {k: v for k, v in environment.items() if k.startswith(_PREFIX) and k not in _ELSEWHERE}
    settings = _apply(settings, {k[len(_PREFIX) :].lower(): v for k, v in named.items()}, "the environment", _PREFIX)
    return _apply(settings, {k: v for k, v in (flags or {}).items() if v is not None}, "the command line")


def _read(path: Path) -> dict[str, Any]:
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} is not valid TOML: {error}") from None


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
