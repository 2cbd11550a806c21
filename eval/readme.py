"""Write a run's figures into the README: python -m eval.readme RUN_FOLDER.

A test asks the same questions again and fails when a figure has left its interval, so they can't go stale.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from eval.measures import BY_NAME, Measure, counted
from eval.record import BASELINE, PRODUCT
from eval.results import Results, shown
from eval.run import load_records, read_run
from eval.statistics import Estimate

README = Path(__file__).resolve().parent.parent / "README.md"
SHOWN = ("span_recall_5", "nugget_recall", "span_validity", "citation_recall", "evidence_precision",
         "document_precision", "false_answers", "false_refusals", "words")  # fmt: skip
_BLOCK = re.compile(r"<!-- figures -->\n.*?<!-- end of figures -->\n", re.DOTALL)
_ROW = re.compile(r"^\| ([^|]+?) \| ([\d.,]+) \(", re.MULTILINE)


def main() -> None:
    """Put the figures of the run that the command line names into the README."""
    README.write_text(replace_figures(README.read_text(encoding="utf-8"), results_of(Path(sys.argv[1]))), "utf-8")


def results_of(folder: Path) -> Results:
    """Read a run's figures. Raises GoldError when the folder holds none."""
    records = load_records(folder)
    systems = dict.fromkeys(record.system for record in records)
    return Results.of(read_run(folder), {name: [r for r in records if r.system == name] for name in systems})


def replace_figures(readme: str, results: Results) -> str:
    """Return the README's text with the run's figures between its two marks."""
    block = "\n".join(["<!-- figures -->", *_lines(results), "<!-- end of figures -->", ""])
    return _BLOCK.sub(lambda _: block, readme, count=1)


def read_figures(readme: str) -> dict[str, float]:
    """Read the shares that the README states: values by measure."""
    block = _BLOCK.search(readme)
    rows = {label: float(value) for label, value in _ROW.findall(block.group() if block else "")}
    shares = {name: BY_NAME[name] for name in SHOWN if BY_NAME[name].unit == "share"}
    return {name: rows[measure.label] for name, measure in shares.items() if measure.label in rows}


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
