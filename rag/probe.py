"""Tries a GGUF file out before this process trusts it: a bad file or build kills the process that loads it."""

from __future__ import annotations

import hashlib
import re
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from index.amounts import amount
from index.errors import ModelError, one_line
from index.models import write_atomically
from index.places import cache_dir
from rag.gguf import Header
from rag.memory import available

_REBUILD = (
    "pip cache remove llama_cpp_python; "
    "CMAKE_ARGS=-DGGML_NATIVE=OFF pip install --force-reinstall --no-deps llama-cpp-python"
)
# Enough tokens to take the path of a long prompt, where the processor's widest instructions are used.
_SCRIPT = """
import sys, types, llama_cpp
llama_cpp.llama_chat_format.Jinja2ChatFormatter = lambda **_: types.SimpleNamespace(to_chat_handler=lambda: None)
llama = llama_cpp.Llama(sys.argv[1], n_ctx=256, verbose=True)
llama._model.n_ctx_train = lambda: 256
next(llama.generate(llama.tokenize(b"Is it running? " * 24)[:192]))
"""
_ERROR = re.compile(r"(?<=error loading model: ).+|GGML_ASSERT.+ failed|^\w*(?:Error|Exception): .+", re.MULTILINE)
_UNLOADABLE = re.compile(rb"error loading model: ")
_PASSING = re.compile("alloc|memory|mmap|open", re.IGNORECASE)  # another time there may be room
_WORKING_BYTES = 300_000_000  # of llama.cpp beside weights and cache: for a batch, and the scores of a vocabulary


def memory_needed(header: Header, context: int) -> int:
    """Estimate the bytes that a model takes: its weights, what it remembers of a text, and what llama.cpp works in."""
    return header.size + header.cache_bytes(context) + _WORKING_BYTES


def check_memory(header: Header, context: int) -> None:
    """Raise ModelError when a model needs more memory than there is, telling what would fit."""
    free = available()
    needed = memory_needed(header, context)
    if free is not None and needed > free:
        fits = max(0, free - (needed - header.size))
        what = (
            f"a file of up to {amount(fits)} would, such as a smaller quantisation"
            if fits > 100_000_000
            else "close other programs"
        )
        raise ModelError(
            f"{header.files[0]} doesn't fit into memory: it takes about {amount(needed)}, {amount(free)} are free; "
            f"{what}"
        )


def probe(path: Path, shown: Path, library: Path) -> None:
    """Run a model that is new on this machine in a child process first; errors name it `shown`.

    The result is remembered for this file and this build of llama.cpp; a failure, where the file is the reason for it.
    Raises ModelError when it can't be run.
    """
    if is_probed(path, library):
        return
    if known := failure(path, library):
        raise ModelError(f"llama.cpp can't run {shown}: {known}")
    child = subprocess.run(
        [sys.executable, "-c", _SCRIPT, str(path)], capture_output=True, stdin=subprocess.DEVNULL, check=False
    )
    if child.returncode == -signal.SIGILL:
        raise ModelError(f"llama.cpp was built for another processor than this one; build it again: {_REBUILD}")
    reason = _reason(child.stderr, child.returncode) if child.returncode else ""
    if not reason or (_UNLOADABLE.search(child.stderr) and not _PASSING.search(reason)):
        with suppress(OSError):
            write_atomically(_note(path, library), reason.encode())
    if reason:
        raise ModelError(f"llama.cpp can't run {shown}: {reason}")


def is_probed(path: Path, library: Path) -> bool:
    """Tell whether a file has been run on this machine with this build of llama.cpp."""
    return _noted(path, library) == ""


def failure(path: Path, library: Path) -> str:
    """Return why a file could not be run when it was tried; "" where it could, or wasn't tried."""
    return _noted(path, library) or ""


def _noted(path: Path, library: Path) -> str | None:
    try:
        return _note(path, library).read_text()
    except OSError:
        return None


def _note(path: Path, library: Path) -> Path:
    stamps = [(str(file), file.stat().st_size, file.stat().st_mtime_ns) for file in (path, library)]
    return cache_dir() / "probed" / hashlib.sha256(repr(stamps).encode()).hexdigest()[:32]


def _reason(stderr: bytes, status: int) -> str:
    """Find what llama.cpp says is wrong among all that it says."""
    told = _ERROR.search(stderr.decode(errors="replace"))
    ended = f"crashed ({signal.strsignal(-status)})" if status < 0 else f"ended with status {status}"
    reason = told[0] if told else f"it {ended}"
    newer = "; pip install -U llama-cpp-python may help" if "unknown model architecture" in reason else ""
    return one_line(reason) + newer
