"""Run programs and measure what they cost: time, processor time, memory. Knows nothing of what they do.

Memory is measured in Linux's /proc, of the whole tree of processes; elsewhere it is not told.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from eval.fields import Json

_EVERY = 0.02  # seconds between two looks at a program's memory
_PAGE = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 0


class Failed(Exception):
    """A program ended with an error; the message is the line in which it said why."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What one run of a program took: seconds on the wall, seconds of processor time, most memory in MB."""

    wall: float
    cpu: float
    memory: float | None
    output: str


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Where programs run: their environment variables and folder."""

    variables: Mapping[str, str]
    folder: Path

    def run(self, command: Sequence[str]) -> Cost:
        """Run a program to its end. Raises Failed."""
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            began = time.perf_counter()
            process = self._start(command, subprocess.DEVNULL, out, err)
            with _watched(process.pid) as peak:
                try:
                    _, status, usage = os.wait4(process.pid, 0)
                    wall = time.perf_counter() - began
                    process.returncode = os.waitstatus_to_exitcode(status)
                finally:
                    process.kill()  # where this was interrupted; nothing happens to a program that has ended
            if process.returncode != 0:
                raise Failed(reason(_read(err), process.returncode))
            return Cost(wall, usage.ru_utime + usage.ru_stime, peak[0] / 2**20 or None, _read(out))

    @contextmanager
    def serving(self, command: Sequence[str]) -> Iterator[Worker]:
        """Keep a program running that answers one JSON line with another."""
        with tempfile.TemporaryFile() as err:
            process = self._start(command, subprocess.PIPE, subprocess.PIPE, err)
            try:
                yield Worker(process, err)
            finally:
                process.kill()
                process.communicate()

    @contextmanager
    def running(self, command: Sequence[str], ready: str) -> Iterator[None]:
        """Keep a program running meanwhile, once a line on its stderr has begun with `ready`. Raises Failed."""
        process = self._start(command, subprocess.DEVNULL, subprocess.DEVNULL, subprocess.PIPE)
        try:
            assert process.stderr is not None
            said = ""
            for line in process.stderr:
                said += line.decode(errors="replace")
                if line.startswith(ready.encode()):
                    break
            else:
                raise Failed(reason(said, process.wait()))
            yield
        finally:
            process.terminate()
            process.communicate()

    def _start(
        self, command: Sequence[str], stdin: int, stdout: int | IO[bytes], stderr: int | IO[bytes]
    ) -> subprocess.Popen[bytes]:
        try:
            return subprocess.Popen(
                command, env=dict(self.variables), cwd=self.folder, stdin=stdin, stdout=stdout, stderr=stderr
            )
        except OSError as error:
            raise Failed(f"{command[0]}: {error.strerror}") from None


class Worker:
    """A running program that takes requests."""

    def __init__(self, process: subprocess.Popen[bytes], err: IO[bytes]) -> None:
        self._process = process
        self._err = err

    def ask(self, request: Json) -> Json:
        """Send a request and wait for the reply. Raises Failed when the program has ended instead."""
        assert self._process.stdin is not None and self._process.stdout is not None
        try:
            self._process.stdin.write(json.dumps(request).encode() + b"\n")
            self._process.stdin.flush()
            line = self._process.stdout.readline()
        except BrokenPipeError:
            line = b""
        if not line:
            raise Failed(reason(_read(self._err), self._process.wait()))
        reply: Json = json.loads(line)
        return reply


def tree_memory(pid: int) -> int:
    """Sum the resident memory of a process and its descendants, in bytes; 0 where /proc doesn't tell."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
        children = {int(child) for task in tasks for child in (task / "children").read_text().split()}
    except (OSError, IndexError):  # not Linux, or it has just ended
        return 0
    return pages * _PAGE + sum(map(tree_memory, children))


def reason(stderr: str, status: int) -> str:
    """Say why a program failed: the signal that ended it, or its last line, which for a traceback names the error."""
    if status < 0:
        return f"it was ended by {signal.Signals(-status).name}"
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    return lines[-1][:300] if lines else f"it ended with status {status} and said nothing"


@contextmanager
def _watched(pid: int) -> Iterator[list[int]]:
    """Watch a tree of processes in a thread; yields a list of one number, the most memory so far in bytes."""
    peak, over = [0], threading.Event()

    def watch() -> None:
        while not over.wait(_EVERY):
            peak[0] = max(peak[0], tree_memory(pid))

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield peak
    finally:
        over.set()
        watcher.join()


def _read(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode(errors="replace")
