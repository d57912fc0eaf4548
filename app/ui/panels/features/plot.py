"""A small plot over the layers of a network."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.ui.theme import theme

_GAP = 6


@dataclass(frozen=True)
class Line:
    """A line: its ``name``, its ``colour``, how it is dashed, and one value per layer (NaN: none).

    Lines are told apart by dashes and names as well as by colours.
    """

    name: str
    colour: str
    dash: Qt.PenStyle
    values: tuple[float, ...]


class Plot(QWidget):
    """Lines over layers, from 0 (or the smallest value below it) to the largest. The values under
    the cursor stand in the legend.
    """

    def __init__(self) -> None:
        super().__init__()
        self._layers: tuple[str, ...] = ()
        self._lines: tuple[Line, ...] = ()
        self._title = ""
        self._at: int | None = None
        self.setMouseTracking(True)
        self.setMinimumHeight(90)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def sizeHint(self) -> QSize:
        """Twice as wide as high."""
        return QSize(280, 140)

    def show_lines(self, title: str, layers: Sequence[str], lines: Sequence[Line]) -> None:
        """Show other lines."""
        self._title, self._layers, self._lines = title, tuple(layers), tuple(lines)
        self.setAccessibleName(title)
        self.update()

    def _frame(self) -> QRectF:
        metrics = self.fontMetrics()
        left = metrics.horizontalAdvance("0.0000") + _GAP
        top = 2 * metrics.height() + metrics.height() // 2 + _GAP
        bottom = metrics.height() + _GAP
        return QRectF(left, top, max(self.width() - left - 14, 1), self.height() - top - bottom)

    def _place(self, frame: QRectF, index: int) -> float:
        return frame.x() + (index + 0.5) / max(len(self._layers), 1) * frame.width()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Title, legend, grid, lines."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colours, frame, high = theme.current(), self._frame(), self.fontMetrics().height()
        painter.setPen(QColor(colours.text))
        painter.drawText(QRectF(0, 0, self.width(), high), Qt.AlignmentFlag.AlignLeft, self._title)
        finite = [v for line in self._lines for v in line.values if math.isfinite(v)]
        if not finite or frame.height() < 10:
            return
        low, most = min(0.0, *finite), max(0.0, *finite)
        most = most if most > low else low + 1.0
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        for value in (low, (low + most) / 2, most):
            y = frame.bottom() - (value - low) / (most - low) * frame.height()
            painter.setPen(QPen(QColor(colours.line), 1))
            painter.drawLine(QPointF(frame.left(), y), QPointF(frame.right(), y))
            painter.setPen(QColor(colours.muted))
            label = QRectF(0, y - high / 2, frame.left() - _GAP, high)
            painter.drawText(label, right, f"{value:.3g}")
        wide = frame.width() / len(self._layers)
        for index, layer in enumerate(self._layers):
            painter.setPen(QColor(colours.text if index == self._at else colours.muted))
            label = QRectF(self._place(frame, index) - wide / 2, frame.bottom() + 2, wide, high)
            painter.drawText(label, Qt.AlignmentFlag.AlignCenter, layer)
        x = 0.0
        for line in self._lines:
            self._draw(painter, frame, line, low, most)
            x = self._name(painter, line, x, high)

    def _draw(self, painter: QPainter, frame: QRectF, line: Line, low: float, most: float) -> None:
        points = [
            QPointF(
                self._place(frame, k), frame.bottom() - (v - low) / (most - low) * frame.height()
            )
            for k, v in enumerate(line.values)
            if math.isfinite(v)
        ]
        painter.setPen(QPen(QColor(line.colour), 1.8, line.dash))
        painter.drawPolyline(points)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(line.colour))
        for point in points:
            painter.drawEllipse(point, 3, 3)
        painter.setBrush(Qt.BrushStyle.NoBrush)

    def _name(self, painter: QPainter, line: Line, x: float, high: int) -> float:
        """A stroke and the name in the legend, with the value under the cursor."""
        y = 1.5 * high + 1
        painter.setPen(QPen(QColor(line.colour), 1.8, line.dash))
        painter.drawLine(QPointF(x, y), QPointF(x + 16, y))
        words = line.name
        if self._at is not None and self._at < len(line.values):
            words += f" {line.values[self._at]:.3g}"
        wide = self.fontMetrics().horizontalAdvance(words)
        painter.setPen(QColor(theme.current().text))
        painter.drawText(
            QRectF(x + 20, high + 1, wide + 2, high), Qt.AlignmentFlag.AlignLeft, words
        )
        return x + 20 + wide + 12

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Read the layer under the cursor."""
        frame = self._frame()
        share = (event.position().x() - frame.x()) / frame.width()
        at = math.floor(share * len(self._layers))
        self._at = at if 0 <= at < len(self._layers) else None
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        """Read nothing."""
        self._at = None
        self.update()
