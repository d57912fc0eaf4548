"""Strangers in a fill: things that occur once in the photo, and once more in the hole.

Texture that was copied has its like elsewhere in the photo as well; of a face, a toy or a sign
there is one. Where such a thing goes on over the hole's border, it belongs there; in the middle of
the hole nobody asked for a second one.
"""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from inpaint_core.contract.arrays import BoolMask, FloatImage
from inpaint_core.exemplar.strangers.window_histograms import measure_window_histograms

WINDOW = 3
"""Radius of the windows that are compared, in pixels of a view in which the hole has at most
`MOST_PIXELS`."""
MOST_PIXELS = 12_000
GRID = 2
"""Every so many pixels of that view a window is looked at."""
MOST_OTHERS = 1_200
"""Windows that each is compared with, about."""

RARE, SINGLE = 0.08, 0.2
"""1 minus the Bhattacharyya coefficient with the most similar window elsewhere: what exceeds `RARE`
and is connected is one thing, which occurs once if its most special window exceeds `SINGLE`."""
AWAY = 0.35
"""Elsewhere is at least this share of the root of the hole's area away."""
LEAST_WINDOWS = 6
"""A smaller thing is not seen."""
CONTINUED = 0.1
"""A thing of whose outline a larger share lies on the hole's border is continued from there."""


def find_copied_strangers(
    colours: FloatImage, hole: BoolMask, offsets: NDArray[np.int32]
) -> BoolMask:
    """Where the things lie, (H, W) bool, that occur once in the photo and were copied into the
    hole, not from its border inwards; all False if there are none.

    ``colours`` (H, W, 3) is the filled photo in 8-bit levels, ``offsets`` (H, W, 2) leads from each
    pixel of the ``hole`` (H, W) to the one that was copied (order dy, dx).
    """
    height, width = hole.shape
    step = 2
    while np.count_nonzero(hole) > MOST_PIXELS * step * step:
        step *= 2
    size = -(-width // step), -(-height // step)
    small = np.asarray(cv2.resize(colours, size, interpolation=cv2.INTER_AREA), np.float32)
    covered = cv2.resize(hole.astype(np.float32), size, interpolation=cv2.INTER_AREA) >= 0.5
    rarity = measure_rarity(small, covered)
    cell = step * GRID
    covered = covered[::GRID, ::GRID]
    y, x = np.nonzero(covered)
    source_y = (y * cell + offsets[y * cell, x * cell, 0]) // cell
    source_x = (x * cell + offsets[y * cell, x * cell, 1]) // cell
    shown = np.zeros(covered.shape, np.float32)
    shown[y, x] = rarity[source_y, source_x]
    strange = _find_things(shown, covered)
    if not strange.any():
        return np.zeros_like(hole)
    copied = np.zeros_like(covered)
    at = strange[y, x]
    copied[source_y[at], source_x[at]] = True
    box = np.ones((WINDOW, WINDOW), np.uint8)  # about half a window to each side
    copied = cv2.dilate(copied.astype(np.uint8), box) > 0
    _, labels = cv2.connectedComponents((copied | (rarity > RARE)).astype(np.uint8))
    whole = np.isin(labels, np.unique(labels[copied])) & ~covered
    repeated = whole.repeat(cell, axis=0).repeat(cell, axis=1)
    return np.asarray(repeated[:height, :width] & ~hole)


def measure_rarity(colours: FloatImage, hole: BoolMask) -> NDArray[np.float32]:
    """How unlike all windows elsewhere the one around every `GRID`-th pixel is: (h, w) in [0, 1],
    0 in the ``hole`` (H, W) and where there is nothing elsewhere.
    """
    every = (slice(None, None, GRID), slice(None, None, GRID))
    windows = measure_window_histograms(colours, ~hole, WINDOW)[every]
    known = ~hole[every]
    y, x = np.nonzero(known)
    apart = max(math.sqrt(y.size / MOST_OTHERS), 1.0)  # rows and columns of the others
    taken = _is_first(y, apart) & _is_first(x, apart)
    other_y, other_x, others = y[taken], x[taken], windows[y[taken], x[taken]]
    reach = max(AWAY * math.sqrt(int(np.count_nonzero(hole))), 3 * WINDOW + 1) / GRID
    rarity = np.zeros(known.shape, np.float32)
    for row in np.unique(y):
        here = x[y == row]
        alike = windows[row, here] @ others.T
        near = np.abs(other_y - row) < reach
        alike[:, near] *= np.abs(here[:, None] - other_x[near]) >= reach
        best = alike.max(axis=1, initial=0)
        rarity[row, here] = np.where(best > 0, 1 - best, 0)
    return rarity


def _is_first(places: NDArray[np.intp], apart: float) -> BoolMask:
    """Whether a place is the first one of its stripe, ``apart`` wide."""
    return np.asarray(np.floor(places / apart) != np.floor((places - 1) / apart))


def _find_things(shown: NDArray[np.float32], hole: BoolMask) -> BoolMask:
    """The connected parts of the ``hole`` (h, w) that show a single thing."""
    count, labels = cv2.connectedComponents((shown > RARE).astype(np.uint8), connectivity=4)
    found = np.zeros_like(hole)
    for number in range(1, count):
        thing = labels == number
        if thing.sum() < LEAST_WINDOWS or shown[thing].max() < SINGLE:
            continue
        rim = (cv2.dilate(thing.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0) & ~thing
        if np.count_nonzero(rim & ~hole) <= CONTINUED * np.count_nonzero(rim):
            found |= thing
    return found
