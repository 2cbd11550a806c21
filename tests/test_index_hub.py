"""Fetching models from a stand-in hub by the real command: whole and verified or not at all, whatever happens."""

from __future__ import annotations

import hashlib
import json
import os
import pty
import random
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from filelock import FileLock

from index.catalogue import known_model
from index.embedder import EmbeddingModel
from index.errors import ModelError
from index.hub import Download, HubFile, _check_space
from rag.generator import LlamaGenerator
from tests.gguf_files import make_gguf, metadata
from tests.hub_server import COMMIT, Hub, Repository

GGUF = make_gguf(metadata()) + random.Random(7).randbytes(700_000)
WEIGHTS = random.Random(8).randbytes(300_000)
# The catalogue is a test's own; everything else is the real command.
CHILD = """
import sys
from pathlib import Path
import index.catalogue
index.catalogue.CATALOGUE = Path(sys.argv.pop(1))
from ui.cli import main
main()
"""
WRITER, FINDER = "test/writer-GGUF", "test/finder"


@pytest.fixture
def hub() -> Iterator[Hub]:
    with Hub().running() as running:
        running.repositories[WRITER] = Repository({"writer.gguf": GGUF, "README.md": b"# Writer"})
        running.repositories[FINDER] = Repository({"model.safetensors": WEIGHTS, "config.json": b"{}"})
        yield running


@pytest.fixture
def catalogue(tmp_path: Path) -> Path:
    return write_catalogue(tmp_path / "catalogue.toml")


def write_catalogue(path: Path, **changes: object) -> Path:
    """Write a catalogue of a writer and a finder; the changes are of both."""
    entries = []
    for name, kind, repository, file in (
        ("writer", "generator", WRITER, "writer.gguf"),
        ("finder", "embedder", FINDER, "model.safetensors"),
    ):
        entry = {
            "name": name, "kind": kind, "repository": repository, "revision": COMMIT, "file": file, "parameters": 1,
            "languages": "en", "licence": "Apache-2.0", "good_for": "tests",
        }  # fmt: skip
        values = (f"{key} = {json.dumps(value)}" for key, value in {**entry, **changes}.items())
        entries.append("\n".join(["[[model]]", *values]))
    path.write_text("\n\n".join(entries))
    return path


def environment(hub: Hub | str, **more: str) -> dict[str, str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("HF_")}
    url = hub if isinstance(hub, str) else hub.url
    home = str(Path(os.environ["RAG_DATA_DIR"]) / "hf")  # no token of whoever runs the tests
    root = str(Path(__file__).resolve().parents[1])
    return clean | {"HF_ENDPOINT": url, "HF_HOME": home, "PYTHONPATH": root, "NO_PROXY": "127.0.0.1"} | more


def command(catalogue: Path, *args: str) -> list[str]:
    return [sys.executable, "-c", CHILD, str(catalogue), "models", *args]


def models(hub: Hub | str, catalogue: Path, *args: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(catalogue, *args),
        env=environment(hub, **more), capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=99, check=False,
    )  # fmt: skip


def folder() -> Path:
    return Path(os.environ["RAG_DATA_DIR"]) / "models"


def assert_failed(ran: subprocess.CompletedProcess[str], *words: str) -> None:
    """The last line is an error with these words, the only one of it; and there is no model."""
    last = ran.stderr.splitlines()[-1]
    assert ran.returncode == 2
    assert last.startswith("rag: ")
    for word in words:
        assert word in last
    assert "Traceback" not in ran.stderr
    assert_nothing_there()


def assert_nothing_there() -> None:
    assert [path.name for path in folder().glob("*") if path.name != ".staging"] == []
    for open_ in (LlamaGenerator.open, EmbeddingModel.open):
        with pytest.raises(Exception, match="writer"):
            open_("writer")


def assert_writer_is_there() -> None:
    assert (folder() / "writer" / "writer.gguf").read_bytes() == GGUF
    assert {path.name for path in (folder() / "writer").iterdir()} == {"writer.gguf", "origin.toml"}
    assert list((folder() / ".staging").iterdir()) == []
    assert LlamaGenerator.open("writer").path == folder() / "writer" / "writer.gguf"


