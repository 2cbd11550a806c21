"""What somebody wants to use becomes the right setting, in the user's own file."""

from __future__ import annotations

from pathlib import Path

import pytest

from index.errors import ModelError, SettingsError, UsageError
from index.places import models_dir
from rag.address import leaves_machine
from rag.choice import settings_for
from rag.settings import Settings, load_settings, remember, sources, user_file


def test_the_kind_of_the_model_decides(tmp_path: Path) -> None:
    (models_dir() / "qwen3-0.6b").mkdir(parents=True)
    (models_dir() / "qwen3-0.6b" / "Qwen3-0.6B-Q8_0.gguf").write_bytes(b"GGUF")
    (models_dir() / "bge-m3").mkdir()
    (models_dir() / "mmarco-minilm").mkdir()
    gguf = tmp_path / "own.gguf"
    gguf.write_bytes(b"GGUF...")
    (tmp_path / "finder").mkdir()
    (tmp_path / "finder" / "modules.json").write_text("[]")
    Path("here").symlink_to(tmp_path)
    assert settings_for("qwen3-0.6b") == {"generator": "qwen3-0.6b"}
    assert settings_for("bge-m3") == {"embedder": "bge-m3"}
    assert settings_for(str(gguf)) == settings_for("here/own.gguf") == {"generator": str(gguf)}
    assert settings_for(str(tmp_path / "finder")) == {"embedder": str(tmp_path / "finder")}
    assert settings_for("http://localhost:8080/v1") == {"generator": "http://localhost:8080/v1"}
    assert settings_for("none") == {"generator": "none"}
    assert settings_for("mmarco-minilm") == {"reranker": "mmarco-minilm"}
    assert settings_for("no-reranker") == {"reranker": None}
    assert settings_for("no-entailment") == {"entailment": None}
    assert settings_for("packaged") == dict.fromkeys(("generator", "embedder", "reranker", "entailment"))


@pytest.mark.parametrize(
    ("choice", "error", "message"),
    [
        ("qwen3-1.7b", ModelError, "the model qwen3-1.7b isn't here yet; run: rag models get qwen3-1.7b"),
        ("minilm-xnli", ModelError, "the model minilm-xnli isn't here yet; run: rag models get minilm-xnli"),
        ("no-rerank", UsageError, "no model is called no-rerank; did you mean no-reranker?"),
        ("pakaged", UsageError, "no model is called pakaged; did you mean packaged?"),
        ("wholly-else", UsageError, "no model is called wholly-else; see: rag models"),
        ("text.gguf", UsageError, "text.gguf is not a GGUF model file"),
        ("empty", UsageError, "empty is not an embedding model: it has neither modules.json nor config.json"),
        ("no/where", UsageError, "no such file or folder: no/where"),
        ("http:///v1", UsageError, "http:///v1 is not the address of a server, such as http://localhost:8080/v1"),
    ],
)
def test_what_is_no_model_is_told_so(choice: str, error: type[Exception], message: str) -> None:
    Path("text.gguf").write_text("some text")
    Path("empty").mkdir()
    with pytest.raises(error) as caught:
        settings_for(choice)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("address", "leaves"),
    [
        ("http://localhost:8080/v1", False),
        ("http://127.0.0.2/v1", False),
        ("http://[::1]:1234/v1", False),
        ("http://0.0.0.0:8000/v1", False),
        ("packaged", False),
        ("/models/http.gguf", False),
        ("HTTPS://api.example.org/v1#model", True),
        ("http://model.localhost/v1", False),
        ("http://192.168.1.7:8080/v1", True),
        ("https://api.example.org/v1", True),
        ("http://localhost.example.org/v1", True),
        ("http://localhost@example.org/v1", True),
    ],
)
def test_which_addresses_are_of_other_machines(address: str, leaves: bool) -> None:
    assert leaves_machine(address) is leaves


def test_the_users_file_is_below_that_of_the_folder() -> None:
    assert remember({"generator": "/models/a.gguf", "embedder": "bge-m3"}) == user_file()
    assert load_settings({}, {}) == Settings(generator="/models/a.gguf", embedder="bge-m3")
    Path("rag.toml").write_text('generator = "none"\n')
    assert load_settings({}, {}) == Settings(generator="none", embedder="bge-m3")
    assert load_settings({"generator": "packaged"}, {"RAG_EMBEDDER": "packaged"}) == Settings()


def test_each_value_is_traced(monkeypatch: pytest.MonkeyPatch) -> None:
    remember({"generator": "none", "embedder": "bge-m3"})
    Path("rag.toml").write_text('generator = "packaged"\n')
    monkeypatch.setenv("RAG_ANSWER", "quotes")
    assert sources({"threads": 2, "library": None}) == {
        "library": "default",
        "embedder": str(user_file()),
        "generator": "rag.toml",
        "reranker": "default",
        "entailment": "default",
        "answer": "the environment",
        "threads": "the command line",
    }


def test_the_rest_of_the_users_file_is_left_alone() -> None:
    user_file().parent.mkdir(parents=True)
    user_file().write_text('# mine\nthreads = 2  # not all\n"generator" = "/old.gguf"\n')
    remember({"generator": 'C:\\models\\a "b".gguf', "embedder": None})
    assert user_file().read_text() == ('# mine\nthreads = 2  # not all\ngenerator = "C:\\\\models\\\\a \\"b\\".gguf"\n')
    assert load_settings({}, {}) == Settings(threads=2, generator='C:\\models\\a "b".gguf')
    remember({"generator": None})
    assert user_file().read_text() == "# mine\nthreads = 2  # not all\n"


@pytest.mark.parametrize("text", ["generator = ", "generatr = 'x'"])
def test_a_users_file_that_is_not_in_order_is_not_written_over(text: str) -> None:
    user_file().parent.mkdir(parents=True)
    user_file().write_text(text)
    with pytest.raises(SettingsError, match=str(user_file())):
        remember({"generator": "none"})
    assert user_file().read_text() == text
