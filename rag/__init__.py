"""A question -> a checked, cited answer. Knows nothing of screens."""

from rag.answer import Answer, Checked, Event, Found, Piece, Quote, Statement
from rag.assistant import Assistant, open_assistant
from rag.contract import answer_to_json
from rag.generator import Generator, Message
from rag.settings import Settings, load_settings

__all__ = [
    "Answer",
    "Assistant",
    "Checked",
    "Event",
    "Found",
    "Generator",
    "Message",
    "Piece",
    "Quote",
    "Settings",
    "Statement",
    "answer_to_json",
    "load_settings",
    "open_assistant",
]
