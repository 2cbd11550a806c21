"""Takes documents into a library while the chat goes on: one background thread, one job after the other.

It also has the library embedded with another model; that job lets all others go first.

Knows nothing of pages or questions. Everything that is asked of it returns at once; `state` tells how far it is.
"""

from __future__ import annotations

import math
import os
import sys
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from index.embedder import EmbeddingModel
from index.errors import EmbedderMismatch, LibraryBusy, RagError, UsageError
from index.files import is_below
from index.library import Library
from index.members import archive_of
from index.switch import own_model, pending, switch
from index.sync import Outcome, Progress, remove, sync
from ui.uploads import Refused, keep_uploads

UPLOADS = "uploads"  # the folder inside a library that holds what was uploaded
LISTED = 200  # files whose outcome is remembered
PATIENCE = 30.0  # seconds that another process's writing is waited for
GIVE_WAY = 5.0  # seconds at most that a question holds up each step of indexing (32 chunks, or one file)
_NICE = 10  # of 19


@dataclass(frozen=True, slots=True)
class Summary:
    """What a job did: how many files by outcome, and each one that failed with its reason."""

    added: int = 0
    updated: int = 0
    moved: int = 0
    removed: int = 0
    unchanged: int = 0
    failed: tuple[tuple[str, str], ...] = ()
    stopped: bool = False


@dataclass(frozen=True, slots=True)
class IntakeState:
    """What the intake is at: the job under way, what the last one did, and the latest files with their outcome.

    `total` is 0 until the files to read are counted. `stage` is what takes long besides files. `error` tells why the
    last job failed as a whole, in one line. `summary` is that of the last job that ended, None before that.
    """

    running: bool = False
    waiting: int = 0
    file: str | None = None
    done: int = 0
    total: int = 0
    stage: str | None = None
    summary: Summary | None = None
    error: str | None = None
    files: tuple[Progress, ...] = ()


@dataclass(slots=True)
class _Job:
    kind: Literal["read", "read again", "remove", "embed"]
    paths: tuple[Path, ...] = ()
    stopped: bool = False
    outcomes: Counter[Outcome] = field(default_factory=Counter)
    failed: list[tuple[str, str]] = field(default_factory=list)

    @property
    def summary(self) -> Summary:
        count = self.outcomes
        return Summary(
            added=count["added"],
            updated=count["updated"],
            moved=count["moved"],
            removed=count["removed"],
            unchanged=count["unchanged"],
            failed=tuple(self.failed),
            stopped=self.stopped,
        )


class _Stopped(Exception):
    """The job under way was told to stop."""


class _Postponed(Exception):
    """The job under way lets those that wait go first."""


