"""Brings the border of a part of an object onto the object's own outline.

Between what surely belongs to the object and what surely does not, a minimal cut through a narrow
band finds the outline (Boykov and Jolly, “Interactive graph cuts for optimal boundary and region
segmentation of objects in N-D images”, ICCV 2001; Rother, Kolmogorov and Blake, “GrabCut”, SIGGRAPH
2004), at a finer size than that at which the part was found.
"""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from inpaint_core.contract.arrays import BoolMask, Pixels
from inpaint_core.contract.geometry import Rect
from inpaint_core.selection.grey import shrink

_PIXELS = 300_000  # looked at
_ITERATIONS = 2
_COVERED = 1.5  # pixels of what is looked at: the outline's own soft edge, which is covered too
_STRAY = 0.1  # of the part: regions that are smaller are none of the object's


def snap_part(
    pixels: Pixels, taken: BoolMask, part: BoolMask, slack: float
) -> tuple[Rect, NDArray[np.uint8]]:
    """``part`` (H, W) of the object that ``taken`` (H, W) covers the rest of, up to its outline.

    ``pixels`` (H, W, 3) uint8 or uint16; ``slack``: how far in pixels that may lie from the part's
    border. Returns a rectangle and the strength in it, 0 or 255.
    """
    whole = Rect.whole((part.shape[0], part.shape[1]))
    reach = math.ceil(slack)
    around = Rect.bounding(part).grow(3 * reach + 8).intersect(whole)
    small, scale = shrink(pixels[around.slices], _PIXELS)
    size = (small.shape[1], small.shape[0])

    def reduce(mask: BoolMask) -> NDArray[np.uint8]:
        values = mask[around.slices].astype(np.uint8) * 255
        return (cv2.resize(values, size, interpolation=cv2.INTER_AREA) > 127).astype(np.uint8)

    inside, masked = reduce(part), reduce(taken)
    object_ = inside | masked
    near = max(2, round(slack * scale))
    out = cv2.distanceTransform(1 - object_, cv2.DIST_L2, 3)
    # Where the part touches what is masked, it has no border.
    deep = cv2.distanceTransform(object_, cv2.DIST_L2, 3)
    beside = cv2.distanceTransform(1 - inside, cv2.DIST_L2, 3)  # only beside the part
    labels = np.where(object_ > 0, cv2.GC_PR_FGD, cv2.GC_PR_BGD).astype(np.uint8)
    labels[deep > near] = cv2.GC_FGD
    labels[(masked > 0) & (beside > near)] = cv2.GC_FGD
    labels[(out > near) | ((masked == 0) & (beside > near))] = cv2.GC_BGD
    found = inside > 0
    if (labels == cv2.GC_FGD).any() and (labels == cv2.GC_BGD).any():
        cv2.setRNGSeed(1)  # its first clusters are random
        models = np.zeros((1, 65)), np.zeros((1, 65))
        cv2.grabCut(small, labels, (0, 0, 0, 0), *models, _ITERATIONS, cv2.GC_INIT_WITH_MASK)
        found = np.isin(labels, (cv2.GC_FGD, cv2.GC_PR_FGD)) & (masked == 0)
        found = _drop_strays(found, masked)
    if not found.any():
        found = inside > 0
    cover = cv2.distanceTransform((~found).astype(np.uint8), cv2.DIST_L2, 5) <= _COVERED
    # Up to what is masked: no seam is left between the two.
    soft = cv2.GaussianBlur(cover.astype(np.float32), (0, 0), 0.7)
    large = cv2.resize(soft, (around.w, around.h), interpolation=cv2.INTER_LINEAR)
    return around, np.where(large > 0.4, 255, 0).astype(np.uint8)


def _drop_strays(found: BoolMask, masked: NDArray[np.uint8]) -> BoolMask:
    """``found`` (h, w) without what is small, or does not touch what is ``masked`` (h, w)."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(found.astype(np.uint8))
    touching = cv2.dilate(masked, np.ones((5, 5), np.uint8)) > 0
    touches = np.bincount(labels[touching], minlength=count) > 0
    kept = touches & (stats[:, cv2.CC_STAT_AREA] > _STRAY * np.count_nonzero(found))
    kept[0] = False
    out: BoolMask = kept[labels]
    return out
