"""What somebody means by the model they want to use: a name, a path or an address -> the settings that say so."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from index.catalogue import is_name, known_models, model_path, nearest
from index.errors import UsageError
from rag.address import is_address
from rag.crossencoder import CrossEncoder, is_cross_encoder
from rag.entailment import Entailment

PACKAGED = "packaged"
NONE = "none"
OFF = {"no-reranker": "reranker", "no-entailment": "entailment"}


def settings_for(choice: str) -> dict[str, str | None]:
    """Return the settings that a choice changes; None takes one back to its default.

    Raises UsageError for what isn't a model, ModelError for one that isn't fetched yet.
    """
    if choice == PACKAGED:
        return dict.fromkeys(("generator", "embedder", "reranker", "entailment"))
    if choice == NONE:
        return {"generator": NONE}
    if choice in OFF:
        return {OFF[choice]: None}
    if is_address(choice):
        if not urlsplit(choice).hostname:
            raise UsageError(f"{choice} is not the address of a server, such as http://localhost:8080/v1")
        return {"generator": choice}
    known = known_models().get(choice)
    path = model_path(choice)
    if known and path != Path(choice):
        return {known.kind: choice}
    return _local(choice, path)


def _local(choice: str, path: Path) -> dict[str, str | None]:
    if path.is_file() and _is_gguf(path):
        return {"generator": str(path.resolve())}
    if (path / "config.json").is_file() and is_cross_encoder(path):
        ranks = len(CrossEncoder.open(choice).labels) == 1
        if not ranks:
            Entailment.open(choice)
        return {"reranker" if ranks else "entailment": str(path.resolve())}
    if any((path / name).is_file() for name in ("modules.json", "config.json")):
        return {"embedder": str(path.resolve())}
    if path.is_file():
        raise UsageError(f"{path} is not a GGUF model file")
    if path.is_dir():
        raise UsageError(f"{path} is not an embedding model: it has neither modules.json nor config.json")
    if is_name(choice):
        raise UsageError(f"no model is called {choice}; {nearest(choice, [PACKAGED, NONE, *OFF, *known_models()])}")
    raise UsageError(f"no such file or folder: {path}")


def _is_gguf(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(4) == b"GGUF"
