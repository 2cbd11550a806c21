"""Read the words of a text, each with what stands before it. Knows nothing of sentences or of what they claim.

Figures are made one with their scale and unit, dates with their month, function words with the kind of work they do.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from index.analysis import analyse, fold
from rag.words import FRACTIONS, FUNCTION_WORDS, MONTHS, NUMBERS, SCALES, SYNONYMS, UNITS

_WORD = re.compile(
    r"\d{1,2}[:h]\d\d\b|\d{1,3}(?:[.,\u00a0\u202f ]\d{3})+(?!\d)|\d+(?:[.,]\d+)?|[’']s\b|[^\W\d_]+|[%$€£]|[,;:.!?()—–…]"
)
_THOUSANDS = re.compile(r"\d{1,3}(?:[.,\u00a0\u202f ]\d{3})+")
_REWRITES = tuple(
    (re.compile(pattern, re.IGNORECASE), new)
    for pattern, new in (
        (r"\bwon['’]t\b", "will not"),
        (r"\b(?:can['’]t|cannot)\b", "can not"),
        (r"n['’]t\b", " not"),
        (r"\bU\.S\.(?:A\.)?|\bUnited States(?: of America)?\b", "US"),
        (r"\bU\.K\.|\bUnited Kingdom\b", "UK"),
        (r"\b(Mr|Mrs|Ms|Dr|Mme|M)\.", r"\1"),
        (r"(?<=\d)(?:st|nd|rd|th|er)\b", ""),
        (r"(?<=s)['’](?=\s)", "'s"),
        (r"(?<=[^\W\d_])-(?=\w)", " "),
    )
)
_INFLECTED = re.compile(r"[a-z]{2,}(?:r(?P<will>a|ont)|r(?P<would>ait|aient))")  # French future and conditional
PARTICIPLES = {
    "en": re.compile(
        r".{2,}(?:ed|en|wn)|built|sold|held|told|left|made|sent|cut|led|met|paid|lost|won|put|set|found|.+ght"
    ),
    "fr": re.compile(r".{2,}(?:ée?s?|ie?s?|ite?s?|ue?s?)"),
}
_STOPS, _PAUSES = frozenset(".!?…"), frozenset(";:—–")
_DATE = re.compile(r"d\d+m\d+|m\d+|[12]\d{3}|\d+:\d\d")
_DAYS = frozenset(
    "monday tuesday wednesday thursday friday saturday sunday lund mard mercred jeud vendred samed dimanch".split()
)


@dataclass(frozen=True, slots=True)
class Word:
    """A word or sign of a text."""

    kind: str  # "content", "name" (any content word with a capital), "number", or a sign of rag.words.FUNCTION_WORDS
    key: str
    same: frozenset[str] = frozenset()  # groups of synonyms
    word: str = ""
    case: str = ""  # the preposition right before it
    edge: bool = True  # whether a new phrase begins with it
    comma: bool = False
    joined: bool = False  # whether "and" stands before it
    passive: bool = False
    marks: frozenset[str] = frozenset()  # what limits it: only, most, about
    at: int = 0

    @property
    def content(self) -> bool:
        """Whether it means something by itself."""
        return self.kind in ("content", "name", "number")

    def equals(self, other: Word) -> bool:
        """Whether the two stand for the same, whatever is around them."""
        if self.key == other.key or self.same & other.same:
            return True
        return self.kind == other.kind == "content" and _akin(self.key, other.key)

    @property
    def dated(self) -> bool:
        """Whether it tells when, so that it may stand elsewhere."""
        return self.key in _DAYS or bool(_DATE.fullmatch(self.key))


def read_words(text: str, language: str) -> Iterator[Word]:
    """Read the words of a text, each with what stands before it."""
    raw = list(_raw(text, language))
    case, edge, comma, joined, be, marks = "", True, False, False, False, frozenset[str]()
    before = ""  # the case of the last word that had one
    for number, (kind, key, word) in enumerate(raw):
        if kind not in ("content", "name", "number"):
            case = (
                key if kind == ">" and (case, key) != ("without", "of") else "" if kind in (",", ";", "stop") else case
            )
            marks = marks | {key} if kind == "~" else marks
            edge, comma, joined = (
                edge or kind != "'",
                kind == "," or (comma and kind not in ("+", "?")),
                joined or (kind, key) == ("+", "and"),
            )
            be = (be or kind == "=be") and kind not in (",", ";", "stop", "+", "?")
            yield Word(kind.rstrip("be"), key, word=word)
            continue
        participle = kind == "content" and not word.endswith("ing") and PARTICIPLES[language].fullmatch(word)
        by = [k for k in raw[number + 1 : number + 2] if k[:2] == (">", "by")] and raw[number + 2 : number + 3]
        passive = kind == "content" and not word.endswith("ing") and be and key not in _DAYS
        passive = passive or bool(participle and key not in _DAYS and by and by[0][0] != "number")
        edge = edge or kind == "number" or key in _DAYS
        case = before if joined and not case and kind in ("name", "number") and raw[number - 2][0] == kind else case
        before = case
        groups = _groups(language).get(key, frozenset[str]()) if kind != "number" else frozenset[str]()
        yield Word(kind, key, groups, word, case, edge, comma, joined, passive, marks)
        case, comma, joined, be, marks = "", False, False, False, frozenset()
        edge = key in _DAYS  # no phrase runs on after a day


def _raw(text: str, language: str) -> Iterator[tuple[str, str, str]]:
    """Yield kind, key and surface of every word, with phrases and figures made one."""
    for pattern, new in _REWRITES:
        text = pattern.sub(new, text)
    words = _WORD.findall(text)
    folded = [fold(word) for word in words]
    table, openers = FUNCTION_WORDS[language], _openers(language)
    i = 0
    while i < len(words):
        word = words[i]
        if figure := _figure(words, folded, i):
            yield "number", figure[0], word
            i += figure[1]
            continue
        length = 1
        entry = table.get(word.lower())
        for longer in range(6, 0, -1):
            if folded[i] not in openers:
                break
            phrase = " ".join(folded[i : i + longer])
            found = table.get(phrase) if longer > 1 else None
            if f"{phrase} #" in table and i + longer < len(words) and _figure(words, folded, i + longer):
                found = table[f"{phrase} #"]
            if found and len(folded[i : i + longer]) == longer:
                entry, length = found, longer
                break
        if word.isupper() and len(word) > 1:
            entry = None
        if word in _STOPS:
            yield "stop", "", word
        elif word in _PAUSES or word in ",()":
            yield ("," if word in ",()" else ";"), "", word
        elif word[0] in "'’":
            yield "'", "", word
        elif entry and entry[0] == "#":
            yield "content", entry[1:], word
        elif entry:
            if entry[0] == "=" and language == "fr" and (inflected := _INFLECTED.fullmatch(folded[i])):
                yield "!", inflected.lastgroup or "", word
            yield ("=be" if entry == "=be" else entry[0]), entry[1:] if entry[0] not in "=." else folded[i], word
        elif folded[i] in MONTHS and (word[0].isupper() or language == "fr"):
            yield "name", f"m{MONTHS[folded[i]]}", word
        else:
            if language == "fr" and word.islower() and (inflected := _INFLECTED.fullmatch(folded[i])):
                yield "!", inflected.lastgroup or "", word
            yield "name" if word[0].isupper() else "content", stem(word, language), word
        i += length


def _figure(words: Sequence[str], folded: Sequence[str], i: int) -> tuple[str, int] | None:
    """Read a figure with its scale and unit, or a day and month: its key, and how many words it takes."""

    def ahead(j: int) -> str:
        return folded[j] if j < len(folded) else ""

    j, unit = i, ""
    if words[i] in "$€£" and ahead(i + 1)[:1].isdigit():
        j, unit = i + 1, UNITS[words[i]]
    word = folded[j]
    if word in MONTHS and words[j][0].isupper() and re.fullmatch(r"[0-3]?\d", ahead(j + 1)):
        return f"d{int(ahead(j + 1))}m{MONTHS[word]}", j + 2 - i
    if re.fullmatch(r"\d+[:h]\d\d", word):
        return word.replace("h", ":").lstrip("0"), 1
    if word in FRACTIONS and (word in ("half", "moitie") or (i and folded[i - 1] in ("a", "one", "un"))):
        return FRACTIONS[word], 1
    if word == "one" and ahead(j + 1) not in UNITS and ahead(j + 1) not in SCALES:
        return (FRACTIONS[ahead(j + 1)], 2) if ahead(j + 1) in FRACTIONS else None
    if word in NUMBERS:
        value = float(NUMBERS[word])
    elif re.fullmatch(r"\d+(?:[.,]\d+)?", word) or _THOUSANDS.fullmatch(word):
        value = float(re.sub(r"\D", "", word) if _THOUSANDS.fullmatch(word) else word.replace(",", "."))
    else:  # a fraction such as 1⁄2 stands for itself
        return (word, j + 1 - i) if word[0].isdigit() else None
    j += 1
    of = j + (ahead(j) == "of")
    if ahead(of) in MONTHS and 1 <= value <= 31:
        return f"d{value:g}m{MONTHS[ahead(of)]}", of + 1 - i
    if ahead(j) in SCALES:
        value, j = value * SCALES[ahead(j)], j + 1
    for start, size in ((j, 3), (j, 2), (j, 1), (j + 1, 1)):
        name = " ".join(folded[start : start + size])
        if name in UNITS and (start == j or (ahead(j) in ("d", "de") and UNITS[name] in ("eur", "usd"))):
            unit, j = UNITS[name], start + size
            break
    j += ahead(j) in ("people", "persons", "personnes")
    return f"{value:.10g}{unit}", j - i


@lru_cache(maxsize=100_000)
def stem(word: str, language: str) -> str:
    """Return what is compared of a word."""
    stems = analyse(word, language)
    key = stems[0] if stems else fold(word)
    return key[:-1] if language == "fr" and len(key) > 4 and key[-1] == "e" else key  # annoncée, annoncé


@cache
def _openers(language: str) -> frozenset[str]:
    return frozenset(phrase.split()[0] for phrase in FUNCTION_WORDS[language] if " " in phrase)


@cache
def _groups(language: str) -> dict[str, frozenset[str]]:
    table: dict[str, set[str]] = {}
    for number, line in enumerate(SYNONYMS[language].strip().splitlines()):
        for word in line.split():
            table.setdefault(stem(word, language), set()).add(str(number))
    return {stem: frozenset(groups) for stem, groups in table.items()}


def phrase_start(chain: Sequence[Word], index: int) -> int:
    """Return where the phrase of a word begins."""
    while index > 0 and not chain[index].edge:
        index -= 1
    return index


_ENDINGS = frozenset(("", "ion", "ation", "it", "t", "ut", "v", "pt", "al", "ment", "is", "iz", "ur", "if", "at"))


def _akin(one: str, other: str) -> bool:
    """Whether two stems are one word's, as of "resolve" and "resolution"."""
    shared = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    return shared >= 5 and one[shared:] in _ENDINGS and other[shared:] in _ENDINGS
