"""The figures of `eval.bench` as a picture: how many times better this project is than each of the others.

An SVG that stands by itself (text in, text out), for a page that shows it as an image, light or dark.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape

from eval.contestants import OURS, PEERS
from eval.speed import Ratio, Row

_WIDTH, _LEFT, _RIGHT, _TOP, _LINE, _BOTTOM = 860, 290, 24, 36, 28, 26
_TICKS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
_COLOURS = dict(zip((peer.name for peer in PEERS), ("#c2410c", "#1d7a8c", "#6d4fc4"), strict=True))
_OTHER = "another way", "#8a8a8a"
_STYLE = (
    "text{font:13px system-ui,sans-serif;fill:#222}.small{font-size:11px;fill:#666}.grid{stroke:#ddd}.even{stroke:#222}"
    ".aim{stroke:#222;stroke-width:3}@media(prefers-color-scheme:dark){text{fill:#ddd}.small{fill:#999}"
    ".grid{stroke:#444}.even,.aim{stroke:#ddd}}"
)


def speed_chart(rows: Sequence[Row]) -> str:
    """Draw a line for each measure, on it a dot with its spread for each contestant, and a bar at what is aimed at.

    The axis is logarithmic; what stands to the right of 1 takes longer, or more, than this project.
    """
    compared = [(row, _ratios(row)) for row in rows if row.ratio]
    reached = [x for _, ratios in compared for ratio in ratios.values() for x in (ratio.low, ratio.high)]
    reached += [1.0, *(row.measure.aim for row, _ in compared if row.measure.aim)]
    axis = _Axis.around(min(reached), max(reached))
    height = _TOP + _LINE * len(compared) + _BOTTOM
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img">',
        f"<title>How many times better than the others</title><style>{_STYLE}</style>",
        *_legend(),
        *axis.lines(height),
    ]
    for number, (row, ratios) in enumerate(compared):
        y = _TOP + _LINE * (number + 0.5)
        parts.append(f'<text x="{_LEFT - 14}" y="{y + 4:g}" text-anchor="end">{escape(row.measure.label)}</text>')
        if row.measure.aim:
            parts.append(_line("aim", axis.x(row.measure.aim), y - 9, y + 9))
        for name, ratio in ratios.items():
            colour = _COLOURS.get(name, _OTHER[1])
            parts.append(
                f'<line stroke="{colour}" stroke-width="2" x1="{axis.x(ratio.low):.1f}" y1="{y:g}" '
                f'x2="{axis.x(ratio.high):.1f}" y2="{y:g}"/>{_dot(colour, axis.x(ratio.value), y)}'
            )
    return "".join(parts) + "</svg>\n"


class _Axis:
    """A logarithmic axis from one tick to another."""

    def __init__(self, low: float, high: float) -> None:
        self._low, self._high = low, high

    @classmethod
    def around(cls, least: float, most: float) -> _Axis:
        low = max((tick for tick in _TICKS[:-1] if tick <= least), default=_TICKS[0])
        return cls(low, min((tick for tick in _TICKS if tick >= most and tick > low), default=_TICKS[-1]))

    def x(self, value: float) -> float:
        share = math.log(value / self._low) / math.log(self._high / self._low)
        return _LEFT + min(1.0, max(0.0, share)) * (_WIDTH - _LEFT - _RIGHT)

    def lines(self, height: int) -> list[str]:
        """Draw the ticks: a line, and what it stands for."""
        ticks = [tick for tick in _TICKS if self._low <= tick <= self._high]
        return [
            _line("even" if tick == 1 else "grid", self.x(tick), _TOP, height - _BOTTOM)
            + f'<text class="small" x="{self.x(tick):.1f}" y="{height - 8}" text-anchor="middle">{tick:g}×</text>'
            for tick in ticks
        ]


def _ratios(row: Row) -> dict[str, Ratio]:
    ours = row.values[OURS.name]
    others = {name: values for name, values in row.values.items() if name != OURS.name}
    return {name: Ratio.of(ours, values, row.measure.better) for name, values in others.items()}


def _legend() -> list[str]:
    entries = [*_COLOURS.items(), _OTHER]
    parts = [
        _dot(colour, _LEFT + 6 + 120 * number, 16) + f'<text x="{_LEFT + 16 + 120 * number}" y="20">{name}</text>'
        for number, (name, colour) in enumerate(entries)
    ]
    at = _LEFT + 6 + 120 * len(entries)
    return [*parts, _line("aim", at, 9, 23), f'<text x="{at + 10}" y="20">aim</text>']


def _line(kind: str, x: float, y1: float, y2: float) -> str:
    return f'<line class="{kind}" x1="{x:.1f}" x2="{x:.1f}" y1="{y1:g}" y2="{y2:g}"/>'


def _dot(colour: str, x: float, y: float) -> str:
    return f'<circle fill="{colour}" cx="{x:.1f}" cy="{y:g}" r="5"/>'
