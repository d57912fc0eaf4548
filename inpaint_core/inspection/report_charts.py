"""Small charts as SVG: how lively the hole is from layer to layer."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

_WIDTH, _HEIGHT = 380, 190
_LEFT, _RIGHT, _TOP, _BOTTOM = 40, 96, 14, 34


@dataclass(frozen=True)
class Line:
    """A line of a chart: its ``name``, an sRGB ``colour`` as "#rrggbb", a dash pattern ("" = none)
    and one value per layer, NaN where there is none.
    """

    name: str
    colour: str
    dash: str
    values: Sequence[float]


def chart(layers: Sequence[str], lines: Sequence[Line]) -> str:
    """Lines over layers, from 0 to a little above the largest value; lines are told apart by their
    dashes and by the names at their ends as well as by their colours.
    """
    finite = [v for line in lines for v in line.values if math.isfinite(v)]
    most = 1.08 * max(finite, default=1.0) or 1.0
    inner_w, inner_h = _WIDTH - _LEFT - _RIGHT, _HEIGHT - _TOP - _BOTTOM

    def place(index: int, value: float) -> tuple[float, float]:
        across = index / max(len(layers) - 1, 1)
        return _LEFT + across * inner_w, _TOP + (1 - value / most) * inner_h

    out = [f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" width="{_WIDTH}" height="{_HEIGHT}">']
    for value in _round_numbers(most):
        y = place(0, value)[1]
        out.append(f'<path class="grid" d="M{_LEFT} {y:.1f}H{_WIDTH - _RIGHT}"/>')
        out.append(f'<text x="{_LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{value:g}</text>')
    for index, layer in enumerate(layers):
        x = place(index, 0)[0]
        y = _HEIGHT - 16
        out.append(f'<text x="{x:.1f}" y="{y}" text-anchor="middle">{escape(layer)}</text>')
    drawn = []
    for line in lines:
        points = [place(k, v) for k, v in enumerate(line.values) if math.isfinite(v)]
        if not points:
            continue
        path = "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
        style = f'stroke="{line.colour}" stroke-dasharray="{line.dash}"'
        out.append(f'<path class="line" {style} d="M{path}"/>')
        out += [
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{line.colour}"/>' for x, y in points
        ]
        drawn.append((points[-1], line))
    lowest = 0.0
    for (x, y), line in sorted(drawn, key=lambda each: each[0][1]):
        y = lowest = max(y, lowest + 14)  # names must not cover each other
        place_of = f'x="{x + 8:.1f}" y="{y + 4:.1f}"'
        out.append(f'<text {place_of} fill="{line.colour}">{escape(line.name)}</text>')
    return "".join([*out, "</svg>"])


def _round_numbers(most: float) -> list[float]:
    raw = most / 4
    power = 10 ** math.floor(math.log10(raw))
    step = next(power * n for n in (1, 2, 5, 10) if power * n >= raw)
    return [k * step for k in range(int(most / step) + 1)]
