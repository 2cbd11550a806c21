"""What of a folder is left out: by patterns that are given, by .ragignore and .gitignore files, and by our own list.

All patterns are git's. Those given go before .ragignore files, these before our own list, and .gitignore files come
last; among files of one name, the nearest folder's goes first. What lies in a folder that is left out can't be taken
in again. Knows nothing of documents.
"""

from __future__ import annotations

import os
import re
import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from pathspec import GitIgnoreSpec

from index.errors import UsageError

GIVEN, OWN = "by --exclude", "hidden or of other programs"
IGNORE_FILES = {".ragignore": "by .ragignore", ".gitignore": "by .gitignore"}
_PRECEDENCE = (GIVEN, IGNORE_FILES[".ragignore"], OWN, IGNORE_FILES[".gitignore"])
_OWN = (
    ".*", "~$*", "node_modules/", "__pycache__/", "site-packages/", "__MACOSX/", "[Tt]humbs.db", "[Dd]esktop.ini",
    "$RECYCLE.BIN/", "System Volume Information/",
)  # fmt: skip
# What pathspec takes for more, or less, than git does: "*/" is every folder, "a/**" what lies in a.
_SAID_OTHERWISE = (
    (re.compile(r"^(!?)(?:(?:/?\*\*/)+(?:\*/)?|\*/)[ \t]*$"), r"\1?*/"),
    (re.compile(r"/\*\*[ \t]*$"), "/**/*"),
)


@dataclass(frozen=True, slots=True)
class _Patterns:
    """Patterns of one origin, for paths relative to `folder`."""

    origin: str
    folder: str
    compiled: Sequence[Any]  # of pathspec, whose releases call the class differently

    def decide(self, path: str) -> bool | None:
        """Tell whether a path, a folder's with a slash behind it, is left out (True) or taken in (False).

        The last pattern that fits the path itself decides. That one fits a folder above it says nothing here: of that
        folder it was asked before.
        """
        below = path[len(self.folder) :].replace(os.sep, "/").lstrip("/")
        for pattern in reversed(self.compiled):
            found = pattern.match_file(below) if pattern.include is not None else None
            if found and (found.match.groupdict().get("ps_d") is None or found.match.end("ps_d") == len(below)):
                return bool(pattern.include)
        return None


class Excludes:
    """The patterns that hold in a folder."""

    def __init__(self, patterns: Sequence[_Patterns]) -> None:
        self._patterns = sorted(patterns, key=lambda one: _PRECEDENCE.index(one.origin))  # the nearest stay first

    @classmethod
    def of(cls, root: str, given: Sequence[str] = ()) -> Excludes:
        """Return the patterns `given` and our own, for all below `root`. Raises UsageError when one is no pattern."""
        compiled, unusable = _compile(given)
        if unusable:
            raise UsageError(f"--exclude {unusable[0]!r}: not a pattern; write it as in a .gitignore file")
        return cls([_Patterns(GIVEN, root, compiled), _Patterns(OWN, root, _own())])

    def within(self, folder: str, name: str, content: bytes) -> tuple[Excludes, list[str]]:
        """Add the patterns of a folder's ignore file, by its `name`; returns also its lines that are no patterns."""
        lines = content.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "surrogateescape").split("\n")
        compiled, unusable = _compile(line.removesuffix("\r") for line in lines)
        return Excludes([_Patterns(IGNORE_FILES[name], folder, compiled), *self._patterns]), unusable

    def left_out(self, path: str, *, folder: bool = False) -> str | None:
        """Tell by which patterns a file or folder is left out, None when it isn't."""
        for patterns in self._patterns:
            decided = patterns.decide(f"{path}/" if folder else path)
            if decided is not None:
                return patterns.origin if decided else None
        return None

    def left_out_below(self, path: str) -> str | None:
        """Tell by which patterns a file is left out, or a folder above it, of which it was not asked before."""
        parts = path.split("/")
        above = ("/".join(parts[:number]) for number in range(1, len(parts)))
        return next(filter(None, (self.left_out(folder, folder=True) for folder in above)), None) or self.left_out(path)


@cache
def _own() -> list[Any]:
    return _compile(_OWN)[0]


def _compile(lines: Iterable[str]) -> tuple[list[Any], list[str]]:
    """Compile patterns one by one; returns also those that can't be, which match nothing in git either."""
    compiled: list[Any] = []
    unusable = []
    for line in lines:
        for said, otherwise in _SAID_OTHERWISE:
            line = said.sub(otherwise, line)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", FutureWarning)  # of "[[:alpha:]]", which isn't known here
                compiled += GitIgnoreSpec.from_lines([line]).patterns
        except (ValueError, re.error):
            unusable.append(line)
    return compiled, unusable
