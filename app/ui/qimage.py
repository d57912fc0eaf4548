"""The one place that knows how QImage lays out its bytes, and how photos get their colours."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QColorSpace, QImage

from inpaint_core.imaging.photo import Photo

_SMALLEST = 512  # pixels; below this a further half-size level saves nothing


def display_image(photo: Photo) -> tuple[QImage, bool]:
    """The photo in sRGB at 8 bits, as the screen shows it, and whether its profile was understood.

    A profile that Qt cannot read is taken for sRGB, and the second value is False. May be called
    on any thread.
    """
    image = _wrap(photo)
    shown = (
        QImage.Format.Format_RGB32
        if photo.alpha is None
        else QImage.Format.Format_ARGB32_Premultiplied
    )
    if photo.icc is None:
        return image.convertToFormat(shown), True
    space = QColorSpace.fromIccProfile(photo.icc)
    if not space.isValid():
        return image.convertToFormat(shown), False
    if space.colorModel() == QColorSpace.ColorModel.Gray:
        # A grey profile speaks of one channel; the photo repeats it three times.
        deep = photo.bits == 16
        grey = QImage.Format.Format_Grayscale16 if deep else QImage.Format.Format_Grayscale8
        image = _wrap_grey(photo.pixels[..., 0], grey)
    image.setColorSpace(space)
    converted = image.convertedToColorSpace(QColorSpace(QColorSpace.NamedColorSpace.SRgb), shown)
    if converted.isNull():
        return _wrap(photo).convertToFormat(shown), False
    return converted, True


def levels(image: QImage) -> tuple[QImage, ...]:
    """``image`` and its versions at a half, a quarter, ... of its size.

    Drawing from the next larger level keeps a zoomed-out photo smooth, and quick to draw.
    """
    found = [image]
    while max(found[-1].width(), found[-1].height()) > _SMALLEST:
        last = found[-1]
        half = (max(last.width() // 2, 1), max(last.height() // 2, 1))
        found.append(
            last.scaled(
                *half,
                Qt.AspectRatioMode.IgnoreAspectRatio,
                Qt.TransformationMode.SmoothTransformation,
            )
        )
    return tuple(found)


def _wrap(photo: Photo) -> QImage:
    """The photo's numbers as a QImage of its own, at its own depth."""
    height, width = photo.shape
    deep = photo.bits == 16
    if not deep and photo.alpha is None:
        pixels = np.ascontiguousarray(photo.pixels)
        return _own(pixels, width, height, QImage.Format.Format_RGB888)
    packed = np.empty((height, width, 4), photo.pixels.dtype)
    packed[..., :3] = photo.pixels
    packed[..., 3] = np.iinfo(packed.dtype).max if photo.alpha is None else photo.alpha
    form = QImage.Format.Format_RGBA64 if deep else QImage.Format.Format_RGBA8888
    return _own(packed, width, height, form)


def _wrap_grey(values: NDArray[np.uint8] | NDArray[np.uint16], form: QImage.Format) -> QImage:
    height, width = values.shape
    return _own(np.ascontiguousarray(values), width, height, form)


def _own(array: NDArray[np.generic], width: int, height: int, form: QImage.Format) -> QImage:
    # QImage only borrows the buffer it is given: the copy keeps it from outliving the array.
    return QImage(array.data, width, height, array.strides[0], form).copy()
