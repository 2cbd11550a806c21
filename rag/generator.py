"""A local language model: messages -> text. Knows nothing of documents, evidence or citations.

Prompts are lists of tokens. The chat template's own pieces may become control tokens; what users and documents say is
tokenised as plain data, so no document can open a turn or end one.
"""

from __future__ import annotations

import codecs
import hashlib
import os
import signal
import subprocess
import sys
import threading
from collections import abc
from collections.abc import Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

from index.catalogue import model_path
from index.errors import ModelError
from index.models import GENERATOR, write_atomically
from index.places import cache_dir
from rag.requantise import faster

PACKAGED = "packaged"
NONE = "none"
_CONTEXT = 4096
_REBUILD = (
    "pip cache remove llama_cpp_python; "
    "CMAKE_ARGS=-DGGML_NATIVE=OFF pip install --force-reinstall --no-deps llama-cpp-python"
)
# Enough tokens to take the path of a long prompt, where the processor's widest instructions are used.
_PROBE = """
import sys, llama_cpp
llama = llama_cpp.Llama(sys.argv[1], n_ctx=256, verbose=False)
next(llama.generate(llama.tokenize(b"Is it running? " * 24)))
"""
_HOLES = ("\ue000system\ue001", "\ue000user\ue001")  # private-use characters, no template has them


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation."""

    role: Literal["system", "user", "assistant"]
    content: str


Pieces = abc.Generator[str, None, None]


class Generator(Protocol):
    """Writes text in answer to messages."""

    name: str

    def stream(self, messages: Sequence[Message], max_tokens: int) -> Pieces:
        """Yield the answer piece by piece. Closing the iterator stops the model. Raises ModelError."""
        ...

    def count_tokens(self, text: str) -> int:
        """Count the model's tokens in a text."""
        ...


