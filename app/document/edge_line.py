"""A thin line drawn by hand, while it is drawn: an edge, not paint, so it has no soft border."""

from __future__ import annotations

import math

import cv2
import numpy as np

from app.document.change import Layer
from app.document.editing import Editing
from inpaint_core.contract.geometry import Rect


class Trace:
    """Draws into ``layer`` through ``editing``, as `Stroke` paints, but only 0 and 255.

    A drawn line is ``size`` pixels wide (1 or a few); erasing takes a round of that diameter.
    """

    def __init__(self, editing: Editing, layer: Layer, size: float, erase: bool = False) -> None:
        self._editing = editing
        self._layer = layer
        self._size = max(round(size), 1)
        self._erase = erase
        self._last: tuple[int, int] | None = None

    def to(
        self, x: float, y: float, pressure_size: float = 1.0, pressure_hardness: float = 1.0
    ) -> Rect:
        """Draw from the last point to (x, y), or a dot at the first one; what may have changed.

        Coordinates as in `Stroke`. A line is as wide however hard a pen is pressed.
        """
        end = math.floor(x), math.floor(y)
        start, self._last = self._last or end, end
        reach = self._size
        rect = Rect.from_bounds(
            min(start[0], end[0]) - reach,
            min(start[1], end[1]) - reach,
            max(start[0], end[0]) + reach + 1,
            max(start[1], end[1]) + reach + 1,
        )
        drawn = np.zeros((rect.h, rect.w), np.uint8)
        first, last = ((p[0] - rect.x, p[1] - rect.y) for p in (start, end))
        if self._erase:
            cv2.line(drawn, first, last, 255, self._size)
        else:
            cv2.line(drawn, first, last, 255, 1)
            cv2.dilate(drawn, np.ones((self._size, self._size), np.uint8), drawn)
        inside = rect.intersect(Rect.whole(self._editing.shape))
        if inside.empty:
            return inside
        part = drawn[inside.translate(-rect.x, -rect.y).slices]
        now = self._editing.now(self._layer, inside)
        changed = now & ~part if self._erase else now | part
        self._editing.write(self._layer, inside, changed)
        return inside
