"""How a strength is put onto a mask."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray


def painted(mask: NDArray[np.uint8], strength: NDArray[np.uint8], erase: bool) -> NDArray[np.uint8]:
    """``mask`` (h, w) with ``strength`` (h, w) painted over it, or erased from it: 0 .. 255.

    Painting takes what is not yet in the mask times the strength, erasing what is: soft strokes
    add up, and erasing is painting on the inverted mask.
    """
    rest = cv2.bitwise_not(strength)
    if erase:
        return np.asarray(cv2.multiply(mask, rest, scale=1 / 255), np.uint8)
    kept = cv2.multiply(cv2.bitwise_not(mask), rest, scale=1 / 255)
    return np.asarray(cv2.bitwise_not(kept), np.uint8)
