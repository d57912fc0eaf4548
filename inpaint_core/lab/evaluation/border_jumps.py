"""The border of the hole: how strong the jumps across it are, and how far from the truth's."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from inpaint_core.contract.arrays import BoolMask
from inpaint_core.lab.evaluation.pixel_metrics import Composite

BAND = 2
"""Known pixel pairs count while one of the two is at most this far (city-block) from the hole."""

FLOOR = 0.25
"""Least texture in 8-bit levels: in a plain sky a rounding error is no seam."""

_Plane = NDArray[np.float32]

_NEIGHBOURS = ((np.s_[:, :-1], np.s_[:, 1:]), (np.s_[:-1], np.s_[1:]))
"""The first and the second of all pixels that touch, left-right and up-down."""


def _size(difference: NDArray[np.signedinteger[Any]]) -> _Plane:
    """(..., 3) -> (...), the mean over RGB."""
    return np.asarray(np.abs(difference).mean(axis=-1, dtype=np.float32))


def seam(filled: Composite, hole: BoolMask) -> float:
    """Mean jump across the border divided by the mean jump just outside it.

    A jump is the mean absolute difference over RGB of two pixels that touch, left-right or
    up-down; "across" has exactly one of the two in the hole, "outside" none, and at least one
    within `BAND` pixels of it. 1 is ideal: the truth measures 1.0 on the mean of many photos (0.7
    to 1.3 on single ones). A visible step measures more, a fill that fades smoothly from the border
    less.

    Only known pairs are compared with: pairs inside the fill are the fill's own, and a blur,
    whose inner jumps are near 0, would be called a seam for being flat (it measures 1.2 that way
    and 0.85 this way). 1.0 when no pixel pair crosses the border.
    """
    from_hole = cv2.distanceTransform((~hole).astype(np.uint8), cv2.DIST_L1, 3)
    near = from_hole <= BAND
    image = filled.astype(np.int16)
    jumps: list[_Plane] = []
    textures: list[_Plane] = []
    for first, second in _NEIGHBOURS:
        difference = _size(image[first] - image[second])
        jumps.append(difference[hole[first] != hole[second]])
        outside = ~hole[first] & ~hole[second] & (near[first] | near[second])
        textures.append(difference[outside])
    jump, texture = np.concatenate(jumps), np.concatenate(textures)
    if jump.size == 0:
        return 1.0
    base = float(texture.mean()) if texture.size else 0.0
    return max(float(jump.mean()), FLOOR) / max(base, FLOOR)


def border_error(truth: Composite, filled: Composite, hole: BoolMask) -> float:
    """Mean error of the jumps across the border divided by the mean of the truth's own.

    The error of a jump is the mean absolute difference over RGB between the fill's difference of
    the two pixels, with its sign, and the truth's. 0 is ideal; 1 is what a fill measures that has
    no jump at all. `seam` is a mean of sizes, so that a step in one place makes up for an edge
    that faded in another; here both count. 0.0 when no pixel pair crosses the border.
    """
    wrong: list[_Plane] = []
    own: list[_Plane] = []
    a, b = truth.astype(np.int16), filled.astype(np.int16)
    for first, second in _NEIGHBOURS:
        across = hole[first] != hole[second]
        right = (a[first] - a[second])[across]
        wrong.append(_size((b[first] - b[second])[across] - right))
        own.append(_size(right))
    error, jump = np.concatenate(wrong), np.concatenate(own)
    if error.size == 0:
        return 0.0
    return float(error.mean()) / max(float(jump.mean()), FLOOR)
