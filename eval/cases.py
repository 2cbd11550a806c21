"""What is measured, one case after the other. Each says who takes part, what it costs, and what is aimed at.

A case opens a contestant (which may fail, and takes as long as it takes) and yields what is called once a round.
"""

from __future__ import annotations

import json
import random
import shutil
import statistics
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from eval.contestants import IMPORT, NAIVE, OURS, PEERS, Contestant
from eval.material import Material
from eval.processes import Surroundings

PARAGRAPHS = 1000  # indexed, at least
PASSAGES = 5000  # searched, at least
_SEARCHES, _ANSWERS = 20, 4  # questions a round
_SEED = 20251122

Values = dict[str, float]
Once = Callable[[int], Values]


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure. `aim` is how many times better than the best of the others this project should be.

    `limit` is what its own median should not exceed. `better` is -1 when less is better, 1 when more is.
    """

    name: str
    label: str
    unit: str
    aim: float | None = None
    limit: float | None = None
    better: int = -1


@dataclass(frozen=True, slots=True)
class Case:
    """Measures that are taken together. `open` yields what measures one contestant once, given the round's number."""

    name: str
    measures: tuple[Measure, ...]
    contestants: tuple[Contestant, ...]
    open: Callable[[Stage, Contestant], AbstractContextManager[Once]]


@dataclass(frozen=True, slots=True)
class Stage:
    """What cases are played on: the material, a folder for what is made of it, and what programs run in."""

    material: Material
    work: Path
    surroundings: Surroundings

    def questions(self, number: int, count: int) -> list[str]:
        """Draw the questions of a round: the same for everyone, others in every round as long as there are any."""
        asked = self.material.questions
        drawn = random.Random(_SEED).sample(asked, len(asked))
        return [drawn[i % len(drawn)] for i in range(number * count, (number + 1) * count)]

    def index(self, who: Contestant, material: Material) -> Path:
        """Return a contestant's index of the material, made now unless it is there. Raises Failed."""
        place = self.work / f"{who.script}-{who.fingerprint}" / material.fingerprint
        if not place.is_dir():
            unfinished = self.fresh(f"{who.script}-index")
            self.surroundings.run(who.command("index", self.documents(material), unfinished))
            place.parent.mkdir(exist_ok=True)
            unfinished.rename(place)
        return place

    def documents(self, material: Material) -> Path:
        """Return the folder that holds the material as files."""
        return material.write(self.work / "documents")

    def fresh(self, name: str) -> Path:
        """Return a path in the folder where nothing is."""
        path = self.work / name
        shutil.rmtree(path, ignore_errors=True)
        return path


@contextmanager
def _cold_ask(stage: Stage, who: Contestant) -> Iterator[Once]:
    place, question = stage.index(who, stage.material), stage.material.questions[0]
    ours = [sys.executable, "-m", "ui.cli", "ask", question, "--library", str(place)]
    with _whole(stage, ours if who is OURS else who.command("ask", place, question)) as once:
        yield once


@contextmanager
def _cold_search(stage: Stage, who: Contestant) -> Iterator[Once]:
    command = [sys.executable, "-c", "import sentence_transformers"]
    if who is OURS:
        place, question = stage.index(who, stage.material), stage.material.questions[0]
        command = [sys.executable, "-m", "ui.cli", "search", question, "--library", str(place)]
    with _whole(stage, command) as once:
        yield once


@contextmanager
def _whole(stage: Stage, command: list[str]) -> Iterator[Once]:
    def once(number: int) -> Values:
        cost = stage.surroundings.run(command)
        return {"wall": cost.wall, "cpu": cost.cpu} | ({"memory": cost.memory} if cost.memory else {})

    once(0)  # its files are in the file cache now
    yield once


@contextmanager
def _retrieval(stage: Stage, who: Contestant) -> Iterator[Once]:
    place = stage.index(who, stage.material.paragraphs(PASSAGES))
    with stage.surroundings.serving(who.command("serve", place)) as worker:

        def once(number: int) -> Values:
            asked = stage.questions(number, _SEARCHES)
            return {"p50": 1000 * statistics.median(worker.ask({"search": q})["seconds"] for q in asked)}

        once(-1)
        yield once


@contextmanager
def _answers(stage: Stage, who: Contestant) -> Iterator[Once]:
    place = stage.index(who, stage.material)
    with stage.surroundings.serving(who.command("serve", place)) as worker:

        def once(number: int) -> Values:
            replies = [worker.ask({"ask": question}) for question in stage.questions(number, _ANSWERS)]
            return {name: statistics.mean(reply[name] for reply in replies) for name in ("first", "last")}

        worker.ask({"ask": stage.questions(-1, 1)[0]})
        yield once


@contextmanager
def _indexing(stage: Stage, who: Contestant) -> Iterator[Once]:
    material = stage.material.paragraphs(PARAGRAPHS)
    folder, few = stage.documents(material), stage.documents(material.first(_SEARCHES))

    def once(number: int, folder: Path = folder) -> Values:
        cost = stage.surroundings.run(who.command("index", folder, stage.fresh(f"{who.script}-index")))
        return {"rate": len(material) / float(json.loads(cost.output)["seconds"]), "whole": cost.wall}

    once(0, few)
    yield once


@contextmanager
def _reindexing(stage: Stage, who: Contestant) -> Iterator[Once]:
    material = stage.material.paragraphs(PARAGRAPHS)
    folder, place = stage.fresh(f"{who.script}-documents"), stage.fresh(f"{who.script}-reindexed")
    shutil.copytree(stage.documents(material), folder)
    stage.surroundings.run(who.command("index", folder, place))

    def once(number: int) -> Values:
        for file in sorted(folder.iterdir())[number % 100 :: 100]:
            file.write_text(f"{material.texts[file.name]} Corrected in edition {number + 1}.", encoding="utf-8")
        cost = stage.surroundings.run(who.command("update", folder, place))
        return {"seconds": float(json.loads(cost.output)["seconds"]), "whole": cost.wall}

    yield once


CASES = (
    Case(
        "cold-ask",
        (
            Measure("wall", "question, cold: to the last word", "s", aim=8),
            Measure("cpu", "question, cold: processor time", "s"),
            Measure("memory", "question, cold: most memory", "MB", aim=2),
        ),
        (OURS, *PEERS),
        _cold_ask,
    ),
    Case(
        "cold-search",
        (Measure("wall", "search, cold: to its end", "s", aim=10),),
        (OURS, IMPORT),
        _cold_search,
    ),
    Case(
        "retrieval",
        (Measure("p50", f"search among {PASSAGES:,} passages, warm", "ms", aim=1, limit=10),),
        (OURS, *PEERS),
        _retrieval,
    ),
    Case(
        "answers",
        (
            Measure("first", "question, warm: to the first word", "s"),
            Measure("last", "question, warm: to the last word", "s", aim=2),
        ),
        (OURS, *PEERS, NAIVE),
        _answers,
    ),
    Case(
        "index",
        (
            Measure("rate", "indexing, warm: paragraphs", "/s", aim=4, better=1),
            Measure("whole", "indexing, cold: the whole run", "s"),
        ),
        (OURS, *PEERS),
        _indexing,
    ),
    Case(
        "reindex",
        (
            Measure("seconds", "1% changed, indexed again, warm", "s"),
            Measure("whole", "1% changed, indexed again, cold", "s"),
        ),
        (OURS, *PEERS),
        _reindexing,
    ),
)
