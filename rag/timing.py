"""What a question asks of time, and how evidence stands in time. Pure functions; knows nothing of search or models.

"Last month" counts from a date that is given, the newest document's, never from the clock. English and French.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from rag.answer import Quote
from rag.times import times

_LONG_AGO = timedelta(days=3650)  # what ended so long before the newest document names an event, not a publication
AHEAD = 100  # days; so far ahead of its publication a sentence's "9 May" may lie
_SOON = 31  # days; a question's "December", asked of documents from late November, is the one to come
_SPECIFIC = 7  # days; a mention no longer than this is about a period, however short the period

CLAUSE_WORD = (  # what begins or ends a clause of a question
    r"(?:when|who|whom|what|how|why|which|where|did|does|do|was|is|were|are|had|has|have|will|would|can|could|"
    r"que|qui|quel\w*|combien|comment|pourquoi|où|quand|a-t|est-|ont-)\b|qu['’]"
)
_LEAD = re.compile(  # what ties a time to its clause
    r"""(?<!\w)(?:(?P<before>before|prior\sto|avant)|(?P<after>after|après)|(?P<since>since|from|depuis|dès|à\spartir\sd[eu])
    |(?P<until>until|till|by|up\sto|jusqu['’](?:à|au|en)|d['’]ici(?:\sà|\sau)?)|(?P<range>between|entre|de)
    |(?P<within>in|on|as\sof|during|throughout|over|within|en|au|pendant|durant|courant|au\scours\sd[eu]|le))
    \s+(?P<the>the\s+|le\s+|la\s+|les\s+|(?:the\s+)?(?:month|year)\s+of\s+)?$""",
    re.IGNORECASE | re.VERBOSE,
)
_AND = re.compile(r"\s*(?:and|to|until|et|à|au|[-–])\s*(?:the\s+|le\s+)?", re.IGNORECASE)
_CLAUSE_START = re.compile(r"(?:^|[,;:(?!.–]\s*|\b(?:and|et|or|ou|but|mais)\s+)$", re.IGNORECASE)
_CLAUSE_END = re.compile(rf"\s*(?:[,;:?!.)]|$|(?:and|et|or|ou|but|mais)\b|{CLAUSE_WORD})", re.IGNORECASE)

_CHANGE = re.compile(
    r"""\b(?:(?:how|what|did|does|do|has|have|had|is|was)\b[^?]*?\b(?:chang(?:ed|ing)|shift(?:ed|ing)?|evolv\w+|reversed)\b
    |how\b[^?]*?\b(?:change|evolve|shift|develop)\b|no\slonger|not\b[^?]*\b(?:any\s?more|any\slonger)|anymore
    |first\b[^?]*\bthen\b|(?:and|had\s(?:it|they))\s(?:then\s)?becom[e\w]*|used\sto\s(?:say|think|want|hold|support|oppose)
    |a-t-(?:il|elle|on)\s(?:chang|évolu)\w*|(?:a|ont|avait|avaient|s['’]est)\s(?:\w+\s)?(?:changé|évolué|modifiée?)
    |(?:évolu|chang)(?:e|ent)-t-|évolution\b|d['’]abord\b[^?]*\b(?:puis|ensuite)\b
    |(?:ne\s|n['’])(?:\w+(?:-t)?-(?:il|elle|ils|elles|on)|\w+)\splus\b)""",
    re.IGNORECASE | re.VERBOSE,
)
_STILL = re.compile(  # in a question for yes or no; "which towns still have" asks for the present
    r"(?:^|[,;]\s*|\band\s+)(?:(?:do|does|did|is|are|was|were|has|have|had|will|can|could|would)\b[^,;?]*\bstill\b"
    r"|[^,;?]*-t?-?(?:il|elle|ils|elles|on|ce)\s+(?:\w+\s+)?(?:toujours|(?<!pas )encore)\b"
    r"|est-ce\s+que\b[^,;?]*\b(?:toujours|(?<!pas )encore)\b)|\bstill\s*\?",
    re.IGNORECASE,
)
NEWEST = re.compile(
    r"""\b(?:latest|newest|most\srecent(?:ly)?|currently|nowadays|at\s(?:present|the\smoment)|so\sfar|to\sdate|these\sdays
    |(?<!is\s)(?<!are\s)now(?=\s*(?:[?,.]|$)|\s+(?:want|say|ask|demand|offer|think|propose)\w*)|today(?=\s*(?:[?,.]|$))
    |(?:the|['’]s|its|their|his|her)\scurrent\s(?!flow|through|in\b|of\b|is\b)\w+
    |(?<!ces\s)(?<!les\s)(?:derni(?:er|ère)|(?:toutes?\s)?derni(?:er|ère)s)\s(?!jour|semaine|mois|année|an\b|ans\b)\w+
    |actuel(?:le|s|les|lement)?|maintenant|aujourd['’]hui|à\sce\sjour|désormais|à\sl['’]heure\sactuelle|plus\srécente?s?)(?!\w)""",
    re.IGNORECASE | re.VERBOSE,
)
_CONTRAST = re.compile(
    r"""\b(?:(?:each|either|both|the\s(?:two|other)|opposing)\s(?:sides?|camps?|part(?:y|ies)|versions?|positions?)(?!\sagree)
    |compar(?:e|es|ed|ing|ison)|differ(?:s|ed|ence|ences)?|disagree\w*|respectively|same\sstory
    |on\sthe\s(?:one|other)\shand|(?:chaque|l['’]autre)\s(?:camp|côté|partie)|les\sdeux\s(?:camps|côtés|parties|versions)
    |les\suns\b|compar(?:er|ez|aison)|diff[éè]r(?:e|ent|ence|ences)|désaccords?|s['’]oppos\w+|respectivement
    |d['’]un\scôté|d['’]une\spart|que\s\w+\b[^?]*,\s(?:et\s)?(?:que\s|qu['’])\w+)(?!\w)""",
    re.IGNORECASE | re.VERBOSE,
)
_NAME = r"(?:(?:the|la|le|les|l['’])\s*)?[A-ZÀ-Þ][\w’'-]*"
_TWO_HOLDERS = re.compile(  # "What do Lisbon and Porto say"
    rf"(?:\b[Dd](?:o|id)\s+{_NAME}\s+and\s+{_NAME}\s+(?:say|want|think|demand|see|ask|propose|offer)\b"
    rf"|\b[Qq]ue\s+\w+\s+{_NAME}\s+et\s+{_NAME})"
)


@dataclass(frozen=True, slots=True)
class Period:
    """Days from `start` to `end`, both included, "YYYY-MM-DD"; None where it is open.

    `about` is "publication" for a time adverbial at a clause's edge ("in May", "last week"): what was published or
    what happened then may be meant. It is "event" for a time that is part of a name ("the 2018 World Cup") or lies
    too far back for a document to have been published in it. A preference, never a filter.
    """

    start: str | None
    end: str | None
    about: Literal["publication", "event"] = "publication"

    def covers(self, day: str | None) -> bool:
        """Whether a day lies in the period; an unknown day does not."""
        return day is not None and (self.start or day) <= day <= (self.end or day)


def asked_period(question: str, newest: str | None, oldest: str | None = None) -> Period | None:
    """Find the period a question names; from the first to the last day when it names several.

    `newest` and `oldest` are the dates of the newest and the oldest document, "YYYY-MM-DD". Without `newest` only
    times that state their year are known.
    """
    named = _named(question, newest)
    adverbials = [(first, last) for first, last, adverbial in named if adverbial]
    chosen = adverbials or [(first, last) for first, last, _ in named[:1]]
    if not chosen:
        return None
    start, end = min(first for first, _ in chosen), max(last for _, last in chosen)
    if len(chosen) > 1:  # "in February ... by October": each closes the other
        start = min((first for first, _ in chosen if first != date.min), default=start)
        end = max((last for _, last in chosen if last != date.max), default=end)
    limit = date.fromisoformat(oldest) if oldest else date.fromisoformat(newest) - _LONG_AGO if newest else date.min
    about: Literal["publication", "event"] = "publication" if adverbials and end >= limit else "event"
    return Period(None if start == date.min else start.isoformat(), None if end == date.max else end.isoformat(), about)


def _named(question: str, newest: str | None) -> list[tuple[date, date, bool]]:
    """The periods a question names, open ends as date.min and date.max, and whether each is a time adverbial."""
    found = times(question, newest, _SOON)
    named: list[tuple[date, date, bool]] = []
    while found:
        time = found.pop(0)
        lead = _LEAD.search(question[: time.start])
        relation = lead.lastgroup if lead else None
        if lead and lead["the"]:
            relation = next(name for name, words in lead.groupdict().items() if words)
        first, last, end = time.first, time.last, time.end
        if lead and found and _AND.fullmatch(question[end : found[0].start]):
            following = found.pop(0)
            first, last, end, relation = min(first, following.first), following.last, following.end, "within"
        elif relation == "range":  # "between 20 and 25 May" is one time, "l'accord de mars" a name
            relation = "within" if question[time.start : end][:1].isdigit() and first != last else None
        start = lead.start() if lead and relation else time.start
        edge = bool(_CLAUSE_START.search(question[:start]) or _CLAUSE_END.match(question[end:]))
        if not edge and lead and lead["the"]:
            relation = None  # "after the 2 June vote": the day is the vote's
        named.append((*_bounds(first, last, relation), edge and bool(relation or time.adverb)))
    return named


def _bounds(first: date, last: date, relation: str | None) -> tuple[date, date]:
    one_day = timedelta(days=1)
    if relation in ("before", "until"):
        return date.min, first - one_day if relation == "before" else last
    if relation in ("after", "since"):
        return last + one_day if relation == "after" else first, date.max
    return first, last


def mentions(text: str, period: Period, published: str | None) -> bool:
    """Whether a sentence itself speaks of a period; naming a longer time around it (its year) is not enough."""
    start = date.fromisoformat(period.start) if period.start else date.min
    end = date.fromisoformat(period.end) if period.end else date.max
    longest = max((end - start).days, _SPECIFIC)
    return any(
        time.first <= end and time.last >= start and (time.last - time.first).days <= longest
        for time in times(text, published, AHEAD)
    )


def asks_change(question: str) -> bool:
    """Whether a question asks how something changed, or whether it still is so."""
    return bool(_CHANGE.search(question) or _STILL.search(question))


def asks_newest(question: str) -> bool:
    """Whether a question asks for the present state: "latest", "now", "actuellement"."""
    return bool(NEWEST.search(question))


def asks_contrast(question: str) -> bool:
    """Whether a question asks what each of several sides says, wants or has."""
    return bool(_CONTRAST.search(question) or _TWO_HOLDERS.search(question))


def chronological(quotes: Sequence[Quote]) -> list[Quote]:
    """Order quotes oldest first, undated ones last; of one day, document by document, each from its beginning."""
    documents = list(dict.fromkeys(quote.document.id for quote in quotes))
    return sorted(quotes, key=lambda q: (q.date is None, q.date or "", documents.index(q.document.id), q.start))
