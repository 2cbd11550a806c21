"""`make bench`: this project beside what people would use instead, as ratios, since machines differ and are noisy.

    python -m eval.bench [DOCUMENTS ...] [--cases cold-ask,index] [--rounds 5] [--only this,txtai] [--resume]
    python -m eval.bench --cases growth,memory,unchanged --sizes 1000,2000 --out /tmp/speed.json       # to try it out

DOCUMENTS are sets of questions with their documents, as `rag eval` reads them (SQuAD JSON, RGB JSONL, a BEIR or a TREC
folder); without any, the example documents. In every round each contestant has its turn. The others are installed once,
in environments of their own in the cache folder, which takes some minutes. Figures are written after every
round; `python -m eval.readme eval/speed.json` puts them into the README.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from eval.cases import CASES
from eval.chart import speed_chart
from eval.contestants import ROOT, Contestant, surroundings
from eval.curves import growth_chart
from eval.material import Material
from eval.processes import Failed
from eval.speed import SPEED, Result, by_size, document, read_results, rows, write_results
from eval.stage import SIZES, Case, Once, Stage
from index.errors import RagError, UsageError
from index.places import cache_dir

Tell = Callable[[str], None]
_LEAST = 200  # passages: one for each question
_BUSY = 0.3  # of the cores, on average over the last minute


def main() -> int:
    """Measure what the command line names; return the exit status."""
    try:
        bench(options(sys.argv[1:]), lambda line: print(line, file=sys.stderr, flush=True))  # noqa: T201
    except RagError as error:
        sys.stderr.write(f"bench: {error}\n")
        return 2
    except KeyboardInterrupt:
        sys.stderr.write("Stopped. The rounds that were done are kept: go on with the same command and --resume.\n")
        return 130
    return 0


def options(arguments: Sequence[str]) -> argparse.Namespace:
    """Read the command line. Raises UsageError for a case or a contestant that there isn't."""
    cases = [case.name for case in CASES]
    contestants = list(dict.fromkeys(who.name for case in CASES for who in case.contestants))
    parser = argparse.ArgumentParser(prog="python -m eval.bench", description="Measure speed side by side.")
    parser.add_argument("documents", nargs="*", type=Path, help="sets of questions with documents; or the examples")
    parser.add_argument("--cases", default=",".join(cases), help="which of %(default)s")
    parser.add_argument("--only", default=",".join(contestants), help="which of %(default)s")
    parser.add_argument("--rounds", type=int, default=5, help="how often each has its turn; default: %(default)s")
    parser.add_argument(
        "--sizes",
        default=",".join(map(str, SIZES)),
        help="passages for growth; for memory up to 100000 of them; unchanged has as many files as the most of them, "
        "up to 10000; default: %(default)s",
    )
    parser.add_argument(
        "--resume", action="store_true", help="go on with the rounds that were measured of this version"
    )
    parser.add_argument("--out", type=Path, default=SPEED, help="JSON file of the figures; default: %(default)s")
    found = parser.parse_args(arguments)
    found.cases, found.only = (_among(found.cases, cases), _among(found.only, contestants))
    if found.rounds < 1:
        raise UsageError(f"--rounds {found.rounds}: at least one")
    try:
        found.sizes = tuple(sorted(map(int, found.sizes.split(","))))
    except ValueError:
        raise UsageError(f"--sizes {found.sizes}: numbers, with commas between them") from None
    if found.sizes[0] < _LEAST:
        raise UsageError(f"--sizes: at least {_LEAST}")
    return found


