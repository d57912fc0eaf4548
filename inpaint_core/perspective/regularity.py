"""How regular a plane is: whether what lies on it repeats along its two directions.

Straight lines meet in a point for many reasons: those of a room's furniture do, too, though they
lie in many planes. A façade or a floor, whose fill gains from perspective, repeats itself: most of
its features (SIFT, Lowe 2004) have a twin beside or above them, as Huang et al. 2014 (section 4.2)
use for guidance.
"""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from inpaint_core.contract.arrays import BoolMask
from inpaint_core.contract.request import View
from inpaint_core.perspective.rectification import PlaneScales
from inpaint_core.perspective.scene_planes import ScenePlane
from inpaint_core.perspective.vanishing_points import LONGEST_SIDE, Floats

MOST_FEATURES = 1500
LEAST_CONTRAST = 0.02
LEAST_FEATURES = 40
SAME = 0.37
"""The largest distance of the descriptors of twins, with unit length after a square root
(Arandjelović, Zisserman 2012); 1.41 where nothing is common."""
APART = 12.0  # pixels that twins are apart at least
ALONG = math.atan(0.06)
"""The largest angle between the way from twin to twin, on the plane, and one of its directions."""
MARGIN = 3  # pixels around the sources that features may reach beyond their middle


def measure_regularity(view: View, plane: ScenePlane, scales: PlaneScales) -> float:
    """The share of the features of the known part of ``plane`` that have a twin along one of its
    directions: about 0.01 by chance, 0.2 to 0.6 on façades. ``scales``: those of any part of it.
    """
    height, width = view.hole.shape
    scale = min(1.0, LONGEST_SIDE / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    levels = np.rint(np.clip(view.image, 0, 1) * 255).astype(np.uint8)
    grey = np.asarray(cv2.cvtColor(levels, cv2.COLOR_RGB2GRAY), np.uint8)
    known = (view.source & plane.find_pixels(view.hole.shape)).astype(np.uint8)
    if scale < 1:
        grey = np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), np.uint8)
        known = np.asarray(cv2.resize(known, size, interpolation=cv2.INTER_NEAREST), np.uint8)
    box = np.ones((2 * MARGIN + 1, 2 * MARGIN + 1), np.uint8)
    inner = cv2.erode(known, box, borderType=cv2.BORDER_CONSTANT, borderValue=[0])
    detector = cv2.SIFT.create(nfeatures=MOST_FEATURES, contrastThreshold=LEAST_CONTRAST)
    found, descriptors = detector.detectAndCompute(grey, np.asarray(inner, np.uint8))
    if len(found) < LEAST_FEATURES:
        return 0.0
    points = np.array([feature.pt for feature in found])
    total = np.asarray(descriptors, np.float32)
    roots = np.sqrt(total / np.maximum(total.sum(axis=1, keepdims=True), 1e-6))
    away = np.hypot(*(points[:, None] - points[None]).transpose(2, 0, 1))
    twins = cv2.BFMatcher(cv2.NORM_L2).match(roots, roots, (away >= APART).astype(np.uint8))
    pairs = np.array([(t.queryIdx, t.trainIdx) for t in twins if t.distance <= SAME], int)
    if not pairs.size:
        return 0.0
    step = np.array([width / size[0], height / size[1]])
    u, v = scales.to_plane(*((points + 0.5) * step - 0.5).T)
    return float(np.count_nonzero(_lie_along(u, v, pairs)) / len(found))


def _lie_along(u: Floats, v: Floats, pairs: NDArray[np.int_]) -> BoolMask:
    one, other = pairs.T
    across, down = np.abs(u[one] - u[other]), np.abs(v[one] - v[other])
    return np.asarray(np.minimum(across, down) <= math.tan(ALONG) * np.hypot(across, down))
