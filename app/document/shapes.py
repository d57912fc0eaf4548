"""Outlines as soft-edged strengths: lassos, polygons, rectangles, ellipses."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from app.document.blend import painted
from app.document.change import Layer
from app.document.editing import Editing
from inpaint_core.contract.geometry import Rect

Shape = tuple[Rect, NDArray[np.uint8]]
"""Where it is, and its strength (h, w) there: the part of each pixel that it covers, 0 .. 255."""

_FINE = 4
_STRIP = 256


def polygon(points: NDArray[np.floating], shape: tuple[int, int] | None = None) -> Shape:
    """The inside of the closed outline ``points`` (N, 2) as (x, y), by the even-odd rule.

    Coordinates as in `Stroke`; ``shape`` (H, W) cuts off what lies outside of the photo. Fewer
    than three points have no inside.
    """
    if len(points) < 3:
        return _nothing()
    left, top = np.floor(points.min(axis=0)).astype(int)
    right, bottom = np.ceil(points.max(axis=0)).astype(int)
    rect = Rect.from_bounds(int(left), int(top), int(right), int(bottom))
    if shape is not None:
        rect = rect.intersect(Rect.whole(shape))
    if rect.empty:
        return _nothing()
    strength = np.empty((rect.h, rect.w), np.uint8)
    # In strips: a lasso around a whole photo would take a sixteenfold of its pixels at once.
    for start in range(0, rect.h, _STRIP):
        rows = min(_STRIP, rect.h - start)
        fine = np.zeros((rows * _FINE, rect.w * _FINE), np.uint8)
        # A fine pixel counts when its centre is inside: hence the half.
        corner = np.array([rect.x, rect.y + start], np.float64)
        places = (np.asarray(points, np.float64) - corner) * _FINE - 0.5
        cv2.fillPoly(fine, [np.round(places * 256).astype(np.int32)], 255, cv2.LINE_8, 8)
        strength[start : start + rows] = cv2.resize(
            fine, (rect.w, rows), interpolation=cv2.INTER_AREA
        )
    return rect, strength


def rectangle(
    x0: float, y0: float, x1: float, y1: float, shape: tuple[int, int] | None = None
) -> Shape:
    """The rectangle with two opposite corners (x0, y0) and (x1, y1); ``shape`` as in `polygon`."""
    rect, across, down = _sides(x0, y0, x1, y1, shape)
    if rect.empty:
        return _nothing()
    return rect, np.round(255 * np.outer(down, across)).astype(np.uint8)


def ellipse(
    x0: float, y0: float, x1: float, y1: float, shape: tuple[int, int] | None = None
) -> Shape:
    """The ellipse that touches the sides of the rectangle; ``shape`` as in `polygon`."""
    if x0 == x1 or y0 == y1:
        return _nothing()
    across, down = abs(x1 - x0) / 2, abs(y1 - y0) / 2
    # So many corners that the sides stay within a twentieth of a pixel of the curve.
    corners = max(16, math.ceil(math.pi * math.sqrt(10 * max(across, down))))
    angles = np.linspace(0, 2 * math.pi, corners, endpoint=False)
    xs = (x0 + x1) / 2 + np.cos(angles) * across
    ys = (y0 + y1) / 2 + np.sin(angles) * down
    return polygon(np.stack([xs, ys], axis=1), shape)


def add(
    editing: Editing, layer: Layer, rect: Rect, coverage: NDArray[np.uint8], erase: bool = False
) -> Rect:
    """Paint ``coverage`` (h, w) into ``layer`` at ``rect``, or erase it; what may have changed.

    Parts outside of the photo are cut off.
    """
    inside = rect.intersect(Rect.whole(editing.shape))
    if not inside.empty:
        part = coverage[inside.translate(-rect.x, -rect.y).slices]
        editing.write(layer, inside, painted(editing.now(layer, inside), part, erase))
    return inside


def _sides(
    x0: float, y0: float, x1: float, y1: float, shape: tuple[int, int] | None
) -> tuple[Rect, NDArray[np.float64], NDArray[np.float64]]:
    left, right, top, bottom = min(x0, x1), max(x0, x1), min(y0, y1), max(y0, y1)
    rect = Rect.from_bounds(
        math.floor(left), math.floor(top), math.ceil(right), math.ceil(bottom)
    )  # fmt: skip
    if shape is not None:
        rect = rect.intersect(Rect.whole(shape))
    return rect, _covered(rect.x, rect.w, left, right), _covered(rect.y, rect.h, top, bottom)


def _covered(start: int, count: int, low: float, high: float) -> NDArray[np.float64]:
    """How much of each of ``count`` pixels from ``start`` on lies between ``low`` and ``high``."""
    edges = np.clip(np.arange(start, start + max(count, 0) + 1, dtype=np.float64), low, high)
    return np.diff(edges)


def _nothing() -> Shape:
    return Rect(0, 0, 0, 0), np.zeros((0, 0), np.uint8)
