"""The ways models speak of their excerpts instead of the matter, in English and French. Patterns, no steps.

Refusals ("The excerpts do not say."), leads ("According to the excerpts, …"), courtesies and lists of sources. Knows
nothing of how a draft is read; there, every mark has become [n] before these patterns are asked.
"""

from __future__ import annotations

import re


def _words(text: str) -> str:
    return f"(?:{'|'.join(text.split())})"


MARKS = r"(?:\[\d{1,3}\]\s?)+"
# What models call an excerpt when they write its number beside it.
NOUN = _words(
    "excerpts? extraits? passages? sources? documents? docs? ref(?:erence)?s? réf(?:érence)?s? citations? cite "
    "snippets? contexts? chunks? quotes? ID"
)
# "The excerpts" are ours in any sentence; "the documents" only when they were "provided", or lead a refusal.
_OURS = _words("excerpts? passages? context extraits? contexte")
_THEIRS = _words("documents? sources? texts? textes? informations? evidence material snippets?")
_GIVEN = _words("provided given available supplied numbered relevant above here fourni\\w* donné\\w* ci-dessus")
_EXCERPTS = (
    rf"(?:(?:{_GIVEN}\s){{0,2}}{_OURS}(?:\s(?:you\s)?{_GIVEN})?|{_GIVEN}\s{_THEIRS}|{_THEIRS}\s(?:you\s)?{_GIVEN})"
)
_THE = r"(?:(?:the|these|this|those|your|my|all|les?|la|ces|cet?|des|du|vos)\s|l['’])?"

# --- Leads: the marks in them are kept, the words are not. ---
_VERB = _words(
    "stated mentioned described noted reported indicated shown said explained specified indiqu mentionn précis"
)
_SAID_IN = (
    rf"(?:according to|based (?:solely |only )?on|as per|as {_VERB}(?: in| by)?|(?:that is |is )?{_VERB} in|see|"
    rf"d['’]après|selon|comme (?:l['’]|le )?{_VERB}\w*(?: dans| par)?|sur la base (?:de|d['’])?|à partir (?:de|d['’])?)"
)
SAYS = r"(?:(?:both|all|also|tous|aussi)\s)?" + _words(
    "says? states? mentions? reports? notes? explains? describes? indicates? shows? confirms? discuss(?:es)? adds? "
    "indiquent? indique précisen?t? mentionnen?t? expliquen?t? décri(?:t|vent) montren?t? dit disent ajouten?t?"
)
CITED_IN_WORDS = re.compile(rf"[,(]?\s?\b{_SAID_IN}\s?{_THE}(?:{NOUN}\s)?({MARKS})\)?,?\s?", re.IGNORECASE)
FROM_EXCERPTS = re.compile(
    rf"^(?:{_SAID_IN}|in|from|per|dans)\s?{_THE}{_EXCERPTS}(?:\s?({MARKS}))?\s?,\s?", re.IGNORECASE
)
AS_EXCERPTS_SAY = re.compile(rf",?\s?\b{_SAID_IN}\s?{_THE}{_EXCERPTS}(?=\s?(?:[.;,]|$|\[\d))", re.IGNORECASE)
EXCERPT_SAYS = re.compile(
    rf"^(?:({MARKS})|{_THE}{_EXCERPTS}\s?({MARKS})?)\s?{SAYS}\s(?:also\s)?(?:that\s|que\s|qu['’])", re.IGNORECASE
)
ABOUT_EXCERPT = re.compile(rf"^{MARKS}{SAYS}\b", re.IGNORECASE)  # "[2] describes a bridge": nothing is left without it
LABEL = re.compile(
    r"^(?:(?:here(?:['’]s| is)|voici|the|la|ma|my|final|short|direct|brief|concise|grounded)\s){0,4}"
    r"(?:answer|réponse|response|summary|résumé|assistant|a)"
    r"(?:\s(?:is|est|to|à|of|de|based|d['’]après)\b[^.!?:\n]{0,80})?\s?:\s+(?=\S)",
    re.IGNORECASE,
)
NOTE = re.compile(r"^(?:(?:please )?note(?: that)?|nb|remarque|important)\s?:\s?", re.IGNORECASE)
_YES = (
    "sure|certainly|absolutely|of course|(?:great|good|excellente) question|okay|ok|alright|"
    "bien sûr|certainement|d['’]accord"
)
COURTEOUS = re.compile(rf"^(?:{_YES})\s?[,!.:–—-]+\s?", re.IGNORECASE)

