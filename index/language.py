"""Tell which language a document is in. Loaded while indexing only: the model takes about a second."""

from __future__ import annotations

from functools import cache
from typing import Any

from index.analysis import LANGUAGES

FALLBACK = "en"
_SAMPLE = 4000  # characters; more changes nothing
_ENOUGH = 20  # characters of text below which a guess is worth nothing


def detect_language(text: str) -> str:
    """Return the ISO 639-1 code of the language of `text`, one of those in `index.analysis.LANGUAGES`."""
    sample = text[:_SAMPLE].strip()
    return str(_model().classify(sample)[0]) if len(sample) >= _ENOUGH else FALLBACK


@cache
def _model() -> Any:  # noqa: ANN401 - py3langid ships no types
    import py3langid

    py3langid.set_languages(sorted(LANGUAGES))
    return py3langid
