"""The jump at the border of the hole, relative to the texture around it."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from inpaint_core.contract import BoolMask
from inpaint_core.evaluation.metrics import Composite

BAND = 2
"""Known pixel pairs count while one of the two is at most this far (city-block) from the hole."""

FLOOR = 0.25
"""Least texture in 8-bit levels: in a plain sky a rounding error is no seam."""


def seam(filled: Composite, hole: BoolMask) -> float:
    """Mean jump across the border divided by the mean jump just outside it.

    A jump is the mean absolute difference over RGB of two pixels that touch, left-right or
    up-down; "across" has exactly one of the two in the hole, "outside" none, and at least one
    within `BAND` pixels of it. 1 is ideal: the truth measures 1.0. A visible step measures more,
    a fill that fades smoothly from the border less.

    Only known pairs are compared with: pairs inside the fill are the fill's own, and a blur,
    whose inner jumps are near 0, would be called a seam for being flat (it measures 1.2 that way
    and 0.85 this way). 1.0 when no pixel pair crosses the border.
    """
    from_hole = cv2.distanceTransform((~hole).astype(np.uint8), cv2.DIST_L1, 3)
    near = from_hole <= BAND
    image = filled.astype(np.int16)
    jumps: list[NDArray[np.float32]] = []
    textures: list[NDArray[np.float32]] = []
    for first, second in ((np.s_[:, :-1], np.s_[:, 1:]), (np.s_[:-1], np.s_[1:])):
        difference = np.abs(image[first] - image[second]).mean(axis=2, dtype=np.float32)
        jumps.append(difference[hole[first] != hole[second]])
        outside = ~hole[first] & ~hole[second] & (near[first] | near[second])
        textures.append(difference[outside])
    jump, texture = np.concatenate(jumps), np.concatenate(textures)
    if jump.size == 0:
        return 1.0
    base = float(texture.mean()) if texture.size else 0.0
    return max(float(jump.mean()), FLOOR) / max(base, FLOOR)
