"""Runs: everything is kept, a failed question is recorded, an interrupted run is taken up where it stopped."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from eval.baseline import NaiveBaseline, outcome_of
from eval.compare import changed, differences, pairs
from eval.gold import GoldError, Question
from eval.measures import BY_NAME, counted, groups
from eval.record import PRODUCT, Record
from eval.run import RECORDS, RunInfo, ask_all, ask_one, load_records, read_run, start_run, with_standalone
from eval.scripted import ScriptedAsker, answer, document, passage, quotation
from eval.texts import Texts
from eval.trec import qrels_lines, run_lines
from index.types import Passage
from rag.generator import Message

A = document("/in/a b.txt", "Rubio met the envoys in Geneva on Sunday.")
TEXTS = Texts({A.path: A.text})
INFO = RunInfo("set", "f" * 16, 3, False, {"embedder": "e"}, {"answer": "written"}, 1, 1, "2025-11-22 10:00")
SAID = answer("?", [("In Geneva.", [quotation(A, A.text)])], [passage(A, A.text)])


def ask(name: str, nugget: str = "Geneva") -> Question:
    """Make a question that is answerable."""
    return Question(name, name, "en", "factoid", True, ((nugget,),))


QUESTIONS = [ask("one"), ask("two"), ask("three")]


def test_a_run_is_resumed_where_it_was_interrupted(tmp_path: Path) -> None:
    interrupted = ScriptedAsker({"one": SAID, "two": KeyboardInterrupt(), "three": SAID})
    with pytest.raises(KeyboardInterrupt):
        ask_all(PRODUCT, interrupted, QUESTIONS, TEXTS, {}, tmp_path)
    with (tmp_path / RECORDS).open("a") as file:
        file.write('{"system": "product", "gold"')  # the power went while a line was written
    again = ScriptedAsker(dict.fromkeys(("one", "two", "three"), SAID))
    seen: list[str] = []
    records = ask_all(PRODUCT, again, QUESTIONS, TEXTS, {}, tmp_path, lambda r: seen.append(r.question.id))
    assert [question for question, _ in again.asked] == ["two", "three"]
    assert seen == [record.question.id for record in records] == ["one", "two", "three"]
    assert [record.answer for record in load_records(tmp_path)] == [record.answer for record in records]
    assert [record.question for record in load_records(tmp_path)] == QUESTIONS


def test_a_question_that_fails_is_recorded_and_the_run_goes_on(tmp_path: Path) -> None:
    asker = ScriptedAsker(
        {"one": SAID, "two": ValueError("too long"), "three": replace(SAID, outcome="failed", reason="r")}
    )
    records = ask_all(PRODUCT, asker, QUESTIONS, TEXTS, {}, tmp_path)
    assert [(record.outcome, record.error) for record in records] == [
        ("answered", None), ("failed", "ValueError: too long"), ("failed", "r"),
    ]  # fmt: skip
    failed = BY_NAME["failed"].estimate(records)
    recall = BY_NAME["nugget_recall"].estimate(records)
    refused = BY_NAME["false_refusals"].estimate(records)
    assert failed and failed.value == pytest.approx(2 / 3)
    assert recall and recall.value == pytest.approx(2 / 3)  # the evidence of a failed answer is still shown
    assert refused and refused.value == pytest.approx(2 / 3)


def test_a_record_holds_everything(tmp_path: Path) -> None:
    record = ask_one(PRODUCT, ScriptedAsker({"one": SAID}), QUESTIONS[0], TEXTS, {"embedder": "e"})
    assert record.valid == (True,) and record.text == "In Geneva." and record.peak_mb > 0
    assert record.answer is not None and record.answer["quotes"][0]["text"] == A.text
    ask_all(PRODUCT, ScriptedAsker({"one": SAID}), QUESTIONS[:1], TEXTS, {}, tmp_path)
    row = json.loads((tmp_path / RECORDS).read_text())
    assert row["scores"]["nugget_recall"] == 1.0 and row["gold"]["id"] == "one"


def test_history_is_passed_and_follow_ups_are_asked_in_full_too(tmp_path: Path) -> None:
    turns = (Message("user", "Who led it?"), Message("assistant", "Rubio."))
    follow_up = replace(ask("and he?"), kind="followup", history=turns, standalone="and Rubio?")
    both = with_standalone([QUESTIONS[0], follow_up])
    assert [(q.question, q.kind) for q in both] == [
        ("one", "factoid"), ("and he?", "followup"), ("and Rubio?", "standalone"),
    ]  # fmt: skip
    asker = ScriptedAsker(dict.fromkeys(("one", "and he?", "and Rubio?"), SAID))
    records = ask_all(PRODUCT, asker, both, TEXTS, {}, tmp_path)
    assert len(counted(records)) == 2
    assert {name: len(part) for name, part in groups(records).items()} == {
        "kind: factoid": 1, "kind: followup": 1, "kind: standalone": 1,
    }  # fmt: skip
    assert asker.asked == [("one", ()), ("and he?", turns), ("and Rubio?", ())]


def test_a_run_can_only_be_resumed_as_what_it_was(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    assert start_run(folder, INFO, resume=True) == read_run(folder) == INFO
    with pytest.raises(GoldError, match="holds a run already; go on with it"):
        start_run(folder, INFO, resume=False)
    assert start_run(folder, replace(INFO, started="later"), resume=True).started == INFO.started
    with pytest.raises(GoldError, match=r"made with other questions \(set\)"):
        start_run(folder, replace(INFO, fingerprint="0"), resume=True)
    with pytest.raises(GoldError, match="another models"):
        start_run(folder, replace(INFO, models={"embedder": "x"}), resume=True)
    with pytest.raises(GoldError, match="holds no run"):
        read_run(tmp_path)


def records_of(*recalled: bool) -> list[Record]:
    """Make a record for each question, right or not."""
    said = {True: SAID, False: replace(SAID, statements=())}
    return [
        ask_one(PRODUCT, ScriptedAsker({q.question: said[right]}), q, TEXTS, {})
        for q, right in zip(QUESTIONS, recalled, strict=True)
    ]


def test_two_runs_are_compared_question_by_question() -> None:
    paired = pairs(records_of(True, True, False), records_of(False, True, True)[::-1])
    (row,) = differences(paired, [BY_NAME["nugget_recall"]])
    assert (row.wins, row.losses, row.change.value, row.verdict) == (1, 1, 0.0, "no clear difference")
    assert [c.ours.question.id for c in changed(paired)] == ["three", "one"]
    (row,) = differences(
        pairs(records_of(True, True, True), records_of(False, False, False)), [BY_NAME["nugget_recall"]]
    )
    assert (row.ours, row.theirs, row.wins, row.verdict) == (1.0, 0.0, 3, "better")
    with pytest.raises(GoldError, match="no question in common"):
        pairs(records_of(True, True, True), [])


def test_trec_files() -> None:
    question = replace(QUESTIONS[0], judged=((A.path, 2), ("gone.txt", 1)))
    record = ask_one(PRODUCT, ScriptedAsker({"one": SAID}), question, TEXTS, {})
    assert list(run_lines([record], {})) == ["one Q0 a_b.txt 1 1.000000 product"]
    assert list(qrels_lines([record], {"a b.txt": "184"})) == ["one 0 184 2", "one 0 gone.txt 1"]


class Parrot:
    """Writes what it was told to, and keeps what it was asked."""

    name = "parrot"

    def __init__(self, *pieces: str) -> None:
        self.pieces = pieces
        self.messages: list[Message] = []

    def stream(self, messages: list[Message], max_tokens: int) -> list[str]:
        """Yield the pieces."""
        self.messages = messages
        return list(self.pieces)

    def count_tokens(self, text: str) -> int:
        """Count words."""
        return len(text.split())


def test_the_baseline_pastes_four_passages_and_lets_the_model_write() -> None:
    sources = [document(f"{n}.txt", f"passage number {n}") for n in range(6)]

    def dense(question: str, k: int) -> list[Passage]:
        return [passage(source, source.text) for source in sources][:k]

    parrot = Parrot("In ", "Geneva.")
    said = NaiveBaseline(dense, parrot).ask("Where?", (Message("user", "Who?"), Message("assistant", "Rubio.")))  # type: ignore[arg-type]
    prompt = parrot.messages[-1].content
    assert [m.role for m in parrot.messages] == ["user", "assistant", "user"]
    assert "passage number 3" in prompt and "passage number 4" not in prompt and "Question: Where?" in prompt
    assert said.text.strip() == "In Geneva." and said.outcome == "answered" and not said.quotes
    assert len(said.passages) == 6 and said.usage.tokens_out == 2 and said.usage.tokens_in > 20


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("He met them in Geneva.", "answered"),
        ("I don't know.", "not_in_documents"),
        ("The context does not mention China.", "not_in_documents"),
        ("Je ne sais pas.", "not_in_documents"),
        ("Le texte ne mentionne pas ce nombre.", "not_in_documents"),
        ("Moscou ne précise rien et Kiev ne dit mot.", "answered"),
        ("", "not_in_documents"),
    ],
)
def test_what_counts_as_saying_that_it_cannot_answer(text: str, outcome: str) -> None:
    assert outcome_of(text) == outcome
