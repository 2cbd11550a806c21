"""The benchmark itself: turns, failures, what a program costs, material; and its smallest case for real."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest

from eval.bench import bench, measure, options
from eval.cases import gold_share
from eval.contestants import OURS, PEERS, Contestant, surroundings
from eval.fields import GoldError
from eval.gold import Question
from eval.material import Material
from eval.peers import contest as peers
from eval.peers.contest import CLEAR, _ask
from eval.processes import Failed, Surroundings, reason
from eval.speed import Result, read_results
from eval.stage import Case, Measure, Once, Stage
from index.errors import UsageError

FIRST, SECOND, THIRD = (Contestant(name, "", ()) for name in ("first", "second", "third"))
BEGUN = Result("case", "", "", "", "", 0, {}, {}, {}, {})
TELL_NOBODY = lambda line: None  # noqa: E731
SET = '{"data": [{"paragraphs": [{"context": "Rome is old. Paris is younger.", "qas": [{"id": "1", "question": \
"What is old?", "answers": [{"text": "Rome", "answer_start": 0}]}]}]}]}'


@pytest.fixture
def here(tmp_path: Path) -> Surroundings:
    """Return plain surroundings."""
    return Surroundings(dict(os.environ), tmp_path)


def test_everyone_has_a_turn_in_every_round_and_who_fails_drops_out(here: Surroundings) -> None:
    turns: list[tuple[int, str]] = []

    @contextmanager
    def opened(stage: Stage, who: Contestant) -> Iterator[Once]:
        if who is THIRD:
            raise Failed("no such module")

        def once(number: int) -> dict[str, float]:
            turns.append((number, who.name))
            if who is SECOND and number == 1:
                raise Failed("killed")
            return {"wall": number + 1.0}

        yield once

    case = Case("case", (Measure("wall", "", "s"),), (FIRST, SECOND, THIRD), opened)
    stage = Stage(Material("", {}, ()), here.folder, here)
    *_, last = measure(case, stage, case.contestants, BEGUN, 3, TELL_NOBODY)
    assert turns == [(0, "first"), (0, "second"), (1, "second"), (1, "first"), (2, "first")]
    assert last.values == {"wall": {"first": [1.0, 2.0, 3.0]}}
    assert last.failed == {"second": "killed", "third": "no such module"}
    assert last.rounds == 3
    *_, more = measure(case, stage, [FIRST], last, 4, TELL_NOBODY)
    assert more.values == {"wall": {"first": [1.0, 2.0, 3.0, 4.0]}}


def test_what_a_program_costs(here: Surroundings) -> None:
    code = "import subprocess, sys, time; b = bytearray(80 << 20); t = time.process_time()\n"
    code += "while time.process_time() < t + 0.2: pass\n"
    code += (
        "subprocess.run([sys.executable, '-c', 'import time; b = bytearray(90 << 20); time.sleep(0.4)'])\nprint('x')"
    )
    cost = here.run([sys.executable, "-c", code])
    assert cost.output == "x\n"
    assert cost.wall > 0.6 and cost.cpu > 0.2
    if Path("/proc/self/task").is_dir():
        assert cost.memory is not None and 170 < cost.memory < 400


def test_why_a_program_failed(here: Surroundings) -> None:
    with pytest.raises(Failed, match="^ValueError: no$"):
        here.run([sys.executable, "-c", "raise ValueError('no')"])
    with pytest.raises(Failed, match="no-such-program: No such file"):
        here.run(["no-such-program"])
    assert reason("", 3) == "it ended with status 3 and said nothing"
    assert reason("Loading", -9) == "it was ended by SIGKILL"


def test_a_worker_answers_and_its_end_is_noticed(here: Surroundings) -> None:
    code = "import json, sys\nfor line in sys.stdin: print(json.dumps({'got': json.loads(line)['n'] + 1}), flush=True)"
    with here.serving([sys.executable, "-c", code]) as worker:
        assert worker.ask({"n": 1}) == {"got": 2}
        with pytest.raises(Failed, match="KeyError: 'n'"):
            worker.ask({"m": 1})


def test_material_of_a_set_and_paragraphs_made_of_it(tmp_path: Path) -> None:
    file = tmp_path / "set.json"
    file.write_text(SET, encoding="utf-8")
    material = Material.of([file])
    assert (material.name, len(material)) == ("set", 1)
    assert [question.question for question in material.questions] == ["What is old?"]
    with pytest.raises(GoldError, match="brings no documents"):
        Material.of([Path(__file__).parents[1] / "eval" / "gold" / "peace-talks.jsonl"])
    examples = Material.of([])
    many = examples.paragraphs(300)
    assert len(many) == 300 == len(set(many.texts.values()))
    assert many.fingerprint == Material.of([]).paragraphs(300).fingerprint != examples.fingerprint
    assert examples.paragraphs(10).name == examples.name and len(examples.paragraphs(10)) > 10
    folder = many.first(3).write(tmp_path)
    assert {path.read_text(encoding="utf-8") for path in folder.iterdir()} == set(list(many.texts.values())[:3])


def test_questions_are_the_same_for_all_and_others_in_the_next_round(here: Surroundings) -> None:
    asked = tuple(Question(str(number), f"{number}?", "en", "factoid", True) for number in range(9))
    stage = Stage(Material("", {}, asked), here.folder, here)
    assert stage.questions(0, 4) == stage.questions(0, 4)
    assert not set(stage.questions(0, 4)) & set(stage.questions(1, 4))


def test_how_much_of_the_gold_answer_is_in_a_text() -> None:
    question = Question("1", "How old?", "en", "factoid", True, nuggets=(("nine",), ("bridge", "pont")))
    assert gold_share("The Bridge is old.", question) == 0.5
    assert gold_share("The Bridge is old.", replace(question, answers=("the old bridge", "bridge"))) == 1.0
    assert gold_share("The Bridge is old.", replace(question, nuggets=())) is None


def test_a_draft_that_was_checked_is_no_part_of_the_answer() -> None:
    class Drafts:
        def stream(self, question: str) -> Iterator[str]:
            yield from ("Wrong: ", question, f"{CLEAR}Right.")

    reply = _ask(cast(peers.Contestant, Drafts()), "Why?")
    assert reply["text"] == "Right." and 0 < cast(float, reply["first"]) <= cast(float, reply["last"])


def test_a_program_that_is_kept_running_must_have_said_that_it_is_ready(here: Surroundings) -> None:
    code = "import sys, time; print('One moment.', file=sys.stderr, flush=True); "
    ready = "print('Ready, all of it.', file=sys.stderr, flush=True); time.sleep(60)"
    with here.running([sys.executable, "-c", code + ready], ready="Ready"):
        pass
    with pytest.raises(Failed, match=r"^One moment\.$"), here.running([sys.executable, "-c", code], ready="Ready"):
        pass


def test_a_contestant_without_its_environment_is_not_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAG_CACHE_DIR", str(tmp_path))
    assert OURS.installed and OURS.python == sys.executable
    for peer in PEERS:
        assert not peer.installed and str(tmp_path) in peer.python
        assert peer.requirements is not None and "torch==2.13.0\n" in peer.requirements.read_text()


def test_settings_of_the_user_change_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAG_GENERATOR", "none")
    variables = surroundings(tmp_path).variables
    assert "RAG_GENERATOR" not in variables and variables["RAG_DATA_DIR"] == str(tmp_path)


def test_unknown_names_are_refused() -> None:
    assert options(["--cases", "index, cold-ask"]).cases == ["index", "cold-ask"]
    with pytest.raises(UsageError, match="there is no 'cold'; known: cold-ask, cold-search"):
        options(["--cases", "cold"])
    with pytest.raises(UsageError, match="at least one"):
        options(["--rounds", "0"])
    assert options(["--sizes", "2000, 1000"]).sizes == (1000, 2000)
    for sizes, problem in (("many", "numbers, with commas"), ("1000,10", "at least 200")):
        with pytest.raises(UsageError, match=problem):
            options(["--sizes", sizes])


def test_a_case_for_real_and_then_taken_up_again(tmp_path: Path) -> None:
    out = tmp_path / "speed.json"
    given = ["--cases", "cold-ask,answers,growth", "--only", "this", "--rounds", "1", "--sizes", "200,300"]
    given += ["--out", str(out)]
    said: list[str] = []
    bench(options(given), said.append)
    results = read_results(out)
    assert list(results) == ["cold-ask", "answers", "growth"]
    assert not any(result.failed for result in results.values())
    assert set(results["answers"].values) == {"first", "last", "gold"}
    assert 0 <= results["answers"].values["gold"]["this"][0] <= 1
    assert 0 < results["answers"].values["first"]["this"][0] <= results["answers"].values["last"]["this"][0]
    assert "| question, cold: to the last word | " in out.with_suffix(".md").read_text(encoding="utf-8")
    assert "| recall@10 against exact | 1.000 | 1.000 |" in out.with_suffix(".md").read_text(encoding="utf-8")
    assert out.with_suffix(".svg").is_file() and out.with_name("growth.svg").is_file()

    written = out.stat().st_mtime_ns
    bench(options([*given, "--resume"]), said.append)
    assert said[-4:-1] == [f"{case}: done already" for case in ("cold-ask", "answers", "growth")]
    assert out.stat().st_mtime_ns == written
