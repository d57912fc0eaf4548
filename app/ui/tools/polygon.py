"""Polygon: corners set one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QKeyEvent, QPainter

from app.ui.painting.view_transform import View
from app.ui.tools.outline import paint_corner, paint_outline, path_through
from app.ui.tools.region import RegionTool
from app.ui.tools.tool import Pointer

if TYPE_CHECKING:
    from app.configuration.settings import Settings
    from app.document.document import Document

_NEAR = 8.0  # logical pixels from the first corner within which a click closes the outline
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class Polygon(RegionTool):
    """A click sets a corner. A double click, Enter, or a click on the first corner closes and
    fills; Backspace takes the last corner back. Alt while closing takes away.
    """

    id = "polygon"
    keys = frozenset({*_ENTER, Qt.Key.Key_Backspace})

    def __init__(self, document: Document, settings: Settings) -> None:
        super().__init__(document, settings)
        self._corners: list[QPointF] = []
        self._end: Pointer | None = None  # where the next corner would be

    @property
    def active(self) -> bool:
        """True while corners are set."""
        return bool(self._corners)

    def press(self, pointer: Pointer) -> None:
        """Set a corner, or close the outline on its first one."""
        if self._closes(pointer):
            self._close(pointer.erases)
            return
        self._corners.append(QPointF(pointer.x, pointer.y))
        self._follow(pointer)

    def move(self, pointer: Pointer) -> None:
        """Move the corner that was just set until the button is let go."""
        if self._corners:
            self.touch(self._touched())
            self._corners[-1] = QPointF(pointer.x, pointer.y)
            self._follow(pointer)

    def double(self, pointer: Pointer) -> None:
        """Close the outline: the first of the two clicks has set its last corner."""
        if self._corners:
            self._close(pointer.erases)
        else:
            self.press(pointer)

    def hover(self, pointer: Pointer | None) -> None:
        """Draw the next side to where the cursor is."""
        if self._corners:
            self._follow(pointer)

    def key(self, event: QKeyEvent) -> bool:
        """Enter closes, Backspace takes a corner back."""
        if not self._corners:
            return False
        if event.key() in _ENTER:
            self._close(bool(event.modifiers() & Qt.KeyboardModifier.AltModifier))
            return True
        if event.key() == Qt.Key.Key_Backspace:
            self.touch(self._touched())
            self._corners.pop()
            return True
        return False

    def cancel(self) -> bool:
        """Forget the corners."""
        self.touch(self._touched())
        found = bool(self._corners)
        self._corners, self._end = [], None
        return found

    def paint(self, painter: QPainter, view: View) -> None:
        """Draw the corners and the sides, and how the outline would be closed."""
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
            hot = index == 0 and self._end is not None and self._closes(self._end)
            paint_corner(painter, view.to_widget(corner), hot)

    def _closes(self, pointer: Pointer) -> bool:
        if len(self._corners) < 3 or self.stage is None:
            return False
        view = self.stage.view_at(pointer.at)
        away = view.to_widget(self._corners[0]) - view.to_widget(QPointF(pointer.x, pointer.y))
        return away.manhattanLength() <= _NEAR

    def _close(self, erases: bool) -> None:
        self.touch(self._touched())
        corners, self._corners, self._end = self._corners, [], None
        if len(corners) > 2:
            self.fill(corners, erases)

    def _follow(self, pointer: Pointer | None) -> None:
        self.touch(self._touched())
        self._end = pointer
        self.touch(self._touched())

    def _touched(self) -> list[QPointF]:
        """The points around what changes while the next side is drawn."""
        if not self._corners:
            return []
        found = [self._corners[0], self._corners[-1], *self._corners[-2:-1]]
        return found if self._end is None else [*found, QPointF(self._end.x, self._end.y)]