class Intake:
    """Takes documents in for one library, embedded with the model that it answers with; `model` is to be that model.

    `busy` tells whether a question is being answered: indexing then waits for it, a few seconds at each step.
    """

    def __init__(
        self,
        library: Library,
        model: EmbeddingModel,
        busy: Callable[[], bool] = lambda: False,
        patience: float = PATIENCE,
    ) -> None:
        self.library = library
        self.model = self._used = model
        self.uploads = Path(os.path.abspath(library.folder / UPLOADS))
        self._busy = busy
        self._patience = patience
        self._lock = threading.Lock()  # of all that follows; never held for long
        self._work = threading.Condition(self._lock)
        self._jobs: deque[_Job] = deque()
        self._job: _Job | None = None
        self._thread: threading.Thread | None = None  # started with the first job
        self._state = IntakeState()
        self._files: deque[Progress] = deque(maxlen=LISTED)

    def add_uploads(self, files: Sequence[Path]) -> list[Refused]:
        """Copy uploaded files into the library's folder, delete the originals, and index the copies.

        Each file is read once to see whether it can be. What isn't taken in is returned, with the reason.
        """
        kept, refused = keep_uploads(files, self.uploads)
        if kept:
            self._enqueue(_Job("read", tuple(kept)))
        return refused

    def add_path(self, text: str) -> None:
        """Index a file or folder of this machine, "~" allowed. Raises UsageError when it doesn't exist."""
        text = text.strip()
        try:
            path = Path(text).expanduser()
            known = bool(text) and path.exists()
        except (OSError, ValueError, RuntimeError):  # too long, a NUL in it, the home of nobody
            known = False
        if not known:
            raise UsageError(f"no such file or folder: {text}" if text else "name a file or folder to read")
        self._enqueue(_Job("read", (Path(os.path.abspath(path)),)))

    def read_again(self, paths: Sequence[Path] | None = None) -> None:
        """Bring documents in step with their files again; None: all, and uploads that were never finished.

        Files that are gone are dropped from the library. New files of a folder are found by `add_path` of the folder.
        """
        if paths is None or paths:
            self._enqueue(_Job("read again", tuple(paths or ())))
        if paths is None:
            self.embed()

    def embed(self) -> None:
        """Embed the library with the model, where it answers with another one; that one answers until all is done."""
        if pending(self.library, self.model):
            self._enqueue(_Job("embed"))

    def remove(self, paths: Sequence[Path]) -> None:
        """Take documents, or all below a folder, out of the library; of the files only uploaded copies are deleted."""
        self._enqueue(_Job("remove", tuple(paths)))

    def stop(self) -> None:
        """Stop reading at the next file or step, and drop what waits to be read; removals are still carried out.

        What is done stays done, and uploads stay in their folder: `read_again()` goes on with them.
        """
        with self._lock:
            self._jobs = deque(job for job in self._jobs if job.kind == "remove")
            if self._job and self._job.kind != "remove":
                self._job.stopped = True

    def state(self) -> IntakeState:
        """Tell how far the intake is; cheap, from any thread."""
        with self._lock:
            return replace(self._state, running=self._at_work(), waiting=len(self._jobs), files=tuple(self._files))

    # --- the background thread ----------------------------------------------------------------------------------------

    def _enqueue(self, job: _Job) -> None:
        with self._work:
            if not self._at_work():  # what was told of earlier jobs has been seen
                self._state = replace(self._state, error=None)
            self._jobs.append(job)
            if self._thread is None:
                self._thread = threading.Thread(target=self._work_off, name="intake", daemon=True)
                self._thread.start()
            self._work.notify()

    def _at_work(self) -> bool:
        return self._job is not None or bool(self._jobs)

    def _work_off(self) -> None:
        _be_nice()
        while True:
            with self._work:
                while not self._jobs:
                    self._work.wait()
                job = self._job = self._jobs.popleft()
                self._state = replace(self._state, done=0, total=0)
            error = self._attempt(job)
            with self._lock:
                self._job = None
                error = error or self._state.error
                summary = self._state.summary if job.kind == "embed" else job.summary
                self._state = replace(self._state, file=None, stage=None, summary=summary, error=error)

    def _attempt(self, job: _Job) -> str | None:
        """Do a job, again and again while another process is writing to the library; return why it failed, if so."""
        until = time.monotonic() + (math.inf if job.kind == "embed" else self._patience)
        try:
            while True:
                try:
                    self._do(job)
                    return None
                except LibraryBusy as busy:
                    if time.monotonic() > until:
                        raise
                    self._show(stage=str(busy))
                    self._wait(job, lambda: True, 1.0)
                    self._let_others_go_first(job)
        except _Postponed:
            self._enqueue(job)
            return None
        except _Stopped:
            return None
        except RagError as error:
            return str(error)
        except Exception as error:  # the thread must live on, for the next job
            return f"stopped by an error: {type(error).__name__}: {error}"

    def _do(self, job: _Job) -> None:
        job.outcomes.clear()
        job.failed.clear()
        self._show(stage=None)
        if job.kind == "embed":
            self._embed(job)
        elif job.kind == "read":
            self._read(job, job.paths)
        elif job.kind == "remove":
            gone = self._remove(job, job.paths)
            known = self.library.store.files()
            for path in {*gone, *job.paths, *(Path(archive_of(str(member)) or member) for member in gone)}:
                rest = any(is_below(Path(other), {path}) for other in known)  # members of an archive
                if path.parent == self.uploads and path.is_file() and not rest:
                    path.unlink()
        else:
            present, vanished = self._known(job)
            if present:
                self._read(job, present, keep=True)
            if vanished:
                self._remove(job, vanished)

    def _embed(self, job: _Job) -> None:
        def on_progress(done: int, total: int) -> None:
            self._show(done=done, total=total, stage=f"Embedding with {self.model.name}")

        def on_stage(text: str) -> None:
            self._show(stage=text)

        def on_step() -> None:
            self._wait(job, self._busy, GIVE_WAY)
            self._let_others_go_first(job)

        switch(self.library, self.model, on_progress, on_stage, on_step)

    def _let_others_go_first(self, job: _Job) -> None:
        """Raise _Postponed when other jobs than embedding wait, and the model that they need is here."""
        with self._lock:
            waiting = job.kind == "embed" and any(other.kind != "embed" for other in self._jobs)
        if waiting:
            with suppress(EmbedderMismatch):
                own_model(self.library, self._used, self.model)
                raise _Postponed

    def _read(self, job: _Job, paths: Sequence[Path], keep: bool = False) -> None:
        def on_progress(progress: Progress) -> None:
            self._note(job, progress)
            self._show(done=progress.done, total=progress.total)

        def on_stage(text: str) -> None:
            self._show(file=None, stage=text)

        def on_step(path: str, total: int) -> None:
            self._show(file=Path(path).name, total=total)
            self._wait(job, self._busy, GIVE_WAY if total else 0)

        self._used = own_model(self.library, self.model, self._used)
        report = sync(
            self.library, paths, self._used, keep=keep, on_progress=on_progress, on_stage=on_stage, on_step=on_step
        )
        for path in report.removed:
            self._note(job, Progress(path, "removed", None, 0, 0))

    def _remove(self, job: _Job, paths: Sequence[Path]) -> list[Path]:
        gone = remove(self.library, paths)
        for path in gone:
            self._note(job, Progress(path, "removed", None, 0, 0))
        return [Path(path) for path in gone]

    def _known(self, job: _Job) -> tuple[list[Path], list[Path]]:
        """What is there to be read again, and what has vanished: of the job's paths, or of all that is known."""
        known = [Path(archive_of(path) or path) for path in self.library.store.files()]
        wanted = {Path(archive_of(str(path)) or os.path.abspath(path)) for path in job.paths}
        if wanted:
            known = [path for path in known if is_below(path, wanted)]
        new = sorted(path for path in wanted if path.is_file()) if wanted else [self.uploads]
        present: list[Path] = []
        vanished: list[Path] = []
        for path in dict.fromkeys([*known, *new]):
            try:
                path.stat()
                present.append(path)
            except (FileNotFoundError, NotADirectoryError):
                vanished.append(path)
            except OSError as error:  # it may come back (a network drive): what the library has of it stays
                self._note(job, Progress(str(path), "failed", f"can't be opened: {error.strerror}", 0, 0))
        return present, vanished

    def _note(self, job: _Job, progress: Progress) -> None:
        job.outcomes[progress.outcome] += 1
        if progress.outcome == "failed":
            job.failed.append((progress.path, progress.reason or ""))
        with self._lock:
            self._files.append(progress)

    def _show(self, **changes: Any) -> None:  # noqa: ANN401
        with self._lock:
            self._state = replace(self._state, **changes)

    def _wait(self, job: _Job, reason: Callable[[], bool], seconds: float) -> None:
        """Wait while there is a reason to, so many seconds at most. Raises _Stopped when the job is to stop."""
        until = time.monotonic() + seconds
        while not job.stopped and time.monotonic() < until and reason():
            time.sleep(0.05)
        if job.stopped:
            raise _Stopped


def _be_nice() -> None:
    """Let this thread, and those that libraries start from it, have the processor last. Linux alone can do that."""
    if sys.platform == "linux":
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICE)
