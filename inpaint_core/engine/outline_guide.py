"""A guide that continues the bent outline of a cut-out through a hole.

A straight outline is continued by copying parts of it. Of a bent one no part fits, and texture
copied inwards from both of its sides would meet halfway between the hole's borders, as a notch.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from inpaint_core.contract.arrays import BoolMask, FloatImage
from inpaint_core.contract.geometry import Rect
from inpaint_core.contract.request import View
from inpaint_core.raster.backdrop import Backdrop
from inpaint_core.raster.distance import measure_distance
from inpaint_core.raster.membrane import solve_membrane

INVISIBLE, VISIBLE = 0.05, 0.5
"""There is an outline at a hole where opacity around it lies below the one and above the other."""
MOST_SOFT = 0.1
"""The share of partly visible pixels around a hole up to which an outline counts as sharp."""
LEAST_RISE = 1.0
"""Pixels by which an outline rises over a chord as long as the hole, from which it counts as bent.
"""
_BAND = 12.0  # pixels on each side of an outline in which its curvature is measured
_BLUR = 3.0
_MOST_BENT = 0.1  # 1 / radius in pixels


def build_outline_guide(
    view: View, opacity: NDArray[np.float32], backdrop: Backdrop
) -> FloatImage | None:
    """A coarse fill (h, w, 3) of ``view``, before the ``backdrop``: smooth colours inside the
    outline, as it bends beside the hole, nothing outside. None where not one bent outline enters
    and leaves the hole.

    ``opacity`` (h, w) in [0, 1] is not read in the hole. The outline is where the distance to it,
    continued over the hole with the curvature found beside it, is 0.
    """
    hole = view.hole
    near = cv2.dilate(hole.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    ring = opacity[near & ~hole]
    if not (ring.size and ring.min() < INVISIBLE and ring.max() > VISIBLE):
        return None
    if np.mean((ring > INVISIBLE) & (ring < 1 - INVISIBLE)) > MOST_SOFT:
        return None
    visible = (opacity > VISIBLE) & ~hole
    around = near & ~hole
    if _count_parts(around & visible) != 1 or _count_parts(around & ~visible) != 1:
        return None
    distance = measure_distance(visible | hole) - measure_distance(~visible)
    bend = _find_curvature(distance, hole)
    box = Rect.bounding(hole)
    if float(np.abs(bend[hole]).mean()) * max(box.w, box.h) ** 2 / 8 < LEAST_RISE:
        return None
    inside = solve_membrane(distance[..., None], hole, bend)[..., 0] > 0
    colours = solve_membrane(view.image, ~visible)
    outside = np.array(backdrop.colour, np.float32)
    return np.where(inside[..., None], colours, outside)


def _count_parts(mask: BoolMask) -> int:
    return cv2.connectedComponents(mask.astype(np.uint8), connectivity=8)[0] - 1


def _find_curvature(distance: NDArray[np.float32], hole: BoolMask) -> FloatImage:
    """The Laplacian (h, w, 1) of the ``distance`` to the outline, which is its curvature, continued
    smoothly from beside the outline and away from the hole.
    """
    side = 2 * round(3 * _BLUR) + 1
    unsure = cv2.dilate(hole.astype(np.uint8), np.ones((side, side), np.uint8)) > 0
    known = ~unsure & (np.abs(distance) < _BAND)
    soft = cv2.GaussianBlur(distance, (0, 0), _BLUR)
    bend = cv2.Laplacian(soft, cv2.CV_32F, borderType=cv2.BORDER_REPLICATE)
    bend = np.asarray(np.clip(bend, -_MOST_BENT, _MOST_BENT), np.float32)[..., None]
    return solve_membrane(bend, ~known) if known.any() else np.zeros_like(bend)
