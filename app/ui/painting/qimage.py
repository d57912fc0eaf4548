"""The one place that knows how QImage lays out its bytes."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage

from inpaint_core.contract.arrays import Pixels


def image(pixels: Pixels) -> QImage:
    """``pixels`` (H, W, 3) as an image of its own, at its own depth."""
    if pixels.dtype == np.uint8:
        return _wrap(np.ascontiguousarray(pixels), QImage.Format.Format_RGB888).copy()
    packed = np.empty((*pixels.shape[:2], 4), np.uint16)
    packed[..., :3] = pixels
    packed[..., 3] = 65535
    return _wrap(packed, QImage.Format.Format_RGBX64).copy()


def grey_image(values: Pixels) -> QImage:
    """``values`` (H, W) as a grey image of its own, at its own depth."""
    deep = values.dtype == np.uint16
    form = QImage.Format.Format_Grayscale16 if deep else QImage.Format.Format_Grayscale8
    return _wrap(np.ascontiguousarray(values), form).copy()


def opaque(pixels: NDArray[np.uint8]) -> QImage:
    """``pixels`` (H, W, 3) in the screen's own format, which is drawn without more ado."""
    # Twice as fast as Qt's conversion while drawing, which waits for threads of its own.
    return _wrap(cv2.cvtColor(pixels, cv2.COLOR_RGB2BGRA), QImage.Format.Format_RGB32)


def overlay(values: NDArray[np.uint32]) -> QImage:
    """``values`` (H, W), 0xAARRGGBB premultiplied, as an image that uses the array's memory."""
    return _wrap(values, QImage.Format.Format_ARGB32_Premultiplied)


def array(shown: QImage) -> NDArray[np.uint8]:
    """The colours (H, W, 3) of an image, in memory of their own; transparency is left out."""
    plain = shown.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(plain.constBits(), np.uint8).reshape(plain.height(), -1)
    return rows[:, : 3 * plain.width()].reshape(plain.height(), plain.width(), 3).copy()


def with_alpha(pixels: NDArray[np.uint8], alpha: NDArray[np.uint8]) -> QImage:
    """Colours (H, W, 3), not premultiplied, and ``alpha`` (H, W) as an image of its own."""
    packed = np.dstack([pixels, alpha])
    return _wrap(packed, QImage.Format.Format_RGBA8888).copy()


def _wrap(values: NDArray[np.generic], form: QImage.Format) -> QImage:
    height, width = values.shape[:2]
    return QImage(values.data, width, height, values.strides[0], form)
