"""The base of what is drawn over the photo."""

from __future__ import annotations

from PySide6.QtCore import QObject, QRect, Signal
from PySide6.QtGui import QPainter

from app.ui.painting.view_transform import ViewTransform


class Overlay(QObject):
    """Something drawn over the photo, but not over the original beside it.

    ``changed()``: call `draw` again. ``repaint_needed()``: call `paint` again.
    """

    changed = Signal()
    repaint_needed = Signal()

    def draw(self, painter: QPainter, view: ViewTransform, rect: QRect) -> None:
        """Draw what is over the photo in ``rect``, in screen pixels. It is kept with the photo
        until ``changed``, so that a moving cursor does not redraw it.
        """

    def paint(self, painter: QPainter, view: ViewTransform) -> None:
        """Paint what follows the cursor, in the widget's coordinates."""
