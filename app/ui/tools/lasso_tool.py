"""The lasso tool: a freehand loop, closed with a straight line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QPainter

from app.ui.painting.view_transform import ViewTransform
from app.ui.tools.region_tool import FreehandLoop, RegionTool
from app.ui.tools.tool import PointerState

if TYPE_CHECKING:
    from app.configuration.settings import Settings
    from app.document.document import Document


class LassoTool(RegionTool):
    """Adds the inside of the loop to the mask; with Alt, erases it from the mask."""

    id = "lasso"

    def __init__(self, document: Document, settings: Settings) -> None:
        super().__init__(document, settings)
        self._loop = FreehandLoop()

    @property
    def is_active(self) -> bool:
        """True while a loop is being drawn."""
        return bool(self._loop.points)

    def press(self, pointer: PointerState) -> None:
        """Start the loop."""
        self._loop.start(pointer)

    def move(self, pointer: PointerState) -> None:
        """Extend the loop."""
        if self.is_active:
            self.request_repaint(self._loop.add(pointer))

    def release(self, pointer: PointerState) -> None:
        """Close and apply the loop."""
        self.move(pointer)
        self.finish()

    def finish(self) -> None:
        """Close and apply the loop."""
        points = self._loop.take()
        self.request_repaint(points)
        if len(points) > 2:
            self.apply_polygon(points, self._loop.erases)

    def cancel(self) -> bool:
        """Discard the loop."""
        points = self._loop.take()
        self.request_repaint(points)
        return bool(points)

    def paint(self, painter: QPainter, view: ViewTransform) -> None:
        """Paint the loop."""
        self._loop.paint(painter, view)
