"""The real web chat in a process of its own, on a copy of a library, and a browser to look at it."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from types import TracebackType

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

    def start(self) -> None:
        """Start the server and wait until it answers."""
        command = [sys.executable, "-m", "ui.cli", "web", "--no-browser", "--port", str(self.port)]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [*command, "--library", str(self.library), *self._options],
                env=os.environ | {"PYTHONPATH": str(REPOSITORY)},
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        until = time.monotonic() + _PATIENCE
        while True:
            try:
                urllib.request.urlopen(self.url, timeout=5).close()
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
