"""Read files in a child process with limits: one that crashes its parser, hangs or eats memory costs only itself.

The child is started with the first file, reads one after the other, and is started anew when it died. It is handed a
file's bytes through a pipe and answers in JSON, so nothing that takes it over can make this process run anything. It
knows nothing of libraries or models. `index/facsimile.py` has its files drawn by such a child.

Memory is limited where the system has /proc (Linux), processor time and writing where there are rlimits (not on
Windows), the time a file may take everywhere.
"""

from __future__ import annotations

import json
import math
import os
import signal
import struct
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO

from index.errors import RagError, ReadError, ReadInterrupted
from index.parsed import Parsed
from index.readers import holds_files, read
from index.types import Place

Read = Callable[[Path, bytes], Parsed]
Work = Callable[[bytes, bytes], Mapping[str, Any]]  # what a child does: a task and a file's bytes -> an answer for JSON

SECONDS = 10.0
MEGABYTES = 512  # above what the child has taken before its first file
_MOST_TEXT = 128 * 2**20  # bytes of an answer; a book has one or two million
_START_SECONDS = 60.0  # importing the readers, on a machine that is busy
_LONGEST_REASON = 500  # characters
_TICK = 0.1  # seconds between two looks at the clock
_ALONE = b"\0"  # before a path, which has none: of this file nothing that is attached to it
_LENGTH = struct.Struct(">Q")


class Isolated:
    """Reads files as `index.readers.read` does, in a child process that is closed at the end of a `with` block.

    A file may take `seconds` and `megabytes`. `worker` is the module whose function `serve` the child runs.
    """

    def __init__(self, *, seconds: float = SECONDS, megabytes: int = MEGABYTES, worker: str = __name__) -> None:
        self._call = f"from {worker} import serve; serve({seconds!r}, {megabytes!r})"
        self._seconds = seconds
        self._child: _Child | None = None

    def __enter__(self) -> Isolated:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """End the child, if there is one. The next file starts another."""
        if self._child:
            self._child.end()
            self._child = None

    def read(self, path: Path, data: bytes) -> Parsed:
        """Read a file's bytes by its suffix, with the path's name for what the text doesn't state.

        Raises ReadError with the reason when they can't be read, ReadInterrupted when that is for the limits or a
        crash, RagError when no child can be started. A mail of which that is so is read without what is attached.
        """
        try:
            return parsed(self.ask(os.fsencode(path), data))
        except ReadInterrupted:
            if not holds_files(path):
                raise
            return parsed(self.ask(_ALONE + os.fsencode(path), data))

    def ask(self, task: bytes, data: bytes) -> dict[str, Any]:
        """Have the child do a task of its worker's with a file's bytes. Raises as `read` does."""
        if self._child:
            with suppress(_Died):  # of what earlier files left behind, perhaps: a fresh one shall tell
                return self._ask(task, data)
        try:
            return self._ask(task, data)
        except _Died as died:
            raise ReadInterrupted(str(died)) from None

    def _ask(self, task: bytes, data: bytes) -> dict[str, Any]:
        child = self._child = self._child or _Child(self._call)
        usable = False
        try:
            answer = child.ask(task, data, self._seconds)
            usable = "died" not in answer
        finally:
            if not usable:  # interrupted, too
                self.close()
        if not usable:
            raise _Died(answer["died"])
        if "error" in answer:
            raise ReadError(answer["error"])
        return answer


class _Died(Exception):
    """The child came to its end over a file; the message is the reason to show."""


class _Child:
    """One child process, from its start to its end."""

    def __init__(self, call: str) -> None:
        paths = [os.path.abspath(path) for path in sys.path]  # what is imported there is what is imported here
        command = [sys.executable, "-c", f"import sys; sys.path[:] = {paths!r}; {call}"]
        hidden = getattr(subprocess, "CREATE_NO_WINDOW", 0)
        try:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                creationflags=hidden,
            )
        except OSError as error:
            raise RagError(f"can't start the process that reads files: {error.strerror or error}") from error
        self._lock = threading.Lock()  # of the deadline, and of killing for it
        self._deadline = math.inf
        self._late = False
        self._over = threading.Event()
        self._watcher = threading.Thread(target=self._watch, name="reader's clock", daemon=True)
        self._watcher.start()
        if self._exchange([], _START_SECONDS) is None:
            self.end()
            raise RagError(f"the process that reads files doesn't start ({self._cause()}); is the installation whole?")

    def ask(self, task: bytes, data: bytes, seconds: float) -> dict[str, Any]:
        """Have a file read; return the answer, or {"died": reason} when the child is of no more use."""
        answer = self._exchange([task, data], seconds)
        if self._late:
            raise ReadInterrupted(f"took more than {seconds:g} s to read")
        if answer is None:
            self._process.kill()
            return {"died": f"crashed its reader ({self._cause()})"}
        try:
            fields: dict[str, Any] = json.loads(answer.decode("utf-8", "surrogatepass"))
            return fields
        except (ValueError, RecursionError):
            return {"died": "crashed its reader (its answer makes no sense)"}

    def end(self) -> None:
        """Kill the child, which has nothing to lose, and close its pipes."""
        self._over.set()
        self._watcher.join()
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            with suppress(OSError):  # what couldn't be sent any more
                pipe.close()  # type: ignore[union-attr]

    def _exchange(self, parts: list[bytes], seconds: float) -> bytes | None:
        """Send some bytes and return the answer; None when the child died, by the clock (`_late`) or by itself."""
        with self._lock:
            self._deadline = time.monotonic() + seconds
        try:
            for part in parts:
                _send(self._process.stdin, part)  # type: ignore[arg-type]
            return _receive(self._process.stdout, _MOST_TEXT)  # type: ignore[arg-type]
        except (OSError, EOFError):
            return None
        finally:
            with self._lock:
                self._deadline = math.inf

    def _watch(self) -> None:
        """Kill the child when it is late. One thread looks at the clock now and then; a timer a file costs more."""
        while not self._over.wait(_TICK):
            with self._lock:
                if time.monotonic() > self._deadline:
                    self._late = True
                    self._process.kill()

    def _cause(self) -> str:
        status = self._process.wait()
        if status >= 0:
            return f"exit status {status}"
        with suppress(ValueError):
            return signal.Signals(-status).name
        return f"signal {-status}"


