"""The real web chat in a process of its own, on a copy of a library; a browser to look at it; answers by hand."""

from __future__ import annotations

import html
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

REPOSITORY = Path(__file__).resolve().parents[1]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
# No sandbox, since tests run as root in containers; the rest keeps Chromium's own services off the network.
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
_PATIENCE = 120.0  # seconds until the server must be up
_LONGEST = 60_000  # milliseconds that anything on the page may take


def free_port() -> int:
    """Return a port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server:
    """`rag web` in a process of its own, with a copy of a library, or an empty one."""

    def __init__(self, library: Path | None = None, *options: str) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="rag-web-"))
        self.library = self.folder / "library"
        if library:
            shutil.copytree(library, self.library)
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}/"
        self._options = options
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Server:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _command(self) -> list[str]:
        serve = ["ui.cli", "web", "--no-browser", "--port", str(self.port)]
        return [*serve, "--library", str(self.library), *self._options]

    def start(self) -> None:
        """Start the server and wait until it answers."""
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", *self._command()],
                env=os.environ | {"PYTHONPATH": str(REPOSITORY)},
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        until = time.monotonic() + _PATIENCE
        while True:
            try:
                urllib.request.urlopen(self.url, timeout=5).close()
                return
            except urllib.error.HTTPError:  # it asks for its password
                return
            except OSError:
                if self._process.poll() is not None or time.monotonic() > until:
                    self.stop()
                    raise RuntimeError(f"the server didn't start: {self.log()}") from None
                time.sleep(0.2)

    def stop(self) -> None:
        """Stop the server as a user's system would."""
        if self._process:
            self._process.terminate()
            try:
                self._process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()

    def log(self) -> str:
        """What the server has printed."""
        return (self.folder / "log").read_text(encoding="utf-8", errors="replace")


class Visitor:
    """One person's browser, which notes every request and every complaint."""

    def __init__(self, browser: Browser, server: Server, **options: Any) -> None:  # noqa: ANN401
        self.context = browser.new_context(
            **({"locale": "en-GB", "viewport": {"width": 1360, "height": 860}} | options)
        )
        self.context.set_default_timeout(_LONGEST)
        self.page = self.context.new_page()
        self.server = server
        self.requests: list[str] = []
        self.complaints: list[str] = []
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", self._listen)

    def _listen(self, message: Any) -> None:  # noqa: ANN401 - a Playwright ConsoleMessage
        # Gradio's own warning when an upload's progress ends; the rest is ours.
        if message.type in ("error", "warning") and message.text != "Method not implemented.":
            self.complaints.append(message.text)

    def visit(self, address: str = "") -> Page:
        """Open the page and wait until it says something."""
        self.page.goto(self.server.url + address)
        self.page.wait_for_selector(".welcome, .turn")
        return self.page

    def ask(self, question: str) -> None:
        """Ask by keyboard, and wait for the settled answer."""
        self.page.fill("#box textarea", question)
        self.page.press("#box textarea", "Enter")
        self.settled(question)

    def settled(self, question: str) -> None:
        """Wait for the settled answer to a question."""
        self.page.wait_for_selector(f"#live .turn:not(.live):has(h2:has-text({json.dumps(question)})) .tools")

    def outcome(self) -> str:
        """What the last answer says of itself."""
        return str(self.page.inner_text("#live .outcome"))


def stored_quote(number: int, text: str, **more: object) -> dict[str, Any]:
    """Make a quote as rag/contract.py writes it; `more` are other values of its fields."""
    origin = {"document": "a.txt", "document_id": "a.txt", "path": "/docs/a.txt", "title": "A", "date": "2025-06-02"}
    if "document" in more:
        origin["document_id"] = str(more["document"])
    words = {"start": 0, "end": len(text), "text": text, "page": None, "voice": "report", "speaker": None}
    return {"n": number, **origin, **words, **more}


def stored_answer(quotes: Sequence[Mapping[str, Any]], outcome: str = "answered", **more: object) -> dict[str, Any]:
    """Make an answer as ui/chat.py keeps it: a statement of each quote."""
    statements = [
        {"text": quote["text"], "quotes": [quote["n"]], "support": 1.0, "origin": "quote"} for quote in quotes
    ]
    return {"outcome": outcome, "statements": statements, "quotes": list(quotes), "missing": [], "unknown": [], **more}


def texts_of(shown: str, tag: str) -> list[str]:
    """Return the texts of all elements of a kind, as a reader sees them."""
    inside = re.findall(rf"<{tag}\b[^>]*>(.*?)</{tag}>", shown, re.DOTALL)
    return [html.unescape(re.sub(r"<[^>]+>", "", text)) for text in inside]


def values_of(shown: str, event: str) -> list[Any]:
    """Return what the buttons for an event send to Python."""
    found = re.findall(rf'<button[^>]* data-event="{event}"[^>]*>', shown)
    return [json.loads(html.unescape(re.search(r'data-value="([^"]*)"', one)[1])) for one in found]  # type: ignore[index]
