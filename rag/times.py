"""Find the times that a text names: days, weekdays, months, years, "last week". Knows nothing of questions.

English and French. A grammar of its own, because `dateparser.search` (1.5) takes "may" and "the Sunday" for dates,
splits "June 2025" in two and gives one day for a month.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from index.analysis import fold
from index.stopwords import STOP_WORDS
from rag.words import MONTHS, NUMBERS

_COUNTS = {word: number for word, number in NUMBERS.items() if 0 < number <= 10}
_COUNTS |= {"a": 1, "un": 1, "une": 1, "couple": 2, "few": 3, "several": 3, "quelques": 3, "": 3}
_RECENT = 30  # days
_STOPS = STOP_WORDS["en"] | STOP_WORDS["fr"]
_MONTHS = {month[:letters]: number for month, number in MONTHS.items() for letters in (3, 4)}  # four: juin, juillet
_WEEKDAYS = (
    "monday tuesday wednesday thursday friday saturday sunday lundi mardi mercredi jeudi vendredi samedi dimanche"
).split()

_YEAR = r"(?:1\d|20)\d\d"
_NTH = r"(?:st|nd|rd|th|er)?"
_WEEKDAY = "|".join(_WEEKDAYS)
_UNIT = r"(?:day|week|month|year|jour|semaine|mois|année|an)s?"
_MONTH = (
    r"(?:jan(?:uary|vier|v)?|f[ée]v(?:rier|r)?|feb(?:ruary)?|march|mars|apr(?:il)?|avr(?:il)?|ma[iy]|june?|juin|july?|"
    r"juil(?:let)?|aug(?:ust)?|ao[ûu]t|sept?(?:ember|embre)?|oct(?:ober|obre)?|nov(?:ember|embre)?|d[ée]c(?:ember|embre)?)"
)
_TIME = re.compile(
    rf"""(?<![\w$€£/.,-])(?:
      (?P<iso>{_YEAR}-\d\d-\d\d)
    | (?P<d0>\d\d?)[./](?P<m0>\d\d?)[./](?P<y0>{_YEAR})
    | (?P<named>(?:{_WEEKDAY}),?\s+(?:the\s+)?)? (?:(?P<first>\d\d?){_NTH}\s*(?:[-–]|and|to|et|au)\s*)?
      (?P<d1>\d\d?){_NTH}\.?\s+(?:of\s+|de\s+)?(?P<m1>{_MONTH})(?:\.?,?\s+(?P<y1>{_YEAR}))?
    | (?P<m2>{_MONTH})\.?\s+(?P<d2>\d\d?){_NTH}(?:,?\s+(?P<y2>{_YEAR}))?
    | (?:(?P<part>early|mid|late|début|mi|fin)[\s-]+)?
      (?:(?P<m3>{_MONTH})(?:\.?,?\s+(?:of\s+)?(?P<y3>{_YEAR}))?|(?P<y4>{_YEAR}))
    | (?P<step>(?:last|next)\s+)?(?P<weekday>{_WEEKDAY})(?P<pas>\s+(?:dernier|prochain))?
    | (?P<yesterday>yesterday|hier) | (?P<recent>recently|lately|récemment|dernièrement)
    | (?P<this>this|last|ce|cette)\s+(?P<u1>week|month|year|semaine|mois|année)
    | l(?:a\s+|e\s+|['’])(?P<u2>semaine|mois|an(?:née)?)\s+(?:derni[eè]re?|passée?)
    | (?:the\s+)?(?:last|past)\s+(?P<n3>\w+)\s+(?P<u3>{_UNIT})
    | (?:ces|les)\s+(?:(?P<n4>\w+)\s+)?derni[eè]re?s\s+(?P<u4>{_UNIT})
    | il\s+y\s+a\s+(?P<n5>\w+)\s+(?P<u5>{_UNIT}) | (?P<n6>\w+)\s+(?P<u6>{_UNIT})\s+ago
    )(?![\w%]|[.,]\d)""",
    re.IGNORECASE | re.VERBOSE,
)
# "May", "March", "August" and "Avril" are months only where a month is expected.
_BEFORE_MONTH = re.compile(
    r"\b(?:in|since|until|till|during|throughout|last|this|next|before|after|en|depuis|avant|après|jusqu['’]en|dès|"
    r"d['’]ici|courant|mois de|mois d['’])\s*$",
    re.IGNORECASE,
)
_MAYBE_BEFORE_MONTH = re.compile(r"(?:\b(?:by|from|between|of|de|entre)\s+|\bd['’])$", re.IGNORECASE)
_BETWEEN_MONTHS = re.compile(rf"{_MONTH}\s+(?:{_YEAR}\s+)?(?:and|to|or|et|à|ou)\s+$", re.IGNORECASE)
_BEFORE_YEAR = re.compile(
    r"\b(?:in|of|since|from|until|till|by|before|after|between|and|to|during|year|en|de|depuis|avant|après|entre|et|à|"
    r"jusqu['’]en|dès|d['’]ici|année)\s+$",
    re.IGNORECASE,
)
_BEFORE_WEEKDAY = re.compile(r"\b(?:on|since|until|till|by|before|after|from|this)\s+$", re.IGNORECASE)
_HABIT = re.compile(r"\b(?:les?|chaque|des)\s+$", re.IGNORECASE)  # "le lundi" is every Monday


@dataclass(frozen=True, slots=True)
class Time:
    """A time that a text names: characters `start` to `end` mean the days from `first` to `last`, both included.

    `adverb` when the words are an adverbial as they stand ("last week", "fin mai"), without "in" or "on" before them.
    """

    start: int
    end: int
    first: date
    last: date
    adverb: bool = False


def times(text: str, reference: str | None, ahead: int) -> list[Time]:
    """Find the times in a text, in order.

    What states no year is the latest such day up to `ahead` days after `reference` ("YYYY-MM-DD"); a weekday is the
    last one up to `reference`. Without a reference only what states its year is found. A month followed by another
    ("between May and July 2025") is reckoned from that.
    """
    day = date.fromisoformat(reference) if reference else None
    found: list[Time] = []
    for match in reversed([match for match in _TIME.finditer(text) if _is_time(match)]):
        after = found[-1] if found else None
        joined = after and re.fullmatch(r"\s+(?:and|to|et|à|au)\s+(?:the\s+|le\s+)?", text[match.end() : after.start])
        try:
            span = _span(match, after.first, 0) if after and joined else _span(match, day, ahead)
        except ValueError:  # 31 June
            continue
        if span:
            stated = match["iso"] or match["d0"] or match["m1"] or match["m2"] or match["m3"] or match["y4"]
            adverb = not stated or bool(match["named"] or match["part"])
            found.append(Time(match.start(), match.end(), *span, adverb))
    return found[::-1]


def _is_time(match: re.Match[str]) -> bool:
    """Tell "in May" from "may", "since 1999" from "1999 houses", "on Sunday" from "the Sunday Times"."""
    lead, rest = match.string[: match.start()], match.string[match.end() :]
    following = re.match(r"\s+([^\W\d_]+)", rest)
    next_word = following[1] if following else ""
    if match["m2"]:
        return match["y2"] is not None or match["m2"][0].isupper() or fold(match["m2"]) not in ("may", "march")
    if month := match["m3"]:
        if match["y3"] or match["part"]:
            return True
        if month == "Mars" or (
            len(month) < 5 and fold(month) not in ("may", "june", "july", "mars", "mai", "juin", "aout")
        ):
            return False
        if _BEFORE_MONTH.search(lead):
            return True
        if month in ("may", "march"):
            return False
        attributive = month[0].isupper() and next_word.islower() and next_word not in _STOPS
        return bool(
            (_MAYBE_BEFORE_MONTH.search(lead) and not next_word[:1].isupper())
            or _BETWEEN_MONTHS.search(lead)
            or (attributive and re.search(r"\bthe\s+$", lead, re.IGNORECASE))  # "the May talks"
        )
    if year := match["y4"]:
        if year.endswith("0") and re.match(r"['’]s\b", rest):  # "the 1970's"
            return False
        if re.search(r"\bthe\s+$", lead, re.IGNORECASE):
            return year >= "1700"
        if next_word.islower() and next_word.endswith("s") and len(next_word) > 3 and next_word not in _STOPS:
            return False  # "2025 soldiers"
        if match["part"] or _BEFORE_YEAR.search(lead) or lead.endswith("("):
            return True
        beside_name = re.search(r"\b[A-Z][\w’'.-]*\s+$", lead) or next_word[:1].isupper()
        return year >= "1700" and bool(beside_name or (lead and not rest.strip(" ?!.")))
    if weekday := match["weekday"]:
        if match["step"] or match["pas"]:
            return True
        if _WEEKDAYS.index(weekday.lower()) < 7:
            return bool(_BEFORE_WEEKDAY.search(lead)) or bool(re.match(r"['’]s\b", rest))
        return not _HABIT.search(lead) and next_word not in ("saint", "gras", "noir")
    return True


def _span(match: re.Match[str], reference: date | None, ahead: int) -> tuple[date, date] | None:
    """Work out first and last day. Raises ValueError for a day that doesn't exist."""
    if match["iso"]:
        return (day := date.fromisoformat(match["iso"])), day
    groups = match.groupdict("")
    year = next((groups[y] for y in ("y0", "y1", "y2", "y3", "y4") if groups[y]), None)
    name = fold(groups["m1"] or groups["m2"] or groups["m3"])
    month = int(groups["m0"] or 0) or _MONTHS.get(name[:4]) or _MONTHS.get(name[:3])
    if number := groups["d0"] or groups["d1"] or groups["d2"]:
        day_or_none = _dated(year, month or 0, int(number), reference, ahead)
        return (day_or_none.replace(day=int(groups["first"] or number)), day_or_none) if day_or_none else None
    if month or year:
        first = _dated(year, month or 1, 1, reference, ahead)
        return _part(*_calendar(first, "month" if month else "year", 0), fold(groups["part"])) if first else None
    return _relative(groups, reference) if reference else None


def _dated(year: str | None, month: int, day: int, reference: date | None, ahead: int) -> date | None:
    if year:
        return date(int(year), month, day)
    if reference is None:
        return None
    candidates = (date(reference.year + step, month, day) for step in (1, 0, -1))
    return next((found for found in candidates if found <= reference + timedelta(days=ahead)), None)


def _relative(groups: dict[str, str], reference: date) -> tuple[date, date] | None:
    if weekday := groups["weekday"]:
        back = (reference.weekday() - _WEEKDAYS.index(weekday.lower())) % 7
        way = fold(groups["step"] + groups["pas"])
        back = back - 7 if "next" in way or "prochain" in way else back or (7 if way else 0)
        return (day := reference - timedelta(days=back)), day
    if groups["yesterday"]:
        return (day := reference - timedelta(days=1)), day
    if groups["recent"]:
        return reference - timedelta(days=_RECENT), reference
    if unit := groups["u1"] or groups["u2"]:
        return _calendar(reference, unit, int(groups["this"].lower() in ("last", "")))
    word = (groups["n3"] or groups["n4"] or groups["n5"] or groups["n6"]).lower()
    count = int(word) if word.isdecimal() else _COUNTS.get(word)
    if not count or count > 1000:
        return None
    unit = groups["u3"] or groups["u4"] or groups["u5"] or groups["u6"]
    if groups["u3"] or groups["u4"]:
        days = {"d": 1, "j": 1, "w": 7, "s": 7, "m": 30}.get(unit[0].lower(), 365)
        return reference - timedelta(days=count * days), reference
    return _calendar(reference, unit, count)


def _calendar(day: date, unit: str, back: int) -> tuple[date, date]:
    """The day, week, month or year `back` units before the one that holds `day`."""
    kind = fold(unit)[0]
    if kind in "dj":
        return (day - timedelta(days=back),) * 2
    if kind in "ws":
        monday = day - timedelta(days=day.weekday() + 7 * back)
        return monday, monday + timedelta(days=6)
    if kind == "m":
        year, month = divmod(day.year * 12 + day.month - 1 - back, 12)
        first = date(year, month + 1, 1)
        return first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return date(day.year - back, 1, 1), date(day.year - back, 12, 31)


def _part(first: date, last: date, part: str) -> tuple[date, date]:
    """The early, middle or late third of a month or a year; the whole without a part."""
    third = timedelta(days=((last - first).days + 1) // 3)
    if part in ("early", "debut"):
        return first, first + third - timedelta(days=1)
    if part in ("mid", "mi"):
        return first + third, first + 2 * third - timedelta(days=1)
    return (first + 2 * third, last) if part else (first, last)
