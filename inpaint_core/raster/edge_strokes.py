"""Edges drawn by hand: strokes made one pixel wide, lines as strokes, strokes as lines."""

from __future__ import annotations

import math

import cv2
import numpy as np

from inpaint_core.contract.arrays import BoolMask
from inpaint_core.contract.geometry import Rect, Segment

_STRAIGHT = 1.5
"""Pixels by which a stroke may leave the segment that stands for it."""
_SHORTEST = 3.0


def thinned(strokes: BoolMask) -> BoolMask:
    """The middle of each stroke of ``strokes`` (h, w) bool, one pixel wide, as connected as it was.

    Source: Guo, Hall, "Parallel thinning with two-subiteration algorithms" (CACM 1989),
    algorithm A1.
    """
    out = strokes.copy()
    box = Rect.bounding(strokes)
    if box.empty:
        return out
    inner = np.pad(strokes[box.slices], 1)
    parity, idle = 0, 0
    while idle < 2:  # until neither half of an iteration finds anything to take away
        north, north_east, east, south_east, south, south_west, west, north_west = _around(inner)
        ring = (north, north_east, east, south_east, south, south_west, west, north_west)
        branches = sum(
            (~ring[k] & (ring[k + 1] | ring[(k + 2) % 8])).astype(np.uint8) for k in (0, 2, 4, 6)
        )
        first = sum((ring[k - 1] | ring[k]).astype(np.uint8) for k in (0, 2, 4, 6))
        second = sum((ring[k] | ring[k + 1]).astype(np.uint8) for k in (0, 2, 4, 6))
        fewer = np.minimum(first, second)
        if parity == 0:
            stays = (south | south_west | ~north_west) & west
        else:
            stays = (north | north_east | ~south_east) & east
        gone = inner[1:-1, 1:-1] & (branches == 1) & (fewer >= 2) & (fewer <= 3) & ~stays
        idle = 0 if gone.any() else idle + 1
        inner[1:-1, 1:-1] &= ~gone
        parity = 1 - parity
    out[box.slices] = inner[1:-1, 1:-1]
    return out


def _around(padded: BoolMask) -> list[BoolMask]:
    """The eight neighbours of every pixel inside a border of one: north, then clockwise."""
    height, width = padded.shape
    starts = [(0, 1), (0, 2), (1, 2), (2, 2), (2, 1), (2, 0), (1, 0), (0, 0)]
    return [padded[y : y + height - 2, x : x + width - 2] for y, x in starts]


def rasterised(lines: tuple[Segment, ...], shape: tuple[int, int]) -> BoolMask:
    """The lines as strokes one pixel wide in a mask of ``shape`` (h, w); ends may lie beside it."""
    plane = np.zeros(shape, np.bool_)
    for line in lines:
        steps = max(abs(line.x1 - line.x0), abs(line.y1 - line.y0))
        part = _inside(line, shape)
        if part is None:
            continue
        # Every half pixel: at steps of one, rounding would leave some out.
        t = np.linspace(*part, num=math.ceil(2 * (part[1] - part[0]) * steps) + 1)
        x = np.floor(line.x0 + t * (line.x1 - line.x0) + 0.5).astype(np.int64)
        y = np.floor(line.y0 + t * (line.y1 - line.y0) + 0.5).astype(np.int64)
        plane[np.clip(y, 0, shape[0] - 1), np.clip(x, 0, shape[1] - 1)] = True
    return plane


def _inside(line: Segment, shape: tuple[int, int]) -> tuple[float, float] | None:
    """From where to where a line, 0 .. 1, lies over a mask of ``shape`` (h, w), or None."""
    first, last = 0.0, 1.0
    for start, end, size in ((line.x0, line.x1, shape[1]), (line.y0, line.y1, shape[0])):
        low, high = -0.5 - start, size - 0.5 - start
        if start == end:
            if low > 0 or high < 0:
                return None
            continue
        one, other = sorted((low / (end - start), high / (end - start)))
        first, last = max(first, one), min(last, other)
    return (first, last) if first <= last else None


def traced(strokes: BoolMask) -> tuple[Segment, ...]:
    """Segments along strokes (h, w) bool that are one pixel wide; a bend becomes several."""
    contours, _ = cv2.findContours(strokes.astype(np.uint8), cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE)
    found: dict[frozenset[tuple[float, float]], Segment] = {}
    for contour in contours:
        # The contour of a thin stroke runs along it and back, so most segments come twice.
        corners = cv2.approxPolyDP(contour, _STRAIGHT, True).reshape(-1, 2).tolist()
        for (x0, y0), (x1, y1) in zip(corners, [*corners[1:], corners[0]], strict=True):
            if np.hypot(x1 - x0, y1 - y0) >= _SHORTEST:
                found.setdefault(frozenset({(x0, y0), (x1, y1)}), Segment(x0, y0, x1, y1))
    return tuple(found.values())
