"""The photo, its masks and edges, rendered to arrays of screen pixels."""

from __future__ import annotations

import math
from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRect
from PySide6.QtGui import QColor

from app.ui.painting.pyramid import ByteImage
from app.ui.painting.view_transform import ViewTransform
from inpaint_core.contract.geometry import Rect

ReadLevel = Callable[[int, Rect], ByteImage]

#: From this zoom on, single pixels stay sharp: they are what one zooms in for.
SHARP_FROM = 2.0
_LIGHT, _DARK = 0xF0F0F0F0, 0xB0000000  # the outline: premultiplied, 0xAARRGGBB
# A little less than half: an edge right between two pixels is sampled as either 127 or 128.
_HALF = 120
_HATCH = 10  # logical pixels from one hatching line to the next


def sample_view(
    view: ViewTransform, part: QRect, sizes: list[tuple[int, int]], read: ReadLevel
) -> ByteImage:
    """The screen pixels of ``part`` (h, w[, C]), sampled from the smallest sufficient level.

    ``sizes``: (H, W) of every level. Outside the photo, its border is repeated.
    """
    level = min(view.level, len(sizes) - 1)
    rows, columns = sizes[level]
    left, top = view.corner
    step = 1 / (view.zoom * 2**level)  # pixels of the level per pixel of the screen
    if view.zoom >= SHARP_FROM or step == 1.0:
        x = _nearest_indices(part.x() - left, part.width(), step, columns)
        y = _nearest_indices(part.y() - top, part.height(), step, rows)
        rect = Rect.from_bounds(int(x[0]), int(y[0]), int(x[-1]) + 1, int(y[-1]) + 1)
        pixels = read(level, rect)
        if (rect.h, rect.w) != (part.height(), part.width()) or step != 1.0:
            # Columns first: repeated rows are then just copied.
            pixels = np.take(np.take(pixels, x - rect.x, axis=1), y - rect.y, axis=0)
        return np.ascontiguousarray(pixels)
    shift_x = (part.x() - left + 0.5) * step - 0.5
    shift_y = (part.y() - top + 0.5) * step - 0.5
    rect = Rect.from_bounds(
        min(max(math.floor(shift_x), 0), columns - 1),
        min(max(math.floor(shift_y), 0), rows - 1),
        min(max(math.ceil(shift_x + part.width() * step) + 1, 1), columns),
        min(max(math.ceil(shift_y + part.height() * step) + 1, 1), rows),
    )
    moves = np.array([[step, 0, shift_x - rect.x], [0, step, shift_y - rect.y]], np.float64)
    sampled = cv2.warpAffine(
        read(level, rect),
        moves,
        (part.width(), part.height()),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(sampled, np.uint8)


def _nearest_indices(start: int, count: int, step: float, size: int) -> NDArray[np.intp]:
    indices = np.floor((np.arange(start, start + count) + 0.5) * step).astype(np.intp)
    return np.asarray(np.clip(indices, 0, size - 1), np.intp)


def make_tint_table(colour: QColor, opacity: float) -> NDArray[np.uint32]:
    """The pixel of one colour for every value of a mask: (256,), 0xAARRGGBB premultiplied."""
    alpha = np.round(np.arange(256) * opacity).astype(np.uint32)
    table = alpha << 24
    for shift, part in ((16, colour.red()), (8, colour.green()), (0, colour.blue())):
        table |= ((alpha * part + 127) // 255) << shift
    return table.astype(np.uint32)


def tint_mask(mask: ByteImage, table: NDArray[np.uint32], line: int) -> NDArray[np.uint32] | None:
    """The overlay (h, w) of a mask in screen pixels (h + 2 line, w + 2 line), which has a margin of
    ``line``; None if the mask is empty.

    The contour of half coverage is ``line`` light pixels inside and as many dark ones outside, so
    that it is visible on any photo.
    """
    inner = mask[line:-line, line:-line]
    if not mask.any():
        return None
    overlay = np.take(table, inner)
    inside = (mask >= _HALF).view(np.uint8)
    cross = cv2.getStructuringElement(cv2.MORPH_CROSS, (2 * line + 1, 2 * line + 1))
    if line > 1:
        cross = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * line + 1, 2 * line + 1))
    eroded = np.asarray(cv2.erode(inside, cross), np.uint8)[line:-line, line:-line]
    dilated = np.asarray(cv2.dilate(inside, cross), np.uint8)[line:-line, line:-line]
    inside = inside[line:-line, line:-line]
    np.copyto(overlay, np.uint32(_LIGHT), where=(inside ^ eroded).view(np.bool_))
    np.copyto(overlay, np.uint32(_DARK), where=(inside ^ dilated).view(np.bool_))
    return overlay


