"""What a contestant must be able to do, and how it is told. Standard library only: it runs in every environment.

    python -m eval.peers.NAME index FOLDER PLACE     index the .txt files of a folder, keep the index in a place
    python -m eval.peers.NAME update FOLDER PLACE    bring that index in step with the files that have changed
    python -m eval.peers.NAME ask PLACE QUESTION     open the index, answer, end
    python -m eval.peers.NAME serve PLACE            open it once; then one JSON request a line, one JSON reply a line

`index` and `update` print {"seconds": S}, the time after the program was loaded. Requests are {"search": QUESTION},
answered by {"seconds": S, "passages": [...]}, and {"ask": QUESTION}, answered by {"first": S, "last": S, "text": ...},
the text that stands in the end.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TextIO

PASSAGES = 4
CONTEXT = 4096  # tokens
MAX_TOKENS = 256
CLEAR = "\f"  # in what is streamed: what was shown before it is gone, a draft that has been checked
CHUNK = 1000  # characters, about the 256 tokens that the embedding model reads
THREADS = os.cpu_count() or 1
_STAMP = "indexed-at"


@dataclass(frozen=True, slots=True)
class Models:
    """The models that every contestant runs: a sentence-transformers folder and a GGUF file."""

    embedder: str
    generator: str


class Contestant(Protocol):
    """Something that indexes texts and answers questions from them."""

    def load(self) -> None:
        """Load what indexing needs."""
        ...

    def index(self, folder: Path, place: Path) -> None:
        """Index the .txt files of a folder; the place is an empty folder."""
        ...

    def update(self, folder: Path, changed: list[Path], place: Path) -> None:
        """Bring an index of the folder in step with what these files hold now."""
        ...

    def open(self, place: Path) -> None:
        """Open an index to search it and to answer from it."""
        ...

    def search(self, question: str) -> list[str]:
        """Find the PASSAGES nearest passages."""
        ...

    def stream(self, question: str) -> Iterator[str]:
        """Answer, piece by piece."""
        ...


def main(make: Callable[[Models], Contestant]) -> None:
    """Do what the command line says."""
    out = sys.stdout
    sys.stdout = sys.stderr  # what a library prints is no reply
    command, *arguments = sys.argv[1:]
    contestant = make(Models(os.environ["BENCH_EMBEDDER"], os.environ["BENCH_GENERATOR"]))
    if command in ("index", "update"):
        folder, place = map(Path, arguments)
        contestant.load()
        _reply(out, {"seconds": _index(contestant, folder, place, again=command == "update")})
        return
    contestant.open(Path(arguments[0]))
    if command == "ask":
        out.write("".join(contestant.stream(arguments[1])) + "\n")
        return
    for line in sys.stdin:
        request = json.loads(line)
        _reply(out, _search(contestant, **request) if "search" in request else _ask(contestant, **request))


def _index(contestant: Contestant, folder: Path, place: Path, again: bool) -> float:
    started, now, stamp = time.perf_counter(), time.time_ns(), place / _STAMP
    if again:
        since = stamp.stat().st_mtime_ns
        changed = [file for file in sorted(folder.glob("*.txt")) if file.stat().st_mtime_ns > since]
        contestant.update(folder, changed, place)
    else:
        place.mkdir(parents=True)
        contestant.index(folder, place)
    stamp.touch()
    os.utime(stamp, ns=(now, now))
    return time.perf_counter() - started


def _search(contestant: Contestant, search: str) -> dict[str, object]:
    started = time.perf_counter()
    passages = contestant.search(search)
    return {"seconds": time.perf_counter() - started, "passages": passages}


def _ask(contestant: Contestant, ask: str) -> dict[str, object]:
    started, first, text = time.perf_counter(), 0.0, ""
    for piece in contestant.stream(ask):
        text += piece
        first = first or (time.perf_counter() - started if text.strip() else 0.0)
    last = time.perf_counter() - started
    return {"first": first or last, "last": last, "text": text.rpartition(CLEAR)[2]}


def _reply(out: TextIO, value: dict[str, object]) -> None:
    print(json.dumps(value), file=out, flush=True)
