"""What the welcome offers to ask can be answered by what the library holds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from index.library import Library
from index.sync import sync
from tests.index_helpers import HashModel, as_model, write_files
from ui.examples import EXAMPLE_DOCUMENTS, example_questions

GOLD = EXAMPLE_DOCUMENTS.parent / "gold"


def library_of(folder: Path, *documents: Path) -> Library:
    library = Library.create(folder / "library")
    sync(library, list(documents), as_model(HashModel()))
    return library


def gold() -> dict[str, dict[str, Any]]:
    texts = [file.read_text(encoding="utf-8") for file in GOLD.glob("*.jsonl")]
    return {line["question"]: line for text in texts for line in map(json.loads, text.splitlines())}


@pytest.mark.parametrize("language", ["en", "fr"])
def test_over_the_example_articles_they_are_answerable_gold_questions(corpus: Library, language: str) -> None:
    offered = example_questions(corpus.store, language)
    assert 1 < len(offered) <= 4
    assert len(set(offered)) == len(offered)
    assert all(gold()[question]["answerable"] for question in offered)
    assert {gold()[question]["language"] for question in offered} == {language}


def test_a_gold_question_is_offered_only_where_all_its_documents_are_held(corpus: Library, tmp_path: Path) -> None:
    question = next(one for one in example_questions(corpus.store, "en") if len(needed(one)) > 1)
    documents = [EXAMPLE_DOCUMENTS / name for name in needed(question)]
    for held, offered in ((documents, True), (documents[1:], False)):
        library = library_of(tmp_path / str(offered), *held)
        assert (question in example_questions(library.store, "en")) == offered
        library.close()


def needed(question: str) -> list[str]:
    return sorted({span["document"] for span in gold()[question]["evidence"]})


def test_over_other_documents_they_ask_about_titles_the_readers_language_first(tmp_path: Path) -> None:
    french = "Le pont\n\nLe nouveau pont sur la rivière a été ouvert hier par le maire de la ville, dans la joie."
    english = "The flood\n\nThe river broke its banks in the night, and nobody in the town had been warned of it."
    folder = write_files(tmp_path / "documents", {"a.txt": english, "b.txt": french, "c.pdf": "not read"})
    library = library_of(tmp_path, folder)
    assert example_questions(library.store, "en") == ["What does “The flood” say?", "What does “Le pont” say?"]
    assert example_questions(library.store, "fr") == ["Que dit « Le pont » ?", "Que dit « The flood » ?"]
    library.close()


def test_an_empty_library_offers_nothing(tmp_path: Path) -> None:
    library = library_of(tmp_path)
    assert example_questions(library.store, "en") == []
    library.close()
