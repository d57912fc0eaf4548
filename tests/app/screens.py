"""A canvas that tells what it painted, and what to show on it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRect
from PySide6.QtGui import (
    QPaintEvent,
    QRegion,
)
from PySide6.QtWidgets import QApplication

from app.configuration.settings import Settings
from app.document.document import Document
from app.ui.canvas.canvas import Canvas
from app.ui.painting import qimage
from app.ui.painting.document_picture import DocumentPicture
from inpaint_core.contract.geometry import Rect
from inpaint_core.photo.photo import Photo


def pattern(width: int, height: int) -> NDArray[np.uint8]:
    """A photo (height, width, 3) in which neighbouring pixels differ."""
    y, x = np.mgrid[:height, :width]
    return np.stack([x % 251, y % 241, (x // 251 + y // 241) * 16], axis=-1).astype(np.uint8)


def show(canvas: Canvas, pixels: NDArray[np.uint8]) -> Document:
    photo = Photo(pixels)
    document = Document(photo)
    canvas.show_document(document, DocumentPicture.from_photo(photo))
    QApplication.processEvents()
    return document


def grabbed(canvas: Canvas) -> NDArray[np.uint8]:
    """What the canvas shows, (h, w, 3)."""
    return qimage.to_rgb(canvas.grab().toImage())


def paint(document: Document, rect: Rect, value: int = 255) -> None:
    with document.edit("history.brush") as editing:
        editing.write("mask", rect, np.full((rect.h, rect.w), value, np.uint8))


class Watched(Canvas):
    """Remembers what it was asked to paint, and what of the photo it drew again."""

    def __init__(self, kept: Settings) -> None:
        super().__init__(kept)
        self.painted: list[QRegion] = []
        self.drawn: list[QRect] = []

    def paintEvent(self, event: QPaintEvent) -> None:
        self.painted.append(QRegion(event.region()))
        super().paintEvent(event)

    def _draw(self, painter: object, rect: QRect) -> None:
        self.drawn.append(QRect(rect))
        super()._draw(painter, rect)  # type: ignore[arg-type]

    def forget(self) -> None:
        QApplication.processEvents()
        self.painted.clear()
        self.drawn.clear()
