"""`rag models` and `rag settings` as people type them, with the real catalogue and without a network."""

from __future__ import annotations

from pathlib import Path

import pytest

from index.catalogue import known_models
from index.places import models_dir
from rag.settings import user_file
from tests.gguf_files import metadata, write_gguf
from tests.test_ui_cli import rag
from tests.weights import reranker


def test_the_list_has_a_line_for_each_model_and_marks_what_is_here() -> None:
    (models_dir() / "qwen3-0.6b").mkdir(parents=True)
    write_gguf(models_dir() / "qwen3-0.6b" / "Qwen3-0.6B-Q8_0.gguf", metadata())
    (models_dir() / "bge-m3").mkdir()
    (models_dir() / "my-own").mkdir()
    assert rag("models", "use", "qwen3-0.6b").returncode == 0
    ran = rag("models")
    assert (ran.returncode, ran.stderr) == (0, "")
    lines = ran.stdout.splitlines()
    for name in known_models():
        (line,) = (line for line in lines if line[8:].split(" ")[0] == name)
        assert line[0] in "+~-"
        assert line[2:6].strip() == {"qwen3-0.6b": "used", "bge-m3": "here"}.get(name, "")
    assert "Also here: my-own\n" in ran.stdout
    assert "Used now: qwen3-0.6b writes, packaged finds." in ran.stdout
    assert "\nBut " not in ran.stdout


def test_what_is_chosen_and_not_here_is_told_with_the_command() -> None:
    Path("rag.toml").write_text('generator = "qwen3-0.6b"\nembedder = "./gone"\nreranker = "mmarco-minilm"\n')
    reranker(models_dir() / "mmarco-minilm")
    ran = rag("models")
    lines = ran.stdout.splitlines()
    states = {line[12:].split(" ")[0]: line[2:10].strip() for line in lines if line[:2] in ("+ ", "~ ", "- ")}
    assert {name: state for name, state in states.items() if state} == {
        "qwen3-0.6b": "not here",
        "mmarco-minilm": "used",
    }
    assert len({line.index("memory") for line in lines if line.endswith("licence")}) == 1
    assert [line for line in lines if line.startswith("But ")] == [
        "But generator = qwen3-0.6b: the model qwen3-0.6b isn't here yet; run: rag models get qwen3-0.6b",
        "But embedder = ./gone: gone is not an embedding model: it has neither modules.json nor config.json",
    ]


def test_use_is_remembered_everywhere_and_settings_tell_from_where(tmp_path: Path) -> None:
    used = rag("models", "use", "http://192.168.1.7:8080/v1")
    assert (used.returncode, used.stdout) == (0, "")
    assert used.stderr.splitlines() == [
        f"generator = http://192.168.1.7:8080/v1  ({user_file()})",
        "Warning: questions and passages of your documents will be sent to http://192.168.1.7:8080/v1: "
        "they leave this machine.",
    ]
    shown = rag("settings", "--threads", "2").stdout.splitlines()
    assert [line.split() for line in shown] == [
        ["library", "default", "default"],
        ["embedder", "packaged", "default"],
        ["generator", "http://192.168.1.7:8080/v1", str(user_file())],
        ["reranker", "none", "default"],
        ["entailment", "none", "default"],
        ["answer", "auto", "default"],
        ["threads", "2", "the", "command", "line"],
    ]
    Path("rag.toml").write_text('generator = "none"')
    local = rag("models", "use", "http://localhost:8080/v1")
    assert local.stderr.splitlines()[1:] == ["But generator is also set in rag.toml, which wins where it holds."]
    back = rag("models", "use", "packaged").stderr.splitlines()
    assert back[0] == f"generator = packaged  ({user_file()})"
    assert back[-1].startswith("Documents are embedded with it from now on; a library made with another model is, by")
    assert user_file().read_text() == ""
    Path("rag.toml").write_text('generater = "none"')
    assert "unknown setting generater in rag.toml; did you mean generator?" in rag("settings").stderr


def test_a_reranker_is_switched_off_before_it_is_removed() -> None:
    reranker(models_dir() / "mmarco-minilm")
    assert rag("models", "use", "mmarco-minilm").stderr == f"reranker = mmarco-minilm  ({user_file()})\n"
    refused = rag("models", "remove", "mmarco-minilm")
    assert refused.stderr == "rag: mmarco-minilm is in use; before: rag models use no-reranker\n"
    assert rag("models", "use", "no-reranker").stderr == f"reranker = none  ({user_file()})\n"
    assert rag("models", "remove", "mmarco-minilm").returncode == 0


@pytest.mark.parametrize("command", [["ask", "why?"], ["index", "."]])
def test_a_name_that_is_not_fetched_is_one_line(command: list[str]) -> None:
    Path("a.txt").write_text("Some text to read.")
    rag("index", ".")
    option = "--generator" if command[0] == "ask" else "--embedder"
    name = "qwen3-0.6b" if command[0] == "ask" else "bge-m3"
    ran = rag(*command, option, name)
    assert ran.returncode == 2
    assert ran.stderr.splitlines()[-1] == f"rag: the model {name} isn't here yet; run: rag models get {name}"
