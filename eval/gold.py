"""Gold questions: what is asked, what a right answer holds, and where the documents say so.

Knows the project's own JSONL; the public formats are in `eval.formats`. A question says what its format says: short
reference `answers` (SQuAD), `nuggets` (the facts a full answer states), `evidence` (where they stand), or `judged`
documents (a ranking is all that can be measured then).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from index.errors import UsageError
from rag.generator import Message

Json = dict[str, Any]


class GoldError(UsageError):
    """A file of gold questions can't be used: which, where in it, and what was expected."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """A stretch of a document that answers a question; without offsets, the quote is looked for in the text."""

    document: str
    start: int | None
    end: int | None
    quote: str


@dataclass(frozen=True, slots=True)
class Question:
    """One gold question. A nugget is a list of alternatives: regular expressions, case ignored."""

    id: str
    question: str
    language: str
    kind: str
    answerable: bool
    nuggets: tuple[tuple[str, ...], ...] = ()
    evidence: tuple[Evidence, ...] = ()
    history: tuple[Message, ...] = ()
    standalone: str | None = None
    answers: tuple[str, ...] = ()
    judged: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class GoldSet:
    """Questions with the documents they are about, when the format brings them: texts by the file name they get.

    `ids` are the names those documents have in the set itself. `notes` say what in the files could not be used.
    """

    name: str
    questions: tuple[Question, ...]
    documents: Mapping[str, str] = field(default_factory=dict)
    ids: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def ranking_only(self) -> bool:
        """Whether nothing but the ranking of documents is judged."""
        return not any(q.nuggets or q.answers or not q.answerable for q in self.questions)

    @property
    def fingerprint(self) -> str:
        """What tells these questions from any others: 16 hexadecimal digits of SHA-256."""
        data = json.dumps([question_to_json(question) for question in self.questions], sort_keys=True)
        return hashlib.sha256(data.encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Fields:
    """The fields of one JSON object, read with checks; `place` is what an error names."""

    place: str
    values: Json

    @classmethod
    def of(cls, value: object, place: str, known: frozenset[str] | None = None) -> Fields:
        """Take a value that must be an object, with no fields but the known ones."""
        if not isinstance(value, dict):
            raise GoldError(f"{place}: expected a JSON object, found {_kind(value)}")
        if known is not None and (strange := sorted(set(value) - known)):
            raise GoldError(f"{place}: unknown field {strange[0]!r}; the fields are {', '.join(sorted(known))}")
        return cls(place, value)

    def text(self, key: str) -> str:
        """Return a text that is not empty; a whole number passes for one (ids)."""
        value = self.values.get(key)
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        if not isinstance(value, str) or not value.strip():
            raise self.wrong(key, "a text")
        return value

    def boolean(self, key: str) -> bool:
        """Return true or false."""
        if not isinstance(value := self.values.get(key), bool):
            raise self.wrong(key, "true or false")
        return value

    def whole(self, key: str) -> int:
        """Return a whole number."""
        value = self.values.get(key)
        if not isinstance(value, int) or isinstance(value, bool):
            raise self.wrong(key, "a whole number")
        return value

    def items(self, key: str, optional: bool = False) -> list[Any]:
        """Return a list."""
        if optional and key not in self.values:
            return []
        if not isinstance(value := self.values.get(key), list):
            raise self.wrong(key, "a list")
        return value

    def texts(self, key: str, optional: bool = False) -> tuple[str, ...]:
        """Return a list of texts that are not empty."""
        values = self.items(key, optional)
        if not all(isinstance(value, str) and value.strip() for value in values):
            raise self.wrong(key, "a list of texts")
        return tuple(values)

    def objects(self, key: str, known: frozenset[str] | None = None, optional: bool = False) -> Iterator[Fields]:
        """Go through a list of objects."""
        for number, value in enumerate(self.items(key, optional), start=1):
            yield Fields.of(value, f"{self.place}, {key} {number}", known)

    def wrong(self, key: str, expected: str) -> GoldError:
        """Say what a field should have been."""
        found = f"found {_kind(self.values[key])}" if key in self.values else "it is missing"
        return GoldError(f"{self.place}: {key!r} must be {expected}; {found}")


_EVIDENCE = frozenset({"document", "start", "end", "quote"})
_TURN = frozenset({"role", "content"})
_QUESTION = frozenset(Question.__dataclass_fields__)


def read_project(path: Path) -> GoldSet:
    """Read the project's JSONL: one question a line, with the fields of `Question`."""
    questions = [parse_question(Fields.of(value, place, _QUESTION)) for place, value in json_lines(path)]
    return GoldSet(path.stem, unique(questions, path))


def parse_question(row: Fields) -> Question:
    """Check one question of the project's format."""
    answerable, nuggets = row.boolean("answerable"), _nuggets(row)
    judged = row.values.get("judged") or {}
    if answerable and not nuggets and not judged and not row.values.get("answers"):
        raise GoldError(f"{row.place}: an answerable question needs nuggets")
    if not answerable and (nuggets or row.values.get("evidence")):
        raise GoldError(f"{row.place}: an unanswerable question can't have nuggets or evidence")
    if not isinstance(judged, dict) or not all(type(grade) is int for grade in judged.values()):
        raise row.wrong("judged", "an object of documents and grades")
    return Question(
        id=row.text("id"),
        question=row.text("question"),
        language=row.text("language"),
        kind=row.text("kind"),
        answerable=answerable,
        nuggets=nuggets,
        evidence=tuple(_evidence(item) for item in row.objects("evidence", _EVIDENCE)),
        history=tuple(_turn(item) for item in row.objects("history", _TURN, optional=True)),
        standalone=row.text("standalone") if row.values.get("standalone") is not None else None,
        answers=row.texts("answers", optional=True),
        judged=tuple(judged.items()),
    )


def _nuggets(row: Fields) -> tuple[tuple[str, ...], ...]:
    nuggets = row.items("nuggets")
    for nugget in nuggets:
        if not isinstance(nugget, list) or not nugget or not all(isinstance(a, str) and a for a in nugget):
            raise row.wrong("nuggets", "a list of lists of alternatives (texts)")
        for alternative in nugget:
            try:
                re.compile(alternative, re.IGNORECASE)
            except re.error as error:
                raise GoldError(f"{row.place}: the nugget {alternative!r} is no regular expression: {error}") from None
    return tuple(tuple(nugget) for nugget in nuggets)


def _evidence(item: Fields) -> Evidence:
    open_ended = item.values.get("start") is None and item.values.get("end") is None
    start, end = (None, None) if open_ended else (item.whole("start"), item.whole("end"))
    quote = item.text("quote")
    if start is not None and end is not None and not 0 <= start < end:
        raise GoldError(f"{item.place}: expected 0 <= start < end; found {start} and {end}")
    return Evidence(item.text("document"), start, end, quote)


def _turn(item: Fields) -> Message:
    role = item.text("role")
    if role not in ("user", "assistant"):
        raise item.wrong("role", '"user" or "assistant"')
    return Message(cast(Any, role), item.text("content"))


def question_to_json(question: Question) -> Json:
    """Write a question in the project's format."""
    row: Json = {
        "id": question.id,
        "question": question.question,
        "language": question.language,
        "kind": question.kind,
        "answerable": question.answerable,
        "nuggets": [list(nugget) for nugget in question.nuggets],
        "evidence": [
            {"document": e.document, "start": e.start, "end": e.end, "quote": e.quote} for e in question.evidence
        ],
    }
    if question.history:
        row["history"] = [{"role": turn.role, "content": turn.content} for turn in question.history]
    if question.standalone is not None:
        row["standalone"] = question.standalone
    if question.answers:
        row["answers"] = list(question.answers)
    if question.judged:
        row["judged"] = dict(question.judged)
    return row


def read_text(path: Path) -> str:
    """Read a UTF-8 file whole, line ends untouched."""
    try:
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise GoldError(f"can't read {path}: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise GoldError(f"{path} is not UTF-8: byte {error.start}") from None


def lines(path: Path) -> Iterator[tuple[str, str]]:
    """Go through a file's lines that are not blank, each with its place: "FILE, line N"."""
    for number, line in enumerate(read_text(path).split("\n"), start=1):
        if line.strip():
            yield f"{path}, line {number}", line


def json_lines(path: Path) -> Iterator[tuple[str, object]]:
    """Go through the values of a JSONL file with their places."""
    for place, line in lines(path):
        yield place, parse_json(line, place)


def parse_json(text: str, place: str) -> object:
    """Parse JSON, naming the place where it is broken."""
    try:
        return cast(object, json.loads(text))
    except json.JSONDecodeError as error:
        raise GoldError(f"{place}: not JSON: {error.msg} at character {error.pos}") from None


def unique(questions: list[Question], path: Path) -> tuple[Question, ...]:
    """Check that there are questions, and that no id comes twice."""
    if not questions:
        raise GoldError(f"{path} holds no questions")
    seen: set[str] = set()
    for question in questions:
        if question.id in seen:
            raise GoldError(f"{path}: the id {question.id!r} comes twice; every question needs its own")
        seen.add(question.id)
    return tuple(questions)


def _kind(value: object) -> str:
    names: dict[type, Callable[[Any], str]] = {
        dict: lambda _: "an object",
        list: lambda v: f"a list of {len(v)}",
        str: lambda v: f"the text {v[:40]!r}",
        bool: lambda v: str(v).lower(),
    }
    return names[type(value)](value) if type(value) in names else "null" if value is None else f"{value!r}"
