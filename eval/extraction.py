"""How long reading PDF files takes, against pdfium's bare text of the same pages.

    python -m eval.extraction FOLDER

Processor time, since machines are shared: the least of ROUNDS, both ways in turn. What ours takes more is for columns,
tables, paragraphs, running heads, sections and page labels.
"""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Callable
from pathlib import Path

from index.pdf import read_pdf

ROUNDS = 5


def bare_text(data: bytes) -> str:
    """Extract the text of each page as pdfium gives it."""
    import pypdfium2

    with pypdfium2.PdfDocument(data) as pdf:
        return "\n".join(page.get_textpage().get_text_bounded() for page in pdf)


def seconds(data: bytes, rounds: int = ROUNDS) -> tuple[float, float]:
    """Return the least processor time of the bare text and of ours."""
    times = [(_seconds(bare_text, data), _seconds(read_pdf, data)) for _ in range(rounds)]
    return min(bare for bare, _ in times), min(ours for _, ours in times)


def _seconds(extract: Callable[[bytes], object], data: bytes) -> float:
    gc.collect()
    began = time.process_time()
    extract(data)
    return time.process_time() - began


def main(folder: Path) -> None:
    """Print both times and their ratio for each PDF file of a folder."""
    print(f"{'seconds':36}{'bare':>8}{'ours':>8}{'ratio':>8}")  # noqa: T201
    for path in sorted(folder.glob("*.pdf")):
        bare, ours = seconds(path.read_bytes())
        print(f"{path.name:36}{bare:8.3f}{ours:8.3f}{ours / bare:8.2f}")  # noqa: T201


if __name__ == "__main__":
    main(Path(sys.argv[1]))
