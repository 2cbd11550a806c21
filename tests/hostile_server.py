"""The web chat over a library of hostile documents, with a hostile model: `python -m tests.hostile_server FOLDER PORT`.

It prepares what takes a browser long to bring about: a conversation about each text, rated, and named after it.
"""

from __future__ import annotations

import html
import json
import sys
import threading
import time
from collections.abc import Sequence
from itertools import product
from pathlib import Path

from index.conversations import Conversations, Turn
from index.library import Library
from index.sync import sync
from rag.generator import Message, Pieces
from tests.hostile import STRINGS, as_file_name, as_shown
from tests.index_helpers import HashModel, as_model
from tests.rag_helpers import assistant
from ui.chat import Chat
from ui.web import serve

PERSON = "0123456789abcdef" * 2
BATCH = 8  # texts in a question or a draft
BETWEEN = " ¦ "
PLACES = [f"{first}{last}" for first, last in product(
    ("Ald", "Brack", "Corrin", "Dun", "Elver", "Farrow", "Gull", "Hex", "Inver", "Kel"),
    ("moor", "water", "hall", "marsh", "stone", "gate", "haven", "bridge", "ford", "wick"),
)]  # fmt: skip


class Possessed:
    """A model that says hostile texts, from that of the first place in the question on, and then the evidence."""

    name = "possessed"
    pause = 0.0

    def stream(self, messages: Sequence[Message], max_tokens: int) -> Pieces:
        """Yield the texts, then the excerpts with their marks, with a pause after each line."""
        excerpts, _, question = messages[-1].content.partition("\n\nQuestion: ")
        first = next((number for number, place in enumerate(PLACES) if place in question), 0)
        yield BETWEEN.join(STRINGS[first : first + BATCH])
        for number, line in enumerate(excerpts.splitlines(), start=1):
            time.sleep(self.pause)
            yield f"\n{line.removeprefix(f'[{number}] ')} [{number}]"
        time.sleep(self.pause)
        yield "\n"

    def count_tokens(self, text: str) -> int:
        """Count characters, so that it is never cut short."""
        return len(text)


def write_documents(folder: Path) -> None:
    """Write a document for each text, which is its title and its file's name, and is in its words."""
    folder.mkdir(parents=True)
    for number, (place, text) in enumerate(zip(PLACES, STRINGS, strict=False)):
        body = f"The ledger of {place} holds the motto {text} today.\n\nNobody has read on."
        name = f"{number:02} {as_file_name(text)}"
        if number % 2 and text == as_shown(text):
            page = f"<meta charset=utf-8><title>{html.escape(text)}</title><p>{html.escape(body)}</p>"
            (folder / f"{name}.html").write_text(page, encoding="utf-8")
        else:
            body = body.replace("\x00", "")
            (folder / f"{name}.md").write_text(f"---\ntitle: {json.dumps(text)}\n---\n{body}", encoding="utf-8")
        if number < 5:
            (folder / f"{name} not read.txt").write_bytes(b"\x00")


def converse(chat: Chat) -> None:
    """Ask about each text in one conversation, find fault with the answers, and name a conversation after each."""
    kept = chat.conversations
    conversation = kept.create(PERSON, "All of them").id
    for place, text in zip(PLACES, STRINGS, strict=False):
        question = f"What motto does the ledger of {place} hold? {text}"
        *_, turn = chat.ask(PERSON, question, threading.Event(), conversation=conversation)
        assert isinstance(turn, Turn)
        kept.rate(PERSON, turn.id, "down", text)
        kept.create(PERSON, text)


def main(folder: Path, port: int) -> None:
    """Prepare the library and serve it."""
    write_documents(folder / "documents")
    library, model, generator = Library.create(folder / "library"), as_model(HashModel()), Possessed()
    sync(library, [folder / "documents"], model)
    hostile = assistant(library, model.question_encoder(), generator)
    converse(Chat(hostile, Conversations(library.store)))
    generator.pause = 0.1
    serve(hostile, model, port=port, open_browser=False)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
