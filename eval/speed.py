"""The figures of `eval.bench`: kept as JSON, compared as ratios, written as Markdown. Measures nothing."""

from __future__ import annotations

import json
import statistics
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from eval.cases import CASES
from eval.contestants import OURS, PEERS
from eval.fields import GoldError
from eval.stage import Case, Measure, sizes_of
from index.models import write_atomically

SPEED = Path(__file__).parent / "speed.json"


@dataclass(frozen=True, slots=True)
class Result:
    """One case as it was measured.

    `values` holds by measure and contestant what each round gave, in rounds' order; contestants that failed are in
    `failed`, with the reason. `versions` are those of each contestant's packages.
    """

    case: str
    date: str
    commit: str
    material: str
    documents: str
    rounds: int
    machine: Mapping[str, str]
    versions: Mapping[str, Mapping[str, str]]
    values: Mapping[str, Mapping[str, Sequence[float]]]
    failed: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Ratio:
    """How many times better this project is than another: median, least and most over the rounds."""

    value: float
    low: float
    high: float

    @classmethod
    def of(cls, ours: Sequence[float], theirs: Sequence[float], better: int) -> Ratio:
        """Compare two contestants round by round; `better` is -1 when less is better, 1 when more is."""
        ratios = [(a / b) if better > 0 else (b / a) for a, b in zip(ours, theirs, strict=True)]
        return cls(statistics.median(ratios), min(ratios), max(ratios))


@dataclass(frozen=True, slots=True)
class Row:
    """One measure of one case: every contestant's values, and how this project compares with another, `rival`.

    That is the best of the others, or the one that the aim names. `rival` and `ratio` are None when there is nobody to
    compare with, `ratio` also for shares.
    """

    result: Result
    measure: Measure
    values: Mapping[str, Sequence[float]]
    rival: str | None
    ratio: Ratio | None

    @property
    def met(self) -> bool | None:
        """Whether what is aimed at is reached; None when nothing is aimed at, or not all that it takes was measured."""
        aim, limit, better = self.measure.aim, self.measure.limit, self.measure.better
        if (aim is None and limit is None) or OURS.name not in self.values or (aim is not None and self.ratio is None):
            return None
        within = limit is None or better * statistics.median(self.values[OURS.name]) >= better * limit
        return within and (aim is None or self.ratio is None or self.ratio.value >= aim)

    @property
    def aim(self) -> str:
        """What is aimed at, in words, and whether it is met; "" when nothing is."""
        aim, limit = self.measure.aim, self.measure.limit
        bound = "at least" if self.measure.better > 0 else "at most"
        parts = ([] if aim is None else [f"{aim:g}×"]) + (
            [] if limit is None else [f"{bound} {shown(limit, self.measure.unit)}"]
        )
        return " and ".join(parts) + {None: "", True: ": met", False: ": **not met**"}[self.met]


def rows(results: Mapping[str, Result]) -> Iterator[Row]:
    """Go through the measures of the cases that there are results of."""
    for case in CASES:
        if case.name not in results:
            continue
        for measure in case.measures:
            values = results[case.name].values.get(measure.name, {})
            if not values and not results[case.name].failed:
                continue  # of other sizes, or of questions without a gold answer
            others = {name: statistics.median(found) for name, found in values.items() if name != OURS.name}
            rival = min(others, key=lambda name: -measure.better * others[name], default=None)
            if measure.than:
                rival = measure.than.name if measure.than.name in values else None
            ratio = None
            if rival and OURS.name in values and measure.unit != "share":
                ratio = Ratio.of(values[OURS.name], values[rival], measure.better)
            yield Row(results[case.name], measure, values, rival, ratio)


def by_size(case: Case, result: Result) -> dict[str, dict[int, float]]:
    """Return what a case found for this project at each size, medians: by the name of the figure and the size."""
    found: dict[str, dict[int, float]] = {measure.name: {} for measure in case.sized}
    for name, values in result.values.items():
        figure, size = sizes_of(name) or ("", 0)
        if figure in found and OURS.name in values:
            found[figure][size] = statistics.median(values[OURS.name])
    return found


def read_results(file: Path) -> dict[str, Result]:
    """Read results by case, none when there is no file yet. Raises GoldError when it holds something else."""
    if not file.is_file():
        return {}
    try:
        found = [Result(**row) for row in json.loads(file.read_text(encoding="utf-8"))]
    except (json.JSONDecodeError, TypeError):
        raise GoldError(f"{file} is not what python -m eval.bench writes; move it away") from None
    return {result.case: result for result in found}


def write_results(file: Path, results: Mapping[str, Result]) -> None:
    """Write results; a file that is there is replaced at once or not at all."""
    data = json.dumps([asdict(result) for result in results.values()], indent=1, ensure_ascii=False)
    write_atomically(file, f"{data}\n".encode())


