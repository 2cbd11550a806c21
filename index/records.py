"""Reads JSON: articles and messages as records with a text each, anything else value by value in reading order."""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from index.compose import Composer, fold
from index.dates import stamped_date
from index.errors import ReadError
from index.markup import html_text
from index.parsed import Parsed, decode
from index.tables import table_lines

MAX_RECORDS = 20_000
MAX_VALUES = 200_000
_MAX_DEPTH = 100
_LONG = 200  # characters; a longer field is a paragraph of its own
_LONGEST_LINE = 400  # characters of a line of fields, about
_MOST_TOLD = 20  # names of fields, bad lines
_TEXTS = (
    "text",
    "body",
    "content",
    "article",
    "message",
    "full_text",
    "fulltext",
    "abstract",
    "summary",
    "description",
)
_PEOPLE = ("from", "author", "user_name", "username", "sender", "user", "by", "speaker", "actor")
_TITLES = ("title", "headline", "subject", "name")
_DATES = ("date", "published", "publication_date", "date_published", "datepublished", "published_at", "pubdate",
          "created_at", "created", "timestamp")  # fmt: skip
_COMMENTS = re.compile(r"(?:\w+_)?(?:comments|replies|reviews)|kommentare|commentaires|comentarios", re.IGNORECASE)
_MARKUP = re.compile(r"</?(?:p|br|div|h[1-6]|ul|ol|li|span|a)\b[^<>]*>", re.IGNORECASE)
# What programs keep for themselves: nobody asks for it, and it would take up the room of what says something.
_KEY = re.compile(r"(?:.*[_.-])?(?:ids?|uuid|guid|hash|md5|sha\d*|etag|token|checksum)|.*[a-z]I[Dd]s?", re.DOTALL)
_ADDRESS = re.compile(r"(?:https?://|www\.|data:)\S*|(?=\d*[a-f])[0-9a-f]{16,}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}",
                      re.IGNORECASE)  # fmt: skip

Value = Any  # what JSON holds


def read_json(data: bytes) -> Parsed:
    """Read a JSON file: records wherever they are in it, and what stands around them."""
    return _read(_load(decode(data).removeprefix("\ufeff")))


def read_json_lines(data: bytes) -> Parsed:
    """Read a file with one JSON value a line. Bad lines are told, and refuse the file when they are the most."""
    values: list[Value] = []
    bad: list[str] = []
    for number, line in enumerate(decode(data).removeprefix("\ufeff").split("\n"), start=1):
        if line.strip():
            try:
                values.append(_load(line))
            except ReadError as error:
                bad.append(f"line {number}: {error}")
    if len(bad) > len(values):
        raise ReadError(bad[0])
    if len(bad) > _MOST_TOLD:
        bad[_MOST_TOLD:] = [f"{len(bad) - _MOST_TOLD} more lines: not JSON either"]
    parsed = _read(values)
    return replace(parsed, set_aside=(*bad, *parsed.set_aside))


def _load(text: str) -> Value:
    try:
        return json.loads(text)
    except RecursionError:
        raise ReadError("nested too deeply for JSON that says something") from None
    except ValueError as error:
        raise ReadError(f"not JSON: {fold(str(error))[:200]}") from None


def _read(value: Value) -> Parsed:
    if isinstance(value, list) and value and not _are_records(value) and all(map(_is_flat, value)):
        return _read_table(value)
    if isinstance(value, dict) and _field(value, _TEXTS):
        value = [value]
    count = sum(len(item) for _, _, item in _items(value) if isinstance(item, list))
    title = _field(value, _TITLES) if isinstance(value, dict) and count else None
    if title is None:
        return _Reading(count).parsed(value, None)
    return _Reading(count).parsed({key: field for key, field in value.items() if key != title}, _words(value[title]))


