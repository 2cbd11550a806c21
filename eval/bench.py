"""`make bench`: how long a user waits. Ratios of whole processes, side by side in one run, since machines are noisy.

Run as: python -m eval.bench [FOLDER]. Without a folder the example corpus is indexed.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

CORPUS = Path(__file__).parent / "corpus"
QUESTION = "what does Russia demand?"
ROUNDS = 5
_RAG = (sys.executable, "-m", "ui.cli")
_YARDSTICK = "python -c 'import sentence_transformers'"


def main() -> None:
    """Time a cold search and a cold answer against an import, and a second indexing run against the first."""
    from rich.console import Console
    from rich.table import Table

    documents = Path(sys.argv[1]) if len(sys.argv) > 1 else CORPUS
    with tempfile.TemporaryDirectory() as data:
        environment = os.environ | {"RAG_DATA_DIR": data}
        first, again = (seconds([*_RAG, "index", str(documents)], environment) for _ in range(2))
        seconds([*_RAG, "index", str(CORPUS), "--library", "corpus"], environment)
        cold = {
            _YARDSTICK: [sys.executable, "-c", "import sentence_transformers"],
            "rag search, to the end": [*_RAG, "search", QUESTION, "--library", "corpus"],
            "rag ask, to the last word": [*_RAG, "ask", QUESTION, "--library", "corpus"],
        }
        times = interleaved(cold, environment)
    table = Table("from process start", "median s", "least-most", "of the import")
    unit = statistics.median(times[_YARDSTICK])
    for name, values in times.items():
        middle = statistics.median(values)
        table.add_row(name, f"{middle:.2f}", f"{min(values):.2f}-{max(values):.2f}", f"{middle / unit:.3f}")
    console = Console()
    console.print(table)
    files = sum(path.is_file() for path in documents.rglob("*"))
    console.print(
        f"rag index, {files} files: {first:.1f} s; unchanged: {again:.2f} s, {again / first:.3f} of the first"
    )


def interleaved(commands: Mapping[str, Sequence[str]], environment: Mapping[str, str]) -> dict[str, list[float]]:
    """Run every command once to warm the file cache, then ROUNDS times in turn; seconds by command."""
    for command in commands.values():
        seconds(command, environment)
    rounds = [{name: seconds(command, environment) for name, command in commands.items()} for _ in range(ROUNDS)]
    return {name: [one[name] for one in rounds] for name in commands}


def seconds(command: Sequence[str], environment: Mapping[str, str]) -> float:
    """Run a command to its end; wall-clock seconds. Raises CalledProcessError when it fails."""
    began = time.perf_counter()
    subprocess.run(command, env=dict(environment), check=True, capture_output=True)
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
