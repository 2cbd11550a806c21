"""Guesses the encoding of text in an 8-bit encoding of Europe, by the letters that each language has.

General detectors take short texts in Latin letters for languages that they aren't in: the same bytes are letters there
as well. Knows nothing of UTF-8, or of scripts other than Latin.
"""

from __future__ import annotations

import re

_TYPOGRAPHY = frozenset("€«»“”„‘’‚‹›…–—·•°§©®ªº¿¡²³½\xa0")  # which languages of each of these encodings use
# Encodings, the likeliest first, and the letters beyond ASCII of the languages that are written in them.
_LETTERS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("cp1252", ("éèêëàâîïôùûüçœæÿ", "äöüß", "áéíóúñü", "áâãàçéêíóôõú", "àèéìíîòóùú", "éëïöüáóíèà", "åäöéüà", "æøåéèêòó",
                "áðéíóúýþæö", "äöõüšž", "àçèéíïòóúü")),
    ("cp1250", ("ąćęłńóśźż", "áčďéěíňóřšťúůýž", "áäčďéíĺľňóôŕšťúýž", "áéíóöőúüű", "ăâîşţșț", "čćđšž")),
    ("iso8859-2", ("ąćęłńóśźż", "áčďéěíňóřšťúůýž", "áäčďéíĺľňóôŕšťúýž", "áéíóöőúüű", "ăâîşţ", "čćđšž")),
    ("cp1254", ("çğıiöşüâîû\u0307",)),
    ("cp1257", ("ąčęėįšųūž", "āčēģīķļņšūž")),
)  # fmt: skip
_IN_WORD = re.compile(r"(?<=[^\W\d_]{2})[ª³](?=[^\W\d_]|\b)|[ª³](?=[^\W\d_]{2})")  # letters of another encoding
_SURE = 0.98  # share of the letters beyond ASCII that are one language's
_MIXED = 0.9  # the same of all Western ones together: a text may quote several
_FEW = 0.3  # share of all letters that are beyond ASCII, at most


def decode_latin(data: bytes) -> str | None:
    """Decode a text in Latin letters; None where it doesn't look like one in any of these encodings."""
    best = max(((share, -n, text) for n, (share, text) in enumerate(_guesses(data))), default=None)
    if best and best[0] >= _SURE:
        return best[2]
    try:
        western = data.decode("cp1252")
    except UnicodeDecodeError:
        return None
    return western if _share(western, "".join(_LETTERS[0][1])) >= _MIXED else None


def _guesses(data: bytes) -> list[tuple[float, str]]:
    found = []
    for encoding, languages in _LETTERS:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        found.append((max(_share(text, letters) for letters in languages), text))
    return found


def _share(text: str, letters: str) -> float:
    """Tell how much of what is beyond ASCII in a text is of these letters, or typography; 0 if that is most of it."""
    beyond = [c for c in text.lower() if not c.isascii()]
    foreign = sum(c.isalpha() for c in beyond)
    if foreign > _FEW * sum(c.isalpha() for c in text):
        return 0.0
    known = _TYPOGRAPHY.union(letters)
    return (sum(c in known for c in beyond) - len(_IN_WORD.findall(text))) / max(len(beyond), 1)
