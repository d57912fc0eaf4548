"""Photos on the clipboard, both ways."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMimeData
from PySide6.QtGui import QGuiApplication, QImage

from app.ui.painting import opened_photo as opening
from inpaint_core.contract.progress import Progress

if TYPE_CHECKING:
    from app.document.document import Document


def files(mime: QMimeData) -> list[Path]:
    """The local files that are meant, none for addresses of the web."""
    return [Path(url.toLocalFile()) for url in mime.urls() if url.isLocalFile()]


def pasted() -> list[Path]:
    """The local files on the clipboard."""
    # Its type promises an object, but an empty clipboard may give None.
    mime: QMimeData | None = QGuiApplication.clipboard().mimeData()
    return [] if mime is None else files(mime)


def image() -> QImage | None:
    """The picture on the clipboard, None when there is none."""
    found = QGuiApplication.clipboard().image()
    return None if found.isNull() else found


def read(picture: QImage, progress: Progress) -> opening.Opened:
    """A pasted picture as a photo. Runs on a lane's thread."""
    from inpaint_core.photo.read_photo import decode

    # As a PNG in memory: it takes every kind of image, its colour space and transparency along.
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    picture.save(buffer, "PNG")  # type: ignore[call-overload]
    buffer.close()
    photo = decode(bytes(data.data()), Path("clipboard.png"))
    from dataclasses import replace

    return opening.prepare(replace(photo, path=None), None, progress)


def copy(document: Document) -> None:
    """Put the photo as it is now on the clipboard, in sRGB."""
    from app.ui.painting import qimage
    from app.ui.painting.screen_colours import Colours
    from inpaint_core.photo.mask_picture import eight_bits
    from inpaint_core.photo.photo import as_pixels

    pixels = Colours(document.photo).convert(as_pixels(document.pixels))
    alpha = document.alpha
    if alpha is None:
        image = qimage.image(pixels)
    else:
        image = qimage.with_alpha(pixels, eight_bits(as_pixels(alpha)))
    QGuiApplication.clipboard().setImage(image)
