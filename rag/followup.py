"""A follow-up question -> the question to search for, by rules. Knows nothing of search, and needs no model.

Conversational query rewriting (Elgohary et al., EMNLP 2019): "and Ukraine?" after "what does Russia demand?" is
"what does Ukraine demand?". An ellipsis fills the place of its like in the question before it, or is added to it; a
question that leans on a pronoun, or is no more than "why?", gets the words of the turn before, as query resolution
does (Voskarides et al., SIGIR 2020). Where a rule can't tell, words are added: search forgives one too many sooner than
one too few. What stands alone is left alone, so a change of topic drags nothing along. The cues are English and French;
in other languages only a question without words of its own is completed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache

from index.analysis import WORD, fold, question_language
from index.stopwords import STOP_WORDS
from rag.generator import Message

MESSAGES = 8  # of the conversation, that are looked back at
LONGEST = 300  # characters of an earlier question
NAMES = 3  # of the last answer, that a pronoun may stand for
ELLIPSIS, BARE = 3, 1  # content words at most, of "and the second round of talks?" and of "who won?"
SELF_CONTAINED = 4  # content words before "that" or "afterwards", to hold what it refers to


def _cue(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE | re.VERBOSE)


_PREPOSITION = (
    r"(?:(?:in|on|at|by|since|until|before|after|during|for|from|to|with|without|under|about|against|of|"
    r"en|aux?|à(?:\ partir\ de)?|de|du|des|dans|par|pour|avec|sans|sous|contre|chez|depuis|avant|après|sur)\b|d['’])"
)
_AUXILIARY = r"(?:is|are|was|were|do|does|did|has|have|had|can|could|will|would|should|may|might|must)"
_OPENER = _cue(
    r"(?:\W*(?:and|but|so|then|et|mais|alors|donc|und|aber|pero|y(?=\ (?:el|las?|los|en|qu|cuá|dó)))\b[\s,]*)*"
    r"(?:(?:what|how)\ (?:about|of)\b | (?:qu['’]en\ est-il|quid)\ (?=d))?\s*"
)
_ASKS = _cue(
    rf"(?:^|,\ )(?:{_PREPOSITION}\s*)?(?:{_AUXILIARY}|who\w*|what|which|when|where|why|how|qui|que|quoi|quand|où|"
    r"comment|pourquoi|combien|(?:la|les?)?quel\w*|est-ce)\b | (?:^|,\ )qu['’] | -(?:il|elle|on|ils|elles)\b"
)
# "What is inflation?" is short, yet stands alone; "what was the result?" doesn't.
_DEFINITION = _cue(
    r"^(?:who|what|where)(?:\ (?:is|are|was|were)|['’]s)\ (?!the\b) | ^qu['’]est-ce\ qu | ^c['’]est\ quoi |"
    r"^(?:qui|où)\ (?:est|sont|était)\ (?!l[ae]s?\b|l['’])"
)
_LEANS = _cue(
    rf"""(?<!with\ )\b(?:him|them)\b | \b(?:at|of|to|for|from|about|in|on|by|after|before|against|under)\ it\b
    | \b(?:these|those|this)\b(?!\ (?:year|month|week|morning|evening|spring|summer|autumn|winter)\b)
    | \b(?:{_AUXILIARY}|{_PREPOSITION}|like|than)\ that\b | \bthat\W*$
    | (?<!\bis\ )(?<!are\ )(?<!was\ )(?<!were\ )\bthere\b(?!\ (?:is|are|was|were|be|been|any)\b)
    | \bwhich\ ones?\b | \bones?\W*$ | \bthe\ (?:others?|same|latter|former)\b
    | \b(?:instead|else|next|afterwards|before|more|details|ensuite|avant|après|détails)\W*$
    | \b(?:cela|ça|ceci|(?:celui|celles?|ceux)-\w+|eux|l['’]autre|les\ autres|l[ae]s?\ mêmes?)\b
    | (?<!-)\bce(?:t|tte|s)?\ (?!qu|sont\b|n['’]|(?:derni\w+\ )?(?:an|année|mois|semaine|jours?|matin|soir|été)s?\b)
    | \b(?:qui|qu['’]|comment|combien|pourquoi|quand)\s*(?:y\ (?!a)|en\ ) | ^qui\ (?:les?|la|lui|leur)\b
    | \bl(?:es\ |ui\ |eur\ |['’])(?:a|ont|avait|avaient|aurait)\b
    | ^{_PREPOSITION}\s*(?:which|what|quel(?:le)?s?)\ \w+(?:\ \w+)?\W*$"""
)
# These have their antecedent in the question itself where a noun comes before them.
_PRONOUN = _cue(
    r"""\b(?:he|she|they|his|her|their|its|it|ils?|elles?|sa|ses|leurs?)\b
    | (?<!the\ )(?<!a\ )\bson\ (?!of\b)"""
)
_IMPERSONAL = _cue(
    r"\by\ (?:a|avait|aura)-t-il\b | \bil\ (?:y|faut)\b | (?:faut|s['’]agit|se\ passe-t|est)-il\b |"
    r"\btime\ is\ it\b | \bit\ (?:takes?|true|possible|likely)\b"
)
_QUESTIONED = _cue(r"^(?:how|what|which|quel(?:le)?s?)\ \w+\b | [\w'’]+-(?:t-)?$")  # "how long", "where ... vit-"
_INVERTED = _cue(rf"\b{_AUXILIARY}\ $ | -$")
_PERSON = _cue(r"\b(?:(?P<whose>his|her(?=\ \w))|he|she|him|her)\b")
_WHO = _cue(r"^(?:who|which)(?P<is>\ is\b|\ was\b|['’]s\b)?")
_PERIOD = _cue(
    r"""\b(?:\d{1,2}\ )?(?:(?-i:May|March)|(?<=\bin\ )(?:may|march)|january|february|april|june|july|august|september|
    october|november|december|janvier|février|mars|avril|mai|juin|juillet|août|septembre|octobre|novembre|décembre)
    (?:\ \d{1,2})?(?:,?\ (?:19|20)\d\d)?\b | \b(?:19|20)\d\d\b | \b(?:mon|tues|wednes|thurs|fri|satur|sun)day\b
    | \b(?:lun|mar|mercre|jeu|vendre|same)di\b | \bdimanche\b"""
)
_ORDINAL = _cue(
    r"\b(?:first|second|third|fourth|fifth|last|premi(?:er|ère)|deuxième|seconde?|troisième|quatrième|cinquième|"
    r"derni(?:er|ère))\b"
)
_CAPITALISED = re.compile(r"[A-ZÀ-Þ][\w-]*(?: (?:de |of |von |van )?[A-ZÀ-Þ][\w-]*)*")
_TITLES = frozenset({"mr", "mrs", "ms", "dr", "mme", "m"})
_MARK = re.compile(r"\s*\[\d[\d\s,;–-]*\]")


def standalone(question: str, history: Sequence[Message], languages: Iterable[str]) -> str:
    """Return the question to search for: `question` itself when it stands alone, else completed from `history`.

    `history` is the conversation before the question, oldest first; `languages` are those of the documents. Earlier
    questions are completed in their turn, so follow-ups may lean on follow-ups.
    """
    known = tuple(dict.fromkeys([*languages, "en", "fr"]))
    previous = answer = ""
    for message in history[-MESSAGES:]:
        content = " ".join(message.content.split()) if message.role == "user" else first_statement(message.content)
        if message.role == "assistant":
            answer = content
        elif message.role == "user" and content and content != question.strip():
            previous, answer = _complete(content, previous, answer, known), ""
            previous = previous if len(previous) <= LONGEST else previous[:LONGEST].rsplit(" ", 1)[0]
    return _complete(question, previous, answer, known) if previous else question


def first_statement(answer: str) -> str:
    """Return the first sentence of an answer without its [n] marks: of the first line that has marks, if any has."""
    lines = [line for line in answer.splitlines() if line.strip()]
    line = next((line for line in lines if _MARK.search(line)), lines[0] if lines else "")
    return re.split(r"(?<=\w{3}[.!?…])\s+(?=[A-ZÀ-Þ«“\"])", _MARK.sub("", line).strip())[0]


def _complete(question: str, previous: str, answer: str, languages: tuple[str, ...]) -> str:
    question = question.strip()
    asked = _OPENER.sub("", question, count=1)
    opened = asked != question
    if not previous:
        return question
    if not WORD.search(asked):  # "and then?"
        return previous
    if not _ASKS.search(asked):
        cut = opened or asked.endswith("?") or re.match(_PREPOSITION, asked, re.IGNORECASE)
        if cut and len(_content(asked, languages)) <= (ELLIPSIS if opened else ELLIPSIS - 1):
            return _fill(previous, asked.rstrip(" ?!."), languages)
        if not _LEANS.search(asked):
            return asked
    leans, bare = _leans(asked, languages), len(_content(asked, languages)) <= BARE and not _DEFINITION.search(asked)
    if not leans and (_names(asked, languages) or not (bare or opened)):
        return asked
    people, who = _names(previous, languages), _WHO.match(previous)
    if leans and len(people) == 1 and (not who or who["is"]):
        name = previous[people[0]]
        resolved = _PERSON.sub(lambda match: f"{name}'s" if match["whose"] else name, asked, count=1)
        if who and resolved != asked and not _leans(resolved, languages):
            return resolved
        asked = resolved
    names = [name for span in _names(answer, languages) if (name := answer[span]) not in previous]
    return " ".join([asked.rstrip(" ?!.") + "?", previous, *names[:NAMES]])


def _leans(asked: str, languages: tuple[str, ...]) -> bool:
    """Tell whether a question holds a pronoun or the like whose antecedent isn't in the question itself."""
    cue = _LEANS.search(asked)
    if cue and len(_content(asked[: cue.start()], languages)) < SELF_CONTAINED:
        return True
    asked = _IMPERSONAL.sub("", asked)
    for pronoun in _PRONOUN.finditer(asked):
        before = asked[: pronoun.start()]
        rest = _QUESTIONED.sub("", before)
        if not _names(before, languages) and (_INVERTED.search(rest) or not _content(rest, languages)):
            return True
    return False


def _fill(previous: str, ellipsis: str, languages: tuple[str, ...]) -> str:
    """Put an ellipsis in the place of its like in the previous question; where there is no one such place, behind it.

    A period takes the place of a period, "third" that of "first", a name that of the only name, or of the only one
    behind the same preposition. An acronym and another name are not alike: "and NATO?" may be about either.
    """
    names, places = _names(ellipsis, languages, initial=True), _names(previous, languages)
    if preposition := re.match(_PREPOSITION, ellipsis, re.IGNORECASE):
        behind = re.compile(rf"\b{re.escape(preposition.group())}\s*(?:(?:the|la|les?) |l['’])?$", re.IGNORECASE)
        places = [place for place in places if behind.search(previous[: place.start])]
    kinds = [(_spans(kind, ellipsis), _spans(kind, previous)) for kind in (_PERIOD, _ORDINAL)]
    for new, old in [*kinds, (names, places)]:
        if len(new) == len(old) == 1:
            word, place = ellipsis[new[0]], previous[old[0]]
            rest = _content(ellipsis.replace(word, ""), languages)
            if word.isupper() == place.isupper() and set(rest) <= set(_content(previous, languages)):
                return previous[: old[0].start] + word + previous[old[0].stop :]
    return f"{previous.rstrip(' ?!.')}, {ellipsis}?"


def _content(text: str, languages: tuple[str, ...]) -> list[str]:
    own = question_language(text, languages)
    stops = _stop_words((own,) if own else languages)
    return [word for word in WORD.findall(fold(text)) if word not in stops]


def _names(text: str, languages: tuple[str, ...], initial: bool = False) -> list[slice]:
    """Find runs of capitalised words that are no function words; a first word alone counts only if `initial`."""
    functions = _stop_words(languages) | _TITLES

    def lower(match: re.Match[str]) -> str:
        return match[0].lower() if fold(match[0]) in functions and not match[0][1:].isupper() else match[0]

    plain = _PERIOD.sub(lambda match: match[0].lower(), text)
    plain = re.sub(r"[A-ZÀ-Þ]\w*", lower, plain)
    if not initial and not re.match(r"\w+ [A-ZÀ-Þ]|[A-ZÀ-Þ]{2}", plain):
        plain = plain[:1].lower() + plain[1:]
    return _spans(_CAPITALISED, plain)


def _spans(pattern: re.Pattern[str], text: str) -> list[slice]:
    return [slice(*match.span()) for match in pattern.finditer(text)]


@cache
def _stop_words(languages: tuple[str, ...]) -> frozenset[str]:
    return frozenset(word for language in languages for word in STOP_WORDS.get(language, ()))
