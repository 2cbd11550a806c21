"""Prints for a person: names and words from documents can't give orders to the terminal that they are shown on."""

from __future__ import annotations

import sys
from typing import TextIO

# C0 and C1 controls, but for line breaks and tabs: https://en.wikipedia.org/wiki/C0_and_C1_control_codes
_CONTROLS = dict.fromkeys([*range(9), *range(11, 32), *range(127, 160)], "\N{REPLACEMENT CHARACTER}")


def visible(text: str) -> str:
    """Replace control characters, of which escape sequences are made."""
    return text if text.isprintable() else text.translate(_CONTROLS)


def say(*lines: str, end: str = "\n", file: TextIO | None = None, flush: bool = False) -> None:
    """Print lines; on a terminal without control characters, to anything else as they are."""
    stream = file or sys.stdout
    text = "\n".join(lines)
    print(visible(text) if stream.isatty() else text, end=end, file=stream, flush=flush)
