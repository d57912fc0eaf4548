"""What panels draw over the photo."""

from __future__ import annotations

from PySide6.QtCore import QObject, QRect, Signal
from PySide6.QtGui import QPainter

from app.ui.painting.view_transform import View


class Overlay(QObject):
    """Something over the photo, never over the photo as it was opened beside it.

    ``changed()``: what `draw` draws differs. ``touched()``: what `paint` draws does.
    """

    changed = Signal()
    touched = Signal()

    def draw(self, painter: QPainter, view: View, rect: QRect) -> None:
        """Draw what lies on the photo in ``rect``, in the screen's own pixels. It is kept with the
        photo until ``changed``, so that a moving cursor does not draw it again.
        """

    def paint(self, painter: QPainter, view: View) -> None:
        """Draw what follows the cursor, in the widget's coordinates."""
