"""The example articles, and questions to begin with: gold ones where the library has their documents, or its titles."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from index.store import Store

_EVAL = Path(__file__).resolve().parents[1] / "eval"  # data of the package beside this one
EXAMPLE_DOCUMENTS = _EVAL / "corpus"
_GOLD = _EVAL / "gold"
_QUESTIONS = 4
_KINDS = {"list", "why", "contrast", "time", "factoid"}  # those that stand alone and have an answer
_ABOUT = {"en": "What does “{title}” say?", "fr": "Que dit « {title} » ?"}


def example_questions(store: Store, language: str) -> list[str]:
    """Questions that the library can answer: gold ones whose documents it holds, else one about each of some titles.

    Those in the reader's language come first.
    """
    listed = [one for one in store.inventory() if one.document_id]
    held = {Path(one.path).name for one in listed}
    gold = [question for question, documents in _gold(language) if documents <= held]
    if gold:
        return gold[:_QUESTIONS]
    titled = sorted((one for one in listed if one.title), key=lambda one: (one.language != language, one.path))
    return [_ABOUT[language].format(title=one.title) for one in titled[:_QUESTIONS]]


@cache
def _gold(language: str) -> list[tuple[str, frozenset[str]]]:
    """Gold questions in one language, one of each kind that shows what can be asked, with the documents they need."""
    texts = [file.read_text(encoding="utf-8") for file in sorted(_GOLD.glob("*.jsonl"))]
    lines = [json.loads(line) for text in texts for line in text.split("\n") if line]
    first: dict[str, tuple[str, frozenset[str]]] = {}
    for line in lines:
        if line["language"] == language and line["kind"] in _KINDS:
            documents = frozenset(span["document"] for span in line["evidence"])
            first.setdefault(line["kind"], (line["question"], documents))
    return list(first.values())