def test_a_generator_comes_whole_with_its_origin_and_nothing_else(hub: Hub, catalogue: Path) -> None:
    ran = models(hub, catalogue, "get", "writer", "--yes")
    assert (ran.returncode, ran.stdout) == (0, "")
    assert ran.stderr.splitlines() == [
        "writer: tests",
        f"From     {hub.url}/{WRITER} at 0123456",
        "Size     0.00 GB; it takes about 0.6 GB of memory to run",
        "Licence  Apache-2.0",
        f"Into     {folder() / 'writer'}",
        "writer is here. To use it: rag models use writer",
    ]
    assert_writer_is_there()
    origin = (folder() / "writer" / "origin.toml").read_text()
    assert f'commit = "{COMMIT}"' in origin
    assert f'"writer.gguf" = "{hashlib.sha256(GGUF).hexdigest()}"' in origin
    assert hub.starts("README.md") == []
    listed = models(hub, catalogue)
    assert "here  writer" in listed.stdout
    again = models(hub, catalogue, "get", "writer", "--yes")
    assert again.stderr == "writer is here already; rag models use writer\n"
    assert hub.sent("writer.gguf") == len(GGUF)


def test_a_model_of_sentence_transformers_is_fetched_without_anything_that_runs_and_used(
    hub: Hub, catalogue: Path, tmp_path: Path
) -> None:
    hub.repositories[FINDER] = tiny_embedder(tmp_path / "tiny")
    needless = {
        "pytorch_model.bin": b"\x80pickle",
        "modeling.py": b"import os",
        "onnx/model.onnx": b"onnx",
        "a.md": b"",
    }
    hub.repositories[FINDER].files |= needless
    assert models(hub, catalogue, "get", "finder", "--yes").returncode == 0
    assert {asked.path for asked in hub.asked} == hub.repositories[FINDER].files.keys() - needless
    used = models(hub, catalogue, "use", "finder")
    assert used.stderr.splitlines()[0] == f"embedder = finder  ({folder().parent / 'rag.toml'})"
    model = EmbeddingModel.open("finder")
    assert model.encode_documents(["one text", "another one"]).shape == (2, 32)
    assert model._transformer.prompts["document"] == ""
    ran = models(hub, catalogue, "remove", "finder")
    assert "rag: finder is in use; before: rag models use packaged" in ran.stderr
    assert models(hub, catalogue, "use", "packaged").returncode == 0
    assert models(hub, catalogue, "remove", "finder").stderr == "Removed finder: 0.00 GB are free again.\n"
    assert [path.name for path in folder().iterdir()] == [".staging"]
    assert "rag: there is no fetched model finder" in models(hub, catalogue, "remove", "finder").stderr


def test_prompts_that_a_model_does_not_bring_are_added(hub: Hub, tmp_path: Path) -> None:
    prompts = {"query_prompt": "query: ", "document_prompt": "passage: "}
    catalogue = write_catalogue(tmp_path / "prompts.toml", **prompts)
    finder = hub.repositories[FINDER] = tiny_embedder(tmp_path / "tiny")
    brought = finder.files.pop("config_sentence_transformers.json")
    assert models(hub, catalogue, "get", "finder", "--yes").returncode == 0
    loaded = EmbeddingModel.open("finder")._transformer.prompts
    assert loaded == {"query": "query: ", "document": "passage: "}
    assert models(hub, catalogue, "remove", "finder").returncode == 0
    finder.files["config_sentence_transformers.json"] = brought
    assert models(hub, catalogue, "get", "finder", "--yes").returncode == 0
    assert (folder() / "finder" / "config_sentence_transformers.json").read_bytes() == brought


