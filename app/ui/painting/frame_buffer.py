"""The drawn photo in screen pixels, so that a moving cursor does not redraw it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import cast

from PySide6.QtCore import QRect, QRectF, QSize
from PySide6.QtGui import QColor, QImage, QPainter, QRegion

_MOST_RECTS = 12  # separate rectangles worth drawing one by one

Draw = Callable[[QPainter, QRect], None]


class FrameBuffer:
    """Keeps the drawn photo, in screen pixels, and redraws only the stale parts."""

    def __init__(self) -> None:
        self._image = QImage()
        self._stale = QRegion()

    def resize(self, size: QSize) -> None:
        """Adopt the widget's size in screen pixels."""
        if self._image.size() != size:
            self._image = QImage(size, QImage.Format.Format_RGB32)
            self.invalidate(None)

    def invalidate(self, rect: QRect | None) -> None:
        """Mark ``rect`` (None: everything) as stale."""
        whole = self._image.rect()
        self._stale += QRegion(whole if rect is None else rect.intersected(whole))

    def shift(self, dx: int, dy: int) -> None:
        """Move the drawn photo by so many pixels; only what becomes visible is stale."""
        whole = self._image.rect()
        kept = whole.intersected(whole.translated(dx, dy))
        if kept.isEmpty():
            self.invalidate(None)
            return
        copy = self._image.copy(kept.translated(-dx, -dy))
        painter = QPainter(self._image)
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Source)
        painter.drawImage(kept.topLeft(), copy)
        painter.end()
        self._stale.translate(dx, dy)
        self._stale += QRegion(whole) - QRegion(kept)
        self._stale = self._stale.intersected(whole)

    def paint(
        self, painter: QPainter, region: QRegion, ratio: float, back: QColor, draw: Draw
    ) -> None:
        """Paint ``region`` (in the widget's coordinates), after redrawing its stale parts.

        ``draw(painter, rect)`` draws the photo in screen pixels, over ``back``.
        """
        for part in _list_rects(region):
            on_screen = QRectF(
                part.x() * ratio, part.y() * ratio, part.width() * ratio, part.height() * ratio
            ).toAlignedRect()
            on_screen = on_screen.intersected(self._image.rect())
            stale = self._stale.intersected(on_screen)
            for rect in _list_rects(stale):
                self._draw(rect, back, draw)
            # Scaled so, every pixel of the image is exactly one pixel of the screen.
            painter.save()
            painter.scale(1 / ratio, 1 / ratio)
            painter.drawImage(on_screen.topLeft(), self._image, on_screen)
            painter.restore()

    def _draw(self, rect: QRect, back: QColor, draw: Draw) -> None:
        painter = QPainter(self._image)
        painter.fillRect(rect, back)
        painter.setClipRect(rect)
        draw(painter, rect)
        painter.end()
        self._stale -= QRegion(rect)


def _list_rects(region: QRegion) -> list[QRect]:
    """The rectangles of a region, or their bounding one if there are too many."""
    if region.rectCount() > _MOST_RECTS:
        return [region.boundingRect()]
    return list(cast("Iterable[QRect]", region))  # missing in Qt's type hints
