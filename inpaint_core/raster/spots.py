"""Holes so small that nothing but what is next to them matters."""

from __future__ import annotations

import cv2
import numpy as np

from inpaint_core.contract.arrays import BoolMask

SPOT = 48
"""A hole no wider and no higher than this, in pixels, is a spot: a healing brush's stroke of 40
pixels with its soft edge."""


LEAST_AROUND = 6
"""And the view of it is at least that many times as wide and as high."""


def holds_only_spots(hole: BoolMask) -> bool:
    """Whether every connected part of the ``hole`` (h, w) of a view is a spot."""
    most = min(SPOT, min(hole.shape) // LEAST_AROUND)
    _, _, stats, _ = cv2.connectedComponentsWithStats(hole.astype(np.uint8), connectivity=8)
    return bool((stats[1:, cv2.CC_STAT_WIDTH : cv2.CC_STAT_HEIGHT + 1] <= most).all())
