"""Write figures into the README: python -m eval.readme RUN_FOLDER, or eval/speed.json for those of `make bench`.

A test asks a run's questions again and fails when a figure has left its interval, so they can't go stale.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from eval.measures import BY_NAME, Measure, counted
from eval.record import BASELINE, PRODUCT
from eval.results import Results, shown
from eval.run import load_records, read_run
from eval.speed import notes, pictures, read_results, table
from eval.statistics import Estimate

README = Path(__file__).resolve().parent.parent / "README.md"
SHOWN = ("span_recall_5", "nugget_recall", "span_validity", "citation_recall", "evidence_precision",
         "document_precision", "false_answers", "false_refusals", "words")  # fmt: skip
FIGURES, SPEED_TABLE = "figures", "speed"
_ROW = re.compile(r"^\| ([^|]+?) \| ([\d.,]+) \(", re.MULTILINE)


def main() -> None:
    """Put the figures of the run, or the file, that the command line names into the README."""
    given, readme = Path(sys.argv[1]), README.read_text(encoding="utf-8")
    readme = replace_speed(readme, given) if given.is_file() else replace_figures(readme, results_of(given))
    README.write_text(readme, encoding="utf-8")


def results_of(folder: Path) -> Results:
    """Read a run's figures. Raises GoldError when the folder holds none."""
    records = load_records(folder)
    systems = dict.fromkeys(record.system for record in records)
    return Results.of(read_run(folder), {name: [r for r in records if r.system == name] for name in systems})


def replace_figures(readme: str, results: Results) -> str:
    """Return the README's text with the run's figures between its two marks."""
    return _replace(readme, FIGURES, _lines(results))


def replace_speed(readme: str, file: Path) -> str:
    """Return the README's text with the figures of `make bench` between its two marks. Raises GoldError."""
    results = read_results(file)
    charts = pictures(results, "eval/speed.svg", "eval/growth.svg")
    return _replace(readme, SPEED_TABLE, [*table(results), "", *notes(results), *charts])


def read_figures(readme: str) -> dict[str, float]:
    """Read the shares that the README states: values by measure."""
    block = _block(FIGURES).search(readme)
    rows = {label: float(value) for label, value in _ROW.findall(block.group() if block else "")}
    shares = {name: BY_NAME[name] for name in SHOWN if BY_NAME[name].unit == "share"}
    return {name: rows[measure.label] for name, measure in shares.items() if measure.label in rows}


def _block(name: str) -> re.Pattern[str]:
    return re.compile(rf"<!-- {name} -->\n.*?<!-- end of {name} -->\n", re.DOTALL)


def _replace(readme: str, name: str, lines: list[str]) -> str:
    block = "\n".join([f"<!-- {name} -->", *lines, f"<!-- end of {name} -->", ""])
    return _block(name).sub(lambda _: block, readme, count=1)


def _lines(results: Results) -> list[str]:
    count = f"{len(counted(results.records[PRODUCT]))} questions on {results.info.documents} documents"
    lines = [f"| {count} | this | naive pipeline |", "|---|---|---|"]
    for name in SHOWN:
        cells = [_cell(results.overall.get(system, {}).get(name), BY_NAME[name]) for system in (PRODUCT, BASELINE)]
        lines.append(f"| {BY_NAME[name].label} | {' | '.join(cells)} |")
    return lines


def _cell(estimate: Estimate | None, measure: Measure) -> str:
    if estimate is None:
        return "-"
    value, low, high = (shown(x, measure) for x in (estimate.value, estimate.low, estimate.high))
    return f"{value} ({low} to {high})"


if __name__ == "__main__":
    main()
