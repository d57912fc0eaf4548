"""All channels of a map as thumbnails, to choose one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QHelpEvent, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from app.configuration.text import t
from app.ui.panels.features.map_image import draw_message
from app.ui.theme import theme
from app.ui.widgets.commands import KeyGuard

if TYPE_CHECKING:
    from app.inspection.maps import ChannelMosaic

_STEPS = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}


class ChannelGrid(QWidget):
    """Shows a mosaic of channels. ``chosen(channel)``: one was chosen by mouse or keyboard."""

    chosen = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self._mosaic: ChannelMosaic | None = None
        self._image = QImage()
        self._channel = 0
        self._words = ""
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(t("features.channels"))
        KeyGuard(self, Qt.Key.Key_Up, Qt.Key.Key_Down, *_STEPS)

    @property
    def mosaic(self) -> ChannelMosaic | None:
        """The mosaic that is shown."""
        return self._mosaic

    def show_mosaic(self, mosaic: ChannelMosaic | None, image: QImage) -> None:
        """Show other channels; ``image`` is the picture of the mosaic."""
        self._mosaic, self._image = mosaic, image
        self.setFixedSize(image.size() if mosaic is not None else QSize(1, 1))
        self.update()

    def show_message(self, words: str) -> None:
        """Show a message over the channels; "" = none."""
        if words != self._words:
            self._words = words
            self.update()

    def mark(self, channel: int) -> None:
        """Frame a channel."""
        self._channel = channel
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the mosaic, and a frame around the chosen channel."""
        painter = QPainter(self)
        painter.fillRect(event.rect(), QColor(theme.current_theme().base))
        painter.drawImage(event.rect(), self._image, event.rect())
        if self._mosaic is not None and self._channel in self._mosaic.order:
            place = self._cell(self._mosaic.order.index(self._channel))
            painter.setPen(QColor(theme.current_theme().accent))
            painter.drawRect(place.adjusted(0, 0, -2, -2))
            painter.drawRect(place.adjusted(1, 1, -3, -3))
        draw_message(painter, self.visibleRegion().boundingRect(), self._words)

    def _cell(self, index: int) -> QRect:
        assert self._mosaic is not None
        row, column = divmod(index, self._mosaic.columns)
        side = self._mosaic.cell
        return QRect(column * side, row * side, side, side)

    def channel_at(self, at: QPoint) -> int | None:
        """The channel at a point of the widget."""
        if self._mosaic is None or at.x() < 0 or at.y() < 0:
            return None
        column, row = at.x() // self._mosaic.cell, at.y() // self._mosaic.cell
        index = row * self._mosaic.columns + column
        inside = column < self._mosaic.columns and index < len(self._mosaic.order)
        return self._mosaic.order[index] if inside else None

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose the channel under the cursor."""
        channel = self.channel_at(event.position().toPoint())
        if channel is not None:
            self.chosen.emit(channel)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move to a neighbour with the arrow keys."""
        mosaic = self._mosaic
        if mosaic is None or self._channel not in mosaic.order:
            super().keyPressEvent(event)
            return
        rows = {Qt.Key.Key_Up: -mosaic.columns, Qt.Key.Key_Down: mosaic.columns}
        step = (_STEPS | rows).get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
            return
        index = mosaic.order.index(self._channel) + step
        if 0 <= index < len(mosaic.order):
            self.chosen.emit(mosaic.order[index])

    def event(self, event: QEvent) -> bool:
        """Show the number of the channel under the cursor."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            channel = self.channel_at(event.pos())
            if channel is not None:
                QToolTip.showText(event.globalPos(), t("features.channel.number", n=channel), self)
                return True
        return super().event(event)
