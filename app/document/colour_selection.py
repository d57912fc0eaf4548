"""Selecting by colour."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from inpaint_core.contract.arrays import Pixels
from inpaint_core.contract.geometry import Rect


def select(
    pixels: Pixels, x: int, y: int, tolerance: int, contiguous: bool = True
) -> tuple[Rect, NDArray[np.uint8]]:
    """Pixels whose channels all differ by at most ``tolerance`` from those of pixel (x, y).

    ``pixels`` (H, W, 3) uint8 or uint16; ``tolerance`` 0 .. 255 counts in 8-bit steps at either
    depth. ``contiguous``: only those that are joined to it. Returns the rectangle that holds them
    and their strength (h, w), 255 inside. Raises IndexError for a pixel outside of the photo.
    """
    height, width = pixels.shape[:2]
    if not (0 <= x < width and 0 <= y < height):
        raise IndexError((x, y))
    reach = tolerance * (257 if pixels.dtype == np.uint16 else 1)
    seed = pixels[y, x].astype(np.int64)
    most = np.iinfo(pixels.dtype).max
    low, high = np.clip(seed - reach, 0, most), np.clip(seed + reach, 0, most)
    alike = cv2.inRange(pixels, low.astype(np.float64), high.astype(np.float64))
    if not contiguous:
        rect = Rect.bounding(alike)
        return rect, np.ascontiguousarray(alike[rect.slices], np.uint8)
    # The flood marks in an array of its own, one pixel larger on each side.
    marks = np.zeros((height + 2, width + 2), np.uint8)
    flags = 4 | cv2.FLOODFILL_MASK_ONLY | (255 << 8)
    found = cv2.floodFill(alike, marks, (x, y), 0, flags=flags)[3]
    rect = Rect(*(int(number) for number in found))
    return rect, np.ascontiguousarray(marks[1:-1, 1:-1][rect.slices])
