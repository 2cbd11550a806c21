"""Test collections -> GoldSet: documents, topics and judgements of which documents are relevant, as BEIR and TREC have.

Nothing but a ranking can be measured with them.
"""

from __future__ import annotations

import hashlib
import html
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from eval.fields import Fields, GoldError, json_lines, lines, read_text
from eval.gold import GoldSet, Question, unique


def read_beir(folder: Path) -> GoldSet:
    """Read a BEIR folder (Thakur et al. 2021): corpus.jsonl, queries.jsonl, qrels/test.tsv, or the one there is."""
    texts: dict[str, str] = {}
    for place, value in json_lines(folder / "corpus.jsonl"):
        row = Fields.of(value, place)
        title, text = str(row.values.get("title") or ""), row.values.get("text")
        if not isinstance(text, str):
            raise row.wrong("text", "a text")
        _add(texts, row.text("_id"), f"{title}\n\n{text}".strip(), place)
    topics: dict[str, str] = {}
    for place, value in json_lines(folder / "queries.jsonl"):
        row = Fields.of(value, place)
        _add(topics, row.text("_id"), row.text("text"), place)
    found = {file.stem: file for file in sorted((folder / "qrels").glob("*.tsv"))}
    if not found:
        raise GoldError(f"{folder}: expected judgements in {folder / 'qrels'}/*.tsv")
    rows = list(lines(found.get("test") or next(iter(found.values()))))
    if rows and re.match(r"\S*query\S*\s+\S+\s+[^\d\s]+\s*$", rows[0][1]):
        del rows[0]  # the names of the columns
    return _collection(folder, topics, _judgements(rows, (0, 1, 2), "query, document, grade"), texts)


def read_trec(folder: Path) -> GoldSet:
    """Read a folder with TREC topics (<top>), judgements (four columns) and documents (<doc>), told by their content.

    Judgements of the Cranfield collection count topics by their position, not by their <num>: when the ids there are
    not all topic numbers, positions are meant. A file that is none of the three is noted.
    """
    texts: dict[str, str] = {}
    topics: dict[str, str] = {}
    rows: list[tuple[str, str]] = []
    others: list[str] = []
    for file in sorted(path for path in folder.iterdir() if path.is_file()):
        text = read_text(file)
        if re.search(r"<doc>", text, re.IGNORECASE):
            for place, block in _blocks(text, "doc", file):
                if not (name := _tag(block, "docno")):
                    raise GoldError(f"{place}: expected a <docno>")
                _add(texts, name, _tag(block, "text") or _tag(block, "title"), place)
        elif re.search(r"<top>", text, re.IGNORECASE):
            for place, block in _blocks(text, "top", file):
                _add(topics, *_topic(block, place), place)
        elif re.match(r"\s*\S+[ \t]+\S+[ \t]+\S+[ \t]+-?\d+[ \t\r]*(\n|\Z)", text):
            rows += lines(file)
        else:
            others.append(f"{file.name} holds no documents, topics or judgements")
    for part, what in ((texts, "documents (<doc>)"), (topics, "topics (<top>)"), (rows, "judgements (four columns)")):
        if not part:
            raise GoldError("; ".join([f"{folder}: found no {what}", *others]))
    grades = _judgements(rows, (0, 2, 3), "query, 0, document, grade")
    if not set(grades) <= set(topics):
        topics = {str(position): text for position, text in enumerate(topics.values(), start=1)}
    return _collection(folder, topics, grades, texts, others)


def _add(table: dict[str, str], name: str, text: str, place: str) -> None:
    if name in table:
        raise GoldError(f"{place}: the id {name!r} comes twice")
    table[name] = text


def _blocks(text: str, tag: str, file: Path) -> Iterator[tuple[str, str]]:
    """Go through the blocks that begin with a tag, each with the place where it begins."""
    starts = [match.start() for match in re.finditer(rf"<{tag}>", text, re.IGNORECASE)]
    line, counted = 1, 0
    for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
        line, counted = line + text.count("\n", counted, start), start
        yield f"{file}, line {line}", text[start:end]


def _topic(block: str, place: str) -> tuple[str, str]:
    number = re.search(r"<num>\s*(?:Number:)?\s*([^\s<]+)", block, re.IGNORECASE)
    title = re.search(r"<title>\s*(?:Topic:)?\s*([^<]+)", block, re.IGNORECASE)
    if not number or not title or not title.group(1).strip():
        raise GoldError(f"{place}: expected a topic with <num> and <title>")
    return number.group(1), " ".join(html.unescape(title.group(1)).split())


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
        if grades.setdefault(query, {}).setdefault(document, int(grade)) != int(grade):
            raise GoldError(f"{place}: the grade of {document!r} for {query!r} was {grades[query][document]} before")
    return grades


def _collection(
    folder: Path,
    topics: dict[str, str],
    grades: dict[str, dict[str, int]],
    texts: dict[str, str],
    notes: Iterable[str] = (),
) -> GoldSet:
    """Make questions of topics that have a relevant document (graded above 0), as trec_eval does."""
    from index.language import detect_language

    if strange := sorted(set(grades) - set(topics)):
        raise GoldError(f"{folder}: the judgements name the query {strange[0]!r}, which is not among the questions")
    names = {document: _file_name(document) for document in texts}
    relevant = {query: {d: grade for d, grade in judged.items() if grade > 0} for query, judged in grades.items()}
    language = detect_language(" ".join(topics.values()))
    placed = [
        (str(folder), Question(query, topics[query], language, "ranking", True, judged=_judged(found, names)))
        for query, found in relevant.items()
        if found
    ]
    empty = sorted(document for document, text in texts.items() if not text.strip())
    idle = len(topics) - len(placed)
    noted = [f"{len(empty)} documents have no text: {', '.join(empty[:5])}"] if empty else []
    noted += [f"{idle} topics have no relevant document and are not asked"] if idle else []
    return GoldSet(
        folder.name,
        unique(placed, folder),
        {names[document]: text for document, text in texts.items() if text.strip()},
        {file: document for document, file in names.items()},
        (*notes, *noted),
    )


def _judged(found: dict[str, int], names: dict[str, str]) -> tuple[tuple[str, int], ...]:
    return tuple((names.get(document, document), grade) for document, grade in found.items())


def _file_name(document: str) -> str:
    safe = re.sub(r"[^A-Za-z0-9_-]", "_", document)[:80]
    changed = safe != document or safe != safe.lower()  # names that differ in case alone are one file on some disks
    return f"{safe}-{hashlib.sha256(document.encode()).hexdigest()[:8]}.txt" if changed else f"{safe}.txt"
