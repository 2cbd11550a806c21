"""`rag eval` from its options to its exit status, with a scripted assistant; and once with the real one."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from eval.command import INTERRUPTED, EvalOptions, OpenSetup, Setup, evaluate
from eval.fields import GoldError
from eval.gold import GoldSet
from eval.run import load_records, read_run
from eval.scripted import ScriptedAsker, answer, document, passage, quotation
from eval.texts import Texts
from index.errors import UsageError
from index.scope import Scope
from rag.answer import Answer
from rag.settings import Settings
from tests.cross_encoders import cross_encoder

A = document("/in/a.txt", "Rubio met the envoys in Geneva on Sunday.")
SAID = answer("Where?", [("In Geneva.", [quotation(A, A.text)])], [passage(A, A.text)])
MADE_UP = answer("Who won?", [("Rubio won.", [quotation(A, A.text)])], [passage(A, A.text)])


def gold(folder: Path) -> Path:
    """Write two questions, one of them unanswerable."""
    evidence = {"document": "a.txt", "start": 0, "end": len(A.text), "quote": A.text}
    common = {"language": "en", "kind": "factoid"}
    rows = [
        {
            **common,
            "id": "1",
            "question": "Where?",
            "answerable": True,
            "nuggets": [["Geneva"]],
            "evidence": [evidence],
        },
        {**common, "id": "2", "question": "Who won?", "answerable": False, "nuggets": [], "evidence": []},
    ]
    file = folder / "gold.jsonl"
    file.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    return file


def gold_of_one(folder: Path, **fields: object) -> Path:
    """Write a gold file of one question."""
    row = {"id": "x", "question": "Why?", "language": "en", "kind": "why", "answerable": False}
    file = folder / "one.jsonl"
    file.write_text(json.dumps({**row, "nuggets": [], "evidence": [], **fields}), encoding="utf-8")
    return file


def opener(answers: Mapping[str, Answer | BaseException], naive: Mapping[str, Answer | BaseException]) -> OpenSetup:
    """Make what opens a run with a scripted assistant and a scripted baseline."""

    @contextmanager
    def opened(options: EvalOptions, _: GoldSet, folder: Path, err: Console) -> Iterator[Setup]:
        systems = {"product": lambda: ScriptedAsker(answers)}
        if options.baseline:
            systems["baseline"] = lambda: ScriptedAsker(naive)
        yield Setup(systems, Texts({A.path: A.text}), {"embedder": "e"}, 1, 1)

    def start(options: EvalOptions, gold: GoldSet, folder: Path, err: Console) -> AbstractContextManager[Setup]:
        return opened(options, gold, folder, err)

    return start


GOOD = {"Where?": SAID, "Who won?": replace(MADE_UP, statements=(), outcome="not_in_documents", confidence=0.1)}


def call(
    options: EvalOptions,
    answers: Mapping[str, Answer | BaseException],
    naive: Mapping[str, Answer | BaseException] = {"Where?": SAID, "Who won?": MADE_UP},
) -> tuple[int, str, str]:
    """Evaluate; returns the exit status, what is on stdout, and what on stderr."""
    out, err = (Console(file=io.StringIO(), width=140) for _ in range(2))
    status = evaluate(options, out, err, opener(answers, naive))
    return status, out.file.getvalue(), err.file.getvalue()  # type: ignore[attr-defined]


def test_a_run_leaves_tables_records_report_and_trec_files(tmp_path: Path) -> None:
    options = EvalOptions(gold(tmp_path), out=tmp_path / "run", baseline=True)
    status, out, err = call(options, GOOD)
    assert status == 0
    assert "nugget recall" in out and "false answers" in out and "baseline" in out
    assert {path.name for path in (tmp_path / "run").iterdir()} == {
        "run.json", "records.jsonl", "report.html", "product.trec", "baseline.trec", "qrels.trec",
    }  # fmt: skip
    assert (tmp_path / "run" / "product.trec").read_text().startswith("1 Q0 a.txt 1 1.000000 product")
    assert [record.key for record in load_records(tmp_path / "run")] == [
        ("product", "1"), ("product", "2"), ("baseline", "1"), ("baseline", "2"),
    ]  # fmt: skip
    assert "report:" in err


def test_limits_decide_the_exit_status(tmp_path: Path) -> None:
    options = EvalOptions(gold(tmp_path), out=tmp_path / "good", fail_under=("nugget_recall=0.85", "false_answers=0.1"))
    assert call(options, GOOD)[0] == 0
    bad = replace(options, out=tmp_path / "bad")
    status, _, err = call(bad, {"Where?": SAID, "Who won?": MADE_UP})
    assert status == 1 and "not met: false_answers is 1.000, above 0.100" in err
    with pytest.raises(GoldError, match="unknown measure 'nugets'; known: recall_1"):
        call(replace(options, fail_under=("nugets=1",)), GOOD)
    with pytest.raises(GoldError, match="expected nugget_recall=NUMBER"):
        call(replace(options, fail_under=("nugget_recall",)), GOOD)
    with pytest.raises(GoldError, match="expected nugget_recall=NUMBER"):
        call(replace(options, fail_under=("nugget_recall=nan",)), GOOD)
    status, _, err = call(replace(options, out=tmp_path / "x", fail_under=("f1=0.5",)), GOOD)
    assert status == 1 and "f1 can't be measured" in err


def test_an_interrupted_run_says_how_to_go_on_and_does(tmp_path: Path) -> None:
    options = EvalOptions(gold(tmp_path), out=tmp_path / "run")
    status, out, err = call(options, {**GOOD, "Who won?": KeyboardInterrupt()})
    assert status == INTERRUPTED and not out and "1 answers are kept" in err and "--resume" in err
    with pytest.raises(GoldError, match="holds a run already"):
        call(options, GOOD)
    assert call(replace(options, resume=True), {"Who won?": GOOD["Who won?"]})[0] == 0
    with pytest.raises(GoldError, match="name its folder with --out"):
        call(replace(options, resume=True, out=None), GOOD)


def test_a_run_interrupted_in_the_baseline_goes_on_there(tmp_path: Path) -> None:
    options = EvalOptions(gold(tmp_path), out=tmp_path / "run", baseline=True)
    status, out, err = call(options, GOOD, {"Where?": SAID, "Who won?": KeyboardInterrupt()})
    assert status == INTERRUPTED and not out and "3 answers are kept" in err
    status, out, _ = call(replace(options, resume=True), {}, {"Who won?": MADE_UP})  # nothing else is asked again
    assert status == 0 and "baseline" in out
    assert [(record.key, record.outcome) for record in load_records(tmp_path / "run")] == [
        (("product", "1"), "answered"),
        (("product", "2"), "not_in_documents"),
        (("baseline", "1"), "answered"),
        (("baseline", "2"), "answered"),
    ]


def test_a_baseline_can_be_added_and_a_limit_lifted_later(tmp_path: Path) -> None:
    options = EvalOptions(gold(tmp_path), out=tmp_path / "run", limit=1)
    assert call(options, GOOD)[0] == 0 and read_run(tmp_path / "run").questions == 1
    status, out, _ = call(replace(options, resume=True, limit=None, baseline=True), {"Who won?": GOOD["Who won?"]})
    assert status == 0 and "gold: 2 questions" in out and "baseline" in out
    assert read_run(tmp_path / "run").questions == 2


def test_nothing_is_opened_for_a_run_that_cannot_be(tmp_path: Path) -> None:
    options = EvalOptions(gold(tmp_path), out=tmp_path / "run")
    call(options, GOOD)
    other = tmp_path / "other.jsonl"
    other.write_text(options.gold.read_text().replace("Where?", "Where to?"), encoding="utf-8")

    def never(options: EvalOptions, gold: GoldSet, folder: Path, err: Console) -> AbstractContextManager[Setup]:
        raise AssertionError("opened")

    new = replace(options, out=tmp_path / "new", gold=gold_of_one(tmp_path), against=tmp_path / "run")
    for bad, expected in (
        (options, "holds a run already"),
        (replace(options, gold=other, resume=True), "asked other questions"),
        (new, "nothing to compare"),
    ):
        with pytest.raises(GoldError, match=expected):
            evaluate(bad, Console(file=io.StringIO()), Console(file=io.StringIO()), never)


def test_judged_documents_that_are_not_there_are_noted(tmp_path: Path) -> None:
    file = gold_of_one(tmp_path, question="Where?", answerable=True, judged={"a.txt": 1, "gone.txt": 1})
    status, _, err = call(EvalOptions(file, out=tmp_path / "run"), GOOD)
    assert status == 0 and "1 judged documents are not in the library and can't be found: gone.txt" in err


def test_two_runs_are_compared(tmp_path: Path) -> None:
    options = EvalOptions(gold(tmp_path), out=tmp_path / "first")
    call(options, {"Where?": SAID, "Who won?": MADE_UP})
    _, out, _ = call(replace(options, out=tmp_path / "second", against=tmp_path / "first"), GOOD)
    assert "against first: 2 questions" in out and "1 questions changed" in out
    assert "2  answered -> not_in_documents  Who won?" in out
    with pytest.raises(GoldError, match="holds no run"):
        call(replace(options, out=tmp_path / "third", against=tmp_path), GOOD)


def test_runs_with_other_filters_are_told_apart(tmp_path: Path) -> None:
    options = EvalOptions(gold(tmp_path), out=tmp_path / "first")
    call(options, GOOD)
    narrowed = replace(options, scope=Scope.of("2025", languages=["en"]))
    with pytest.raises(GoldError, match="other filters: all documents, now from 2025-01-01, in en"):
        call(replace(narrowed, resume=True), GOOD)
    _, _, err = call(replace(narrowed, out=tmp_path / "second", against=tmp_path / "first"), GOOD)
    said = f"{tmp_path / 'first'} searched other documents: all documents, this run from 2025-01-01, in en"
    assert f"note: {said}" in err
    report = (tmp_path / "second" / "report.html").read_text(encoding="utf-8")
    assert f"Note: {said}" in report and "from 2025-01-01, in en.<br>" in report
    _, _, err = call(replace(narrowed, out=tmp_path / "third", against=tmp_path / "second"), GOOD)
    assert "searched other documents" not in err


def test_a_limit_and_a_failure(tmp_path: Path) -> None:
    options = EvalOptions(gold(tmp_path), out=tmp_path / "run", limit=1)
    status, out, err = call(options, {"Where?": ValueError("too long")})
    assert status == 0 and "failed: question 1: ValueError: too long" in err
    assert "gold: 1 questions" in out


def test_the_real_assistant_over_documents(tmp_path: Path) -> None:
    """Everything for real but the model that writes: documents are indexed in a process of their own, then asked."""
    (tmp_path / "documents").mkdir()
    (tmp_path / "documents" / "a.txt").write_text(A.text, encoding="utf-8")
    file = gold(tmp_path)
    file.write_text(
        file.read_text(encoding="utf-8").replace("Where?", "Where did Rubio meet the envoys?"), encoding="utf-8"
    )
    options = EvalOptions(
        file,
        Settings(answer="quotes"),
        documents=tmp_path / "documents",
        out=tmp_path / "run",
        fail_under=("span_validity=1", "recall_1=1"),
    )
    out, err = (Console(file=io.StringIO(), width=140) for _ in range(2))
    assert evaluate(options, out, err) == 0
    (first, _) = load_records(tmp_path / "run")
    assert first.valid and all(first.valid) and first.answer and "Geneva" in first.text
    assert not (tmp_path / "run" / "work").exists()


@pytest.mark.parametrize("retrieval_only", [False, True])
def test_filters_hold_for_the_real_assistant_and_its_baseline(tmp_path: Path, retrieval_only: bool) -> None:
    for name, place in (("a", "Geneva"), ("b", "Riyadh"), ("c", "Paris")):
        file = tmp_path / "documents" / name / f"{name}.txt"
        file.parent.mkdir(parents=True)
        file.write_text(f"Rubio met the envoys in {place} on Sunday.", encoding="utf-8")
    (tmp_path / "documents" / "b" / "copy.txt").write_bytes((tmp_path / "documents" / "a" / "a.txt").read_bytes())
    options = EvalOptions(
        gold_of_one(tmp_path, question="Where did Rubio meet the envoys?"),
        Settings(answer="written" if retrieval_only else "quotes"),
        documents=tmp_path / "documents",
        out=tmp_path / "run",
        retrieval_only=retrieval_only,
        baseline=retrieval_only,
        scope=Scope.of(paths=["b"]),
    )
    console = Console(file=io.StringIO(), width=140)
    assert evaluate(options, console, console) == 0
    records = load_records(tmp_path / "run")
    assert len(records) == 1 + retrieval_only
    for record in records:
        assert sorted(place.document for place in record.passages) == [
            str(tmp_path / "documents/b" / name) for name in ("b.txt", "copy.txt")
        ]
        assert all(record.valid)
    assert retrieval_only or records[0].quotes
    with pytest.raises(UsageError, match="no document is at 'nowhere'"):
        evaluate(replace(options, out=tmp_path / "other", scope=Scope.of(paths=["nowhere"])), console, console)


def test_a_reranker_is_named_in_the_run_and_in_its_report(corpus_library: Path, tmp_path: Path) -> None:
    ranks = cross_encoder(tmp_path / "likes-geneva", "geneva")
    options = EvalOptions(
        gold_of_one(tmp_path, question="What does Russia demand?"),
        Settings(answer="quotes", reranker=str(ranks)),
        library=str(corpus_library),
        out=tmp_path / "run",
    )
    console = Console(file=io.StringIO(), width=140)
    assert evaluate(options, console, console) == 0
    info = read_run(tmp_path / "run")
    assert (info.models["reranker"], info.settings["reranker"]) == ("likes-geneva", str(ranks))
    assert info.settings["entailment"] == "none" and "entailment" not in info.models
    assert "reranker likes-geneva" in (tmp_path / "run" / "report.html").read_text(encoding="utf-8")
