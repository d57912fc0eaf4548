"""A canvas that tells what it painted, and what to show on it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRect
from PySide6.QtGui import QPainter, QPaintEvent, QRegion
from PySide6.QtWidgets import QApplication

from app.configuration.settings import Settings
from app.document.document import Document
from app.ui.canvas.canvas import Canvas
from app.ui.painting import qimage
from app.ui.painting.document_picture import DocumentPicture
from app.ui.painting.overlay import Overlay
from app.ui.painting.view_transform import ViewTransform
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


class _Drawn(Overlay):
    """Remembers where it was drawn."""

    def __init__(self) -> None:
        super().__init__()
        self.rects: list[QRect] = []

    def draw(self, painter: QPainter, view: ViewTransform, rect: QRect) -> None:
        self.rects.append(QRect(rect))


class Watched(Canvas):
    """Remembers what it was asked to paint, and what of the photo it drew again."""

    def __init__(self, kept: Settings) -> None:
        super().__init__(kept)
        self.painted: list[QRegion] = []
        overlay = _Drawn()
        self.drawn = overlay.rects
        self.add_overlay(overlay)

    def paintEvent(self, event: QPaintEvent) -> None:
        self.painted.append(QRegion(event.region()))
        super().paintEvent(event)

    def forget(self) -> None:
        QApplication.processEvents()
        self.painted.clear()
        self.drawn.clear()
