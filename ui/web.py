"""The web chat's server: the page behind its guard, on this machine unless a password is set."""

from __future__ import annotations

import os
import socket
import threading
import time
import webbrowser
from collections.abc import Callable, Sequence
from typing import Any

from index.conversations import Conversations
from index.embedder import EmbeddingModel
from index.errors import UsageError
from index.readers import MAX_BYTES
from index.viewer import Viewer
from rag.assistant import Assistant
from rag.settings import Told
from ui.chat import Chat
from ui.fetching import Fetching
from ui.guard import guarded, is_loopback
from ui.intake import Intake
from ui.page import build, head
from ui.reader import Reader
from ui.setup import Setup
from ui.shelf import Shelf
from ui.talk import Talk

LOOPBACK = "127.0.0.1"
PORT = 7860  # the first that is tried
_PORTS = 20


def make_app(
    assistant: Assistant,
    model: EmbeddingModel,
    settings: Sequence[Told] = (),
    host: str = LOOPBACK,
    password: str | None = None,
) -> Any:  # noqa: ANN401 - ASGI
    """Put the page together, behind its guard. Raises UsageError when it would be open to the network.

    Beyond this machine a password is needed, files of this machine can't be named (only uploaded ones are read), and
    neither are the settings shown nor models fetched.
    """
    if not is_loopback(host) and not password:
        raise UsageError(f"--host {host} opens the page to the network: set a password with --password")
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    import gradio
    from fastapi import FastAPI

    chat = Chat(assistant, Conversations(assistant.library.store))
    talk = Talk(chat)
    paths = is_loopback(host)
    intake = Intake(assistant.library, model, lambda: len(chat.line) > 0)
    intake.embed()
    shelf = Shelf(assistant, intake, talk, paths=paths)
    store = assistant.library.store
    setup = Setup(settings, Fetching(), own=is_loopback(host))
    page = build(talk, Reader(store, talk, Viewer(store)), shelf, setup, paths=paths)
    page.queue(api_open=False)
    font = ["system-ui", "sans-serif"]  # names of local fonts: the theme's own would come from the network
    app = gradio.mount_gradio_app(
        FastAPI(docs_url=None, redoc_url=None, openapi_url=None),
        page,
        path="/",
        theme=gradio.themes.Base(font=font, font_mono=["ui-monospace", "monospace"], primary_hue="sky"),
        max_file_size=MAX_BYTES,
        allowed_paths=[],
        footer_links=[],
        run_history=False,
        enable_monitoring=False,
        ssr_mode=False,
        pwa=False,
        show_error=False,
        head=head(),
    )
    return guarded(app, host, password)


def serve(
    assistant: Assistant,
    model: EmbeddingModel,
    settings: Sequence[Told] = (),
    *,
    host: str = LOOPBACK,
    port: int | None = None,
    password: str | None = None,
    open_browser: bool = True,
    say: Callable[[str], None] = print,
) -> None:
    """Serve the web chat until it is interrupted. Raises UsageError when the port is taken or the host isn't ours."""
    listener = listen(host, port)  # first of all: whoever has to choose another port shouldn't wait for the page
    app = make_app(assistant, model, settings, host, password)
    import uvicorn

    shown = f"[{host}]" if ":" in host else host
    address = f"http://{shown}:{listener.getsockname()[1]}/"
    config = uvicorn.Config(
        app, log_level="warning", proxy_headers=False, timeout_graceful_shutdown=2, server_header=False
    )
    server = uvicorn.Server(config)
    if open_browser:
        threading.Thread(target=_open_when_ready, args=(server, address), daemon=True).start()
    say(f"The chat is at {address}  (Ctrl-C ends it)")
    server.run(sockets=[listener])


def listen(host: str, port: int | None) -> socket.socket:
    """Take the port that was asked for, or the first free one from PORT on."""
    for wanted in [port] if port else range(PORT, PORT + _PORTS):
        listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, wanted))
        except socket.gaierror:
            raise UsageError(f"--host {host}: no such name or address on this machine") from None
        except OSError as error:
            listener.close()
            if error.errno != 98 and not isinstance(error, PermissionError):
                raise UsageError(f"--host {host}: {error.strerror}") from None
            continue
        return listener
    raise UsageError(f"port {port or PORT} of {host} is taken; choose another with --port")


def _open_when_ready(server: Any, address: str) -> None:  # noqa: ANN401 - a uvicorn.Server
    while not server.started:
        time.sleep(0.1)
    webbrowser.open(address)
