"""A photo in grey levels, whole or smaller."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from inpaint_core.contract.arrays import Pixels
from inpaint_core.photo.photo import as_pixels

_ROWS = 512


def to_grey(pixels: Pixels) -> NDArray[np.uint8]:
    """The brightness (H, W) 0 .. 255 of ``pixels`` (H, W, 3) uint8 or uint16."""
    out = np.empty(pixels.shape[:2], np.uint8)
    for top in range(0, len(out), _ROWS):  # in strips: a large photo is not copied
        out[top : top + _ROWS] = cv2.cvtColor(
            to_eight_bits(pixels[top : top + _ROWS]), cv2.COLOR_RGB2GRAY
        )
    return out


def to_eight_bits(pixels: Pixels) -> NDArray[np.uint8]:
    """``pixels`` at 8 bits."""
    if pixels.dtype == np.uint16:
        return (pixels >> 8).astype(np.uint8)
    return np.asarray(pixels, np.uint8)


def shrink(pixels: Pixels, most: int) -> tuple[NDArray[np.uint8], float]:
    """``pixels`` (H, W, 3) at 8 bits and with at most ``most`` of them, and the scale 0 .. 1."""
    height, width = pixels.shape[:2]
    scale = min(1.0, (most / (height * width)) ** 0.5)
    if scale == 1.0:
        return to_eight_bits(pixels), 1.0
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    return to_eight_bits(as_pixels(small)), scale
