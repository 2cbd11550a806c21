"""Public formats of questions -> GoldSet. To read another, write a function `path -> GoldSet` and add a row to FORMATS.

Documents that come inside a set get neutral file names (`d0001.txt`): a title may give the answer away, and some sets
use the question itself as the title.
"""

from __future__ import annotations

import hashlib
import html
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from eval.gold import (
    Evidence,
    Fields,
    GoldError,
    GoldSet,
    Question,
    json_lines,
    lines,
    parse_json,
    read_project,
    read_text,
    unique,
)


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
    questions: list[Question] = []
    root = Fields.of(parse_json(read_text(path), str(path)), str(path))
    for article in root.objects("data"):
        for paragraph in article.objects("paragraphs"):
            context = paragraph.text("context")
            for item in paragraph.objects("qas"):
                questions.append(_squad_question(item, context, documents.add(context), len(questions) + 1))
    language = _language(q.question for q in questions)
    return GoldSet(path.stem, unique([_in_language(q, language) for q in questions], path), documents.texts)


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
        nuggets=() if impossible else (tuple(dict.fromkeys(map(_literal, answers))),),
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
    documents, questions = _Documents(), []
    for place, value in json_lines(path):
        row = Fields.of(value, place)
        names = {part: [documents.add(text) for text in row.texts(part)] for part in parts}
        answerable = "positive" in names
        nuggets = _rgb_answer(row)
        questions.append(
            Question(
                id=row.text("id"),
                question=row.text("query"),
                language="",
                kind="factoid" if answerable else "unanswerable",
                answerable=answerable,
                nuggets=tuple(tuple(map(_literal, n)) for n in nuggets) if answerable else (),
                evidence=tuple(
                    Evidence(name, 0, len(documents.texts[name]), documents.texts[name])
                    for name in dict.fromkeys(names.get("positive", []))
                ),
                answers=nuggets[0] if answerable and len(nuggets) == 1 else (),
            )
        )
    language = _language(q.question for q in questions)
    name = path.stem + ("" if "positive" in parts else "-negatives")
    return GoldSet(name, unique([_in_language(q, language) for q in questions], path), documents.texts)


def _rgb_answer(row: Fields) -> list[tuple[str, ...]]:
    """Take RGB's answers: a text, or a list in which each element is needed, as a text or as a list of alternatives."""
    answer = row.values.get("answer")
    needed = answer if isinstance(answer, list) else [answer]
    nuggets = [tuple(item) if isinstance(item, list) else (item,) for item in needed]
    if not nuggets or not all(n and all(isinstance(a, str) and a.strip() for a in n) for n in nuggets):
        raise row.wrong("answer", "a text or a list of texts")
    return nuggets


def read_beir(folder: Path) -> GoldSet:
    """Read a BEIR folder (Thakur et al. 2021): corpus.jsonl, queries.jsonl, qrels/test.tsv, or the one there is."""
    texts: dict[str, str] = {}
    for place, value in json_lines(folder / "corpus.jsonl"):
        row = Fields.of(value, place)
        title, text = str(row.values.get("title") or ""), row.values.get("text")
        if not isinstance(text, str):
            raise row.wrong("text", "a text")
        texts[row.text("_id")] = f"{title}\n\n{text}".strip()
    topics = {}
    for place, value in json_lines(folder / "queries.jsonl"):
        row = Fields.of(value, place)
        topics[row.text("_id")] = row.text("text")
    found = {file.stem: file for file in sorted((folder / "qrels").glob("*.tsv"))}
    if not found:
        raise GoldError(f"{folder}: expected judgements in {folder / 'qrels'}/*.tsv")
    file = found.get("test") or next(iter(found.values()))
    rows = list(lines(file))
    skip = 1 if rows and "query" in rows[0][1].lower() else 0
    return _ranking(folder.name, folder, topics, _judgements(rows[skip:], (0, 1, 2), "query, document, grade"), texts)


def read_trec(folder: Path) -> GoldSet:
    """Read a folder with TREC topics (<top>), judgements (four columns) and documents (<doc>), told by their content.

    Judgements of the Cranfield collection count topics by their position, not by their <num>: when the ids there are
    not all topic numbers, positions are meant.
    """
    texts: dict[str, str] = {}
    topics: list[tuple[str, str]] = []
    grades: dict[str, dict[str, int]] = {}
    for file in sorted(path for path in folder.iterdir() if path.is_file()):
        text = read_text(file)
        if re.search(r"<doc>", text, re.IGNORECASE):
            texts |= dict(_trec_documents(text, str(file)))
        elif re.search(r"<top>", text, re.IGNORECASE):
            topics += _trec_topics(text, str(file))
        elif re.match(r"\s*\S+[ \t]+\S+[ \t]+\S+[ \t]+-?\d+[ \t\r]*(\n|\Z)", text):
            grades |= _judgements(list(lines(file)), (0, 2, 3), "query, 0, document, grade")
    for part, what in ((texts, "documents (<doc>)"), (topics, "topics (<top>)"), (grades, "judgements (four columns)")):
        if not part:
            raise GoldError(f"{folder}: found no {what}; a TREC folder holds documents, topics and judgements")
    if not set(grades) <= {number for number, _ in topics}:
        topics = [(str(position), text) for position, (_, text) in enumerate(topics, start=1)]
    return _ranking(folder.name, folder, dict(topics), grades, texts)


