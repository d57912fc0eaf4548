"""Sliced Wasserstein distance between the patches of a fill and those of the true hole."""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from inpaint_core.contract.arrays import BoolMask
from inpaint_core.lab.evaluation.pixel_metrics import Composite

SIDE = 7
PROJECTIONS = 256
SEED = 20_240_101
MOST_PATCHES = 8192
"""Beyond this many hole pixels an even sample of them is taken, to bound the time."""


@cache
def _directions() -> NDArray[np.float32]:
    """(7*7*3, 256): random directions of length 1, the same on every run."""
    directions = np.random.default_rng(SEED).standard_normal((SIDE * SIDE * 3, PROJECTIONS))
    return np.asarray(directions / np.linalg.norm(directions, axis=0), np.float32)


def _projected(
    image: Composite, rows: NDArray[np.intp], columns: NDArray[np.intp]
) -> NDArray[np.float32]:
    """The patches around the given pixels along every direction, each direction sorted: (256, N).

    The photo's edges are mirrored.
    """
    half = SIDE // 2
    padded = cv2.copyMakeBorder(image, half, half, half, half, cv2.BORDER_REFLECT_101)
    windows = np.lib.stride_tricks.sliding_window_view(padded, (SIDE, SIDE), axis=(0, 1))
    patches = windows[rows, columns].reshape(len(rows), -1).astype(np.float32)
    values = np.ascontiguousarray((patches @ _directions()).T)
    values.sort(axis=1)
    return values


def patch_distance(truth: Composite, filled: Composite, hole: BoolMask) -> float:
    """How far the 7x7 RGB patches of the fill are from those of the truth, in 8-bit levels.

    The patches are those whose centre lies in the hole; where they stand does not matter, only
    which there are: the right texture in another place measures near 0, a blur does not. The
    mean absolute difference of quantiles along 256 fixed random directions of length 1 (Rabin et
    al., "Wasserstein Barycenter and Its Application to Texture Mixing", SSVM 2011). 0 for equal
    pictures and for an empty hole.
    """
    rows, columns = np.nonzero(hole)
    if len(rows) == 0:
        return 0.0
    if len(rows) > MOST_PATCHES:
        chosen = np.linspace(0, len(rows) - 1, MOST_PATCHES).astype(np.intp)
        rows, columns = rows[chosen], columns[chosen]
    a, b = _projected(truth, rows, columns), _projected(filled, rows, columns)
    return float(np.abs(a - b).mean(dtype=np.float64))
