"""A local language model: messages -> text. Knows nothing of documents, evidence or citations.

Prompts are lists of tokens. The chat template's own pieces may become control tokens; what users and documents say is
tokenised as plain data, so no document can open a turn or end one.
"""

from __future__ import annotations

import codecs
import os
import threading
from collections import abc
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Literal, Protocol

from index.catalogue import model_path
from index.errors import ModelError, RagError, ReadError, one_line
from index.models import GENERATOR, PACKAGED
from rag.address import is_address
from rag.gguf import Header, read_header
from rag.probe import check_memory, failure, is_probed, memory_needed, probe
from rag.requantise import copy_of_packaged, faster
from rag.template import CHATML, HOLE, frame, render, render_apart
from rag.thinking import MARKS, Spoken, without_thinking

if TYPE_CHECKING:
    from rag.server import ServerGenerator

_CONTEXT = 4096  # tokens, at most
_USUAL = 1024  # of the packaged model, until a prompt needs more: the cache for them takes memory from the beginning
_SMALL = 500_000_000  # bytes of a model
_SPINS = 1000  # turns that a thread waits for the others before it gives up its core: some ten microseconds
_THINKING = 1024  # tokens that a model may think, where it can't be stopped from it


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
        """Yield the answer piece by piece, and "" where there is nothing yet. Raises ModelError.

        Closing the iterator stops the model.
        """
        ...

    def count_tokens(self, text: str) -> int:
        """Count the model's tokens in a text."""
        ...


def open_generator(setting: str, threads: int = 0) -> LlamaGenerator | ServerGenerator:
    """Open what a setting names: a model of this machine, or a server by its address. Nothing is loaded or sent yet.

    Raises ModelError when it can't be used.
    """
    if not is_address(setting):
        return LlamaGenerator.open(setting, threads)
    from rag.server import ServerGenerator

    return ServerGenerator.open(setting)


