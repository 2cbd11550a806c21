"""Take a question apart where it asks several things, so that each is answered, or said not to be. By rules."""

from __future__ import annotations

import re

_MOST = 3
_ASKS = (
    r"(?:(?:in|on|at|by|to|from|since|until|for|with|à|de|en|dans|pour|depuis) )?"
    r"(?:who|whom|whose|what|when|where|why|how|which|qui|que|quand|où|pourquoi|comment|combien|quel(?:le)?s?)\b|qu['’]"
)
_JOINT = re.compile(rf"\?\s+(?:(?:and|et)\s+)?(?=\w)|(?:,\s*|\s+)(?:and|et)\s+(?=(?:{_ASKS}))", re.IGNORECASE)
_WORDS = 3  # of a part, at least: "who and when?" is one question


def parts(question: str) -> tuple[str, ...]:
    """Split "what does A demand, and how many soldiers has B?" into its questions; most questions are one."""
    found = tuple(part.strip(" ,?") + "?" for part in _JOINT.split(question) if part.strip(" ,?"))
    whole = len(found) > _MOST or any(len(re.findall(r"\w+", part)) < _WORDS for part in found)
    return (question,) if whole or len(found) < 2 else found
