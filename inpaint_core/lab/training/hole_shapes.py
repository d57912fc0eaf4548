"""Random holes: strokes, boxes, polygons and silhouettes, of a wanted share of the image."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from inpaint_core.contract.arrays import BoolMask

BINS = ((0.01, 0.1), (0.1, 0.2), (0.2, 0.3), (0.3, 0.4), (0.4, 0.5), (0.5, 0.6))
"""Shares of the image, in the TSGL paper's (and NVIDIA's) bins."""

_Plane = NDArray[np.uint8]

Shape = Callable[[Generator, _Plane, float], None]
"""Adds a shape of about the given size in pixels to a plane of 0 (known) and 1 (hole)."""


def draw_hole(
    rng: Generator,
    height: int,
    width: int,
    share: tuple[float, float],
    shapes: Sequence[Shape] | None = None,
) -> BoolMask:
    """A hole (height, width) bool whose share of the image lies in ``share`` (low, high].

    ``shapes``, all of `SHAPES` where not given, are added until it is large enough; one that makes
    it too large is taken off again and drawn smaller.
    """
    shapes = SHAPES if shapes is None else shapes
    low, high = share
    hole = np.zeros((height, width), np.uint8)
    size = max(height, width) * float(np.sqrt(rng.uniform(low, high)))
    while hole.mean() <= low:
        before = hole.copy()
        shape = shapes[int(rng.integers(len(shapes)))]
        shape(rng, hole, size)
        if hole.mean() > high:
            hole = before
            size = max(size * 0.8, 1.0)
    return hole > 0


def _stroke(rng: Generator, hole: _Plane, size: float) -> None:
    """A brush that turns a little at each step."""
    height, width = hole.shape
    thickness = max(round(size * rng.uniform(0.1, 0.35)), 1)
    point = rng.uniform(0, 1, 2) * (width, height)
    angle = rng.uniform(0, 2 * np.pi)
    for _ in range(int(rng.integers(2, 7))):
        after = point + size * rng.uniform(0.2, 0.6) * np.array([np.cos(angle), np.sin(angle)])
        ends = [(round(float(p[0])), round(float(p[1]))) for p in (point, after)]
        cv2.line(hole, ends[0], ends[1], 1, thickness)
        point = after
        angle += rng.normal(0, 0.7)


def _box(rng: Generator, hole: _Plane, size: float) -> None:
    height, width = hole.shape
    w, h = (max(round(size * rng.uniform(0.3, 1.0)), 1) for _ in range(2))
    x, y = round(rng.uniform(-w / 2, width - w / 2)), round(rng.uniform(-h / 2, height - h / 2))
    hole[max(y, 0) : y + h, max(x, 0) : x + w] = 1


def _around(rng: Generator, hole: _Plane, radii: NDArray[np.float64]) -> None:
    """Fill the outline with these radii at equal angles about a random centre."""
    height, width = hole.shape
    angle = np.linspace(0, 2 * np.pi, len(radii), endpoint=False) + rng.uniform(0, 2 * np.pi)
    points = radii[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    points = points * (rng.uniform(0.5, 1.0), 1.0) + rng.uniform(0, 1, 2) * (width, height)
    cv2.fillPoly(hole, [np.rint(points).astype(np.int32)], 1)


def _polygon(rng: Generator, hole: _Plane, size: float) -> None:
    _around(rng, hole, size * rng.uniform(0.2, 0.7, int(rng.integers(3, 9))))


def _silhouette(rng: Generator, hole: _Plane, size: float) -> None:
    """A smooth closed outline with bays and limbs, as objects have."""
    angle = np.linspace(0, 2 * np.pi, 90, endpoint=False)
    waves = np.arange(1, 7)
    strength = rng.normal(0, 0.35, 6) / np.sqrt(waves)
    phase = rng.uniform(0, 2 * np.pi, 6)
    wave = (strength[:, None] * np.sin(waves[:, None] * angle + phase[:, None])).sum(axis=0)
    _around(rng, hole, size * 0.45 * np.exp(wave))


SHAPES: tuple[Shape, ...] = (
    _stroke, _box, _polygon, _silhouette,
)  # fmt: skip
