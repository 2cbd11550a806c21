"""Leaves out what a model thinks before it answers. Knows marks and text, nothing of models."""

from __future__ import annotations

# How a block of thinking begins and ends, in the marks of several families of models.
_BLOCKS = {
    "<think>": "</think>",
    "<thinking>": "</thinking>",
    "<thought>": "</thought>",
    "<reasoning>": "</reasoning>",
    "<seed:think>": "</seed:think>",
    "[THINK]": "[/THINK]",
    "◁think▷": "◁/think▷",
    "<|START_THINKING|>": "<|END_THINKING|>",
    "<|channel|>": "final<|message|>",  # gpt-oss names the channel of all it writes
}
MARKS = frozenset([*_BLOCKS, *_BLOCKS.values(), "<|message|>"])  # some are control tokens


def without_thinking(prompt: str) -> str:
    """Close the block of thinking that a prompt ends with: the model then answers at once.

    Ma et al. 2025, "Reasoning models can be effective without thinking", https://arxiv.org/abs/2504.09858.
    """
    text = prompt.rstrip()
    return next((f"{text}\n{end}\n\n" for start, end in _BLOCKS.items() if text.endswith(start)), prompt)


class Spoken:
    """Passes on an answer piece by piece, without the blocks of thinking in front of it."""

    def __init__(self) -> None:
        self.thinking = False
        self._began = False
        self._held = ""
        self._end = ""

    def feed(self, piece: str) -> str:
        """Take a piece of what the model writes; return what of it, and of what was held back, is spoken."""
        if self._began:
            return piece
        self._held += piece
        while True:
            if self.thinking:
                _, found, after = self._held.partition(self._end)
                self._held = after if found else self._held[-len(self._end) :]
                if not found:
                    return ""
                self.thinking = False
            text = self._held.lstrip()
            start = next((start for start in _BLOCKS if text.startswith(start)), None)
            if start:
                self.thinking, self._end, self._held = True, _BLOCKS[start], text[len(start) :]
            elif any(start.startswith(text) for start in _BLOCKS):
                return ""
            else:
                self._began, self._held = True, ""
                return text

    def rest(self) -> str:
        """Return what is still held back at the end of an answer: what only looked like a mark."""
        return "" if self.thinking else self._held.lstrip()
