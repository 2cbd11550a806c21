"""Fit what decides: the weights of evidence for one fact, and the gate. `python -m eval.calibrate --help`.

Where a set has no unanswerable questions, its own are also asked with the documents that answer them taken away: as
close to the subject as can be. And some are asked of the library of the set before, which is about something else.
Sets weigh alike, however many questions they have. The curve of the
gate as it is, false answers against false refusals by threshold, is written to eval/calibration.json; the fitted
weights are printed, to be put into rag/evidence.py and rag/gate.py by hand.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eval.formats import load_gold
from eval.gold import GoldSet, Question
from eval.library import build_library, write_documents
from eval.metrics import contains_answer, states
from index.embedder import EmbeddingModel
from index.library import Library
from rag.evidence import SIGNALS, is_broad, standard
from rag.gate import ANSWERED, CROWDED, INTERCEPT, WEAK, WEIGHTS, dissent, features
from rag.search import HybridSearcher
from rag.settings import Settings
from rag.signals import SignalReader, Signals

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.floating[Any]]

CURVE = Path(__file__).with_name("calibration.json")
THRESHOLDS = sorted({WEAK, ANSWERED, *(round(0.05 * step, 2) for step in range(1, 20))})
_CANDIDATES = 40  # passages searched, so that enough are left when a question's own are taken away
_EVERY = 5  # of a set's questions, one is asked of the library before
_PENALTY = 0.02  # of squared weights


@dataclass(frozen=True, slots=True)
class Example:
    """A question as the gate sees it, with the sentences that hold its answer (none when it has no answer)."""

    gold: str
    answerable: bool
    features: tuple[float, ...]
    dissent: bool
    signals: Signals
    answers: tuple[int, ...]


def examples(gold: GoldSet, folder: Path) -> Iterator[Example]:
    """Read the signals of a set's questions, each with its documents and, where it has an answer, without."""
    taken_away = all(question.answerable for question in gold.questions)
    with _reader(folder) as (searcher, reader):
        for question in gold.questions:
            if question.kind == "cross":  # what the default embedder can't do would teach the gate to trust nothing
                continue
            asked = question.standalone or question.question
            passages = searcher.search(asked, _CANDIDATES)
            own = {item.document for item in question.evidence}
            if signals := reader.read(asked, passages):
                yield _example(gold.name, question.answerable, signals, _answering(question, signals))
            others = [passage for passage in passages if passage.document.name not in own]
            if taken_away and own and (signals := reader.read(asked, others)):
                yield _example(gold.name, False, signals, ())


def strangers(gold: GoldSet, folder: Path) -> Iterator[Example]:
    """Read the signals of some questions in a library that isn't about them."""
    with _reader(folder) as (searcher, reader):
        for question in gold.questions[::_EVERY]:
            asked = question.standalone or question.question
            if signals := reader.read(asked, searcher.search(asked, _CANDIDATES)):
                yield _example("strangers", False, signals, ())


@contextmanager
def _reader(folder: Path) -> Iterator[tuple[HybridSearcher, SignalReader]]:
    library = Library.open(folder)
    encoder = EmbeddingModel.open("packaged").question_encoder()
    try:
        yield HybridSearcher(library, encoder), SignalReader(library, encoder)
    finally:
        library.close()


def _example(gold: str, answerable: bool, signals: Signals, answers: tuple[int, ...]) -> Example:
    return Example(gold, answerable, features(signals), dissent(signals), signals, answers)


def _answering(question: Question, signals: Signals) -> tuple[int, ...]:
    """Find the sentences that hold the gold answer, in a document of the gold evidence."""
    own = {item.document for item in question.evidence}

    def holds(text: str) -> bool:
        if question.answers:
            return bool(contains_answer(text, question.answers, question.language))
        return any(states(text, nugget) for nugget in question.nuggets)

    return tuple(
        i
        for i, candidate in enumerate(signals.candidates)
        if candidate.passage.document.name in own and holds(candidate.text)
    )


