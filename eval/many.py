"""`python -m eval.many`: ten thousand small files. What indexing them takes, first, again, and when one is changed.

The files are 1 KB each, in nested folders, made of the sentences of eval/corpus with other numbers in them; the same
seed makes the same files. With --into they are only written, to be looked at. Every figure is of whole processes.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from index.library import Library

CORPUS = Path(__file__).parent / "corpus"
FILES = 10_000
SEED = 20251125
ROUNDS = 5
_AT_MOST = 60.0  # seconds that a change is waited for
_BYTES = 1024
_DAYS = 300  # a folder each, below its month's
_FIRST_DAY = date(2025, 1, 6)
_NUMBER = re.compile(r"\d+")
_RAG = (sys.executable, "-m", "ui.cli")
_PREPARE = "from index.embedder import EmbeddingModel; EmbeddingModel.open('packaged').prepare_questions()"
_LOADED = """
from index.embedder import EmbeddingModel
EmbeddingModel.open("packaged").encode_documents(["A text, so that all is loaded."])
print(*(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmRSS")))
"""


def main() -> None:
    """Write the files, index them, index them again, then change some while they are watched."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=FILES)
    parser.add_argument("--into", type=Path, help="only write the files, below this folder")
    options = parser.parse_args()
    if options.into:
        write_files(options.into, options.files)
        return
    with tempfile.TemporaryDirectory() as place:
        documents, environment = Path(place, "documents"), os.environ | {"RAG_DATA_DIR": place}
        write_files(documents, options.files)
        index = [*_RAG, "index", str(documents)]
        run([sys.executable, "-c", _PREPARE], environment)
        start = int(run([sys.executable, "-c", _LOADED], environment).output) / 1024
        first = run(index, environment)
        again = sorted((run(index, environment) for _ in range(ROUNDS)), key=lambda ran: ran.seconds)[ROUNDS // 2]
        with watching(index, environment):
            seen, answered = zip(*(change(documents, environment, number) for number in range(ROUNDS)), strict=True)
    lines = (
        f"{options.files} files of 1 KB: {first.seconds:.1f} s, memory at most {first.megabytes - start:.0f} MB above "
        f"the {start:.0f} MB of the loaded model",
        f"again, unchanged: {again.seconds:.2f} s, {again.seconds / first.seconds:.2%} of the first",
        f"watched, a changed file is in the library {spread(seen)} after it was saved",
        f"`rag search`, asked then, has found it {spread(answered)} after it was saved",
    )
    sys.stdout.write("\n".join(lines) + "\n")


# --- what is measured -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Ran:
    """One process from start to end; `megabytes` is its peak of resident memory."""

    seconds: float
    megabytes: float
    output: str


def run(command: Sequence[str], environment: Mapping[str, str]) -> Ran:
    """Run a command to its end. Raises SystemExit with its output when it fails. For systems that have wait4."""
    with tempfile.TemporaryFile("w+") as told:
        began = time.perf_counter()
        process = subprocess.Popen(command, env=dict(environment), stdout=told, stderr=subprocess.STDOUT)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        told.seek(0)
        output = told.read()
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{output}")
    return Ran(seconds, usage.ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10), output)


@contextmanager
def watching(index: Sequence[str], environment: Mapping[str, str]) -> Iterator[None]:
    """Keep `rag index --watch` running meanwhile."""
    process = subprocess.Popen([*index, "--watch"], env=dict(environment), stderr=subprocess.PIPE, text=True)
    try:
        assert process.stderr
        if not any(line.startswith("Watching") for line in process.stderr):
            raise SystemExit("rag index --watch ended before it watched")
        yield
    finally:
        process.terminate()
        process.communicate()


def change(documents: Path, environment: Mapping[str, str], number: int) -> tuple[float, float]:
    """Save a file anew with a word of its own; seconds until the library has it, and until `rag search` shows it."""
    word = f"zanzibar{number}"
    file = random.Random(f"{SEED} {number}").choice(sorted(documents.rglob("*.*")))
    with closing(Library.open(Path(environment["RAG_DATA_DIR"], "libraries", "default"))) as library:
        file.write_text(f"{file.read_text(encoding='utf-8')}\nNobody had spoken of {word} before.\n", encoding="utf-8")
        saved = time.perf_counter()
        while not library.bm25(word, 1):
            if time.perf_counter() > saved + _AT_MOST:
                raise SystemExit(f"{file} was changed and is not in the library after {_AT_MOST:.0f} s")
            time.sleep(0.01)
        seen = time.perf_counter() - saved
    found = json.loads(run([*_RAG, "search", word, "-k", "1", "--json"], environment).output)
    answered = time.perf_counter() - saved
    if word not in found[0]["text"]:
        raise SystemExit(f"rag search did not find {word}")
    return seen, answered


def spread(seconds: Sequence[float]) -> str:
    """Say the median of some times, with the least and the most."""
    return f"{statistics.median(seconds):.2f} s ({min(seconds):.2f} to {max(seconds):.2f})"


# --- the files --------------------------------------------------------------------------------------------------------


def write_files(folder: Path, count: int, seed: int = SEED) -> None:
    """Write `count` texts of about 1 KB, none like another, below `folder`: month/day/name.txt or .md."""
    dice = random.Random(seed)
    languages = [sentences for _, sentences in sorted(corpus_sentences().items())]
    weights = [len(sentences) for sentences in languages]
    for number in range(count):
        day = _FIRST_DAY + timedelta(days=number % _DAYS)
        (sentences,) = dice.choices(languages, weights)
        title, text = note(sentences, day, dice)
        place = folder / f"{day:%Y-%m}" / f"{day:%d}"
        place.mkdir(parents=True, exist_ok=True)
        name = "-".join(re.findall(r"\w+", title.lower())[:5])
        (place / f"{number:05}-{name}.{'md' if number % 4 == 0 else 'txt'}").write_text(text, encoding="utf-8")


def note(sentences: Sequence[str], day: date, dice: random.Random) -> tuple[str, str]:
    """Make one text: its title, and the whole, dated and in paragraphs."""
    drawn = iter(dice.sample(sentences, len(sentences)))
    title = " ".join(next(drawn).rstrip(".!?").split()[:8])
    text = f"# {title}\n\n{day.isoformat()}\n\n"
    for sentence in drawn:
        sentence = _NUMBER.sub(lambda found: str(dice.randrange(10 ** len(found.group()))), sentence)
        if len((text + sentence).encode()) > _BYTES:
            break
        text += sentence + dice.choice(("\n\n", " ", " ", " "))
    return title, text.rstrip() + "\n"


def corpus_sentences() -> dict[str, list[str]]:
    """Return the sentences of the example documents by language, those short enough that several fit into 1 KB."""
    from index.language import detect_language
    from index.readers import read
    from index.segments import segments
    from index.sentences import split_sentences

    found: dict[str, list[str]] = {}
    for path in sorted(CORPUS.iterdir()):
        parsed = read(path, path.read_bytes())
        language = detect_language(parsed.text)
        for segment in segments(parsed):
            for sentence in split_sentences(parsed.text, segment, language):
                text = " ".join(parsed.text[sentence.start : sentence.end].split())
                if 40 <= len(text) <= _BYTES // 3:
                    found.setdefault(language, []).append(text)
    return found


if __name__ == "__main__":
    main()
