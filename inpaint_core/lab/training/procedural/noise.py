"""Random fields: smooth at several scales at once, or the shadow of something."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from inpaint_core.contract.arrays import FloatImage

Coordinates = NDArray[np.floating[Any]]


def fractal_noise(
    rng: Generator, side: int, cell: float, octaves: int = 4, stretch: float = 1.0
) -> FloatImage:
    """Noise (side, side) of about zero mean and unit spread.

    ``cell``: size of the largest waves in pixels; each further octave has half the size and half
    the strength, as amplitudes in photos fall with frequency. ``stretch``: how much longer the
    waves are along x than along y.
    """
    field = np.zeros((side, side), np.float32)
    strength, power = 1.0, 0.0
    for _ in range(octaves):
        rows = max(round(side / max(cell, 1.0)), 1) + 2
        columns = max(round(side / max(cell * stretch, 1.0)), 1) + 2
        grid = rng.standard_normal((rows, columns), np.float32) * np.float32(strength)
        field += cv2.resize(grid, (side, side), interpolation=cv2.INTER_CUBIC)
        power += strength * strength
        strength, cell = strength / 2, cell / 2
        if cell < 1:
            break
    # Cubic interpolation between the grid's points leaves half of the power.
    return np.asarray(field * np.float32((2 / power) ** 0.5), np.float32)


def sample_mirrored(field: FloatImage, u: Coordinates, v: Coordinates) -> FloatImage:
    """``field`` (n, n) sampled at columns ``u`` and rows ``v``, mirrored at its borders without
    end, so that there are no seams.
    """
    period = 2 * field.shape[0]
    columns, rows = (
        np.abs(np.mod(at, period) - period / 2).astype(np.float32, copy=False) for at in (u, v)
    )
    return np.asarray(
        cv2.remap(field, columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    )


def draw_shadow(rng: Generator, side: int) -> FloatImage:
    """A factor (side, side): the soft-edged shadow of something with straight edges."""
    count = int(rng.integers(3, 6))
    angle = np.sort(rng.uniform(0, 2 * np.pi, count))
    corners = rng.uniform(0.2, 0.9) * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    corners = (corners + rng.uniform(-0.1, 1.1, 2)) * side
    plane = np.ones((side, side), np.float32)
    depth = float(rng.uniform(0.45, 0.8))
    cv2.fillPoly(plane, [np.rint(corners).astype(np.int32)], depth)
    soft = float(rng.uniform(0.004, 0.03)) * side
    return np.asarray(cv2.GaussianBlur(plane, (0, 0), max(soft, 0.6)), np.float32)