# --- Sentences and lines that say nothing of the matter. ---
SMALL_TALK = re.compile(
    rf"^(?:{_YES}|volontiers|thank you|merci)\b[^.!?:]{{0,20}}[.!:]?$"
    r"|^(?:here(?:['’]s| is| are)|voici|below (?:is|are)|let me (?:know|answer|explain)|(?:i )?hope (?:this|that)|nb|"
    r"(?:please )?(?:feel free|note)|remarque|is there anything|would you like|do you (?:want|need)|dites-moi|puis-je|"
    r"i(?:['’]ll| will) (?:answer|now)|to answer (?:your|the|this) question|n['’]hésitez|j['’]espère|voulez-vous|"
    r"souhaitez-vous|(?:this|cette|the above) (?:answer|response|réponse)|confidence|(?:relevant|cited) documents)\b"
    r"|^(?:if you|si vous)\b.{0,60}\b(?:questions?|help|details?|clarification|anything|aide|précisions?)\b",
    re.IGNORECASE,
)
END_MATTER = re.compile(
    r"(?:list of |cited |key |liste des )?(?:references?|sources?|citations?|footnotes?|notes?|bibliography|"
    r"works cited|hallucinations?|excerpts?|références?|bibliographie|extraits?|notes de bas de page)"
    r"(?: used| cited| utilisé\w*| cité\w*)?\s?:?\s*",
    re.IGNORECASE,
)

# --- Refusals. ---
_TELL = _words(
    "say mention contain provide include state specify give answer address discuss indicate offer cover tell explain "
    "describe have refer reveal identify"
)
_TOLD = _words(
    "mentioned specified stated provided given addressed answered found indicated discussed included covered described"
)
_DIT = (
    _words(
        "di[ts] préci mention contien perme donn indiqu fourni répond parl comport évoqu abord spécifi expliqu trait"
    )
    + r"\w*"
)
_FACTS = _words("informations? mention details? answer evidence reference indication détails? réponse")
_NOT = r"(?: not|n['’]t)"
_I = (
    rf"(?:i(?:['’]m|\s)\s?(?:am )?(?:unable|not able|cannot|can['’]t|could{_NOT}|do{_NOT}|did{_NOT}|have no)"
    r"|je (?:ne (?:peux|sais|suis|dispose|trouve)|n['’]ai))"
)
_REFUSALS = (
    # The provided excerpts do not mention …  The documents don't say.  [2] does not say.  None of the passages …
    rf"(?:{_EXCERPTS} |^(?:the|these) {_THEIRS} |^)(?:\w+ly )?(?:do|does|did){_NOT} (?:\w+ly )?{_TELL}",
    rf"\bnone of {_THE}(?:{_EXCERPTS}|{_THEIRS})|\bnothing in {_THE}{_EXCERPTS}",
    # There is no information in the excerpts …  Based on the passages, there is not enough information …
    rf"\b(?:no|not enough|insufficient|any|pas|aucune?)\b.{{0,60}}\b{_FACTS}\b.{{0,90}}"
    rf"(?:{_EXCERPTS}|to answer|répondre)",
    rf"{_EXCERPTS}.{{0,40}}\b(?:no|not enough|insufficient|pas|aucune) .{{0,30}}"
    r"\b(?:informations?|mention|details?|détails?)\b",
    # It is not mentioned in the documents.  This cannot be determined.  Not enough information.
    rf"\b(?:not|never|n['’]t) (?:\w+ly |be |been )?{_TOLD}\b.{{0,30}}\b(?:in|from|by) {_THE}(?:{_EXCERPTS}|{_THEIRS})",
    r"\b(?:question|this|it) cannot be (?:answered|determined)\b|^(?:not enough|insufficient) (?:information|context)",
    # I'm sorry, but I cannot …  Based on the excerpts, I don't have …  I do not know.  Je ne peux pas répondre.
    r"^(?:(?:i['’]m |i am )?(?:sorry|afraid)|unfortunately|i apologi[sz]e|based on|from|given|according to|désolé\w*|"
    rf"malheureusement|d['’]après|selon)\b[^\"“«]{{0,80}}\b{_I}\b",
    rf"^(?:but |mais )?{_I} (?:to )?"
    + _words("answer find determine provide know have tell say enough information identify confirm pas trouvé aucune"),
    r"^the answer\b.{0,60}\b(?:is not|isn['’]t|cannot|can['’]t)\b",
    r"^la réponse (?:n['’]est pas|ne (?:figure|se trouve) pas)",
    # Les extraits ne le disent pas.  Aucun passage ne mentionne …  Il est impossible de répondre.
    rf"(?:{_EXCERPTS} |^(?:les|ces|le|l['’])\s?{_THEIRS} |^)(?:ne |n['’])(?:(?:le|la|les|nous|en|y) |l['’])?{_DIT}",
    rf"\baucune? (?:(?:de ces|des) )?(?:{_OURS}|{_THEIRS})(?: {_GIVEN})? (?:ne |n['’])",
    rf"\b(?:impossible|not possible) to {_TELL[:-1]}|determine|know)\b.{{0,60}}{_EXCERPTS}",
    r"\b(?:impossible|pas possible) de (?:répondre|déterminer|savoir)",
    r"\bne (?:peut|permet\w*) pas (?:de |d['’]y )?(?:répondre|savoir|déterminer)",
    rf"\b(?:n['’]est|ne sont|n['’]y est) pas (?:\w+ment )?{_DIT} .{{0,30}}\bdans\b.{{0,12}}(?:{_OURS}|{_THEIRS})",
)
REFUSAL = re.compile("|".join(_REFUSALS), re.IGNORECASE)
