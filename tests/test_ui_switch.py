"""Another embedding model, as a person takes it: one command, real models, real processes, a client that asks on."""

from __future__ import annotations

import json
import os
import random
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import IO, Any, cast

from index.library import Library
from index.places import library_folder
from tests import standin
from tests.index_helpers import CORPUS, REPOSITORY, write_files
from tests.test_ui_cli import rag

GOLD = CORPUS.parent / "gold" / "peace-talks.jsonl"
CROSS = [one for one in map(json.loads, GOLD.read_text(encoding="utf-8").splitlines()) if one["kind"] == "cross"]


def answered() -> set[str]:
    """Ask the questions across languages; return those answered with quotes that hold all of the gold nuggets."""
    ran = rag("ask", "--json", "--answer", "quotes", "-", stdin="\n".join(one["question"] for one in CROSS))
    right = set()
    for one, answer in zip(CROSS, map(json.loads, ran.stdout.splitlines()), strict=True):
        quoted = " ".join(quote["text"] for quote in answer["quotes"])
        said = all(any(re.search(nugget, quoted, re.I) for nugget in either) for either in one["nuggets"])
        if said and answer["outcome"] in ("answered", "partly"):
            right.add(one["id"])
    return right


def test_one_command_carries_questions_across_languages(tmp_path: Path) -> None:
    assert rag("index", CORPUS).returncode == 0
    folder = library_folder("default")
    before = answered()
    assert len(before) <= 1
    finder = standin.make(tmp_path / "finder")
    passages = Library.open(folder).store.counts()[1]

    used = rag("models", "use", finder)
    assert used.stderr.splitlines() == [
        f"embedder = {finder}  ({folder.parents[1] / 'rag.toml'})",
        f"The next rag index, or rag web, embeds {passages} passages with finder; "
        "until that is done, all-MiniLM-L6-v2 finds them.",
    ]
    asked = rag("search", "ceasefire")
    assert asked.returncode == 0 and asked.stderr == (
        "all-MiniLM-L6-v2 finds the passages until the library is embedded with finder; to do that: "
        f"rag index --rebuild --library {folder}\n"
    )
    waiting = rag("doctor")
    assert waiting.returncode == 0
    assert re.search("^note +library +all-MiniLM-L6-v2 finds the passages until .* with finder; ", waiting.stdout, re.M)
    indexed = rag("index")
    assert indexed.returncode == 0
    told = indexed.stderr.splitlines()
    assert told[0] == ("Embedding the library with finder; until that is done, all-MiniLM-L6-v2 finds the passages.")
    assert f"finder finds the passages from now on ({passages} embedded); what all-MiniLM-L6-v2 made is kept." in told
    assert len(answered() - before) >= 5
    nothing = rag("index")
    assert (nothing.returncode, nothing.stderr) == (2, "rag: name what to read, for example: rag index ~/Documents\n")

    back = rag("models", "use", "packaged").stderr.splitlines()
    assert back[-1] == "The passages are embedded with all-MiniLM-L6-v2 already: it finds them from now on."
    assert answered() == before
    status = rag("status", "--verbose").stdout
    assert re.search(r"^Vectors +all-MiniLM-L6-v2: 0\.\d MB\nVectors +finder: 0\.\d MB$", status, re.M)
    assert re.search(r"^Dropped the vectors of finder: 0\.\d MB\.$", rag("index", "--forget-models").stderr, re.M)
    assert "finder" not in rag("status", "--verbose").stdout


def many_passages(folder: Path) -> Path:
    """Write fifty documents that come to 5,000 passages of real words in no order."""
    words = sorted(
        {word for file in CORPUS.glob("*.txt") for word in re.findall(r"[a-z]{4,}", file.read_text("utf-8"))}
    )
    dice = random.Random(1)
    sentences = [f"{' '.join(dice.choices(words, k=100)).capitalize()}." for _ in range(5000)]
    return write_files(folder, {f"{n:02}.txt": "\n\n".join(sentences[n::50]) for n in range(50)})


class Client:
    """Asks one question after the other, in a process of its own."""

    def __init__(self, question: str, library: Path, embedder: Path) -> None:
        self.question = question
        command = [sys.executable, "-m", "ui.cli", "ask", "--json", "--answer", "quotes", "-"]
        names = {"RAG_LIBRARY": str(library), "RAG_EMBEDDER": str(embedder), "PYTHONPATH": str(REPOSITORY)}
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=os.environ | names
        )

    def ask(self) -> tuple[str, str, list[Any]]:
        """Ask; return the outcome, the embedder's name and the ranking."""
        given, taken = cast("IO[str]", self.process.stdin), cast("IO[str]", self.process.stdout)
        given.write(f"{self.question}\n")
        given.flush()
        answer = json.loads(taken.readline())
        ranking = [
            [passage["document"], passage["start"], round(passage["score"], 2)] for passage in answer["passages"]
        ]
        return answer["outcome"], answer["models"]["embedder"], ranking

    def end(self) -> int:
        """Ask no more; return the exit status."""
        with self.process:  # its input ends here
            cast("IO[str]", self.process.stdin).close()
            return self.process.wait(60)


def test_while_5000_passages_change_models_every_question_is_answered_by_one(tmp_path: Path) -> None:
    documents, place = many_passages(tmp_path / "in"), tmp_path / "library"
    first = standin.make(tmp_path / "first")
    second = standin.make(tmp_path / "second", dimension=64, layers=2, seed=1)
    assert rag("index", documents, "--library", place, "--embedder", first).returncode == 0
    library = Library.open(place)
    assert library.store.counts()[1] >= 5000
    client = Client("What did the soldiers and the minister say of the border?", place, first)
    seen = [client.ask()]
    environment = os.environ | {"PYTHONPATH": str(REPOSITORY)}
    command = [sys.executable, "-m", "ui.cli", "index", "--rebuild", "--library", str(place), "--embedder", str(second)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment) as switching:
        while switching.poll() is None:
            seen.append(client.ask())
            time.sleep(0.3)
        assert switching.returncode == 0, switching.stderr and switching.stderr.read()
    seen += [client.ask(), client.ask()]
    assert client.end() in (0, 1)

    before, after = seen[0], seen[-1]
    assert (before[1], after[1]) == ("first", "second") and before[2] != after[2]
    changed = next(number for number, one in enumerate(seen) if one != before)
    assert changed > 5 and seen[changed:] == [after] * len(seen[changed:])
    anew = Client(client.question, place, second)
    assert anew.ask() == after
    anew.end()
    library.close()


def test_a_library_whose_model_is_gone_names_the_remedy(tmp_path: Path) -> None:
    first = standin.make(tmp_path / "first")
    documents = write_files(tmp_path / "in", {"a.txt": "The minister has closed the border."})
    assert rag("index", documents, "--embedder", first).returncode == 0
    first.rename(tmp_path / "elsewhere")
    remedy = (
        f"rag: the library {library_folder('default')} was made with the embedding model first, which isn't here any "
        "more, the settings name all-MiniLM-L6-v2; embed it again with: "
        f"rag index --rebuild --library {library_folder('default')}\n"
    )
    for command in (["search", "harbour"], ["ask", "Where is the harbour?"]):
        ran = rag(*command)
        assert (ran.returncode, ran.stderr) == (2, remedy)
    assert rag("index", "--rebuild").returncode == 0
    assert rag("search", "border").returncode == 0
