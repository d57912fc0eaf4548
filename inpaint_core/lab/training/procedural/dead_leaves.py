"""Dead leaves: overlapping shapes of all sizes.

Source: Lee, Mumford, Huang, "Occlusion models for natural images: a study of the statistical
properties of a scale-invariant dead leaves model" (IJCV 2001): radii with the density r^-3 give
pictures the statistics of photos at every scale.
"""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from inpaint_core.contract.arrays import FloatImage
from inpaint_core.lab.training.procedural.canvas import LABELS, ShapeCanvas, draw_palette

_CORNERS = 18
_MOST = 320
"""Most shapes per 128 x 128 pixels."""


def draw_dead_leaves(rng: Generator, side: int) -> FloatImage:
    """Overlapping discs, ellipses, bars and polygons, (side, side, 3)."""
    canvas = ShapeCanvas(side, draw_palette(rng, LABELS - 1, int(rng.integers(3, 9))))
    canvas.roughen(rng)
    least, most = rng.uniform(1.5, 6) / side, rng.uniform(0.2, 0.7)
    power = rng.uniform(2.2, 3.2)
    count = min(int(rng.uniform(80, _MOST) * (side / 128) ** 1.5), 4000)
    # The inverse distribution function of r^-power between the two.
    low, high = least ** (1 - power), most ** (1 - power)
    radius = (low + rng.random(count) * (high - low)) ** (1 / (1 - power))
    # Few shapes cover little, so some large ones lie below them.
    radius[: count // 8] = np.sort(rng.uniform(0.1, 0.5, count // 8))[::-1]
    centre = rng.uniform(-0.1, 1.1, (count, 2))
    outlines = _draw_outlines(rng, count) * radius[:, None, None] + centre[:, None]
    angle = rng.uniform(0, 2 * np.pi)
    sun = np.array([np.cos(angle), np.sin(angle)])
    shaded = slice(0, LABELS - 2)
    round_ = rng.normal(0.15, 0.15, count) / np.maximum(radius, 0.03)
    canvas.shade(2, centre[shaded], (round_[:, None] * sun)[shaded])
    canvas.labels[:] = 1
    canvas.polygons([2 + number % (LABELS - 2) for number in range(count)], outlines)
    return canvas.picture(rng)


def _draw_outlines(rng: Generator, count: int) -> NDArray[np.float64]:
    """Convex outlines (count, 18, 2) of unit size around 0: ellipses, or polygons whose corners lie
    on ellipses; some are elongated.
    """
    step = np.linspace(0, 2 * np.pi, _CORNERS, endpoint=False)
    corners = rng.choice([3, 4, 5, 6, _CORNERS], count, p=[0.1, 0.3, 0.1, 0.1, 0.4])
    # Angles are rounded down to the last corner: coinciding points do no harm.
    angle = np.floor(step * corners[:, None] / (2 * np.pi) + 1e-9) * 2 * np.pi / corners[:, None]
    wobble = rng.uniform(-0.4, 0.4, (count, _CORNERS)) / corners[:, None]
    held = np.floor(step * corners[:, None] / (2 * np.pi) + 1e-9).astype(np.int64)
    angle = angle + np.take_along_axis(wobble, held % _CORNERS, axis=1)
    points = np.stack([np.cos(angle), np.sin(angle)], axis=2)
    points *= np.stack([np.ones(count), rng.uniform(0.15, 1, count)], axis=1)[:, None]
    turn = rng.uniform(0, np.pi, count)
    c, s = np.cos(turn)[:, None], np.sin(turn)[:, None]
    x, y = points[..., 0], points[..., 1]
    return np.asarray(np.stack([x * c - y * s, x * s + y * c], axis=2))
