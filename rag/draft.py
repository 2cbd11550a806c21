"""What the model is asked. Knows nothing of how its draft is read and checked.

The model sees the evidence as numbered excerpts and little else: a short prompt is a fast one, and the constant part
comes first so that the model's cache keeps it.
"""

from __future__ import annotations

from collections.abc import Sequence

from rag.answer import Quote
from rag.generator import Message

# Short, and without a sentence to refuse with: offered one, a small model takes it; others refuse in their own words.
SYSTEM = (
    "Answer the question from the numbered excerpts only, in their words. "
    "End each sentence with its excerpt's number, like [1]."
)
MAX_TOKENS = 160
MARKS = 16  # tokens for marks and a few words more than the evidence has


def prompt(question: str, quotes: Sequence[Quote]) -> list[Message]:
    """Write the messages for a question and its evidence."""
    excerpts = "\n".join(f"[{number}] {' '.join(quote.text.split())}" for number, quote in enumerate(quotes, start=1))
    return [Message("system", SYSTEM), Message("user", f"{excerpts}\n\nQuestion: {question}")]