def tiny_embedder(path: Path) -> Repository:
    """Make a real model of two layers and 32 dimensions."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
    from transformers import BertConfig, BertModel, BertTokenizerFast

    path.mkdir()
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "one", "another", "text"]
    (path / "vocab.txt").write_text("\n".join(words))
    config = BertConfig(
        vocab_size=len(words), hidden_size=32, num_hidden_layers=2, num_attention_heads=2, intermediate_size=64
    )
    BertModel(config).save_pretrained(path / "bert", safe_serialization=True)
    BertTokenizerFast(str(path / "vocab.txt")).save_pretrained(path / "bert")
    transformer = Transformer(str(path / "bert"))
    SentenceTransformer(modules=[transformer, Pooling(32)], device="cpu").save_pretrained(str(path / "model"))
    files = [file for file in (path / "model").rglob("*") if file.is_file() and file.suffix != ".md"]
    return Repository({file.relative_to(path / "model").as_posix(): file.read_bytes() for file in files})


def test_a_connection_cut_three_times_is_taken_up_where_it_broke(hub: Hub, catalogue: Path) -> None:
    hub.repositories[WRITER].cuts = [5, 300_000, len(GGUF) - 1]
    assert models(hub, catalogue, "get", "writer", "--yes").returncode == 0
    assert_writer_is_there()
    assert hub.starts("writer.gguf") == [0, 5, 300_000, len(GGUF) - 1]
    assert hub.sent("writer.gguf") == len(GGUF)


@pytest.mark.parametrize("place", [5, 300_000, len(GGUF) - 1])
def test_the_next_run_asks_only_for_what_is_missing(hub: Hub, catalogue: Path, place: int) -> None:
    writer = hub.repositories[WRITER]
    writer.cuts, writer.down_after_cuts = [place], True
    assert_failed(models(hub, catalogue, "get", "writer", "--yes"), f"{hub.url} answered 503; try again later", "kept")
    writer.down_after_cuts = False
    assert models(hub, catalogue, "get", "writer", "--yes").returncode == 0
    assert_writer_is_there()
    assert hub.starts("writer.gguf") == [0, place]
    assert hub.sent("writer.gguf") == len(GGUF)


def test_a_server_that_can_only_begin_again_is_let_begin_again(hub: Hub, catalogue: Path) -> None:
    hub.repositories[WRITER].cuts, hub.repositories[WRITER].ignores_ranges = [300_000], True
    assert models(hub, catalogue, "get", "writer", "--yes").returncode == 0
    assert_writer_is_there()


def test_a_server_that_never_gets_further_is_given_up(hub: Hub, catalogue: Path) -> None:
    hub.repositories[WRITER].cuts, hub.repositories[WRITER].ignores_ranges = [9] * 9, True
    assert_failed(models(hub, catalogue, "get", "writer", "--yes"), f"no connection to {hub.url}", "check the network")


def test_a_wrong_checksum_is_deleted_and_said(hub: Hub, catalogue: Path) -> None:
    hub.repositories[WRITER].damaged = True
    ran = models(hub, catalogue, "get", "writer", "--yes")
    assert_failed(ran, "writer.gguf of writer arrived damaged (its checksum is wrong) and was deleted; try again: rag")
    assert not list(folder().rglob("writer.gguf*"))
    hub.repositories[WRITER].damaged = False
    assert models(hub, catalogue, "get", "writer", "--yes").returncode == 0
    assert_writer_is_there()


def test_small_files_are_checked_by_the_sum_of_git(hub: Hub, catalogue: Path) -> None:
    finder = hub.repositories[FINDER]
    listed = finder.listing(FINDER)
    finder.listing = lambda name: listed  # type: ignore[method-assign]
    finder.files["config.json"] = b"[]"  # of the same length as what is listed
    ran = models(hub, catalogue, "get", "finder", "--yes")
    assert_failed(ran, "config.json of finder arrived damaged")
    assert hub.starts("model.safetensors") == []


def test_a_file_that_the_catalogue_does_not_know_is_not_asked_for(hub: Hub, tmp_path: Path) -> None:
    catalogue = write_catalogue(tmp_path / "pinned.toml", sha256="0" * 64)
    ran = models(hub, catalogue, "get", "writer", "--yes")
    assert_failed(ran, "writer.gguf in test/writer-GGUF is not the file that the catalogue knows (its SHA-256 differs)")
    assert hub.asked == []


@pytest.mark.parametrize(
    ("status", "code", "words"),
    [
        (
            401,
            "GatedRepo",
            "writer is only given to those who accepted its licence (Apache-2.0): do so at {page}, then",
        ),
        (403, "GatedRepo", "set HF_TOKEN to a token from https://huggingface.co/settings/tokens"),
        (403, "", "writer is only given to those who accepted its licence"),
        (404, "EntryNotFound", "test/writer-GGUF has no writer.gguf at 0123456: the catalogue is out of date"),
        (500, "", "{url} answered 500; try again later: what has come is kept"),
    ],
)
def test_a_refusal_names_the_remedy(hub: Hub, catalogue: Path, status: int, code: str, words: str) -> None:
    hub.repositories[WRITER].refuse = (status, code)
    ran = models(hub, catalogue, "get", "writer", "--yes")
    assert_failed(ran, words.format(page=f"{hub.url}/{WRITER}", url=hub.url))


def test_a_repository_revision_or_file_that_is_not_there(hub: Hub, catalogue: Path, tmp_path: Path) -> None:
    other = write_catalogue(tmp_path / "other.toml", revision="f" * 40)
    assert_failed(models(hub, other, "get", "writer", "--yes"), "test/writer-GGUF has no writer.gguf at fffffff")
    del hub.repositories[WRITER].files["writer.gguf"]
    assert_failed(models(hub, catalogue, "get", "writer", "--yes"), "test/writer-GGUF has no writer.gguf at 0123456")
    del hub.repositories[WRITER]
    ran = models(hub, catalogue, "get", "writer", "--yes")
    assert_failed(
        ran, f"there is no {hub.url}/{WRITER}, or only for some (HF_TOKEN tells who you are); see: rag models"
    )
    assert_failed(models(hub, catalogue, "get", "writr", "--yes"), "no model is called writr; did you mean writer?")


def test_code_and_pickles_are_refused_before_the_weights(hub: Hub, catalogue: Path) -> None:
    hub.repositories[FINDER].files["config.json"] = b'{"auto_map": {"AutoModel": "modeling.Model"}}'
    ran = models(hub, catalogue, "get", "finder", "--yes")
    assert_failed(ran, "test/finder needs program code of its own, which is not run here")
    assert hub.starts("model.safetensors") == []
    hub.repositories[FINDER].files = {"config.json": b"{}", "pytorch_model.bin": WEIGHTS}
    assert_failed(models(hub, catalogue, "get", "finder", "--yes"), "test/finder has no model.safetensors at 0123456")


def test_without_space_nothing_is_asked_for(hub: Hub, catalogue: Path) -> None:
    hub.repositories[WRITER].claimed = {"writer.gguf": 10**17}
    ran = models(hub, catalogue, "get", "writer", "--yes")
    words = f"writer needs 100000000.0 GB more in {folder()}, where "
    assert_failed(ran, words, "make room, or set RAG_DATA_DIR to a folder on another disk")
    assert hub.asked == []


def test_a_little_that_lacks_is_told_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    folder().mkdir(parents=True)
    monkeypatch.setattr("index.hub.shutil.disk_usage", lambda _: SimpleNamespace(free=100_500_000))
    with pytest.raises(ModelError) as caught:
        _check_space(Download(known_model("qwen3-0.6b"), (HubFile("a.gguf", 700_000, None, None),), None))
    assert str(caught.value).startswith(
        f"qwen3-0.6b needs 0.7 MB more in {folder()}, where 100 MB are free and 100 MB must stay so; make room, or"
    )


def test_a_disk_that_takes_no_more_is_named(hub: Hub, catalogue: Path) -> None:
    limited = f"import resource\nresource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))\n{CHILD}"
    ran = subprocess.run(
        [sys.executable, "-c", limited, str(catalogue), "models", "get", "writer", "--yes"],
        env=environment(hub), capture_output=True, text=True, timeout=99, check=False,
    )  # fmt: skip
    assert_failed(ran, f"can't write to {folder()}: File too large")
    assert models(hub, catalogue, "get", "writer", "--yes").returncode == 0
    assert_writer_is_there()
    assert hub.starts("writer.gguf") == [0, 100_000]


def test_without_a_network_or_on_purpose_offline(catalogue: Path, hub: Hub) -> None:
    nowhere = "http://127.0.0.1:9"
    ran = models(nowhere, catalogue, "get", "writer", "--yes")
    assert_failed(ran, f"no connection to {nowhere} (", "check the network or HF_ENDPOINT")
    ran = models(hub, catalogue, "get", "writer", "--yes", HF_HUB_OFFLINE="1")
    assert_failed(ran, "HF_HUB_OFFLINE is set: nothing is fetched; unset it")
    hub.repositories[WRITER].listing = lambda name: ["a log-in page"]  # type: ignore
    ran = models(hub, catalogue, "get", "writer", "--yes")
    assert_failed(ran, f"what answers at {hub.url} is not a hub of models; check the network or HF_ENDPOINT")
    assert "kept" not in ran.stderr, "nothing was being fetched"
    assert "kept" not in models(nowhere, catalogue, "get", "writer", "--yes").stderr
    assert_failed(models("foo", catalogue, "get", "writer", "--yes"), "no connection to foo", "HF_ENDPOINT")
    ran = models(nowhere, catalogue, "check")
    assert ran.returncode == 2
    assert ran.stderr.endswith("; check the network or HF_ENDPOINT\n")
    assert ran.stderr.startswith(f"Not compared with the hub so far: writer, finder\nrag: no connection to {nowhere}")


def test_ctrl_c_keeps_what_has_come(hub: Hub, catalogue: Path) -> None:
    hub.repositories[WRITER].hold_at = 300_000
    process = subprocess.Popen(
        command(catalogue, "get", "writer", "--yes"), env=environment(hub), stderr=subprocess.PIPE, text=True
    )
    assert hub.holding.wait(60)
    part = folder() / ".staging" / "writer" / COMMIT / "writer.gguf.part"
    wait_for(lambda: part.is_file() and part.stat().st_size > 200_000)
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=60)
    assert process.returncode == 130
    assert told.splitlines()[-1] == "Stopped. What has come is kept; go on with: rag models get writer"
    assert_nothing_there()
    hub.released.set()
    hub.repositories[WRITER].hold_at = None
    assert models(hub, catalogue, "get", "writer", "--yes").returncode == 0
    assert_writer_is_there()
    first, second = hub.starts("writer.gguf")
    assert first == 0
    assert 200_000 < second <= 300_000


def wait_for(happens: Callable[[], bool]) -> None:
    until = time.monotonic() + 60
    while not happens():
        assert time.monotonic() < until
        time.sleep(0.05)


def test_the_token_goes_to_the_hub_and_not_to_where_the_hub_sends_us(hub: Hub, catalogue: Path) -> None:
    assert models(hub, catalogue, "get", "finder", "--yes", HF_TOKEN="hf_secret").returncode == 0
    assert {asked.path: asked.token for asked in hub.asked} == {
        "config.json": "Bearer hf_secret",
        "model.safetensors": None,
    }


def test_nothing_is_fetched_without_consent(hub: Hub, catalogue: Path) -> None:
    hub.repositories[WRITER].licence = "other"
    ran = models(hub, catalogue, "get", "writer")
    assert_failed(ran, "nobody is here to ask: say --yes to fetch it")
    assert "Licence  Apache-2.0 (the hub says: other)" in ran.stderr
    main, side = pty.openpty()
    for answer, status in ((b"n\n", 1), (b"y\n", 0)):
        process = subprocess.Popen(
            command(catalogue, "get", "writer"), env=environment(hub), stdin=side, stdout=side, stderr=side
        )
        seen = b""
        while b"Fetch it? [y/N]" not in seen:
            assert select.select([main], [], [], 60)[0]
            seen += os.read(main, 4096)
        os.write(main, answer)
        while process.poll() is None:
            if select.select([main], [], [], 0.1)[0]:
                os.read(main, 4096)
        assert process.returncode == status
        assert (folder() / "writer").is_dir() is (status == 0)
    os.close(main)
    os.close(side)


def test_two_at_once(hub: Hub, catalogue: Path) -> None:
    staging = folder() / ".staging" / "writer"
    staging.mkdir(parents=True)
    with FileLock(staging / "lock"):
        assert_failed(models(hub, catalogue, "get", "writer", "--yes"), "writer is being fetched by another rag")
    assert models(hub, catalogue, "get", "writer", "--yes").returncode == 0


def test_check_tells_what_the_hub_says_otherwise(hub: Hub, tmp_path: Path) -> None:
    catalogue = write_catalogue(tmp_path / "c.toml", size=len(GGUF), sha256=hashlib.sha256(GGUF).hexdigest())
    del hub.repositories[WRITER].files["README.md"]
    hub.repositories[FINDER].licence = "mit"
    ran = models(hub, catalogue, "check")
    writer, finder = ran.stdout.splitlines()
    assert writer.split(None, 1) == ["writer", "as at the hub  (verified = false)"]
    assert finder.split(None, 1)[1] == (
        f"size is {len(WEIGHTS)} there, {len(GGUF)} here; sha256 is {hashlib.sha256(WEIGHTS).hexdigest()} there, "
        f"{hashlib.sha256(GGUF).hexdigest()} here; licence is mit there, apache-2.0 here  (verified = false)"
    )
    assert (ran.returncode, models(hub, catalogue, "check", "writer").returncode) == (1, 0)
    del hub.repositories[WRITER]
    assert "there is no " in models(hub, catalogue, "check", "writer").stdout
