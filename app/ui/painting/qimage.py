"""Conversion between arrays and QImage; nothing else knows the byte layout of QImage."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage

from inpaint_core.contract.arrays import Pixels


def from_rgb(pixels: Pixels) -> QImage:
    """``pixels`` (H, W, 3) as an image at the same depth, with its own memory."""
    if pixels.dtype == np.uint8:
        return _wrap(np.ascontiguousarray(pixels), QImage.Format.Format_RGB888).copy()
    packed = np.empty((*pixels.shape[:2], 4), np.uint16)
    packed[..., :3] = pixels
    packed[..., 3] = 65535
    return _wrap(packed, QImage.Format.Format_RGBX64).copy()


def screen_image(pixels: NDArray[np.uint8]) -> QImage:
    """``pixels`` (H, W, 3) in the format of the screen, which is drawn without conversion."""
    # Twice as fast as Qt's conversion while drawing, which waits for its own threads.
    return _wrap(cv2.cvtColor(pixels, cv2.COLOR_RGB2BGRA), QImage.Format.Format_RGB32)


def overlay_image(values: NDArray[np.uint32]) -> QImage:
    """``values`` (H, W), 0xAARRGGBB premultiplied, as an image that shares the array's memory."""
    return _wrap(values, QImage.Format.Format_ARGB32_Premultiplied)


def from_grey(values: NDArray[np.uint8]) -> QImage:
    """``values`` (H, W) as a grey image of its own memory."""
    return _wrap(np.ascontiguousarray(values), QImage.Format.Format_Grayscale8).copy()


def to_rgb(image: QImage) -> NDArray[np.uint8]:
    """The colours (H, W, 3) of an image as a new array; transparency is dropped."""
    plain = image.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(plain.constBits(), np.uint8).reshape(plain.height(), -1)
    return rows[:, : 3 * plain.width()].reshape(plain.height(), plain.width(), 3).copy()


def from_rgba(pixels: NDArray[np.uint8], alpha: NDArray[np.uint8]) -> QImage:
    """Colours (H, W, 3), not premultiplied, and ``alpha`` (H, W) as an image of its own memory."""
    packed = np.dstack([pixels, alpha])
    return _wrap(packed, QImage.Format.Format_RGBA8888).copy()


def _wrap(values: NDArray[np.generic], form: QImage.Format) -> QImage:
    height, width = values.shape[:2]
    return QImage(values.data, width, height, values.strides[0], form)
