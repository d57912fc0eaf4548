"""Straight line segments in the known part of a photo.

Source: Grompone von Gioi, Jakubowicz, Morel, Randall, "LSD: a line segment detector" (IPOL 2012),
in OpenCV's implementation.
"""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from inpaint_core.contract.arrays import BoolMask, FloatImage
from inpaint_core.contract.specs import PriorSpec
from inpaint_core.priors.grey import LUMA
from inpaint_core.raster.membrane import solve_membrane


def find_segments(image: FloatImage, hole: BoolMask, shortest: float = 12.0) -> NDArray[np.float32]:
    """Segments (n, 4) float32, order x0, y0, x1, y1 in pixel-centre coordinates.

    ``image`` (h, w, 3) float32 RGB in [0, 1]; ``hole`` (h, w) bool. Segments lie on known pixels;
    one that would cross the hole ends at it or becomes two. Pieces shorter than ``shortest`` pixels
    are dropped. Raises `NothingToCopy` when nothing is known.
    """
    brightness = solve_membrane((image @ np.asarray(LUMA, np.float32))[..., None], hole)[..., 0]
    return find_segments_at(brightness, hole, shortest)


def find_segments_at(
    brightness: FloatImage, hole: BoolMask, shortest: float
) -> NDArray[np.float32]:
    """As `find_segments`, of a ``brightness`` (h, w) in [0, 1] that is smooth inside the hole."""
    picture = np.rint(np.clip(brightness, 0, 1) * 255).astype(np.uint8)
    detected = cv2.createLineSegmentDetector().detect(picture)[0]
    segments = np.zeros((0, 4)) if detected is None else np.asarray(detected).reshape(-1, 4)
    segments = segments.astype(np.float32)
    segments = segments[np.hypot(*(segments[:, 2:] - segments[:, :2]).T) >= shortest]
    pieces = [
        piece
        for segment, is_away in zip(segments, _find_away(segments, hole), strict=True)
        for piece in ([segment] if is_away else _cut_at_hole(segment, hole, shortest))
    ]
    return np.asarray(pieces, np.float32).reshape(-1, 4)


def _find_away(segments: NDArray[np.float32], hole: BoolMask) -> BoolMask:
    """Which segments (n, 4) have no pixel of the hole in their bounding rectangle: (n,)."""
    height, width = hole.shape
    total = cv2.integral(hole.astype(np.uint8))
    x, y = (np.rint(segments[:, k::2]).astype(int) for k in (0, 1))
    left, right = (np.clip(at, 0, width - 1) for at in (x.min(axis=1), x.max(axis=1)))
    top, bottom = (np.clip(at, 0, height - 1) for at in (y.min(axis=1), y.max(axis=1)))
    below, above = total[bottom + 1], total[top]
    n = np.arange(len(segments))
    covered = below[n, right + 1] - below[n, left] - above[n, right + 1] + above[n, left]
    return np.asarray(covered == 0)


def _cut_at_hole(
    segment: NDArray[np.float32], hole: BoolMask, shortest: float
) -> list[NDArray[np.float32]]:
    start, end = segment[:2], segment[2:]
    length = float(np.hypot(*(end - start)))
    if length < shortest:
        return []
    steps = np.linspace(0, 1, math.ceil(2 * length) + 1, dtype=np.float32)  # each half pixel
    points = start + steps[:, None] * (end - start)
    height, width = hole.shape
    x, y = (np.clip(np.rint(points[:, k]).astype(int), 0, (width, height)[k] - 1) for k in (0, 1))
    known = np.concatenate([[False], ~hole[y, x], [False]])
    turns = np.flatnonzero(known[1:] != known[:-1]).reshape(-1, 2)  # half-open runs of known
    return [
        np.concatenate([points[first], points[last - 1]])
        for first, last in turns
        if steps[last - 1] - steps[first] >= shortest / length
    ]


SPEC = PriorSpec(
    id="lines",
    title="Straight lines",
    summary="Line segments in the known part.",
    channels=0,
    run=find_segments,
    paper="Grompone von Gioi, Jakubowicz, Morel, Randall 2012",
)
