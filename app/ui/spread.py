"""Maps that lie on the photo at any size, as the screen's pixels show them."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRect
from PySide6.QtGui import QColor

from app.ui.render import SHARP_FROM, tints
from app.ui.view import View

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
    taken = values[y[:, None], x[None, :]]
    taken[~(y_inside[:, None] & x_inside[None, :])] = 0
    return taken


def tinted(values: Array, colour: QColor, opacity: float) -> NDArray[np.uint32]:
    """The overlay's pixels (h, w), 0xAARRGGBB premultiplied, of one colour where ``values`` are."""
    return np.asarray(np.take(tints(colour, opacity), values), np.uint32)


def covered(colours: Array, opacity: float) -> NDArray[np.uint32]:
    """The overlay's pixels (h, w) of ``colours`` (h, w, 4), RGB and 255 where there is a map."""
    share = np.round(colours.astype(np.float32) * np.float32(opacity)).astype(np.uint32)
    red, green, blue, alpha = (share[..., k] for k in range(4))
    return np.asarray((alpha << 24) | (red << 16) | (green << 8) | blue, np.uint32)
