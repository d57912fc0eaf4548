"""A loop drawn by hand, and how it will be closed."""

from __future__ import annotations

from PySide6.QtCore import QPointF
from PySide6.QtGui import QPainter

from app.ui.painting.view_transform import View
from app.ui.tools.outline import paint_outline, path_through
from app.ui.tools.tool import Pointer


class Loop:
    """The points (in the photo) of the loop under way; ``erases``: it will take away."""

    def __init__(self) -> None:
        self.points: list[QPointF] = []
        self.erases = False

    def begin(self, pointer: Pointer) -> None:
        """Start a loop."""
        self.points = [QPointF(pointer.x, pointer.y)]
        self.erases = pointer.erases

    def add(self, pointer: Pointer) -> list[QPointF]:
        """Go on to the pointer; the points around what is drawn anew."""
        point = QPointF(pointer.x, pointer.y)
        if not self.points or self.points[-1] == point:
            return []
        self.points.append(point)
        # The closing line runs from the end to the first point.
        return [self.points[0], *self.points[-3:]]

    def take(self) -> list[QPointF]:
        """End the loop; its points."""
        points, self.points = self.points, []
        return points

    def paint(self, painter: QPainter, view: View) -> None:
        """Draw the loop."""
        if len(self.points) < 2:
            return
        points = [view.to_widget(point) for point in self.points]
        painter.save()
        painter.setOpacity(0.5)
        paint_outline(painter, path_through([points[-1], points[0]]), self.erases)
        painter.restore()
        paint_outline(painter, path_through(points), self.erases)