def fit_evidence(found: Sequence[Example]) -> dict[str, float]:
    """Fit the weights of the signals so that a sentence with the answer comes first: softmax over a question's."""
    import numpy as np

    chosen = [example for example in found if example.answers and not is_broad(example.signals)]
    tables = [np.stack([standard(example.signals, name) for name in SIGNALS], axis=1) for example in chosen]
    shares = _shares([example.gold for example in chosen])

    def loss(weights: Floats) -> tuple[float, Floats]:
        total, slope = _PENALTY * float(weights @ weights), 2 * _PENALTY * weights
        for example, table, share in zip(chosen, tables, shares, strict=True):
            odds = np.exp(table @ weights - (table @ weights).max())
            right = np.zeros(len(odds))
            right[list(example.answers)] = odds[list(example.answers)]
            total -= share * float(np.log(right.sum() / odds.sum()))
            slope = slope + share * (odds / odds.sum() - right / right.sum()) @ table
        return total, slope

    return dict(zip(SIGNALS, _minimise(loss, len(SIGNALS)), strict=True))


def fit_gate(found: Sequence[Example]) -> tuple[float, ...]:
    """Fit the gate's logistic regression, its intercept first; within a set both classes weigh alike.

    Where the subject is crowded, whether passages agree decides, not how near they come: that would teach nothing.
    """
    import numpy as np

    found = [example for example in found if example.signals.relevance < CROWDED]
    table = np.array([(1.0, *example.features) for example in found])
    sign = np.where([example.answerable for example in found], 1.0, -1.0)
    shares = np.array(_shares([f"{example.gold} {example.answerable}" for example in found]))

    def loss(weights: Floats) -> tuple[float, Floats]:
        margin = sign * (table @ weights)
        slope = -(shares * sign / (1 + np.exp(margin))) @ table
        free = np.array([0.0, *weights[1:]])  # the intercept isn't penalised
        return float(shares @ np.logaddexp(0, -margin) + 0.001 * free @ free), slope + 0.002 * free

    return _minimise(loss, table.shape[1])


def _shares(groups: Sequence[str]) -> list[float]:
    """Weigh examples so that each group has the same weight, all together 1."""
    sizes = Counter(groups)
    return [1 / (sizes[group] * len(sizes)) for group in groups]


def _minimise(loss: Callable[[Floats], tuple[float, Floats]], size: int) -> tuple[float, ...]:
    import numpy as np
    from scipy.optimize import minimize

    return tuple(round(float(x), 2) for x in minimize(loss, np.zeros(size), jac=True).x)


def curve(found: Sequence[Example], weights: Sequence[float]) -> dict[str, Any]:
    """Count, for each set and threshold, the false refusals of answerable and the false answers to unanswerable."""
    import numpy as np

    sets: dict[str, Any] = {}
    for name in dict.fromkeys(example.gold for example in found):
        rows = {}
        for threshold in THRESHOLDS:
            answered: dict[bool, list[bool]] = {True: [], False: []}
            for example in found:
                if example.gold == name:
                    sure = 1 / (1 + np.exp(-np.dot(weights, (1.0, *example.features)))) >= threshold
                    answered[example.answerable].append(bool(sure) and not example.dissent)
            rows[str(threshold)] = {
                "false_refusals": _share([not a for a in answered[True]]),
                "false_answers": _share(answered[False]),
            }
        sets[name] = rows
    return sets


def _share(hits: Sequence[bool]) -> float | None:
    return round(sum(hits) / len(hits), 3) if hits else None


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the sets, fit, print the weights, write the curve."""
    parser = argparse.ArgumentParser(prog="python -m eval.calibrate", description=__doc__)
    parser.add_argument("gold", nargs="+", help="a set of questions, as FILE, FILE:FOLDER OF DOCUMENTS, or FILE@FORMAT")
    parser.add_argument("--work", type=Path, required=True, help="a folder for the libraries, kept for the next time")
    options = parser.parse_args(arguments)
    found: list[Example] = []
    last: Path | None = None
    for argument in options.gold:
        path, _, documents = argument.partition(":")
        path, _, form = path.partition("@")
        gold = load_gold(Path(path), form or None)
        library = options.work / gold.name / "library"
        sys.stderr.write(f"reading {gold.name}\n")
        texts = Path(documents) if documents else write_documents(gold.documents, library.with_name("documents"))
        build_library(texts, library, Settings())
        found += examples(gold, library)
        if last:  # and of documents about something else, which don't answer any
            found += strangers(gold, last)
        last = library
    print("evidence", json.dumps(fit_evidence(found)))  # noqa: T201
    print("gate", json.dumps(fit_gate(found)))  # noqa: T201
    weights = (INTERCEPT, *WEIGHTS)
    sets = curve(found, weights)
    for name, rows in sets.items():
        print(name, json.dumps(rows[str(ANSWERED)]))  # noqa: T201
    CURVE.write_text(json.dumps({"gate": weights, "answered": ANSWERED, "weak": WEAK, "sets": sets}, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
