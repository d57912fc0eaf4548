"""Maps that lie on the photo at any size, as the screen's pixels show them."""

from __future__ import annotations

import math
import sys

import cv2
import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QColor

from app.ui.painting.render import SHARP_FROM, tints
from app.ui.painting.view_transform import View

Array = NDArray[np.uint8]
Extent = tuple[float, float, float, float]
"""Left, top, right, bottom on the photo; the pixel (x, y) covers x .. x+1, y .. y+1."""


def spread(values: Array, extent: Extent, view: View, part: QRect) -> Array:
    """The screen's pixels in ``part`` (h, w[, C]) of a map ``values`` (H, W[, C]) that covers
    ``extent`` of the photo; 0 beyond it. From 200 % of the map's pixels on they keep their edges.
    """
    rows, columns = values.shape[:2]
    left, top, right, bottom = extent
    corner_x, corner_y = view.corner
    across, down = columns / (right - left), rows / (bottom - top)
    # Where the middle of the part's first pixel lies on the map, in its pixels.
    x = ((part.x() + 0.5 - corner_x) / view.zoom - left) * across
    y = ((part.y() + 0.5 - corner_y) / view.zoom - top) * down
    step_x, step_y = across / view.zoom, down / view.zoom
    if step_x == 1 or step_x <= 1 / SHARP_FROM:
        return _nearest(values, (y, step_y, part.height()), (x, step_x, part.width()))
    moves = np.array([[step_x, 0, x - 0.5], [0, step_y, y - 0.5]], np.float64)
    size = (part.width(), part.height())
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    found = cv2.warpAffine(values, moves, size, flags=flags, borderMode=cv2.BORDER_REPLICATE)
    out = np.asarray(found, np.uint8)
    for axis, (start, step, length) in enumerate(((y, step_y, rows), (x, step_x, columns))):
        places = start + step * np.arange(out.shape[axis])
        beyond = (places < 0) | (places >= length)
        if beyond.any():
            out[(slice(None),) * axis + (beyond,)] = 0
    return out


def _nearest(
    values: Array, down: tuple[float, float, int], across: tuple[float, float, int]
) -> Array:
    found = []
    for (start, step, count), size in zip((down, across), values.shape[:2], strict=True):
        places = np.floor(start + step * np.arange(count)).astype(np.intp)
        found.append((np.clip(places, 0, size - 1), (places >= 0) & (places < size)))
    (y, y_inside), (x, x_inside) = found
    taken = np.asarray(values[y[:, None], x[None, :]], np.uint8)
    taken[~(y_inside[:, None] & x_inside[None, :])] = 0
    return taken


def inside(extent: Extent, view: View, part: QRect) -> QRect:
    """The screen's pixels of ``part`` in which a map that covers ``extent`` can be seen."""
    left, top = view.corner
    x0, y0, x1, y1 = (value * view.zoom for value in extent)
    corner = QPoint(math.floor(x0) + left, math.floor(y0) + top)
    far = QPoint(math.ceil(x1) + left - 1, math.ceil(y1) + top - 1)
    return part.intersected(view.area).intersected(QRect(corner, far))


def tinted(values: Array, colour: QColor, opacity: float) -> NDArray[np.uint32]:
    """The overlay's pixels (h, w), 0xAARRGGBB premultiplied, of one colour where ``values`` are."""
    return np.asarray(np.take(tints(colour, opacity), values, mode="clip"), np.uint32)


def colours(values: Array) -> Array:
    """A map (h, w) or (h, w, 3) as (h, w, 4) in the order of the screen's bytes, opaque."""
    code = cv2.COLOR_GRAY2BGRA if values.ndim == 2 else cv2.COLOR_RGB2BGRA
    return np.asarray(cv2.cvtColor(values, code), np.uint8)


def covered(values: Array, opacity: float) -> NDArray[np.uint32]:
    """The overlay's pixels (h, w), 0xAARRGGBB premultiplied, of `colours`."""
    scaled = np.ascontiguousarray(cv2.convertScaleAbs(values, alpha=opacity))
    if sys.byteorder == "big":
        scaled = np.ascontiguousarray(scaled[..., ::-1])
    return scaled.view(np.uint32)[..., 0]
