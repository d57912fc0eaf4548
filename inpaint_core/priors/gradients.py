"""The gradient of brightness."""

from __future__ import annotations

import numpy as np

from inpaint_core.contract.arrays import BoolMask, FloatImage
from inpaint_core.contract.specs import PriorSpec
from inpaint_core.priors.grey import LUMA


def compute_gradients(image: FloatImage, hole: BoolMask) -> FloatImage:
    """Central differences (h, w, 2) float32 in [-0.5, 0.5], order d/dx, d/dy.

    ``image`` (h, w, 3) float32 RGB in [0, 1]; ``hole`` (h, w) bool. 0 inside the hole and where a
    neighbour is in the hole or outside the photo.
    """
    brightness = np.pad(image @ np.asarray(LUMA, np.float32), 1)
    known = np.pad(~hole, 1)
    out = np.zeros((*hole.shape, 2), np.float32)
    across = np.s_[1:-1, :-2], np.s_[1:-1, 2:]
    down = np.s_[:-2, 1:-1], np.s_[2:, 1:-1]
    for channel, (before, after) in enumerate((across, down)):
        valid = known[before] & known[after] & ~hole
        out[..., channel][valid] = ((brightness[after] - brightness[before]) / 2)[valid]
    return out


SPEC = PriorSpec(
    id="gradients",
    title="Gradients",
    summary="How fast brightness changes along each axis.",
    channels=2,
    run=compute_gradients,
)
