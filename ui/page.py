"""The page in Gradio: its parts, and which event of which part leads to what. Decides nothing itself.

Gradio carries events and streams. What a person sees is our own escaped markup in `gradio.HTML`, which changes only
what differs between two updates. (Gradio's Chatbot takes HTML too, but reads it aloud tag by tag and drops the labels
of buttons.)
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from index.errors import RagError
from index.scope import EVERYTHING
from rag.assistant import LONGEST_QUESTION
from ui import frame
from ui.markup import problem
from ui.reader import Reader
from ui.setup import Setup
from ui.shelf import Shelf
from ui.talk import Talk
from ui.visit import Updates, Visit, storable

_HERE = Path(__file__).parent
_BIND = "Page.bind(element, trigger, watch);"
_TICK = 0.7  # seconds between looks at what is being read or fetched


def head() -> str:
    """The page's own style and script.

    Not as Gradio's `css`, whose rules are rewritten to reach no further than its container.
    """
    css, script = ((_HERE / name).read_text(encoding="utf-8") for name in ("page.css", "page.js"))
    return f"<style>{css}</style><script>{script}</script>"


def build(talk: Talk, reader: Reader, shelf: Shelf, setup: Setup, *, paths: bool) -> Any:  # noqa: ANN401 - a gradio.Blocks
    """Lay out the page and wire it. With `paths`, it has a field to name files and folders of this machine."""
    import gradio as gr

    def html(name: str) -> Any:  # noqa: ANN401
        return gr.HTML(elem_id=name, js_on_load=_BIND, apply_default_css=False)

    def box(name: str, **more: Any) -> Any:  # noqa: ANN401
        return gr.Textbox(elem_id=name, container=False, show_label=False, **more)

    def button(name: str, **more: Any) -> Any:  # noqa: ANN401
        return gr.Button("", elem_id=name, scale=0, min_width=0, **more)

    with gr.Blocks(title="Chapter and verse", analytics_enabled=False, fill_width=True) as page:
        parts = {"conversation": gr.State(""), "editing": gr.State(None), "scope": gr.State(EVERYTHING)}
        parts |= {name: gr.Timer(_TICK, active=False) for name in ("timer", "ticks")}
        parts["top"] = html("top")
        with gr.Row(elem_id="body"):
            parts["aside"] = html("aside")
            with gr.Column(elem_id="chat"):
                with gr.Column(elem_id="scroll"):
                    parts |= {name: html(name) for name in ("history", "live")}
                parts["filter"] = html("filter")
                with gr.Row(elem_id="composer"):
                    parts["box"] = box("box", lines=1, max_lines=8, max_length=LONGEST_QUESTION, autofocus=True)
                    parts |= {"send": button("send", variant="primary"), "stop": button("stop", visible=False)}
                parts["hint"] = html("hint")
            with gr.Column(elem_id="documents"):
                parts["status"] = html("status")
                parts["files"] = gr.File(elem_id="files", file_count="multiple", height=120)
                with gr.Row(elem_id="by-path", visible=paths):
                    parts |= {"path": box("path", max_lines=1), "add": button("add")}
                parts |= {name: html(name) for name in ("progress", "reasons")}
                parts["words"] = box("words", max_lines=1)
                parts |= {name: html(name) for name in ("found", "table")}
            with gr.Column(elem_id="setup"):
                parts |= {name: html(name) for name in ("values", "fetch", "models")}
            parts["panel"] = html("panel")

        def on(
            happened: Callable[..., Any], does: Callable[..., Any], *given: str, queued: bool = False, **more: str
        ) -> None:
            """When something `happened`, let a handler say what changes; it is given the values of some parts.

            What streams waits in no line of Gradio's: whose turn it is is decided by `ui.waiting`.
            """
            happened(
                _handler(gr, parts, does),
                [parts[name] for name in given],
                list(parts.values()),
                queue=queued,
                concurrency_limit=None,
                show_progress="hidden",
                api_visibility="private",
                **more,
            )

        def load(visit: Visit) -> Updates:
            return (
                talk.show(visit, visit.address)
                | shelf.show(visit)
                | setup.show(visit)
                | frame.labels(visit.words, setup.own)
            )

        on(page.load, load)
        for asked in (parts["send"].click, parts["box"].submit):
            # A second question stops the first: Gradio would rather not hear it.
            on(asked, talk.ask, "box", "conversation", "editing", "scope", queued=True, trigger_mode="multiple")
        on(parts["stop"].click, talk.halt)
        for answers in (parts["history"], parts["live"]):
            on(answers.select, reader.open, "conversation")
            on(answers.retry, talk.ask_again, "conversation", "scope", queued=True)
            on(answers.edit, talk.edit, "conversation")
            on(answers.like, talk.rate, "conversation")
        on(parts["live"].example_select, talk.ask_example, "scope", queued=True)
        on(parts["live"].apply, shelf.add_examples)
        on(parts["hint"].edit, talk.edit, "conversation")
        on(parts["filter"].expand, talk.open_filter, "scope")
        on(parts["filter"].collapse, talk.close_filter, "scope")
        on(parts["filter"].apply, talk.set_filter)
        on(parts["filter"].clear, talk.clear_filter, "scope")

        on(parts["panel"].select, reader.open, "conversation")
        on(parts["panel"].expand, reader.expand)
        on(parts["panel"].collapse, reader.close, "conversation")

        on(parts["aside"].select, talk.open)
        on(parts["aside"].clear, talk.begin)
        on(parts["aside"].edit, talk.rename, "conversation")
        on(parts["aside"].delete, talk.delete, "conversation")
        on(parts["aside"].input, talk.search, "conversation", trigger_mode="always_last")

        on(parts["files"].upload, shelf.upload, "files", "words", queued=True)
        for named in (parts["add"].click, parts["path"].submit):
            on(named, shelf.add, "path", "words")
        on(parts["timer"].tick, shelf.watch, "conversation", "words")
        on(parts["progress"].stop, shelf.stop)
        for again in (parts["table"].retry, parts["status"].retry):
            on(again, shelf.read_again, "words")
        on(parts["table"].delete, shelf.remove, "words")
        on(parts["words"].change, shelf.search, "words", "scope", trigger_mode="always_last")
        for opened in (parts["table"].select, parts["found"].select):
            on(opened, reader.open, "conversation")

        on(parts["top"].expand, setup.show)
        on(parts["models"].select, setup.ask)
        on(parts["fetch"].apply, setup.agree)
        on(parts["fetch"].stop, setup.stop)
        on(parts["ticks"].tick, setup.watch)
    return page


def _handler(gr: Any, parts: Mapping[str, Any], does: Callable[..., Any]) -> Callable[..., Any]:  # noqa: ANN401
    """Make a Gradio handler of one of ours: `does(visit, [told,] *values)`, which returns or yields Updates."""
    wants_told = "told" in inspect.signature(does).parameters

    def changes(updates: Updates | None) -> Any:  # noqa: ANN401
        new = {parts[name]: gr.update(**it) if isinstance(it, dict) else it for name, it in (updates or {}).items()}
        return new or gr.skip()

    def given(event: Any, values: tuple[Any, ...]) -> Iterator[Any]:  # noqa: ANN401
        return map(storable, [event._data or {}, *values] if wants_told else values)

    def stream(request: Any, event: Any, *values: Any) -> Iterator[Any]:  # noqa: ANN401
        for updates in does(Visit.of(request), *given(event, values)):
            yield changes(updates)

    def answer(request: Any, event: Any, *values: Any) -> Any:  # noqa: ANN401
        try:
            return changes(does(Visit.of(request), *given(event, values)))
        except RagError as error:  # such as: the conversation was deleted in another tab
            return {parts["hint"]: problem(str(error))}

    handler = stream if inspect.isgeneratorfunction(does) else answer
    handler.__annotations__ |= {"request": gr.Request, "event": gr.EventData}  # what Gradio fills in, by their types
    return handler
