"""What the colours of a map mean: the bar of values, or the wheel of directions."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.configuration.text import t
from app.ui.theme import theme

_BAR = 12


class Legend(QWidget):
    """A bar of colours with the values of its ends and middle, and what they are; or nothing."""

    def __init__(self) -> None:
        super().__init__()
        self._bar = QImage()
        self._ends: tuple[float, float] | None = None
        self._unit = ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(t("features.legend"))

    def sizeHint(self) -> QSize:
        """A bar and a line of text."""
        return QSize(200, _BAR + 4 + self.fontMetrics().height())

    def show_scale(self, bar: QImage, low: float, high: float, unit: str) -> None:
        """Show a scale from ``low`` to ``high``; ``bar`` is one pixel high."""
        self._bar, self._ends, self._unit = bar, (low, high), unit
        self.update()

    def show_wheel(self, wheel: QImage, words: str) -> None:
        """Show a picture that explains the colours, beside words."""
        self._bar, self._ends, self._unit = wheel, None, words
        self.update()

    def clear(self, words: str = "") -> None:
        """Show words alone."""
        self._bar, self._ends, self._unit = QImage(), None, words
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The bar with numbers below it."""
        painter = QPainter(self)
        painter.setPen(QColor(theme.current().muted))
        below = QRectF(0, _BAR + 4, self.width(), self.height() - _BAR - 4)
        if self._ends is None:
            side = self.height() if not self._bar.isNull() else 0
            if side:
                painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
                painter.drawImage(QRectF(0, 0, side, side), self._bar)
            left = side + 8 if side else 0
            room = QRectF(left, 0, self.width() - left, self.height())
            flags = Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(room, flags, self._unit)
            return
        painter.drawImage(QRectF(0, 0, self.width(), _BAR), self._bar)
        low, high = self._ends
        painter.drawText(below, Qt.AlignmentFlag.AlignLeft, f"{low:.3g}")
        painter.drawText(below, Qt.AlignmentFlag.AlignHCenter, self._unit)
        painter.drawText(below, Qt.AlignmentFlag.AlignRight, f"{high:.3g}")
