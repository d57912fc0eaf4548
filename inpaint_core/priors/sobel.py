"""The gradients of all three colours."""

from __future__ import annotations

import cv2
import numpy as np

from inpaint_core.contract.arrays import BoolMask, FloatImage
from inpaint_core.contract.specs import PriorSpec


def compute_sobel(image: FloatImage, hole: BoolMask) -> FloatImage:
    """Sobel's 3x3 filters on every colour: (h, w, 6) float32 in [-1, 1], d/dx of red, green and
    blue, then d/dy; a step from 0 to 1 along an axis has 1.

    ``image`` (h, w, 3) float32 RGB in [0, 1]; ``hole`` (h, w) bool. 0 where the filter touches the
    hole or reaches beyond the photo.
    """
    visible = np.where(hole[..., None], np.float32(0), image)
    valid = cv2.erode((~hole).astype(np.uint8), np.ones((3, 3), np.uint8), borderValue=0) > 0
    maps = [
        cv2.Sobel(visible, cv2.CV_32F, *axis, ksize=3, scale=1 / 4) for axis in ((1, 0), (0, 1))
    ]
    return np.asarray(np.where(valid[..., None], np.concatenate(maps, axis=2), 0), np.float32)


SPEC = PriorSpec(
    id="sobel",
    title="Gradients of the colours",
    summary="How fast red, green and blue change along each axis.",
    channels=6,
    run=compute_sobel,
    paper="Sobel’s filters on RGB, as in TSGL, table VIII",
)
