"""Operations on a whole mask that read only its painted part.

All take a mask (H, W) uint8, 0 keep .. 255 fill, and return the rectangle that changes and its
new values (h, w); the rectangle is empty if nothing changes. The mask is continued beyond the
photo's border, so that shrinking does not detach a mask from the border.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from inpaint_core.contract.geometry import Rect
from inpaint_core.raster.distance import measure_distance

MaskArray = NDArray[np.uint8]
MaskChange = tuple[Rect, MaskArray]

_NO_CHANGE: MaskChange = (Rect(0, 0, 0, 0), np.zeros((0, 0), np.uint8))
_MAX_ELEMENT_RADIUS = 12
"""Radius in pixels up to which a round structuring element is cheaper than distances."""
_LEVELS = 8
"""Levels into which a soft edge is divided when distances are used."""


def grow(mask: MaskArray, pixels: float) -> MaskChange:
    """The mask with its edge moved outwards by ``pixels`` >= 0; soft edges stay soft."""
    return _change(mask, math.ceil(pixels) + 1, lambda part: _dilate(part, pixels))


def shrink(mask: MaskArray, pixels: float) -> MaskChange:
    """The mask with its edge moved inwards by ``pixels`` >= 0; soft edges stay soft."""
    return _change(mask, 1, lambda part: ~_dilate(~part, pixels))


def feather(mask: MaskArray, pixels: float) -> MaskChange:
    """The mask with an edge that fades over about ``pixels`` to each side (Gaussian, two sigma)."""
    if pixels <= 0:
        return _NO_CHANGE
    return _change(mask, math.ceil(2 * pixels) + 1, lambda part: _blur(part, pixels / 2))


def smooth(mask: MaskArray, pixels: float) -> MaskChange:
    """The mask with rounded corners and without frays and specks narrower than ``pixels``.

    The blurred mask's half level becomes the edge, one to two pixels wide.
    """
    if pixels <= 0:
        return _NO_CHANGE
    sigma = pixels / 2
    # The slope of a blurred step is 255 / (sigma sqrt(2 pi)) a pixel: steepen it to 255 / 1.5.
    gain = max(sigma * math.sqrt(2 * math.pi) / 1.5, 1.0)
    table = np.clip((np.arange(256) - 127.5) * gain + 127.5, 0, 255).round().astype(np.uint8)
    return _change(
        mask,
        math.ceil(2 * pixels) + 1,
        lambda part: np.asarray(cv2.LUT(_blur(part, sigma), table), np.uint8),
    )


def fill_holes(mask: MaskArray) -> MaskChange:
    """The mask with all enclosed areas filled, including their soft edges."""
    return _change(mask, 0, _fill_enclosed)


def invert(mask: MaskArray) -> MaskChange:
    """The mask with kept and filled areas exchanged."""
    return Rect.whole(mask.shape), ~mask


def clear(mask: MaskArray) -> MaskChange:
    """An empty mask."""
    return _change(mask, 0, np.zeros_like)


def _change(
    mask: MaskArray, margin: int, operation: Callable[[MaskArray], MaskArray]
) -> MaskChange:
    """The operation applied to the painted part with a margin."""
    rect = Rect.bounding(mask)
    if rect.is_empty:
        return _NO_CHANGE
    rect = rect.grow(margin).intersect(Rect.whole(mask.shape))
    return rect, operation(mask[rect.slices])


def _blur(mask: MaskArray, sigma: float) -> MaskArray:
    side = 2 * math.ceil(4 * sigma) + 1
    blurred = cv2.GaussianBlur(mask, (side, side), sigma, borderType=cv2.BORDER_REPLICATE)
    return np.asarray(blurred, np.uint8)


def _dilate(mask: MaskArray, radius: float) -> MaskArray:
    """The maximum of ``mask`` within ``radius`` pixels of each pixel."""
    if radius <= _MAX_ELEMENT_RADIUS:
        reach = math.floor(radius)
        steps = np.arange(-reach, reach + 1)
        element = (steps**2 + steps[:, np.newaxis] ** 2 <= radius**2).astype(np.uint8)
        return np.asarray(cv2.dilate(mask, element), np.uint8)
    # The mask is a stack of level sets {mask >= level}; each grows by its distance, with a smooth
    # edge. A mask without soft edges is a single set.
    count = _LEVELS if _is_soft(mask) else 1
    out = np.zeros(mask.shape, np.float32)
    for number in range(count):
        level = round(255 * (number + 0.5) / count)
        # Without any pixel at this level, distances are huge and add nothing.
        out += np.clip(np.float32(radius + 0.5) - measure_distance(mask < level), 0, 1)
    grown = np.round(out * np.float32(255 / count)).astype(np.uint8)
    return np.maximum(mask, grown)


def _is_soft(mask: MaskArray) -> bool:
    """True if an edge is wider than an antialiased one."""
    between = ((mask > 0) & (mask < 255)).astype(np.uint8)
    return bool(cv2.erode(between, np.ones((3, 3), np.uint8)).any())


def _fill_enclosed(mask: MaskArray) -> MaskArray:
    out = cv2.copyMakeBorder(mask, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0)
    # First areas enclosed at half strength, then at full strength, which also fills the soft rim.
    # 4-connectivity: a diagonal line one pixel wide encloses.
    for level in (128, 255):
        out[_find_enclosed(np.asarray(out, np.uint8), level)] = 255
    return np.ascontiguousarray(out[1:-1, 1:-1], np.uint8)


def _find_enclosed(mask: MaskArray, level: int) -> NDArray[np.bool_]:
    """Pixels below ``level`` that no path of such pixels connects to the corner (0, 0)."""
    below = (mask < level).astype(np.uint8)
    inside = below.copy()
    cv2.floodFill(inside, None, (0, 0), 0, flags=4)
    return inside > 0
