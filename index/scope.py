"""Which documents are searched: by date, by language, by path. Knows nothing of ranking, and reads no text."""

from __future__ import annotations

import os
import re
import unicodedata
from calendar import monthrange
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fnmatch import fnmatchcase
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from index.errors import UsageError

if TYPE_CHECKING:
    from index.store import Listed
    from index.types import Document

_DATE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?", re.ASCII)
_LONGEST = 1000  # characters of a glob


@dataclass(frozen=True, slots=True)
class Scope:
    """Which documents are searched: those that meet all that is given; all documents when nothing is.

    since, until  the first and the last day, "YYYY-MM-DD"; a document without a date meets neither
    languages     ISO 639-1 codes, of which a document has one
    paths         globs, of which a document's path meets one, as `matches` tells
    """

    since: str | None = None
    until: str | None = None
    languages: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()

    @classmethod
    def of(
        cls,
        since: str | None = None,
        until: str | None = None,
        languages: Iterable[str] = (),
        paths: Iterable[str] = (),
    ) -> Scope:
        """Make a scope of what a person gives; what is empty says nothing.

        A date may be a year or a month: `since` means its first day, `until` its last. Raises UsageError.
        """
        scope = cls(
            _day(since.strip(), last=False) if since and since.strip() else None,
            _day(until.strip(), last=True) if until and until.strip() else None,
            tuple(dict.fromkeys(code.strip().lower() for code in languages if code.strip())),
            tuple(dict.fromkeys(_glob(path.strip()) for path in paths if path.strip())),
        )
        if scope.since and scope.until and scope.since > scope.until:
            raise UsageError(f"no day is both from {scope.since} on and until {scope.until}; change one of the two")
        return scope

    @property
    def dated(self) -> bool:
        """Whether a document needs a date to be in it."""
        return bool(self.since or self.until)

    def __str__(self) -> str:
        said = (
            f"from {self.since}" if self.since else "",
            f"until {self.until}" if self.until else "",
            f"in {' or '.join(self.languages)}" if self.languages else "",
            f"at {' or '.join(self.paths)}" if self.paths else "",
        )
        return ", ".join(filter(None, said)) or "all documents"


EVERYTHING = Scope()


@dataclass(frozen=True, slots=True)
class Extent:
    """What a scope holds of one state of a library.

    `paths` are the files by which each document is in it, by document id; `chunks` the ids of their chunks, ascending.
    `undated` counts the documents that only their having no date leaves out.
    """

    paths: Mapping[str, Sequence[str]]
    chunks: Sequence[int]
    oldest: str | None
    newest: str | None
    undated: int

    def named(self, document: Document) -> Document:
        """Return a document by the path of one of its copies that is in the scope, where it has such."""
        paths = self.paths.get(document.id, [document.path])
        return document if document.path in paths else replace(document, path=paths[0])


def select(scope: Scope, listed: Iterable[Listed]) -> tuple[list[Listed], int]:
    """Choose the files of a library whose documents are within a scope; also count those that lack a date.

    Raises UsageError when a language or a glob has no document, or all together have none.
    """
    files = [one for one in listed if one.document_id]
    held = sorted({one.language for one in files})
    for code in scope.languages:
        if code not in held:
            raise UsageError(f"no document is in the language {code!r}; the library has {', '.join(held) or 'none'}")
    found = {glob: {one.path for one in files if matches(one.path, glob)} for glob in scope.paths}
    for glob, paths in found.items():
        if not paths:
            example = f"; there is, for example, {files[0].path}" if files else ""
            raise UsageError(f"no document is at {glob!r}{example}")
    fitting = [
        one
        for one in files
        if (not scope.languages or one.language in scope.languages)
        and (not scope.paths or any(one.path in paths for paths in found.values()))
    ]
    chosen = [one for one in fitting if not scope.dated or _covers(scope, one.date)]
    undated = {one.document_id for one in fitting if scope.dated and one.date is None}
    if not chosen:
        days = sorted(one.date for one in fitting if one.date)
        dates = f"; their dates go from {days[0]} to {days[-1]}" if days else ""
        lacking = f"; without a date: {len(undated)}" if undated else ""
        raise UsageError(f"no document is within the filter ({scope}){dates}{lacking}")
    return chosen, len(undated)


def _covers(scope: Scope, day: str | None) -> bool:
    return day is not None and (scope.since or day) <= day <= (scope.until or day)


def matches(path: str, glob: str) -> bool:
    """Tell whether a path, or a folder that it lies in, matches a glob, much as in a .gitignore.

    `*`, `?` and `[…]` stand for characters of one name, `**` for any number of folders. Unless it is absolute, a glob
    may begin at any folder. Upper and lower case are the same, and so are composed and decomposed accents.
    """
    wanted = _wanted(glob)
    reached = {0}  # all places in the glob at once: trying them one after the other can take for ever
    for name in _names(path):
        reached |= {i + 1 for i in reached if wanted[i] == "**"}
        reached = {i if wanted[i] == "**" else i + 1 for i in reached if wanted[i] == "**" or _fits(name, wanted[i])}
        if len(wanted) in reached:
            return True
    return False


@lru_cache(maxsize=64)
def _wanted(glob: str) -> list[str]:
    """Split a glob into the names that a path must have; the last is never "**", since a folder holds all below it."""
    names = [*([] if Path(glob).is_absolute() else ["**"]), *_names(glob)]
    if names[-1] in ("", "**"):  # "reports/" and "reports/**" are what lies in it, not a file of that name
        names[-1] = "*"
    return [name for i, name in enumerate(names) if name != "**" or names[i - 1 : i] != ["**"]]


def _names(path: str) -> list[str]:
    return unicodedata.normalize("NFC", path.replace("\\", "/")).casefold().split("/")


def _fits(name: str, wanted: str) -> bool:
    return name == wanted or fnmatchcase(name, wanted)  # a file may really be called "[draft].txt"


def _glob(text: str) -> str:
    """Make what is meant from here, or from the home folder, absolute. Raises UsageError."""
    if len(text) > _LONGEST:
        raise UsageError(f"the path has {len(text)} characters, the limit is {_LONGEST}")
    if re.match(r"(?:~|\.\.?)(?:[/\\]|$)", text):
        within = "/" if text[-1] in "/\\" else ""
        return os.path.abspath(Path(text).expanduser()) + within
    return text


def _day(text: str, last: bool) -> str:
    """Read a day, or the first or last one of a month or year, as "YYYY-MM-DD". Raises UsageError."""
    if found := _DATE.fullmatch(text):
        year, month = int(found[1]), int(found[2] or (12 if last else 1))
        try:
            return date(year, month, int(found[3] or (monthrange(year, month)[1] if last else 1))).isoformat()
        except ValueError:  # month 13, or 31 June
            pass
    raise UsageError(f"{text[:40]!r} is no date; write YYYY, YYYY-MM or YYYY-MM-DD")
