"""What somebody wants to use becomes the right setting, in the user's own file."""

from __future__ import annotations

from pathlib import Path

import pytest

from index.errors import ModelError, SettingsError, UsageError
from index.places import models_dir
from rag.address import check_address, leaves_machine
from rag.choice import settings_for
from rag.settings import Settings, load_settings, remember, sources, user_file
from tests.gguf_files import make_gguf, metadata, write_gguf
from tests.weights import embedder, reranker


def test_the_kind_of_the_model_decides(tmp_path: Path) -> None:
    (models_dir() / "qwen3-0.6b").mkdir(parents=True)
    write_gguf(models_dir() / "qwen3-0.6b" / "Qwen3-0.6B-Q8_0.gguf", metadata())
    embedder(models_dir() / "bge-m3")
    reranker(models_dir() / "mmarco-minilm")
    gguf = write_gguf(tmp_path / "own.gguf", metadata())
    embedder(tmp_path / "finder")
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
        ("text.gguf", ModelError, "{here}/text.gguf is not a GGUF model file"),
        ("empty", ModelError, "{here}/empty is not an embedding model: it has neither modules.json nor config.json"),
        ("no/where", UsageError, "no such file or folder: no/where"),
        ("cut.gguf", ModelError, "{here}/cut.gguf is damaged or incomplete: it ends within its header; fetch it again"),
        (
            "finds.gguf",
            ModelError,
            "{here}/finds.gguf is an embedding model, which can't write; give the file of a chat model",
        ),
        ("two", UsageError, "two holds 2 GGUF files; name the one to use, such as two/a.gguf"),
    ],
)
def test_what_is_no_model_is_told_so(choice: str, error: type[Exception], message: str) -> None:
    Path("text.gguf").write_text("some text")
    Path("empty").mkdir()
    Path("cut.gguf").write_bytes(make_gguf(metadata())[:2000])
    write_gguf(Path("finds.gguf"), metadata(llama__pooling_type=1))
    Path("two").mkdir()
    for name in ("a.gguf", "b.gguf"):
        write_gguf(Path("two") / name, metadata())
    with pytest.raises(error) as caught:
        settings_for(choice)
    assert str(caught.value) == message.format(here=Path.cwd())


def test_a_fetched_model_that_is_damaged_is_not_chosen() -> None:
    (models_dir() / "qwen3-0.6b").mkdir(parents=True)
    (models_dir() / "qwen3-0.6b" / "a.gguf").write_bytes(b"GGUF")
    embedder(models_dir() / "bge-m3")
    (models_dir() / "bge-m3" / "model.safetensors").write_bytes(b"")
    for name in ("qwen3-0.6b", "bge-m3"):
        with pytest.raises(ModelError, match="is damaged or incomplete: it ends within its header; fetch it again"):
            settings_for(name)


def test_a_folder_of_one_gguf_is_that_file_under_its_own_name(tmp_path: Path) -> None:
    blob = write_gguf(tmp_path / "3f2a", metadata())  # as the cache of huggingface_hub has it
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "own.gguf").symlink_to(blob)
    (tmp_path / "model" / "config.json").write_text("{}")
    assert settings_for(str(tmp_path / "model")) == {"generator": str(tmp_path / "model" / "own.gguf")}
    for number in (0, 1):
        path = tmp_path / "parts" / f"big-0000{number + 1}-of-00002.gguf"
        path.parent.mkdir(exist_ok=True)
        write_gguf(path, metadata() | {"split.count": 2, "split.no": number})
    assert settings_for(str(tmp_path / "parts")) == {"generator": f"{tmp_path}/parts/big-00001-of-00002.gguf"}


KEYS = "leave keys out of the generator's address; set the variable RAG_API_KEY"
NO_ADDRESS = "{0} is no address of a server; write it like http://localhost:8080/v1"


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("http://localhost:99999/v1", NO_ADDRESS),
        ("http://localhost:port/v1", NO_ADDRESS),
        ("http://[::1/v1", NO_ADDRESS),
        ("http:///v1", NO_ADDRESS),
        ("http:/localhost/v1", NO_ADDRESS),
        ("http://local host/v1", NO_ADDRESS),
        ("localhost:8080/v1", NO_ADDRESS),
        ("[::1]:8080", NO_ADDRESS),
        ("http://user:secret@host/v1", KEYS),
        ("http://secret@[::1/v1", KEYS),
        ("user:secret@host:80/v1", KEYS),
        ("https://host/v1?key=secret", KEYS),
        (
            "http://user:secret#@host/v1",
            "what is set is no address of a server; write it like http://localhost:8080/v1",
        ),
    ],
)
def test_an_address_that_is_none_or_holds_a_key_is_refused_wherever_it_stands(address: str, message: str) -> None:
    told = message.format(address)
    assert "secret" not in told
    with pytest.raises(ModelError) as chosen:
        settings_for(address)
    assert str(chosen.value) == told
    Path("rag.toml").write_text(f'generator = "{address}"')
    for flags, environment, source in (
        ({}, {}, "rag.toml"),
        ({}, {"RAG_GENERATOR": address}, "the environment"),
        ({"generator": address}, {}, "the command line"),
    ):
        if source != "rag.toml":
            Path("rag.toml").unlink(missing_ok=True)
        with pytest.raises(SettingsError) as caught:
            load_settings(flags, environment)
        assert str(caught.value) == f"generator: {told} (in {source})"


def test_addresses_are_split_into_server_and_model() -> None:
    assert check_address("HTTP://[::1]:8080/v1/") == ("http://[::1]:8080/v1", "")
    assert check_address("https://host/v1#model@q4?") == ("https://host/v1", "model@q4?")
    Path("localhost:8080").mkdir()
    write_gguf(Path("localhost:8080") / "a.gguf", metadata())  # whatever it is called, it is there
    assert settings_for("localhost:8080") == {"generator": str(Path("localhost:8080/a.gguf").absolute())}


def test_a_bad_setting_is_replaced_by_a_good_one() -> None:
    user_file().parent.mkdir(parents=True)
    user_file().write_text('generator = "http://user:secret@host/v1"\nthreads = 2\n')
    remember(settings_for("http://localhost:8080/v1"))
    assert load_settings({}, {}) == Settings(generator="http://localhost:8080/v1", threads=2)


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
