"""Check one drafted sentence against the words it cites. Pure functions; knows nothing of models or of ranking.

A statement is supported when its content words stand in the quote in the same order, and nothing that changes the
meaning was added, dropped or exchanged on the way: numbers, names, negation, modality, quantity, attribution. The
check is severe on purpose: what fails is not lost, the source's own sentence is shown instead.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from index.analysis import STEMMERS, analyse, fold

MIN_SUPPORT = 0.85  # share of the statement's content words that the quote holds, in order
MIN_WORDS = 3  # a statement of fewer content words says nothing

_TOKEN = re.compile(r"\d+(?:[.,\u00a0\u202f ]\d{3})+(?![\d])|\d+(?:[.,]\d+)?|[^\W\d_]+(?:['’][^\W\d_]+)*")
_THOUSANDS = re.compile(r"\d{1,3}(?:[.,\u00a0\u202f ]\d{3})+")
_NUMBER_WORDS = {
    word: str(number)
    for words in (
        "zero one two three four five six seven eight nine ten eleven twelve",
        "zero - deux trois quatre cinq six sept huit neuf dix onze douze",
    )
    for number, word in enumerate(words.split())
    if word != "-"
} | {
    word: str(number)
    for words in ("twenty thirty forty fifty sixty seventy eighty ninety", "vingt trente quarante cinquante soixante")
    for number, word in zip(range(20, 100, 10), words.split(), strict=False)
}
# Words that change what a sentence claims. Folded: lower case, no accents.
_NEGATIONS = frozenset(
    "not no never none nobody nothing neither nor without cannot ne n pas jamais aucun aucune rien ni sans nul nulle "
    "refuse refuses refused reject rejects rejected deny denies denied refuser rejeter nier".split()
)
_MODALS = frozenset(
    "will would can could may might must shall should if unless reportedly allegedly perhaps possibly probably likely "
    "peut peuvent pourrait pourraient doit doivent devrait devraient si peut-etre probablement aurait auraient serait "
    "seraient".split()
)
# What somebody wants, tries or offers has not happened.
_INTENTIONS = frozenset(
    "want wants wanted like likes hope hopes hoped plan plans planned intend intends intended try tries tried seek "
    "seeks sought threaten threatens threatened propose proposes proposed offer offers offered able ready willing "
    "veut veulent voulait voulaient souhaite souhaitent espere esperent prevoit prevoient envisage envisagent menace "
    "menacent propose proposent tente tentent cherche cherchent pret prets".split()
)
_RESTRICTIONS = frozenset(
    "some few most half only almost nearly about least certain partly partially "
    "certains certaines quelques plupart moitie seulement presque environ moins partiellement".split()
)
_TOTALS = frozenset("all every always entire whole both tous toutes toujours entier entiere chaque".split())
_TELLING = _NEGATIONS | _MODALS | _INTENTIONS | _RESTRICTIONS | _TOTALS
_ATTRIBUTION = re.compile(
    r"\b(?:said|says|say|told|according to|claim(?:s|ed)?|argue[sd]?|believe[sd]?|thinks?|thought|stat(?:es|ed)|"
    r"announced|warn(?:s|ed)|add(?:s|ed)|insist(?:s|ed)|asked|declared|suggest(?:s|ed|ing)|wrote|called|"
    r"selon|d['’]apr[èe]s|affirm\w+|d[ée]clar\w+|estim\w+|assur\w+|soutien\w+|a dit|pr[ée]tend\w*|jug[eé]\w*)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a quote carries a statement, and the `reason` when it does not.

    `support` is the share of the statement's content words that the quote holds, in order. `retold` is the share of
    the quote's that the statement holds; 0 when it leaves out a number or a name, which may be what was asked for.
    """

    support: float
    retold: float = 0.0
    reason: str | None = None

    @property
    def supported(self) -> bool:
        """Whether the statement may be shown."""
        return self.reason is None


@dataclass(frozen=True, slots=True)
class _Token:
    key: str  # what is compared: a stem, a number or a folded function word
    kind: str  # "content", "number", "function", or "name": any content word with a capital, so a subject too


