"""What every tool draws that encloses something: a line that shows on any photo."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen


def path_through(points: Sequence[QPointF], closed: bool = False) -> QPainterPath:
    """Straight pieces through ``points``."""
    path = QPainterPath(points[0])
    for point in points[1:]:
        path.lineTo(point)
    if closed:
        path.closeSubpath()
    return path


def paint_outline(painter: QPainter, path: QPainterPath, erases: bool = False) -> None:
    """Draw ``path``: white dashes on black; where ``erases``, with wider gaps."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(QColor(0, 0, 0, 190), 2.4))
    painter.drawPath(path)
    light = QPen(QColor(255, 255, 255), 1.2)
    light.setDashPattern([3.0, 6.0] if erases else [6.0, 3.0])
    painter.setPen(light)
    painter.drawPath(path)
    painter.restore()


def paint_corner(painter: QPainter, point: QPointF, hot: bool = False) -> None:
    """Draw a corner that was clicked; ``hot``: a click here would close the outline."""
    side = 9.0 if hot else 6.0
    square = QRectF(point.x() - side / 2, point.y() - side / 2, side, side)
    painter.fillRect(square.adjusted(-1, -1, 1, 1), QColor(0, 0, 0, 190))
    painter.fillRect(square, QColor("#ffd54a") if hot else QColor(255, 255, 255))
