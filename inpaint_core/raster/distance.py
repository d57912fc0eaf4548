"""Euclidean distances, the same to the last bit whatever the number of threads."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray


def measure_distance(outside: NDArray[np.bool_]) -> NDArray[np.float32]:
    """The distance (h, w) in pixels from every True pixel to the nearest False one, else 0.

    Where every pixel is True, the distances are large and mean nothing. On a single thread OpenCV
    hands this transform to Intel's IPP, whose last bits differ from OpenCV's own and even from one
    call to the next (https://github.com/opencv/opencv/issues/24082), so IPP is left out. The switch
    belongs to the calling thread alone.
    """
    uses_ipp = cv2.ipp.useIPP()
    cv2.ipp.setUseIPP(False)
    try:
        away = cv2.distanceTransform(outside.view(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    finally:
        cv2.ipp.setUseIPP(uses_ipp)
    return np.asarray(away, np.float32)