class LlamaGenerator:
    """A GGUF file run in this process by llama.cpp. One answer at a time: others wait for their turn.

    `trusted` says that somebody vouches for the file; the chat template of any other is kept apart.
    """

    def __init__(self, header: Header, name: str, threads: int = 0, *, trusted: bool = False) -> None:
        self.path = header.files[0]
        self.name = name
        self._header = header
        self._threads = threads or os.cpu_count() or 1
        # To write a token of a small model takes hundreds of tiny steps, and at each of them all threads wait for the
        # last: the one that must share its core with another program. Two of two cores write 100 tokens a second when
        # nothing else runs and 25 when something does; one writes 75 in any case.
        self._writers = max(1, self._threads - 1) if header.size < _SMALL else self._threads
        self._trusted = trusted
        self._lock = threading.Lock()
        self._llama: Any = None
        self._frames: dict[tuple[str, ...], tuple[str, bool]] = {}

    @classmethod
    def open(cls, setting: str, threads: int = 0) -> LlamaGenerator:
        """Find the packaged model, a fetched one by its name, or a GGUF file; `preload` or the first use loads it.

        Raises ModelError when it isn't there or can't be used.
        """
        if setting == PACKAGED:
            path = GENERATOR.path() / GENERATOR.weights  # of a known sum: what its header says is known, too
            return cls(Header((path,), path.stat().st_size, {}), GENERATOR.name, threads, trusted=True)
        path = model_path(setting)
        return cls(read_header(path), path.stem, threads)

    @property
    def memory(self) -> int:
        """Estimate of the bytes that it takes to run."""
        return memory_needed(self._header, self._header.context(_CONTEXT))

    @property
    def is_probed(self) -> bool:
        """Whether it has been run on this machine before, with this build of llama.cpp. Loads nothing.

        Raises ModelError when that was tried and failed.
        """
        spec = find_spec("llama_cpp")
        if spec is None or spec.origin is None:
            return False
        run = (copy_of_packaged(), self.path) if self._trusted else (self.path,)
        if reason := failure(self.path, Path(spec.origin)):
            raise ModelError(f"llama.cpp can't run {self.path}: {reason}")
        return any(is_probed(path, Path(spec.origin)) for path in run)

    def preload(self) -> None:
        """Load the model now, in whatever thread, so that the first answer needn't wait for it.

        A model that can't be loaded is not reported here but when it is asked.
        """
        with self._lock, suppress(ModelError):
            self._load()

    def stream(self, messages: Sequence[Message], max_tokens: int) -> Pieces:
        """Yield the answer piece by piece, greedily decoded, without what the model thinks before it.

        Closing it stops the model. Raises ModelError.
        """
        with self._lock:
            prompt = self._tokens(self._load(), messages)
            llama = self._load(len(prompt) + max_tokens)
            room = llama.n_ctx() - len(prompt)
            if room < 16:
                raise ModelError(
                    f"the prompt of {len(prompt)} tokens doesn't fit the model's context of {llama.n_ctx()}"
                )
            decode = codecs.getincrementaldecoder("utf-8")("replace").decode  # a token may end inside a character
            spoken, thought, said = Spoken(), 0, 0
            tokens = llama.generate(prompt, temp=0.0, repeat_penalty=1.1)
            with closing(tokens):
                for token in tokens:
                    if self._ends(token):
                        break
                    if piece := spoken.feed(decode(self._piece(llama, token))):
                        yield piece
                        said += 1
                    else:
                        thought += 1
                    if said >= max_tokens or thought >= _THINKING or said + thought >= room:
                        break
            if spoken.thinking:
                raise ModelError(
                    f"{self.name} was still thinking after {thought} tokens; take a model that thinks less"
                )
            if rest := spoken.rest():
                yield rest

    def count_tokens(self, text: str) -> int:
        """Count the model's tokens in a text."""
        with self._lock:
            return len(self._plain(self._load(), text))

    def _load(self, tokens: int = 0) -> Any:  # noqa: ANN401 - a llama_cpp.Llama, which is not type-checked
        """Load the model, once, or again where so many tokens need a larger context."""
        context = self._header.context(_USUAL if self._trusted and tokens <= _USUAL else _CONTEXT)
        if self._llama is None or self._llama.n_ctx() < context:
            os.environ.setdefault("GOMP_SPINCOUNT", str(_SPINS))
            import llama_cpp

            self._llama = None
            check_memory(self._header, context)
            path = faster(self.path) if self._trusted else self.path
            try:
                probe(path, self.path, Path(llama_cpp.__file__))
                with _unobtrusive():
                    self._llama = llama_cpp.Llama(
                        str(path),
                        n_ctx=context,
                        n_threads=self._writers,
                        n_threads_batch=self._threads,
                        flash_attn=True,
                        use_mmap=not self._trusted,  # of what llama.cpp rearranges there would be two copies
                        verbose=False,
                    )
                    # For each text to tokenise it takes memory for as many tokens as this says: a number in the file.
                    self._llama._model.n_ctx_train = lambda: context
            except (ValueError, RuntimeError, OSError) as error:
                raise ModelError(f"llama.cpp can't load {self.path}: {error}") from error
        return self._llama

    def _ends(self, token: int) -> bool:
        import llama_cpp

        return bool(llama_cpp.llama_vocab_is_eog(self._llama._model.vocab, token))

    @staticmethod
    def _piece(llama: Any, token: int) -> bytes:  # noqa: ANN401
        """The bytes of a token; none of a control token, unless it marks what the model thinks."""
        piece: bytes = llama.detokenize([token], special=False)
        control: bytes = b"" if piece else llama.detokenize([token], special=True)
        return control if control.decode(errors="ignore") in MARKS else piece

    @staticmethod
    def _plain(llama: Any, text: str) -> list[int]:  # noqa: ANN401
        return list(llama.tokenize(text.encode(errors="replace"), add_bos=False, special=False))

    def _tokens(self, llama: Any, messages: Sequence[Message]) -> list[int]:  # noqa: ANN401
        """Render the model's chat template around holes, then fill the holes with plain tokens."""
        system = "\n\n".join(m.content for m in messages if m.role == "system")
        turns = [m for m in messages if m.role != "system"]
        contents = [system, *(m.content for m in turns)]
        text, has_system = self._frame(llama, tuple(m.role for m in turns))
        if not has_system:  # its words go in front of the first turn
            contents[1] = f"{system}\n\n{contents[1]}" if system else contents[1]
        tokens: list[int] = []
        for number, piece in enumerate(HOLE.split(text)):  # the pieces between holes, and the holes' numbers
            if number % 2:
                tokens += self._plain(llama, contents[int(piece)])
            elif piece:
                tokens += llama.tokenize(piece.encode(), add_bos=False, special=True)
        bos = llama.token_bos()
        if llama.metadata.get("tokenizer.ggml.add_bos_token") == "true" and tokens[:1] != [bos]:
            tokens.insert(0, bos)
        return tokens

    def _frame(self, llama: Any, roles: tuple[str, ...]) -> tuple[str, bool]:  # noqa: ANN401
        """Render the template for some roles, once."""
        template = llama.metadata.get("tokenizer.chat_template") or CHATML
        words = {
            name: llama.detokenize([token], special=True).decode("utf-8", "ignore") if token >= 0 else ""
            for name, token in (("bos_token", llama.token_bos()), ("eos_token", llama.token_eos()))
        }
        rendered = render if self._trusted else render_apart
        key = (template, *roles)
        if key not in self._frames:
            with self._template_errors():
                text, has_system = frame(lambda messages: rendered(template, messages, words), roles)
            self._frames[key] = without_thinking(text), has_system
        return self._frames[key]

    @contextmanager
    def _template_errors(self) -> Iterator[None]:
        try:
            yield
        except (ReadError, RagError) as error:
            raise ModelError(f"the chat template of {self.path} can't be used: {one_line(str(error))}") from error


@contextmanager
def _unobtrusive() -> Iterator[None]:
    """Keep llama-cpp-python, while it loads a file, from what it does unasked.

    It compiles all of the file's templates, and `{{ 'a' * 10**10 }}` takes 10 GB. And it points the whole process's
    stdout and stderr at nothing, so that an answer that is printed meanwhile is lost; its log is silent without that.
    """
    from llama_cpp import _internals, llama, llama_chat_format

    former = llama_chat_format.Jinja2ChatFormatter, _internals.suppress_stdout_stderr, llama.suppress_stdout_stderr
    llama_chat_format.Jinja2ChatFormatter = lambda **_: SimpleNamespace(to_chat_handler=lambda: None)
    _internals.suppress_stdout_stderr = llama.suppress_stdout_stderr = lambda disable: nullcontext()
    try:
        yield
    finally:
        llama_chat_format.Jinja2ChatFormatter, _internals.suppress_stdout_stderr, llama.suppress_stdout_stderr = former
