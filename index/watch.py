"""Stay with files and folders and keep a library in step with them, batch after batch, until interrupted.

An event says no more than that something happened at a path. What is there now is looked at by `sync`, once the path
has come to rest, so a batch ends where a sync of everything would. Where events may have been lost, everything it is:
when the watching begins, after very many changes at once, when a folder comes back, and every now and then.
"""

from __future__ import annotations

import math
import os
import stat
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence, Set
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from index.embedder import EmbeddingModel
from index.errors import LibraryBusy, UsageError
from index.excludes import IGNORE_FILES
from index.isolation import Isolated
from index.library import Library
from index.switch import own_model
from index.sync import Progress, SyncReport, existing, sync, warm_up

SETTLE = 0.2  # seconds without an event after which a file is taken for finished
PATIENCE = 1.0  # seconds that changes wait for others that go on
LONGEST = 10.0  # seconds after which a file that never rests is read as it is
MANY = 1000  # paths changed at a time: so many events that the system may have dropped some
_TICK_MS, _STEP_MS = 100, 50  # how long events are waited for before clocks are looked at, and gathered
_ROOTS = 0.5  # seconds between two looks at what is watched itself
_RETRY = 1.0  # seconds between two attempts while the library is busy
_SWEEP = 300.0  # seconds between two looks at everything, since no system tells of all changes on network drives
_SWEEP_BLIND = 5.0  # the same where no events come at all
_SHARE, _SHARE_BLIND = 0.01, 0.1  # of the time, at most, that is spent on looking at everything

Look = Callable[[Sequence[Path], "Set[Path] | None"], SyncReport]


@dataclass(frozen=True, slots=True)
class Batch:
    """What one batch of changes did, in how many seconds; `failed` is without what was told before."""

    report: SyncReport
    failed: tuple[tuple[str, str], ...]
    seconds: float


def watch(
    library: Library,
    paths: Sequence[Path],
    model: EmbeddingModel,
    *,
    keep: bool = False,
    exclude: Sequence[str] = (),
    on_note: Callable[[str], None],
    on_progress: Callable[[Progress], None] | None = None,
    on_stage: Callable[[str], None] | None = None,
) -> Iterator[Batch]:
    """Bring `library` in step with `paths` again and again; yield what each batch did, the first one in any case.

    It goes on until the iterator is closed. The first batch is a sync of everything. `on_note` is told in a line what
    a person should know besides; the rest is as with `sync`. The writer's lock is held within a batch only; while
    another process has it, batches wait; after one has switched the library to another embedding model, that one is
    used. The documents of a path that isn't there at the moment, or is an empty folder (as a drive's is while it is
    unmounted), stay until it is back. Raises UsageError when a path doesn't exist at the beginning or a pattern is
    none, EmbedderMismatch, LibraryError.
    """
    with Isolated() as isolated:
        library.check_embedder(used := model)

        def look(roots: Sequence[Path], only: Set[Path] | None) -> SyncReport:
            nonlocal used
            used = own_model(library, used)
            return sync(
                library,
                roots,
                used,
                only=only,
                keep=keep,
                exclude=exclude,
                on_progress=on_progress,
                on_stage=on_stage,
                read=isolated.read,
            )

        batches = _Watcher(library, [existing(path) for path in paths], look, on_note).batches()
        yield next(batches)
        warm_up(model, isolated.read)
        on_note(f"Watching {', '.join(map(str, paths))}. Ctrl-C stops.")
        yield from (batch for batch in batches if batch.failed or batch.report.changed)


class Changes:
    """The paths that something happened at, until they have come to rest. Times are seconds of one clock."""

    def __init__(self) -> None:
        self._heard: dict[Path, tuple[float, float]] = {}  # path -> when the first and the last event came
        self._last = -math.inf

    def __len__(self) -> int:
        return len(self._heard)

    def hear(self, paths: Iterable[Path], now: float) -> None:
        """Note events."""
        for path in paths:
            self._heard[path] = (self._heard.get(path, (now, now))[0], now)
            self._last = now

    def quiet(self, now: float) -> bool:
        """Tell whether no event has come for a moment."""
        return now - self._last >= SETTLE

    def take(self, now: float) -> set[Path]:
        """Return, and forget, the paths to be looked at now.

        While events go on, folders are looked at once more later: what is in a new one isn't told of at first.
        """
        quiet = self.quiet(now)
        if not self._heard or not (quiet or now - min(first for first, _ in self._heard.values()) >= PATIENCE):
            return set()
        ripe = {path for path, (first, last) in self._heard.items() if now - last >= SETTLE or now - first >= LONGEST}
        for path in ripe:
            del self._heard[path]
            if not quiet and path.is_dir():
                self._heard[path] = (now, now)
        return ripe


