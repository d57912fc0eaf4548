"""Edges of a fill against the truth: inside the hole, and the jumps across its border."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from inpaint_core.contract.arrays import BoolMask
from inpaint_core.lab.evaluation.pixel_metrics import Composite, luminance
from inpaint_core.raster.distance import measure_distance

BLUR = 1.4
LOW, HIGH = 30.0, 90.0
TOLERANCE = 2.0
"""Pixels by which an edge may be off the true one."""


def find_edges(image: Composite) -> BoolMask:
    """Edges (H, W) of a picture (H, W, 3) uint8.

    Canny (1986) on Rec. 601 luma blurred with sigma 1.4, thresholds 30 and 90 on the Sobel
    gradient's length in 8-bit levels: outlines, not grain.
    """
    smooth = cv2.GaussianBlur(luminance(image), (0, 0), BLUR)
    levels = np.rint(smooth).astype(np.uint8)
    return np.asarray(cv2.Canny(levels, LOW, HIGH, L2gradient=True)) > 0


def edge_error(truth: Composite, filled: Composite, hole: BoolMask) -> float:
    """1 minus the F1 score of the fill's edges inside the hole: 0 is ideal, 1 the worst.

    An edge pixel of the fill is right, and one of the truth is found, when the other picture has
    one at most `TOLERANCE` pixels away. 0 if neither has edges in the hole.
    """
    true, made = find_edges(truth), find_edges(filled)
    right, all_made = _count_near(made & hole, true)
    found, all_true = _count_near(true & hole, made)
    if all_made == 0 and all_true == 0:
        return 0.0
    precision = right / all_made if all_made else 0.0
    recall = found / all_true if all_true else 0.0
    return 1.0 - (2 * precision * recall / (precision + recall) if precision + recall else 0.0)


def _count_near(edges: BoolMask, others: BoolMask) -> tuple[int, int]:
    """How many pixels of ``edges`` have one of ``others`` near, and how many there are."""
    close = (measure_distance(~others) <= TOLERANCE) & others.any()
    return int(np.count_nonzero(edges & close)), int(np.count_nonzero(edges))


BAND = 2
"""Known pixel pairs count if one of the two is at most this far (city-block) from the hole."""

FLOOR = 0.25
"""Least texture in 8-bit levels: in a plain sky a rounding error is not a seam."""

_Plane = NDArray[np.float32]

_NEIGHBOURS = ((np.s_[:, :-1], np.s_[:, 1:]), (np.s_[:-1], np.s_[1:]))
"""The first and the second pixels of all neighbouring pairs, left-right and up-down."""


def _mean_absolute(difference: NDArray[np.signedinteger[Any]]) -> _Plane:
    """(..., 3) -> (...), the mean over RGB."""
    return np.asarray(np.abs(difference).mean(axis=-1, dtype=np.float32))


def seam(filled: Composite, hole: BoolMask) -> float:
    """Mean jump across the border divided by the mean jump just outside it.

    A jump is the mean absolute difference over RGB of two neighbouring pixels. "Across" pairs have
    exactly one pixel in the hole; "outside" pairs have none, and at least one within `BAND` pixels
    of it. 1 is ideal: the truth measures 1.0 on average over many photos (0.7 to 1.3 on single
    ones). A visible step measures more, a fill that fades smoothly from the border less.

    The reference is known pairs only. Against pairs inside the fill, a blur, whose inner jumps are
    near 0, would count as a seam for being flat (1.2 that way, 0.85 this way). 1.0 when no pixel
    pair crosses the border.
    """
    from_hole = cv2.distanceTransform((~hole).astype(np.uint8), cv2.DIST_L1, 3)
    near = from_hole <= BAND
    image = filled.astype(np.int16)
    jumps: list[_Plane] = []
    textures: list[_Plane] = []
    for first, second in _NEIGHBOURS:
        difference = _mean_absolute(image[first] - image[second])
        jumps.append(difference[hole[first] != hole[second]])
        outside = ~hole[first] & ~hole[second] & (near[first] | near[second])
        textures.append(difference[outside])
    jump, texture = np.concatenate(jumps), np.concatenate(textures)
    if jump.size == 0:
        return 1.0
    base = float(texture.mean()) if texture.size else 0.0
    return max(float(jump.mean()), FLOOR) / max(base, FLOOR)


def border_error(truth: Composite, filled: Composite, hole: BoolMask) -> float:
    """Mean error of the jumps across the border divided by the mean of the truth's jumps.

    The error of a jump is the mean absolute difference over RGB between the fill's signed
    difference of the two pixels and the truth's. 0 is ideal; a fill without any jump measures 1.
    In `seam`, a mean of sizes, a step in one place makes up for a faded edge in another; here both
    count. 0.0 when no pixel pair crosses the border.
    """
    wrong: list[_Plane] = []
    own: list[_Plane] = []
    a, b = truth.astype(np.int16), filled.astype(np.int16)
    for first, second in _NEIGHBOURS:
        across = hole[first] != hole[second]
        right = (a[first] - a[second])[across]
        wrong.append(_mean_absolute((b[first] - b[second])[across] - right))
        own.append(_mean_absolute(right))
    error, jump = np.concatenate(wrong), np.concatenate(own)
    if error.size == 0:
        return 0.0
    return float(error.mean()) / max(float(jump.mean()), FLOOR)
