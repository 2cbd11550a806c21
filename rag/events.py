"""The event that a question hangs on ("after the Geneva meeting"), and when that was. Pure functions.

English and French. Knows nothing of search: the sentences that may mention the event are given.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Literal

from index.analysis import analyse, fold
from index.stopwords import STOP_WORDS
from rag.times import Time, times
from rag.timing import AHEAD, CLAUSE_WORD

Relation = Literal["before", "after", "since", "until"]

_STOPS = STOP_WORDS["en"] | STOP_WORDS["fr"]
_MENTIONED = 2 / 3  # share of an event's words that a sentence must hold to be about it
_MONTH = 31  # days
_EVENT = re.compile(
    r"""(?<!\w)(?:(?P<before>before|ahead\sof|avant)|(?P<after>after|following|(?<!d['’])après)|(?P<since>since|depuis)
    |(?P<until>until|till|jusqu['’](?:à|au)))\s+
    (?P<phrase>(?:the|this|that|his|her|their|its|la|le|les|son|sa|ses
    |leurs?|cette|ce|cet|ces)\s+\w.*?|l['’]\w.*?|(?<!depuis\s)(?-i:[A-ZÀ-Þ])\w*(?:\s(?-i:[A-ZÀ-Þ]|\d)\w*)*)"""
    rf"(?=\s*(?:[,;:?!]|\.(?:\s|$)|$)|\s+(?:(?:and|et)\s+)?{CLAUSE_WORD})",
    re.IGNORECASE | re.VERBOSE,
)
_NO_EVENT = re.compile(  # "looks after", "named after", "testified before"
    r"\b(?:(?:look|nam|tak|model|ask|inquir|go|went|call)\w*\s+after|(?:appear|testif|stand|st[o]od|kne[el]|c[ao]m|spoke?|"
    r"speak|brought|argu)\w*\s+before)$",
    re.IGNORECASE,
)
_COUNTED_FROM = re.compile(
    r"\b(?:before|after|since|until|following|ahead of|avant|après|depuis|veille|lendemain)\s+"
    r"(?:[\w’']+\s+){0,3}(?:l['’])?$",
    re.IGNORECASE,
)
_EDGE_OF_TIME = {"fin", "debut", "end", "start", "begin", "milieu", "middl"}  # stems: "the end of last year" is a time


def event_anchor(question: str) -> tuple[Relation, str] | None:
    """Find the event that a question hangs on: ("before", "the Geneva meeting"). A date is no event."""
    for match in _EVENT.finditer(question):
        phrase = match["phrase"]
        lead = question[: match.start("phrase")].rstrip()
        named = times(f"in {phrase}", "2000-01-01", 0)
        if not _NO_EVENT.search(lead) and _words(f"in {phrase}", named):
            relations: tuple[Relation, ...] = ("before", "after", "since", "until")
            return next(name for name in relations if match[name]), phrase
    return None


def anchor_date(phrase: str, dated_sentences: Sequence[tuple[str, str | None]]) -> str | None:
    """Work out when an event was, from (sentence, publication date) pairs; None when none that is dated mentions it.

    A day that the phrase names is the answer. Else the day that most of the mentioning sentences name, the one
    nearest to the event's words in each; else likewise the first day of a month or week; else the earliest publication
    date. A sentence on what came before or after the event is not heard while there are others.
    """
    newest = max((day for _, day in dated_sentences if day), default=None)
    own = times(phrase, newest, 0)
    if days := [time.first for time in own if time.first == time.last]:
        return days[0].isoformat()
    wanted = _words(phrase, own)
    shares = [(len(wanted & _words(text)) / max(len(wanted), 1), text, day) for text, day in dated_sentences]
    best = max((share for share, _, _ in shares), default=0.0)
    mentioning = [(text, day) for share, text, day in shares if share == best and share >= _MENTIONED]
    heard = [pair for pair in mentioning if not _beside(pair[0], wanted)]
    for longest in (0, _MONTH):
        votes = Counter(day for pair in heard if (day := _nearest_day(*pair, wanted, longest)))
        if votes:
            return min(votes, key=lambda day: (-votes[day], day))
    return min((day for _, day in heard or mentioning if day), default=None)


def _words(text: str, without: Sequence[Time] = ()) -> set[str]:
    """Stems of a text's content words, outside of the times `without`."""
    for time in without:
        text = text[: time.start] + " " * (time.end - time.start) + text[time.end :]
    kept = " ".join(word for word in re.findall(r"[^\W_]+", text) if len(word) > 2 and fold(word) not in _STOPS)
    return set(analyse(kept, "en")) - _EDGE_OF_TIME


def _place(text: str, wanted: set[str]) -> int:
    """Where the first of some words stands in a text."""
    return next((word.start() for word in re.finditer(r"[^\W_]+", text) if _words(word.group()) & wanted), 0)


def _beside(text: str, wanted: set[str]) -> bool:
    """Whether a sentence only counts from the event: "two days after the strike"."""
    return bool(_COUNTED_FROM.search(text[: _place(text, wanted)]))


def _nearest_day(text: str, published: str | None, wanted: set[str], longest: int) -> str | None:
    days = [time for time in times(text, published, AHEAD) if (time.last - time.first).days <= longest]
    place = _place(text, wanted)
    nearest = min(days, key=lambda time: abs(time.start - place), default=None)
    return nearest.first.isoformat() if nearest else None
