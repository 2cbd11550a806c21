"""Reads JSON: articles and messages as records with a text each, anything else value by value in reading order."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from index.compose import Composer, fold
from index.dates import parse_date
from index.errors import ReadError
from index.markup import html_text
from index.parsed import Parsed, decode
from index.tables import table_lines

MAX_RECORDS = 20_000
MAX_VALUES = 200_000
_MAX_DEPTH = 100
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
_TITLES = ("title", "headline", "subject", "name")
_DATES = ("date", "published", "publication_date", "date_published", "datepublished", "published_at", "pubdate",
          "created_at", "created", "timestamp")  # fmt: skip
_MARKUP = re.compile(r"</?(?:p|br|div|h[1-6]|ul|ol|li|span|a)\b[^<>]*>", re.IGNORECASE)

Value = Any  # what JSON holds


def read_json(data: bytes) -> Parsed:
    """Read a JSON file: one record, a list of them, or an object that holds such a list."""
    return _read(_load(decode(data).removeprefix("\ufeff"), ""))


def read_json_lines(data: bytes) -> Parsed:
    """Read a file with one JSON value a line."""
    lines = decode(data).removeprefix("\ufeff").split("\n")
    return _read([_load(line, f"line {number}: ") for number, line in enumerate(lines, start=1) if line.strip()])


def _load(text: str, where: str) -> Value:
    try:
        return json.loads(text)
    except RecursionError:
        raise ReadError(f"{where}nested too deeply for JSON that says something") from None
    except ValueError as error:
        raise ReadError(f"{where}not JSON: {fold(str(error))[:200]}") from None


def _read(value: Value) -> Parsed:
    records, title = _records(value)
    if records is None:
        return _read_values(value)
    composer = Composer()
    left_out: set[str] = set()
    for number, record in enumerate(records[:MAX_RECORDS], start=1):
        fields = {str(key).lower(): field for key, field in record.items()}
        names = [_field(fields, _TEXTS), _field(fields, _TITLES), _field(fields, _DATES)]
        text, heading, day = (str(fields[name]) if name else "" for name in names)
        date = _day(day)
        called = fold(heading) or f"Record {number}"
        composer.place(f"{called} ({date})" if date and len(records) > 1 else called)
        composer.paragraph(heading)
        composer.text(html_text(text) if _MARKUP.search(text) else text)
        left_out |= {name for name, field in fields.items() if name not in names and field not in (None, "", [], {})}
    set_aside = [f"fields that are not the text: {', '.join(sorted(left_out)[:20])}"] if left_out else []
    if len(records) > MAX_RECORDS:
        set_aside.append(f"{len(records) - MAX_RECORDS} records: more than {MAX_RECORDS} in one file")
    only = len(records) == 1
    return composer.parsed(title or (called if only and heading else None), date if only else None, set_aside)


def _records(value: Value) -> tuple[list[dict[str, Value]] | None, str | None]:
    """Find the records in a value, and the title of the object around them; None when there are none."""
    if isinstance(value, dict):
        fields = {str(key).lower(): field for key, field in value.items()}
        if isinstance(value.get("text"), str) or _field(fields, _TEXTS):
            lists = [field for field in value.values() if _are_records(field)]
            if not lists:
                return [value], None
        lists = [field for field in value.values() if _are_records(field)]
        name = _field(fields, _TITLES)
        return (lists[0], str(fields[name]) if name else None) if len(lists) == 1 else (None, None)
    return (value, None) if _are_records(value) else (None, None)


def _are_records(value: Value) -> bool:
    if not isinstance(value, list) or not value or not all(isinstance(item, dict) for item in value):
        return False
    return sum(bool(_field({str(key).lower(): f for key, f in item.items()}, _TEXTS)) for item in value) * 2 > len(
        value
    )


def _field(fields: dict[str, Value], names: tuple[str, ...]) -> str | None:
    """The first of the names under which a record has words."""
    return next((name for name in names if isinstance(fields.get(name), str) and fields[name].strip()), None)


def _day(stated: str) -> str | None:
    return parse_date(stated[:40]) if stated and not stated.isdecimal() else None


def _read_values(value: Value) -> Parsed:
    composer = Composer()
    if isinstance(value, list) and value and all(isinstance(item, dict) and _is_flat(item) for item in value):
        names = list(dict.fromkeys(str(key) for item in value for key in item))[:1000]
        rows = ([fold(_scalar(item.get(name))) for name in names] for item in value[:MAX_RECORDS])
        for line in table_lines([names, *rows]):
            composer.paragraph(line)
        over = len(value) - MAX_RECORDS
        return composer.parsed(set_aside=[f"{over} records: more than {MAX_RECORDS} in one file"] if over > 0 else [])
    section = None
    for number, (path, scalar) in enumerate(_scalars(value)):
        if number == MAX_VALUES:
            return composer.parsed(set_aside=[f"the values from {path!r} on: more than {MAX_VALUES} in one file"])
        if path[:1] != section:
            section = path[:1]
            composer.place("".join(section))
        composer.paragraph(f"{'.'.join(path)}: {scalar}" if path else scalar)
    return composer.parsed()


def _is_flat(item: dict[str, Value]) -> bool:
    return not any(isinstance(field, dict | list) for field in item.values())


def _scalars(value: Value) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield every value with the keys that lead to it, in reading order."""
    stack: list[tuple[tuple[str, ...], Value]] = [((), value)]
    while stack:
        path, item = stack.pop()
        if len(path) > _MAX_DEPTH:
            raise ReadError(f"nested more than {_MAX_DEPTH} keys deep")
        if isinstance(item, dict):
            stack += [((*path, fold(str(key))), field) for key, field in reversed(item.items())]
        elif isinstance(item, list):
            stack += [(path, field) for field in reversed(item)]
        elif scalar := _scalar(item):
            yield path, scalar


def _scalar(value: Value) -> str:
    if value is None:
        return ""
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)