def check(statement: str, quote: str, language: str) -> Verdict:
    """Check a statement against the text of a quote, both in the quote's language."""
    said, source = _tokens(statement, language), _tokens(quote, language)
    ours = [token for token in said if token.kind != "function"]
    theirs = [(i, token) for i, token in enumerate(source) if token.kind != "function"]
    if len(ours) < MIN_WORDS:
        return Verdict(0.0, 0.0, "says too little")
    pairs = _common_subsequence([t.key for t in ours], [t.key for _, t in theirs])
    support = len(pairs) / len(ours)
    matched, told = {i for i, _ in pairs}, {j for _, j in pairs}
    whole = all(j in told for j, (_, token) in enumerate(theirs) if token.kind in ("number", "name"))
    retold = len(pairs) / len(theirs) if whole and theirs else 0.0
    for i, token in enumerate(ours):
        if i not in matched and token.kind in ("number", "name"):
            elsewhere = any(token.key == other.key for _, other in theirs)
            return Verdict(
                support, retold, f"the {token.kind} {token.key} {'has another place' if elsewhere else 'is missing'}"
            )
    if support < MIN_SUPPORT:
        return Verdict(support, retold, "too few of its words are in the quote")
    first, last = theirs[pairs[0][1]][0], theirs[pairs[-1][1]][0]
    window = source[max(first - 4, 0) : last + 1]
    if problem := _changed(said, source[first : last + 1], window) or _unattributed(statement, quote):
        return Verdict(support, retold, problem)
    return Verdict(support, retold)


def _changed(said: Sequence[_Token], inside: Sequence[_Token], window: Sequence[_Token]) -> str | None:
    """Compare the words that change a claim; `window` is the stretch of the quote that the statement retells."""
    ours, theirs = {t.key for t in said}, {t.key for t in window}
    if bool(ours & _NEGATIONS) != bool(theirs & _NEGATIONS):
        return "a negation was added or dropped"
    if ours & _MODALS != theirs & _MODALS or ours & _INTENTIONS != theirs & _INTENTIONS:
        return "what may, must or will be was changed"
    if theirs & _RESTRICTIONS - ours or ours & (_RESTRICTIONS | _TOTALS) - theirs:
        return "how much or how many was changed"
    numbers = [t.key for t in inside if t.kind == "number"]
    if any(number not in ours for number in numbers):
        return "it steps over a number, so another may belong to it"
    return None


def _unattributed(statement: str, quote: str) -> str | None:
    """An opinion must keep its owner: what the source says somebody said is not said as a fact."""
    if _ATTRIBUTION.search(quote) and not _ATTRIBUTION.search(statement):
        return "it drops whose words these are"
    return None


@lru_cache(maxsize=512)
def _tokens(text: str, language: str) -> tuple[_Token, ...]:
    tokens: list[_Token] = []
    for found in _TOKEN.finditer(text):
        word = found.group()
        if word[0].isdigit():
            tokens.append(_Token(_number(word), "number"))
            continue
        for part in re.split(r"['’]", word):
            folded = fold(part)
            stems = analyse(part, language if language in STEMMERS else "en")
            if folded in _NUMBER_WORDS:
                tokens.append(_Token(_NUMBER_WORDS[folded], "number"))
            elif not stems or folded in _TELLING:
                tokens.append(_Token(folded if folded != "t" else "not", "function"))
            else:
                tokens.append(_Token(stems[0], "name" if part[0].isupper() else "content"))
    return tuple(tokens)


def _number(text: str) -> str:
    if _THOUSANDS.fullmatch(text):
        return re.sub(r"\D", "", text)
    return text.replace(",", ".")


def _common_subsequence(ours: Sequence[str], theirs: Sequence[str]) -> list[tuple[int, int]]:
    """Longest common subsequence: index pairs, in order (Wagner and Fischer 1974)."""
    length = [[0] * (len(theirs) + 1) for _ in range(len(ours) + 1)]
    for i in range(len(ours) - 1, -1, -1):
        for j in range(len(theirs) - 1, -1, -1):
            if ours[i] == theirs[j]:
                length[i][j] = length[i + 1][j + 1] + 1
            else:
                length[i][j] = max(length[i + 1][j], length[i][j + 1])
    pairs: list[tuple[int, int]] = []
    i = j = 0
    while i < len(ours) and j < len(theirs):
        if ours[i] == theirs[j]:
            pairs.append((i, j))
            i, j = i + 1, j + 1
        elif length[i + 1][j] >= length[i][j + 1]:
            i += 1
        else:
            j += 1
    return pairs
