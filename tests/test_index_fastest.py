"""The fastest runtime is found once, whatever else goes wrong with the others."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from index import fastest as module
from index.embedder import EmbeddingModel
from index.export import exported
from index.fastest import MIN_COSINE, fastest, noted
from index.runtimes import RUNTIMES
from tests.index_helpers import write_files

FLOAT32 = RUNTIMES[0]


@pytest.fixture
def export(model: EmbeddingModel, tmp_path: Path) -> Path:
    """Return a folder with the packaged model's export, of which nothing is measured."""
    model.prepare_questions()
    made = exported(model.fingerprint)
    assert made
    (tmp_path / "export").mkdir()
    for name in ("model.onnx", "model.onnx.data", "config.json", "tokenizer.json"):
        (tmp_path / "export" / name).hardlink_to(made / name)  # onnxruntime follows no link out of the folder
    return tmp_path / "export"


def note(export: Path) -> dict[str, object]:
    (file,) = export.glob("fastest-*.json")
    kept: dict[str, object] = json.loads(file.read_text())
    return kept


def test_it_is_measured_once(export: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert noted(export) is None
    name = fastest(export)
    measured = {one["runtime"]: one for one in note(export)["measured"]}  # type: ignore[attr-defined]
    assert tuple(measured) == RUNTIMES
    assert measured[FLOAT32]["cosine"] > 0.99999 and measured[FLOAT32]["seconds"] > 0
    assert measured[name]["seconds"] == min(m["seconds"] for m in measured.values() if m["cosine"] >= MIN_COSINE)
    monkeypatch.setattr(module, "_measured_in_child", None)  # called, it would raise
    assert fastest(export) == noted(export) == name


@pytest.mark.parametrize(
    ("openvino", "told"),
    [
        ("raise ImportError('not installed')", "ImportError: not installed"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGILL)", None),  # instructions that aren't there
    ],
)
def test_without_openvino_it_is_onnxruntime(
    export: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, openvino: str, told: str | None
) -> None:
    write_files(tmp_path / "first", {"openvino/__init__.py": openvino})
    monkeypatch.syspath_prepend(tmp_path / "first")
    assert fastest(export) == FLOAT32
    errors = [one.get("error") for one in note(export)["measured"]]  # type: ignore[attr-defined]
    assert errors == ([None, told, told, told] if told else [None])


def test_one_that_hangs_is_not_waited_for(export: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_files(tmp_path / "first", {"openvino/__init__.py": "import time; time.sleep(600)"})
    monkeypatch.syspath_prepend(tmp_path / "first")
    monkeypatch.setattr(module, "_SECONDS", 5)
    assert fastest(export) == FLOAT32


def test_the_fastest_whose_vectors_agree(export: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = [
        {"runtime": "a", "seconds": 3.0, "cosine": 1.0},
        {"runtime": "b", "seconds": 2.0, "cosine": MIN_COSINE},
        {"runtime": "c", "seconds": 1.0, "cosine": 0.98},
        {"runtime": "d", "seconds": 1.0, "cosine": float("nan")},
    ]
    monkeypatch.setattr(module, "_measured_in_child", lambda _: found)
    assert fastest(export) == "b"


def test_when_nothing_can_be_measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module.sys, "executable", str(tmp_path / "none"))
    assert fastest(tmp_path) == FLOAT32
    assert noted(tmp_path) == FLOAT32
