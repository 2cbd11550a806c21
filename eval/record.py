"""What is kept of one question put to one system: all that is needed to look into the answer and to measure it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from eval.fields import Fields, GoldError, Json, numbered, parse_json
from eval.gold import Question, parse_question, question_to_json
from eval.metrics import Span

GIVEN = ("answered", "partly")
PRODUCT, BASELINE = "product", "baseline"


@dataclass(frozen=True, eq=False)
class Record:
    """One question, and what a system made of it.

    `question` has its evidence located in the library. `answer` is the object of `rag ask --json`, None when asking
    raised the `error`. `valid` says of each quote whether its document says exactly that. `wall_ms` was measured from
    outside, `peak_mb` is the most memory the process had used by then.
    """

    system: str
    question: Question
    answer: Json | None
    error: str | None
    valid: tuple[bool, ...]
    wall_ms: int
    peak_mb: float

    @property
    def key(self) -> tuple[str, str]:
        """What tells this record from the others of its run."""
        return self.system, self.question.id

    @property
    def outcome(self) -> str:
        """How the answer ended; "failed" also when asking raised an error."""
        return str(self.answer["outcome"]) if self.answer else "failed"

    @property
    def given(self) -> bool:
        """Whether this counts as an answer: "answered" or "partly"."""
        return self.outcome in GIVEN

    @cached_property
    def statements(self) -> list[Json]:
        """The answer's statements."""
        return list(self.answer["statements"]) if self.answer else []

    @cached_property
    def quotes(self) -> dict[int, Json]:
        """The answer's quotes by number."""
        return {quote["n"]: quote for quote in self.answer["quotes"]} if self.answer else {}

    @property
    def text(self) -> str:
        """The statements as shown, without their marks."""
        return " ".join(statement["text"] for statement in self.statements)

    @cached_property
    def cited(self) -> list[list[Json]]:
        """The quotes of each statement."""
        return [[self.quotes[n] for n in statement["quotes"]] for statement in self.statements]

    @cached_property
    def passages(self) -> list[Span]:
        """Where the passages stand that the search found, best first."""
        return [span(passage) for passage in self.answer["passages"]] if self.answer else []

    @cached_property
    def evidence(self) -> list[Span]:
        """Where the gold evidence stands; what the document doesn't say as it was read has no characters."""
        return [Span(e.document, e.start or 0, e.end or 0) for e in self.question.evidence]


def span(place: Json) -> Span:
    """Take a quote's or passage's place out of the contract's object."""
    return Span(place["path"], place["start"], place["end"])


def record_to_json(record: Record, scores: Json) -> Json:
    """Write a record, with its scores for whoever reads the file; they are computed again when it is loaded."""
    return {
        "system": record.system,
        "gold": question_to_json(record.question),
        "answer": record.answer,
        "error": record.error,
        "valid": list(record.valid),
        "wall_ms": record.wall_ms,
        "peak_mb": record.peak_mb,
        "scores": scores,
    }


def read_records(file: Path) -> Iterator[Record]:
    """Read `records.jsonl`. A last line that is not complete (the run was killed, or is going on) is left out."""
    complete = file.read_bytes()
    complete = complete[: complete.rfind(b"\n") + 1]
    for place, line in numbered(complete.decode("utf-8"), file):
        row = Fields.of(parse_json(line, place), place)
        try:
            yield Record(
                row.text("system"),
                parse_question(Fields.of(row.values["gold"], f"{place}, gold")),
                row.values["answer"],
                row.values["error"],
                tuple(row.items("valid")),
                row.whole("wall_ms"),
                float(row.values["peak_mb"]),
            )
        except KeyError as error:
            raise GoldError(f"{place}: not a record of rag eval: it has no {error}") from None


def drop_cut_line(file: Path) -> None:
    """Take away a last line that was cut off when the run was killed, so that others can follow."""
    if file.is_file():
        with file.open("r+b") as opened:
            opened.truncate(opened.read().rfind(b"\n") + 1)


def write_line(file: Path, value: Json) -> None:
    """Append one JSON line, and flush it to the disk."""
    import os

    with file.open("a", encoding="utf-8", newline="\n") as out:
        out.write(json.dumps(value, ensure_ascii=False) + "\n")
        out.flush()
        os.fsync(out.fileno())