class _Watcher:
    """What is watched, and what is due: the paths that changed, or everything."""

    def __init__(self, library: Library, roots: Sequence[Path], look: Look, on_note: Callable[[str], None]) -> None:
        self._library = library
        self._roots = roots
        self._look = look
        self._on_note = on_note
        self._noted: dict[object, str] = {}  # what was said last of each thing that is not as it should be
        self._told: dict[str, str] = {}  # the files that can't be read, and why
        self._changes = Changes()
        self._seen = {root: _signature(root) for root in roots}
        self._roots_at = self._not_before = 0.0
        self._everything: float | None = None  # since when everything is to be looked at
        self._sweep_at = math.inf
        self._cost = 0.0  # seconds that it takes to look at everything
        self._blind = False

    def batches(self) -> Iterator[Batch]:
        """Yield what each look did. When a folder is another one than before, the watching begins anew."""
        while True:
            self._everything = -math.inf
            with closing(self._events()) as events:
                for paths in events:
                    self._changes.hear(paths, time.monotonic())
                    if self._folders_changed():
                        break
                    if batch := self._look_at_what_is_due():
                        yield batch

    # --- what happened ------------------------------------------------------------------------------------------------

    def _events(self) -> Generator[set[Path], None, None]:
        """Yield the paths that changed, every moment, perhaps none; end when the watching must begin anew."""
        from watchfiles import watch as system_events

        folders = [(root.resolve(), root) for root, seen in self._seen.items() if seen and seen[0]]
        begun = self._blind = False
        try:
            for changes in system_events(
                *(real for real, _ in folders),
                watch_filter=None,
                debounce=_TICK_MS,
                step=_STEP_MS,
                rust_timeout=_TICK_MS,
                yield_on_timeout=True,
                ignore_permission_denied=True,
            ):
                begun = True
                yield {path for _, name in changes for path in self._named(Path(name), folders)}
        except (OSError, RuntimeError) as error:  # RuntimeError: of a file whose name is no Unicode, for one
            if begun or isinstance(error, FileNotFoundError):  # a folder went at this moment
                time.sleep(_RETRY)
                return
            self._blind = True
            reason = str(error).rstrip(".")
            self._note("events", f"The system tells of no changes ({reason}): looking at all files every few seconds.")
            while True:
                time.sleep(_TICK_MS / 1000)
                yield set()

    def _named(self, path: Path, folders: Sequence[tuple[Path, Path]]) -> Iterator[Path]:
        """Name a path as the roots do, but for the library itself, which each batch writes.

        For a file that tells what to leave out of its folder, that folder is named.
        """
        home = self._library.folder.resolve()
        for real, root in folders:
            if not path.is_relative_to(real) or (path.is_relative_to(home) and not real.is_relative_to(home)):
                continue
            below = path.relative_to(real)
            yield root / (below.parent if below.name in IGNORE_FILES else below)

    def _folders_changed(self) -> bool:
        """Look at the roots themselves, now and then; tell whether a folder came, went or is another one.

        A file that is a root is heard of here: a system's watch would stay with the file that an editor replaces.
        """
        now = time.monotonic()
        if now < self._roots_at + _ROOTS:
            return False
        self._roots_at = now
        before, self._seen = self._seen, {root: _signature(root) for root in self._roots}
        changed = [root for root in self._roots if self._seen[root] != before[root]]
        folders = {root for root in changed for seen in (self._seen[root], before[root]) if seen and seen[0]}
        self._changes.hear([root for root in changed if root not in folders], now)
        return bool(folders)

    # --- what is done about it ----------------------------------------------------------------------------------------

    def _look_at_what_is_due(self) -> Batch | None:
        now = time.monotonic()
        if now < self._not_before:
            return None
        if self._everything is None and (len(self._changes) > MANY or now >= self._sweep_at):
            self._everything = now
        if self._everything is not None and now - self._everything >= LONGEST:
            return self._attempt(None)
        if only := self._changes.take(now):
            return self._attempt(only)
        if self._everything is not None and self._changes.quiet(now):
            return self._attempt(None)
        return None

    def _attempt(self, only: set[Path] | None) -> Batch | None:
        """Look at some paths, or at everything; when the library is busy, a little later."""
        began = time.monotonic()
        roots = [root for root in self._roots if self._is_there(root, only)]
        try:
            report = self._look(roots, only)
        except (LibraryBusy, UsageError) as error:
            if isinstance(error, UsageError) and all(root.exists() for root in roots):  # none went at this moment
                raise
            self._note("library", f"Waiting: {error}.")
            self._changes.hear(only or (), began)
            self._not_before = time.monotonic() + _RETRY
            return None
        self._noted.pop("library", None)
        seconds = time.monotonic() - began
        if only is None:
            self._everything = None
            if not report.chunks_embedded:
                self._cost = seconds
            rest, share = (_SWEEP_BLIND, _SHARE_BLIND) if self._blind else (_SWEEP, _SHARE)
            self._sweep_at = time.monotonic() + max(rest, self._cost / share)
        return Batch(report, self._news(report, only), seconds)

    def _is_there(self, root: Path, only: set[Path] | None) -> bool:
        """Tell whether a root can be looked at. An empty one may be what an unmounted drive leaves behind.

        That its last files went is believed when events tell it of each.
        """
        if _signature(root) is None:
            self._note(root, f"{root} is not there: its documents stay in the library until it is back.")
        elif (only is None or root in only) and self._has_been_emptied(root):
            self._note(root, f"{root} is empty: its documents stay in the library. To drop them: rag remove {root}")
        else:
            self._noted.pop(root, None)
            return True
        return False

    def _has_been_emptied(self, root: Path) -> bool:
        return root.is_dir() and not any(root.iterdir()) and bool(self._library.store.files([root]))

    def _news(self, report: SyncReport, only: set[Path] | None) -> tuple[tuple[str, str], ...]:
        """What failed and wasn't told before, but for files that went before they could be read."""
        news = [(path, reason) for path, reason in report.failed if self._told.get(path) != reason]
        for path in (*report.added, *report.updated, *report.moved, *report.removed):
            self._told.pop(path, None)
        self._told.update(news)
        return tuple((path, reason) for path, reason in news if only is None or os.path.lexists(path))

    def _note(self, subject: object, text: str) -> None:
        if self._noted.get(subject) != text:
            self._noted[subject] = text
            self._on_note(text)


def _signature(root: Path) -> tuple[int, ...] | None:
    """What tells a root from another of the same name: whether it is a folder, and which; of a file also its state."""
    try:
        info = os.stat(root)
    except OSError:
        return None
    if stat.S_ISDIR(info.st_mode):
        return 1, info.st_dev, info.st_ino
    return 0, info.st_dev, info.st_ino, info.st_size, info.st_mtime_ns
