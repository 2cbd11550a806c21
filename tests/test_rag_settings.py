"""Settings: where values come from, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from index.errors import SettingsError
from rag.settings import Settings, load_settings


def test_flags_beat_environment_beats_file_beats_defaults(tmp_path: Path) -> None:
    file = tmp_path / "rag.toml"
    file.write_text('library = "file"\nthreads = 3\nanswer = "quotes"\n')
    got = load_settings({"library": "flag", "threads": None}, {"RAG_LIBRARY": "env", "RAG_THREADS": "2"}, file)
    assert got == Settings(library="flag", threads=2, answer="quotes")
    assert load_settings({}, {}, tmp_path / "none.toml") == Settings()


def test_the_file_of_the_current_folder_is_read() -> None:
    Path("rag.toml").write_text('generator = "none"\n')
    assert load_settings({}, {}).generator == "none"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('libary = "x"', "unknown setting libary in {file}; did you mean library?"),
        (
            "temperature = 1",
            "unknown setting temperature in {file}; known: answer, embedder, entailment, generator, library, reranker, "
            "threads",
        ),
        ('answer = "long"', 'answer must be "auto", "written" or "quotes", not \'long\' (in {file})'),
        ("threads = -1", "threads must be a whole number, 0 for all, not -1 (in {file})"),
        ("threads = true", "threads must be a whole number, 0 for all, not True (in {file})"),
        ("library = 3", "library must be a text, not 3 (in {file})"),
        ("reranker = false", "reranker must be a text, not False (in {file})"),
    ],
)
def test_a_wrong_file_is_named_with_the_remedy(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "rag.toml"
    file.write_text(text)
    with pytest.raises(SettingsError) as caught:
        load_settings({}, {}, file)
    assert str(caught.value) == message.format(file=file)


def test_broken_toml_is_named(tmp_path: Path) -> None:
    file = tmp_path / "rag.toml"
    file.write_text("library = ")
    with pytest.raises(SettingsError, match="is not valid TOML"):
        load_settings({}, {}, file)


def test_unknown_variables_are_refused_and_places_are_not() -> None:
    with pytest.raises(SettingsError, match="unknown setting RAG_THREAD in the environment; did you mean RAG_THREADS"):
        load_settings({}, {"RAG_THREAD": "2"})
    with pytest.raises(SettingsError, match="threads in the environment must be a whole number, not 'two'"):
        load_settings({}, {"RAG_THREADS": "two"})
    assert load_settings({}, {"RAG_CACHE_DIR": "/x", "RAG_DATA_DIR": "/y", "PATH": "/z"}) == Settings()


def test_a_library_is_a_name_or_a_path(tmp_path: Path) -> None:
    assert Settings(library="trial").library_folder.parts[-2:] == ("libraries", "trial")
    assert Settings(library=f"{tmp_path}/x").library_folder == tmp_path / "x"
    assert Settings(library="./x").library_folder == Path("x").resolve()
