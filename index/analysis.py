"""The one text analyser, used alike on documents and on questions. Knows nothing of SQLite or of ranking.

Casefold, strip accents, split at everything that is neither letter nor digit, drop stop words, Snowball stem.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import cache, lru_cache
from typing import Any

from index.stopwords import STOP_WORDS

WORD = re.compile(r"[^\W_]+")
# A number with what stands between its digits ("1.5", "15", "1 500" and "1-5" are four), a word, a sign that counts.
_COUNTS = re.compile(r"(?<!\w)[-−](?=\d)|\d+(?:\W{1,2}\d+)*|[^\W\d_]+|[%‰€$£¥?+<>=±°]")
_HEADING_WORDS = 8  # up to so many without a full stop are a heading
_COGNATE = 5  # letters
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")

# Scripts that put no space between words: of a run of their letters, each two that follow on one another are a term,
# as in Lucene's CJKAnalyzer.
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_RUN = re.compile(rf"[{_UNSPACED}]+|[^{_UNSPACED}]+")
_STARTS_UNSPACED = re.compile(rf"[{_UNSPACED}]")

# ISO 639-1 code -> Snowball algorithm.
STEMMERS = {
    "ar": "arabic",
    "ca": "catalan",
    "da": "danish",
    "de": "german",
    "el": "greek",
    "en": "english",
    "es": "spanish",
    "et": "estonian",
    "eu": "basque",
    "fi": "finnish",
    "fr": "french",
    "ga": "irish",
    "hi": "hindi",
    "hu": "hungarian",
    "hy": "armenian",
    "id": "indonesian",
    "it": "italian",
    "lt": "lithuanian",
    "ne": "nepali",
    "nl": "dutch",
    "no": "norwegian",
    "pt": "portuguese",
    "ro": "romanian",
    "ru": "russian",
    "sr": "serbian",
    "sv": "swedish",
    "ta": "tamil",
    "tr": "turkish",
}
UNSTEMMED = ("bg", "cs", "fa", "he", "hr", "ja", "ko", "lv", "pl", "sk", "sl", "th", "uk", "vi", "zh")
LANGUAGES = (*STEMMERS, *UNSTEMMED)  # that are told apart; any other is indexed as the nearest of them


def fold(text: str) -> str:
    """Casefold and strip accents, so that "Négociations" and "negociations" are one word."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def squeeze(text: str) -> str:
    """Reduce a text to what another layout or hyphenation leaves alone: letters, digits, the signs of figures."""
    return "".join(_COUNTS.findall(unicodedata.normalize("NFKD", " ".join(text.casefold().split()))))


def is_heading(text: str) -> bool:
    """Tell a heading, or another line that is no sentence, by its mark, or by its length and lack of a full stop."""
    return text.startswith("#") or (len(text.split()) <= _HEADING_WORDS and text[-1] not in '.!?…:;"”»)')


@lru_cache(maxsize=100_000)
def _stem(word: str, language: str) -> str:
    return str(_stemmer(language).stemWord(word))


@cache
def _stemmer(language: str) -> Any:  # noqa: ANN401 - PyStemmer ships no types
    import Stemmer

    return Stemmer.Stemmer(STEMMERS[language])


def analyse(text: str, language: str) -> list[str]:
    """Turn a text into search terms, in order, repeats kept."""
    stops = STOP_WORDS.get(language, frozenset())
    words = (word for word in terms(fold(text)) if word not in stops)
    return [_stem(word, language) for word in words] if language in STEMMERS else list(words)


def terms(text: str) -> list[str]:
    """Cut a folded text into words; what is written without spaces, into pairs of letters."""
    words = WORD.findall(text)
    if text.isascii() or not _STARTS_UNSPACED.search(text):
        return words
    return [term for word in words for run in _RUN.findall(word) for term in _pairs(run)]


def _pairs(run: str) -> list[str]:
    if len(run) == 1 or not _STARTS_UNSPACED.match(run):
        return [run]
    return [run[at : at + 2] for at in range(len(run) - 1)]


def search_terms(text: str, language: str) -> list[str]:
    """Turn a text into the terms it is found by: analysed, and marked with the language.

    The mark keeps the languages apart: the English "demand" doesn't find the French "demande", which is a request.
    """
    return [f"{language}_{term}" for term in analyse(text, language)]


def cognates(word: str, other: str) -> bool:
    """Tell whether two folded words of different languages look like one: "senator" and "senateur", but also names.

    They share a beginning of five letters at least, and three fifths of the longer one.
    """
    shared = 0
    for one, two in zip(word, other, strict=False):
        if one != two:
            break
        shared += 1
    return word == other or shared >= max(_COGNATE, 0.6 * max(len(word), len(other)))


def question_language(question: str, languages: Iterable[str]) -> str | None:
    """Tell a question's language by its function words, among `languages`; None when they don't tell."""
    words = WORD.findall(fold(question))
    hits = {language: sum(word in STOP_WORDS.get(language, ()) for word in words) for language in languages}
    best = max(hits.values(), default=0)
    leaders = [language for language, count in hits.items() if count == best]
    return leaders[0] if best and len(leaders) == 1 else None


def query_terms(question: str, languages: Iterable[str]) -> list[str]:
    """Turn a question into the terms to look for in a library that holds `languages`, each term once.

    It is analysed in each of them. In a language that isn't the question's own, only names and numbers are looked
    for, the words that carry over; of an English question's "demand", French documents know only the false friend.
    A year that is part of a word ("FY2023") is also looked for by itself.
    """
    languages = list(languages)
    question = " ".join([question, *_YEAR.findall(question)])
    own = question_language(question, languages)
    carried = " ".join(word for word in WORD.findall(question) if word != word.lower() or word.isdigit())
    terms = (
        term
        for language in languages
        for term in search_terms(question if own in (None, language) else carried, language)
    )
    return list(dict.fromkeys(terms))
