"""The chat page: what a message says as it grows, and that a real server shows it as text."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from index.embedder import EmbeddingModel
from index.library import Library
from rag.assistant import Assistant
from rag.evidence import EvidenceSelector
from rag.search import HybridSearcher
from rag.signals import SignalReader
from tests.rag_helpers import ScriptedGenerator
from ui.web import reply

REPOSITORY = Path(__file__).resolve().parents[1]


@pytest.mark.parametrize(
    ("question", "first", "last"),
    [
        ("Which oil companies did Trump put under sanctions?", "Reading 12 passages…", "Sources\n[1] "),
        ("Who wrote Don Quixote?", "Reading 12 passages…", "No document mentions: Quixote\nClosest I found:\n 1. "),
        ("?", "the question is empty", "the question is empty"),
    ],
)
def test_a_message_grows_into_the_answer(
    corpus_library: Path, model: EmbeddingModel, question: str, first: str, last: str
) -> None:
    library, encoder = Library.open(corpus_library), model.question_encoder()
    selector = EvidenceSelector(SignalReader(library, encoder))
    assistant = Assistant(library, HybridSearcher(library, encoder), selector, ScriptedGenerator("Rosneft."), {})
    messages = list(reply(assistant, question))
    library.close()
    assert messages[0].startswith(first)
    assert last in messages[-1]


def test_the_server_answers_on_loopback_only_and_loads_nothing_from_elsewhere(corpus_library: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "ui.cli", "web", "--no-browser", "--port", str(port), "-l", str(corpus_library)]
    environment = os.environ | {"PYTHONPATH": str(REPOSITORY)}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as server:
        try:
            page = ""
            for _ in range(240):
                try:
                    page = urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5).read().decode()
                    break
                except OSError:
                    time.sleep(0.5)
            assert "Chapter and verse" in page
            assert "fonts.googleapis.com" not in page
        finally:
            server.terminate()
