"""Put gold questions to a system, one after another, and keep what it says. Knows nothing of measures or reports.

A run is a folder: `run.json` says what was asked of what, `records.jsonl` holds one line a question, written and
flushed before the next is asked, so nothing that was done is lost.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Protocol

from eval.gold import GoldError, Json, Question
from eval.measures import STANDALONE, scores
from eval.record import Record, read_records, record_to_json, span, write_line
from eval.texts import Texts
from rag.answer import Answer
from rag.contract import answer_to_json
from rag.generator import Message

RUN, RECORDS = "run.json", "records.jsonl"


class Asker(Protocol):
    """What is evaluated: something that answers questions."""

    def ask(self, question: str, history: Sequence[Message] = ()) -> Answer:
        """Answer a question, with the turns before it."""
        ...


@dataclass(frozen=True, slots=True)
class RunInfo:
    """What a run asked, and of what."""

    gold: str
    fingerprint: str
    questions: int
    retrieval_only: bool
    models: Mapping[str, str]
    settings: Mapping[str, str]
    documents: int
    chunks: int
    started: str
    notes: tuple[str, ...] = ()


def start_run(folder: Path, info: RunInfo, resume: bool) -> RunInfo:
    """Make a run's folder, or take up the run that is there.

    Raises GoldError when there is one and `resume` is not set, or when it asked other questions or of other models.
    """
    file = folder / RUN
    if not file.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(asdict(info), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        return info
    if not resume:
        raise GoldError(f"{folder} holds a run already; go on with it (--resume) or name another folder (--out)")
    before = read_run(folder)
    for name in ("fingerprint", "retrieval_only", "models", "settings"):
        then, now = getattr(before, name), getattr(info, name)
        if then != now:
            what = f"other questions ({before.gold})" if name == "fingerprint" else f"another {name}: {then}, now {now}"
            raise GoldError(f"the run in {folder} was made with {what}; name another folder (--out)")
    return before


def read_run(folder: Path) -> RunInfo:
    """Read what a run was. Raises GoldError when the folder holds none."""
    try:
        row = json.loads((folder / RUN).read_text(encoding="utf-8"))
        return RunInfo(**{**row, "notes": tuple(row["notes"])})
    except OSError:
        raise GoldError(f"{folder} holds no run: there is no {RUN} in it") from None
    except (json.JSONDecodeError, TypeError, KeyError):
        raise GoldError(f"{folder / RUN} is not what rag eval writes") from None


def load_records(folder: Path) -> list[Record]:
    """Read the records of a run, none when it has none yet."""
    file = folder / RECORDS
    return list(read_records(file)) if file.is_file() else []


def with_standalone(questions: Sequence[Question]) -> list[Question]:
    """Add to each follow-up the same question asked in full and without history, as a kind of its own."""
    return [
        asked
        for question in questions
        for asked in (
            (question, _in_full(question, question.standalone)) if question.standalone is not None else (question,)
        )
    ]


def _in_full(question: Question, text: str) -> Question:
    name = f"{question.id}-{STANDALONE}"
    return replace(question, id=name, question=text, kind=STANDALONE, history=(), standalone=None)


def ask_all(
    system: str,
    asker: Asker,
    questions: Sequence[Question],
    texts: Texts,
    models: Mapping[str, str],
    folder: Path,
    on_progress: Callable[[Record], None] | None = None,
) -> list[Record]:
    """Ask what this system has not been asked in this run yet; returns all its records, in the questions' order."""
    done = {record.key: record for record in load_records(folder)}
    for question in questions:
        record = done.get((system, question.id))
        if record is None:
            record = ask_one(system, asker, question, texts, models)
            write_line(folder / RECORDS, record_to_json(record, scores(record)))
            done[record.key] = record
        if on_progress:
            on_progress(record)
    return [done[system, question.id] for question in questions]


def ask_one(system: str, asker: Asker, question: Question, texts: Texts, models: Mapping[str, str]) -> Record:
    """Ask one question. Whatever goes wrong is the record's error, except ctrl-C."""
    answer: Json | None = None
    error: str | None = None
    started = time.perf_counter()
    try:
        said = asker.ask(question.question, question.history)
        wall = round(1000 * (time.perf_counter() - started))
        answer = answer_to_json(said, dict(models))
        error = said.reason if said.outcome == "failed" else None
    except Exception as problem:  # one question that fails is recorded, and the run goes on
        wall = round(1000 * (time.perf_counter() - started))
        error = f"{type(problem).__name__}: {problem}"
    quotes = answer["quotes"] if answer else []
    places = [(span(quote), quote["text"]) for quote in quotes]
    valid = tuple(texts.says(place.document, place.start, place.end, quote) for place, quote in places)
    return Record(system, question, answer, error, valid, wall, peak_memory())


def peak_memory() -> float:
    """Most memory this process has used so far, in MB; 0 where the system doesn't tell."""
    try:
        import resource
    except ImportError:  # Windows
        return 0.0
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(used / (2**20 if sys.platform == "darwin" else 2**10), 1)
