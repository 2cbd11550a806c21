"""A stand-in for the Hugging Face hub: what `rag models` asks of it, over real HTTP, with the faults of real networks.

Large files (LFS) are handed out by a second server, to which the first one redirects, as the hub does.
"""

from __future__ import annotations

import hashlib
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

COMMIT = "0123456789abcdef0123456789abcdef01234567"
_SMALL = 5000  # bytes: what is longer is in LFS


@dataclass
class Asked:
    """A request for a file: from which byte on, how many bytes it got, with which authorisation."""

    path: str
    start: int
    sent: int
    token: str | None


@dataclass
class Repository:
    """A repository of the stand-in, and what goes wrong with it."""

    files: dict[str, bytes]
    licence: str = "apache-2.0"
    refuse: tuple[int, str] | None = None  # status and X-Error-Code of each file
    claimed: dict[str, int] = field(default_factory=dict)  # sizes that the listing tells instead of the true ones
    cuts: list[int] = field(default_factory=list)  # where the next large downloads are cut off, in bytes of the file
    down_after_cuts: bool = False
    damaged: bool = False  # large files arrive with a wrong byte
    ignores_ranges: bool = False
    hold_at: int | None = None  # after so many bytes of a large file nothing more comes

    def listing(self, name: str) -> dict[str, Any]:
        """Return what /api/models tells with ?blobs=true."""
        siblings = []
        for path, data in self.files.items():
            blob = hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()
            size = self.claimed.get(path, len(data))
            entry: dict[str, Any] = {"rfilename": path, "size": size, "blobId": blob}
            if len(data) > _SMALL:
                entry["lfs"] = {"sha256": hashlib.sha256(data).hexdigest(), "size": size, "pointerSize": 134}
            siblings.append(entry)
        card = {"license": self.licence}
        return {"id": name, "modelId": name, "sha": COMMIT, "gated": False, "siblings": siblings, "cardData": card}


class Hub:
    """The stand-in: its address, its repositories, and what it was asked for."""

    def __init__(self) -> None:
        self.repositories: dict[str, Repository] = {}
        self.asked: list[Asked] = []
        self.holding = threading.Event()
        self.released = threading.Event()
        self._servers = [ThreadingHTTPServer(("127.0.0.1", 0), self._handler()) for _ in range(2)]

    @property
    def url(self) -> str:
        """The address for HF_ENDPOINT."""
        return f"http://127.0.0.1:{self._servers[0].server_port}"

    @contextmanager
    def running(self) -> Iterator[Hub]:
        """Serve until the block ends."""
        for server in self._servers:
            threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        try:
            yield self
        finally:
            self.released.set()
            for server in self._servers:
                server.shutdown()
                server.server_close()

    def starts(self, path: str) -> list[int]:
        """Return from which byte on a file was asked for, time after time."""
        return [asked.start for asked in self.asked if asked.path == path]

    def sent(self, path: str) -> int:
        """Return how many bytes of a file were sent."""
        return sum(asked.sent for asked in self.asked if asked.path == path)

    def _handler(hub) -> type[BaseHTTPRequestHandler]:  # noqa: N805 - the handler's own methods have a self
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *args: object) -> None:
                """Say nothing: the tests ask `Hub.asked`."""

            def do_GET(self) -> None:
                path = self.path.split("?")[0]
                listing = re.fullmatch(r"/api/models/([^/]+/[^/]+)/revision/([^/]+)", path)
                content = re.fullmatch(r"(/cdn)?/([^/]+/[^/]+)/resolve/([^/]+)/(.+)", path)
                name, revision = (
                    (listing[1], listing[2]) if listing else (content[2], content[3]) if content else ("", "")
                )
                repository = hub.repositories.get(name)
                if repository is None:
                    self.refuse(401, "")  # as the hub says of what isn't there, to those it doesn't know
                elif revision != COMMIT:
                    self.refuse(404, "RevisionNotFound")
                elif listing:
                    self.answer(json.dumps(repository.listing(name)).encode())
                elif content:
                    self.file(repository, content[4], bool(content[1]))

            def refuse(self, status: int, code: str) -> None:
                self.send_response(status)
                if code:
                    self.send_header("X-Error-Code", code)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def answer(self, data: bytes) -> None:
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def file(self, repository: Repository, path: str, cdn: bool) -> None:
                data = repository.files.get(path)
                if repository.refuse:
                    self.refuse(*repository.refuse)
                elif data is None:
                    self.refuse(404, "EntryNotFound")
                elif len(data) > _SMALL and not cdn:
                    self.send_response(302)
                    self.send_header("Location", f"http://127.0.0.1:{hub._servers[1].server_port}/cdn{self.path}")
                    self.send_header("X-Linked-Size", str(len(data)))
                    self.send_header("X-Linked-Etag", f'"{hashlib.sha256(data).hexdigest()}"')
                    self.send_header("X-Repo-Commit", COMMIT)
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                elif repository.down_after_cuts and not repository.cuts and cdn:
                    self.refuse(503, "")
                else:
                    self.bytes(repository, path, data, cdn)

            def bytes(self, repository: Repository, path: str, data: bytes, cdn: bool) -> None:
                given = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
                start = int(given[1]) if given else 0
                asked = Asked(path, start, 0, self.headers.get("Authorization"))
                hub.asked.append(asked)
                if repository.ignores_ranges:
                    start = 0
                self.send_response(206 if start else 200)
                if start:
                    self.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
                self.send_header("Content-Length", str(len(data) - start))
                self.end_headers()
                end = len(data)
                if cdn and repository.cuts:
                    end = repository.cuts.pop(0)
                if cdn and repository.hold_at is not None:
                    end = repository.hold_at
                if cdn and repository.damaged:
                    data = data[:-1] + bytes([data[-1] ^ 1])
                self.wfile.write(data[start:end])
                self.wfile.flush()
                asked.sent = max(0, end - start)
                if cdn and repository.hold_at is not None:
                    hub.holding.set()
                    hub.released.wait(30)
                self.close_connection = self.close_connection or end < len(data)

        return Handler
