"""Reading what people write: text, lines and JSON objects, with errors that name the place and what was expected."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from index.errors import UsageError

Json = dict[str, Any]


class GoldError(UsageError):
    """A file of gold questions can't be used: which, where in it, and what was expected."""


@dataclass(frozen=True, slots=True)
class Fields:
    """The fields of one JSON object, read with checks; `place` is what an error names."""

    place: str
    values: Json

    @classmethod
    def of(cls, value: object, place: str, known: frozenset[str] | None = None) -> Fields:
        """Take a value that must be an object, with no fields but the known ones."""
        if not isinstance(value, dict):
            raise GoldError(f"{place}: expected a JSON object, found {_kind(value)}")
        if known is not None and (strange := sorted(set(value) - known)):
            raise GoldError(f"{place}: unknown field {strange[0]!r}; the fields are {', '.join(sorted(known))}")
        return cls(place, value)

    def text(self, key: str) -> str:
        """Return a text that is not empty; a whole number passes for one (ids)."""
        value = self.values.get(key)
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        if not isinstance(value, str) or not value.strip():
            raise self.wrong(key, "a text")
        return value

    def boolean(self, key: str) -> bool:
        """Return true or false."""
        if not isinstance(value := self.values.get(key), bool):
            raise self.wrong(key, "true or false")
        return value

    def whole(self, key: str) -> int:
        """Return a whole number."""
        value = self.values.get(key)
        if not isinstance(value, int) or isinstance(value, bool):
            raise self.wrong(key, "a whole number")
        return value

    def items(self, key: str, optional: bool = False) -> list[Any]:
        """Return a list."""
        if optional and key not in self.values:
            return []
        if not isinstance(value := self.values.get(key), list):
            raise self.wrong(key, "a list")
        return value

    def texts(self, key: str, optional: bool = False) -> tuple[str, ...]:
        """Return a list of texts that are not empty."""
        values = self.items(key, optional)
        if not all(isinstance(value, str) and value.strip() for value in values):
            raise self.wrong(key, "a list of texts")
        return tuple(values)

    def objects(self, key: str, known: frozenset[str] | None = None, optional: bool = False) -> Iterator[Fields]:
        """Go through a list of objects."""
        for number, value in enumerate(self.items(key, optional), start=1):
            yield Fields.of(value, f"{self.place}, {key} {number}", known)

    def wrong(self, key: str, expected: str) -> GoldError:
        """Say what a field should have been."""
        found = f"found {_kind(self.values[key])}" if key in self.values else "it is missing"
        return GoldError(f"{self.place}: {key!r} must be {expected}; {found}")


def read_text(path: Path) -> str:
    """Read a UTF-8 file whole, line ends untouched."""
    try:
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise GoldError(f"can't read {path}: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise GoldError(f"{path} is not UTF-8: byte {error.start}") from None


def lines(path: Path) -> Iterator[tuple[str, str]]:
    """Go through a file's lines that are not blank, each with its place: "FILE, line N"."""
    return numbered(read_text(path), path)


def numbered(text: str, path: Path) -> Iterator[tuple[str, str]]:
    """Go through the lines of a file's text that are not blank, each with its place."""
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            yield f"{path}, line {number}", line


def json_lines(path: Path) -> Iterator[tuple[str, object]]:
    """Go through the values of a JSONL file with their places."""
    for place, line in lines(path):
        yield place, parse_json(line, place)


def parse_json(text: str, place: str) -> object:
    """Parse JSON, naming the place where it is broken."""
    try:
        return cast(object, json.loads(text))
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, character {error.colno}" if "\n" in text else f"character {error.colno}"
        raise GoldError(f"{place}: not JSON: {error.msg} at {where}") from None


def _kind(value: object) -> str:
    names: dict[type, Callable[[Any], str]] = {
        dict: lambda _: "an object",
        list: lambda v: f"a list of {len(v)}",
        str: lambda v: f"the text {v[:40]!r}",
        bool: lambda v: str(v).lower(),
    }
    return names[type(value)](value) if type(value) in names else "null" if value is None else f"{value!r}"
