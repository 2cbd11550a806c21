"""Reads subtitles: what is said, as whole sentences again, under the times at which it is said."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from index.compose import fold
from index.errors import ReadError
from index.parsed import Parsed, decode
from index.types import Place

_TIME = r"(?:(\d{1,3}):)?(\d{1,2}):(\d{2})[,.](\d{1,3})"
_CUE = re.compile(rf"[ \t]*{_TIME}[ \t]*-->[ \t]*{_TIME}[^\n]*")
_VOICE = re.compile(r"<v(?:\.[^\s<>]*)?[ \t]([^<>]+)>")
_TAG = re.compile(r"<[^<>]*>|\{\\[^{}]*\}|\{[ibuyIBUY]\}")
_TURN = re.compile(r"[-–—][ \t]*(?=\S)")  # "- Hello." opens a turn of a conversation
_ENDS = re.compile(r"[.!?…][\"'”’»)\]]*$")
_PAUSE = 4.0  # seconds without a word: a sentence hardly goes on behind them
_LONGEST = 60.0  # seconds of a paragraph where nothing else ends it, as in automatic captions


def read_subtitles(data: bytes) -> Parsed:
    """Read SubRip or WebVTT; a section is the time code of a cue, "00:12:31"."""
    text = decode(data).removeprefix("\ufeff")
    if "-->" not in text:
        raise ReadError("not subtitles: it has no time codes")
    pieces: list[str] = []
    places: list[Place] = []
    length = 0
    began = ended = 0.0  # of the paragraph, of the last cue
    before: list[str] = []
    for start, end, lines in _cues(text):
        fresh = lines[_overlap(before, lines) :]
        before = lines or before
        for number, line in enumerate(fresh):
            turn = _TURN.match(line)
            said = line[turn.end() :] if turn else line
            finished = bool(pieces) and bool(_ENDS.search(pieces[-1]))
            apart = turn or start - ended > _PAUSE or (finished and start > began) or start - began > _LONGEST
            border = "" if not pieces else "\n\n" if apart or _opens_voice(said) else " "
            if border != " ":
                began = start
            pieces += [border, said]
            length += len(border)
            if number == 0:
                places.append(Place(length, section=_clock(start)))
            length += len(said)
        ended = end
    if not pieces:
        raise ReadError("empty: no cue in it that says anything")
    heading = re.match(r"WEBVTT[ \t]+(?:-[ \t]*)?(\S[^\n]*)", text)
    whole = "".join(pieces)
    title = heading.group(1).strip() if heading else None
    return Parsed(whole, title=title, comments=len(whole), places=tuple(places), article=False)


def _cues(text: str) -> Iterator[tuple[float, float, list[str]]]:
    """Yield start and end in seconds and the lines of each cue, in the file's order."""
    lines = text.splitlines()
    number = 0
    while number < len(lines):
        cue = _CUE.match(lines[number])
        number += 1
        if not cue:
            continue
        said: list[str] = []
        while number < len(lines) and lines[number].strip() and "-->" not in lines[number]:
            said.append(lines[number])
            number += 1
        if number < len(lines) and "-->" in lines[number] and said and said[-1].strip().isdecimal():
            said.pop()  # the number of the next cue, which no blank line parts from this one
        times = cue.groups()
        yield _seconds(times[:4]), _seconds(times[4:]), [line for line in map(_plain, said) if line]


def _plain(line: str) -> str:
    """Take the tags out of a line; a speaker's is "Name: "."""
    return fold(html.unescape(_TAG.sub("", _VOICE.sub(r"\1: ", line))))


def _opens_voice(line: str) -> bool:
    return bool(re.match(r"[^\W\d_][^:.!?]{0,30}: ", line))


def _overlap(before: list[str], lines: list[str]) -> int:
    """Count the first lines of a cue that were the last ones of the cue before, as captions roll up."""
    return next((n for n in range(len(lines), 0, -1) if before[-n:] == lines[:n]), 0)


def _seconds(parts: tuple[str | None, ...]) -> float:
    hours, minutes, seconds, fraction = (part or "0" for part in parts)
    return int(hours) * 3600 + int(minutes) * 60 + int(seconds) + float(f"0.{fraction}")


def _clock(seconds: float) -> str:
    whole = int(seconds)
    return f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}"
