"""How search grows, as a picture: latencies and memory over the number of passages, both axes logarithmic.

An SVG that stands by itself (text in, text out), for a page that shows it as an image, light or dark.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape

_WIDTH, _HEIGHT = 860, 330
_LEFT, _TOP, _BOTTOM, _PANEL, _GAP = 60, 60, 44, 340, 90  # two panels, each so wide, so far apart
_STYLE = (
    "text{font:13px system-ui,sans-serif;fill:#222}.small{font-size:11px;fill:#666}.grid{stroke:#ddd}"
    "polyline{fill:none;stroke-width:2}.p99{stroke-dasharray:6 4}"
    "@media(prefers-color-scheme:dark){text{fill:#ddd}.small{fill:#999}.grid{stroke:#444}}"
)
_DENSE, _HYBRID, _MEMORY = "#1d7a8c", "#c2410c", "#8b6fe0"


@dataclass(frozen=True, slots=True)
class _Curve:
    figure: str  # as in eval.alone
    label: str
    colour: str
    kind: str = ""


_LATENCIES = (
    _Curve("dense p50", "nearest vectors, p50", _DENSE),
    _Curve("dense p99", "p99", _DENSE, "p99"),
    _Curve("hybrid p50", "search, p50", _HYBRID),
    _Curve("hybrid p99", "p99", _HYBRID, "p99"),
)
_MEMORIES = (_Curve("memory", "memory of who searches", _MEMORY),)


def growth_chart(found: Mapping[str, Mapping[int, float]]) -> str:
    """Draw figures (milliseconds and MB) by name and number of passages: latencies on the left, memory on the right."""
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img">',
        f"<title>How search grows with the passages</title><style>{_STYLE}</style>",
        *_panel(_LATENCIES, found, _LEFT, "ms"),
        *_panel(_MEMORIES, found, _LEFT + _PANEL + _GAP, "MB"),
    ]
    return "".join(parts) + "</svg>\n"


def _panel(curves: Sequence[_Curve], found: Mapping[str, Mapping[int, float]], left: int, unit: str) -> list[str]:
    points = {curve: sorted(found.get(curve.figure, {}).items()) for curve in curves}
    sizes = [size for one in points.values() for size, _ in one]
    values = [value for one in points.values() for _, value in one]
    if not sizes:
        return []
    across, up = _Decades.around(sizes), _Decades.around(values)

    def x(size: float) -> float:
        return left + _PANEL * across.share(size)

    def y(value: float) -> float:
        return _HEIGHT - _BOTTOM - (_HEIGHT - _TOP - _BOTTOM) * up.share(value)

    parts = [f'<text class="small" x="{left}" y="{_TOP - 10}">{unit}</text>']
    for tick in up.ticks():
        parts.append(f'<line class="grid" x1="{left}" x2="{left + _PANEL}" y1="{y(tick):.1f}" y2="{y(tick):.1f}"/>')
        parts.append(f'<text class="small" x="{left - 6}" y="{y(tick) + 4:.1f}" text-anchor="end">{tick:,g}</text>')
    for tick in across.ticks():
        parts.append(f'<line class="grid" x1="{x(tick):.1f}" x2="{x(tick):.1f}" y1="{_TOP}" y2="{_HEIGHT - _BOTTOM}"/>')
        at = f'x="{x(tick):.1f}" y="{_HEIGHT - _BOTTOM + 16}" text-anchor="middle"'
        parts.append(f'<text class="small" {at}>{tick:,.0f}</text>')
    middle = left + _PANEL / 2
    parts.append(f'<text class="small" x="{middle:g}" y="{_HEIGHT - 8}" text-anchor="middle">passages</text>')
    for number, (curve, taken) in enumerate(points.items()):
        line = " ".join(f"{x(size):.1f},{y(value):.1f}" for size, value in taken)
        stroke = f'class="{curve.kind}" stroke="{curve.colour}"'
        parts.append(f'<polyline {stroke} points="{line}"/>')
        parts += [f'<circle fill="{curve.colour}" cx="{x(s):.1f}" cy="{y(v):.1f}" r="3.5"/>' for s, v in taken]
        at_x, at_y = left + 190 * (number // 2), 16 + 18 * (number % 2)
        parts.append(f'<polyline {stroke} points="{at_x},{at_y} {at_x + 26},{at_y}"/>')
        parts.append(f'<text x="{at_x + 32}" y="{at_y + 4}">{escape(curve.label)}</text>')
    return parts


@dataclass(frozen=True, slots=True)
class _Decades:
    """A logarithmic axis over whole powers of ten."""

    low: int
    high: int

    @classmethod
    def around(cls, values: Iterable[float]) -> _Decades:
        logs = [math.log10(value) for value in values]
        low = math.floor(min(logs) + 1e-9)
        return cls(low, max(low + 1, math.ceil(max(logs) - 1e-9)))

    def share(self, value: float) -> float:
        return (math.log10(value) - self.low) / (self.high - self.low)

    def ticks(self) -> list[float]:
        return [10.0**power for power in range(self.low, self.high + 1)]
