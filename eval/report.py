"""A run as one page that needs nothing else: style and plots are inside it, and it can't fetch anything.

Everything that comes from documents, questions, models or file names goes through `safe`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from eval.cards import question_card, safe
from eval.definitions import DEFINITIONS
from eval.measures import BY_NAME, Measure, counted, selective, wrong_share
from eval.metrics import risk_coverage
from eval.plots import interval_plot, latency_plot, risk_coverage_plot
from eval.record import BASELINE, PRODUCT, Record
from eval.results import Comparison, Results, heading, shown, worst_first
from eval.statistics import Estimate
from eval.style import STYLE
from index.scope import EVERYTHING

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
_TILES = ("nugget_recall", "contains_answer", "evidence_precision", "false_answers", "false_refusals", "total_p50")
_RANKING_TILES = ("ndcg_10", "recall_1", "recall_10", "mrr_10", "total_p50")
_FILTERS = {"all": "All", "bad": "Not right", "refusal": "Refusals", "good": "Right"}
_FILTER_STYLE = "".join(
    f"body:has(#show-{name}:checked) details.q:not(.is-{name}) {{ display: none; }}"
    for name in _FILTERS
    if name != "all"
)


def render(results: Results) -> str:
    """Write the page."""
    info = results.info
    sections = [
        _head(results),
        _tiles(results),
        _measures(results),
        _plots(results),
        _groups(results),
        _against(results.comparison) if results.comparison else "",
        _questions(results),
    ]
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">'
        f"<title>{safe(info.gold)}: evaluation</title><style>{STYLE}{_FILTER_STYLE}</style></head>"
        f"<body><main>{''.join(sections)}</main></body></html>\n"
    )


def _head(results: Results) -> str:
    info = results.info
    models = ", ".join(f"{role} {name}" for role, name in info.models.items())
    notes = "".join(f'<p class="soft">Note: {safe(note)}.</p>' for note in info.notes)
    asked = "ranking alone" if info.retrieval_only else f"answers: {info.settings.get('answer', 'written')}"
    kept = f", {info.filters}" if info.filters != str(EVERYTHING) else ""
    return (
        f'<header><p class="eyebrow">Evaluation</p><h1>{safe(info.gold)}</h1>'
        f'<p class="soft">{info.questions} questions on {info.documents} documents ({info.chunks} passages), '
        f"{safe(asked)}{safe(kept)}.<br>{safe(models)}<br>{safe(info.started)}</p>{notes}</header>"
    )


def _tiles(results: Results) -> str:
    names = _RANKING_TILES if results.info.retrieval_only else _TILES
    return f'<div class="tiles">{"".join(_tile(results, name) for name in names if name in results.product)}</div>'


def _tile(results: Results, name: str) -> str:
    measure, estimate = BY_NAME[name], results.product[name]
    other = results.overall.get(BASELINE, {}).get(name)
    beside = f"<small>baseline {_short(other.value, measure)}</small>" if other else ""
    span = f"{_short(estimate.low, measure)} to {_short(estimate.high, measure)}"
    return (
        f'<div class="tile num"><b>{_short(estimate.value, measure)}</b><span>{safe(measure.label)}</span>'
        f"<small>{span}, n = {estimate.n}</small>{beside}</div>"
    )


def _short(value: float, measure: Measure) -> str:
    percent = measure.unit == "share" and measure.group != "Retrieval"
    return f"{value:.0%}" if percent else shown(value, measure)


def _legend(results: Results) -> str:
    if BASELINE not in results.overall:
        return ""
    naive = "vectors alone" if results.info.retrieval_only else "four passages pasted, free writing, no check"
    names = {PRODUCT: "the assistant", BASELINE: f"baseline: {naive}"}
    return f'<p class="legend">{"".join(f"<span><i class={s}></i>{names[s]}</span>" for s in results.overall)}</p>'


def _measures(results: Results) -> str:
    return (
        "<section><h2>Measures</h2><p class='soft'>With 95% bootstrap intervals over the questions; ↓ less is better; "
        f"n is the number of questions that a measure applies to.</p>{_legend(results)}"
        f"{_table(results, results.overall, plots=True)}{_definitions()}</section>"
    )


def _table(results: Results, columns: Mapping[str, Mapping[str, Estimate]], plots: bool = False) -> str:
    """Write all measures, a row each, in columns of estimates by measure; on request with plots and counts."""
    heads = "".join(f'<th class="num">{safe(name)}</th>' for name in columns)
    heads += '<th class="plotcell">0 to 1</th><th class="num wide">n</th>' if plots else ""
    rows, last = [], None
    for measure in results.measures:
        found = {name: estimate for name, part in columns.items() if (estimate := part.get(measure.name))}
        if not found:
            continue
        if measure.group != last:
            rows.append(f'<tr class="group"><th colspan="{3 + len(columns)}">{safe(measure.group)}</th></tr>')
            last = measure.group
        cells = "".join(_cell(found.get(name), measure) for name in columns)
        if plots:
            cells += f'<td class="plotcell">{interval_plot(found) if measure.unit == "share" else ""}</td>'
            cells += f'<td class="num soft wide">{max(estimate.n for estimate in found.values())}</td>'
        rows.append(f"<tr><td>{safe(measure.label)}{_arrow(measure)}</td>{cells}</tr>")
    return (
        f'<div class="scroll"><table class="measures"><thead><tr><th></th>{heads}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )


def _definitions() -> str:
    items = "".join(f"<dt>{safe(name)}</dt><dd>{safe(meaning)}</dd>" for name, meaning in DEFINITIONS)
    return f'<details class="terms"><summary>What the measures mean</summary><dl>{items}</dl></details>'


def _arrow(measure: Measure) -> str:
    return '<span class="soft">&nbsp;↓</span>' if measure.better < 0 else ""


def _cell(estimate: Estimate | None, measure: Measure) -> str:
    if estimate is None:
        return '<td class="num soft">–</td>'
    value = shown(estimate.value, measure)
    if not measure.interval:
        return f'<td class="num">{value}</td>'
    low, high = shown(estimate.low, measure), shown(estimate.high, measure)
    return f'<td class="num">{value}<small>{low}–{high}</small></td>'


def _plots(results: Results) -> str:
    figures = []
    if not results.info.retrieval_only:
        curves = {system: _curve(counted(records)) for system, records in results.records.items()}
        figures.append(
            "<figure><figcaption><b>Risk over coverage</b><small>If only the questions it is surest of were answered: "
            "what share of the answer would be missing or made up. Lower is better; a flat line means that its "
            f"confidence tells nothing.</small></figcaption>{risk_coverage_plot(curves)}</figure>"
        )
    times = {system: [float(r.wall_ms) for r in counted(records)] for system, records in results.records.items()}
    figures.append(
        "<figure><figcaption><b>Total time</b><small>How many questions took how long, measured from "
        f"outside.</small></figcaption>{latency_plot(times)}</figure>"
    )
    return (
        f'<section><h2>Confidence and time</h2>{_legend(results)}<div class="plots">{"".join(figures)}</div></section>'
    )


def _curve(records: Sequence[Record]) -> list[tuple[float, float]]:
    judged = [values for record in records if (values := selective(record)) is not None]
    return risk_coverage([confidence for confidence, _ in judged], [loss for _, loss in judged])


def _groups(results: Results) -> str:
    parts = results.groups[PRODUCT]
    if not parts:
        return ""
    measures = [m for m in results.headline if any(m.name in part for part in parts.values())]
    heads = "".join(f'<th class="num">{safe(heading(measure))}</th>' for measure in measures)
    rows = [
        f"<tr><td>{safe(group)}</td>"
        + "".join(_cell(part.get(measure.name), measure) for measure in measures)
        + f'<td class="num soft">{max((e.n for e in part.values()), default=0)}</td></tr>'
        for group, part in parts.items()
    ]
    every = "".join(
        f'<details class="terms"><summary>All measures by language and kind: {system}</summary>'
        f"{_table(results, part)}</details>"
        for system, part in results.groups.items()
    )
    return (
        "<section><h2>By language and kind of question</h2><p class='soft'>The assistant's main figures. Small groups "
        'have wide intervals: read those first.</p><div class="scroll"><table><thead>'
        f'<tr><th></th>{heads}<th class="num">n</th></tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div>{every}</section>"
    )


def _against(comparison: Comparison) -> str:
    tone = {"better": "good", "worse": "bad"}
    rows = [
        f"<tr><td>{safe(row.measure.label)}{_arrow(row.measure)}</td>"
        f'<td class="num">{shown(row.ours, row.measure)}</td>'
        f'<td class="num">{shown(row.theirs, row.measure)}</td>{_cell(row.change, row.measure)}'
        f'<td class="num">{row.wins} / {row.losses}</td>'
        f'<td class="{tone.get(row.verdict, "soft")}">{row.verdict}</td></tr>'
        for row in comparison.differences
    ]
    changes = "".join(
        f"<tr><td>{safe(c.ours.question.id)}</td><td>{safe(c.ours.question.question)}</td>"
        f'<td class="soft">{safe(c.theirs.outcome)} → {safe(c.ours.outcome)}</td>'
        f'<td class="num">{1 - wrong_share(c.theirs):.2f} → {1 - wrong_share(c.ours):.2f}</td></tr>'
        for c in comparison.changed
    )
    return (
        f"<section><h2>Against {safe(comparison.name)}</h2><p class='soft'>{comparison.questions} questions put to "
        'both, paired bootstrap.</p><div class="scroll"><table><thead><tr><th></th><th class="num">this run</th>'
        '<th class="num">other</th><th class="num">change</th><th class="num">wins / losses</th><th></th></tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div>"
        f"<h3>{len(comparison.changed)} questions changed, losses first</h3>"
        '<div class="scroll"><table><thead><tr><th></th><th>question</th><th>outcome</th>'
        f'<th class="num">right</th></tr></thead><tbody>{changes}</tbody></table></div></section>'
    )


def _questions(results: Results) -> str:
    others = {record.question.id: record for record in results.records.get(BASELINE, [])}
    cards = [question_card(r, others.get(r.question.id)) for r in worst_first(results.records[PRODUCT])]
    sorts = {} if results.info.retrieval_only else _FILTERS
    filters = "".join(
        f'<label><input type="radio" name="show" id="show-{name}"{" checked" if name == "all" else ""}>{label}</label>'
        for name, label in sorts.items()
    )
    return (
        "<section><h2>Questions, worst first</h2><p class='soft'>Open one to see the answer, what it cites and what "
        f'the gold asks for.</p><div class="filters">{filters}</div>{"".join(cards)}</section>'
    )
