"""The shadow that a masked object casts beside it.

A shadow on one surface is darker by one factor, nearly the same in red, green and blue (Finlayson,
Hordley, Lu and Drew, “On the removal of shadows from images”, TPAMI 2006). Every threshold of
brightness gives a region that touches the object; the one whose border shows such a factor most
evenly is proposed.
"""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from inpaint_core.contract.arrays import BoolMask, Pixels
from inpaint_core.contract.geometry import Rect
from inpaint_core.contract.progress import Progress
from inpaint_core.selection.grey import shrink
from inpaint_core.selection.mark import Mark, cut_to_mark

Floats = NDArray[np.float32]

_PIXELS = 120_000  # looked at
_REACH = 1.3  # around the object, of its longer side
_GAMMA = 2.2
_STEPS = 28  # thresholds
_FACTORS = (0.12, 2.2)  # a shadow's factor, as a natural logarithm: 0.89 to 0.11
_TINT = 0.30  # how much more one channel may lose than another, and of the factor
_LEAST_AREA, _MOST_AREA = 0.015, 3.0  # of the object's
_LEAST_SCORE = 0.72
_THICK = 0.12  # of a shadow's mean side
_USUAL_AREA, _SIZE_COUNTS = 0.25, 0.35  # parts of a shadow must not win against the whole


def find_cast_shadow(
    pixels: Pixels, mask: NDArray[np.uint8], progress: Progress | None = None
) -> Mark | None:
    """The region beside the object in ``mask`` (H, W) 0 .. 255 that is darker than its surroundings
    by one factor and touches the object; None where there is none.

    ``pixels`` (H, W, 3) uint8 or uint16. Raises `Cancelled`.
    """
    progress = progress or Progress()
    bounds = Rect.bounding(mask)
    if bounds.is_empty:
        return None
    reach = math.ceil(_REACH * max(bounds.w, bounds.h)) + 8
    around = bounds.grow(reach).intersect(Rect.whole(mask.shape))
    small, _ = shrink(pixels[around.slices], _PIXELS)
    size = (small.shape[1], small.shape[0])
    object_ = cv2.resize(mask[around.slices], size, interpolation=cv2.INTER_AREA) > 40
    found = _search(small, object_, progress)
    if found is None:
        return None
    region, score = found
    soft = cv2.GaussianBlur(region.astype(np.float32), (0, 0), 0.8)
    large = cv2.resize(soft, (around.w, around.h), interpolation=cv2.INTER_LINEAR)
    # Half a reduced pixel more, so that the soft border of the shadow is covered.
    strength = np.where(large > 0.3, 255, 0).astype(np.uint8)
    strength[mask[around.slices] > 127] = 0
    return cut_to_mark(strength, around, min(1.0, score))


