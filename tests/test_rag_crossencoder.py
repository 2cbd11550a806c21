"""Cross-encoders in a folder: what is loaded, what is refused and how that is told, and what becomes of a choice."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from index.errors import ModelError
from rag.choice import settings_for
from rag.crossencoder import CrossEncoder
from rag.entailment import Entailment
from rag.rerank import Reranker
from rag.search import HybridSearcher
from tests.cross_encoders import ENTAILMENT, cross_encoder
from tests.weights import safetensors

RANKS: dict[str, Any] = {"architectures": ["BertForSequenceClassification"], "id2label": {"0": "LABEL_0"}}
JUDGES = RANKS | {"id2label": {"1": "neutral", "0": "not_entailment", "2": "contradiction"}}


def folder(path: Path, config: object, weights: str = "model.safetensors") -> Path:
    """Write a configuration, a tokeniser, and a file where the weights would be."""
    safetensors(path / weights)
    (path / "config.json").write_text(config if isinstance(config, str) else json.dumps(config))
    (path / "tokenizer.json").write_text("{}")
    return path


def test_pairs_are_scored_as_they_are_given_and_of_any_length(tmp_path: Path) -> None:
    model = CrossEncoder.open(str(cross_encoder(tmp_path / "finds", "harbour")))
    assert (model.name, model.labels) == ("finds", ("",))
    texts = ["The harbour is old.", "The market is old.", "old " * 200 + "harbour", "old " * 2000, ""]
    np.testing.assert_allclose(model.scores([("Where?", text) for text in texts]), [[5], [-5], [5], [-5], [-5]], 1e-4)
    np.testing.assert_allclose(model.scores([("The harbour?", "A market.")]), [[-5]], 1e-4)
    assert model.scores([]).shape == (0, 1)


def test_the_kind_of_a_folder_decides_what_it_is_used_for(tmp_path: Path) -> None:
    ranks, judges = str(folder(tmp_path / "ranks", RANKS)), str(folder(tmp_path / "judges", JUDGES))
    assert settings_for(ranks) == {"reranker": ranks}
    with pytest.raises(ModelError, match="none of its labels is entailment"):
        settings_for(judges)
    (tmp_path / "judges" / "config.json").write_text(json.dumps(RANKS | {"id2label": dict(enumerate(ENTAILMENT))}))
    assert settings_for(judges) == {"entailment": judges}
    finds = str(folder(tmp_path / "finds", {"architectures": ["BertModel"]}))
    assert settings_for(finds) == {"embedder": finds}


@pytest.mark.parametrize(
    ("config", "weights", "message"),
    [
        ("[]", "model.safetensors", "{0}/config.json is not the configuration of a model: it is damaged"),
        ("{", "model.safetensors", "{0}/config.json is not the configuration of a model: it is damaged"),
        ({"architectures": ["BertModel"]}, "", "{0} is not a cross-encoder: its config.json tells of BertModel"),
        ({}, "", "{0} is not a cross-encoder: its config.json tells of no architecture"),
        (
            RANKS,
            "pytorch_model.bin",
            "{0} has no weights in safetensors; other files may run code and aren't loaded: "
            "take a version of the model that has them",
        ),
        (RANKS | {"auto_map": {}}, "", "{0} needs program code of its own, which is not run here"),
        (JUDGES, "model.safetensors", "{0} is not a reranker: it puts out 3 scores, not one"),
    ],
)
def test_what_is_no_reranker_is_told_so(tmp_path: Path, config: object, weights: str, message: str) -> None:
    place = folder(tmp_path / "model", config, weights or "model.safetensors")
    with pytest.raises(ModelError) as caught:
        Reranker.open(HybridSearcher.__new__(HybridSearcher), str(place))
    assert str(caught.value) == message.format(place)


@pytest.mark.parametrize(
    ("config", "labels"),
    [(JUDGES, "not_entailment, neutral, contradiction"), (RANKS | {"id2label": None}, "they have no names")],
)
def test_an_entailment_model_has_a_label_of_that_name(tmp_path: Path, config: object, labels: str) -> None:
    place = folder(tmp_path / "model", config)
    with pytest.raises(ModelError) as caught:
        Entailment.open(str(place))
    assert str(caught.value) == f"{place} is not an entailment model: none of its labels is entailment ({labels})"


def test_weights_that_are_damaged_or_of_another_model_are_told_when_they_are_loaded(tmp_path: Path) -> None:
    from transformers import BertConfig, BertModel

    place = cross_encoder(tmp_path / "model", "harbour")
    config = (place / "config.json").read_bytes()
    BertModel(BertConfig.from_pretrained(place)).save_pretrained(place)  # what an embedder has: nothing that scores
    (place / "config.json").write_bytes(config)
    with pytest.raises(ModelError, match=f"^{place} can't be loaded as a cross-encoder: its weights lack classifier"):
        CrossEncoder.open(str(place)).scores([("a", "b")])
    weights = (place / "model.safetensors").read_bytes()
    (place / "model.safetensors").write_bytes(weights[: len(weights) // 2])
    with pytest.raises(ModelError, match=f"^{place}/model.safetensors is damaged or incomplete: its tensors take"):
        CrossEncoder.open(str(place))
    (place / "model.safetensors").write_bytes(weights)
    (place / "tokenizer.json").write_text("{")
    with pytest.raises(ModelError, match=f"^{place} can't be loaded as a cross-encoder: .") as caught:
        CrossEncoder.open(str(place)).scores([("a", "b")])
    assert str(caught.value).isprintable()


def test_a_folder_that_is_not_there() -> None:
    with pytest.raises(ModelError, match="nowhere is not a cross-encoder: it has no config.json"):
        CrossEncoder.open("./nowhere")
    with pytest.raises(ModelError, match="run: rag models get minilm-xnli"):
        Entailment.open("minilm-xnli")
