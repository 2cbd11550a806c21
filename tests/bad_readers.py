"""Readers that misbehave, for the child process of a test alone: `Isolated(worker="tests.bad_readers")`."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import NoReturn

from index import isolation
from index.errors import ReadError
from index.parsed import Parsed
from index.readers import READERS
from index.types import Place


def crash(_: bytes) -> NoReturn:
    """Die as a parser in C does."""
    os.kill(os.getpid(), signal.SIGSEGV)
    raise AssertionError


def leave(_: bytes) -> NoReturn:
    """End the process by itself."""
    os._exit(3)


def spin(_: bytes) -> NoReturn:
    """Never end, and be busy with it."""
    while True:
        pass


def sleep(_: bytes) -> NoReturn:
    """Never end, and do nothing."""
    while True:
        time.sleep(60)


def devour(_: bytes) -> NoReturn:
    """Take memory until there is none."""
    taken: list[bytes] = []
    while True:
        taken.append(bytes(2**24))


def flood(_: bytes) -> Parsed:
    """Answer with more text than anybody wrote."""
    return Parsed("x" * (130 * 2**20))


def write(data: bytes) -> Parsed:
    """Write to the file that the data names."""
    Path(os.fsdecode(data)).write_text("written by a parser")
    return Parsed("It was written.")


def chatter(data: bytes) -> Parsed:
    """Print, where the answer is expected."""
    os.write(1, b"chatter " * 100)
    print("more of it", flush=True)
    return read_all(data)


def read_all(data: bytes) -> Parsed:
    """Answer with something in every field."""
    places = (Place(0, 1, "i", "Report"), Place(7, 2, None, "Report > É"))
    return Parsed(data.decode("utf-8", "surrogatepass"), "Täg", "2025-06-02", 1, 5, places, ("a running head",))


def complain(_: bytes) -> NoReturn:
    """Give a reason of several lines."""
    raise ReadError("one line\n  and another")


BAD = {f".{reader.__name__}": reader for reader in (crash, leave, spin, sleep, devour, flood, write, complain)}
ODD = {f".{reader.__name__}": reader for reader in (chatter, read_all)}


def serve(seconds: float, megabytes: int) -> None:
    """Serve as index.isolation does, with these readers besides the real ones."""
    READERS.update(BAD)
    READERS.update(ODD)
    isolation.serve(seconds, megabytes)
