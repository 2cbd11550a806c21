"""What the model is asked, and how its draft is read back. Knows nothing of how it is checked.

The model sees the evidence as numbered excerpts and little else: a short prompt is a fast one, and the constant part
comes first so that the model's cache keeps it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rag.answer import Quote
from rag.generator import Message

CANNOT_ANSWER = "The excerpts do not say."
SYSTEM = (
    "Answer the question from the numbered excerpts only, briefly, in their words and in the question's language. "
    f"End each sentence with its excerpt's number, like [1]. If they do not answer it, write: {CANNOT_ANSWER}"
)
MAX_TOKENS = 160

_MARK = re.compile(r"\s*\[(\d{1,3}(?:\s*[,;–-]\s*\d{1,3})*)\]")
_MARKS_AFTER_STOP = re.compile(r"([.!?…])((?:\s*\[\d[\d\s,;–-]*\])+)")
_LINE_START = re.compile(r"^\s*(?:[-*•–]|\d{1,2}[.)]|#{1,6})\s+")
_EMPHASIS = re.compile(r"(\*\*|__|`)")


@dataclass(frozen=True, slots=True)
class DraftSentence:
    """One sentence of a draft without its marks, and the numbers it cites, which may be wrong or none."""

    text: str
    marks: tuple[int, ...]


def prompt(question: str, quotes: Sequence[Quote]) -> list[Message]:
    """Write the messages for a question and its evidence."""
    excerpts = "\n".join(f"[{number}] {' '.join(quote.text.split())}" for number, quote in enumerate(quotes, start=1))
    return [Message("system", SYSTEM), Message("user", f"{excerpts}\n\nQuestion: {question}")]


def read_draft(text: str, language: str, finished: bool = True) -> list[DraftSentence]:
    """Split a draft into sentences; of one the model did not finish, a last sentence without full stop is dropped."""
    from sentencex import segment

    sentences: list[DraftSentence] = []
    for line in text.splitlines():
        plain = _EMPHASIS.sub("", _LINE_START.sub("", line))
        joined = _MARKS_AFTER_STOP.sub(r"\2\1", plain)  # "…lifted. [1]" -> "…lifted [1]."
        for sentence in segment(language, joined):
            marks = tuple(dict.fromkeys(n for found in _MARK.finditer(sentence) for n in _numbers(found.group(1))))
            bare = _MARK.sub("", sentence).strip()
            if re.search(r"\w", bare):
                sentences.append(DraftSentence(bare, marks))
    if sentences and not finished and sentences[-1].text[-1] not in '.!?…"”»':
        sentences.pop()
    return sentences


def _numbers(mark: str) -> list[int]:
    numbers: list[int] = []
    for part in re.split(r"[,;]", mark):
        ends = [int(end) for end in re.findall(r"\d+", part)]
        numbers += range(ends[0], min(ends[-1], ends[0] + 20) + 1)
    return numbers
