"""Fetches models while the chat goes on: one at a time, in a thread, and none whose terms nobody has agreed to.

Knows nothing of pages. Everything that is asked of it returns at once; `state` tells how far it is.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from index.catalogue import known_model
from index.errors import RagError
from index.hub import Download, ask, fetch

_LATE = 5.0  # seconds that what a look saw may take to get to the page, on a machine that is busy


@dataclass(frozen=True, slots=True)
class FetchState:
    """What the fetching is at.

    `stage` is "idle"; "asking" the hub for the terms; "terms", which wait to be agreed to; "fetching"; "stopped" by a
    person, or "done". `done` counts bytes. `error` tells in one line why it came to nothing.
    """

    stage: Literal["idle", "asking", "terms", "fetching", "stopped", "done"] = "idle"
    name: str = ""
    download: Download | None = None
    done: int = 0
    error: str | None = None

    @property
    def at_work(self) -> bool:
        """Whether something is under way that ends by itself."""
        return self.stage in ("asking", "fetching")

    @property
    def is_open(self) -> bool:
        """Whether more is to come, by itself or from a person, in whichever window."""
        return self.at_work or self.stage == "terms"


class _Stopped(Exception):
    """Nobody waits for this any more."""


class Fetching:
    """Asks the hub of models for one model at a time, and fetches it once somebody agrees to its terms."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._state = FetchState()
        self._ended = -math.inf  # when what was under way last came to an end
        self._job: object = None  # whose outcome counts; one that was stopped may still wait for the network
        self._last = threading.Thread()  # that fetches, or did

    def state(self) -> FetchState:
        """Tell how far it is; from any thread."""
        with self._lock:
            return self._state

    @property
    def is_lively(self) -> bool:
        """Whether more is to come, or has only just come."""
        with self._lock:
            return self._state.is_open or time.monotonic() < self._ended + _LATE

    def ask(self, name: str) -> None:
        """Ask the hub for the size and the licence of a model of the catalogue, unless something is under way.

        Raises UsageError when there is no such model.
        """
        model = known_model(name)
        with self._lock:
            if not self._state.at_work:
                self._begin(FetchState("asking", name), lambda job: FetchState("terms", name, ask(model)))

    def agree(self, name: str, size: int) -> None:
        """Fetch the model, if these are the name and the size in bytes that the terms tell."""
        with self._lock:
            download = self._state.download
            if self._state.stage != "terms" or not download or (name, size) != (download.model.name, download.size):
                return
            agreed = download
            started = FetchState("fetching", name, agreed, done=agreed.present)
            before = self._last if self._last.is_alive() else None
            self._last = self._begin(started, lambda job: self._fetch(job, agreed, before))

    def stop(self) -> None:
        """Stop what is under way, or turn the terms down. What has come is kept, and gone on with the next time."""
        with self._lock:
            self._job = None
            stopped = self._state.stage == "fetching"
            self._end(FetchState("stopped", self._state.name) if stopped else FetchState())

    def _begin(self, state: FetchState, work: Callable[[object], FetchState]) -> threading.Thread:
        self._state, self._job = state, object()
        thread = threading.Thread(target=self._work, args=(self._job, work), name="fetching", daemon=True)
        thread.start()
        return thread

    def _work(self, job: object, work: Callable[[object], FetchState]) -> None:
        try:
            ended = work(job)
        except _Stopped:
            return
        except RagError as error:
            ended = FetchState(error=str(error))
        except Exception as error:  # whoever waits is to be told
            ended = FetchState(error=f"stopped by an error: {type(error).__name__}: {error}")
        with self._lock:
            if self._job is job:
                self._end(ended)

    def _end(self, state: FetchState) -> None:
        self._state, self._ended = state, time.monotonic()

    def _fetch(self, job: object, download: Download, before: threading.Thread | None) -> FetchState:
        if before:  # it was stopped, and lets go of the model's files with the next bytes, or when its patience ends
            before.join()

        def on_bytes(count: int) -> None:
            with self._lock:
                if self._job is not job:
                    raise _Stopped
                self._state = replace(self._state, done=self._state.done + count)

        fetch(download, on_bytes)
        return FetchState("done", download.model.name)
