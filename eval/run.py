"""Put gold questions to a system, one after another, and keep what it says. Knows nothing of reports.

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

from eval.fields import GoldError, Json
from eval.gold import Question
from eval.measures import scores
from eval.record import Record, drop_cut_line, read_records, record_to_json, span, write_line
from eval.texts import Texts
from index.scope import EVERYTHING
from rag.answer import Answer
from rag.contract import answer_to_json
from rag.generator import Message

RUN, RECORDS = "run.json", "records.jsonl"
# What a run that is taken up can't change.
_SAME = ("retrieval_only", "models", "settings", "documents", "chunks", "filters")


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
    filters: str = str(EVERYTHING)


def check_folder(folder: Path, fingerprint: str, resume: bool) -> None:
    """Raise GoldError when the folder holds a run and `resume` is not set, or it asked other questions."""
    if not (folder / RUN).is_file():
        return
    if not resume:
        raise GoldError(f"{folder} holds a run already; go on with it (--resume) or name another folder (--out)")
    if (before := read_run(folder)).fingerprint != fingerprint:
        raise GoldError(f"the run in {folder} asked other questions ({before.gold}); name another folder (--out)")


def start_run(folder: Path, info: RunInfo) -> RunInfo:
    """Write what a run is, or take up the run that is there. Raises GoldError when that was of something else."""
    file = folder / RUN
    if file.is_file():
        before = read_run(folder)
        for name in _SAME:
            then, now = getattr(before, name), getattr(info, name)
            if then != now:
                what = f"other {name.replace('_', ' ')}: {then}, now {now}"
                raise GoldError(f"the run in {folder} was made with {what}; name another folder (--out)")
        info = replace(info, started=before.started)
    folder.mkdir(parents=True, exist_ok=True)
    beside = file.with_suffix(".new")
    beside.write_text(json.dumps(asdict(info), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    beside.replace(file)
    return info


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
    drop_cut_line(folder / RECORDS)
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
        answer = answer_to_json(said, dict(models))
        error = said.reason if said.outcome == "failed" else None
    except Exception as problem:  # one question that fails is recorded, and the run goes on
        error = f"{type(problem).__name__}: {problem}"
    wall = round(1000 * (time.perf_counter() - started))
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
