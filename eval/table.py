"""A run's figures as tables on the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eval.measures import Measure
from eval.results import Comparison, Results, heading, shown
from eval.statistics import Estimate

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table


def print_results(results: Results, console: Console) -> None:
    """Print all tables of a run."""
    console.print(_overall(results))
    for system, parts in results.groups.items():
        if parts:
            console.print(_groups(results, system))
    if results.comparison:
        console.print(_comparison(results.comparison))
        for line in _changes(results.comparison):
            console.print(line, markup=False, highlight=False)


def figure(estimate: Estimate | None, measure: Measure) -> str:
    """Write a figure with its interval, "-" when there is none."""
    if estimate is None:
        return "-"
    value = shown(estimate.value, measure)
    if not measure.interval:
        return value
    return f"{value} [dim]{shown(estimate.low, measure)}–{shown(estimate.high, measure)}[/]"


def _table(title: str, first: str, columns: list[str]) -> Table:
    from rich import box
    from rich.markup import escape
    from rich.table import Table

    table = Table(title=escape(title), box=box.SIMPLE_HEAD, title_justify="left", title_style="bold", pad_edge=False)
    table.add_column(first, no_wrap=True)
    for column in columns:
        table.add_column(column, justify="right")
    return table


def _overall(results: Results) -> Table:
    systems = list(results.overall)
    table = _table(f"{results.info.gold}: {results.info.questions} questions", "measure", [*systems, "n"])
    last = None
    for measure in results.measures:
        found = [results.overall[system].get(measure.name) for system in systems]
        counts = [estimate.n for estimate in found if estimate]
        if not counts:
            continue
        if last not in (None, measure.group):
            table.add_section()
        last = measure.group
        table.add_row(measure.label, *(figure(estimate, measure) for estimate in found), str(max(counts)))
    return table


def _groups(results: Results, system: str) -> Table:
    from rich.markup import escape

    parts = results.groups[system]
    measures = [m for m in results.headline if any(m.name in part for part in parts.values())]
    table = _table(system, "questions", ["n", *map(heading, measures)])
    for group, part in parts.items():
        cells = [shown(part[m.name].value, m) if m.name in part else "-" for m in measures]
        table.add_row(escape(group), str(max((e.n for e in part.values()), default=0)), *cells)
    return table


def _comparison(comparison: Comparison) -> Table:
    title = f"against {comparison.name}: {comparison.questions} questions"
    table = _table(title, "measure", ["this run", "other", "change", "wins/losses", ""])
    for row in comparison.differences:
        change = f"{shown(row.change.value, row.measure)} [dim]{shown(row.change.low, row.measure)} to "
        change += f"{shown(row.change.high, row.measure)}[/]"
        ours, theirs = shown(row.ours, row.measure), shown(row.theirs, row.measure)
        table.add_row(row.measure.label, ours, theirs, change, f"{row.wins}/{row.losses}", row.verdict)
    return table


def _changes(comparison: Comparison, most: int = 20) -> list[str]:
    lines = [
        f"  {c.ours.question.id}  {c.theirs.outcome} -> {c.ours.outcome}  {c.ours.question.question}"
        for c in comparison.changed[:most]
    ]
    more = len(comparison.changed) - most
    return [f"{len(comparison.changed)} questions changed, the losses first:", *lines] + (
        [f"  and {more} more, in the report"] if more > 0 else []
    )
