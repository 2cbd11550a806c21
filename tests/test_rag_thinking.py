"""What a model thinks before it answers is left out, however the pieces are cut."""

from __future__ import annotations

import pytest

from rag.thinking import Spoken


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
