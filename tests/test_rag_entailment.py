"""The second hurdle for what a model writes: it takes sentences away, adds none, and leaves quotations alone."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from rag.assistant import open_assistant
from rag.entailment import Entailment
from rag.settings import Settings
from tests.cross_encoders import ENTAILMENT, cross_encoder
from tests.model_server import answer, serving
from tests.test_ui_cli import assert_contract, rag

SPOKESMAN = "Qui est le porte-parole du Kremlin ?"
DRAFT = ("Le porte-parole du Kremlin,", " Dmitri Peskov,", " ne laissait guère d’espoir [1].")


@pytest.fixture(scope="module")
def severe(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return cross_encoder(tmp_path_factory.mktemp("models") / "denies-peskov", "peskov", ENTAILMENT)


@pytest.fixture(scope="module")
def mild(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return cross_encoder(tmp_path_factory.mktemp("models") / "denies-zebras", "zebra", ENTAILMENT)


def test_the_statement_is_judged_by_its_texts(severe: Path) -> None:
    entails = Entailment.open(str(severe))
    assert entails(["Peskov is the\nspokesman."], "Somebody is.")
    assert not entails(["Peskov is the spokesman.", "So is Ana."], "Peskov is.")


def test_a_sentence_that_the_model_does_not_find_entailed_gives_way_to_the_quotes(
    corpus_library: Path, severe: Path, mild: Path
) -> None:
    with serving(answer(*DRAFT)) as server:
        settings = Settings(library=str(corpus_library), generator=server.url)
        origins, models = [], []
        for entailment in ("none", str(mild), str(severe)):
            assistant = open_assistant(replace(settings, entailment=entailment))
            given = assistant.ask(SPOKESMAN)
            assert given.outcome == "answered" and "Peskov" in given.text
            origins.append({statement.origin for statement in given.statements})
            models.append(assistant.models.get("entailment"))
    assert origins == [{"model"}, {"model"}, {"quote"}]
    assert models == [None, "denies-zebras", "denies-peskov"]


def test_no_sentence_passes_that_the_check_refuses(corpus_library: Path, mild: Path) -> None:
    with serving(answer("Le porte-parole du Kremlin,", " Dmitri Peskov,", " laissait d’espoir [1].")) as server:
        settings = Settings(library=str(corpus_library), generator=server.url, entailment=str(mild))
        given = open_assistant(settings).ask(SPOKESMAN)
    assert {statement.origin for statement in given.statements} == {"quote"}


def test_a_damaged_model_leaves_the_evidence_and_its_reason(corpus_library: Path, tmp_path: Path) -> None:
    damaged = cross_encoder(tmp_path / "damaged", "zebra", ENTAILMENT)
    (damaged / "tokenizer.json").write_text("{")
    with serving(answer(*DRAFT)) as server:
        settings = Settings(library=str(corpus_library), generator=server.url, entailment=str(damaged))
        given = open_assistant(settings).ask(SPOKESMAN)
    assert given.outcome == "failed" and given.reason
    assert given.reason.startswith(f"{damaged} can't be loaded as a cross-encoder: ")
    assert {statement.origin for statement in given.statements} == {"quote"} and "Peskov" in given.text


def test_both_stages_on_the_command_line(corpus_library: Path, severe: Path, tmp_path: Path) -> None:
    ranks = cross_encoder(tmp_path / "likes-peskov", "peskov")
    assert rag("models", "use", ranks).stderr.startswith(f"reranker = {ranks}  (")
    with serving(answer(*DRAFT)) as server:
        ran = rag("ask", SPOKESMAN, "-l", corpus_library, "--generator", server.url, "--entailment", severe, "--json")
    assert (ran.returncode, ran.stderr) == (0, "")
    given = json.loads(ran.stdout)
    assert_contract(given)
    assert given["models"].keys() == {"embedder", "generator", "reranker", "entailment"}
    assert (given["models"]["reranker"], given["models"]["entailment"]) == ("likes-peskov", "denies-peskov")
    assert {statement["origin"] for statement in given["statements"]} == {"quote"}
    assert f"{ranks} ranks again (off: rag models use no-reranker)" in rag("models").stdout
    refused = rag("ask", SPOKESMAN, "-l", corpus_library, "--reranker", severe)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr == f"rag: {severe} is not a reranker: it puts out 3 scores, not one\n"
    assert rag("models", "use", "no-reranker").stderr.startswith("reranker = none  (")
