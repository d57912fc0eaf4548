"""Joins lines whose ends lie apart, along what looks most like the line between them."""

from __future__ import annotations

import math

import numpy as np

from inpaint_core.contract.arrays import Pixels
from inpaint_core.contract.progress import Progress
from inpaint_core.selection.strip import Point, find_path, measure_bars, read_strip
from inpaint_core.selection.wires import (
    BEND,
    LEAST_CONTRAST,
    Wire,
    follow_wire,
    smooth_along,
    smooth_rows,
)

_MOST_COLUMNS = 4000
_ASIDE = 0.16  # of the distance: how far a wire may sag between two points
_MOST_ASIDE = 600  # samples
_FACING = math.cos(math.radians(25))
_FAR = 0.6  # of the shorter line: ends that lie farther apart do not join by themselves
_AT_END = 60  # points at the end of a line that give its direction


def follow_and_join(
    pixels: Pixels,
    point: Point,
    reach: float,
    last: Wire | None,
    always: bool,
    progress: Progress | None = None,
) -> tuple[Wire, Wire | None] | None:
    """The line within ``reach`` pixels of ``point``, and what joins it with ``last``, if they are
    parts of one line; ``always``: in any case, and to the point itself where there is no line.

    ``pixels`` (H, W, 3) uint8 or uint16. None where there is nothing. Raises `Cancelled`.
    """
    wire = follow_wire(pixels, *point, reach, progress)
    if last is None:
        return None if wire is None else (wire, None)
    if wire is None:
        if not always:
            return None
        start = min((_end(last, k) for k in (0, -1)), key=lambda end: math.dist(end, point))
        return join_points(pixels, start, point, float(np.median(last.widths))), None
    if _overlap(last, wire):
        return wire, None
    pairs = [(a, b) for a in (0, -1) for b in (0, -1)]
    first, second = min(pairs, key=lambda p: math.dist(_end(last, p[0]), _end(wire, p[1])))
    if not always and not _face_each_other(last, first, wire, second):
        return wire, None
    width = (float(np.median(last.widths)) + float(np.median(wire.widths))) / 2
    return wire, join_points(pixels, _end(last, first), _end(wire, second), width)


def join_points(pixels: Pixels, first: Point, last: Point, width: float) -> Wire:
    """The line from ``first`` to ``last`` along what looks most like a wire of ``width`` pixels.

    ``pixels`` (H, W, 3) uint8 or uint16. Where nothing does, it is nearly straight.
    """
    distance = math.dist(first, last)
    step = max(1.0, width / 4, distance / _MOST_COLUMNS)
    length = max(2, round(distance / step) + 1)
    half = int(min(max(24, _ASIDE * length), _MOST_ASIDE))
    angle = math.atan2(last[1] - first[1], last[0] - first[0])
    strip = read_strip(pixels, first, angle, length, half, step)
    contrast, _ = measure_bars(smooth_along(strip.colours, 7), max(1.0, width / step))
    strong = max(float(np.quantile(contrast, 0.995)), LEAST_CONTRAST)
    cost = 1 - np.minimum(contrast / np.float32(strong), 1)
    away = np.abs(np.arange(2 * half + 1, dtype=np.float32) - half)[:, None]
    path = find_path(cost + np.float32(0.1 / half) * away, BEND, half, half)
    rows = smooth_rows(path.astype(np.float32))
    points = strip.to_photo(np.arange(length, dtype=np.float32), rows)
    return Wire(points, np.full(length, width))


def _end(wire: Wire, end: int) -> Point:
    return float(wire.points[end, 0]), float(wire.points[end, 1])


def _overlap(one: Wire, other: Wire) -> bool:
    """Whether the second follows the first: a click on a line that was followed before."""
    step = max(1, len(other.points) // 64)
    near = [float(np.min(np.hypot(*(one.points - p).T))) < 4 for p in other.points[::step]]
    return sum(near) > 0.3 * len(near)


def _face_each_other(one: Wire, first: int, other: Wire, second: int) -> bool:
    """Whether the two ends lie in each other's direction, and not too far apart."""
    gap = np.subtract(_end(other, second), _end(one, first))
    distance = float(np.hypot(*gap))
    if distance < 1:
        return True
    if distance > _FAR * min(one.length, other.length):
        return False
    out, back = _leave(one, first) @ gap, -(_leave(other, second) @ gap)
    return bool(min(out, back) > _FACING * distance)


def _leave(wire: Wire, end: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """The direction in which the line leaves at one of its ends, of length 1."""
    count = min(_AT_END, len(wire.points) - 1)
    inner = wire.points[count] if end == 0 else wire.points[-1 - count]
    way = wire.points[end] - inner
    return np.asarray(way / max(float(np.hypot(*way)), 1e-6), np.float64)
