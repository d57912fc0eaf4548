"""Zoom: a click goes nearer, with Alt away; a box that is dragged is shown as large as fits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter, QPainterPath

from app.ui.painting.view_transform import View
from app.ui.tools.outline import paint_outline
from app.ui.tools.tool import Pointer, Tool

if TYPE_CHECKING:
    from app.configuration.settings import Settings
    from app.document.document import Document

_DRAG = 6.0  # logical pixels: less is a click whose hand shook


class Zoom(Tool):
    """Goes nearer and away."""

    id = "zoom"

    def __init__(self, document: Document, settings: Settings) -> None:
        super().__init__(document, settings)
        self._start: Pointer | None = None
        self._end: Pointer | None = None

    @property
    def active(self) -> bool:
        """True while a box is being dragged."""
        return self._start is not None

    def press(self, pointer: Pointer) -> None:
        """Set the first corner."""
        self._start = self._end = pointer

    def move(self, pointer: Pointer) -> None:
        """Drag the other corner."""
        self._touch()
        self._end = pointer
        self._touch()

    def release(self, pointer: Pointer) -> None:
        """Zoom to the box, or by a step where there is none."""
        self.move(pointer)
        start = self._start
        self.cancel()
        if start is None or self.stage is None:
            return
        moved = pointer.at - start.at
        if min(abs(moved.x()), abs(moved.y())) >= _DRAG:
            self._show(start, pointer)
        else:
            self.stage.zoom_step(-2 if pointer.erases else 2, pointer.at)

    def finish(self) -> None:
        """The person turned elsewhere: no zoom is meant."""
        self.cancel()

    def cancel(self) -> bool:
        """Forget the box."""
        self._touch()
        found = self._start is not None
        self._start = self._end = None
        return found

    def paint(self, painter: QPainter, view: View) -> None:
        """Draw the box."""
        if self._start is not None and self._end is not None:
            start = view.to_widget(QPointF(self._start.x, self._start.y))
            path = QPainterPath()
            path.addRect(QRectF(start, view.to_widget(_point(self._end))).normalized())
            paint_outline(painter, path)

    def _show(self, start: Pointer, end: Pointer) -> None:
        assert self.stage is not None
        view = self.stage.view_at(start.at)
        across, down = abs(end.at.x() - start.at.x()), abs(end.at.y() - start.at.y())
        nearer = min(view.pane.width() / across, view.pane.height() / down)
        middle = (_point(start) + _point(end)) / 2
        self.stage.zoom_to(view.zoom * nearer)
        view = self.stage.view_at(start.at)
        self.stage.pan(view.pane.center() - view.to_widget(middle))

    def _touch(self) -> None:
        if self._start is not None and self._end is not None:
            self.touch([_point(self._start), _point(self._end)])


def _point(pointer: Pointer) -> QPointF:
    return QPointF(pointer.x, pointer.y)
