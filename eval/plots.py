"""Plots as SVG, drawn by hand: text in, text out. Colours and fonts come from the page's style (`eval.style`)."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape

from eval.statistics import Estimate

_WIDTH, _HEIGHT = 420, 250
_LEFT, _RIGHT, _TOP, _BOTTOM = 38, 10, 10, 34
_PER_DECADE = 10


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
    """Draw how long answers took, from milliseconds: a histogram for each system, its axis logarithmic."""
    logs = {system: [math.log10(max(1.0, value) / 1000) for value in values] for system, values in times.items()}
    everything = [value for values in logs.values() for value in values] or [0.0]
    low, high = math.floor(min(everything) * 2) / 2, math.floor(max(everything) * 2) / 2 + 0.5
    bars = round((high - low) * _PER_DECADE)
    counts = {system: _histogram(values, low, bars) for system, values in logs.items()}
    most = max((max(values) for values in counts.values()), default=1) or 1
    band = (_HEIGHT - _TOP - _BOTTOM) / max(1, len(counts))
    width = (_WIDTH - _LEFT - _RIGHT) / bars
    parts = [_open("Distribution of answer times")]
    for row, (system, values) in enumerate(counts.items()):
        floor = _TOP + band * (row + 1)
        parts.append(f'<line class="axis" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{floor:.1f}" y2="{floor:.1f}"/>')
        for number, count in enumerate(values):
            height = (band - 14) * count / most
            parts.append(
                f'<rect class="bar {escape(system)}" x="{_LEFT + width * number + 0.5:.1f}" y="{floor - height:.1f}" '
                f'width="{max(1.0, width - 1):.1f}" height="{height:.1f}"/>'
            )
        top = floor - band + 14
        parts.append(f'<text x="{_LEFT - 6}" y="{top + 4:.1f}" text-anchor="end">{most}</text>')
        parts.append(f'<line class="grid" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{top:.1f}" y2="{top:.1f}"/>')
    ticks = range(math.ceil(low * 2), int(high * 2) + 1)
    parts += [_under((tick / 2 - low) / (high - low), _seconds(tick)) for tick in ticks]
    return "".join(parts) + _caption("seconds, logarithmic") + "</svg>"


def _histogram(logs: Sequence[float], low: float, bars: int) -> list[int]:
    counts = [0] * bars
    for value in logs:
        counts[min(bars - 1, int((value - low) * _PER_DECADE))] += 1
    return counts


def _seconds(halves: int) -> str:
    """Name a tick at 10^(halves/2) seconds: 0.1, 0.3, 1, 3, 10 ..."""
    return f"{(3 if halves % 2 else 1) * 10.0 ** (halves // 2):g}"


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
