"""What people thought of answers -> candidate gold questions, which a person looks through before they count.

Thumbs up: what the answer said and quoted is right. Thumbs down: what it should have said is right, where somebody
told. What can't be gold as it is says so in its field "todo", and the reader of gold leaves it out until that is gone.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from eval.fields import GoldError, Json
from eval.gold import TODO, Evidence, Question, literal, question_to_json
from eval.texts import Texts
from index.conversations import Conversations, Feedback
from index.language import detect_language
from index.library import Library
from index.scope import EVERYTHING
from rag.contract import scope_from_json
from rag.generator import Message

EXPECTED = "say in nuggets what a right answer holds and in evidence where it stands, or set answerable to false"
UNSURE = "rated up, but the answer was not sure that the documents say it: keep answerable, or set it to false"
FILTERED = "asked only of documents {scope}: see that it holds for all, or ask it with the same filters"
GONE = "the library no longer has all that was quoted: correct evidence and nuggets"


def candidates(library: Library) -> Iterator[Json]:
    """Make a line of the project's format of each rated answer, oldest first."""
    texts = Texts.of(library)
    for feedback in Conversations(library.store).feedback():
        question, todo = _candidate(feedback, texts)
        if (scope := scope_from_json(feedback.answer)) != EVERYTHING:
            todo = FILTERED.format(scope=scope) + (f"; {todo}" if todo else "")
        yield question_to_json(question) | ({TODO: f"{todo}; then delete this field"} if todo else {})


def export(library: Library, out: Path | None = None) -> str:
    """Write the candidates to a new file, or to stdout without one; returns what to tell the user.

    Raises GoldError when nothing has been rated yet, or the file is there already or can't be written.
    """
    rows = list(candidates(library))
    if not rows:
        raise GoldError(f"no answer of the library {library.folder} has been rated yet; rate some in: rag web")
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    if out is None:
        sys.stdout.write(lines)
    else:
        try:
            with out.open("x", encoding="utf-8") as file:
                file.write(lines)
        except OSError as error:  # it may hold candidates that a person has completed
            raise GoldError(f"can't write {out}: {error.strerror}; name a new file with --out") from None
    left = sum(TODO in row for row in rows)
    return f"{len(rows)} candidates" + (
        f'; {left} are to be completed first, as their field "{TODO}" says' * bool(left)
    )


def _candidate(feedback: Feedback, texts: Texts) -> tuple[Question, str | None]:
    """Make a question of a rated answer, and say what it lacks, None when nothing."""
    asked = [question for question, _ in feedback.history]
    plain = Question(
        id=f"feedback-{feedback.turn_id}",
        question=feedback.question,
        language=detect_language(" ".join([*asked, feedback.question])),
        kind=f"feedback-{feedback.rating}",
        answerable=True,
        history=tuple(turn for question, answer in feedback.history for turn in _turns(question, answer)),
    )
    expected = feedback.expected.strip(" \n.!?…") if any(c.isalnum() for c in feedback.expected) else ""
    if feedback.rating == "down":
        if not expected:
            return plain, f"rated down without a word; {EXPECTED}"
        return replace(plain, nuggets=((literal(expected),),)), None
    outcome = feedback.answer.get("outcome")
    if outcome == "not_in_documents" and not expected:
        return replace(plain, answerable=False), None
    quotes = {quote["n"]: quote for quote in feedback.answer.get("quotes", [])}
    places = [_evidence(plain, quote, texts) for quote in quotes.values()]
    said = [
        dict.fromkeys(literal(text) for text in (statement["text"], *(quotes[n]["text"] for n in statement["quotes"])))
        for statement in feedback.answer.get("statements", [])
    ]
    found = replace(
        plain,
        nuggets=((literal(expected),),) if expected else tuple(map(tuple, said)),
        evidence=tuple(place for place in places if place),
    )
    if None in places:
        return found, GONE
    if outcome == "weak_evidence" and not expected:
        return found, UNSURE
    return found, None if found.nuggets else EXPECTED


def _turns(question: str, answer: str) -> Iterator[Message]:
    yield Message("user", question)
    if answer.strip():
        yield Message("assistant", answer)


def _evidence(asked: Question, quote: dict[str, Any], texts: Texts) -> Evidence | None:
    """Say where a quote stands as shortly as finds it: by name or path, at its offsets or wherever it is now."""
    for document in (quote["document"], quote["path"]):
        for start, end in ((quote["start"], quote["end"]), (None, None)):
            place, notes = Evidence(document, start, end, quote["text"]), list[str]()
            try:
                texts.resolve(replace(asked, evidence=(place,)), notes)
            except GoldError:
                continue
            if not notes:
                return place
    return None
