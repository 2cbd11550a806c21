"""How fast documents are embedded: `rag index` whole, next to the encoder alone and to sentence-transformers.

Run as: python -m eval.throughput FOLDER [ROUNDS], a folder of text files, each a paragraph or an abstract.

Each is a process of its own, in turn, and counts the files of the folder per second:
`rag index` from process start to its end, everything included; sentence-transformers in float32, as LangChain,
LlamaIndex and txtai call it, without the seconds that importing it and loading the model take; and the encoder that
`rag index` uses, on the very same chunks, already tokenised. On a busy machine look at the processor's seconds.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from index.embedder import EmbeddingModel, runtime_of
from index.library import Library

CORPUS = Path(__file__).parent / "corpus"
ROUNDS = 3


@dataclass(frozen=True, slots=True)
class Cost:
    """What embedding took: seconds on the clock and of the processor, and the process's memory at its most."""

    seconds: float
    processor: float
    megabytes: float


def main() -> None:
    """Run the three in turn and print a table."""
    from rich.console import Console
    from rich.table import Table

    folder = Path(sys.argv[1])
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else ROUNDS
    files = sum(path.is_file() for path in folder.rglob("*"))
    times: dict[str, list[Cost]] = {"rag index, whole": [], "encoder alone": [], "sentence-transformers": []}
    with tempfile.TemporaryDirectory() as data:
        index(CORPUS, Path(data) / "warm")  # what is made once for the machine isn't timed
        for number in range(rounds):
            library = Path(data) / str(number)
            index_cost = index(folder, library)
            for name, cost in zip(times, (index_cost, alone(library), whole_model(folder)), strict=True):
                times[name].append(cost)
    table = Table("", "paragraphs/s", "of sentence-transformers", "processor s", "peak MB")
    unit = statistics.median(cost.seconds for cost in times["sentence-transformers"])
    for name, costs in times.items():
        middle = statistics.median(cost.seconds for cost in costs)
        processor = statistics.median(cost.processor for cost in costs)
        memory = max(cost.megabytes for cost in costs)
        table.add_row(name, f"{files / middle:.1f}", f"{unit / middle:.2f}", f"{processor:.1f}", f"{memory:.0f}")
    console = Console()
    console.print(table)
    console.print(
        f"{files} files, {rounds} rounds, medians; encoded by {runtime_of(EmbeddingModel.open('packaged').fingerprint)}"
    )


def index(folder: Path, library: Path) -> Cost:
    """Index a folder into a new library, as the command does, from process start to end."""
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "ui.cli", "index", "--library", str(library), str(folder)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"rag index {folder} failed, exit status {process.returncode}")
    return Cost(time.perf_counter() - began, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def alone(library: Path) -> Cost:
    """Run the encoder of documents on the chunks of a library, tokenised beforehand."""
    return _in_a_process("_alone", library)


def whole_model(folder: Path) -> Cost:
    """Encode the files of a folder with sentence-transformers, float32, 32 at a time."""
    return _in_a_process("_whole_model", folder)


def _in_a_process(function: str, folder: Path) -> Cost:
    command = [sys.executable, "-c", f"from eval import throughput as t; t.{function}(t.Path({str(folder)!r}))"]
    printed = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True, text=True).stdout
    return Cost(*json.loads(printed.splitlines()[-1]))


def _alone(folder: Path) -> None:
    from index.encoder import Tokenised
    from index.export import exported
    from index.fastest import fastest
    from index.runtimes import start

    with closing(Library.open(folder)) as library:
        chunks = library.store.chunks(library.store.vectors()[0]).values()
        documents = library.store.documents()
        texts = [documents[chunk.document_id].text[chunk.start : chunk.end] for chunk in chunks]
    model = EmbeddingModel.open("packaged")
    export = exported(model.fingerprint)
    if export is None:
        raise SystemExit("the model has no export to run")
    runtime = start(fastest(export), export, model.threads)
    batches = [batch.inputs for batch in Tokenised(export).batches(texts)]
    with ThreadPoolExecutor(model.threads) as pool:
        list(pool.map(runtime.run, batches[: 2 * model.threads]))
        _report(lambda: list(pool.map(runtime.run, batches)))


def _whole_model(folder: Path) -> None:
    import torch

    model = EmbeddingModel.open("packaged")
    texts = [path.read_text(encoding="utf-8") for path in sorted(folder.rglob("*")) if path.is_file()]
    whole = model._transformer
    torch.set_num_threads(model.threads)
    whole.encode(texts[:8])
    _report(lambda: whole.encode(texts, batch_size=32, show_progress_bar=False))


def _report(work: Callable[[], Sequence[object]]) -> None:
    import resource

    began, used = time.perf_counter(), time.process_time()
    work()
    taken = time.perf_counter() - began, time.process_time() - used
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sys.stdout.write(json.dumps([*taken, peak]) + "\n")


if __name__ == "__main__":
    main()
