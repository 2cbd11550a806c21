"""Keeps a caller from waiting blindly: an iterator runs in a thread, and whoever waits for it may look up meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Generator
from contextlib import closing, suppress
from queue import Empty, Full, Queue
from typing import TypeVar

T = TypeVar("T")
_TICK = 0.2  # seconds
_AHEAD = 100  # items that the thread may be ahead


def pumped(source: Generator[T, None, None]) -> Generator[T | None, None, None]:
    """Yield what `source` yields, and None every now and then while there is nothing. What it raises is raised here.

    Closing this returns at once; `source` is closed in its thread as soon as it yields.
    """
    items: Queue[tuple[T] | BaseException | None] = Queue(_AHEAD)
    left = threading.Event()

    def put(item: tuple[T] | BaseException | None) -> None:
        while not left.is_set():
            with suppress(Full):
                items.put(item, timeout=_TICK)
                return

    def run() -> None:
        try:
            with closing(source):
                for item in source:
                    put((item,))
                    if left.is_set():
                        return
            put(None)
        except BaseException as error:  # the caller's to deal with
            put(error)

    threading.Thread(target=run, name="answer", daemon=True).start()
    try:
        while True:
            try:
                item = items.get(timeout=_TICK)
            except Empty:
                yield None
                continue
            if item is None:
                return
            if isinstance(item, BaseException):
                raise item
            yield item[0]
    finally:
        left.set()