def _trec_documents(text: str, place: str) -> Iterator[tuple[str, str]]:
    for number, match in enumerate(re.finditer(r"<doc>(.*?)</doc>", text, re.IGNORECASE | re.DOTALL), start=1):
        name = _tag(match.group(1), "docno")
        if not name:
            raise GoldError(f"{place}, document {number}: expected a <docno>")
        yield name, _tag(match.group(1), "text") or _tag(match.group(1), "title")


def _trec_topics(text: str, place: str) -> Iterator[tuple[str, str]]:
    for position, block in enumerate(re.split(r"<top>", text, flags=re.IGNORECASE)[1:], start=1):
        number = re.search(r"<num>\s*(?:Number:)?\s*([^\s<]+)", block, re.IGNORECASE)
        title = re.search(r"<title>\s*(?:Topic:)?\s*([^<]+)", block, re.IGNORECASE)
        if not number or not title or not title.group(1).strip():
            raise GoldError(f"{place}, topic {position}: expected <num> and <title>")
        yield number.group(1), " ".join(html.unescape(title.group(1)).split())


def _tag(block: str, name: str) -> str:
    match = re.search(rf"<{name}>(.*?)</{name}>", block, re.IGNORECASE | re.DOTALL)
    return html.unescape(match.group(1)).strip() if match else ""


def _judgements(rows: list[tuple[str, str]], columns: tuple[int, int, int], expected: str) -> dict[str, dict[str, int]]:
    grades: dict[str, dict[str, int]] = {}
    for place, line in rows:
        cells = line.split()
        if len(cells) != columns[-1] + 1 or not re.fullmatch(r"-?\d+", cells[columns[2]]):
            raise GoldError(f"{place}: expected {expected}; found {line.strip()[:60]!r}")
        query, document, grade = (cells[column] for column in columns)
        grades.setdefault(query, {})[document] = int(grade)
    return grades


def _ranking(
    name: str, path: Path, topics: dict[str, str], grades: dict[str, dict[str, int]], texts: dict[str, str]
) -> GoldSet:
    """Make questions of topics that have a relevant document (graded above 0), as trec_eval does."""
    if strange := sorted(set(grades) - set(topics)):
        raise GoldError(f"{path}: the judgements name the query {strange[0]!r}, which is not among the questions")
    names = {document: _file_name(document) for document in texts}
    asked = {query: {d: g for d, g in judged.items() if g > 0} for query, judged in grades.items()}
    language = _language(topics.values())
    questions = [
        Question(query, topics[query], language, "ranking", True, judged=_judged(found, names))
        for query, found in asked.items()
        if found
    ]
    empty = sorted(document for document, text in texts.items() if not text.strip())
    lost = sorted({document for found in asked.values() for document in found if document not in texts})
    idle = len(topics) - len(questions)
    notes = [
        f"{count} {what}{': ' + ', '.join(which[:5]) if which else ''}"
        for count, what, which in (
            (len(empty), "documents have no text and can't be found", empty),
            (len(lost), "judged documents are not in the set and can't be found", lost),
            (idle, "topics have no relevant document and are not asked", []),
        )
        if count
    ]
    return GoldSet(
        name,
        unique(questions, path),
        {names[document]: text for document, text in texts.items() if text.strip()},
        {file: document for document, file in names.items()},
        tuple(notes),
    )


def _judged(found: dict[str, int], names: dict[str, str]) -> tuple[tuple[str, int], ...]:
    return tuple((names.get(document, document), grade) for document, grade in found.items())


def _file_name(document: str) -> str:
    safe = re.sub(r"[^A-Za-z0-9_-]", "_", document)[:80]
    changed = safe != document or safe != safe.lower()  # names that differ in case alone are one file on some disks
    return f"{safe}-{hashlib.sha256(document.encode()).hexdigest()[:8]}.txt" if changed else f"{safe}.txt"


def _literal(answer: str) -> str:
    """Turn an answer into a pattern that takes any white space for its own, and whole words only."""
    pattern = r"\s+".join(map(re.escape, answer.split()))
    return rf"(?<!\w){pattern}(?!\w)"


def _language(texts: Iterable[str]) -> str:
    """Tell the language of a whole set: its questions are too short one by one."""
    from index.language import detect_language

    return detect_language(" ".join(texts))


def _in_language(question: Question, language: str) -> Question:
    return replace(question, language=language)


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
