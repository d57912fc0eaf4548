"""Photos from the clipboard and onto it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMimeData
from PySide6.QtGui import QGuiApplication, QImage

from app.ui.painting import opened_photo as opening
from inpaint_core.contract.progress import Progress

if TYPE_CHECKING:
    from app.document.document import Document


def local_files(mime: QMimeData) -> list[Path]:
    """The local files among the dropped or copied items; web addresses are ignored."""
    return [Path(url.toLocalFile()) for url in mime.urls() if url.isLocalFile()]


def copied_files() -> list[Path]:
    """The local files on the clipboard."""
    # Its type promises an object, but an empty clipboard may give None.
    mime: QMimeData | None = QGuiApplication.clipboard().mimeData()
    return [] if mime is None else local_files(mime)


def copied_image() -> QImage | None:
    """The picture on the clipboard, None if there is none."""
    image = QGuiApplication.clipboard().image()
    return None if image.isNull() else image


def read_image(picture: QImage, progress: Progress) -> opening.OpenedPhoto:
    """Turn a pasted picture into a photo. Runs on a lane's thread."""
    from inpaint_core.photo.read_photo import decode_photo

    # A PNG in memory keeps the colour space and the transparency of every kind of image.
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    picture.save(buffer, "PNG")  # type: ignore[call-overload]
    buffer.close()
    photo = decode_photo(bytes(data.data()), Path("clipboard.png"))
    from dataclasses import replace

    return opening.prepare_photo(replace(photo, path=None), None, progress)


def copy_photo(document: Document) -> None:
    """Put the current state of the photo on the clipboard, in sRGB."""
    from app.ui.painting import qimage
    from app.ui.painting.screen_colours import ScreenColours
    from inpaint_core.photo.photo import as_pixels, to_eight_bits

    pixels = ScreenColours(document.photo).convert(as_pixels(document.pixels))
    alpha = document.alpha
    if alpha is None:
        image = qimage.from_rgb(pixels)
    else:
        image = qimage.from_rgba(pixels, to_eight_bits(as_pixels(alpha)))
    QGuiApplication.clipboard().setImage(image)