def _send(pipe: BinaryIO, data: bytes) -> None:
    pipe.write(_LENGTH.pack(len(data)))
    pipe.write(data)
    pipe.flush()


def _receive(pipe: BinaryIO, most: int) -> bytes:
    """Read what `_send` wrote. Raises EOFError when it isn't all there, or is more than `most` bytes."""
    head = pipe.read(_LENGTH.size)
    if len(head) < _LENGTH.size or (length := _LENGTH.unpack(head)[0]) > most:
        raise EOFError
    data = pipe.read(length)
    if len(data) < length:
        raise EOFError
    return data


def parsed(fields: dict[str, Any]) -> Parsed:
    """Make sure that a child's answer is what it should be. Raises ReadError."""
    try:
        places = tuple(Place(**place) for place in fields.pop("places"))
        return Parsed(**fields | {"places": places} | {name: tuple(fields[name]) for name in ("set_aside", "scanned")})
    except (AttributeError, KeyError, TypeError) as error:
        raise ReadError(f"crashed its reader (its answer makes no sense: {error})") from None


# --- the child --------------------------------------------------------------------------------------------------------


def _read(path: bytes, data: bytes) -> Mapping[str, Any]:
    alone = path.startswith(_ALONE)
    return asdict(read(Path(os.fsdecode(path.removeprefix(_ALONE))), data, alone=alone))


def serve(seconds: float, megabytes: int, work: Work = _read) -> None:
    """Do the work on the files that come through standard input, until it ends. To be run in a process of its own."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to answer
    files, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a parser prints goes nowhere
    _limit(megabytes)
    _send(answers, b"ready")
    with suppress(EOFError, BrokenPipeError):
        while True:
            task, data = _receive(files, sys.maxsize), _receive(files, sys.maxsize)
            _limit_time(seconds)
            _send(answers, _answer(work, task, data, megabytes))


def _answer(work: Work, task: bytes, data: bytes, megabytes: int) -> bytes:
    try:
        answer = json.dumps(work(task, data), ensure_ascii=False).encode("utf-8", "surrogatepass")
        if len(answer) <= _MOST_TEXT:
            return answer
        reason = f"too much text: {len(answer) / 2**20:.0f} MB, the limit is {_MOST_TEXT // 2**20} MB; split it"
        return json.dumps({"error": reason}).encode()
    except ReadError as error:
        return json.dumps({"error": _line(str(error))}).encode()
    except MemoryError:
        pass
    except Exception as error:
        return json.dumps({"error": _line(f"can't be parsed: {type(error).__name__}: {error}")}).encode()
    return json.dumps({"died": f"needs more than {megabytes} MB to read"}).encode()


def _line(reason: str) -> str:
    return textwrap.shorten(reason, _LONGEST_REASON, placeholder="…")


def _limit(megabytes: int) -> None:
    """Limit memory, forbid writing to files and core dumps, as far as the system knows such limits."""
    with suppress(ImportError):
        import resource

        _lower(resource.RLIMIT_CORE, 0)
        _lower(resource.RLIMIT_FSIZE, 0)
        with suppress(OSError):
            taken = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
            _lower(resource.RLIMIT_AS, taken + megabytes * 2**20)


def _limit_time(seconds: float) -> None:
    """Let the next file have so much of the processor, and a little more: should the parent be gone, this ends it."""
    with suppress(ImportError):
        import resource

        used = resource.getrusage(resource.RUSAGE_SELF)
        _lower(resource.RLIMIT_CPU, int(used.ru_utime + used.ru_stime + seconds) + 5)


def _lower(limit: int, value: int) -> None:
    import resource

    with suppress(ValueError, OSError):  # some systems know a limit and don't let it be set
        _, most = resource.getrlimit(limit)
        resource.setrlimit(limit, (value if most == resource.RLIM_INFINITY else min(value, most), most))