def shown(value: float, unit: str) -> str:
    """Write a figure with its unit, to three digits: 0.70 s, 2.31 s, 18.4 s, 769 MB, 102/s; a share: 0.981."""
    if unit == "share":
        return f"{value:.3f}"
    digits = 0 if value >= 100 else 1 if value >= 10 else 2
    return f"{value:,.{digits}f}{'' if unit.startswith(('/', '×')) else ' '}{unit}"


def times(ratio: Ratio | None) -> str:
    """Write a ratio with its spread over the rounds."""
    if ratio is None:
        return ""
    digits = 2 if ratio.value < 2 else 1
    return f"{ratio.value:.{digits}f} ({ratio.low:.{digits}f} to {ratio.high:.{digits}f})"


def table(results: Mapping[str, Result]) -> list[str]:
    """Write the table for the README: medians, how many times better this is than another, what is aimed at."""
    names = [OURS.name, *(peer.name for peer in PEERS)]
    lines = [f"| | {' | '.join(names)} | another way | times better | aim |", "|---" * 7 + "|"]
    for row in rows(results):
        cells = [_median(row, name) for name in names]
        other = next((name for name in row.values if name not in names), None)
        cells.append(f"{_median(row, other)}, {other}" if other else "")
        than = f"{times(row.ratio)} than {row.rival}" if row.ratio else ""
        lines.append(f"| {row.measure.label} | {' | '.join(cells)} | {than} | {row.aim} |")
    return lines


def size_tables(results: Mapping[str, Result]) -> list[str]:
    """Write a table for each case that was measured at several sizes: a column a size."""
    lines = []
    for case in CASES:
        found = by_size(case, results[case.name]) if case.name in results else {}
        sizes = sorted({size for values in found.values() for size in values})
        if not sizes:
            continue
        lines += ["", f"| passages | {' | '.join(f'{size:,}' for size in sizes)} |", "|---" * (len(sizes) + 1) + "|"]
        for measure in case.sized:
            values = found[measure.name]
            cells = [shown(values[size], measure.unit) if size in values else "" for size in sizes]
            lines.append(f"| {measure.label} | {' | '.join(cells)} |")
    return lines


def notes(results: Mapping[str, Result]) -> list[str]:
    """Say what was measured, on what, when; and who failed."""
    said: dict[str, list[str]] = {}
    fixed = {case.name for case in CASES if case.rounds}
    alone = {case.name for case in CASES if len(case.contestants) == 1}
    for result in results.values():
        machine = ", ".join(result.machine.values())
        often = f"{result.rounds} rounds{'' if result.case in alone else ', everyone in turn'}"
        often = "once" if result.case in fixed else often
        text = f"{often}; {result.material}; {machine}; {result.date}"
        said.setdefault(text, []).append(result.case)
    lines = [f"- {', '.join(cases)}: {text}." for text, cases in said.items()]
    if len(said) == 1:
        lines = [f"{text}." for text in said]
    return lines + [f"- {r.case}: {who} failed: {why}" for r in results.values() for who, why in r.failed.items()]


def pictures(results: Mapping[str, Result], speed: str, growth: str) -> list[str]:
    """Show the charts, whose addresses are given: the second one only where growth was measured."""
    lines = ["", f"![How many times better, for each measure and each of the others]({speed})"]
    return lines + (["", f"![How search grows with the passages]({growth})"] if "growth" in results else [])


def document(results: Mapping[str, Result], speed: str, growth: str) -> str:
    """Write all that was measured as a Markdown document; the charts' addresses are given."""
    lines = ["# Speed", "", "Made by `make bench`; medians of the rounds, least and most in brackets."]
    lines += [*pictures(results, speed, growth), "", *table(results), *size_tables(results), "", *notes(results)]
    lines += ["", "| | contestant | median (least to most) | of this, by rounds |", "|---|---|---|---|"]
    for row in rows(results):
        ours = row.values.get(OURS.name)
        for name, values in row.values.items():
            unit = row.measure.unit
            spread = f"{_median(row, name)} ({shown(min(values), unit)} to {shown(max(values), unit)})"
            compared = ours and name != OURS.name and unit != "share"
            ratio = times(Ratio.of(ours, values, row.measure.better)) if ours and compared else ""
            lines.append(f"| {row.measure.label} | {name} | {spread} | {ratio} |")
    versions = {name: found for result in results.values() for name, found in result.versions.items()}
    lines += ["", "| | versions |", "|---|---|"]
    lines += [f"| {name} | {', '.join(f'{p} {v}' for p, v in found.items())} |" for name, found in versions.items()]
    return "\n".join([*lines, ""])


def _median(row: Row, name: str) -> str:
    if name in row.result.failed:
        return "failed"
    return shown(statistics.median(row.values[name]), row.measure.unit) if name in row.values else ""
