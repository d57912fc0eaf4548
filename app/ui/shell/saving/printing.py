"""Printing a photo: on one page, as large as fits, with a preview."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QRect, QSize, Qt
from PySide6.QtGui import QImage, QPageLayout, QPainter
from PySide6.QtWidgets import QWidget

from app.configuration.text import t
from app.session.controller import Controller
from inpaint_core.contract.progress import Progress

if TYPE_CHECKING:
    from PySide6.QtPrintSupport import QPrinter, QPrintPreviewDialog

    from app.session.export import FrozenDocument

_FINEST = 360  # pixels per inch: more cannot be seen, and makes the preview slow


class PhotoPrinting(QObject):
    """Prints the current photo; ``settle`` ends a stroke that is under way. The page set-up lasts
    as long as the window.
    """

    def __init__(self, window: QWidget, controller: Controller, settle: Callable[[], None]) -> None:
        super().__init__(window)
        self._window, self._controller, self._settle = window, controller, settle
        self._printer: QPrinter | None = None

    def print_photo(self) -> None:
        """Show the current photo on a page, to be printed from there."""
        from app.session.export import freeze

        session = self._controller.current
        if session is None:
            return
        self._settle()
        frozen, text = freeze(session.document), t("export.print.preparing")
        show = partial(self._show, session.name)
        self._controller.start_task(partial(render_for_print, frozen), text, show)

    def _show(self, name: str, image: QImage) -> None:
        from PySide6.QtPrintSupport import QPrinter, QPrintPreviewDialog

        if self._printer is None:
            self._printer = QPrinter(QPrinter.PrinterMode.HighResolution)
        printer = self._printer
        printer.setDocName(name)
        wide = image.width() > image.height()
        orientation = QPageLayout.Orientation
        printer.setPageOrientation(orientation.Landscape if wide else orientation.Portrait)
        dialog: QPrintPreviewDialog = QPrintPreviewDialog(printer, self._window)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setWindowTitle(t("export.print.title", name=name))
        dialog.paintRequested.connect(partial(print_image, image))
        dialog.resize(self._window.size() * 0.85)
        dialog.setModal(True)
        dialog.show()


def render_for_print(frozen: FrozenDocument, progress: Progress) -> QImage:
    """The photo as a printer's driver expects pictures: 8 bits in sRGB, on white. Numbers whose
    profile cannot be read count as sRGB, as on the screen.
    """
    from contextlib import suppress
    from dataclasses import replace

    import numpy as np

    from app.ui.painting import qimage
    from inpaint_core.photo.colour.conversion import convert_to_srgb
    from inpaint_core.photo.photo import to_eight_bits

    photo = replace(frozen.result, retouched=None)
    progress.check()
    with suppress(ValueError):
        photo = convert_to_srgb(photo)
    progress.check()
    pixels = to_eight_bits(photo.pixels)
    if photo.alpha is not None:
        opacity = to_eight_bits(photo.alpha).astype(np.uint16)[..., np.newaxis]
        shown = pixels * opacity + np.uint16(255) * (255 - opacity)
        pixels = ((shown + 127) // 255).astype(np.uint8)
    return qimage.from_rgb(np.ascontiguousarray(pixels)).copy()


def print_image(image: QImage, printer: QPrinter) -> None:
    """Draw the picture on the printer's page."""
    painter = QPainter(printer)
    try:
        draw_page(image, painter, painter.viewport(), printer.resolution())
    finally:
        painter.end()


def draw_page(image: QImage, painter: QPainter, page: QRect, resolution: int) -> None:
    """Draw the picture as large as it fits into ``page``, in its middle; ``resolution`` is that of
    the page in dots per inch.
    """
    one = QSize(1, 1)  # of a photo that is thousands of times as wide as high, something is seen
    size = image.size().scaled(page.size(), Qt.AspectRatioMode.KeepAspectRatio).expandedTo(one)
    place = QRect(page.topLeft(), size)
    place.moveCenter(page.center())
    seen: QSize = (size * min(1.0, _FINEST / resolution)).expandedTo(one)
    if image.width() > seen.width():
        aspect, mode = Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode
        image = image.scaled(seen, aspect, mode.SmoothTransformation)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    painter.drawImage(place, image)
