"""Runs: everything is kept, a failed question is recorded, an interrupted run is taken up where it stopped."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from eval.baseline import NaiveBaseline, outcome_of
from eval.compare import changed, differences, pairs
from eval.fields import GoldError
from eval.gold import Question, with_standalone
from eval.measures import BY_NAME, counted, groups, loss, scores
from eval.record import PRODUCT, Record
from eval.run import RECORDS, RunInfo, ask_all, ask_one, check_folder, load_records, read_run, start_run
from eval.scripted import ScriptedAsker, answer, document, passage, quotation
from eval.texts import Texts
from eval.trec import qrels_lines, run_lines
from index.scope import Scope
from index.types import Passage
from rag.answer import Answer
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
    cut = (tmp_path / RECORDS).read_bytes()
    assert [record.question.id for record in load_records(tmp_path)] == ["one"]
    assert (tmp_path / RECORDS).read_bytes() == cut  # reading a run, perhaps one that is going on, changes nothing
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
    check_folder(folder, INFO.fingerprint, resume=False)
    assert start_run(folder, INFO) == read_run(folder) == INFO
    with pytest.raises(GoldError, match="holds a run already; go on with it"):
        check_folder(folder, INFO.fingerprint, resume=False)
    check_folder(folder, INFO.fingerprint, resume=True)
    with pytest.raises(GoldError, match=r"asked other questions \(set\)"):
        check_folder(folder, "0", resume=True)
    more = start_run(folder, replace(INFO, started="later", questions=9))
    assert more == read_run(folder) == replace(INFO, questions=9)
    with pytest.raises(GoldError, match="made with other models: "):
        start_run(folder, replace(INFO, models={"embedder": "x"}))
    with pytest.raises(GoldError, match="made with other filters: all documents, now from 2025-01-01"):
        start_run(folder, replace(INFO, filters=str(Scope.of("2025"))))
    with pytest.raises(GoldError, match="made with other documents: 1, now 2"):
        start_run(folder, replace(INFO, documents=2))
    with pytest.raises(GoldError, match="holds no run"):
        read_run(tmp_path)


def test_a_run_from_before_there_were_filters_searched_everything(tmp_path: Path) -> None:
    start_run(tmp_path, INFO)
    row = json.loads((tmp_path / "run.json").read_text())
    del row["filters"]
    (tmp_path / "run.json").write_text(json.dumps(row))
    assert read_run(tmp_path) == start_run(tmp_path, INFO) == INFO


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
    paired = pairs(records_of(True, True, True), records_of(False, False, False))
    (few,) = differences(paired, [BY_NAME["nugget_recall"]])
    assert (few.ours, few.theirs, few.wins, few.verdict) == (1.0, 0.0, 3, "no clear difference")
    (more,) = differences(paired * 2, [BY_NAME["nugget_recall"]])
    assert (more.wins, more.verdict) == (6, "better")


def test_only_the_same_question_is_paired() -> None:
    ours = records_of(True, True, True)
    reworded = replace(ours[0], question=replace(QUESTIONS[0], question="one, in other words"))
    assert [b.question.id for _, b in pairs(ours, [reworded, ours[1]])] == ["two"]


def test_a_new_false_answer_and_a_worse_ranking_are_changes() -> None:
    trap = Question("trap", "trap", "en", "unanswerable", False)
    refused = replace(SAID, statements=(), outcome="not_in_documents")
    ranked = Question("rank", "rank", "en", "ranking", True, judged=((A.path, 1),))

    def of(question: Question, said: Answer) -> Record:
        return ask_one(PRODUCT, ScriptedAsker({question.question: said}), question, TEXTS, {})

    now = [of(QUESTIONS[0], SAID), of(ranked, replace(SAID, passages=())), of(trap, SAID)]
    before = [of(QUESTIONS[0], refused), of(ranked, SAID), of(trap, refused)]
    assert [c.ours.question.id for c in changed(pairs(now, before))] == ["rank", "trap", "one"]


def test_a_question_with_reference_answers_alone_is_judged_by_them() -> None:
    question = Question("q", "q", "en", "factoid", True, answers=("the Geneva",))
    records = [
        ask_one(PRODUCT, ScriptedAsker({"q": said}), question, TEXTS, {})
        for said in (SAID, replace(SAID, statements=()))
    ]
    assert [loss(record) for record in records] == [0.0, 1.0]


def test_scores_are_what_figures_are_means_of() -> None:
    (record,) = records_of(True, True, True)[:1]
    found = scores(record)
    assert found["words"] == 2.0 and found["first_contains"] == 1.0
    assert not {"aurc", "words_p50", "total_p50", "peak_memory"} & set(found)
    longer = replace(SAID, statements=(*SAID.statements, *SAID.statements, *SAID.statements))
    more = ask_one(PRODUCT, ScriptedAsker({"two": longer}), QUESTIONS[1], TEXTS, {})
    median = BY_NAME["words_p50"].estimate([record, more, more])
    assert median and median.value == 6.0  # lengths 2, 6, 6


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
        ("Ce nombre n'est pas fourni.", "not_in_documents"),
        ("La date n’est pas précisée.", "not_in_documents"),
        ("Moscou ne précise rien et Kiev ne dit mot.", "answered"),
        ("", "not_in_documents"),
    ],
)
def test_what_counts_as_saying_that_it_cannot_answer(text: str, outcome: str) -> None:
    assert outcome_of(text) == outcome
