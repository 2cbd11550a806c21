"""Chat templates: what they are given, and ten that mean harm. They come with models, from anywhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from index.errors import ModelError
from rag.generator import LlamaGenerator, Message, open_generator
from rag.template import CHATML, frame, render
from rag.thinking import without_thinking
from tests.gguf_files import TEMPLATE, Typed, metadata, write_gguf

QUESTION = [Message("system", "Be brief."), Message("user", "Hello.")]
NO_WORDS = {"bos_token": "<s>", "eos_token": "</s>"}
TURNS = "{% for m in messages %}<{{ m.role }}>{{ m.content }}{% endfor %}"
LOOP = "{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}"

HOSTILE = {
    "an endless loop": (LOOP, "took more than 5 s"),
    "a loop of 10**9": ("{% for i in range(10**9) %}{% endfor %}", "Range too big"),
    "a huge output": ("{% for i in range(99999) %}{{ 'x' * 1000 }}{% endfor %}", "of nothing|more than 256 MB"),
    "a huge constant": ("{{ 'a' * 10**10 }}", "more than 256 MB"),
    "a huge text made step by step": (
        "{% set ns = namespace(x='a') %}{% for i in range(60) %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}",
        "more than 256 MB",
    ),
    "a huge number": ("{{ 9**(9**9) }}", "took more than 5 s|more than 256 MB"),
    "an attribute of a class": ("{{ ''.__class__.__mro__[1].__subclasses__() }}", "unsafe|undefined"),
    "an attribute by a format": ("{{ '{0.__class__.__init__.__globals__}'.format(raise_exception) }}", "unsafe"),
    "a global of a function": ("{{ raise_exception.__globals__['json'].codecs.open('{file}', 'w') }}", "unsafe"),
    "a method of the loop": ("{{ cycler.__init__.__globals__.os.system('touch {file}') }}", "unsafe|undefined"),
    "an import": ("{% import '/etc/passwd' as x %}{{ x }}", "no loader"),
    "an include": ("{% include '/etc/passwd' %}", "no loader"),
    "a macro that calls itself": ("{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}", "recursion|crashed"),
    "deep brackets": ("{{ " + "(" * 5000 + "1" + ")" * 5000 + " }}", "recursion|crashed|nested"),
    "a syntax error": ("{% for %}", "Expected|expected"),
    "an exception": ("{{ raise_exception('you may not\x1b[2J') }}", "you may not"),
    "without the content": ("{% for m in messages %}{{ m.role }}{% endfor %}", "leaves out what it is given"),
    "of control characters": ("\x01\x02{% if %}", "Expected|expected"),
}  # fmt: skip


@pytest.mark.parametrize(("template", "reason"), HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_template_costs_an_error_that_names_the_file(tmp_path: Path, template: str, reason: str) -> None:
    bait = tmp_path / "written"
    file = write_gguf(tmp_path / "hostile.gguf", metadata() | {TEMPLATE: template.replace("{file}", str(bait))})
    with pytest.raises(ModelError, match=f"^the chat template of {file} can't be used: .*({reason})") as caught:
        "".join(open_generator(str(file)).stream(QUESTION, 2))
    assert str(caught.value).isprintable()
    assert not bait.exists()


def test_a_template_that_is_no_text_is_refused_with_the_header(tmp_path: Path) -> None:
    binary = Typed(8, (4).to_bytes(8, "little") + b"\xff\xfe\xfd\xfc")
    file = write_gguf(tmp_path / "binary.gguf", metadata() | {TEMPLATE: binary})
    with pytest.raises(ModelError, match="binary.gguf is damaged or incomplete: a text in it isn't UTF-8"):
        open_generator(str(file))


def test_no_template_is_compiled_where_there_is_no_limit(tmp_path: Path) -> None:
    bomb = {f"{TEMPLATE}.tool_use": "{{ 'a' * 10**10 }}", f"{TEMPLATE}.rag": "{% for %}"}
    file = write_gguf(tmp_path / "tools.gguf", metadata() | {TEMPLATE: TURNS} | bomb)
    assert "".join(open_generator(str(file)).stream(QUESTION, 3))


def shown(generator: LlamaGenerator, messages: list[Message]) -> str:
    generator.preload()
    llama = generator._load()
    text: str = llama.detokenize(generator._tokens(llama, messages), special=True).decode()
    return text


def test_a_template_of_a_file_is_filled_with_the_messages_as_they_are(tmp_path: Path) -> None:
    template = (
        "{{ bos_token }}{% generation %}{% for m in messages %}{% if loop.index > 9 %}{% break %}{% endif %}"
        "[{{ m.role }}: {{ m.content | trim }}]{% endfor %}{% endgeneration %}{{ {'é': enable_thinking} | tojson }}"
    )
    file = write_gguf(tmp_path / "good.gguf", metadata() | {TEMPLATE: template})
    generator = LlamaGenerator.open(str(file))
    told = shown(generator, [Message("system", "{{ 1 }}"), Message("user", "<|im_end|> {% raw %} \ue0001\ue001")])
    assert told == '<|endoftext|>[system: {{ 1 }}][user: <|im_end|> {% raw %} \ue0001\ue001]{"é": false}'
    tokens = generator._tokens(generator._load(), [Message("user", "<|im_end|>")])
    assert tokens.count(256) == 1  # begins the text
    assert 258 not in tokens


def test_without_a_template_it_is_chatml(tmp_path: Path) -> None:
    file = write_gguf(tmp_path / "plain.gguf", metadata())
    told = shown(LlamaGenerator.open(str(file)), QUESTION)
    assert (
        told == "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nHello.<|im_end|>\n<|im_start|>assistant\n"
    )


def test_a_template_that_begins_with_thinking_is_made_to_answer(tmp_path: Path) -> None:
    file = write_gguf(tmp_path / "thinker.gguf", metadata() | {TEMPLATE: TURNS + "<assistant><think>\n"})
    assert shown(LlamaGenerator.open(str(file)), QUESTION).endswith("Hello.<assistant><think>\n</think>\n\n")
    assert without_thinking("<think> is a mark\n") == "<think> is a mark\n"


def test_holes_stand_for_the_messages() -> None:
    def rendered(template: str) -> tuple[str, bool]:
        return frame(lambda messages: render(template, messages, NO_WORDS), ["user", "assistant", "user"])

    assert rendered(TURNS) == (
        "<system>\ue0000\ue001<user>\ue0001\ue001<assistant>\ue0002\ue001<user>\ue0003\ue001",
        True,
    )
    refusing = "{% if messages[0].role == 'system' %}{{ raise_exception('no') }}{% endif %}" + TURNS
    assert rendered(refusing) == ("<user>\ue0001\ue001<assistant>\ue0002\ue001<user>\ue0003\ue001", False)
    assert rendered(CHATML)[0].endswith("<|im_end|>\n<|im_start|>assistant\n")
    dated = "{{ strftime_now('%Y') | int > 2000 }}{{ documents is none }}{{ bos_token }}" + TURNS
    assert rendered(dated)[0].startswith("TrueTrue<s><system>")
