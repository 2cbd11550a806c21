"""Read a TOML file, whatever the version of Python."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from index.errors import SettingsError


def read_toml(path: Path) -> dict[str, Any]:
    """Read a TOML file. Raises SettingsError when it isn't one."""
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} is not valid TOML: {error}") from None
