"""The box tool: a rectangle or an ellipse, dragged from corner to corner."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter, QPainterPath

from app.document import shapes
from app.ui.painting.view_transform import ViewTransform
from app.ui.tools.outlines import paint_outline
from app.ui.tools.region_tool import RegionTool
from app.ui.tools.tool import PointerState

if TYPE_CHECKING:
    from app.configuration.settings import Settings
    from app.document.document import Document


class BoxTool(RegionTool):
    """Adds the box to the mask; Shift makes its sides equal, Alt erases it from the mask."""

    id = "box"

    def __init__(self, document: Document, settings: Settings) -> None:
        super().__init__(document, settings)
        self._start: QPointF | None = None
        self._end = QPointF()
        self._erases = False

    @property
    def is_active(self) -> bool:
        """True while a box is being dragged."""
        return self._start is not None

    def press(self, pointer: PointerState) -> None:
        """Set the first corner."""
        self._erases = pointer.erases
        self._start = self._end = QPointF(pointer.x, pointer.y)

    def move(self, pointer: PointerState) -> None:
        """Drag the other corner."""
        if self._start is None:
            return
        self.request_repaint([self._start, self._end])
        end = QPointF(pointer.x, pointer.y)
        if pointer.is_straight:
            across, down = end.x() - self._start.x(), end.y() - self._start.y()
            side = max(abs(across), abs(down))
            square = QPointF(math.copysign(side, across), math.copysign(side, down))
            end = self._start + square
        self._end = end
        self.request_repaint([self._start, self._end])

    def release(self, pointer: PointerState) -> None:
        """Apply the box."""
        self.move(pointer)
        self.finish()

    def finish(self) -> None:
        """Apply the box as it is."""
        start, self._start = self._start, None
        if start is None:
            return
        self.request_repaint([start, self._end])
        draw = shapes.rasterize_ellipse if self._is_ellipse else shapes.rasterize_rectangle
        rect, coverage = draw(
            start.x(), start.y(), self._end.x(), self._end.y(), self.document.shape
        )
        self.apply(rect, coverage, self._erases)

    def cancel(self) -> bool:
        """Discard the box."""
        start, self._start = self._start, None
        if start is not None:
            self.request_repaint([start, self._end])
        return start is not None

    def paint(self, painter: QPainter, view: ViewTransform) -> None:
        """Paint the outline of the box."""
        if self._start is not None:
            box = QRectF(view.to_widget(self._start), view.to_widget(self._end)).normalized()
            path = QPainterPath()
            if self._is_ellipse:
                path.addEllipse(box)
            else:
                path.addRect(box)
            paint_outline(painter, path, self._erases)

    @property
    def _is_ellipse(self) -> bool:
        return bool(self.settings.get("box.shape") == "ellipse")
