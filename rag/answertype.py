"""What kind of thing a question asks for, and which words of a sentence could be it. Knows nothing of ranking.

Question classification by the interrogative: Li and Roth, "Learning question classifiers" (COLING 2002), coarse
classes. A question that is not recognised has no type, and then any new word may be its answer.
"""

from __future__ import annotations

import re
from typing import Literal

from index.analysis import analyse, fold
from index.stopwords import STOP_WORDS
from rag.words import MONTHS

AnswerType = Literal["date", "number", "name"]

_LEAD = (
    r"^\W*(?:(?:and|but|so|et|mais|und|y|in|on|by|since|at|to|from|until|for|with|of|à|en|de|dans|pour|avec|chez|"
    r"depuis|jusqu['’]à|seit|bis|mit|in|desde|hasta|¿en) )?"
)
_WHICH = r"(?:what|which|quel(?:le)?s?|welche\w*) "
_ARTICLE = r"(?:(?:is|was|are|were|est|était|sont|ist|war) (?:the|l['’]|le|la|les|der|die|das) ?)?"
_TYPES: dict[AnswerType, re.Pattern[str]] = {
    "date": re.compile(
        rf"{_LEAD}(?:when\b|quand\b|wann\b|cuándo\b|(?:à )?{_WHICH}(?:\w+ ){{0,2}}?(?:years?|dates?|days?|months?|"
        r"decades?|century|année|jour|mois|siècle|jahr|tag)\b)|\b(?:release|premiere|birth|start|end) ?date\b",
        re.IGNORECASE,
    ),
    "number": re.compile(
        rf"{_LEAD}(?:how (?:many|much|long|old|far|often|tall|big|large|high|deep|fast)\b|combien\b|wie ?viele?\b|"
        rf"cuánt[oa]s?\b|{_WHICH}{_ARTICLE}(?:\w+ ){{0,2}}?(?:percent(?:age)?|proportion|number|amount|population|"
        r"price|cost|revenue|score|rate|age|height|length|speed|pourcentage|nombre|montant|prix|coût|taux|âge|durée|taille|"
        r"prozent\w*|anzahl|preis|höhe)\b)",
        re.IGNORECASE,
    ),
    "name": re.compile(
        rf"{_LEAD}(?:who\b|whom\b|whose\b|where\b|qui\b|où\b|wer\b|wen\b|wem\b|wessen\b|wo\b|quién(?:es)?\b|dónde\b|"
        rf"{_WHICH}(?:\w+ ){{0,2}}?(?:name|person|man|woman|actor|actress|author|writer|director|player|president|"
        r"minister|senator|company|team|country|city|county|state|place|nom|personne|homme|femme|acteur|actrice|auteur|"
        r"président|ministre|sénateur|société|entreprise|équipe|pays|ville)\b)|\blocation\b",
        re.IGNORECASE,
    ),
}
_MONTHS = frozenset(MONTHS) | frozenset(
    "jan feb mar apr jun jul aug sep sept oct nov dec januar februar marz juni juli oktober dezember "
    "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre".split()
)
_LOWER_MONTHS = ("fr", "es", "it", "pt", "nl")  # languages that write months without a capital
# Not rag.words.NUMBERS, which are read for their values: "one" and "tiers" rarely answer how many, "twice" does. The
# weights of the evidence and of the gate are fitted to this list.
_NUMBER_WORDS = frozenset(
    "two three four five six seven eight nine ten eleven twelve twenty thirty forty fifty hundred thousand million "
    "billion half third quarter once twice dozen double triple deux trois quatre cinq sept huit neuf dix onze douze "
    "vingt trente cent cents mille milliard milliards millions moitie".split()
)
_WORD = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+")
_YEAR = re.compile(r"1\d{3}|20\d{2}")


def expected_type(question: str) -> AnswerType | None:
    """Tell whether a question asks for a date, a number, or the name of a person, a place or an organisation."""
    return next((kind for kind, pattern in _TYPES.items() if pattern.search(question)), None)


def fillers(text: str, kind: AnswerType | None, language: str) -> frozenset[str]:
    """Collect the stems of the words of a sentence that could be an answer of this type; without a type, of all."""
    if kind is None:
        return frozenset(analyse(text, language))
    words = _WORD.findall(text)
    folded = [fold(word) for word in words]
    months = [
        plain in _MONTHS and (word[0].isupper() or language in _LOWER_MONTHS)
        for word, plain in zip(words, folded, strict=True)
    ]
    found: set[str] = set()
    for i, (word, plain) in enumerate(zip(words, folded, strict=True)):
        if kind == "date":
            day = plain.isdigit() and int(plain) < 32 and any(months[max(i - 2, 0) : i + 3])
            fits = months[i] or day or _YEAR.fullmatch(plain) is not None
        elif kind == "number":
            fits = word[0].isdigit() or plain in _NUMBER_WORDS
        else:
            capital = word[0].isupper() and len(word) > 1 and not months[i]
            fits = capital and plain not in STOP_WORDS.get(language, frozenset())
        if fits:
            found.update([plain] if kind == "date" or word[0].isdigit() else analyse(word, language))
    return frozenset(found)
