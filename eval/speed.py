"""The figures of `eval.bench`: kept as JSON, compared as ratios, written as Markdown. Measures nothing."""

from __future__ import annotations

import json
import statistics
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from eval.cases import CASES, Measure
from eval.contestants import OURS, PEERS
from eval.fields import GoldError
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
    """One measure of one case: every contestant's values, and how this project compares with the best of the others.

    `best` and `ratio` are None when there is nobody to compare with.
    """

    result: Result
    measure: Measure
    values: Mapping[str, Sequence[float]]
    best: str | None
    ratio: Ratio | None

    @property
    def met(self) -> bool | None:
        """Whether what is aimed at is reached; None when nothing is aimed at or nothing was measured."""
        if self.measure.aim is None or self.ratio is None:
            return None
        limit = self.measure.limit
        within = limit is None or statistics.median(self.values[OURS.name]) <= limit
        return within and self.ratio.value >= self.measure.aim


def rows(results: Mapping[str, Result]) -> Iterator[Row]:
    """Go through the measures of the cases that there are results of."""
    for case in CASES:
        if case.name not in results:
            continue
        for measure in case.measures:
            values = results[case.name].values.get(measure.name, {})
            others = {name: statistics.median(found) for name, found in values.items() if name != OURS.name}
            best = min(others, key=lambda name: -measure.better * others[name], default=None)
            ratio = None
            if best and OURS.name in values:
                ratio = Ratio.of(values[OURS.name], values[best], measure.better)
            yield Row(results[case.name], measure, values, best, ratio)


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
    """Write a figure with its unit, to three digits: 0.70 s, 2.31 s, 18.4 s, 769 MB, 102/s."""
    digits = 0 if value >= 100 else 1 if value >= 10 else 2
    return f"{value:,.{digits}f}{'' if unit.startswith('/') else ' '}{unit}"


def times(ratio: Ratio | None) -> str:
    """Write a ratio with its spread over the rounds."""
    return "-" if ratio is None else f"{ratio.value:.1f} ({ratio.low:.1f} to {ratio.high:.1f})"


def table(results: Mapping[str, Result]) -> list[str]:
    """Write the table for the README: medians, and how many times better this is than the best of the others."""
    names = [OURS.name, *(peer.name for peer in PEERS)]
    lines = [f"| | {' | '.join(names)} | another way | times better than the best | aim |", "|---" * 7 + "|"]
    for row in rows(results):
        cells = [_median(row, name) for name in names]
        other = next((name for name in row.values if name not in names), None)
        cells.append(f"{_median(row, other)}, {other}" if other else "")
        aim = "" if row.measure.aim is None else f"{row.measure.aim:g}{', not met' if row.met is False else ''}"
        lines.append(f"| {row.measure.label} | {' | '.join(cells)} | {times(row.ratio)} | {aim} |")
    return lines


def notes(results: Mapping[str, Result]) -> list[str]:
    """Say what was measured, on what, when; and who failed."""
    said: dict[str, list[str]] = {}
    for result in results.values():
        machine = ", ".join(result.machine.values())
        text = f"{result.rounds} rounds, everyone in turn; {result.material}; {machine}; {result.date}"
        said.setdefault(text, []).append(result.case)
    lines = [f"- {', '.join(cases)}: {text}." for text, cases in said.items()]
    if len(said) == 1:
        lines = [f"{text}." for text in said]
    return lines + [f"- {r.case}: {who} failed: {why}" for r in results.values() for who, why in r.failed.items()]


def document(results: Mapping[str, Result], chart: str) -> str:
    """Write all that was measured as a Markdown document."""
    lines = ["# Speed", "", "Made by `make bench`; medians of the rounds, least and most in brackets.", ""]
    lines += [f"![How many times what this takes the others take]({chart})", "", *table(results), "", *notes(results)]
    lines += ["", "| | contestant | median (least to most) | of this, by rounds |", "|---|---|---|---|"]
    for row in rows(results):
        ours = row.values.get(OURS.name)
        for name, values in row.values.items():
            unit = row.measure.unit
            spread = f"{_median(row, name)} ({shown(min(values), unit)} to {shown(max(values), unit)})"
            ratio = times(Ratio.of(ours, values, row.measure.better)) if ours and name != OURS.name else ""
            lines.append(f"| {row.measure.label} | {name} | {spread} | {ratio} |")
    versions = {name: found for result in results.values() for name, found in result.versions.items()}
    lines += ["", "| | versions |", "|---|---|"]
    lines += [f"| {name} | {', '.join(f'{p} {v}' for p, v in found.items())} |" for name, found in versions.items()]
    return "\n".join([*lines, ""])


def _median(row: Row, name: str) -> str:
    if name in row.result.failed:
        return "failed"
    return shown(statistics.median(row.values[name]), row.measure.unit) if name in row.values else ""
