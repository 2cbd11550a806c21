"""The catalogue of models is in order, and a name stands for the model that was fetched."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from index.catalogue import Machine, fetched, is_name, known_model, known_models, model_path
from index.embedder import EmbeddingModel
from index.errors import ModelError, UsageError
from index.places import models_dir
from rag.generator import LlamaGenerator
from tests.gguf_files import metadata, write_gguf
from tests.weights import embedder

KNOWN = known_models()


@pytest.mark.parametrize("name", KNOWN)
def test_each_entry_says_what_is_needed_to_fetch_and_to_choose_it(name: str) -> None:
    model = KNOWN[name]
    assert is_name(name)
    assert re.fullmatch(r"[\w.-]+/[\w.-]+", model.repository)
    assert re.fullmatch(r"[0-9a-f]{40}", model.revision)
    assert model.sha256 is None or re.fullmatch(r"[0-9a-f]{64}", model.sha256)
    assert Path(model.file).suffix == (".gguf" if model.kind == "generator" else ".safetensors")
    assert model.kind in ("generator", "embedder", "reranker", "entailment")
    assert model.kind != "generator" or model.size
    assert 0 < (model.active or model.parameters) <= model.parameters < 40_000  # millions
    if model.size:  # between four bits and four bytes for each parameter, so neither is off by a digit
        assert 0.4e6 < model.size / model.parameters < 4.3e6
    # What the columns of `rag models` hold.
    assert 0 < len(model.languages) <= 20
    assert 0 < len(model.licence.split(" (")[0]) + len(", ask first" if model.gated else "") <= 20
    assert len(model.good_for) < 45


def test_sums_and_files_are_each_models_own() -> None:
    sums = [model.sha256 for model in KNOWN.values() if model.sha256]
    assert len(set(sums)) == len(sums)
    assert len({(model.repository, model.file) for model in KNOWN.values()}) == len(KNOWN)


@pytest.mark.parametrize(("gigabytes", "most"), [(8, "granite-4.0-h-tiny"), (16, "phi-4"), (32, "qwen3-30b-a3b")])
def test_there_is_something_larger_for_each_size_of_machine(gigabytes: int, most: str) -> None:
    machine = Machine(memory=gigabytes * 10**9, cores=64)
    fitting = [model for model in KNOWN.values() if model.kind == "generator" and model.fit(machine) == "fits"]
    assert fitting[-1].name == most


def test_what_fits_a_machine() -> None:
    small = replace(next(iter(KNOWN.values())), size=400_000_000, parameters=400)
    assert small.memory == 1_040_000_000
    assert small.fit(Machine(memory=8 * 10**9, cores=1)) == "fits"
    assert small.fit(Machine(memory=10**9, cores=1)) == "too big"
    assert replace(small, parameters=1100).fit(Machine(memory=8 * 10**9, cores=2)) == "slow"
    assert replace(small, parameters=1100).fit(Machine(memory=8 * 10**9, cores=4)) == "fits"
    mixture = replace(small, parameters=30_000, active=900)  # takes the memory of all, the time of a few
    assert mixture.fit(Machine(memory=8 * 10**9, cores=2)) == "fits"
    encoder = replace(small, kind="embedder", size=None)
    assert encoder.memory == 2_400_000_000
    assert encoder.fit(Machine(memory=8 * 10**9, cores=2)) == "slow"
    machine = Machine.this()
    assert machine.memory > 10**8
    assert machine.cores >= 1


def test_a_name_is_the_fetched_model_and_a_path_is_itself(tmp_path: Path) -> None:
    assert fetched("writer") is None
    (models_dir() / "writer").mkdir(parents=True)
    write_gguf(models_dir() / "writer" / "some-file.gguf", metadata())
    embedder(models_dir() / "finder")
    assert model_path("writer") == models_dir() / "writer" / "some-file.gguf" == fetched("writer")
    assert LlamaGenerator.open("writer").name == "some-file"
    assert EmbeddingModel.open("finder").folder == (models_dir() / "finder").resolve()
    Path("writer").touch()  # what is fetched comes before what lies about
    assert model_path("writer").is_relative_to(models_dir())
    assert model_path("./writer") == Path("writer")
    assert model_path(str(tmp_path)) == tmp_path
    assert model_path("~/x") == Path.home() / "x"
    for outside in ("..", ".", "../writer", "models/writer"):
        assert fetched(outside) is None


def test_a_name_that_is_not_fetched_says_how_to() -> None:
    with pytest.raises(ModelError, match=r"^the model qwen3-0\.6b isn't here yet; run: rag models get qwen3-0\.6b$"):
        LlamaGenerator.open("qwen3-0.6b")
    with pytest.raises(ModelError, match="^the model bge-m3 isn't here yet; run: rag models get bge-m3$"):
        EmbeddingModel.open("bge-m3")
    with pytest.raises(ModelError, match=r"^there is no model qwen3-06b; did you mean qwen3-0\.6b\?$"):
        LlamaGenerator.open("qwen3-06b")
    with pytest.raises(ModelError, match=r"can't open the model file other\.gguf"):
        LlamaGenerator.open("other.gguf")
    Path("bge-m3").mkdir()  # a folder of this name, in the current one
    assert model_path("bge-m3") == Path("bge-m3")
    with pytest.raises(UsageError, match=r"^no model is called gpt; see: rag models$"):
        known_model("gpt")
