"""What the screen's pixels show of a photo and its masks, computed as arrays."""

from __future__ import annotations

import math
from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRect
from PySide6.QtGui import QColor

from app.ui.painting.view_transform import View
from inpaint_core.contract.geometry import Rect

Array = NDArray[np.uint8]
Read = Callable[[int, Rect], Array]

#: From this zoom on single pixels are what one zooms in for: they keep their edges.
SHARP_FROM = 2.0
_LIGHT, _DARK = 0xF0F0F0F0, 0xB0000000  # the outline: premultiplied, 0xAARRGGBB
# A little less than half: an edge right between two pixels is sampled as 127 or 128, as it falls.
_HALF = 120
_HATCH = 10  # logical pixels from one hatching line to the next


def sample(view: View, part: QRect, sizes: list[tuple[int, int]], read: Read) -> Array:
    """The screen's pixels in ``part`` (h, w[, C]), drawn from the level that is large enough.

    ``sizes``: (H, W) of every level there is. Beyond the photo its rim goes on.
    """
    level = min(view.level, len(sizes) - 1)
    rows, columns = sizes[level]
    left, top = view.corner
    step = 1 / (view.zoom * 2**level)  # pixels of the level per pixel of the screen
    if view.zoom >= SHARP_FROM or step == 1.0:
        x = _nearest(part.x() - left, part.width(), step, columns)
        y = _nearest(part.y() - top, part.height(), step, rows)
        rect = Rect.from_bounds(int(x[0]), int(y[0]), int(x[-1]) + 1, int(y[-1]) + 1)
        found = read(level, rect)
        if (rect.h, rect.w) != (part.height(), part.width()) or step != 1.0:
            # Columns first: the rows that are repeated then are only copied.
            found = np.take(np.take(found, x - rect.x, axis=1), y - rect.y, axis=0)
        return np.ascontiguousarray(found)
    shift_x = (part.x() - left + 0.5) * step - 0.5
    shift_y = (part.y() - top + 0.5) * step - 0.5
    rect = Rect.from_bounds(
        min(max(math.floor(shift_x), 0), columns - 1),
        min(max(math.floor(shift_y), 0), rows - 1),
        min(max(math.ceil(shift_x + part.width() * step) + 1, 1), columns),
        min(max(math.ceil(shift_y + part.height() * step) + 1, 1), rows),
    )
    moves = np.array([[step, 0, shift_x - rect.x], [0, step, shift_y - rect.y]], np.float64)
    shown = cv2.warpAffine(
        read(level, rect),
        moves,
        (part.width(), part.height()),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(shown, np.uint8)


def _nearest(start: int, count: int, step: float, size: int) -> NDArray[np.intp]:
    places = np.floor((np.arange(start, start + count) + 0.5) * step).astype(np.intp)
    return np.asarray(np.clip(places, 0, size - 1), np.intp)


def tints(colour: QColor, opacity: float) -> NDArray[np.uint32]:
    """The overlay's pixel (256,), 0xAARRGGBB premultiplied, for every value of a mask."""
    alpha = np.round(np.arange(256) * opacity).astype(np.uint32)
    mixed = alpha << 24
    for shift, part in ((16, colour.red()), (8, colour.green()), (0, colour.blue())):
        mixed |= ((alpha * part + 127) // 255) << shift
    return mixed.astype(np.uint32)


def tinted(mask: Array, table: NDArray[np.uint32], line: int) -> NDArray[np.uint32] | None:
    """The overlay (h, w) for the screen's mask (h + 2 line, w + 2 line), which is known a little
    beyond; None where nothing is painted.

    The contour of half coverage is ``line`` pixels of light inside and as many of dark outside,
    so that one of the two stands out on any photo.
    """
    inner = mask[line:-line, line:-line]
    if not mask.any():
        return None
    shown = np.take(table, inner)
    inside = (mask >= _HALF).view(np.uint8)
    cross = cv2.getStructuringElement(cv2.MORPH_CROSS, (2 * line + 1, 2 * line + 1))
    if line > 1:
        cross = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * line + 1, 2 * line + 1))
    fewer = np.asarray(cv2.erode(inside, cross), np.uint8)[line:-line, line:-line]
    more = np.asarray(cv2.dilate(inside, cross), np.uint8)[line:-line, line:-line]
    inside = inside[line:-line, line:-line]
    np.copyto(shown, np.uint32(_LIGHT), where=(inside ^ fewer).view(np.bool_))
    np.copyto(shown, np.uint32(_DARK), where=(inside ^ more).view(np.bool_))
    return shown


