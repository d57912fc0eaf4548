"""Paths along the edges of a photo: intelligent scissors.

Mortensen and Barrett, “Intelligent scissors for image composition” (SIGGRAPH 1995), as in OpenCV,
with the edges of Canny.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from inpaint_core.contract.arrays import Pixels
from inpaint_core.contract.geometry import Rect

REACH = 256
"""How far from its start a path follows edges, in searched pixels: time grows with the square."""
_CANNY = (32, 100)
"""Low and high threshold; with higher ones, edges of a contrast of 15 of 255 are lost."""
_TOLERANCE = 0.75
"""Searched pixels between the path and the fewer points that it is given back with."""


class EdgePaths:
    """The paths along edges from ``start`` (x, y) in ``pixels`` (H, W, 3) uint8 or uint16 to each
    point that is at most `REACH` × ``step`` photo pixels away across and down.

    ``step``, at least 1: photo pixels to a side of a searched one. Pixel (0, 0) covers 0..1.
    """

    def __init__(self, pixels: Pixels, start: tuple[float, float], step: float) -> None:
        whole = Rect.whole(pixels.shape)
        nearest = np.clip(start, 0, (whole.w - 1, whole.h - 1))
        x, y = (int(value) for value in nearest)
        near = Rect(x, y, 1, 1).grow(round(REACH * step)).intersect(whole)
        part, size = pixels[near.slices], np.maximum(np.round((near.w / step, near.h / step)), 1)
        width, height = (int(side) for side in size)
        small = np.asarray(cv2.resize(part, (width, height), interpolation=cv2.INTER_AREA))
        eight = small if pixels.dtype == np.uint8 else small // 256
        self._corner = np.array((near.x, near.y), np.float64)
        self._size = np.array(small.shape[1::-1])
        self._step = (near.w, near.h) / self._size
        self._scissors = cv2.segmentation.IntelligentScissorsMB()
        self._scissors.setEdgeFeatureCannyParameters(*_CANNY)
        self._scissors.applyImage(np.asarray(eight, np.uint8))
        self._scissors.buildMap(self._locate(start)[0])

    def trace(self, end: tuple[float, float]) -> NDArray[np.float64]:
        """The points (N, 2), x and y, of the path, without its start; the last one is ``end``.
        From where the edges were not searched, it goes straight on.
        """
        place, is_inside = self._locate(end)
        found = np.asarray(self._scissors.getContour(place)).reshape(-1, 1, 2)
        path = np.reshape(cv2.approxPolyDP(found, _TOLERANCE, False), (-1, 2))
        between = path[1:-1] if is_inside else path[1:]
        return np.vstack([self._corner + (between + 0.5) * self._step, end])

    def _locate(self, point: tuple[float, float]) -> tuple[tuple[int, int], bool]:
        """The searched pixel (x, y) that is nearest to ``point``, and whether it covers it."""
        place = np.floor((point - self._corner) / self._step)
        x, y = (int(value) for value in np.clip(place, 0, self._size - 1))
        return (x, y), place.tolist() == [x, y]
