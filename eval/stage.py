"""What cases of a benchmark are made of: measures with what is aimed at, and the stage they are played on."""

from __future__ import annotations

import random
import shutil
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from eval.contestants import Contestant
from eval.gold import Question
from eval.material import Material
from eval.processes import Surroundings

SIZES = (1_000, 10_000, 100_000, 1_000_000)  # passages
RAG = (sys.executable, "-m", "ui.cli")  # `rag`
_SEED = 20251122

Values = dict[str, float]
Once = Callable[[int], Values]


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure. `aim` is how many times better than the best of the others, or than `than`, this should be.

    `limit` is what its own median must not exceed or, where more is better, must reach. `better` is -1 when less is
    better, 1 when more is. Shares are set beside each other, not divided: one may be 0.
    """

    name: str
    label: str
    unit: str
    aim: float | None = None
    limit: float | None = None
    better: int = -1
    than: Contestant | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """Measures that are taken together. `open` yields what measures one contestant once, given the round's number.

    `sized` are the figures it takes at several sizes, under the names that `at` gives them. `made_of` says what it
    measures with where that isn't the material. `rounds` is how many it has where that isn't the user's to say.
    """

    name: str
    measures: tuple[Measure, ...]
    contestants: tuple[Contestant, ...]
    open: Callable[[Stage, Contestant], AbstractContextManager[Once]]
    sized: tuple[Measure, ...] = ()
    made_of: str | None = None
    rounds: Callable[[Stage], int] | None = None


@dataclass(frozen=True, slots=True)
class Stage:
    """What cases are played on: the material, a folder for what is made of it, and what programs run in.

    `sizes` are the numbers of passages at which growth is looked at.
    """

    material: Material
    work: Path
    surroundings: Surroundings
    sizes: tuple[int, ...] = SIZES

    def questions(self, number: int, count: int) -> list[Question]:
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
        self.clear(name)
        return self.work / name

    def clear(self, *names: str) -> None:
        """Remove what cases have put into the folder under these names, gigabytes some of it."""
        for name in names:
            shutil.rmtree(self.work / name, ignore_errors=True)


def at(name: str, size: int) -> str:
    """Name a figure that is taken at several sizes."""
    return f"{name}@{size}"


def sizes_of(name: str) -> tuple[str, int] | None:
    """Take such a name apart; None for a figure without a size."""
    figure, _, size = name.partition("@")
    return (figure, int(size)) if size else None
