"""The drawn photo as it is on the screen, so that a moving cursor does not draw it again."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import cast

from PySide6.QtCore import QRect, QRectF, QSize
from PySide6.QtGui import QColor, QImage, QPainter, QRegion

_MOST_PARTS = 12  # separate rectangles worth drawing one by one

Draw = Callable[[QPainter, QRect], None]


class Frame:
    """Holds what was drawn, in the screen's pixels; draws again only what became stale."""

    def __init__(self) -> None:
        self._image = QImage()
        self._stale = QRegion()

    def resize(self, size: QSize) -> None:
        """Fit the widget's size in the screen's pixels."""
        if self._image.size() != size:
            self._image = QImage(size, QImage.Format.Format_RGB32)
            self.spoil(None)

    def spoil(self, rect: QRect | None) -> None:
        """What is in ``rect`` (None = everywhere) has to be drawn again."""
        whole = self._image.rect()
        self._stale += QRegion(whole if rect is None else rect.intersected(whole))

    def shift(self, dx: int, dy: int) -> None:
        """What was drawn moves by so many pixels; only what comes into sight is stale."""
        whole = self._image.rect()
        kept = whole.intersected(whole.translated(dx, dy))
        if kept.isEmpty():
            self.spoil(None)
            return
        copy = self._image.copy(kept.translated(-dx, -dy))
        painter = QPainter(self._image)
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Source)
        painter.drawImage(kept.topLeft(), copy)
        painter.end()
        self._stale.translate(dx, dy)
        self._stale += QRegion(whole) - QRegion(kept)
        self._stale = self._stale.intersected(whole)

    def show(
        self, painter: QPainter, region: QRegion, ratio: float, back: QColor, draw: Draw
    ) -> None:
        """Paint ``region`` (in the widget's coordinates), drawing what is stale of it first.

        ``draw(painter, rect)`` draws the photo in the screen's pixels, over ``back``.
        """
        for part in _parts(region):
            on_screen = QRectF(
                part.x() * ratio, part.y() * ratio, part.width() * ratio, part.height() * ratio
            ).toAlignedRect()
            on_screen = on_screen.intersected(self._image.rect())
            stale = self._stale.intersected(on_screen)
            for rect in _parts(stale):
                self._draw(rect, back, draw)
            # The image's pixels are the screen's: placed so, none of them is mixed with others.
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


def _parts(region: QRegion) -> list[QRect]:
    """The rectangles of a region, or one around them where they are too many."""
    if region.rectCount() > _MOST_PARTS:
        return [region.boundingRect()]
    return list(cast("Iterable[QRect]", region))  # which Qt's type hints do not know of
