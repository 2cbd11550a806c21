"""What answers take beside the language model's own work: the assistant, against bare llama.cpp on the same tokens.

    python -m eval.decoding [QUESTIONS]

The packaged model is let write every answer to so many of the example questions (`answer = "written"`). After each,
llama.cpp alone computes once more what it had to compute for it: the tokens of the prompt that weren't in its cache,
then, one by one, those that it wrote. What an answer takes more is for searching, judging, reading and checking.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

from eval.library import build_library
from eval.material import CORPUS, Material
from rag.assistant import Assistant, open_assistant
from rag.settings import Settings

QUESTIONS = 40
_BATCH = 512  # tokens of a prompt that are computed together, as llama-cpp-python does


@dataclass(frozen=True, slots=True)
class Work:
    """What a model did for one answer: tokens that it had in its cache, those of the prompt that were new, its own."""

    cached: int
    prompt: Sequence[int]
    written: list[int]


class Recorder:
    """Takes the place of `llama_cpp.Llama`: notes what a model computes, and has a twin of it to repeat that."""

    def __init__(self, make: Callable[..., Any]) -> None:
        self._make = make
        self.work: Work | None = None
        self.twin: Any = None

    def __call__(self, path: str, **options: Any) -> Any:  # noqa: ANN401 - a llama_cpp.Llama, which is not type-checked
        """Load a model, twice."""
        self.twin, llama = self._make(path, **options), self._make(path, **options)
        generate = llama.generate

        def recorded(tokens: list[int], **how: Any) -> Iterator[int]:  # noqa: ANN401
            held = llama.input_ids[: llama.n_tokens].tolist()
            pairs = enumerate(zip(held, tokens, strict=False))
            cached = next((i for i, (one, other) in pairs if one != other), min(len(held), len(tokens)))
            self.work = Work(cached, tokens[cached:], [])
            with closing(generate(tokens, **how)) as written:
                for token in written:
                    self.work.written.append(token)
                    yield token

        llama.generate = recorded
        return llama


def repeat(llama: Any, work: Work) -> float:  # noqa: ANN401
    """Compute an answer's tokens with nothing around it; return the seconds. The work before it has been repeated."""
    import llama_cpp

    prompt, written = work.prompt, work.written[:-1]  # with the last one nothing is computed any more
    parts = [prompt[i : i + _BATCH] for i in range(0, len(prompt), _BATCH)] + [[token] for token in written]
    began = time.perf_counter()
    llama_cpp.llama_memory_seq_rm(llama_cpp.llama_get_memory(llama.ctx), -1, work.cached, -1)
    for part in parts:
        tokens = (llama_cpp.llama_token * len(part))(*part)  # llama.cpp keeps no copy
        if llama_cpp.llama_decode(llama.ctx, llama_cpp.llama_batch_get_one(tokens, len(part))):
            raise RuntimeError(f"llama.cpp could not compute {len(part)} tokens after {work.cached} in its cache")
        llama_cpp.llama_synchronize(llama.ctx)
    return time.perf_counter() - began


def seconds(assistant: Assistant, recorder: Recorder, question: str) -> tuple[float, float] | None:
    """Return the time of a question's whole answer and of its bare tokens; None where the model wasn't asked."""
    recorder.work = None
    began = time.perf_counter()
    assistant.ask(question)
    whole = time.perf_counter() - began
    return (whole, repeat(recorder.twin, recorder.work)) if recorder.work else None


def main(count: int) -> None:
    """Print both times, summed up, and their ratio."""
    import llama_cpp

    questions = [question.question for question in Material.of(()).questions[:count]]
    with tempfile.TemporaryDirectory() as work:
        library = Path(work) / "library"
        build_library(CORPUS, library, Settings())
        recorder = Recorder(llama_cpp.Llama)
        with mock.patch.object(llama_cpp, "Llama", recorder):
            assistant = open_assistant(Settings(library=str(library), answer="written"))
            seconds(assistant, recorder, questions[0])  # loads
            took = [both for question in questions if (both := seconds(assistant, recorder, question))]
        assistant.library.close()
    whole, bare = (sum(times) for times in zip(*took, strict=True))
    print(f"{len(took)} answers: {whole:.1f} s, of which llama.cpp alone takes {bare:.1f} s: {whole / bare:.2f} times")  # noqa: T201


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else QUESTIONS)