class _Reading:
    """The text of a JSON file as it grows: values and records in reading order, then what others said about these."""

    def __init__(self, count: int) -> None:
        self._composer = Composer()
        self._only = count == 1  # record, but for those within it
        self._records = 0
        self._values = 0
        self._name: str | None = None
        self._days: set[str | None] = set()
        self._left_out: set[str] = set()
        self._cut: str | None = None
        self._comments: list[tuple[Value, tuple[str, ...]]] = []

    def parsed(self, value: Value, title: str | None) -> Parsed:
        """Read the file's value; with a single record the file has the title and the date of that."""
        self._add(value, (), top=True)
        comments = self._composer.offset if self._comments else None
        others = deque(self._comments)
        while others:
            self._comments = []
            self._add(*others.popleft())
            others.extendleft(reversed(self._comments))  # those on this comment come right behind it
        parsed = self._composer.parsed(
            title or (self._name if self._only else None),
            self._days.pop() if len(self._days) == 1 else None,
            self._set_aside(),
        )
        return parsed if comments is None else replace(parsed, comments=comments)

    def _set_aside(self) -> Iterator[str]:
        if names := sorted(self._left_out):
            more = f" and {len(names) - _MOST_TOLD} more" if len(names) > _MOST_TOLD else ""
            yield f"fields that are not in the text: {', '.join(names[:_MOST_TOLD])}{more}"
        if self._records > MAX_RECORDS:
            yield f"{self._records - MAX_RECORDS} records: more than {MAX_RECORDS} in one file"
        if self._cut is not None:
            yield f"the values from {self._cut!r} on: more than {MAX_VALUES} in one file"

    def _within(self, value: Value) -> Iterator[tuple[tuple[str, ...], tuple[str, ...], Value]]:
        """Yield what `_items` does, as long as there is room for values."""
        for path, titles, item in _items(value):
            self._values += not isinstance(item, list)
            if self._values <= MAX_VALUES or isinstance(item, list):
                yield path, titles, item
            elif self._cut is None:
                self._cut = ".".join(path)

    def _add(self, value: Value, outer: tuple[str, ...], *, top: bool = False) -> None:
        """Add the records in a value, and each other value in it as a paragraph."""
        section = None
        for path, titles, item in self._within(value):
            if isinstance(item, list):
                section = None
                for record in item:
                    self._add_record(record, (*outer, *titles), top=top)
            else:
                if path[:1] != section:
                    section = path[:1]
                    self._composer.place(" > ".join((*outer, *section)))
                self._composer.paragraph(f"{'.'.join(path)}: {item}" if path else item)

    def _add_record(self, record: dict[str, Value], outer: tuple[str, ...], *, top: bool = False) -> None:
        """Add a record: its title and short fields in a line, its text, its long fields, and the records in it."""
        self._records += 1
        if self._records > MAX_RECORDS:
            return
        if len(outer) > _MAX_DEPTH:
            raise ReadError(f"nested more than {_MAX_DEPTH} keys deep")
        body, title, person, stated = (_field(record, names) for names in (_TEXTS, _TITLES, _PEOPLE, _DATES))
        text = _words(record[body]) if body else ""
        date = _day(_words(record[stated])) if stated else None
        called = fold(_words(record[name])) if (name := title or person) else ""
        if top:
            self._days.add(date)
            self._name = called if title else None
        label = called or f"Record {self._records}"
        section = (*outer, f"{label} ({date})" if date and not (top and self._only) else label)
        short: dict[str, list[str]] = {str(title): [fold(_words(record[title]))]} if title else {}
        long: list[str] = []
        inner: list[tuple[tuple[str, ...], list[dict[str, Value]]]] = []
        self._composer.place(" > ".join(section))
        for key, field in record.items():
            if key in (body, title):
                continue
            if body and _COMMENTS.fullmatch(str(key)) and isinstance(field, list | dict):
                below = (*section, fold(str(key)))
                self._comments += [([one], below) for one in field] if isinstance(field, list) else [(field, below)]
                continue
            for path, titles, item in self._within({} if text and _words(field) == text else {key: field}):
                name = ".".join(path)
                if isinstance(item, list):
                    inner.append((titles, item))
                elif _KEY.fullmatch(path[-1]) or _ADDRESS.fullmatch(item):
                    self._left_out.add(name)
                elif len(item) > _LONG or "\n" in item or _MARKUP.search(item):
                    long.append(f"{name}: {_plain(item)}")
                elif item != text:
                    short.setdefault(name, []).append(fold(item))
        self._add_fields(short, title)
        for words in (_plain(text), *long):
            self._composer.text(words)
        for titles, records in inner:
            for one in records:
                self._add_record(one, (*section, *titles))

    def _add_fields(self, fields: dict[str, list[str]], title: str | None) -> None:
        """Add fields as "name: Chair; price: 89 euros.", each line with the title; a title alone is a heading."""
        if title and len(fields) == 1:
            self._composer.paragraph(fields[title][0])
            return
        named = [f"{name}: {', '.join(values)}" for name, values in fields.items()]
        first, line = named[:1] if title else [], ""
        for field in named[len(first) :]:
            if line and len(line) + len(field) > _LONGEST_LINE:
                self._composer.paragraph(f"{line};")
                line = ""
            line = "; ".join([line, field] if line else [*first, field])
        self._composer.paragraph(f"{line}." if line and line[-1] not in ".!?…" else line)


