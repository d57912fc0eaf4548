"""Brightness of the known pixels."""

from __future__ import annotations

import numpy as np

from inpaint_core.contract.arrays import BoolMask, FloatImage
from inpaint_core.contract.specs import PriorSpec

LUMA = (0.2125, 0.7154, 0.0721)
"""ITU-R BT.709, as in scikit-image's `rgb2gray`."""


def compute_grey(image: FloatImage, hole: BoolMask) -> FloatImage:
    """Brightness (h, w) float32 in [0, 1], 0 inside the hole.

    ``image`` (h, w, 3) float32 RGB in [0, 1]; ``hole`` (h, w) bool.
    """
    brightness = image @ np.asarray(LUMA, np.float32)
    return np.where(hole, np.float32(0), brightness).astype(np.float32)


SPEC = PriorSpec(
    id="grey",
    title="Brightness",
    summary="The photo in shades of grey.",
    channels=1,
    run=compute_grey,
)
