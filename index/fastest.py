"""Which runtime is the fastest for an exported model on this machine: measured once, in a child process.

Processors differ in what they do fast, libraries in what they make of it, and some virtual machines announce
instructions that they then refuse; so each runtime is tried, and one that crashes costs the child alone. What is timed
is the processor's work, not the clock: a machine that is busy with other things makes no difference.

Vectors of all runtimes mix in a library, which notes the model they are from and not how it was run: a runtime whose
vectors stray from float32 by more than a cosine of MIN_COSINE isn't used.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import subprocess
import sys
import time
from contextlib import suppress
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from index.encoder import DocumentEncoder
from index.models import write_atomically
from index.runtimes import RUNTIMES, start

MIN_COSINE = 0.999
_SECONDS = 300.0  # for all of them together, models of many layers on old machines included
_ROUNDS = 5
_ENOUGH = 2.0  # seconds of rounds with one runtime
_PASSAGES = (
    "The council met on Tuesday evening and approved the budget by nine votes to four. Most of the money, 2.4 million, "
    "goes to the new bridge over the canal, which engineers had declared unsafe in March. The mayor said that work "
    "would begin before the winter; a spokesman for the residents doubted it.",
    "Heat transfer to a flat plate in hypersonic flow was measured at Mach numbers between 5 and 8. The results agree "
    "with the theory of the laminar boundary layer as long as the wall is cold, and exceed it by a third near the "
    "leading edge, where the shock wave interacts with the layer.",
    "Q: How long may the deposit be kept? A: Thirty days after the keys are returned, unless there is damage; then the "
    "landlord must send an itemised list (see section 12, paragraph 3).",
    "The otter is a shy animal. It hunts at dusk, mostly along rivers with wooded banks, and rears its young alone.",
    "Le conseil municipal s'est réuni mardi soir et a adopté le budget par neuf voix contre quatre. L'essentiel de la "
    "somme ira au nouveau pont sur le canal, que les ingénieurs jugeaient dangereux depuis le mois de mars.",
    "Die Ergebnisse stimmen mit der Theorie überein, solange die Wand kalt bleibt; an der Vorderkante liegen sie um "
    "ein Drittel darüber.",
)


def fastest(folder: Path) -> str:
    """Return which of RUNTIMES embeds the most for the export in `folder` on this machine, measuring that once."""
    note = _note(folder)
    try:
        return str(json.loads(note.read_text())["fastest"])
    except (OSError, ValueError, KeyError):
        found = _measured_in_child(folder)
    agreeing = [one for one in found if one["cosine"] >= MIN_COSINE]
    name = min(agreeing, key=lambda one: one["seconds"])["runtime"] if agreeing else RUNTIMES[0]
    with suppress(OSError):  # a cache that can't be written costs time, not correctness
        write_atomically(note, json.dumps({"fastest": name, "measured": found}, indent=1).encode())
    return str(name)


def noted(folder: Path) -> str | None:
    """Return what `fastest` found on this machine, None when it hasn't been asked."""
    return fastest(folder) if _note(folder).is_file() else None


def measure(folder: Path) -> None:
    """Time every runtime on one core; print a JSON object for each, as soon as it is done."""
    import numpy as np

    exact: Any = None
    for name in RUNTIMES:
        try:
            encoder = DocumentEncoder(folder, start(name, folder, workers=1), workers=1)
            vectors = encoder.encode(_PASSAGES)
            exact = vectors if exact is None else exact
            cosine = float(np.min(np.sum(vectors * exact, axis=1)))
            result: dict[str, Any] = {"cosine": cosine, "seconds": _time(encoder)}
        except Exception as error:  # not installed, not for this processor, not for this model: the others will do
            result = {"cosine": 0.0, "seconds": 0.0, "error": f"{type(error).__name__}: {error}"}
        sys.stdout.write(json.dumps({"runtime": name, **result}) + "\n")
        sys.stdout.flush()


def _time(encoder: DocumentEncoder) -> float:
    best, spent = float("inf"), 0.0
    for _ in range(_ROUNDS):
        began = time.process_time()
        encoder.encode(_PASSAGES)
        best = min(best, time.process_time() - began)
        spent += best
        if spent > _ENOUGH:
            break
    return best


def _measured_in_child(folder: Path) -> list[dict[str, Any]]:
    paths = [os.path.abspath(path) for path in sys.path]  # what is imported there is what is imported here
    code = f"import sys; sys.path[:] = {paths!r}; from {__name__} import measure; from pathlib import Path; "
    command = [sys.executable, "-c", f"{code}measure(Path({str(folder)!r}))"]
    try:
        printed = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=_SECONDS).stdout
    except subprocess.TimeoutExpired as late:
        printed = late.stdout or b""
    except OSError:
        printed = b""
    results = []
    for line in printed.splitlines():
        with suppress(ValueError):  # cut off
            results.append(json.loads(line))
    return results


def _note(folder: Path) -> Path:
    return folder / f"fastest-{_machine()}.json"


@cache
def _machine() -> str:
    """Hash what the result depends on: another processor, or another version of a library, is measured anew."""
    described = [platform.machine(), platform.processor(), *_processor()]
    for package in ("onnxruntime", "openvino"):
        with suppress(PackageNotFoundError):
            described.append(f"{package} {version(package)}")
    return hashlib.sha256(repr(described).encode()).hexdigest()[:12]


def _processor() -> list[str]:
    """What Linux tells of the processor."""
    with suppress(OSError):
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        kinds = ("model name", "flags", "Features")
        return [next((line for line in lines if line.startswith(kind)), "") for kind in kinds]
    return []
