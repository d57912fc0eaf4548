"""The coarse colours of a photo."""

from __future__ import annotations

import cv2
import numpy as np

from inpaint_core.contract.arrays import BoolMask, FloatImage
from inpaint_core.contract.specs import PriorSpec


def compute_lowres(image: FloatImage, hole: BoolMask, side: int = 32) -> FloatImage:
    """Mean colours of the known pixels on a coarse grid, enlarged to the photo's size.

    ``image`` (h, w, 3) float32 RGB in [0, 1]; ``hole`` (h, w) bool. ``side``: cells along the
    longer side of the photo. Returns (h, w, 3) float32 in [0, 1], 0 inside the hole.
    """
    height, width = hole.shape
    scale = min(side / max(height, width), 1.0)
    size = (max(round(width * scale), 1), max(round(height * scale), 1))
    known = (~hole).astype(np.float32)
    weight = cv2.resize(known, size, interpolation=cv2.INTER_AREA)
    visible = np.where(hole[..., None], np.float32(0), image)
    total = cv2.resize(visible, size, interpolation=cv2.INTER_AREA)
    # A known pixel always contributes to its own cell, so no visible cell is empty.
    means = total / np.maximum(weight, 1e-6)[..., None]
    large = cv2.resize(means, (width, height), interpolation=cv2.INTER_NEAREST)
    return np.asarray(np.where(hole[..., None], 0.0, large), np.float32)


SPEC = PriorSpec(
    id="lowres",
    title="Coarse colours",
    summary="The photo’s mean colours on a grid of 32 cells.",
    channels=3,
    run=compute_lowres,
)
