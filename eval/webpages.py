"""How much of the text of web pages is read, and how much else: ours and, where it is installed, trafilatura.

    python -m eval.webpages FOLDER

FOLDER holds pages and, beside PAGE.html, a PAGE.json that says what is true of it, as far as it is known:

    {"with": ["words of the text", ...], "without": ["words of a menu", ...], "title": "...", "date": "2025-03-04"}

The title and the date of publication are null where the page states none. Readers' comments are read as well; white
space is of no account. Times are processor time.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
import time
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from eval.fields import Fields, GoldError, parse_json, read_text
from index.webpage import read_html

Reading = tuple[str, str | None, str | None]  # text, title, date
_KNOWN = frozenset({"with", "without", "title", "date"})


def ours(data: bytes) -> Reading:
    """Read a page as `rag index` does."""
    parsed = read_html(data)
    return parsed.text, parsed.title, parsed.date


def trafilatura(data: bytes) -> Reading:
    """Read a page with trafilatura as it comes (Barbaresi 2021, https://aclanthology.org/2021.acl-demo.15)."""
    found = importlib.import_module("trafilatura").bare_extraction(data, with_metadata=True)
    return (f"{found.text or ''}\n{found.comments or ''}", found.title, found.date) if found else ("", None, None)


def read_gold(folder: Path) -> Iterator[tuple[bytes, Fields]]:
    """Go through the pages that have gold. Raises GoldError."""
    paths = sorted(path for path in folder.glob("*.json") if path.with_suffix(".html").exists())
    if not paths:
        raise GoldError(f"{folder}: no PAGE.html with a PAGE.json beside it")
    for path in paths:
        yield (
            path.with_suffix(".html").read_bytes(),
            Fields.of(parse_json(read_text(path), str(path)), str(path), _KNOWN),
        )


def judge(reading: Reading, gold: Fields) -> Iterator[tuple[str, bool]]:
    """Compare what was read of a page with what is true of it: each point by its name, and whether it is right."""
    text, title, date = reading
    folded = _fold(text)
    yield from (("with", _fold(part) in folded) for part in gold.texts("with", optional=True))
    yield from (("without", _fold(part) not in folded) for part in gold.texts("without", optional=True))
    if "title" in gold.values:
        yield "title", _fold(title or "") == _fold(gold.values["title"] or "")
    if "date" in gold.values:
        yield "date", date == gold.values["date"]
        yield "no wrong date", date in (None, gold.values["date"])


def measure(read: Callable[[bytes], Reading], folder: Path) -> tuple[dict[str, str], float]:
    """Return "right/all" for each kind of point, and the seconds a page takes."""
    right: Counter[str] = Counter()
    every: Counter[str] = Counter()
    seconds = []
    for data, gold in read_gold(folder):
        began = time.process_time()
        reading = read(data)
        seconds.append(time.process_time() - began)
        for point, is_right in judge(reading, gold):
            every[point] += 1
            right[point] += is_right
    return {point: f"{right[point]}/{number}" for point, number in every.items()}, sum(seconds) / len(seconds)


def main(folder: Path) -> None:
    """Print a line for each way."""
    ways = [ours, trafilatura] if importlib.util.find_spec("trafilatura") else [ours]
    for way in ways:
        points, seconds = measure(way, folder)
        told = "".join(f"  {point} {share}" for point, share in points.items())
        print(f"{way.__name__:12}{told}  {1000 * seconds:.0f} ms a page")  # noqa: T201


def _fold(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text.replace("\xad", "")).split())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
