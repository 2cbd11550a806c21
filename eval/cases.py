"""What is measured, one case after the other. Each says who takes part, what it costs, and what is aimed at.

A case opens a contestant (which may fail, and takes as long as it takes) and yields what is called once a round. Here
are those that compare; those of this project alone are opened in `eval.alone`.
"""

from __future__ import annotations

import json
import shutil
import statistics
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from eval.alone import GROWTH, MEMORY, SIZED_GROWTH, SIZED_MEMORY, UNCHANGED, growth, memory, unchanged
from eval.contestants import ENCODER, IMPORT, NAIVE, OURS, PEERS, Contestant
from eval.gold import Question
from eval.metrics import contains_answer, nugget_recall
from eval.stage import RAG, Case, Measure, Once, Stage, Values

PARAGRAPHS = 1000  # indexed, at least
MANY = 2000  # indexed beside the bare encoder: so many that throughput counts, not the start
PASSAGES = 5000  # searched, at least
_SEARCHES, _ANSWERS = 20, 8  # questions a round


@contextmanager
def _cold_ask(stage: Stage, who: Contestant) -> Iterator[Once]:
    place, question = stage.index(who, stage.material), stage.material.questions[0].question
    ours = [*RAG, "ask", question, "--library", str(place)]
    with _whole(stage, ours if who is OURS else who.command("ask", place, question)) as once:
        yield once


@contextmanager
def _cold_search(stage: Stage, who: Contestant) -> Iterator[Once]:
    command = [sys.executable, "-c", "import sentence_transformers"]
    if who is OURS:
        place, question = stage.index(who, stage.material), stage.material.questions[0].question
        command = [*RAG, "search", question, "--library", str(place)]
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
            return {"p50": 1000 * statistics.median(worker.ask({"search": q.question})["seconds"] for q in asked)}

        once(-1)
        yield once


@contextmanager
def _answers(stage: Stage, who: Contestant) -> Iterator[Once]:
    place = stage.index(who, stage.material)
    with stage.surroundings.serving(who.command("serve", place)) as worker:

        def once(number: int) -> Values:
            asked = stage.questions(number, _ANSWERS)
            replies = [worker.ask({"ask": question.question}) for question in asked]
            told = {name: statistics.mean(reply[name] for reply in replies) for name in ("first", "last")}
            judged = [gold_share(reply["text"], question) for reply, question in zip(replies, asked, strict=True)]
            shares = [share for share in judged if share is not None]
            return told | ({"gold": statistics.mean(shares)} if shares else {})

        worker.ask({"ask": stage.questions(-1, 1)[0].question})
        yield once


def gold_share(text: str, question: Question) -> float | None:
    """Tell how much of the gold answer a text contains: all or nothing of a short one, else the share of its nuggets.

    None for a question that has neither.
    """
    if question.answers:
        return contains_answer(text, question.answers, question.language)
    return nugget_recall(text, question.nuggets)


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


@contextmanager
def _encoding(stage: Stage, who: Contestant) -> Iterator[Once]:
    material = stage.material.paragraphs(MANY)
    place = stage.index(OURS, material)  # its chunks are what the bare encoder is given
    folder, few = stage.documents(material), stage.documents(material.first(_SEARCHES))

    def once(number: int, folder: Path = folder) -> Values:
        if who is ENCODER:
            took = json.loads(stage.surroundings.run(who.command(place)).output)
            return {"rate": len(material) / took["seconds"], "cpu": len(material) / took["processor"]}
        library = str(stage.fresh("encoder-index"))
        cost = stage.surroundings.run([*RAG, "index", str(folder), "--library", library])
        return {"rate": len(material) / cost.wall, "cpu": len(material) / cost.cpu}

    if who is OURS:
        once(0, few)  # its programs are in the file cache now
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
            Measure("last", "question, warm: to the last word", "s", aim=2, than=NAIVE),
            Measure("gold", "question, warm: how much of the gold answer is in it", "share", better=1),
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
        "encoder",
        (
            Measure("rate", f"indexing {MANY:,}, cold: paragraphs", "/s", aim=0.85, better=1),
            Measure("cpu", f"indexing {MANY:,}, cold: by processor time", "/s", better=1),
        ),
        (OURS, ENCODER),
        _encoding,
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
    Case("unchanged", UNCHANGED, (OURS,), unchanged, made_of="made-up files of 1 KB"),
    Case("memory", MEMORY, (OURS,), memory, SIZED_MEMORY, "made-up passages of 16 words", lambda _: 1),
    Case("growth", GROWTH, (OURS,), growth, SIZED_GROWTH, "made-up passages, vectors included", lambda s: len(s.sizes)),
)
