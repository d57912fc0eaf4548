"""The tools that leave the document as it is: hand, zoom, and the probe of the features panel."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPainterPath

from app.ui.painting.shapes.outlines import paint_outline
from app.ui.painting.view_transform import ViewTransform
from app.ui.tools.tool import PointerState, Tool

if TYPE_CHECKING:
    from app.configuration.settings import Settings
    from app.document.document import Document


class HandTool(Tool):
    """Moves the photo; a double click switches between the whole photo and 100 %."""

    id = "hand"

    def __init__(self, document: Document, settings: Settings) -> None:
        super().__init__(document, settings)
        self._grabbed_at: QPointF | None = None

    def cursor(self) -> Qt.CursorShape:
        """A hand, closed while it moves the photo."""
        is_grabbed = self._grabbed_at is not None
        return Qt.CursorShape.ClosedHandCursor if is_grabbed else Qt.CursorShape.OpenHandCursor

    def press(self, pointer: PointerState) -> None:
        """Grab the photo."""
        self._grabbed_at = pointer.at

    def move(self, pointer: PointerState) -> None:
        """Move the photo."""
        if self._grabbed_at is not None and self.canvas is not None:
            self.canvas.pan(pointer.at - self._grabbed_at)
            self._grabbed_at = pointer.at

    def release(self, pointer: PointerState) -> None:
        """Release the photo."""
        self.finish()

    def finish(self) -> None:
        """Release the photo."""
        self._grabbed_at = None

    def double_press(self, pointer: PointerState) -> None:
        """Show the whole photo, or 100 % at the click."""
        if self.canvas is not None:
            self.canvas.toggle_fit(pointer.at)


_LEAST_DRAG = 6.0  # logical pixels: less is a click with a shaky hand


class ZoomTool(Tool):
    """A click zooms in, with Alt out; a dragged box is zoomed to the size of the window."""

    id = "zoom"

    def __init__(self, document: Document, settings: Settings) -> None:
        super().__init__(document, settings)
        self._start: PointerState | None = None
        self._end: PointerState | None = None

    @property
    def is_active(self) -> bool:
        """True while a box is being dragged."""
        return self._start is not None

    def press(self, pointer: PointerState) -> None:
        """Set the first corner."""
        self._start = self._end = pointer

    def move(self, pointer: PointerState) -> None:
        """Drag the other corner."""
        self._repaint_box()
        self._end = pointer
        self._repaint_box()

    def release(self, pointer: PointerState) -> None:
        """Zoom to the box, or by a step if there is none."""
        self.move(pointer)
        start = self._start
        self.cancel()
        if start is None or self.canvas is None:
            return
        moved = pointer.at - start.at
        if min(abs(moved.x()), abs(moved.y())) >= _LEAST_DRAG:
            self._zoom_to_box(start, pointer)
        else:
            self.canvas.zoom_step(-2 if pointer.erases else 2, pointer.at)

    def finish(self) -> None:
        """Discard the box: something else is about to happen."""
        self.cancel()

    def cancel(self) -> bool:
        """Discard the box."""
        self._repaint_box()
        had_box = self._start is not None
        self._start = self._end = None
        return had_box

    def paint(self, painter: QPainter, view: ViewTransform) -> None:
        """Paint the box."""
        if self._start is not None and self._end is not None:
            start = view.to_widget(self._start.point)
            path = QPainterPath()
            path.addRect(QRectF(start, view.to_widget(self._end.point)).normalized())
            paint_outline(painter, path)

    def _zoom_to_box(self, start: PointerState, end: PointerState) -> None:
        assert self.canvas is not None
        view = self.canvas.view_at(start.at)
        across, down = abs(end.at.x() - start.at.x()), abs(end.at.y() - start.at.y())
        factor = min(view.pane.width() / across, view.pane.height() / down)
        middle = (start.point + end.point) / 2
        self.canvas.zoom_to(view.zoom * factor)
        view = self.canvas.view_at(start.at)
        self.canvas.pan(view.pane.center() - view.to_widget(middle))

    def _repaint_box(self) -> None:
        if self._start is not None and self._end is not None:
            self.request_repaint([self._start.point, self._end.point])


class ProbeTool(Tool):
    """``pointed(x, y)``: that pixel of the photo was clicked on."""

    pointed = Signal(int, int)

    id = "probe"

    def cursor(self) -> Qt.CursorShape:
        """A question mark."""
        return Qt.CursorShape.WhatsThisCursor

    def press(self, pointer: PointerState) -> None:
        """Report the pixel."""
        height, width = self.document.shape
        x, y = math.floor(pointer.x), math.floor(pointer.y)
        if 0 <= x < width and 0 <= y < height:
            self.pointed.emit(x, y)
