"""Edges drawn by hand: thinning of strokes, lines to strokes, strokes to lines."""

from __future__ import annotations

import math

import cv2
import numpy as np

from inpaint_core.contract.arrays import BoolMask
from inpaint_core.contract.geometry import Rect, Segment

_STRAIGHT = 1.5
"""Pixels by which a stroke may deviate from the segment that represents it."""
_SHORTEST = 3.0  # pixels of a segment


def thin_strokes(strokes: BoolMask) -> BoolMask:
    """The centre line of each stroke of ``strokes`` (h, w) bool, one pixel wide, with the same
    connectivity.

    Source: Guo, Hall, "Parallel thinning with two-subiteration algorithms" (CACM 1989),
    algorithm A1.
    """
    out = strokes.copy()
    box = Rect.bounding(strokes)
    if box.is_empty:
        return out
    inner = np.pad(strokes[box.slices], 1)
    parity, idle = 0, 0
    while idle < 2:  # until neither half of an iteration finds anything to remove
        ring = _find_neighbours(inner)
        north, north_east, east, south_east, south, south_west, west, north_west = ring
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


def _find_neighbours(padded: BoolMask) -> list[BoolMask]:
    """The eight neighbours of every pixel inside a border of one: north, then clockwise."""
    height, width = padded.shape
    starts = [(0, 1), (0, 2), (1, 2), (2, 2), (2, 1), (2, 0), (1, 0), (0, 0)]
    return [padded[y : y + height - 2, x : x + width - 2] for y, x in starts]


def draw_lines(lines: tuple[Segment, ...], shape: tuple[int, int]) -> BoolMask:
    """The lines as strokes one pixel wide in a mask of ``shape`` (h, w); ends may lie outside."""
    plane = np.zeros(shape, np.bool_)
    for line in lines:
        steps = max(abs(line.x1 - line.x0), abs(line.y1 - line.y0))
        part = _clip_line(line, shape)
        if part is None:
            continue
        # Every half pixel: at steps of one, rounding would skip some.
        t = np.linspace(*part, num=math.ceil(2 * (part[1] - part[0]) * steps) + 1)
        x = np.floor(line.x0 + t * (line.x1 - line.x0) + 0.5).astype(np.int64)
        y = np.floor(line.y0 + t * (line.y1 - line.y0) + 0.5).astype(np.int64)
        plane[np.clip(y, 0, shape[0] - 1), np.clip(x, 0, shape[1] - 1)] = True
    return plane


def _clip_line(line: Segment, shape: tuple[int, int]) -> tuple[float, float] | None:
    """The part of a line, in 0 .. 1 of its length, inside a mask of ``shape`` (h, w), or None."""
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


def trace_strokes(strokes: BoolMask) -> tuple[Segment, ...]:
    """Segments along strokes (h, w) bool that are one pixel wide; a bend becomes several."""
    contours, _ = cv2.findContours(strokes.astype(np.uint8), cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE)
    segments: dict[frozenset[tuple[float, float]], Segment] = {}
    for contour in contours:
        # The contour of a thin stroke runs along it and back, so most segments occur twice.
        corners = cv2.approxPolyDP(contour, _STRAIGHT, True).reshape(-1, 2).tolist()
        for (x0, y0), (x1, y1) in zip(corners, [*corners[1:], corners[0]], strict=True):
            if np.hypot(x1 - x0, y1 - y0) >= _SHORTEST:
                segments.setdefault(frozenset({(x0, y0), (x1, y1)}), Segment(x0, y0, x1, y1))
    return tuple(segments.values())
