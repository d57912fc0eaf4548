"""Maps over the photo, resampled to screen pixels."""

from __future__ import annotations

import math
import sys
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QColor

from app.ui.painting.pyramid import ByteImage
from app.ui.painting.render import SHARP_FROM, make_tint_table
from app.ui.painting.view_transform import ViewTransform

if TYPE_CHECKING:
    from inpaint_core.inspection.placed_map import Extent


def map_pixels(values: ByteImage, extent: Extent, view: ViewTransform, part: QRect) -> ByteImage:
    """A map ``values`` (H, W[, C]) that covers ``extent`` of the photo, resampled to the screen
    pixels of ``part`` (h, w[, C]); 0 outside it. From 200 % on, the map's pixels stay sharp.
    """
    rows, columns = values.shape[:2]
    left, top, right, bottom = extent
    corner_x, corner_y = view.corner
    across, down = columns / (right - left), rows / (bottom - top)
    # The centre of the part's first pixel on the map, in pixels of the map.
    x = ((part.x() + 0.5 - corner_x) / view.zoom - left) * across
    y = ((part.y() + 0.5 - corner_y) / view.zoom - top) * down
    step_x, step_y = across / view.zoom, down / view.zoom
    if step_x == 1 or step_x <= 1 / SHARP_FROM:
        return _nearest(values, (y, step_y, part.height()), (x, step_x, part.width()))
    moves = np.array([[step_x, 0, x - 0.5], [0, step_y, y - 0.5]], np.float64)
    size = (part.width(), part.height())
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    resampled = cv2.warpAffine(values, moves, size, flags=flags, borderMode=cv2.BORDER_REPLICATE)
    out = np.asarray(resampled, np.uint8)
    for axis, (start, step, length) in enumerate(((y, step_y, rows), (x, step_x, columns))):
        positions = start + step * np.arange(out.shape[axis])
        outside = (positions < 0) | (positions >= length)
        if outside.any():
            out[(slice(None),) * axis + (outside,)] = 0
    return out


def _nearest(
    values: ByteImage, down: tuple[float, float, int], across: tuple[float, float, int]
) -> ByteImage:
    axes = []
    for (start, step, count), size in zip((down, across), values.shape[:2], strict=True):
        indices = np.floor(start + step * np.arange(count)).astype(np.intp)
        axes.append((np.clip(indices, 0, size - 1), (indices >= 0) & (indices < size)))
    (y, y_inside), (x, x_inside) = axes
    out = np.asarray(values[y[:, None], x[None, :]], np.uint8)
    out[~(y_inside[:, None] & x_inside[None, :])] = 0
    return out


def visible_rect(extent: Extent, view: ViewTransform, part: QRect) -> QRect:
    """The part of ``part``, in screen pixels, in which a map that covers ``extent`` is visible."""
    left, top = view.corner
    x0, y0, x1, y1 = (value * view.zoom for value in extent)
    corner = QPoint(math.floor(x0) + left, math.floor(y0) + top)
    far = QPoint(math.ceil(x1) + left - 1, math.ceil(y1) + top - 1)
    return part.intersected(view.area).intersected(QRect(corner, far))


def tint_pixels(values: ByteImage, colour: QColor, opacity: float) -> NDArray[np.uint32]:
    """``values`` (h, w) as opacities of one colour: (h, w), 0xAARRGGBB premultiplied."""
    return np.asarray(np.take(make_tint_table(colour, opacity), values, mode="clip"), np.uint32)


def to_bgra(values: ByteImage) -> ByteImage:
    """A map (h, w) or (h, w, 3) as opaque (h, w, 4) in the byte order of the screen."""
    code = cv2.COLOR_GRAY2BGRA if values.ndim == 2 else cv2.COLOR_RGB2BGRA
    return np.asarray(cv2.cvtColor(values, code), np.uint8)


def premultiply(values: ByteImage, opacity: float) -> NDArray[np.uint32]:
    """The pixels of `to_bgra` at an opacity: (h, w), 0xAARRGGBB premultiplied."""
    scaled = np.ascontiguousarray(cv2.convertScaleAbs(values, alpha=opacity))
    if sys.byteorder == "big":
        scaled = np.ascontiguousarray(scaled[..., ::-1])
    return scaled.view(np.uint32)[..., 0]
