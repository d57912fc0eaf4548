"""Outlines, corners and the brush ring, painted so that they are visible on any photo."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen


def path_through(points: Sequence[QPointF]) -> QPainterPath:
    """Straight lines through ``points``."""
    path = QPainterPath(points[0])
    for point in points[1:]:
        path.lineTo(point)
    return path


def paint_loop(
    painter: QPainter,
    points: Sequence[QPointF],
    erases: bool,
    opacity: float = 0.5,
    closing: Sequence[QPointF] = (),
) -> None:
    """Paint lines through ``points``, and fainter ones through ``closing`` that close the loop."""
    if len(points) < 2:
        return
    painter.save()
    painter.setOpacity(opacity)
    paint_outline(painter, path_through([points[-1], *closing, points[0]]), erases)
    painter.restore()
    paint_outline(painter, path_through(points), erases)


def paint_outline(painter: QPainter, path: QPainterPath, erases: bool = False) -> None:
    """Paint ``path`` as white dashes on black, with wider gaps if ``erases``."""
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


def paint_corner(painter: QPainter, point: QPointF, closes: bool = False) -> None:
    """Paint a corner of a polygon; ``closes``: a click here would close the outline."""
    side = 9.0 if closes else 6.0
    square = QRectF(point.x() - side / 2, point.y() - side / 2, side, side)
    painter.fillRect(square.adjusted(-1, -1, 1, 1), QColor(0, 0, 0, 190))
    painter.fillRect(square, QColor("#ffd54a") if closes else QColor(255, 255, 255))


def paint_cross(painter: QPainter, middle: QPointF, arm: float = 9.0) -> None:
    """Paint a cross-hair around ``middle`` with arms of ``arm`` logical pixels, open inside."""
    path = QPainterPath()
    for across, down in ((1, 0), (-1, 0), (0, 1), (0, -1)):
        way = QPointF(across, down)
        path.moveTo(middle + way * 3)
        path.lineTo(middle + way * arm)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for colour, width in ((QColor(0, 0, 0, 190), 3.2), (QColor(255, 255, 255), 1.4)):
        painter.setPen(QPen(colour, width))
        painter.drawPath(path)
    painter.restore()


def paint_dot(painter: QPainter, middle: QPointF, is_wanted: bool) -> None:
    """Paint a click: a white dot with a plus, or a black one with a minus."""
    light, dark = QColor(255, 255, 255), QColor(0, 0, 0, 220)
    inner, outer = (light, dark) if is_wanted else (dark, light)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(outer, 1.6))
    painter.setBrush(inner)
    painter.drawEllipse(middle, 6.0, 6.0)
    painter.setPen(QPen(outer, 1.8))
    painter.drawLine(middle - QPointF(3, 0), middle + QPointF(3, 0))
    if is_wanted:
        painter.drawLine(middle - QPointF(0, 3), middle + QPointF(0, 3))
    painter.restore()


_SMALLEST_RADIUS = 3.0  # logical pixels: a smaller circle cannot be seen
_SMALLEST_INNER_RADIUS = 6.0  # logical pixels: below, a second circle is only a blot


def paint_ring(painter: QPainter, middle: QPointF, radius: float, hardness: float) -> None:
    """Paint the brush's size as a circle around ``middle``, ``radius`` in logical pixels, and a
    second one where full strength ends (``hardness`` 0..1). White within black.
    """
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    drawn_radius = max(radius, _SMALLEST_RADIUS)
    painter.setPen(QPen(QColor(0, 0, 0, 170), 1.2))
    painter.drawEllipse(middle, drawn_radius + 1, drawn_radius + 1)
    painter.setPen(QPen(QColor(255, 255, 255, 240), 1.2))
    painter.drawEllipse(middle, drawn_radius, drawn_radius)
    if hardness < 0.97 and drawn_radius * hardness > _SMALLEST_INNER_RADIUS:
        painter.setPen(QPen(QColor(0, 0, 0, 110), 1.0))
        painter.drawEllipse(middle, drawn_radius * hardness + 0.8, drawn_radius * hardness + 0.8)
        painter.setPen(QPen(QColor(255, 255, 255, 170), 1.0))
        painter.drawEllipse(middle, drawn_radius * hardness, drawn_radius * hardness)
    if drawn_radius > 12:
        painter.setPen(QPen(QColor(0, 0, 0, 150), 3))
        painter.drawPoint(middle)
        painter.setPen(QPen(QColor(255, 255, 255), 1.5))
        painter.drawPoint(middle)
    painter.restore()
