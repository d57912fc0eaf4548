"""How well a fill's edges agree with the true ones."""

from __future__ import annotations

import cv2
import numpy as np

from inpaint_core.contract.arrays import BoolMask
from inpaint_core.lab.evaluation.pixel_metrics import Composite, luminance

BLUR = 1.4
LOW, HIGH = 30.0, 90.0
TOLERANCE = 2.0
"""Pixels by which an edge may be beside the true one."""


def edge_map(image: Composite) -> BoolMask:
    """Edges (H, W) of a picture (H, W, 3) uint8.

    Canny (1986) on Rec. 601 luma blurred with sigma 1.4, thresholds 30 and 90 on the Sobel
    gradient's length in 8-bit levels: outlines, not grain.
    """
    smooth = cv2.GaussianBlur(luminance(image), (0, 0), BLUR)
    levels = np.rint(smooth).astype(np.uint8)
    return np.asarray(cv2.Canny(levels, LOW, HIGH, L2gradient=True)) > 0


def edge_error(truth: Composite, filled: Composite, hole: BoolMask) -> float:
    """1 minus the F1 of the fill's edges inside the hole: 0 is ideal, 1 is nothing right.

    An edge pixel of the fill is right, and one of the truth is found, when the other picture has
    one at most `TOLERANCE` pixels away. 0 where neither has edges in the hole.
    """
    true, made = edge_map(truth), edge_map(filled)
    right, all_made = _near(made & hole, true)
    found, all_true = _near(true & hole, made)
    if all_made == 0 and all_true == 0:
        return 0.0
    precision = right / all_made if all_made else 0.0
    recall = found / all_true if all_true else 0.0
    return 1.0 - (2 * precision * recall / (precision + recall) if precision + recall else 0.0)


def _near(edges: BoolMask, others: BoolMask) -> tuple[int, int]:
    """How many pixels of ``edges`` have one of ``others`` near, and how many there are."""
    away = cv2.distanceTransform((~others).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    close = (away <= TOLERANCE) & others.any()
    return int(np.count_nonzero(edges & close)), int(np.count_nonzero(edges))
