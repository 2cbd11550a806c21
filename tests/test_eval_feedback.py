"""Thumbs become questions: the right parts of each rated answer, and nothing that nobody has vouched for."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from eval.command import EvalOptions, evaluate
from eval.feedback import candidates, export
from eval.fields import GoldError
from eval.formats import load_gold
from eval.run import load_records
from eval.scripted import answer, document, quotation
from index.conversations import Conversations, Rating
from index.library import Library
from index.scope import EVERYTHING, Scope
from index.sync import sync
from rag.answer import Answer
from rag.assistant import open_assistant
from rag.contract import answer_to_json
from rag.generator import Message
from rag.settings import Settings
from tests.index_helpers import HashModel, as_model, write_files

TEXT = "Rubio met the envoys in Geneva on Sunday. They spoke for nine hours."
FIRST, SECOND = "Rubio met the envoys in Geneva on Sunday.", "They spoke for nine hours."


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    made = Library.create(tmp_path / "library")
    sync(made, [write_files(tmp_path / "in", {"a.txt": TEXT, "b/b.txt": "Nothing.", "c/b.txt": SECOND})], MODEL)
    yield made
    made.close()


MODEL = as_model(HashModel())


def told(tmp_path: Path, name: str = "a.txt", said: Sequence[tuple[str, str]] = ((FIRST, FIRST),)) -> Answer:
    """Make an answer of sentences and the words that they quote of one document."""
    source = document(str(tmp_path / "in" / name), TEXT if name == "a.txt" else SECOND)
    return answer("Where?", [(text, [quotation(source, words)]) for text, words in said])


def rated(library: Library, given: Answer | dict[str, Any], rating: Rating, expected: str = "") -> dict[str, Any]:
    """Put an answer into a conversation, rate it, and return the candidate that it becomes."""
    kept = Conversations(library.store)
    made = kept.create("ana", "")
    stored = given if isinstance(given, dict) else answer_to_json(given, {})
    turn = kept.add("ana", made.id, "Where did Rubio meet the envoys?", stored)
    kept.rate("ana", turn.id, rating, expected)
    (row,) = [row for row in candidates(library) if row["id"] == f"feedback-{turn.id}"]
    return row


def test_what_was_searched_with_filters_is_to_be_looked_at(library: Library, tmp_path: Path) -> None:
    refused = replace(answer("Who won?", []), outcome="not_in_documents", scope=Scope("2025-06-01"))
    row = rated(library, refused, "up")
    assert row["todo"].startswith("asked only of documents from 2025-06-01: ")
    assert "todo" not in rated(library, replace(refused, scope=EVERYTHING), "up")
    assert "; rated down without a word" in rated(library, refused, "down")["todo"]


def place(document: str, quote: str, start: int | None, end: int | None) -> dict[str, Any]:
    return {"document": document, "start": start, "end": end, "quote": quote}


def test_thumbs_up_takes_what_was_said_and_quoted(library: Library, tmp_path: Path) -> None:
    row = rated(library, told(tmp_path, said=[("He met them in Geneva.", FIRST), (SECOND, SECOND)]), "up")
    assert row == {
        "id": "feedback-1",
        "question": "Where did Rubio meet the envoys?",
        "language": "en",
        "kind": "feedback-up",
        "answerable": True,
        "nuggets": [
            [
                r"(?<!\w)He\s+met\s+them\s+in\s+Geneva\.(?!\w)",
                r"(?<!\w)Rubio\s+met\s+the\s+envoys\s+in\s+Geneva\s+on\s+Sunday\.(?!\w)",
            ],
            [r"(?<!\w)They\s+spoke\s+for\s+nine\s+hours\.(?!\w)"],
        ],
        "evidence": [place("a.txt", FIRST, 0, 41), place("a.txt", SECOND, 42, 68)],
    }  # fmt: skip


def test_thumbs_up_for_a_refusal_is_an_unanswerable_question(library: Library) -> None:
    row = rated(library, answer("Where?", [], outcome="not_in_documents"), "up")
    assert (row["answerable"], row["nuggets"], row["evidence"], "todo" in row) == (False, [], [], False)


def test_thumbs_down_takes_what_was_expected(library: Library, tmp_path: Path) -> None:
    row = rated(library, told(tmp_path), "down", " In  Geneva (GE).\n")
    assert (row["kind"], row["answerable"], row["evidence"], "todo" in row) == ("feedback-down", True, [], False)
    assert row["nuggets"] == [[r"(?<!\w)In\s+Geneva\s+\(GE\)(?!\w)"]]


@pytest.mark.parametrize("expected", ["", " \n", "???", "…"])
def test_thumbs_down_without_a_word_is_left_to_a_person(library: Library, tmp_path: Path, expected: str) -> None:
    row = rated(library, told(tmp_path), "down", expected)
    assert (row["nuggets"], row["evidence"]) == ([], [])
    assert row["todo"].startswith("rated down without a word; say in nuggets what a right answer holds")


def test_thumbs_up_for_what_was_not_sure_is_left_to_a_person(library: Library, tmp_path: Path) -> None:
    """It may praise the quotes, or the doubt."""
    unsure = answer_to_json(told(tmp_path), {}) | {"outcome": "weak_evidence"}
    row = rated(library, unsure, "up")
    assert row["todo"].startswith("rated up, but the answer was not sure") and len(row["evidence"]) == 1
    assert "todo" not in rated(library, unsure, "up", "In Geneva.")


@pytest.mark.parametrize("given", [{}, {"outcome": "failed", "reason": "out of memory"}])
def test_thumbs_up_for_nothing_is_left_to_a_person(library: Library, given: dict[str, Any]) -> None:
    assert rated(library, given, "up")["todo"].startswith("say in nuggets")


def test_documents_that_have_changed(library: Library, tmp_path: Path) -> None:
    def changed(text: str) -> dict[str, Any]:
        write_files(tmp_path / "in", {"a.txt": text})
        sync(library, [tmp_path / "in"], MODEL)
        return rated(library, told(tmp_path), "up")

    moved = changed(f"A new beginning. {TEXT}")
    assert (moved["evidence"], "todo" in moved) == ([place("a.txt", FIRST, None, None)], False)
    assert "the library no longer has all that was quoted" in changed("Rubio stayed at home.")["todo"]


def test_a_name_of_two_documents_is_told_by_its_path(library: Library, tmp_path: Path) -> None:
    row = rated(library, told(tmp_path, "c/b.txt", [(SECOND, SECOND)]), "up")
    assert row["evidence"] == [place(str(tmp_path / "in" / "c" / "b.txt"), SECOND, 0, 26)]


def test_follow_ups_bring_what_was_said_before(library: Library, tmp_path: Path) -> None:
    kept = Conversations(library.store)
    made = kept.create("ana", "")
    given = answer_to_json(told(tmp_path), {})
    for question, stored in [("Where?", given), ("And who won?", {**given, "answer": ""}), ("Why?", given)]:
        turn = kept.add("ana", made.id, question, stored)
    kept.rate("ana", turn.id, "up")
    (row,) = candidates(library)
    assert (row["question"], row["history"]) == (
        "Why?",
        [
            {"role": "user", "content": "Where?"},
            {"role": "assistant", "content": f"{FIRST} [1]"},
            {"role": "user", "content": "And who won?"},
        ],
    )


def test_a_file_is_never_overwritten(library: Library, tmp_path: Path) -> None:
    with pytest.raises(GoldError, match="no answer of the library .* has been rated yet; rate some in: rag web"):
        export(library, tmp_path / "gold.jsonl")
    assert not (tmp_path / "gold.jsonl").exists()
    rated(library, told(tmp_path), "up")
    rated(library, told(tmp_path), "down")
    said = '2 candidates; 1 are to be completed first, as their field "todo" says'
    assert export(library, tmp_path / "gold.jsonl") == said
    (tmp_path / "gold.jsonl").write_text("completed by hand")
    for out in (tmp_path / "gold.jsonl", tmp_path, tmp_path / "no such" / "gold.jsonl"):
        with pytest.raises(GoldError, match=r"can't write .*; name a new file with --out"):
            export(library, out)
    assert (tmp_path / "gold.jsonl").read_text() == "completed by hand"


def rag(*args: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "ui.cli", *map(str, args)], capture_output=True, text=True, timeout=300, check=False,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).resolve().parents[1])},
    )  # fmt: skip


def test_from_a_conversation_to_figures(corpus_library: Path, tmp_path: Path) -> None:
    """All for real but the model that writes: asked, rated, exported, loaded, and asked again."""
    place = shutil.copytree(corpus_library, tmp_path / "library")
    assistant = open_assistant(settings := Settings(library=str(place), generator="none", answer="quotes"))
    kept = Conversations(assistant.library.store)
    made = kept.create("ana", "")
    history: list[Message] = []
    for question, rating, expected in [
        ("Which oil companies did Trump put under sanctions?", "up", ""),
        ("How much do they sell abroad?", "up", ""),
        ("What is the capital of Peru?", "up", ""),
        ("What does Russia demand?", "down", "a neutral Ukraine"),
        ("Where did Trump receive Putin in August?", "down", ""),
    ]:
        given = assistant.ask(question, history)
        turn = kept.add("ana", made.id, question, answer_to_json(given, assistant.models))
        kept.rate("ana", turn.id, rating, expected)  # type: ignore[arg-type]
        history += [Message("user", question), Message("assistant", given.text)]
    assistant.library.close()

    shown = rag("eval", "--from-feedback", "--library", place)
    assert (shown.returncode, shown.stderr[:37]) == (0, "5 candidates; 1 are to be completed f")
    file = tmp_path / "gold.jsonl"
    assert rag("eval", "--from-feedback", "--library", place, "--out", file).returncode == 0
    assert file.read_text(encoding="utf-8") == shown.stdout
    assert "todo" in json.loads(shown.stdout.splitlines()[-1])

    gold = load_gold(file)
    assert [(question.id, question.answerable) for question in gold.questions] == [
        ("feedback-1", True), ("feedback-2", True), ("feedback-3", False), ("feedback-4", True),
    ]  # fmt: skip
    assert gold.questions[1].history == tuple(history[:2])
    out, err = (Console(file=io.StringIO(), width=140) for _ in range(2))
    options = EvalOptions(file, settings, library=str(place), out=tmp_path / "run")
    assert evaluate(options, out, err) == 0
    assert "1 candidates are to be completed" in err.file.getvalue()  # type: ignore[attr-defined]
    first, second, third, fourth = load_records(tmp_path / "run")
    for record in (first, second):  # what was liked is said again, follow-up or not
        assert all(nugget for nugget in record.question.nuggets) and record.valid and all(record.valid)
        assert [quote["text"] for quote in record.quotes.values()] == [e.quote for e in record.question.evidence]
    assert (third.outcome, fourth.question.evidence) == ("not_in_documents", ())


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ((), "name the questions, for example: rag eval questions.jsonl"),
        (("--from-feedback", "gold.jsonl"), "leave out GOLD, --documents and filters"),
        (("--from-feedback", "--library", "none"), "there is no library at"),
    ],
)
def test_what_is_said_of_wrong_arguments(args: tuple[str, ...], message: str) -> None:
    ran = rag("eval", *args)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert message in ran.stderr and len(ran.stderr.splitlines()) == 1
