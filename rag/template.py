"""A chat template's text around the messages, which are left as holes: no message ever goes through a template.

Templates come with model files, from anywhere. Those that nobody vouches for are rendered in a child process with
limits of time and memory, in jinja2's sandbox, which lets them neither call nor import anything.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from index.errors import ReadError, ReadInterrupted

if TYPE_CHECKING:
    from jinja2.sandbox import ImmutableSandboxedEnvironment

SECONDS = 5.0
MEGABYTES = 256
MOST_TEXT = 200_000  # characters; templates with their tools' descriptions make some thousands
CHATML = (
    "{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
# What templates know as the switch for thinking: Qwen, SmolLM and GLM; Granite and DeepSeek; gpt-oss.
_NO_THINKING = {"enable_thinking": False, "thinking": False, "reasoning_effort": "low"}

Render = Callable[[list[dict[str, str]]], str]


HOLE = re.compile("\ue000([0-9]+)\ue001")  # what stands for a message: the system's is 0, then the turns


def _hole(number: int) -> str:
    return f"\ue000{number}\ue001"  # private-use characters, which no template has


def frame(render: Render, roles: Sequence[str]) -> tuple[str, bool]:
    """Render a template around holes for a system message and the turns of `roles`.

    Returns the text, and whether the template has a system role: where it hasn't, its hole is missing.
    Raises ReadError when the template can't be used, or leaves out a turn.
    """
    turns = [{"role": role, "content": _hole(number)} for number, role in enumerate(roles, start=1)]
    try:
        text = render([{"role": "system", "content": _hole(0)}, *turns])
    except ReadInterrupted:
        raise
    except ReadError:  # some refuse a system message
        text = ""
    if not (system := _hole(0) in text):
        text = render(turns)
    if any(turn["content"] not in text for turn in turns):
        raise ReadError("it leaves out what it is given")
    return text, system


def render(template: str, messages: Sequence[Mapping[str, str]], words: Mapping[str, str]) -> str:
    """Render a template in this process. `words` are "bos_token" and "eos_token". Raises ReadError."""
    from jinja2 import TemplateError

    try:
        return (
            _environment()
            .from_string(template)
            .render(messages=messages, add_generation_prompt=True, tools=None, documents=None, **_NO_THINKING, **words)
        )
    except (TemplateError, TypeError, ValueError, ArithmeticError, RecursionError) as error:
        raise ReadError(str(error) or type(error).__name__) from error


def render_apart(template: str, messages: Sequence[Mapping[str, str]], words: Mapping[str, str]) -> str:
    """Render a template in a child process with limits.

    Raises ReadError, or ReadInterrupted when it takes too much; RagError when no process can be started.
    """
    from index.isolation import Isolated  # which the packaged model does without

    task = json.dumps({"template": template, "messages": messages, "words": words}).encode()
    with Isolated(seconds=SECONDS, megabytes=MEGABYTES, worker=__name__) as child:
        text: str = child.ask(task, b"")["text"]
    return text


def _environment() -> ImmutableSandboxedEnvironment:
    """What Hugging Face's transformers offer to templates."""
    from jinja2 import TemplateError, nodes
    from jinja2.ext import Extension
    from jinja2.parser import Parser
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    class Generation(Extension):
        """Marks what the model wrote, for training: means nothing here."""

        tags = {"generation"}  # noqa: RUF012 - as jinja2 has it

        def parse(self, parser: Parser) -> list[nodes.Node]:
            next(parser.stream)
            return parser.parse_statements(("name:endgeneration",), drop_needle=True)

    def refuse(reason: object) -> None:
        raise TemplateError(str(reason))

    def now(form: str) -> str:
        return datetime.now().strftime(form)

    environment = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=[Generation, "jinja2.ext.loopcontrols"]
    )
    environment.filters["tojson"] = lambda value, **options: json.dumps(value, **{"ensure_ascii": False} | options)
    environment.globals |= {"raise_exception": refuse, "strftime_now": now}
    return environment


# --- the child --------------------------------------------------------------------------------------------------------


def serve(seconds: float, megabytes: int) -> None:
    """Render what is asked for through standard input. To be run in a process of its own."""
    from index import isolation

    _environment()  # imports jinja2, before time and memory are counted
    isolation.serve(seconds, megabytes, _work)


def _work(task: bytes, _: bytes) -> Mapping[str, Any]:
    text = render(**json.loads(task))
    if len(text) > MOST_TEXT:
        raise ReadError(f"it makes {len(text)} characters of nothing")
    return {"text": text}
