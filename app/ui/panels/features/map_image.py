"""The image of the chosen map, with a crosshair that follows the cursor on the photo."""

from __future__ import annotations

import math

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.ui.theme import theme
from inpaint_core.contract.geometry import Rect

_ARM = 7


class MapImage(QWidget):
    """Shows an image of a rectangle of the photo, as large as it fits.

    ``pointed(point)``: the place of the photo under the cursor (QPointF), None when it left.
    ``clicked()``: the image was clicked.
    """

    pointed = Signal(object)
    clicked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._image = QImage()
        self._rect: Rect | None = None
        self._cross: QPointF | None = None
        self._words = ""
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumHeight(120)

    def sizeHint(self) -> QSize:
        """Square, as wide as the panel."""
        return QSize(280, 240)

    def show_image(self, image: QImage, rect: Rect | None) -> None:
        """Show an image of ``rect``; None if its pixels are not places of the photo."""
        self._image, self._rect = image, rect
        self.setCursor(Qt.CursorShape.CrossCursor if rect else Qt.CursorShape.ArrowCursor)
        self.update()

    def mark(self, point: QPointF | None) -> None:
        """Put a crosshair at a place of the photo."""
        if point != self._cross:
            self._cross = point
            self.update()

    @property
    def message(self) -> str:
        """The message over the image, "" = none."""
        return self._words

    def show_message(self, words: str) -> None:
        """Show a message over the image; "" = none."""
        if words != self._words:
            self._words = words
            self.update()

    def image_rect(self) -> QRectF:
        """The rectangle of the widget that the image covers."""
        size = self._image.size()
        if size.isEmpty():
            return QRectF()
        scale = min(self.width() / size.width(), self.height() / size.height())
        width, height = size.width() * scale, size.height() * scale
        return QRectF((self.width() - width) / 2, (self.height() - height) / 2, width, height)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the image, the crosshair and the message."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(theme.current_theme().base))
        self._draw(painter)
        draw_message(painter, self.rect(), self._words)

    def _draw(self, painter: QPainter) -> None:
        area = self.image_rect()
        if area.isEmpty():
            return
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(area, self._image)
        rect, cross = self._rect, self._cross
        if rect is None or cross is None:
            return
        x = area.x() + (cross.x() - rect.x) / rect.w * area.width()
        y = area.y() + (cross.y() - rect.y) / rect.h * area.height()
        at = QPointF(x, y)
        if not area.contains(at):
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for colour, width in ((QColor(0, 0, 0, 190), 3.5), (QColor(255, 255, 255), 1.5)):
            painter.setPen(QPen(colour, width))
            for dx, dy in ((1, 0), (-1, 0), (0, 1), (0, -1)):
                away = QPointF(dx, dy)
                painter.drawLine(at + away * 2.5, at + away * _ARM)

    def to_photo(self, position: QPointF) -> QPointF | None:
        """The place of the photo at a point of the widget, None outside of the image."""
        area, rect = self.image_rect(), self._rect
        if rect is None or not area.contains(position):
            return None
        x = rect.x + (position.x() - area.x()) / area.width() * rect.w
        y = rect.y + (position.y() - area.y()) / area.height() * rect.h
        return QPointF(math.floor(x) + 0.5, math.floor(y) + 0.5)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Report the place under the cursor."""
        self.pointed.emit(self.to_photo(event.position()))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Report a click."""
        if event.button() == Qt.MouseButton.LeftButton and self._rect is not None:
            self.clicked.emit()

    def leaveEvent(self, event: QEvent) -> None:
        """Report that the cursor left."""
        self.pointed.emit(None)


def draw_message(painter: QPainter, room: QRect, words: str) -> None:
    """Dim ``room`` and write a message in its middle; do nothing for ""."""
    if not words:
        return
    colours = theme.current_theme()
    faint = QColor(colours.base)
    faint.setAlpha(170)
    painter.fillRect(room, faint)
    painter.setPen(QColor(colours.text))
    flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
    painter.drawText(room.adjusted(12, 0, -12, 0), flags, words)