def _search(
    small: NDArray[np.uint8], object_: BoolMask, progress: Progress
) -> tuple[BoolMask, float] | None:
    """The best region (h, w) and its score 0 .. 1."""
    linear = _GAMMA * np.log((small.astype(np.float32) + 3) / 258)
    logs = np.asarray(cv2.GaussianBlur(linear, (0, 0), 1.2), np.float32)
    light = logs.mean(axis=2)
    grown = cv2.dilate(object_.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    ring = cv2.dilate(object_.astype(np.uint8), np.ones((13, 13), np.uint8)) > 0
    touching = ring & ~grown
    if not touching.any():
        return None
    low, high = np.quantile(light[touching], (0.02, 0.9))
    object_area = float(np.count_nonzero(object_))
    best: tuple[BoolMask, float] | None = None
    # Against the light around, as well, since a surface may get darker to one side.
    known = np.where(grown, light[~grown].mean() if not grown.all() else 0, light)
    side = max(3, round(0.5 * math.sqrt(object_area))) | 1
    lit = cv2.dilate(cv2.GaussianBlur(known, (0, 0), 3), np.ones((side, side), np.uint8))
    shade = light - cv2.blur(lit, (side, side))
    low_shade, high_shade = np.quantile(shade[touching], (0.02, 0.9))
    thresholds = [(light, t) for t in np.linspace(low + 0.03, high, _STEPS)]
    thresholds += [(shade, t) for t in np.linspace(low_shade + 0.03, high_shade, _STEPS)]
    for values, threshold in thresholds:
        progress.check()
        dark = (values < threshold) & ~grown
        opened = cv2.morphologyEx(dark.astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
        count, labels, stats, _ = cv2.connectedComponentsWithStats(opened, connectivity=4)
        touches = np.bincount(labels[touching], minlength=count)
        for label in np.flatnonzero(touches[1:] > 0) + 1:
            share = stats[label, cv2.CC_STAT_AREA] / object_area
            contact = touches[label] / np.count_nonzero(touching)
            if not _LEAST_AREA < share < _MOST_AREA or contact < 0.03:
                continue
            region = labels == label
            score = _judge(region, grown, logs) * min(1.0, share / _USUAL_AREA) ** _SIZE_COUNTS
            if best is None or score > best[1]:
                best = region, score
    if best is None or best[1] < _LEAST_SCORE:
        return None
    region = cv2.morphologyEx(best[0].astype(np.uint8), cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
    # Up to the object, and over its own soft border.
    near = cv2.dilate(region, np.ones((9, 9), np.uint8)) > 0
    out: BoolMask = (region > 0) | (near & grown)
    return out, best[1]


def _judge(region: BoolMask, grown: BoolMask, logs: Floats) -> float:
    """How much the border of ``region`` (h, w) looks like that of a shadow, 0 .. 1."""
    height, width = region.shape
    mask = region.astype(np.uint8)
    border = (mask > 0) & (cv2.erode(mask, np.ones((3, 3), np.uint8), borderValue=1) == 0)
    rows, columns = np.nonzero(border)
    slope_x = cv2.Sobel(cv2.GaussianBlur(mask.astype(np.float32), (0, 0), 2), cv2.CV_32F, 1, 0)
    slope_y = cv2.Sobel(cv2.GaussianBlur(mask.astype(np.float32), (0, 0), 2), cv2.CV_32F, 0, 1)
    down, across = -slope_y[rows, columns], -slope_x[rows, columns]
    length = np.maximum(np.hypot(down, across), 1e-6)
    down, across = down / length, across / length
    away = 4.0
    out_y, out_x = rows + away * down, columns + away * across
    in_y, in_x = rows - 3 * down, columns - 3 * across
    iy, ix, oy, ox = (np.rint(v).astype(np.intp) for v in (in_y, in_x, out_y, out_x))
    at_end = (oy < 0) | (ox < 0) | (oy >= height) | (ox >= width)
    ok = ~at_end & (iy >= 0) & (ix >= 0) & (iy < height) & (ix < width)
    iy, ix, oy, ox = iy[ok], ix[ok], oy[ok], ox[ok]
    at_object = grown[oy, ox]
    free = ~at_object & ~region[oy, ox]
    if np.count_nonzero(free) < 12:
        return 0.0
    step = logs[oy[free], ox[free]] - logs[iy[free], ix[free]]  # (N, 3)
    usual = np.median(step, axis=0)
    factor = float(usual.mean())
    if not _FACTORS[0] < factor < _FACTORS[1]:
        return 0.0
    tint = float(np.ptp(usual))
    if tint > _TINT * max(factor, 0.5):
        return 0.0
    spread = np.abs(step.mean(axis=1) - factor)
    even = float(np.mean(spread < 0.35 * factor + 0.04))
    # Where the region goes on beyond what is looked at, its border is not seen.
    seen = np.count_nonzero(free) / (np.count_nonzero(free) + np.count_nonzero(at_end))
    inside = region & (cv2.erode(mask, np.ones((5, 5), np.uint8)) > 0)
    own = logs[inside].std(axis=0).mean() if inside.any() else 0.0
    plain = 1 / (1 + (float(own) / (0.9 * factor + 0.05)) ** 2)
    clear = min(1.0, factor / 0.35)
    # The dark grains of a texture are connected, too, but by nothing thick.
    side = max(3, round(_THICK * math.sqrt(np.count_nonzero(mask))))
    thick = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((side, side), np.uint8))
    solid = min(1.0, np.count_nonzero(thick) / np.count_nonzero(mask) / 0.75)
    return float(even * seen**2 * solid * (0.4 + 0.6 * plain) * (0.55 + 0.45 * clear))
