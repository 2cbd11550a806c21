"""What a model thinks before it answers is left out, however the pieces are cut."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from index.errors import ModelError
from rag.generator import LlamaGenerator, Message
from rag.thinking import Spoken
from tests.gguf_files import metadata, write_gguf


def spoken(text: str, size: int) -> str:
    filtered = Spoken()
    return "".join(filtered.feed(text[at : at + size]) for at in range(0, len(text), size)) + filtered.rest()


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("The ferry is late. [1]", "The ferry is late. [1]"),
        ("<think>Hm, a ferry?\n<b>1 < 2</b></think>\n\nThe ferry is late.", "The ferry is late."),
        ("\n<think>\n</think>\n<thinking>More.</thinking> It is late.", "It is late."),
        ("[THINK]So[/THINK]It is late.", "It is late."),
        ("◁think▷So◁/think▷It is late.", "It is late."),
        ("<|channel|>analysis<|message|>So.<|channel|>final<|message|>It is late.", "It is late."),
        ("<|channel|>final<|message|>It is late.", "It is late."),
        ("<seed:think>a</think></seed:think>It is late.", "It is late."),
        ("It says <think> and </think>.", "It says <think> and </think>."),  # of an answer about such models
        ("[1] says it. [THINK]", "[1] says it. [THINK]"),
        ("<think>It never ends.</thin", ""),
        ("<thi", "<thi"),
        ("<this>", "<this>"),
        ("  ", ""),
        ("", ""),
    ],
)
def test_blocks_of_thinking_are_left_out(text: str, answer: str, size: int) -> None:
    assert spoken(text, size) == answer


def test_it_tells_whether_it_thinks() -> None:
    filtered = Spoken()
    assert (filtered.feed("<think>So"), filtered.thinking) == ("", True)
    assert (filtered.feed("...</think>"), filtered.thinking) == ("", False)
    assert (filtered.feed("It"), filtered.feed(" is")) == ("It", " is")


def test_a_model_in_this_process_may_think_before_it_answers(tmp_path: Path) -> None:
    model = LlamaGenerator.open(str(write_gguf(tmp_path / "thinker.gguf", metadata())))
    model.preload()
    llama = model._load()

    def says(text: str) -> None:
        def generate(*_: object, **__: object) -> Iterator[int]:
            yield from llama.tokenize(text.encode(), add_bos=False, special=True)

        llama.generate = generate

    question = [Message("user", "How late?")]
    says("<think>The user asks how late.</think>\n\nIt is late.<|im_end|>And more.")
    assert "".join(model.stream(question, 50)) == "It is late."
    assert "".join(model.stream(question, 5)) == "It is"  # a token is a byte here, and thinking costs none of them
    says("<think>" + "Hm. " * 400)
    with pytest.raises(ModelError, match=r"thinker was still thinking after \d+ tokens; take a model that thinks less"):
        "".join(model.stream(question, 50))
