"""Gold questions: what is asked, what a right answer holds, and where the documents say so.

Knows the project's own JSONL; the public formats are in `eval.formats`. A question says what its format says: short
reference `answers` (SQuAD), `nuggets` (the facts a full answer states), `evidence` (where they stand), or `judged`
documents (a ranking is all that can be measured then).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

from eval.fields import Fields, GoldError, Json, json_lines
from rag.generator import Message

TODO = "todo"  # the field of a candidate that a person has to complete: what is missing
STANDALONE = "standalone"  # the kind of a follow-up that is asked again in full


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

    @property
    def grades(self) -> dict[str, int]:
        """Relevance by document: as judged, or 1 for each document with evidence."""
        return dict(self.judged) or {item.document: 1 for item in self.evidence}


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


_EVIDENCE = frozenset({"document", "start", "end", "quote"})
_TURN = frozenset({"role", "content"})
_QUESTION = frozenset(Question.__dataclass_fields__)


def read_project(path: Path) -> GoldSet:
    """Read the project's JSONL: one question a line, with the fields of `Question`.

    Candidates with the field "todo" are left out, and named in the notes.
    """
    rows = [Fields.of(value, place, _QUESTION | {TODO}) for place, value in json_lines(path)]
    left = [row.place.removeprefix(f"{path}, ") for row in rows if TODO in row.values]
    problem = f'{len(left)} candidates are to be completed and then lose their field "{TODO}": {", ".join(left)}'
    if rows and len(left) == len(rows):
        raise GoldError(f"{path} holds no complete question: {problem}")
    placed = [(row.place, parse_question(row)) for row in rows if TODO not in row.values]
    return GoldSet(path.stem, unique(placed, path), notes=(f"{path}: {problem}",) if left else ())


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
                empty = re.search(alternative, "", re.IGNORECASE)
            except re.error as error:
                raise GoldError(f"{row.place}: the nugget {alternative!r} is no regular expression: {error}") from None
            if empty:
                raise GoldError(f"{row.place}: the nugget {alternative!r} matches any text, even an empty one")
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


def literal(answer: str) -> str:
    """Turn an answer into a pattern that takes any white space for its own, and whole words only."""
    pattern = r"\s+".join(map(re.escape, answer.split()))
    return rf"(?<!\w){pattern}(?!\w)"


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


def unique(placed: Sequence[tuple[str, Question]], path: Path) -> tuple[Question, ...]:
    """Check that there are questions, which come with their places, and that no id comes twice."""
    if not placed:
        raise GoldError(f"{path} holds no questions")
    seen: dict[str, str] = {}
    for place, question in placed:
        if question.id in seen:
            raise GoldError(f"{place}: the id {question.id!r} comes twice; it was taken at {seen[question.id]}")
        seen[question.id] = place
    return tuple(question for _, question in placed)


def with_standalone(questions: Sequence[Question]) -> list[Question]:
    """Add to each follow-up the same question asked in full and without history, as a kind of its own."""
    return [asked for question in questions for asked in (question, *_in_full(question))]


def _in_full(question: Question) -> Iterator[Question]:
    if question.standalone is not None:
        name = f"{question.id}-{STANDALONE}"
        yield replace(question, id=name, question=question.standalone, kind=STANDALONE, history=(), standalone=None)
