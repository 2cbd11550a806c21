"""Documents are encoded as sentence-transformers would, by whatever runtime, in whatever batch."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from index.embedder import EmbeddingModel, _DocumentTransformer, runtime_of
from index.encoder import BATCH_TOKENS, DocumentEncoder, Tokenised
from index.export import exported
from index.readers import read
from index.runtimes import RUNTIMES, Runtime, start
from tests.index_helpers import CORPUS, REPOSITORY

ODD = ["", " ", "a", "?", "supercalifragilisticexpialidocious" * 8, "x" * 3000, "Чего требует Россия? 🙂"]
WORKERS = 2


def passages() -> Iterator[str]:
    """Yield passages of the corpus, French and English, from one word to more than the model reads."""
    for number, path in enumerate(sorted(CORPUS.iterdir())):
        text = " ".join(read(path, path.read_bytes()).text.split())
        for part, length in enumerate((5, 40, 300, 700)):
            yield text[100 * part : 100 * part + length + number]
    yield "The talks went on for hours and nothing came of them. " * 60  # 660 tokens


PASSAGES = list(islice(passages(), 49)) + list(passages())[-1:]


@pytest.fixture(scope="module")
def export(model: EmbeddingModel) -> Path:
    """Return the folder of the packaged model's export."""
    model.prepare_questions()
    folder = exported(model.fingerprint)
    assert folder
    return folder


def started(name: str, export: Path) -> Runtime:
    """Load an export into a runtime, or skip the test where this machine hasn't got it."""
    try:
        return start(name, export, WORKERS)
    except (ImportError, ValueError) as error:
        pytest.skip(f"{name}: {error}")


@pytest.fixture(scope="module", params=RUNTIMES)
def encoder(request: pytest.FixtureRequest, export: Path) -> DocumentEncoder:
    """Return the packaged model on each runtime that this machine has."""
    return DocumentEncoder(export, started(request.param, export), WORKERS)


def test_every_runtime_agrees_with_sentence_transformers(encoder: DocumentEncoder, model: EmbeddingModel) -> None:
    assert len(PASSAGES) == 50 and model.count_tokens(PASSAGES[-1]) > 600
    ours, theirs = encoder.encode(PASSAGES + ODD), _DocumentTransformer(model).encode(PASSAGES + ODD)
    assert ours.shape == theirs.shape == (57, 384)
    assert ours.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(ours, axis=1), 1, atol=1e-5)
    cosines = (ours * theirs).sum(axis=1)
    assert cosines[:50].min() > 0.998 and np.mean(cosines[:50]) > 0.999
    assert cosines.min() > 0.99, dict(zip(ODD, cosines[50:].tolist(), strict=True))
    assert (ours @ ours.T).min() < 0.5  # and they are not all one vector


def test_a_vector_does_not_depend_on_its_batch(encoder: DocumentEncoder) -> None:
    texts = PASSAGES[:12] + ODD
    together = encoder.encode(texts * 2)
    alone = np.concatenate([encoder.encode([text]) for text in texts])
    np.testing.assert_allclose(together, np.tile(alone, (2, 1)), atol=5e-3)
    assert encoder.encode([]).shape == (0, 384)


def test_batches_are_of_similar_length_and_hold_every_text_once(export: Path) -> None:
    tokenised = Tokenised(export)
    batches = list(tokenised.batches(PASSAGES))
    assert sorted(number for batch in batches for number in batch.numbers) == list(range(50))
    lengths = [batch.inputs["input_ids"].shape[1] for batch in batches]
    assert lengths == sorted(lengths, reverse=True)
    assert lengths[0] == 256  # what the model reads of the longest
    assert all(batch.inputs["input_ids"].size <= BATCH_TOKENS for batch in batches)
    padding = sum(int((batch.inputs["attention_mask"] == 0).sum()) for batch in batches)
    assert padding < 0.2 * sum(batch.inputs["input_ids"].size for batch in batches)
    (single,) = tokenised.batches(PASSAGES[-1:], 10)
    assert single.numbers == [0]


