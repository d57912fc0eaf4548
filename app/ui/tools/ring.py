"""The brush as a cursor: a circle of its true size, a second one where full strength ends."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

_SMALLEST = 3.0  # logical pixels of radius: a smaller circle is not seen
_INNER = 6.0  # below this radius a second circle only makes a blot


def paint_ring(painter: QPainter, middle: QPointF, radius: float, hardness: float) -> None:
    """Draw it around ``middle``, ``radius`` in logical pixels, ``hardness`` 0..1.

    Light within dark, so that it stands out on any photo.
    """
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    shown = max(radius, _SMALLEST)
    painter.setPen(QPen(QColor(0, 0, 0, 170), 1.2))
    painter.drawEllipse(middle, shown + 1, shown + 1)
    painter.setPen(QPen(QColor(255, 255, 255, 240), 1.2))
    painter.drawEllipse(middle, shown, shown)
    if hardness < 0.97 and shown * hardness > _INNER:
        painter.setPen(QPen(QColor(0, 0, 0, 110), 1.0))
        painter.drawEllipse(middle, shown * hardness + 0.8, shown * hardness + 0.8)
        painter.setPen(QPen(QColor(255, 255, 255, 170), 1.0))
        painter.drawEllipse(middle, shown * hardness, shown * hardness)
    if shown > 12:
        painter.setPen(QPen(QColor(0, 0, 0, 150), 3))
        painter.drawPoint(middle)
        painter.setPen(QPen(QColor(255, 255, 255), 1.5))
        painter.drawPoint(middle)
    painter.restore()
