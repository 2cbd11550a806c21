"""Whose words a sentence holds. Pure functions; knows nothing of search or models, and judges no opinion.

A speaker is copied from the text, never composed. Quotations are masked first, so that what is said inside them is
not taken for the telling around them. English and French; for what is not clear, and for other languages, None.
"""

from __future__ import annotations

import re
from itertools import pairwise

from index.analysis import fold
from index.stopwords import STOP_WORDS
from index.types import Voice

_STOPS = STOP_WORDS["en"] | STOP_WORDS["fr"]
_LONGEST = 14  # words; more is a clause, not a speaker
_MASK = "\x02"  # stands for each character inside quotation marks, the marks included
_QUOTED = re.compile(r"“[^“”]*[”“]|«[^«»]*»+|„[^„“”]*[“”]|\"[^\"]*\"|(?<!\w)[‘'](?=\w)[^\n“”«»\"]*?[,.!?…][’'](?!\w)")
_OPENED, _CLOSED = re.compile(r"[“«][^”»]*$"), re.compile(r"^[^“«]*[”»]+")
_NOBODY = frozenset(  # pronouns and other words that no speaker begins with
    "it this that these those nothing anything everything there which who whom what one some many others all most "
    "nobody everyone none few everybody we i you ce cela ceci ca on qui que tout tous rien personne certains "
    "beaucoup d'autres autres nul chacun quiconque je nous vous comme after before during at in by for with from "
    "despite since until to of under en dans lors apres avant pour sur par depuis malgre avec sans chez au aux "
    "not if when while as because though although where how why si quand lorsque puisque car dont ou".split()
)
_PRONOUNS = frozenset("he she him her il elle lui".split())
_PLURAL_PRONOUNS = frozenset("they them ils elles eux".split())
# Things that "say" without being anybody; and what one acts "according to" or "selon".
_THINGS = frozenset(
    "report reports study studies survey poll polls statement document documents text letter plan plans law laws "
    "rule rules treaty article memo memorandum communique book data figures sign map headline evidence research "
    "estimates constitution agreement contract needs interests size schedule custom tradition file records "
    "version proposal draft theory theorem conjecture summary announcement rapport rapports etude etudes sondage "
    "texte lettre loi lois regle regles traite livre donnees chiffres accord contrat besoins interets moyens "
    "criteres cas modalites histoire experience calendrier usage projet resolution directive reglement protocole "
    "declaration estimations proposition fact result results".split()
)
_NOT_IN_NAME = frozenset(  # verbs and conjunctions: a stretch that holds one is no noun phrase
    "is was are were be been has have had will would can could may might must shall should did does do not never "
    "that if when while because which who whom whose than said says say est sont etait etaient sera serait ont "
    "avait a-t que qui dont ou si quand ne pas n'a n'ont refused refuses wants wanted".split()
)
_DETERMINER = (
    r"(?:the|an?|one|two|three|four|five|several|some|many|most|his|her|their|its|our|another|other|both|"
    r"le|la|les|l['’]|une?|des|du|deux|trois|quatre|plusieurs|son|sa|ses|leurs?|ce|cet|cette|ces|notre|nos)"
)
_TIME_WORD = (
    r"(?:on\s+)?(?:mon|tues|wednes|thurs|fri|satur|sun)day|yesterday|today|later|"
    r"(?:lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche)(?:\s+(?:soir|matin|après-midi|dernier))?|hier|aujourd['’]hui"
)
_PREPOSITION = re.compile(
    r"\s(?:of|for|by|from|to|on|in|with|about|close|at|de|du|des|à|au|aux|en|sur|pour|par)\s|\sd['’]", re.I
)
_END = (  # where a speaker named after the verb ends
    r"(?=\s*(?:[,.;:!?()—–\x02\n]|$)|\s+(?:in|on|at|during|after|before|when|while|as|who|whose|to|from|by|with|last|this|"
    r"and\s+\w+ed|qui|dont|lors|dans|sur|à|au|aux|après|avant|pendant|devant|cité|interrogée?|" + _TIME_WORD + r")\b)"
)
_SAID = {
    "en": r"(?P<plain>said|says|say|told)|(?:add|ask|warn|argu|claim|insist|explain|announc|declar|stat|conced|admit|"
    r"acknowledg|not|remark|stress|comment|recall|promis|complain|observ|suggest|believ|conclud|repeat|jok|confirm|"
    r"repl[iy]|reckon|respond|predict)(?:t?ed|i?e?s|d)|think|thinks|thought|wrote|writes|argue|claim|insist|believe|warn",
    "fr": r"(?:(?:a|ont|avait|avaient|aurait)\s+(?:\w+ment\s+|aussi\s+|encore\s+)?)?(?:dit|déclaré|affirmé|estimé|"
    r"expliqué|ajouté|assuré|précisé|indiqué|souligné|répondu|jugé|annoncé|confié|raconté|lancé|prévenu|averti|rappelé|"
    r"insisté|soutenu|reconnu|admis|écrit|résumé|regretté|promis|ironisé|répété|martelé|fait\s+savoir)|disent|"
    r"(?:déclar|affirm|estim|expliqu|ajout|assur|précis|indiqu|soulign|jug|annonc|confi|rappell?|insist|regrett|ironis|"
    r"martèl|répèt|pens|s['’]exclam|s['’]étonn|s['’]indign)(?:e|ent|ait|aient)|"
    r"(?:répond|prévien|averti|soutien|reconnaî|admet|écri|préten|promet)(?:d|t|ent|nent)?",
}
_RELATIVE = re.compile(r"\b(?:who|qui)\s+(?=\S)[^,;:]*$")
_TELLS = {  # what follows the verb when a speaker stands before it
    "en": rf"\s+(?:[\w’'.]+\s+){{0,4}}?that\b|(?:[^.,;\x02]{{0,40}}[:,])?\s*{_MASK}",
    "fr": rf"\s+(?:[^.;,\x02]{{0,40}}?\s)?qu(?:e\b|['’])|\s+(?:ne\s+pas\s+)?(?:avoir|être|vouloir|pouvoir)\b"
    rf"|[^.;\x02]{{0,60}}?:?\s*{_MASK}",
}
_ACCORDING = {
    "en": re.compile(r"\b(?:according\s+to|in\s+the\s+words\s+of)\s+", re.IGNORECASE),
    "fr": re.compile(r"\b(?:selon|d['’]après)\s+", re.IGNORECASE),
}
_INVERTED = re.compile(r"(?:-t)?-(il|elle|on|ils|elles)\b")
_ADVERBS = re.compile(
    rf"^(?:(?:but|and|so|then|later|afterwards|meanwhile|still|yet|also|however|instead|"
    rf"mais|et|puis|or|ensuite|enfin|{_TIME_WORD}|"
    rf"(?:in|on|at|en|à)\s+\w+)\s+)(?=\S)",
    re.IGNORECASE,
)
_NAME = re.compile(r"\b(?:[A-ZÀ-Þ][\w’'-]*\.?\s+)+[A-ZÀ-Þ][\w’'-]+")
_BOUNDARY = re.compile(
    r"[,;:!?()—–\x02\n]|\b(?:that|because|as|when|while|if|than|or|but|who|which|where|after|before|since|until|"
    r"que|mais|car|où|qui|dont)\b|"
    r"\b(?:and|et)\b(?!\s+(?:the\s+|l[ae]s?\s+)?[A-ZÀ-Þ])"
)
_TAIL = re.compile(  # between a speaker and the verb
    r"(?:\s+(?:has|have|had|also|already|later|today|yesterday|then|once|again|\w+(?:ed|al|ent|ous|ate|ic|[br])ly|"
    r"nous|lui|leur|me|vous|aussi|ensuite|y)|\s+[mlt]['’])+\s*$"
)
_INNER, _INNER_FR = str.maketrans('“”«»"', "‘’‘’'"), str.maketrans("«»", "“”")
_CLAUSES = re.compile(r";|,?\s(?:while|whereas|but|tandis qu[e’']|alors qu[e’']|mais)\s", re.IGNORECASE)


