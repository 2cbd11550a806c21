"""A plain chat page in the browser, on this machine alone. Shows text only: nothing in a document becomes markup."""

from __future__ import annotations

import html
import os
from collections.abc import Iterator, Sequence
from typing import Any

from index.errors import UsageError
from rag.answer import Answer, Checked, Found, Piece, Quote
from rag.assistant import Assistant
from rag.generator import Message
from ui.render import HEADINGS, closing_lines, source_lines, statement_line

HOST = "127.0.0.1"
_LINE = 10_000  # the page wraps lines itself
_CSS = ".message { white-space: pre-wrap; } footer { display: none !important; }"


def serve(assistant: Assistant, port: int, open_browser: bool) -> None:
    """Serve the chat until it is interrupted. Loopback only, no telemetry, no fonts or scripts from elsewhere."""
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    import gradio

    def respond(message: Any, turns: list[Any]) -> Iterator[str]:  # noqa: ANN401 - Gradio gives text, or parts of it
        history = [Message(turn["role"], html.unescape(_text(turn["content"]))) for turn in turns]
        for text in reply(assistant, _text(message), history):
            yield html.escape(text, quote=False)  # the chat shows HTML even where it renders no Markdown

    fonts = ["system-ui", "sans-serif"]  # names of local fonts: the theme's own would come from the network
    chatbot = gradio.Chatbot(render_markdown=False, allow_tags=False, show_label=False, buttons=["copy"], scale=1)
    page = gradio.ChatInterface(
        respond,
        chatbot=chatbot,
        title="Chapter and verse",
        description="Answers from your documents, each sentence with its source.",
        analytics_enabled=False,
        api_visibility="private",
        save_history=False,
        concurrency_limit=1,
        fill_height=True,
    )
    page.launch(
        server_name=HOST,
        server_port=port,
        inbrowser=open_browser,
        share=False,
        enable_monitoring=False,
        run_history=False,
        max_file_size="1kb",
        ssr_mode=False,
        footer_links=[],
        theme=gradio.themes.Default(font=fonts, font_mono=["ui-monospace", "monospace"]),
        css=_CSS,
    )


def _text(content: Any) -> str:  # noqa: ANN401 - text, a part with text, or a list of either
    if isinstance(content, list):
        return "\n".join(map(_text, content))
    return content if isinstance(content, str) else str(content.get("text", ""))


def reply(assistant: Assistant, question: str, history: Sequence[Message] = ()) -> Iterator[str]:
    """Yield the message as it grows: what is being done, then the answer with its sources."""
    numbers: dict[Quote, int] = {}
    shown: list[str] = []
    try:
        for event in assistant.stream(question, history):
            if isinstance(event, Found):
                yield f"Reading {len(event.passages)} passages…"
            elif isinstance(event, Piece):
                yield "Checking what is written…"
            elif isinstance(event, Checked):
                shown.append(statement_line(event.statement, numbers))
            elif isinstance(event, Answer):
                heading = [HEADINGS[event.outcome], ""] if event.outcome in HEADINGS else []
                sources = ["", "Sources", *source_lines(numbers, _LINE)] if numbers else []
                yield "\n".join([*heading, *shown, *sources, *closing_lines(event, _LINE)])
    except UsageError as error:
        yield str(error)
