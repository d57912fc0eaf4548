"""Cables in front of something: overhead lines that hang through between masts, several in step."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from inpaint_core.contract.arrays import FloatImage
from inpaint_core.lab.training.procedural.canvas import ShapeCanvas, draw_palette

_STEPS = 65


def draw_cables(rng: Generator, side: int, behind: FloatImage) -> FloatImage:
    """Two to nine cables with the same sag, which may run together in the distance, in front of a
    picture (side, side, 3), and the masts that they hang from.
    """
    canvas = ShapeCanvas(side, draw_palette(rng, 4, 1))
    canvas.roughen(rng, 0.4)
    canvas.colours[1:4] *= rng.uniform(0.1, 0.6)  # against the light
    count = int(rng.integers(2, 10))
    span, start = rng.uniform(0.6, 2.5), rng.uniform(-1.0, 0.5)
    sag, rise = rng.uniform(0.0, 0.2) * span, rng.normal(0, 0.25)
    # The gap between the cables at both ends of the picture: they run together where it shrinks.
    gap = rng.uniform(0.02, 0.12) * np.exp(rng.normal(0, 0.5) * np.array([-1, 1]))
    level = rng.uniform(0.0, 0.8)
    x = np.linspace(-0.1, 1.1, _STEPS)
    phase = (x - start) / span % 1
    hang = sag * 4 * phase * (1 - phase) + rise * (x - 0.5)
    apart = gap[0] + (gap[1] - gap[0]) * x
    width = max(float(np.exp(rng.uniform(np.log(0.004), np.log(0.018)))), 0.7 / side)
    for number in range(count):
        y = level + hang + (number - count / 2) * apart
        upper = np.stack([x, y - width / 2], axis=1)
        lower = np.stack([x, y + width / 2], axis=1)
        canvas.polygon(1 + number % 2, np.concatenate([upper, lower[::-1]]))
    thick = rng.uniform(0.015, 0.06)
    for foot in start + span * np.arange(4):  # where the cables bend, something holds them
        top = level - count * gap.mean() / 2 + rise * (foot - 0.5) - 0.04
        corners = [(foot - thick / 2, top), (foot + thick / 2, top)]
        corners += [(foot + thick / 2, 1.1), (foot - thick / 2, 1.1)]
        canvas.polygon(3, np.array(corners))
    return canvas.picture(rng, behind)
