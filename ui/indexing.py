"""What indexing did, as text for a terminal. Pure: values in, lines out; printing is the caller's."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from index.extras import OCR
from ui.render import unread

if TYPE_CHECKING:
    from index.sync import SyncReport
    from index.watch import Batch

_NAMED = 2  # files of one outcome; more are counted


def summary_lines(
    report: SyncReport, paths: Sequence[Path], folder: Path, documents: int, chunks: int
) -> Iterator[str]:
    """Tell of a whole run over some `paths`: what can't be read, the counts, and what the library in `folder` holds."""
    for name, reason in unread(report.failed, {os.path.abspath(path.expanduser()) for path in paths}):
        yield f"not read: {name}: {reason}"
    if report.scanned:
        yield f"scanned pages, whose words aren't known, are in {_files(report.scanned)}; {OCR}"
    if report.left_out:
        yield "left out: " + ", ".join(f"{count} {what}" for what, count in report.left_out.most_common())
    changed = [f"{len(getattr(report, kind))} {kind}" for kind in ("added", "updated", "moved", "removed", "unchanged")]
    failed = f", {len(report.failed)} not read" if report.failed else ""
    yield f"{', '.join(changed)}{failed}. {folder}: {documents} documents, {chunks} passages."


def batch_line(batch: Batch, at: datetime) -> str:
    """Tell of one batch of changes in one line."""
    report = batch.report
    outcomes = {"added": report.added, "updated": report.updated, "moved": report.moved, "removed": report.removed}
    parts = [f"{outcome} {_files(paths)}" for outcome, paths in outcomes.items() if paths]
    if len(batch.failed) == 1:
        ((path, reason),) = batch.failed
        parts.append(f"not read: {Path(path).name}: {reason}")
    elif batch.failed:
        parts.append(f"not read: {_files([path for path, _ in batch.failed])}, see rag status")
    return f"{at:%H:%M:%S}  {', '.join(parts)} ({batch.seconds:.1f} s)"


def _files(paths: Sequence[str]) -> str:
    return ", ".join(Path(path).name for path in paths) if len(paths) <= _NAMED else f"{len(paths)} files"
