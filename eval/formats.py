"""Public formats of questions -> GoldSet. To read another, write a function `path -> GoldSet` and add a row to FORMATS.

SQuAD and RGB are read here, collections that judge a ranking in `eval.collection`.

Documents that come inside a set get neutral file names (`d0001.txt`): a title may give the answer away, and some sets
use the question itself as the title.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from eval.collection import read_beir, read_trec
from eval.fields import Fields, GoldError, json_lines, parse_json, read_text
from eval.gold import Evidence, GoldSet, Question, literal, read_project, unique


class _Documents:
    """Texts on their way to become files: the same text becomes one file."""

    def __init__(self) -> None:
        self.texts: dict[str, str] = {}
        self._names: dict[str, str] = {}

    def add(self, text: str) -> str:
        name = self._names.setdefault(text, f"d{len(self._names) + 1:04}.txt")
        self.texts[name] = text
        return name


def read_squad(path: Path) -> GoldSet:
    """Read SQuAD v1/v2 JSON (Rajpurkar et al. 2016, 2018). Every paragraph becomes a document.

    Where annotators marked several answers, the first is the evidence and all are accepted as the answer.
    """
    documents = _Documents()
    placed: list[tuple[str, Question]] = []
    root = Fields.of(parse_json(read_text(path), str(path)), str(path))
    for article in root.objects("data"):
        for paragraph in article.objects("paragraphs"):
            context = paragraph.text("context")
            for item in paragraph.objects("qas"):
                question = _squad_question(item, context, documents.add(context), len(placed) + 1)
                placed.append((item.place, question))
    return GoldSet(path.stem, _in_one_language(unique(placed, path)), documents.texts)


def _squad_question(item: Fields, context: str, document: str, number: int) -> Question:
    answers, first = [], None
    for answer in item.objects("answers", optional=True):
        text, start = answer.text("text"), answer.whole("answer_start")
        if context[start : start + len(text)] != text:
            found = context[start : start + len(text)][:60]
            raise GoldError(f"{answer.place}: expected {text[:60]!r} at character {start}, the paragraph has {found!r}")
        first = first or Evidence(document, start, start + len(text), text)
        answers.append(text)
    impossible = item.boolean("is_impossible") if "is_impossible" in item.values else False
    if not impossible and first is None:
        raise GoldError(f'{item.place}: expected "answers", or "is_impossible": true')
    return Question(
        id=item.text("id") if "id" in item.values else f"q{number:04}",
        question=item.text("question"),
        language="",
        kind="unanswerable" if impossible else "factoid",
        answerable=not impossible,
        nuggets=() if impossible else (tuple(dict.fromkeys(map(literal, answers))),),
        evidence=() if impossible or first is None else (first,),
        answers=() if impossible else tuple(dict.fromkeys(answers)),
    )


def read_rgb(path: Path) -> GoldSet:
    """Read RGB JSONL (Chen et al. 2023, arXiv 2309.01431): all positive and negative snippets become documents."""
    return _rgb(path, ("positive", "negative"))


def read_rgb_negatives(path: Path) -> GoldSet:
    """Read RGB JSONL for its negative rejection task: the negative snippets alone, so nothing can be answered."""
    return _rgb(path, ("negative",))


def _rgb(path: Path, parts: tuple[str, ...]) -> GoldSet:
    documents = _Documents()
    placed: list[tuple[str, Question]] = []
    for place, value in json_lines(path):
        row = Fields.of(value, place)
        names = {part: [documents.add(text) for text in row.texts(part)] for part in parts}
        answerable = "positive" in names
        nuggets = _rgb_answer(row)
        question = Question(
            id=row.text("id"),
            question=row.text("query"),
            language="",
            kind="factoid" if answerable else "unanswerable",
            answerable=answerable,
            nuggets=tuple(tuple(map(literal, n)) for n in nuggets) if answerable else (),
            evidence=tuple(
                Evidence(name, 0, len(documents.texts[name]), documents.texts[name])
                for name in dict.fromkeys(names.get("positive", []))
            ),
            answers=nuggets[0] if answerable and len(nuggets) == 1 else (),
        )
        placed.append((place, question))
    name = path.stem + ("" if "positive" in parts else "-negatives")
    return GoldSet(name, _in_one_language(unique(placed, path)), documents.texts)


def _rgb_answer(row: Fields) -> list[tuple[str, ...]]:
    """Take RGB's answers: a text, or a list in which each element is needed, as a text or as a list of alternatives."""
    answer = row.values.get("answer")
    needed = answer if isinstance(answer, list) else [answer]
    nuggets = [tuple(item) if isinstance(item, list) else (item,) for item in needed]
    if not nuggets or not all(n and all(isinstance(a, str) and a.strip() for a in n) for n in nuggets):
        raise row.wrong("answer", "a text or a list of texts")
    return nuggets


def _in_one_language(questions: Sequence[Question]) -> tuple[Question, ...]:
    """Tell the language of a whole set: its questions are too short one by one."""
    from index.language import detect_language

    language = detect_language(" ".join(question.question for question in questions))
    return tuple(replace(question, language=language) for question in questions)


@dataclass(frozen=True, slots=True)
class Format:
    """One format: how a path is known to be of it, and its reader."""

    name: str
    matches: Callable[[Path], bool]
    read: Callable[[Path], GoldSet]


def _first_object(path: Path) -> dict[str, object]:
    if path.suffix != ".jsonl" or not path.is_file():
        return {}
    value = next((value for _, value in json_lines(path)), None)
    return value if isinstance(value, dict) else {}


FORMATS: tuple[Format, ...] = (
    Format("beir", lambda path: (path / "corpus.jsonl").is_file(), read_beir),
    Format("trec", Path.is_dir, read_trec),
    Format("squad", lambda path: path.suffix == ".json", read_squad),
    Format("rgb", lambda path: "positive" in _first_object(path), read_rgb),
    Format("rgb-negatives", lambda path: False, read_rgb_negatives),
    Format("project", lambda path: path.suffix == ".jsonl", read_project),
)


def load_gold(path: Path, name: str | None = None) -> GoldSet:
    """Read gold questions, in the format named or in the first that matches. Raises GoldError."""
    names = ", ".join(form.name for form in FORMATS)
    if name is not None and name not in {form.name for form in FORMATS}:
        raise GoldError(f"unknown format {name!r}; known: {names}")
    if not path.exists():
        raise GoldError(f"no such file or folder: {path}")
    chosen = next((form for form in FORMATS if (form.name == name if name else form.matches(path))), None)
    if chosen is None:
        raise GoldError(f"can't tell the format of {path}; name it with --format: {names}")
    return chosen.read(path)
