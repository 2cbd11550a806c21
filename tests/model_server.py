"""A server of language models that does what it was told to: for faults that no real one has to order."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

Reply = Callable[["Handler"], None]


class Handler(BaseHTTPRequestHandler):
    """Notes each request and answers with the next reply; the last one is for all that follow."""

    server: ModelServer

    def do_GET(self) -> None:
        """Tell the models."""
        self._next(self.server.models, None)

    def do_POST(self) -> None:
        """Answer a question."""
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        replies = self.server.replies
        self._next(replies.pop(0) if len(replies) > 1 else replies[0], body)

    def _next(self, reply: Reply, body: Any) -> None:  # noqa: ANN401
        self.server.requests.append((self.path, dict(self.headers), body))
        try:
            reply(self)
        except OSError:  # the client has left
            self.server.left.set()
        self.close_connection = True

    def head(self, status: int = 200, kind: str = "text/event-stream", **headers: str) -> None:
        """Send the status and headers."""
        self.send_response(status)
        for name, value in ({"content-type": kind} | headers).items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()

    def say(self, *pieces: str, field: str = "content") -> None:
        """Send pieces of an answer as events."""
        for piece in pieces:
            self.event({"choices": [{"delta": {field: piece}, "finish_reason": None}]})

    def event(self, data: object) -> None:
        """Send an event."""
        self.wfile.write(f"data: {data if isinstance(data, str) else json.dumps(data)}\n\n".encode())
        self.wfile.flush()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class ModelServer(ThreadingHTTPServer):
    """Runs on a free port of this machine; `requests` has the path, headers and body of each."""

    daemon_threads = True

    def __init__(self, *replies: Reply, models: Reply | None = None, certificate: Path | None = None) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self._scheme = "https" if certificate else "http"
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self.socket = context.wrap_socket(self.socket, server_side=True)
        self.replies = list(replies)
        self.models = models or body({"data": [{"id": "first"}, {"id": "second"}]})
        self.requests: list[tuple[str, dict[str, str], Any]] = []
        self.left = threading.Event()
        self.over = threading.Event()

    @property
    def url(self) -> str:
        """Address of the API."""
        return f"{self._scheme}://127.0.0.1:{self.server_port}/v1"

    @property
    def asked(self) -> list[Any]:
        """The bodies of the questions."""
        return [body for _, _, body in self.requests if body is not None]


def body(told: object, status: int = 200, kind: str = "application/json", **headers: str) -> Reply:
    """Reply with JSON, or a text as it is."""

    def reply(handler: Handler) -> None:
        handler.head(status, kind, **headers)
        handler.wfile.write((told if isinstance(told, str) else json.dumps(told)).encode())

    return reply


def answer(*pieces: str, done: bool = True) -> Reply:
    """Reply with an answer in pieces, as a server does."""

    def reply(handler: Handler) -> None:
        handler.head()
        handler.event({"choices": [{"delta": {"role": "assistant", "content": None}, "finish_reason": None}]})
        handler.say(*pieces)
        if done:
            handler.event({"choices": [{"delta": {}, "finish_reason": "stop"}]})
            handler.event({"choices": [], "usage": {"total_tokens": 7}})
            handler.event("[DONE]")

    return reply


def events(*data: object) -> Reply:
    """Reply with events."""

    def reply(handler: Handler) -> None:
        handler.head()
        for one in data:
            handler.event(one)

    return reply


@contextmanager
def serving(*replies: Reply, models: Reply | None = None, certificate: Path | None = None) -> Iterator[ModelServer]:
    """Run a server for as long as a block lasts; with a certificate and its key in one file, an encrypted one."""
    with ModelServer(*replies, models=models, certificate=certificate) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield server
        finally:
            server.over.set()
            server.shutdown()
            thread.join()