def _are_records(value: Value) -> bool:
    """Whether a value is a list of objects most of which have a text."""
    if not isinstance(value, list) or not value or not all(isinstance(item, dict) for item in value):
        return False
    return sum(_field(item, _TEXTS) is not None for item in value) * 2 > len(value)


def _field(record: dict[str, Value], names: tuple[str, ...]) -> str | None:
    """The key of a record for the first of the names under which it has words."""
    keys = {str(key).lower(): key for key in record}
    return next((keys[name] for name in names if name in keys and _words(record[keys[name]]).strip()), None)


def _words(value: Value) -> str:
    """The words of a text, which may be in pieces: ["See ", {"type": "link", "text": "the map"}]. Else nothing."""
    if isinstance(value, str):
        return value
    pieces = value if isinstance(value, list) else []
    kinds = {piece.get("type") if isinstance(piece, dict) else "" for piece in pieces if _is_piece(piece)}
    if not all(map(_is_piece, pieces)):
        return ""
    between = "\n\n" if kinds in ({""}, {"text"}) else ""  # paragraphs, or spans of one text
    return between.join(piece["text"] if isinstance(piece, dict) else piece for piece in pieces)


def _is_piece(value: Value) -> bool:
    return isinstance(value, str) or (
        isinstance(value, dict) and isinstance(value.get("text"), str) and isinstance(value.get("type"), str)
    )


def _plain(text: str) -> str:
    return html_text(text) if _MARKUP.search(text) else text


def _day(stated: str) -> str | None:
    return stamped_date(stated[:40]) if stated and not stated.isdecimal() else None


def _read_table(value: list[dict[str, Value]]) -> Parsed:
    composer = Composer()
    names = list(dict.fromkeys(str(key) for item in value for key in item))[:1000]
    rows = ([fold(_scalar(item.get(name))) for name in names] for item in value[:MAX_RECORDS])
    for line in table_lines([names, *rows]):
        composer.paragraph(line)
    over = len(value) - MAX_RECORDS
    return composer.parsed(set_aside=[f"{over} records: more than {MAX_RECORDS} in one file"] if over > 0 else [])


def _is_flat(item: Value) -> bool:
    return isinstance(item, dict) and not any(isinstance(field, dict | list) for field in item.values())


def _items(value: Value) -> Iterator[tuple[tuple[str, ...], tuple[str, ...], Value]]:
    """Yield every value and every list of records with the keys that lead to it, in reading order.

    Between these are the titles of the objects below the outermost one in which it is.
    """
    stack: list[tuple[tuple[str, ...], tuple[str, ...], Value]] = [((), (), value)]
    while stack:
        path, titles, item = stack.pop()
        if len(path) > _MAX_DEPTH:
            raise ReadError(f"nested more than {_MAX_DEPTH} keys deep")
        if isinstance(item, dict):
            title = _field(item, _TITLES) if path else None
            below = (*titles, fold(_words(item[title]))) if title else titles
            stack += [((*path, fold(str(key))), below, field) for key, field in reversed(item.items())]
        elif _are_records(item):
            yield path, titles, item
        elif isinstance(item, list):
            stack += [(path, titles, field) for field in reversed(item)]
        elif scalar := _scalar(item):
            yield path, titles, scalar


def _scalar(value: Value) -> str:
    if value is None:
        return ""
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)