def speaker(sentence: str, before: str, language: str) -> str | None:
    """Tell whose words a sentence quotes or reports, copied from the text; None when it is nobody's, or not clear.

    `before` is the sentence or two in front of it, where "he said" and a quotation that runs on find their speaker.
    """
    if language not in _SAID:
        return None
    inside = _is_open(before)
    masked = _mask(sentence, inside)
    voices = []
    start = 0
    for clause in [*_CLAUSES.finditer(masked), None]:
        end = clause.start() if clause else len(masked)
        if span := _voice(masked, start, end, language):
            voices.append(sentence[slice(*span)])
        start = clause.end() if clause else end
    named = {_antecedent(before, language) if fold(voice) in _PRONOUNS else voice for voice in voices}
    if len(named) == 1:
        return named.pop()
    if not voices and not re.search(r"\w", masked):  # nothing but a quotation: it runs on from the sentence before
        *earlier, last = _sentences(before) or [""]
        if inside or re.search(rf"^\s*{_MASK}|:\s*{_MASK}", _mask(last, False)):
            return speaker(last, " ".join(earlier), language)
    return None


def attributed(text: str, voice: Voice, language: str) -> str:
    """Word a quote as a statement of an answer: a reader's comment says that it is one, in quotation marks.

    Marks inside the comment become inner ones, so that no comment can close its quotation and go on as fact. A
    document's own words are returned as they are.
    """
    if voice == "report":
        return text
    words = " ".join(text.split())
    if language == "fr":
        return f"Un lecteur commente : « {words.translate(_INNER_FR).replace('“ ', '“').replace(' ”', '”')} »"
    return f"A reader comments: “{words.translate(_INNER)}”"