def test_whoever_is_told_of_a_batch_may_end_it(export: Path) -> None:
    encoder = DocumentEncoder(export, started(RUNTIMES[0], export), WORKERS)
    told: list[int] = []

    def on_batch(number: int) -> None:
        told.append(number)
        if len(told) == 3:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        encoder.encode(PASSAGES, on_batch)
    assert told[0] == 49  # the longest comes first
    assert encoder.encode(PASSAGES[:1]).shape == (1, 384)  # and it goes on working


def test_prompts_are_put_before_questions_and_documents(model: EmbeddingModel, tmp_path: Path) -> None:
    for source in model.folder.rglob("*"):
        if source.is_file():
            target = tmp_path / "prompted" / source.relative_to(model.folder)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.symlink_to(source)
    settings = tmp_path / "prompted" / "config_sentence_transformers.json"
    configured = json.loads(settings.read_text()) | {"prompts": {"query": "question: ", "document": "title: none | "}}
    settings.unlink()
    settings.write_text(json.dumps(configured))
    prompted = EmbeddingModel.open(str(tmp_path / "prompted"))
    text = ["What does Russia demand?"]
    document = prompted.encode_documents(text)
    question = prompted.question_encoder().encode(text)
    assert runtime_of(prompted.fingerprint) in RUNTIMES  # not left to sentence-transformers
    theirs = prompted._transformer
    assert (document @ theirs.encode_document(text, normalize_embeddings=True)[0]).item() > 0.99
    assert (question @ theirs.encode_query(text, normalize_embeddings=True)[0]).item() > 0.999
    (plain,) = model.encode_documents(text)
    assert max((document @ plain).item(), (question @ plain).item(), (document[0] @ question[0]).item()) < 0.98


def cpu_time_by_niceness() -> dict[int, int]:
    """Return the clock ticks that this process's threads have taken, by their niceness."""
    spent: dict[int, int] = {}
    for task in Path("/proc/self/task").iterdir():
        fields = (task / "stat").read_text().rpartition(")")[2].split()
        spent[int(fields[16])] = spent.get(int(fields[16]), 0) + int(fields[11])
    return spent


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux gives threads a priority of their own")
@pytest.mark.parametrize("name", RUNTIMES)
def test_the_work_has_the_priority_of_the_thread_that_loads_the_model(name: str, export: Path) -> None:
    def work() -> None:
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 15)
        encoder = DocumentEncoder(export, start(name, export, WORKERS), WORKERS)
        before.update(cpu_time_by_niceness())
        for _ in range(8):
            encoder.encode(PASSAGES[:24])
        after.update(cpu_time_by_niceness())

    started(name, export)  # or this is skipped
    before: dict[int, int] = {}
    after: dict[int, int] = {}
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    spent = {niceness: ticks - before.get(niceness, 0) for niceness, ticks in after.items()}
    assert spent[15] > 10
    assert spent[15] > 0.9 * sum(spent.values())


@pytest.mark.parametrize("runtime", ["onnxruntime float32", "openvino float32"])
def test_nothing_is_told_to_anyone(export: Path, tmp_path: Path, runtime: str) -> None:
    code = (
        "import sys; from pathlib import Path; from index.runtimes import start\n"
        f"start({runtime!r}, Path({str(export)!r}), 1)\n"
        "print(*(name for name in sys.modules if 'telemetry' in name and sys.modules[name]))"
    )
    silencers = ("CI", "ORT_DISABLE_TELEMETRY", "XDG_CACHE_HOME")  # onnxruntime is silent in tests of its own accord
    environment = {name: value for name, value in os.environ.items() if name not in silencers}
    ran = subprocess.run(
        [sys.executable, "-c", code],
        env=environment | {"HOME": str(tmp_path), "PYTHONPATH": str(REPOSITORY)},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert not [name for name in ran.stdout.split() if name.startswith("openvino_telemetry")]
    assert list(tmp_path.iterdir()) == [], "something wrote down who this is"
