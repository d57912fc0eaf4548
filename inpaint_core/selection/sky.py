"""Where a photo shows sky."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from inpaint_core.contract.arrays import BoolMask, Pixels
from inpaint_core.selection.grey import shrink

_PIXELS = 120_000
_STEEP = 9.0  # levels a pixel of the small photo: more than a sky has
_BOX = 9  # pixels: thinner things, such as wires, divide no sky
_THRESHOLDS = np.geomspace(12, 400, 28)  # of the slope at the lower border of the sky
_COLUMNS = 0.09  # of the width: a border that differs from those around it is wrong
_TEXTURE, _MOST_TEXTURE = 8.0, 0.16  # levels a pixel; the share of a sky that may be as rough
_DARKEST = 60


def find_sky(pixels: Pixels) -> BoolMask:
    """Where a reduced photo (h, w) shows sky, wires included, as far as that can be told by its
    place, its smoothness and its colours. All False where too little is.

    ``pixels`` (H, W, 3) uint8 or uint16.
    """
    small, _ = shrink(pixels, _PIXELS)
    box = np.ones((_BOX, _BOX), np.uint8)
    # Thin dark lines are closed, then thin bright ones opened.
    thick = cv2.morphologyEx(cv2.morphologyEx(small, cv2.MORPH_CLOSE, box), cv2.MORPH_OPEN, box)
    plain: NDArray[np.uint8] = np.asarray(cv2.GaussianBlur(thick, (0, 0), 1.5), np.uint8)
    grey = cv2.cvtColor(plain, cv2.COLOR_RGB2GRAY).astype(np.float32)
    slope = np.asarray(
        np.hypot(cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1)), np.float32
    )
    bright = grey > _DARKEST
    smooth = (slope / 8 < _STEEP / 3) & bright
    count, labels = cv2.connectedComponents(smooth.astype(np.uint8), connectivity=4)
    at_top = np.bincount(labels[:3].ravel(), minlength=count)
    at_top[0] = 0
    wide = at_top > 3 * 0.08 * small.shape[1]
    sky = np.asarray(wide[labels], np.uint8)
    closed = cv2.morphologyEx(sky, cv2.MORPH_CLOSE, np.ones((7, 7), np.uint8))
    out: BoolMask = closed > 0
    above = _find_above_border(plain, slope)
    if above is not None and np.mean(slope[above] / 8 > _TEXTURE) < _MOST_TEXTURE:
        out &= _have_colours_of(plain, above)  # not a plain wall
        out |= above
    return out


def _have_colours_of(plain: NDArray[np.uint8], part: BoolMask) -> BoolMask:
    """Where ``plain`` (h, w, 3) has about the colours that occur in ``part`` (h, w) of it."""
    cells = (plain // 16).astype(np.intp)
    own = np.zeros((16, 16, 16), np.bool_)
    own[tuple(cells[part].T)] = True
    near = np.pad(own, 1)
    for axis in range(3):
        near |= np.roll(near, 1, axis) | np.roll(near, -1, axis)
    out: BoolMask = near[1:-1, 1:-1, 1:-1][tuple(np.moveaxis(cells, 2, 0))]
    return out


def _find_above_border(plain: NDArray[np.uint8], slope: NDArray[np.float32]) -> BoolMask | None:
    """What lies above the border that divides ``plain`` (h, w, 3) into two parts whose own colours
    differ least: clouds may be in it, unlike in what is smooth. None where there is no such border.

    In each column it is the first place from above where ``slope`` (h, w) exceeds a threshold, the
    best of several (Shen and Wang, “Sky region detection in a single image for autonomous ground
    robot navigation”, International Journal of Advanced Robotic Systems 2013).
    """
    height, width = slope.shape
    colours = plain.reshape(-1, 3).astype(np.float64)
    rows = np.arange(height)[:, None]
    best: tuple[float, BoolMask] | None = None
    side = max(3, round(_COLUMNS * width)) | 1
    for threshold in _THRESHOLDS:
        steep = slope > threshold
        steep[:2] = False
        border = np.where(steep.any(axis=0), steep.argmax(axis=0), height)
        around = np.lib.stride_tricks.sliding_window_view(np.pad(border, side // 2, "edge"), side)
        border = np.minimum(border, np.median(around, axis=1).astype(np.intp))
        sky = rows < border
        if not 0.02 < sky.mean() < 0.98:
            continue
        own, other = (np.cov(colours[part.ravel()].T) for part in (sky, ~sky))
        spread = 2 * np.linalg.det(own) + np.linalg.det(other)
        spread += 2 * np.linalg.eigvalsh(own)[-1] + np.linalg.eigvalsh(other)[-1]
        if best is None or spread < best[0]:
            best = float(spread), sky
    return None if best is None else best[1]
