"""Comparing with the photo as it was: which part of the canvas shows what, labels, the handle."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen

from app.configuration.text import t

Mode = Literal["off", "original", "split", "side"]
"""``off``: the document; ``original``: the photo as it was opened; ``split``: both, to the left
and to the right of a line; ``side``: both, side by side.
"""

_REACH = 8  # logical pixels to each side of the line where it can be taken hold of
_GRIP = 15  # the handle's radius


class Split:
    """Where the dividing line is. ``place`` is its part of the canvas' width."""

    def __init__(self) -> None:
        self.mode: Mode = "off"
        self.place = 0.5

    def line(self, width: int) -> float:
        """The line's x in a canvas ``width`` wide."""
        return round(width * self.place)

    def near(self, position: QPointF, width: int, height: int) -> bool:
        """True where a press takes hold of the line."""
        away = abs(position.x() - self.line(width))
        grip = QPointF(self.line(width), height / 2) - position
        on_grip = QPointF.dotProduct(grip, grip) <= _GRIP**2
        return self.mode == "split" and (away <= _REACH or on_grip)

    def drag(self, x: float, width: int) -> None:
        """Move the line to ``x``."""
        self.place = min(max(x / max(width, 1), 0.02), 0.98)

    def panes(self, width: int, height: int) -> list[QRectF]:
        """The parts of the canvas in which the photo has a place of its own."""
        if self.mode != "side":
            return [QRectF(0, 0, width, height)]
        half = width // 2
        return [QRectF(0, 0, half, height), QRectF(half, 0, width - half, height)]

    def paint(self, painter: QPainter, width: int, height: int) -> None:
        """Draw line, handle and labels."""
        if self.mode == "off":
            return
        if self.mode == "original":
            _label(painter, t("canvas.before"), QPointF(12, 12), False)
            return
        line = width // 2 if self.mode == "side" else self.line(width)
        _label(painter, t("canvas.before"), QPointF(line - 14, 12), True)
        _label(painter, t("canvas.after"), QPointF(line + 14, 12), False)
        if self.mode == "side":
            painter.fillRect(QRectF(line - 1, 0, 2, height), QColor(0, 0, 0))
            return
        painter.fillRect(QRectF(line - 1.5, 0, 3, height), QColor(0, 0, 0, 150))
        painter.fillRect(QRectF(line - 0.5, 0, 1, height), QColor(255, 255, 255))
        self._paint_grip(painter, QPointF(line, height / 2))

    def _paint_grip(self, painter: QPainter, middle: QPointF) -> None:
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(255, 255, 255), 1.5))
        painter.setBrush(QColor(20, 20, 20, 210))
        painter.drawEllipse(middle, _GRIP - 1, _GRIP - 1)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(255, 255, 255))
        for side in (-1, 1):
            tip = middle + QPointF(side * 9, 0)
            base = middle.x() + side * 4
            painter.drawPolygon(
                [tip, QPointF(base, middle.y() - 4.5), QPointF(base, middle.y() + 4.5)]
            )
        painter.restore()


def _label(painter: QPainter, text: str, corner: QPointF, to_left: bool) -> None:
    """Words on a dark plate at ``corner``, to its left or to its right."""
    metrics = QFontMetricsF(painter.font())
    width, height = metrics.horizontalAdvance(text) + 16, metrics.height() + 8
    plate = QRectF(corner.x() - (width if to_left else 0), corner.y(), width, height)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(0, 0, 0, 170))
    painter.drawRoundedRect(plate, 5, 5)
    painter.setPen(QColor(255, 255, 255))
    painter.drawText(plate, Qt.AlignmentFlag.AlignCenter, text)
    painter.restore()
