"""A picture of a photo in which spots stand out."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from inpaint_core.contract.arrays import Pixels
from inpaint_core.selection.grey import to_grey

_SURROUNDINGS = 9.0  # sigma in pixels
_WHITE = (40.0, 4.0)  # levels that are white at the sensitivities 0 and 100


def show_contrast(pixels: Pixels, sensitivity: float) -> NDArray[np.uint8]:
    """How much each pixel of ``pixels`` (H, W, 3) differs from what is around it (H, W), 0 .. 255.

    ``sensitivity`` 0 .. 100: the higher, the fainter the differences that are white.
    """
    grey = np.asarray(to_grey(pixels), np.float32)
    fine = cv2.GaussianBlur(grey, (0, 0), 1.0)
    difference = cv2.absdiff(fine, cv2.GaussianBlur(grey, (0, 0), _SURROUNDINGS))
    low, high = _WHITE
    white = low * (high / low) ** (sensitivity / 100)
    return np.asarray(np.clip(difference * np.float32(255 / white), 0, 255), np.uint8)