def bench(given: argparse.Namespace, tell: Tell) -> None:
    """Run the cases and write the figures after each round. Raises GoldError for files that can't be used."""
    results, material = read_results(given.out), Material.of(given.documents)
    if os.getloadavg()[0] > _BUSY * (os.cpu_count() or 1):
        tell(f"The machine is busy (load {os.getloadavg()[0]:.1f}): expect a wide spread.")
    work = cache_dir() / "bench"
    work.mkdir(parents=True, exist_ok=True)
    stage = Stage(material, work, surroundings(work), given.sizes)
    for case in CASES:
        if case.name not in given.cases:
            continue
        begun = Result(
            case=case.name,
            date=time.strftime("%Y-%m-%d"),
            commit=_commit(),
            material=case.made_of or material.name,
            documents=",".join(map(str, given.sizes)) if case.made_of else material.fingerprint,
            rounds=0,
            machine=_machine(),
            versions={},
            values={},
            failed={},
        )
        before = results.get(case.name)
        if given.resume and before and _goes_on(before, begun):
            begun = before
        taking_part = [who for who in case.contestants if who.name in given.only]
        rounds = case.rounds(stage) if case.rounds else given.rounds
        for result in measure(case, stage, taking_part, begun, rounds, tell):
            results[case.name] = result
            write_results(given.out, results)
            _draw(given.out, results)
    tell(f"{given.out.with_suffix('.md')}; into the README: python -m eval.readme {given.out}")


def _draw(out: Path, results: Mapping[str, Result]) -> None:
    """Write the figures as text and as charts, beside their file."""
    chart, growth, text = out.with_suffix(".svg"), out.with_name("growth.svg"), out.with_suffix(".md")
    chart.write_text(speed_chart(list(rows(results))), encoding="utf-8")
    for case in CASES:
        if case.name == "growth" and case.name in results:
            growth.write_text(growth_chart(by_size(case, results[case.name])), encoding="utf-8")
    text.write_text(document(results, chart.name, growth.name), encoding="utf-8")


def measure(
    case: Case, stage: Stage, contestants: Sequence[Contestant], begun: Result, rounds: int, tell: Tell
) -> Iterator[Result]:
    """Measure one case from the round on that was reached; yield the result so far after each. Who fails drops out."""
    if begun.rounds >= rounds:
        tell(f"{case.name}: done already")
        return
    values = {name: {who: list(taken) for who, taken in found.items()} for name, found in begun.values.items()}
    versions, failed = dict(begun.versions), dict(begun.failed)
    ready: dict[str, Once] = {}

    def fail(who: str, error: Failed) -> None:
        tell(f"{case.name}: {who} failed: {error}")
        failed[who] = str(error)
        for found in values.values():
            found.pop(who, None)

    with ExitStack() as opened:
        for who in contestants:
            tell(f"{case.name}: {'getting ready' if who.installed else 'installing (some minutes, once)'}: {who.name}")
            try:
                who.install()
                versions[who.name] = who.versions()
                ready[who.name] = opened.enter_context(case.open(stage, who))
            except Failed as error:
                fail(who.name, error)
        for number in range(begun.rounds, rounds):
            tell(f"{case.name}: round {number + 1} of {rounds}")
            names = [name for name in ready if name not in failed]
            first = number % len(names) if names else 0  # nobody always comes after the same other
            for name in [*names[first:], *names[:first]]:
                try:
                    found = ready[name](number)
                except Failed as error:
                    fail(name, error)
                    continue
                for figure, value in found.items():
                    values.setdefault(figure, {}).setdefault(name, []).append(value)
            yield replace(begun, rounds=number + 1, versions=versions, values=values, failed=failed)


def _among(listed: str, known: Sequence[str]) -> list[str]:
    names = [name.strip() for name in listed.split(",")]
    if strange := [name for name in names if name not in known]:
        raise UsageError(f"there is no {strange[0]!r}; known: {', '.join(known)}")
    return names


def _goes_on(before: Result, begun: Result) -> bool:
    same = (before.commit, before.documents) == (begun.commit, begun.documents)
    return same and before.machine == begun.machine and not before.failed


def _commit() -> str:
    """Name the version that is measured. What is written meanwhile, these very figures, doesn't make it another."""
    code = ["rag", "index", "ui", "eval/*.py", "eval/peers"]
    try:
        told, changed = (
            subprocess.run(["git", *command], cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()
            for command in (["describe", "--always"], ["diff", "HEAD", "--", *code])
        )
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return f"{told}-dirty" if changed else told


def _machine() -> Mapping[str, str]:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        named = next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        named = platform.processor() or platform.machine()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {
        "processor": named,
        "cores": f"{os.cpu_count()} cores",
        "memory": f"{memory:.0f} GB",
        "system": f"{platform.system()}, Python {platform.python_version()}",
    }


if __name__ == "__main__":
    sys.exit(main())
