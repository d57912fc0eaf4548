"""Comparing with the original: the panes of the canvas, the dividing line, labels and handle."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen

from app.configuration.text import t

CompareMode = Literal["off", "original", "split", "side"]
"""``off``: the document; ``original``: the photo as opened; ``split``: both, to the left and to the
right of a line; ``side``: both, side by side.
"""

_REACH = 8  # logical pixels on each side of the line where it can be grabbed
_GRIP = 15  # the handle's radius
LABELS_HEIGHT = 64  # of the strip at the top that holds the labels


class SplitView:
    """The mode of comparison and the dividing line, at ``fraction`` of the canvas' width."""

    def __init__(self) -> None:
        self.mode: CompareMode = "off"
        self.fraction = 0.5

    def line_x(self, width: int) -> float:
        """The x of the line in a canvas of ``width``."""
        return round(width * self.fraction)

    def is_near_line(self, position: QPointF, width: int, height: int) -> bool:
        """True where a press grabs the line."""
        away = abs(position.x() - self.line_x(width))
        grip = QPointF(self.line_x(width), height / 2) - position
        on_grip = QPointF.dotProduct(grip, grip) <= _GRIP**2
        return self.mode == "split" and (away <= _REACH or on_grip)

    def drag(self, x: float, width: int) -> None:
        """Move the line to ``x``."""
        self.fraction = min(max(x / max(width, 1), 0.02), 0.98)

    def panes(self, width: int, height: int) -> list[QRectF]:
        """The parts of the canvas that show a photo of their own."""
        if self.mode != "side":
            return [QRectF(0, 0, width, height)]
        half = width // 2
        return [QRectF(0, 0, half, height), QRectF(half, 0, width - half, height)]

    def paint(self, painter: QPainter, width: int, height: int, state: str = "") -> None:
        """Paint the line, its handle and the labels. ``state`` says what is special about the
        document as it is shown; "" = nothing.
        """
        if self.mode == "off":
            if state:
                _paint_label(painter, state, QPointF(12, 12), False)
            return
        if self.mode == "original":
            _paint_label(painter, t("canvas.before"), QPointF(12, 12), False)
            return
        line = width // 2 if self.mode == "side" else self.line_x(width)
        _paint_label(painter, t("canvas.before"), QPointF(line - 14, 12), True)
        _paint_label(painter, state or t("canvas.after"), QPointF(line + 14, 12), False)
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


def _paint_label(painter: QPainter, text: str, corner: QPointF, to_left: bool) -> None:
    """Paint text on a dark plate at ``corner``, to its left or to its right."""
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