def _voice(masked: str, start: int, end: int, language: str) -> tuple[int, int] | None:
    """Find the first speaker between two offsets of a masked sentence."""
    found = []
    for source in _ACCORDING[language].finditer(masked, start, end):
        span = _after(masked, source.end(), end)
        apart = re.search(r"(?:^|[,;:(—–\x02])\s*$", masked[start : source.start()])
        if span and (apart or re.search(r"[A-ZÀ-Þ]", masked[slice(*span)])):  # not "to change according to the weather"
            found.append(span)
    for verb in re.finditer(rf"(?<![\w-])(?:{_SAID[language]})(?![\w’'])", masked[:end]):
        if verb.start() >= start and (span := _of_verb(masked, start, verb, end, language)):
            found.append(span)
    return min(found, default=None)


def _of_verb(masked: str, start: int, verb: re.Match[str], end: int, language: str) -> tuple[int, int] | None:
    left = masked[start : verb.start()]
    quoted = re.search(rf"{_MASK}[,.]?\s*(?:[—–-]\s*)?$", left)
    pronoun = _INVERTED.match(masked, verb.end(), end) or re.search(r"-(il|elle|on|ils|elles)\s+(?:\w+ment\s+)?$", left)
    if pronoun:
        if pronoun[1] not in _PRONOUNS:
            return None
        at = start if pronoun.re is not _INVERTED else 0
        return at + pronoun.start(1), at + pronoun.end(1)
    told = masked[verb.end() : end]
    if not quoted and re.match(r"\s+(?:[A-ZÀ-Þ][\w’'-]*\s*){2,4}(?:[.,]|$)", told) and left.rstrip().endswith(","):
        return _after(masked, verb.end(), end)
    if not quoted and (span := _in_front(masked, start, verb.start())):
        follows_quote = re.search(rf"{_MASK}[,.]?\s*$", masked[start : span[0]])
        closes = re.match(r"\s*(?:[.,]|$)", told) and masked[start : span[0]].rstrip().endswith(",")
        plain = language == "en" and verb["plain"]
        if plain or follows_quote or closes or re.match(_TELLS[language], told):
            return span
        return None
    if verb.group() != "told" and (quoted or left.rstrip().endswith(",")):
        time = re.compile(rf"\s+(?:{_TIME_WORD})(?=\s)", re.IGNORECASE).match(masked, verb.end(), end)
        return _after(masked, time.end() if time else verb.end(), end)
    return None


def _after(masked: str, start: int, end: int) -> tuple[int, int] | None:
    """The noun phrase that begins at an offset: "said X", "according to X"."""
    match = re.compile(rf"\s*(\S.*?){_END}", re.IGNORECASE | re.DOTALL).match(masked, start, end)
    return _noun_phrase(masked, *match.span(1)) if match else None


