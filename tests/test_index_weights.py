"""Folders of models: what is loaded from them is whole safetensors, and runs nothing; the rest is refused in a line."""

from __future__ import annotations

import json
import pickle
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from index.embedder import EmbeddingModel
from index.errors import ModelError
from index.models import folder_fingerprint
from index.weights import check_weights
from tests import standin
from tests.test_ui_cli import rag
from tests.weights import embedder, safetensors

POOLING = "sentence_transformers.sentence_transformer.modules.pooling.Pooling"
TRANSFORMER = "sentence_transformers.base.modules.transformer.Transformer"


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a real model, to be copied."""
    return standin.make(tmp_path_factory.mktemp("models") / "finder", dimension=32)


@pytest.fixture
def finder(whole: Path, tmp_path: Path) -> Path:
    """Return a copy of it, to be broken."""
    return Path(shutil.copytree(whole, tmp_path / "finder"))


class Dangerous:
    """What leaves a trace when it is unpickled."""

    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __reduce__(self) -> tuple[Callable[[str, str], object], tuple[str, str]]:
        """Have whoever reads this open a file for writing."""
        return open, (str(self.trace), "w")


def modules(folder: Path, *parts: tuple[str, str]) -> None:
    """Write which parts a model has: the class and the folder of each."""
    listed = [{"idx": i, "name": str(i), "path": path, "type": kind} for i, (kind, path) in enumerate(parts)]
    (folder / "modules.json").write_text(json.dumps(listed))


def no_weights(folder: Path) -> None:
    (folder / "model.safetensors").unlink()


def pickled(folder: Path) -> None:
    no_weights(folder)
    (folder / "pytorch_model.bin").write_bytes(pickle.dumps(Dangerous(folder / "trace")))


def pickled_part(folder: Path) -> None:
    modules(folder, (TRANSFORMER, ""), (POOLING, "1_Pooling"), (TRANSFORMER.replace("transformer.T", "dense.D"), "2"))
    (folder / "2").mkdir()
    (folder / "2" / "pytorch_model.bin").write_bytes(pickle.dumps(Dangerous(folder / "trace")))


def cut(folder: Path) -> None:
    weights = (folder / "model.safetensors").read_bytes()
    (folder / "model.safetensors").write_bytes(weights[: len(weights) // 2])


def foreign(folder: Path) -> None:
    modules(folder, (TRANSFORMER, ""), (POOLING, "1_Pooling"), ("mycode.Evil", ""))
    (folder / "mycode.py").write_text(f"open({str(folder / 'trace')!r}, 'w')\nclass Evil: pass\n")


def foreign_route(folder: Path) -> None:
    modules(folder, ("sentence_transformers.base.modules.router.Router", ""))
    (folder / "router_config.json").write_text(json.dumps({"types": {"query_0": TRANSFORMER, "x": "mycode.Evil"}}))


def own_code(folder: Path) -> None:
    config = json.loads((folder / "config.json").read_text()) | {"auto_map": {"AutoModel": "mycode.Evil"}}
    (folder / "config.json").write_text(json.dumps(config))


def no_parts(folder: Path) -> None:
    (folder / "modules.json").write_text("[]")


def no_json(folder: Path) -> None:
    (folder / "modules.json").write_text("{")


def no_tokeniser(folder: Path) -> None:
    (folder / "tokenizer.json").unlink()


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (
            no_weights,
            "{0} has no weights in safetensors; other files may run code and aren't loaded: take a version of",
        ),
        (pickled, "{0} has no weights in safetensors; other files may run code and aren't loaded: take a"),
        (pickled_part, "{0}/2 has no weights in safetensors; other files may run code and aren't loaded"),
        (cut, "{0}/model.safetensors is damaged or incomplete: its tensors take "),
        (foreign, "{0} needs program code of its own (mycode.Evil), which is not run here"),
        (foreign_route, "{0} needs program code of its own (mycode.Evil), which is not run here"),
        (own_code, "{0} needs program code of its own, which is not run here"),
        (no_parts, "{0}/modules.json is damaged: it doesn't tell the parts of a model"),
        (no_json, "{0}/modules.json is not the configuration of a model: it is damaged"),
        (no_tokeniser, "{0} has no tokenizer.json; save the model with a current sentence-transformers"),
    ],
)
def test_a_model_that_must_not_or_can_not_be_loaded_is_one_line(
    finder: Path, spoil: Callable[[Path], None], message: str
) -> None:
    spoil(finder)
    with pytest.raises(ModelError) as caught:
        EmbeddingModel.open(str(finder))
    assert str(caught.value).startswith(message.format(finder)) and "\n" not in str(caught.value)
    assert not (finder / "trace").exists()


def test_it_is_refused_before_it_is_chosen_and_by_the_command_that_would_load_it(finder: Path) -> None:
    pickled(finder)
    Path("a.txt").write_text("Some text to read.")
    for command in (["models", "use", finder], ["index", "a.txt", "--embedder", finder]):
        ran = rag(*command)
        assert (ran.returncode, len(ran.stderr.splitlines())) == (2, 1)
        assert ran.stderr.startswith(f"rag: {finder} has no weights in safetensors; ")
    assert not (finder / "trace").exists()


def test_what_shows_only_when_it_is_loaded_is_one_line_too(finder: Path) -> None:
    from safetensors.numpy import save_file

    config = json.loads((finder / "config.json").read_text())
    (finder / "config.json").write_text(json.dumps(config | {"model_type": "no-such-model"}))
    with pytest.raises(ModelError, match=f"^{finder} can't be loaded as an embedding model: .") as caught:
        EmbeddingModel.open(str(finder)).prepare_questions()
    assert str(caught.value).isprintable()
    (finder / "config.json").write_text(json.dumps(config))
    (finder / "tokenizer.json").write_text("{}")
    with pytest.raises(ModelError, match=f"^{finder} can't be loaded as an embedding model: ."):
        EmbeddingModel.open(str(finder)).count_tokens("text")
    (finder / "2").mkdir()  # a class that only a program may name; sentence-transformers advises to trust it
    modules(finder, (TRANSFORMER, ""), (POOLING, "1_Pooling"), (TRANSFORMER.replace("transformer.T", "dense.D"), "2"))
    (finder / "2" / "config.json").write_text(
        json.dumps({"in_features": 2, "out_features": 2, "bias": False, "activation_function": "mycode.Evil"})
    )
    import numpy as np

    save_file({"linear.weight": np.zeros((2, 2), np.float32)}, finder / "2" / "model.safetensors")
    model = EmbeddingModel.open(str(finder))
    with pytest.raises(ModelError) as refused:
        model.prepare_questions()
    assert "trust_remote_code" not in str(refused.value)


def test_safetensors_beside_other_files_of_weights_are_what_is_loaded(finder: Path) -> None:
    (finder / "pytorch_model.bin").write_bytes(pickle.dumps(Dangerous(finder / "trace")))
    model = EmbeddingModel.open(str(finder))
    assert model.encode_documents(["a border", "a harbour"]).shape == (2, 32)
    assert not (finder / "trace").exists()


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "it ends within its header"),
        (b"\x10\0\0\0\0\0\0\0{}", "it ends within its header"),
        (b"\xff" * 64, "it ends within its header"),
        (b"\x02\0\0\0\0\0\0\0[]", "its header can't be read"),
        (b"\x02\0\0\0\0\0\0\0{)", "its header can't be read"),
        (b'\x07\0\0\0\0\0\0\0{"a":1}', "its header can't be read"),
        (b"\x02\0\0\0\0\0\0\0{}more", "its tensors take 10 bytes, it has 14"),
    ],
)
def test_a_header_that_is_damaged(tmp_path: Path, data: bytes, problem: str) -> None:
    (tmp_path / "model.safetensors").write_bytes(data)
    with pytest.raises(ModelError) as caught:
        check_weights(tmp_path)
    assert str(caught.value) == (
        f"{tmp_path / 'model.safetensors'} is damaged or incomplete: {problem}; fetch it again"
    )


def test_weights_in_several_files_are_all_there(tmp_path: Path) -> None:
    files = [f"model-0000{number}-of-00002.safetensors" for number in (1, 2)]
    safetensors(tmp_path / files[0])
    index = {"weight_map": {"a": files[0], "b": files[1]}}
    (tmp_path / "model.safetensors.index.json").write_text(json.dumps(index))
    with pytest.raises(ModelError, match=f"^{tmp_path} is incomplete: there is no {files[1]}; fetch it again$"):
        check_weights(tmp_path)
    safetensors(tmp_path / files[1])
    check_weights(tmp_path)


def test_the_fingerprint_covers_what_is_loaded_of_each_part(tmp_path: Path) -> None:
    folder = embedder(tmp_path / "model")
    loaded = ["2_Dense/model.safetensors", "0_Router/spiece.model", "0_Router/query_0/model.safetensors",
              "0_Router/query_0/config.json", "0_Router/query_0/vocab.txt", "chat_template.jinja"]  # fmt: skip
    seen = {folder_fingerprint(folder)}
    for name in loaded:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("one")
        seen.add(folder_fingerprint(folder))
        (folder / name).write_text("another")
        seen.add(folder_fingerprint(folder))
    assert len(seen) == 1 + 2 * len(loaded)


def test_the_fingerprint_of_the_packaged_model_stays(model: EmbeddingModel) -> None:
    """Or all libraries would have to be embedded again."""
    assert model.fingerprint == "1e1905441ddcb813"
