"""A real server, llama-cpp-python's with the packaged model: in a process of its own, killed in its answer, too."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from index.embedder import Embedder
from index.library import Library
from index.models import GENERATOR
from rag.answer import Answer, Piece
from rag.generator import LlamaGenerator, Message, open_generator
from rag.server import ServerGenerator
from tests.rag_helpers import assistant

DEMAND = "what does Russia demand?"


@contextmanager
def llama_server() -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """Run the server until it answers; give its process and its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    model = GENERATOR.path() / GENERATOR.weights
    options = ["--model", str(model), "--host", "127.0.0.1", "--port", str(port), "--n_ctx", "4096"]
    with subprocess.Popen(
        [sys.executable, "-m", "llama_cpp.server", *options, "--verbose", "false"],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        try:
            url, deadline = f"http://127.0.0.1:{port}/v1", time.monotonic() + 120
            while True:
                try:
                    httpx.get(f"{url}/models", trust_env=False).raise_for_status()
                    break
                except httpx.ConnectError:
                    assert process.poll() is None, process.stderr and process.stderr.read().decode()
                    assert time.monotonic() < deadline
                    time.sleep(0.2)
            yield process, url
        finally:
            process.kill()


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    for package in ("pydantic_settings", "sse_starlette", "starlette_context"):
        pytest.importorskip(package, reason="needs the parts of llama-cpp-python's server: pip install '.[dev]'")
    with llama_server() as (_, address):
        yield address


def test_it_writes_what_the_same_model_writes_here(url: str) -> None:
    messages = [Message("system", "You are brief."), Message("user", "Name the capital of France.")]
    there = "".join(open_generator(url).stream(messages, 24))
    assert "Paris" in there
    assert "Paris" in "".join(LlamaGenerator.open("packaged").stream(messages, 24))


def test_closing_the_stream_leaves_the_server_free(url: str) -> None:
    generator = open_generator(url)
    pieces = generator.stream([Message("user", "Tell a long story.")], 400)
    next(pieces)
    pieces.close()
    assert "Paris" in "".join(generator.stream([Message("user", "Name the capital of France.")], 24))


def test_the_command_line_asks_it(url: str, corpus_library: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "ui.cli", "ask", DEMAND, "--json", "--generator", url, "-l", str(corpus_library)],
        capture_output=True, text=True, timeout=300, check=False,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).resolve().parents[1])},
    )  # fmt: skip
    assert (ran.returncode, ran.stderr) == (0, "")
    told = json.loads(ran.stdout)
    assert (told["outcome"], told["reason"], told["models"]["generator"]) == ("answered", None, url)
    assert told["tokens"]["out"] > 0
    assert len(told["quotes"]) > 1


def test_killed_in_the_middle_of_an_answer_it_leaves_the_evidence(corpus: Library, encoder: Embedder, url: str) -> None:
    with llama_server() as (process, address):
        pieces, last = 0, None
        for last in assistant(corpus, encoder, ServerGenerator(address)).stream(DEMAND):
            if isinstance(last, Piece):
                pieces += 1
                process.kill()
    assert isinstance(last, Answer)
    assert pieces
    assert last.outcome == "failed"
    assert (
        str(last.reason)
        .replace(address, "URL")
        .startswith(("the connection to the language model at URL broke off", "the language model at URL broke off"))
    )
    assert last.quotes
    assert {statement.origin for statement in last.statements} == {"quote"}