def _in_front(masked: str, start: int, end: int) -> tuple[int, int] | None:
    """The noun phrase that ends at an offset: "X said", "X, the spokesman, said"."""
    left = masked[start:end].rstrip()
    if tail := _TAIL.search(left):
        left = left[: tail.start()]
    if relative := _RELATIVE.search(left):  # "a colonel who teaches in Lisbon told us"
        left = left[: relative.start()].rstrip()
    if re.search(r"\s(?:and|et)$", left):  # "Mr Costa thanked both and said"
        name = _NAME.match(left)
        own = name and fold(name.group().split()[0]) not in _STOPS
        return (start + name.start(), start + name.end()) if name and own else None
    if not left.endswith(","):
        return _noun_phrase(masked, start + _last_boundary(left), start + len(left))
    inner = left[:-1]
    comma = inner.rfind(",")
    head = start + _last_boundary(inner[: max(comma, 0)])
    span = _noun_phrase(masked, head, start + comma) if comma > 0 else None
    if not span or fold((inner[comma + 1 :].split() or [""])[0]) in _NOBODY:  # "X, who leads it, in Lisbon, said"
        return span
    return (span[0], start + len(inner)) if _noun_phrase(masked, start + comma + 1, start + len(inner)) else None


def _last_boundary(text: str) -> int:
    return max((match.end() for match in _BOUNDARY.finditer(text)), default=0)


def _noun_phrase(masked: str, start: int, end: int) -> tuple[int, int] | None:
    """Trim a stretch to a noun phrase that may speak; None if it isn't one."""
    phrase = masked[start:end].lstrip("#*> ")
    while adverb := _ADVERBS.match(phrase.lstrip()):
        phrase = phrase.lstrip()[adverb.end() :]
    phrase = phrase.strip()
    words = [fold(word).strip(".,") for word in phrase.replace("’", "'").split()]
    if not words or len(words) > _LONGEST or _MASK in phrase or _NOT_IN_NAME & set(words):
        return None
    place = masked.index(phrase, start)
    if len(words) == 1 and words[0] in _PRONOUNS:
        return place, place + len(phrase)
    head = fold(_PREPOSITION.split(f" {phrase} ", maxsplit=1)[0]).replace("’", "'").split()
    determined = re.match(rf"{_DETERMINER}(?=\W|(?<=['’]))", phrase, re.IGNORECASE)
    thing = not head or head[-1].removeprefix("l'").removeprefix("d'") in _THINGS
    nobody = words[0] in _PLURAL_PRONOUNS or (words[0] in _NOBODY and not determined)
    broken = words[-1] in _STOPS | _NOBODY or words[-1].endswith("'")  # "heard a claim", "elle s'assure", "some say"
    if thing or nobody or broken:
        return None
    if determined or re.search(r"\b[A-ZÀ-Þ]", phrase) or head[-1].endswith("s") or head[-1] == "people":
        return place, place + len(phrase)
    return None


def _antecedent(before: str, language: str) -> str | None:
    """Whom "he" or "she" means after some sentences: who spoke in the last, or its subject if no other is named."""
    sentences = _sentences(before)
    if not sentences:
        return None
    *earlier, last = sentences
    if spoke := speaker(last, " ".join(earlier), language):
        return spoke
    names = [name for name in _NAME.findall(_mask(last, False)) if fold(name.split()[0]) not in _STOPS]
    return str(names[0]) if len(names) == 1 and last.startswith(names[0]) else None


def _sentences(text: str) -> list[str]:
    ends = re.compile(r"(?<![A-Z])(?<!\bM)(?<!\bMr)(?<!\bDr)[.!?…][\"”»’]*\s+(?=[\"“«A-ZÀ-Þ])")
    starts = [0, *(match.end() for match in ends.finditer(text)), len(text)]
    return [piece for first, last in pairwise(starts) if (piece := text[first:last].strip())]


def _is_open(text: str) -> bool:
    """Whether a text ends inside a quotation."""
    rest = _QUOTED.sub("", text)
    return bool(_OPENED.search(rest) or re.search(r'(?:^|[\s(:—–])"(?=\S)[^"]*$', rest))


def _mask(text: str, inside: bool) -> str:
    """Put _MASK for what stands in quotation marks; `inside` when the text begins within a quotation."""

    def cover(match: re.Match[str]) -> str:
        return _MASK * len(match.group())

    if inside:
        text = re.sub(r"^[^“”«»\"]*(?:[”»\"]+|(?<=[,.!?] )“|$)", cover, text)
    text = _CLOSED.sub(cover, _OPENED.sub(cover, _QUOTED.sub(cover, text)))
    return re.sub(r"^.*[,.!?…]\"|\".*$", cover, text, count=1, flags=re.DOTALL)
