"""Edges of the known part of a photo, without a false edge along the hole.

Source: Canny, "A computational approach to edge detection" (PAMI 1986).
"""

from __future__ import annotations

import math

import cv2
import numpy as np

from inpaint_core.contract.arrays import BoolMask, FloatImage
from inpaint_core.contract.specs import PriorSpec
from inpaint_core.priors.grey import LUMA
from inpaint_core.raster.membrane import solve_membrane

_UNIT = 4000.0
"""Integer that stands for a gradient of 1 per pixel: squares of gradients fit 32 bits."""


def find_canny_edges(
    image: FloatImage, hole: BoolMask, sigma: float = 2.0, low: float = 0.1, high: float = 0.2
) -> BoolMask:
    """Edges (h, w) bool, one pixel wide, none inside the hole.

    ``image`` (h, w, 3) float32 RGB in [0, 1]; ``hole`` (h, w) bool. ``sigma`` of the smoothing in
    pixels; ``low`` and ``high`` are thresholds on the 3x3 Sobel gradient, in which a step from
    black to white has 4 before smoothing. The defaults are those of scikit-image, which the TSGL
    paper uses. Raises `NothingToCopy` when nothing is known.
    """
    # A black hole would have an edge all around. The smoothest surface over it has none: it meets
    # the known pixels without a jump, and its own edges are removed below.
    brightness = solve_membrane((image @ np.asarray(LUMA, np.float32))[..., None], hole)[..., 0]
    side = 2 * math.ceil(4 * sigma) + 1
    smooth = cv2.GaussianBlur(brightness, (side, side), sigma, borderType=cv2.BORDER_REPLICATE)
    gradients = (
        cv2.Sobel(smooth, cv2.CV_32F, *axis, ksize=3, scale=_UNIT, borderType=cv2.BORDER_REPLICATE)
        for axis in ((1, 0), (0, 1))
    )
    dx, dy = (np.rint(gradient).astype(np.int16) for gradient in gradients)
    edges = cv2.Canny(dx, dy, low * _UNIT, high * _UNIT, L2gradient=True)
    return np.asarray((edges > 0) & ~hole)


SPEC = PriorSpec(
    id="canny",
    title="Edges",
    summary="Canny’s edges of the known part.",
    channels=1,
    run=find_canny_edges,
    paper="Canny 1986",
)
