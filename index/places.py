"""Where things live on this machine: libraries and models in the user's data folder, derived files in the cache."""

from __future__ import annotations

import os
from pathlib import Path

APP = "chapterverse"
DATABASE = "library.db"


def data_dir() -> Path:
    """Folder of the user's libraries, models and settings; RAG_DATA_DIR overrides it."""
    import platformdirs

    return Path(os.environ.get("RAG_DATA_DIR") or platformdirs.user_data_path(APP))


def cache_dir() -> Path:
    """Folder of everything that can be made again; RAG_CACHE_DIR overrides it."""
    import platformdirs

    return Path(os.environ.get("RAG_CACHE_DIR") or platformdirs.user_cache_path(APP))


def models_dir() -> Path:
    """Folder of the fetched models, each in a folder of its name."""
    return data_dir() / "models"


def library_folder(name_or_path: str) -> Path:
    """Resolve `--library`: what looks like a path is one, anything else is the name of a library in the data folder."""
    path = Path(name_or_path).expanduser()
    looks_like_path = path.name != name_or_path or name_or_path in {".", ".."}
    if looks_like_path or (path / DATABASE).is_file():
        return path.resolve()
    return data_dir() / "libraries" / name_or_path
