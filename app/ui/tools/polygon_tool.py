"""The polygon tool: corners set one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QKeyEvent, QPainter

from app.ui.painting.view_transform import ViewTransform
from app.ui.tools.outlines import paint_corner, paint_outline, path_through
from app.ui.tools.region_tool import RegionTool
from app.ui.tools.tool import PointerState

if TYPE_CHECKING:
    from app.configuration.settings import Settings
    from app.document.document import Document

_CLOSING_DISTANCE = (
    8.0  # logical pixels around the first corner in which a click closes the outline
)
_ENTER_KEYS = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class PolygonTool(RegionTool):
    """A click sets a corner. A double click, Enter, or a click on the first corner closes the
    outline and adds it to the mask, or erases it with Alt; Backspace removes the last corner.
    """

    id = "polygon"
    keys = frozenset({*_ENTER_KEYS, Qt.Key.Key_Backspace})

    def __init__(self, document: Document, settings: Settings) -> None:
        super().__init__(document, settings)
        self._corners: list[QPointF] = []
        self._end: PointerState | None = None  # where the next corner would be

    @property
    def is_active(self) -> bool:
        """True while there are corners."""
        return bool(self._corners)

    def press(self, pointer: PointerState) -> None:
        """Set a corner, or close the outline at its first one."""
        if self._would_close(pointer):
            self._close(pointer.erases)
            return
        self._corners.append(QPointF(pointer.x, pointer.y))
        self._follow(pointer)

    def move(self, pointer: PointerState) -> None:
        """Move the corner that was just set until the button is released."""
        if self._corners:
            self.request_repaint(self._changing_points())
            self._corners[-1] = QPointF(pointer.x, pointer.y)
            self._follow(pointer)

    def double_press(self, pointer: PointerState) -> None:
        """Close the outline: the first of the two clicks has set its last corner."""
        if self._corners:
            self._close(pointer.erases)
        else:
            self.press(pointer)

    def hover(self, pointer: PointerState | None) -> None:
        """Show the next side up to the cursor."""
        if self._corners:
            self._follow(pointer)

    def press_key(self, event: QKeyEvent) -> bool:
        """Enter closes the outline, Backspace removes a corner."""
        if not self._corners:
            return False
        if event.key() in _ENTER_KEYS:
            self._close(bool(event.modifiers() & Qt.KeyboardModifier.AltModifier))
            return True
        if event.key() == Qt.Key.Key_Backspace:
            self.request_repaint(self._changing_points())
            self._corners.pop()
            return True
        return False

    def cancel(self) -> bool:
        """Discard the corners."""
        self.request_repaint(self._changing_points())
        had_corners = bool(self._corners)
        self._corners, self._end = [], None
        return had_corners

    def paint(self, painter: QPainter, view: ViewTransform) -> None:
        """Paint the corners, the sides, and the side that would close the outline."""
        if not self._corners:
            return
        points = [view.to_widget(corner) for corner in self._corners]
        erases = self._end is not None and self._end.erases
        if self._end is not None:
            points.append(view.to_widget(QPointF(self._end.x, self._end.y)))
        paint_outline(painter, path_through(points), erases)
        painter.save()
        painter.setOpacity(0.4)
        paint_outline(painter, path_through([points[-1], points[0]]), erases)
        painter.restore()
        for index, corner in enumerate(self._corners):
            closes = index == 0 and self._end is not None and self._would_close(self._end)
            paint_corner(painter, view.to_widget(corner), closes)

    def _would_close(self, pointer: PointerState) -> bool:
        if len(self._corners) < 3 or self.canvas is None:
            return False
        view = self.canvas.view_at(pointer.at)
        away = view.to_widget(self._corners[0]) - view.to_widget(QPointF(pointer.x, pointer.y))
        return away.manhattanLength() <= _CLOSING_DISTANCE

    def _close(self, erases: bool) -> None:
        self.request_repaint(self._changing_points())
        corners, self._corners, self._end = self._corners, [], None
        if len(corners) > 2:
            self.apply_polygon(corners, erases)

    def _follow(self, pointer: PointerState | None) -> None:
        self.request_repaint(self._changing_points())
        self._end = pointer
        self.request_repaint(self._changing_points())

    def _changing_points(self) -> list[QPointF]:
        """The points between which the painted outline changes."""
        if not self._corners:
            return []
        points = [self._corners[0], self._corners[-1], *self._corners[-2:-1]]
        return points if self._end is None else [*points, QPointF(self._end.x, self._end.y)]