class LlamaGenerator:
    """A GGUF file run in this process by llama.cpp. One answer at a time: others wait for their turn."""

    def __init__(self, path: Path, name: str, threads: int = 0) -> None:
        self.path = path
        self.name = name
        self._threads = threads or os.cpu_count() or 1
        self._lock = threading.Lock()
        self._llama: Any = None

    @classmethod
    def open(cls, setting: str, threads: int = 0) -> LlamaGenerator:
        """Find the packaged model, a fetched one by its name, or a GGUF file; `preload` or the first use loads it.

        Raises ModelError when it isn't there or isn't a GGUF file.
        """
        if setting == PACKAGED:
            return cls(GENERATOR.path() / GENERATOR.weights, GENERATOR.name, threads)
        path = model_path(setting)
        try:
            with path.open("rb") as file:
                magic = file.read(4)
        except OSError as error:
            raise ModelError(
                f"can't open the model file {path}: {error.strerror}; see: generator in rag.toml"
            ) from None
        if magic != b"GGUF":
            raise ModelError(f"{path} is not a GGUF model file")
        return cls(path, path.stem, threads)

    def preload(self) -> None:
        """Load the model now, in whatever thread, so that the first answer needn't wait for it.

        A model that can't be loaded is not reported here but when it is asked.
        """
        with self._lock, suppress(ModelError):
            self._load()

    def stream(self, messages: Sequence[Message], max_tokens: int) -> Pieces:
        """Yield the answer piece by piece, greedily decoded. Closing it stops the model. Raises ModelError."""
        with self._lock:
            llama = self._load()
            prompt = self._tokens(llama, messages)
            room = llama.n_ctx() - len(prompt)
            if room < 16:
                raise ModelError(
                    f"the prompt of {len(prompt)} tokens doesn't fit the model's context of {llama.n_ctx()}"
                )
            decode = codecs.getincrementaldecoder("utf-8")("replace").decode  # a token may end inside a character
            tokens = llama.generate(prompt, temp=0.0, repeat_penalty=1.1)
            with closing(tokens):
                for number, token in enumerate(tokens, start=1):
                    if token in self._stops:
                        break
                    if piece := decode(llama.detokenize([token], special=False)):
                        yield piece
                    if number >= min(max_tokens, room):
                        break

    def count_tokens(self, text: str) -> int:
        """Count the model's tokens in a text."""
        with self._lock:
            return len(self._plain(self._load(), text))

    def _load(self) -> Any:  # noqa: ANN401 - a llama_cpp.Llama, which is not type-checked
        if self._llama is None:
            # Threads that wait for each other give up their core: a busy machine answers 2.5 times as fast so.
            os.environ.setdefault("OMP_WAIT_POLICY", "passive")
            import llama_cpp

            path = faster(self.path)
            _probe(path, Path(llama_cpp.__file__))
            try:
                self._llama = llama_cpp.Llama(
                    str(path),
                    n_ctx=_CONTEXT,
                    n_threads=self._threads,
                    n_threads_batch=self._threads,
                    flash_attn=True,
                    verbose=False,
                )
            except (ValueError, RuntimeError, OSError) as error:
                raise ModelError(f"llama.cpp can't load {self.path}: {error}") from error
            self._stops = {self._llama.token_eos(), llama_cpp.llama_vocab_eot(self._llama._model.vocab)}
        return self._llama

    @staticmethod
    def _plain(llama: Any, text: str) -> list[int]:  # noqa: ANN401
        return list(llama.tokenize(text.encode(), add_bos=False, special=False))

    def _tokens(self, llama: Any, messages: Sequence[Message]) -> list[int]:  # noqa: ANN401
        """Render the model's chat template around holes, then fill the holes with plain tokens."""
        system = "\n\n".join(m.content for m in messages if m.role == "system")
        turns = [m for m in messages if m.role != "system"]
        holes = [f"{_HOLES[1]}{number}\ue002" for number in range(len(turns))]
        rendered = [{"role": m.role, "content": hole} for m, hole in zip(turns, holes, strict=True)]
        contents = {hole: m.content for m, hole in zip(turns, holes, strict=True)}
        template = llama.metadata.get("tokenizer.chat_template") or _CHATML
        try:
            text = self._render(llama, template, [{"role": "system", "content": _HOLES[0]}, *rendered])
            if _HOLES[0] not in text:
                raise ModelError("the template drops the system message")
            contents[_HOLES[0]] = system
        except ModelError:  # a template without a system role: its words go in front of the first turn
            text = self._render(llama, template, rendered)
            contents[holes[0]] = f"{system}\n\n{contents[holes[0]]}"
        tokens: list[int] = []
        while text:
            hole, start = min(((h, text.find(h)) for h in contents if h in text), key=lambda x: x[1], default=("", -1))
            piece, text = (text[:start], text[start + len(hole) :]) if hole else (text, "")
            tokens += llama.tokenize(piece.encode(), add_bos=False, special=True)
            tokens += self._plain(llama, contents[hole]) if hole else []
        bos = llama.token_bos()
        if llama.metadata.get("tokenizer.ggml.add_bos_token") == "true" and tokens[:1] != [bos]:
            tokens.insert(0, bos)
        return tokens

    @staticmethod
    def _render(llama: Any, template: str, messages: list[dict[str, str]]) -> str:  # noqa: ANN401
        from jinja2 import TemplateError
        from jinja2.sandbox import ImmutableSandboxedEnvironment

        def refuse(reason: str) -> None:
            raise TemplateError(reason)

        environment = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True)
        words = {
            name: llama.detokenize([token], special=True).decode("utf-8", "ignore") if token >= 0 else ""
            for name, token in (("bos_token", llama.token_bos()), ("eos_token", llama.token_eos()))
        }
        try:
            return environment.from_string(template).render(
                messages=messages, add_generation_prompt=True, raise_exception=refuse, enable_thinking=False, **words
            )
        except (TemplateError, TypeError, ValueError) as error:
            raise ModelError(f"the model's chat template can't be used: {error}") from error


_CHATML = (
    "{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


def _probe(path: Path, library: Path) -> None:
    """Run a model that is new on this machine in a child process first: a bad file or build kills its process.

    The result is remembered for this file and this build of llama.cpp.
    """
    stamps = [(str(file), file.stat().st_size, file.stat().st_mtime_ns) for file in (path, library)]
    note = cache_dir() / "probed" / hashlib.sha256(repr(stamps).encode()).hexdigest()[:32]
    if note.is_file():
        return
    child = subprocess.run(
        [sys.executable, "-c", _PROBE, str(path)], capture_output=True, stdin=subprocess.DEVNULL, check=False
    )
    if child.returncode == -signal.SIGILL:
        raise ModelError(f"llama.cpp was built for another processor than this one; build it again: {_REBUILD}")
    if child.returncode != 0:
        lines = child.stderr.decode(errors="replace").strip().splitlines() or [f"status {child.returncode}"]
        raise ModelError(f"llama.cpp can't run {path}: {lines[-1]}")
    with suppress(OSError):
        write_atomically(note, b"")
