"""Marks as models write them -> plain [n]. Knows one line at a time, and nothing of sentences.

`[1][2]`, `[1, 2]`, `[1-3]`, `(1)`, `【1†source】`, `[^1]`, `[Source 1]`, "(Excerpt 2)", "in excerpt 3", ¹ ²: all one
here. A number that is no excerpt's becomes [0] where it is clearly a mark, and stays where it may be the text's own.
"""

from __future__ import annotations

import re

from rag.wordings import MARKS, NOUN

_SEE = r"(?:see|cf\.?|voir|from|per|selon|d['’]après|according to)\s{1,2}"
_LIST = (
    rf"\d{{1,3}}(?:(?:\s{{0,3}}(?:[,;/&+–-]|\b(?:and|et|to|à)\b)|\s)\s{{0,3}}"
    rf"(?:{NOUN}[\s.:#]{{0,3}}|\^)?\d{{1,3}}(?!\d)){{0,30}}"
)
_RANGE = re.compile(rf"(\d+)(?:\s*(?:[–-]|to\b|à)\s*(?:{NOUN}[\s.:#]{{0,3}})?(\d+))?", re.IGNORECASE)
_BRACKETS = str.maketrans("【】［］", "[][]")
# [1], [1, 3], [1-3], [^1], [[1]], [Source 1], [ID:1], [1†L3-L5], [4:0†source], [1: title], [1, p. 3]
_BRACKETED = re.compile(
    rf"\^?\[{{1,2}}\s{{0,3}}(?:{_SEE})?[\^#]?(?:{NOUN}[\s.:#_-]{{0,3}})?({_LIST})"
    r"(?:(?::\d{1,2})?†[^\]\n]{0,80}|\s?:\s?[^\W\d][^\]\n]{0,80}|,?\s?(?:pp?|pages?|lines?|l)\.?\s?\d+(?:[–-]\d+)?)?"
    r"\s{0,3}\]{1,2}\^?",
    re.IGNORECASE,
)
_SUPERSCRIPT = re.compile(r"[⁰¹²³⁴⁵⁶⁷⁸⁹]{1,3}(?:[ ,⁻˒]?[⁰¹²³⁴⁵⁶⁷⁸⁹]{1,3}){0,9}")
_LOWERED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻˒", "0123456789-,")
_POWER = re.compile(r"(?:(?<!\d)\d{1,2}|(?<![^\W\d])(?:[a-zA-Zχµ]|[kcmdhnµ]m|ft|mi|yd|mc|CO))$")  # 10², km²: no mark
_NAMED = re.compile(rf"\(\s?(?:{_SEE})?{NOUN}[\s.:#]{{0,3}}({_LIST})\s?\)", re.IGNORECASE)  # (Excerpt 2)
# (1) is a mark where a clause ends, and elsewhere an enumeration or "(1) billion"; (1-3) may be a score.
_PARENTHESISED = re.compile(
    r"\((\d{1,3}(?:\s?[,;]\s?\d{1,3}){0,9})\)(?=\s{0,2}(?:[.,;:!?…»”\"]|$|\[|\(\d|(?:and|but|while|et|mais|tandis)\b))"
)
_NOT_BEFORE_MARK = re.compile(
    r"(?:(?:\b(?:art(?:icle|s)?s?|sect?(?:ion)?s?|par(?:a|agraph)?e?s?|clauses?|rules?|regulations?|chapters?|chapitres?|"
    r"al(?:in[ée]as?)?|law|loi|act)\b\.?|§+)\s?[\d.]+[a-z]?|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|"
    r"une?|deux|trois|quatre|cinq|sept|huit|neuf|dix)|^\W*|:|\b(?:and|or|et|ou))\s?$",
    re.IGNORECASE,
)
_ARTICLE = r"(?:(?:the|les?|ces|these)\s{1,2}|l['’])?"
# "in excerpt 3", "Excerpt [3]": our own word, a mark wherever it stands. "the source 3 km away" is none.
_OUR_WORD = re.compile(
    rf"(?:\b(?:in|from|of|by|dans|de|par)\s{{1,2}})?\b{_ARTICLE}(?<!an )(?<!un )(?:excerpts?|extraits?)"
    rf"[\s.:#°]{{1,3}}({_LIST}|{MARKS})",
    re.IGNORECASE,
)
_OTHER_WORD = re.compile(
    rf"\b{_ARTICLE}(?:sources?|passages?)\s?:?\s?({_LIST})(?=\s{{0,2}}(?:[.,;:!?)]\D|[.,;:!?)]?$|\[|"
    r"(?:and|et|says?|states?|mentions?|reports?|notes?|explains?|indiquen?t?|préci|mentionne|also|both)))",
    re.IGNORECASE,
)
_LABELLED = re.compile(rf"[–—-]?\s?\(?\b{NOUN}\s?:\s?(?=\[\d)", re.IGNORECASE)  # Source: [1]
_IN_PARENTHESES = re.compile(
    rf"\(\s?(?:{_SEE}|{NOUN}[\s.:]{{1,3}}){{0,2}}({MARKS}(?:(?:[,;&]|and|et)\s?{MARKS}){{0,20}})\)", re.IGNORECASE
)
_BETWEEN_MARKS = re.compile(r"(?<=\])\s?(?:[,;&–-]|\band|\bet)\s?(?=\[\d)")


def plain_marks(line: str, excerpts: int) -> str:
    """Write every mark of a line as [n], one number each, of 1 to the number of excerpts."""

    def marks(listed: str) -> str:
        return "".join(f"[{n}]" for n in _numbers(listed) if 0 < n <= excerpts) or "[0]"

    def superscript(found: re.Match[str]) -> str:
        if _POWER.search(found.string[max(0, found.start() - 4) : found.start()]):
            return found[0]
        listed = found[0].translate(_LOWERED)
        return marks(listed if all(n <= excerpts for n in _numbers(listed)) else ",".join(listed))

    def in_parentheses(found: re.Match[str]) -> str:
        inside = all(0 < n <= excerpts for n in _numbers(found[1]))
        before = found.string[max(0, found.start() - 40) : found.start()]
        return marks(found[1]) if inside and not _NOT_BEFORE_MARK.search(before) else found[0]

    def word(found: re.Match[str]) -> str:
        return found[1] if "[" in found[1] else marks(found[1])

    line = _BRACKETED.sub(lambda found: marks(found[1]), line.translate(_BRACKETS))
    line = _SUPERSCRIPT.sub(superscript, line)
    line = _PARENTHESISED.sub(in_parentheses, _NAMED.sub(word, line))
    line = _OTHER_WORD.sub(
        lambda found: word(found) if "[0]" not in word(found) else found[0], _OUR_WORD.sub(word, line)
    )
    return _BETWEEN_MARKS.sub("", _LABELLED.sub("", _IN_PARENTHESES.sub(r"\1", line)))


def _numbers(listed: str) -> list[int]:
    numbers: list[int] = []
    for first, last in _RANGE.findall(listed):
        low, high = int(first), int(last or first)
        numbers += range(low, high + 1) if low <= high < low + 20 else (low, high)
    return numbers
