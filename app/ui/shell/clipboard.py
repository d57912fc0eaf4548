"""Photos from the clipboard and from drops, and onto the clipboard."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMimeData, QUrl
from PySide6.QtGui import QGuiApplication, QImage

from app.configuration.text import t
from app.session.controller import Controller
from app.session.notice import Notice
from app.ui.painting import opened_photo as opening
from inpaint_core.contract.file_names import to_path
from inpaint_core.contract.progress import Progress

if TYPE_CHECKING:
    from app.document.document import Document

_PICTURE_KINDS = (
    *("image/png", "image/tiff", "image/webp", "image/avif", "image/heic", "image/jxl"),
    *("image/jpeg", "image/bmp", "image/gif"),
)
"""Of several that a program offers, the first is read: those that lose nothing come first."""
_WEB = frozenset({"http", "https", "ftp"})


def open_offered(controller: Controller, mime: QMimeData | None) -> None:
    """Open the photo files that were dropped or copied; if there are none, the picture, as a photo
    without a file. A web address is not followed: a notice says so.
    """
    files = [] if mime is None else local_files(mime)
    read = None if mime is None or files else _find_picture(mime, controller)
    if files:
        controller.open(files)
    elif read is not None:
        controller.open_with(read)
    else:
        is_web = mime is not None and _is_from_web(mime)
        key = "window.web_address" if is_web else "window.paste.none"
        controller.post_notice(Notice(t(key), t(f"{key}.hint"), is_calm=True))


def can_open(mime: QMimeData) -> bool:
    """True for what `open_offered` opens, or says a sentence about."""
    return mime.hasImage() or bool(_picture_kinds(mime)) or any(_addresses(mime))


def local_files(mime: QMimeData) -> list[Path]:
    """The local files among the dropped or copied items."""
    return [to_path(url) for url in map(_text, _addresses(mime)) if url.startswith("file:")]


def _addresses(mime: QMimeData) -> Iterator[QUrl]:
    """The addresses that are offered, as a list or as a text that is nothing else."""
    urls = mime.urls()
    if not urls and mime.hasText():
        text = mime.text().strip()
        urls = [QUrl(text)] if len(text.split()) == 1 else []
    return (url for url in urls if url.scheme() in _WEB | {"file", "data"})


def _text(url: QUrl) -> str:
    """The address with every character outside of ASCII as the bytes that it stands for."""
    return bytes(url.toEncoded().data()).decode("ascii")


def _is_from_web(mime: QMimeData) -> bool:
    return any(url.scheme() in _WEB for url in _addresses(mime))


def _picture_kinds(mime: QMimeData) -> list[str]:
    """The kinds of picture file that are offered, the best first."""
    return [kind for kind in _PICTURE_KINDS if mime.hasFormat(kind)]


def _find_picture(
    mime: QMimeData, controller: Controller
) -> Callable[[Progress], opening.OpenedPhoto] | None:
    """What reads the picture that is offered, None if there is none."""
    for data in (*(mime.data(kind) for kind in _picture_kinds(mime)), *_embedded(mime)):
        if not data.isEmpty():
            return partial(opening.open_data, bytes(data.data()), decoder=controller.decoder)
    image = mime.imageData()
    if isinstance(image, QImage) and not image.isNull():
        return partial(_read_image, image)
    return None


def _embedded(mime: QMimeData) -> Iterator[QByteArray]:
    """The contents of “data:” addresses (RFC 2397)."""
    for url in _addresses(mime):
        if url.scheme() == "data":
            head, _, content = _text(url).partition(",")
            data = QByteArray.fromPercentEncoding(content.encode())
            yield QByteArray.fromBase64(data) if head.endswith(";base64") else data


def _read_image(picture: QImage, progress: Progress) -> opening.OpenedPhoto:
    """Turn a pasted picture into a photo. Runs on a lane's thread."""
    from dataclasses import replace

    from inpaint_core.photo.read_photo import decode_photo

    # A PNG in memory keeps the colour space and the transparency of every kind of image.
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    picture.save(buffer, "PNG")  # type: ignore[call-overload]
    buffer.close()
    photo = decode_photo(bytes(data.data()), Path("clipboard.png"))
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
