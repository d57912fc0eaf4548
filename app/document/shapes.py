"""Polygons, rectangles and ellipses as antialiased strengths."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from app.document.open_edit import OpenEdit, blend_strength
from inpaint_core.contract.choices import Layer
from inpaint_core.contract.geometry import Rect

PlacedShape = tuple[Rect, NDArray[np.uint8]]
"""A rectangle and the strength (h, w) in it: the covered share of each pixel, 0 .. 255."""

_SUPERSAMPLING = 4
_STRIP = 256  # rows


def rasterize_polygon(
    points: NDArray[np.floating], shape: tuple[int, int] | None = None
) -> PlacedShape:
    """The inside of the closed outline ``points`` (N, 2) as (x, y), by the even-odd rule.

    Coordinates as in `Stroke`; the result is clipped to ``shape`` (H, W). Fewer than three points
    have no inside.
    """
    if len(points) < 3:
        return _empty_shape()
    left, top = np.floor(points.min(axis=0)).astype(int)
    right, bottom = np.ceil(points.max(axis=0)).astype(int)
    rect = Rect.from_bounds(int(left), int(top), int(right), int(bottom))
    if shape is not None:
        rect = rect.intersect(Rect.whole(shape))
    if rect.is_empty:
        return _empty_shape()
    strength = np.empty((rect.h, rect.w), np.uint8)
    # In strips: a lasso around a whole photo would need 16 times its pixels at once.
    for start in range(0, rect.h, _STRIP):
        rows = min(_STRIP, rect.h - start)
        fine = np.zeros((rows * _SUPERSAMPLING, rect.w * _SUPERSAMPLING), np.uint8)
        # A fine pixel counts if its centre is inside, hence the half.
        corner = np.array([rect.x, rect.y + start], np.float64)
        vertices = (np.asarray(points, np.float64) - corner) * _SUPERSAMPLING - 0.5
        cv2.fillPoly(fine, [np.round(vertices * 256).astype(np.int32)], 255, cv2.LINE_8, 8)
        strength[start : start + rows] = cv2.resize(
            fine, (rect.w, rows), interpolation=cv2.INTER_AREA
        )
    return rect, strength


def rasterize_rectangle(
    x0: float, y0: float, x1: float, y1: float, shape: tuple[int, int] | None = None
) -> PlacedShape:
    """The rectangle with opposite corners (x0, y0) and (x1, y1), clipped to ``shape``."""
    rect, across, down = _cover_sides(x0, y0, x1, y1, shape)
    if rect.is_empty:
        return _empty_shape()
    return rect, np.round(255 * np.outer(down, across)).astype(np.uint8)


def rasterize_ellipse(
    x0: float, y0: float, x1: float, y1: float, shape: tuple[int, int] | None = None
) -> PlacedShape:
    """The ellipse inscribed in that rectangle, clipped to ``shape``."""
    if x0 == x1 or y0 == y1:
        return _empty_shape()
    across, down = abs(x1 - x0) / 2, abs(y1 - y0) / 2
    # Enough corners that the sides stay within 1/20 pixel of the curve.
    corners = max(16, math.ceil(math.pi * math.sqrt(10 * max(across, down))))
    angles = np.linspace(0, 2 * math.pi, corners, endpoint=False)
    xs = (x0 + x1) / 2 + np.cos(angles) * across
    ys = (y0 + y1) / 2 + np.sin(angles) * down
    return rasterize_polygon(np.stack([xs, ys], axis=1), shape)


def paint_shape(
    editing: OpenEdit, layer: Layer, rect: Rect, coverage: NDArray[np.uint8], erase: bool = False
) -> Rect:
    """Paint or erase ``coverage`` (h, w) in ``layer`` at ``rect``, clipped to the photo. Returns
    the rectangle that may have changed.
    """
    inside = rect.intersect(Rect.whole(editing.shape))
    if not inside.is_empty:
        part = coverage[inside.translate(-rect.x, -rect.y).slices]
        editing.write(layer, inside, blend_strength(editing.read(layer, inside), part, erase))
    return inside


def _cover_sides(
    x0: float, y0: float, x1: float, y1: float, shape: tuple[int, int] | None
) -> tuple[Rect, NDArray[np.float64], NDArray[np.float64]]:
    left, right, top, bottom = min(x0, x1), max(x0, x1), min(y0, y1), max(y0, y1)
    rect = Rect.from_bounds(
        math.floor(left), math.floor(top), math.ceil(right), math.ceil(bottom)
    )  # fmt: skip
    if shape is not None:
        rect = rect.intersect(Rect.whole(shape))
    return rect, _cover(rect.x, rect.w, left, right), _cover(rect.y, rect.h, top, bottom)


def _cover(start: int, count: int, low: float, high: float) -> NDArray[np.float64]:
    """The share of each of ``count`` pixels from ``start`` between ``low`` and ``high``."""
    edges = np.clip(np.arange(start, start + max(count, 0) + 1, dtype=np.float64), low, high)
    return np.diff(edges)


def _empty_shape() -> PlacedShape:
    return Rect(0, 0, 0, 0), np.zeros((0, 0), np.uint8)
