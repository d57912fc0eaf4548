"""The base of the tools that add a region to the mask as one edit, and the freehand loop."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF
from PySide6.QtGui import QPainter

from app.document import shapes
from app.ui.painting.view_transform import ViewTransform
from app.ui.tools.outlines import paint_outline, path_through
from app.ui.tools.tool import PointerState, Tool

if TYPE_CHECKING:
    from inpaint_core.contract.geometry import Rect


class RegionTool(Tool):
    """Adds a region to the mask or erases it."""

    def apply(self, rect: Rect, coverage: NDArray[np.uint8], erases: bool) -> None:
        """Add ``coverage`` (h, w) 0..255 to the mask in ``rect``, or erase it."""
        if rect.is_empty:
            return
        revision = self.document.revision
        with self.document.edit(f"history.{self.id}") as editing:
            shapes.paint_shape(editing, "mask", rect, coverage, erases)
        if not erases and self.document.revision != revision:
            self.committed.emit()

    def apply_polygon(self, points: Sequence[QPointF], erases: bool) -> None:
        """Add the polygon through ``points`` to the mask, or erase it."""
        self.apply(*shapes.rasterize_polygon(to_point_array(points), self.document.shape), erases)


def to_point_array(points: Sequence[QPointF]) -> NDArray[np.float64]:
    """``points`` as (N, 2), x and y."""
    return np.array([(point.x(), point.y()) for point in points], np.float64).reshape(-1, 2)


class FreehandLoop:
    """A loop being drawn: its points in the photo; ``erases``: it will be erased from the mask."""

    def __init__(self) -> None:
        self.points: list[QPointF] = []
        self.erases = False

    def start(self, pointer: PointerState) -> None:
        """Start a loop."""
        self.points = [QPointF(pointer.x, pointer.y)]
        self.erases = pointer.erases

    def add(self, pointer: PointerState) -> list[QPointF]:
        """Extend the loop to the pointer; returns the points between which it must be repainted."""
        point = QPointF(pointer.x, pointer.y)
        if not self.points or self.points[-1] == point:
            return []
        self.points.append(point)
        # The closing line runs from the end to the first point.
        return [self.points[0], *self.points[-3:]]

    def take(self) -> list[QPointF]:
        """End the loop and return its points."""
        points, self.points = self.points, []
        return points

    def paint(self, painter: QPainter, view: ViewTransform) -> None:
        """Paint the loop, its closing line fainter."""
        if len(self.points) < 2:
            return
        points = [view.to_widget(point) for point in self.points]
        painter.save()
        painter.setOpacity(0.5)
        paint_outline(painter, path_through([points[-1], points[0]]), self.erases)
        painter.restore()
        paint_outline(painter, path_through(points), self.erases)
