"""Answers and passages as text for a terminal. Pure: values in, lines out; printing is the caller's."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Sequence
from pathlib import PurePath

from index.kinds import file_name, remedy
from index.pictures import SMALL, WORDLESS
from index.scope import EVERYTHING
from index.types import Passage, Place
from rag.answer import Answer, Quote, Statement

CLOSEST = 3  # passages shown when the documents don't say
_EXCERPT = 280  # characters of a passage
_NAMED = 5  # copies of a source that are named

_HEADINGS = {
    "not_in_documents": "The documents don't say.",
    "weak_evidence": "The documents may not answer this. What comes near it:",
    "failed": "The language model failed; this is the evidence itself, quoted.",
}


def heading_lines(answer: Answer) -> Iterator[str]:
    """What stands above an answer that isn't one, and where it was looked for, unless everywhere."""
    if heading := _HEADINGS.get(answer.outcome):
        yield heading
        if answer.scope != EVERYTHING:
            yield f"Looked for only in documents {answer.scope}."


def statement_line(statement: Statement, numbers: dict[Quote, int]) -> str:
    """One statement with its marks; `numbers` is extended with the quotes it brings in."""
    for quote in statement.quotes:
        numbers.setdefault(quote, len(numbers) + 1)
    marks = "".join(f"[{numbers[quote]}]" for quote in statement.quotes)
    return f"{statement.text} {marks}"


def source_lines(numbers: dict[Quote, int], width: int) -> Iterator[str]:
    """The numbered sources: title, date, file, and the quoted words."""
    for quote, number in numbers.items():
        place = _place(quote.place, quote.last_place)
        voice = "  (a reader's comment)" if quote.voice == "comment" else ""
        if quote.speaker and quote.speaker not in quote.text:
            voice = f"  ({quote.speaker} speaking)"
        label = f"[{number}] "
        yield f"{label}{origin(quote.document.title, quote.date, quote.document.name)}{place}{voice}"
        yield from _indented(f"“{' '.join(quote.text.split())}”", len(label), width)
        if quote.also_in:
            yield from _indented(f"also in: {named(quote.also_in)}", len(label), width)


def closing_lines(answer: Answer, width: int) -> Iterator[str]:
    """What follows an answer that isn't one: the reason, and the nearest passages."""
    searched = f" {answer.scope}" if answer.scope != EVERYTHING else ""
    if answer.reason:
        yield f"Reason: {answer.reason}"
    for part in answer.missing:
        yield f"The documents{searched} don't say: {part}"
    if answer.unknown:
        yield f"No document{searched} mentions: {', '.join(answer.unknown)}"
    if answer.outcome == "not_in_documents" and answer.passages:
        yield "Closest I found:"
        yield from passage_lines(answer.passages[:CLOSEST], width, scores=False)


def passage_lines(passages: Iterable[Passage], width: int, scores: bool = True) -> Iterator[str]:
    """Ranked passages with their sources."""
    for number, passage in enumerate(passages, start=1):
        document = passage.document
        score = f"  {passage.score:.2f}" if scores else ""
        voice = "  (readers' comments)" if passage.chunk.voice == "comment" else ""
        place = _place(passage.place, passage.last_place)
        yield f"{number:>2}. {origin(document.title, document.date, document.name)}{place}{voice}{score}"
        yield from _indented(excerpt(passage.text), 4, width)
        if passage.also_in:
            yield from _indented(f"also in: {named(passage.also_in)}", 4, width)


def unread(failed: Iterable[tuple[str, str]], named: Container[str] = ()) -> list[tuple[str, str]]:
    """Tell what could not be read and why, of (path or name, reason) pairs, in few lines.

    A file has a line of its own, unless its kind is all that is wrong with it: such are counted, those that people keep
    documents in kind by kind with what to do, all others in the last line. Those `named` by the user stay alone.
    """
    alone: list[tuple[str, str]] = []
    known: dict[str, list[str]] = {}
    others: Counter[str] = Counter()
    for path, reason in failed:
        of_its_kind = reason in (remedy(path), WORDLESS, SMALL)
        if path in named or not (of_its_kind or is_no_document(path, reason)):
            alone.append((path, reason))
        elif of_its_kind:
            known.setdefault(reason, []).append(path)
        else:
            others[PurePath(path).suffix.lower() or "without a suffix"] += 1
    grouped = [(_such_as(paths), reason) for reason, paths in known.items()]
    if others:
        grouped.append((", ".join(f"{count} {suffix}" for suffix, count in others.most_common()), "not documents"))
    return alone + grouped


def is_no_document(path: str, reason: str) -> bool:
    """Tell whether a file can't be read for a kind that holds no documents, as far as is known."""
    from index.readers import why_not  # which a question doesn't need

    return remedy(path) is None and reason == why_not(path)


def _such_as(paths: Sequence[str]) -> str:
    if len(paths) == 1:
        return paths[0]
    kinds = " ".join(sorted({PurePath(path).suffix.lower() for path in paths}))
    return f"{len(paths)} {kinds} files, such as {file_name(paths[0])}"


def excerpt(text: str) -> str:
    """Return the beginning of a passage, on whole words."""
    return textwrap.shorten(text, _EXCERPT, placeholder=" …")


def origin(title: str, date: str | None, name: str) -> str:
    """Where words come from: title, date and file, the title left out where it is but the file's name."""
    parts = [title] if title and not name.startswith(title) else []
    return " · ".join([*parts, date or "undated", name])


def named(files: Sequence[str]) -> str:
    """Name some files, and count the rest."""
    more = f" +{len(files) - _NAMED}" if len(files) > _NAMED else ""
    return f"{', '.join(files[:_NAMED])}{more}"


def _place(place: Place, last: Place) -> str:
    page = f", page {place.label or place.page}" if place.page else ""
    if place.page != last.page:
        page = f", pages {place.label or place.page}-{last.label or last.page}"
    if place.ocr or last.ocr:
        page += " (OCR)"
    section = " – ".join(dict.fromkeys(filter(None, (place.section, last.section))))
    return f"{page}, {section}" if section else page


def _indented(text: str, indent: int, width: int) -> list[str]:
    return textwrap.wrap(text, max(width, 40), initial_indent=" " * indent, subsequent_indent=" " * indent)
