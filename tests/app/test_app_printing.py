"""Printing: what is on the page, and the preview."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QImage, QPageLayout, QPainter
from PySide6.QtPrintSupport import QPrinter, QPrintPreviewDialog, QPrintPreviewWidget
from pytestqt.qtbot import QtBot

from app.document.document import Document
from app.session.export import freeze
from app.ui.painting import qimage
from app.ui.shell.editor import Editor
from app.ui.shell.saving.printing import draw_page, render_for_print
from inpaint_core.contract.geometry import Rect
from inpaint_core.contract.progress import Progress
from inpaint_core.photo.colour.icc_profiles import make_profile
from inpaint_core.photo.photo import Photo


def rendered(photo: Photo) -> np.ndarray:
    return qimage.to_rgb(render_for_print(freeze(Document(photo, None)), Progress()))


def print_red(width: int, height: int) -> np.ndarray:
    """A white page of 300x400 with a red picture."""
    page = QImage(300, 400, QImage.Format.Format_RGB32)
    page.fill(Qt.GlobalColor.white)
    picture = QImage(width, height, QImage.Format.Format_RGB32)
    picture.fill(Qt.GlobalColor.red)
    painter = QPainter(page)
    draw_page(picture, painter, QRect(0, 0, 300, 400), 100)
    painter.end()
    return qimage.to_rgb(page)


def test_the_picture_is_in_the_middle_as_large_as_fits() -> None:
    shown = print_red(60, 40)
    np.testing.assert_array_equal(shown[100:300], np.broadcast_to((255, 0, 0), (200, 300, 3)))
    assert (shown[:100] == 255).all()
    assert (shown[300:] == 255).all()


def test_of_a_strip_a_pixel_high_a_line_is_printed() -> None:
    shown = print_red(5000, 1)
    (rows,) = np.nonzero((shown != 255).any(axis=(1, 2)))
    assert len(rows) == 1
    np.testing.assert_array_equal(shown[rows[0]], np.broadcast_to((255, 0, 0), (300, 3)))


def test_a_printer_gets_srgb_on_white() -> None:
    grey = np.full((4, 6, 3), 40_000, np.uint16)
    np.testing.assert_array_equal(rendered(Photo(grey)), np.full((4, 6, 3), 156))
    red = np.zeros((4, 6, 3), np.uint8)
    red[..., 0] = 200
    wide = rendered(Photo(red, icc=make_profile("adobe")))
    assert wide[0, 0, 0] > 220  # the same red has larger numbers in a narrower space
    clear = rendered(Photo(red, alpha=np.zeros((4, 6), np.uint8)))
    assert (clear == 255).all()
    damaged = rendered(Photo(red, icc=b"no profile" * 30))
    np.testing.assert_array_equal(damaged, red)


def test_what_was_changed_is_printed(gravel: Path) -> None:
    pixels = np.asarray(Image.open(gravel).convert("RGB")).copy()
    document = Document(replace(Photo(pixels), path=gravel), gravel)
    document.apply_fill(Rect(5, 6, 20, 10), np.full((10, 20, 3), 99, np.uint8))
    shown = qimage.to_rgb(render_for_print(freeze(document), Progress()))
    assert (shown[6:16, 5:25] == 99).all()
    np.testing.assert_array_equal(shown[16:], pixels[16:])


def test_the_preview_shows_the_page_and_writes_a_pdf(
    editor: Editor, gravel: Path, qtbot: QtBot, tmp_path: Path
) -> None:
    editor.controller.open([gravel])
    qtbot.waitUntil(lambda: editor.controller.current is not None)
    qtbot.keyClick(editor.window, Qt.Key.Key_P, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: bool(editor.window.findChildren(QPrintPreviewDialog)))
    (dialog,) = editor.window.findChildren(QPrintPreviewDialog)
    qtbot.waitUntil(dialog.isVisible)
    (preview,) = dialog.findChildren(QPrintPreviewWidget)
    assert preview.pageCount() == 1
    printer = dialog.printer()
    assert printer.pageLayout().orientation() == QPageLayout.Orientation.Landscape
    assert printer.docName() == gravel.name
    out = tmp_path / "page.pdf"
    printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    printer.setOutputFileName(str(out))
    dialog.paintRequested.emit(printer)
    written = out.read_bytes()
    assert written.startswith(b"%PDF")
    assert written.count(b"/Type /Page\n") == 1
    assert b"/Subtype /Image" in written
    dialog.close()