def hatched(
    mask: Array, table: NDArray[np.uint32], line: int, view: View, part: QRect
) -> NDArray[np.uint32] | None:
    """As `tinted`, but in diagonal stripes that move with the photo; ``part`` without the rim."""
    shown = tinted(mask, table, line)
    if shown is None:
        return None
    left, top = view.corner
    period = round(_HATCH * view.ratio)
    x = np.arange(part.x() - left, part.x() - left + part.width())
    y = np.arange(part.y() - top, part.y() - top + part.height())
    between = (x[None, :] + y[:, None]) % period >= period * 4 // 10
    inner = mask[line:-line, line:-line]
    faint = table[(inner * 0.3).astype(np.uint8)]
    plain = shown == table[inner]
    return np.where(between & plain, faint, shown).astype(np.uint32)


def stroked(edges: Array, colour: QColor, line: int, level: int) -> NDArray[np.uint32] | None:
    """The overlay (h, w) for drawn edges on the screen (h + 4 line, w + 4 line), known a little
    beyond, sampled from the photo halved ``level`` times; None where there are none.

    At least 2 ``line`` pixels wide, with a dark rim.
    """
    if not edges.any():
        return None
    most = 255 >> min(level, 7)  # of a line one pixel wide, after that much halving
    core = (edges > most // 4).view(np.uint8)
    side = 2 * line + 1
    around = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    grown = np.asarray(cv2.dilate(core, np.ones((line + 1, line + 1), np.uint8)), np.uint8)
    rim = np.asarray(cv2.dilate(grown, around), np.uint8)[
        2 * line : -2 * line, 2 * line : -2 * line
    ]
    inner = grown[2 * line : -2 * line, 2 * line : -2 * line]
    found = np.where(inner > 0, np.uint32(tints(colour, 1.0)[255]), np.uint32(_DARK))
    return np.where(rim > 0, found, np.uint32(0))


def gridded(pixels: Array, view: View, part: QRect) -> Array:
    """``pixels`` (h, w, 3) with a grey line, half seen through, where a photo pixel begins."""
    left, top = view.corner
    found = pixels.copy()
    for start, count, lines in (
        (part.x() - left, part.width(), found.transpose(1, 0, 2)),
        (part.y() - top, part.height(), found),
    ):
        first, last = math.floor(start / view.zoom), math.ceil((start + count) / view.zoom)
        places = np.round(np.arange(first, last + 1) * view.zoom).astype(np.intp) - start
        places = places[(places >= 0) & (places < count)]
        lines[places] = ((lines[places].astype(np.uint16) * 155 + 128 * 100) // 255).astype(
            np.uint8
        )
    return found


def over_checks(pixels: Array, alpha: Array, view: View, part: QRect) -> Array:
    """``pixels`` (h, w, 3) over a checkerboard, which shows where ``alpha`` (h, w) is low."""
    side = round(8 * view.ratio)
    left, top = view.corner
    x = np.arange(part.x() - left, part.x() - left + part.width()) // side
    y = np.arange(part.y() - top, part.y() - top + part.height()) // side
    checks = np.where((x[None, :] + y[:, None]) % 2, 0x5A, 0x46)[..., None]
    share = alpha[..., None].astype(np.uint16)
    return np.asarray((pixels * share + checks * (255 - share) + 127) // 255, np.uint8)