def hatch_mask(
    mask: ByteImage,
    table: NDArray[np.uint32],
    line: int,
    view: ViewTransform,
    part: QRect,
    falls: bool = False,
) -> NDArray[np.uint32] | None:
    """As `tint_mask`, in diagonal stripes fixed to the photo, which rise to the right, or fall;
    ``part`` is without the margin.
    """
    overlay = tint_mask(mask, table, line)
    if overlay is None:
        return None
    left, top = view.corner
    period = round(_HATCH * view.ratio)
    x = np.arange(part.x() - left, part.x() - left + part.width())
    y = np.arange(part.y() - top, part.y() - top + part.height())
    between = ((-x if falls else x)[None, :] + y[:, None]) % period >= period * 4 // 10
    inner = mask[line:-line, line:-line]
    faint = table[(inner * 0.3).astype(np.uint8)]
    plain = overlay == table[inner]
    return np.where(between & plain, faint, overlay).astype(np.uint32)


def stroke_edges(
    edges: ByteImage, colour: QColor, line: int, level: int
) -> NDArray[np.uint32] | None:
    """The overlay (h, w) of drawn edges in screen pixels (h + 4 line, w + 4 line), which have a
    margin of 2 ``line`` and were sampled from the ``level``; None if there are none.

    Lines are at least 2 ``line`` pixels wide, with a dark rim.
    """
    if not edges.any():
        return None
    most = 255 >> min(level, 7)  # the value of a line one pixel wide at that level
    core = (edges > most // 4).view(np.uint8)
    side = 2 * line + 1
    around = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    grown = np.asarray(cv2.dilate(core, np.ones((line + 1, line + 1), np.uint8)), np.uint8)
    rim = np.asarray(cv2.dilate(grown, around), np.uint8)[
        2 * line : -2 * line, 2 * line : -2 * line
    ]
    inner = grown[2 * line : -2 * line, 2 * line : -2 * line]
    pixels = np.where(inner > 0, np.uint32(make_tint_table(colour, 1.0)[255]), np.uint32(_DARK))
    return np.where(rim > 0, pixels, np.uint32(0))


def add_pixel_grid(pixels: ByteImage, view: ViewTransform, part: QRect) -> ByteImage:
    """``pixels`` (h, w, 3) with a translucent grey line at the edges of photo pixels."""
    left, top = view.corner
    gridded = pixels.copy()
    for start, count, lines in (
        (part.x() - left, part.width(), gridded.transpose(1, 0, 2)),
        (part.y() - top, part.height(), gridded),
    ):
        first, last = math.floor(start / view.zoom), math.ceil((start + count) / view.zoom)
        edges = np.round(np.arange(first, last + 1) * view.zoom).astype(np.intp) - start
        edges = edges[(edges >= 0) & (edges < count)]
        lines[edges] = ((lines[edges].astype(np.uint16) * 155 + 128 * 100) // 255).astype(np.uint8)
    return gridded


def blend_on_checkerboard(
    pixels: ByteImage, alpha: ByteImage, view: ViewTransform, part: QRect
) -> ByteImage:
    """``pixels`` (h, w, 3) with ``alpha`` (h, w) over a checkerboard."""
    side = round(8 * view.ratio)
    left, top = view.corner
    x = np.arange(part.x() - left, part.x() - left + part.width()) // side
    y = np.arange(part.y() - top, part.y() - top + part.height()) // side
    checks = np.where((x[None, :] + y[:, None]) % 2, 0x5A, 0x46)[..., None]
    share = alpha[..., None].astype(np.uint16)
    return np.asarray((pixels * share + checks * (255 - share) + 127) // 255, np.uint8)
