"""What somebody means by the model they want to use: a name, a path or an address -> the settings that say so."""

from __future__ import annotations

import re
from pathlib import Path

from index.catalogue import is_name, known_models, model_path, nearest
from index.embedder import EmbeddingModel
from index.errors import UsageError
from index.models import PACKAGED
from rag.address import check_address, means_address
from rag.crossencoder import CrossEncoder, is_cross_encoder
from rag.settings import NONE

KINDS = ("generator", "embedder", "reranker", "entailment")
OFF = {"no-reranker": "reranker", "no-entailment": "entailment"}
_LATER_PART = re.compile(r".+-(?!00001)\d{5}-of-\d{5}\.gguf")  # of a model in several files


def settings_for(choice: str) -> dict[str, str | None]:
    """Return the settings that a choice changes; None takes one back to its default.

    Raises UsageError for what isn't a model, ModelError for one that isn't fetched yet, or that no command could use,
    as far as that can be seen without loading it.
    """
    if choice == PACKAGED:
        return dict.fromkeys(KINDS)
    if choice == NONE:
        return {"generator": NONE}
    if choice in OFF:
        return {OFF[choice]: None}
    if means_address(choice) and not Path(choice).exists():
        check_address(choice)
        return {"generator": choice}
    known = known_models().get(choice)
    path = model_path(choice)
    if known and path != Path(choice):
        check(known.kind, choice)
        return {known.kind: choice}
    kind, path = _local(choice, path)
    place = str(
        path.resolve() if path.is_dir() else path.parent.resolve() / path.name
    )  # a link may have the right name
    check(kind, place)
    return {kind: place}


def check(kind: str, setting: str) -> None:
    """Look whether a setting names a model that can be used, without loading it. Raises ModelError."""
    if kind == "embedder":
        EmbeddingModel.open(setting)
    elif setting == NONE:
        return
    elif kind == "generator":
        from rag.generator import open_generator

        open_generator(setting)
    elif kind == "reranker":
        from rag.rerank import ranking_model

        ranking_model(setting)
    else:
        from rag.entailment import Entailment

        Entailment.open(setting)


def _local(choice: str, path: Path) -> tuple[str, Path]:
    """Tell what the model in a file or folder is for, and which file of a folder it is."""
    if path.is_file():
        return "generator", path
    ggufs = [file for file in sorted(path.glob("*.gguf")) if not _LATER_PART.fullmatch(file.name)]
    if ggufs and not any(path.glob("*.safetensors")):
        if len(ggufs) > 1:
            raise UsageError(f"{path} holds {len(ggufs)} GGUF files; name the one to use, such as {ggufs[0]}")
        return "generator", ggufs[0]
    if (path / "config.json").is_file() and is_cross_encoder(path):
        return ("reranker" if len(CrossEncoder.open(choice).labels) == 1 else "entailment"), path
    if path.is_dir():
        return "embedder", path
    if is_name(choice):
        raise UsageError(f"no model is called {choice}; {nearest(choice, [PACKAGED, NONE, *OFF, *known_models()])}")
    raise UsageError(f"no such file or folder: {path}")
