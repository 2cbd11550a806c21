"""Plots as SVG, drawn by hand: text in, text out. Colours and fonts come from the page's style (`eval.style`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from eval.statistics import Estimate

_WIDTH, _HEIGHT = 420, 250
_LEFT, _RIGHT, _TOP, _BOTTOM = 38, 10, 10, 34
_BARS = 24


def interval_plot(estimates: Mapping[str, Estimate]) -> str:
    """Draw shares between 0 and 1 with their intervals on one line, a system each, to stand in a table's cell."""
    height = 9 + 9 * len(estimates)
    parts = [f'<svg class="interval" width="100%" height="{height}" aria-hidden="true">']
    parts += [f'<line class="grid" x1="{x}%" x2="{x}%" y1="0" y2="{height}"/>' for x in (1, 25.5, 50, 74.5, 99)]
    for number, (system, e) in enumerate(estimates.items()):
        y = 9 + 9 * number
        low, high, value = (1 + 98 * min(1.0, max(0.0, share)) for share in (e.low, e.high, e.value))
        parts.append(f'<line class="span {escape(system)}" x1="{low:.2f}%" x2="{high:.2f}%" y1="{y}" y2="{y}"/>')
        parts.append(f'<circle class="dot {escape(system)}" cx="{value:.2f}%" cy="{y}" r="3.5"/>')
    return "".join(parts) + "</svg>"


def risk_coverage_plot(curves: Mapping[str, Sequence[tuple[float, float]]]) -> str:
    """Draw risk over coverage, a line for each system."""
    parts = [_open("Risk over coverage")]
    for tick in (0.0, 0.25, 0.5, 0.75, 1.0):
        parts += [_level(tick, f"{tick:.0%}"), _under(tick, f"{tick:.0%}")]
    for system, points in curves.items():
        if points:
            path = " ".join(f"{_x(coverage):.1f},{_y(risk):.1f}" for coverage, risk in points)
            parts.append(f'<polyline class="curve {escape(system)}" points="{path}"/>')
    return "".join(parts) + _caption("questions answered, the surest first") + "</svg>"


def latency_plot(times: Mapping[str, Sequence[float]]) -> str:
    """Draw how long answers took, in seconds: a histogram for each system, one above the other."""
    longest = max((max(values) for values in times.values() if values), default=0.0) / 1000 or 1.0
    step = _nice(longest / _BARS)
    bars = max(1, int(longest / step) + 1)
    counts = {system: _histogram(values, step, bars) for system, values in times.items()}
    most = max((max(values) for values in counts.values()), default=1) or 1
    rows = max(1, len(counts))
    band = (_HEIGHT - _TOP - _BOTTOM) / rows
    parts = [_open("Distribution of answer times")]
    width = (_WIDTH - _LEFT - _RIGHT) / bars
    for row, (system, values) in enumerate(counts.items()):
        floor = _TOP + band * (row + 1)
        parts.append(f'<line class="axis" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{floor:.1f}" y2="{floor:.1f}"/>')
        for number, count in enumerate(values):
            height = (band - 12) * count / most
            x = _LEFT + width * number
            parts.append(
                f'<rect class="bar {escape(system)}" x="{x + 0.5:.1f}" y="{floor - height:.1f}" '
                f'width="{max(1.0, width - 1):.1f}" height="{height:.1f}"><title>{count} answers in '
                f"{step * number:.3g} to {step * (number + 1):.3g} s</title></rect>"
            )
        parts.append(f'<text x="{_LEFT - 6}" y="{floor - band + 20:.1f}" text-anchor="end">{most}</text>')
    end = step * bars
    parts += [_under(share, f"{share * end:.3g}") for share in (0.0, 0.25, 0.5, 0.75, 1.0)]
    return "".join(parts) + _caption("seconds to the whole answer") + "</svg>"


def _histogram(values: Sequence[float], step: float, bars: int) -> list[int]:
    counts = [0] * bars
    for value in values:
        counts[min(bars - 1, int(value / 1000 / step))] += 1
    return counts


def _nice(step: float) -> float:
    """Round a step up to 1, 2, 2.5 or 5 times a power of ten."""
    power = 1e-4
    while power * 10 <= step:
        power *= 10
    return next((power * factor for factor in (1, 2, 2.5, 5) if power * factor >= step), power * 10)


def _x(share: float) -> float:
    return _LEFT + share * (_WIDTH - _LEFT - _RIGHT)


def _y(share: float) -> float:
    return _TOP + (1 - share) * (_HEIGHT - _TOP - _BOTTOM)


def _open(title: str) -> str:
    return f'<svg class="plot" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{escape(title)}">'


def _level(share: float, label: str) -> str:
    y = _y(share)
    line = f'<line class="grid" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
    return f'{line}<text x="{_LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{escape(label)}</text>'


def _under(share: float, label: str) -> str:
    anchor = "start" if share == 0 else "end" if share == 1 else "middle"
    return f'<text x="{_x(share):.1f}" y="{_HEIGHT - _BOTTOM + 15}" text-anchor="{anchor}">{escape(label)}</text>'


def _caption(text: str) -> str:
    return f'<text class="caption" x="{_x(0.5):.1f}" y="{_HEIGHT - 3}" text-anchor="middle">{escape(text)}</text>'
