"""Straight strips of a photo, turned level, and the path of a line through one."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from inpaint_core.contract.arrays import Pixels
from inpaint_core.contract.geometry import Rect
from inpaint_core.local.compiled import compiled

Floats = NDArray[np.float32]
Point = tuple[float, float]
"""(x, y) in the photo; the centre of pixel (0, 0) is (0.5, 0.5)."""


@dataclass(frozen=True, eq=False)
class Strip:
    """A strip of the photo that begins at ``start`` and runs along ``angle``.

    ``colours`` (2 * half + 1, length, 3) float32 in 8-bit levels; a sample is ``step`` photo
    pixels wide. ``known`` (2 * half + 1, length): the sample lies in the photo.
    """

    start: Point
    angle: float
    step: float
    colours: Floats
    known: NDArray[np.bool_]

    @property
    def half(self) -> int:
        """The samples on each side of the middle row."""
        return len(self.colours) // 2

    def to_photo(self, columns: Floats, rows: Floats) -> NDArray[np.float64]:
        """The points (N, 2) of the photo at ``columns`` and ``rows`` of the strip."""
        along = np.asarray(columns, np.float64) * self.step
        across = (np.asarray(rows, np.float64) - self.half) * self.step
        cos, sin = math.cos(self.angle), math.sin(self.angle)
        x = self.start[0] + along * cos - across * sin
        y = self.start[1] + along * sin + across * cos
        return np.stack([x, y], axis=1)


def read_strip(
    pixels: Pixels, start: Point, angle: float, length: int, half: int, step: float = 1.0
) -> Strip:
    """A strip of ``length`` by 2 ``half`` + 1 samples of ``pixels`` (H, W, 3), uint8 or uint16.

    Samples of more than one pixel are means. Outside of the photo its border is repeated.
    """
    fine = max(1, round(step))
    columns, rows = length * fine, (2 * half + 1) * fine
    scale = step / fine
    cos, sin = math.cos(angle) * scale, math.sin(angle) * scale
    middle = (rows - 1) / 2
    first = (fine - 1) / 2  # of the first sample's own pixels, its middle is at the start
    matrix = np.array(
        [
            [cos, -sin, start[0] - 0.5 - first * cos + middle * sin],
            [sin, cos, start[1] - 0.5 - first * sin - middle * cos],
        ]
    )
    corners = matrix @ np.array(
        [[0, columns, 0, columns], [0, 0, rows, rows], [1, 1, 1, 1]], np.float64
    )
    height, width = pixels.shape[:2]
    bounds = Rect.from_bounds(
        *(math.floor(v) - 2 for v in corners.min(axis=1)),
        *(math.ceil(v) + 3 for v in corners.max(axis=1)),
    )
    part = bounds.intersect(Rect(0, 0, width, height))
    if part.is_empty:
        empty = np.zeros((2 * half + 1, length, 3), np.float32)
        return Strip(start, angle, step, empty, np.zeros(empty.shape[:2], np.bool_))
    matrix[:, 2] -= part.x, part.y
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    colours = cv2.warpAffine(
        pixels[part.slices], matrix, (columns, rows), flags=flags, borderMode=cv2.BORDER_REPLICATE
    )
    if part == bounds:
        known = np.ones((2 * half + 1, length), np.bool_)
    else:
        y, x = np.ogrid[0:rows:fine, 0:columns:fine]
        at_x = matrix[0, 0] * x + matrix[0, 1] * y + matrix[0, 2] + part.x
        at_y = matrix[1, 0] * x + matrix[1, 1] * y + matrix[1, 2] + part.y
        known = (at_x > -0.5) & (at_y > -0.5) & (at_x < width - 0.5) & (at_y < height - 0.5)
    if fine > 1:
        colours = cv2.resize(colours, (length, 2 * half + 1), interpolation=cv2.INTER_AREA)
    levels = np.float32(1 if pixels.dtype == np.uint8 else 255 / 65535)
    return Strip(start, angle, step, np.asarray(colours, np.float32) * levels, known)


def measure_bars(colours: Floats, width: float) -> tuple[Floats, Floats]:
    """How much a bar of ``width`` rows around each row stands out from what is above and below.

    ``colours`` (rows, columns, 3), in levels. The contrast (rows, columns) is the smaller of the
    two differences, 0 where they point to different colours, as at a single edge; with it come
    the colours inside of the bar.
    """
    rows = len(colours)
    side = max(1.5, 0.5 * width)
    gap = 0.5  # the bar's own soft edge
    edge = width / 2
    spare = math.ceil(edge + gap + side) + 1
    sums = np.zeros((rows + 1 + 2 * spare, *colours.shape[1:]), np.float32)
    np.cumsum(colours, axis=0, out=sums[spare + 1 : spare + 1 + rows])
    sums[spare + 1 + rows :] = sums[spare + rows]
    at = np.arange(rows) + 0.5

    def mean(low: float, high: float) -> Floats:
        """Of the rows from ``low`` to ``high`` beside each one's middle."""
        value = _read_rows(sums, spare + high, rows)
        value -= _read_rows(sums, spare + low, rows)
        count = np.clip(at + high, 0, rows) - np.clip(at + low, 0, rows)
        value *= (1 / np.maximum(count, 0.25)).astype(np.float32)[:, None, None]
        return value

    inside = mean(-edge, edge)
    above = inside - mean(-edge - gap - side, -edge - gap)
    below = inside - mean(edge + gap, edge + gap + side)
    first, second = (np.sqrt(np.einsum("ijk,ijk->ij", d, d)) for d in (above, below))
    agree = np.einsum("ijk,ijk->ij", above, below) > np.float32(0.5) * first * second
    contrast = np.where(agree, np.minimum(first, second), np.float32(0))
    reach = math.ceil(edge + gap + side)
    contrast[:reach] = contrast[rows - reach :] = 0
    return np.asarray(contrast, np.float32), inside


def _read_rows(sums: Floats, offset: float, rows: int) -> Floats:
    """``sums`` at half a row and ``offset`` below each of ``rows`` rows, between its own."""
    first = math.floor(offset + 0.5)
    share = np.float32(offset + 0.5 - first)
    out = sums[first : first + rows] * (1 - share)
    out += sums[first + 1 : first + 1 + rows] * share
    return out


def find_path(
    cost: Floats, bend: float, first: int | None = None, last: int | None = None
) -> NDArray[np.intp]:
    """The rows (columns,) of the cheapest path from the first to the last column of ``cost``.

    It moves by one row a column at most, which costs ``bend``. ``first``, ``last``: the row in
    which it begins or ends. Dynamic programming, as for the minimal paths of Cohen and Kimmel,
    “Global minimum for active contour models: a minimal path approach”, IJCV 1997.
    """
    values = np.ascontiguousarray(cost.T, np.float32)
    return _find_path(
        values, np.float32(bend), -1 if first is None else first, last or 0, last is None
    )


@compiled
def _find_path(
    cost: Floats, bend: np.float32, first: int, last: int, is_free: bool
) -> NDArray[np.intp]:
    """As `find_path`, of ``cost`` (columns, rows); ``first`` is -1 where the path may begin in any
    row, and ``last`` counts only unless it ``is_free``.
    """
    columns, rows = cost.shape
    total, after = cost[0].copy(), np.empty(rows, np.float32)
    if first >= 0:
        for row in range(rows):
            if row != first:
                total[row] += np.float32(1e6)
    came = np.zeros((columns, rows), np.int8)
    for column in range(1, columns):
        for row in range(rows):
            best, step = total[row], 0
            if row > 0 and total[row - 1] + bend < best:
                best, step = total[row - 1] + bend, -1
            if row < rows - 1 and total[row + 1] + bend < best:
                best, step = total[row + 1] + bend, 1
            came[column, row] = step
            after[row] = best + cost[column, row]
        total, after = after, total
    at = int(np.argmin(total)) if is_free else last
    path = np.empty(columns, np.intp)
    for column in range(columns - 1, -1, -1):
        path[column] = at
        at += int(came[column, at])
    return path
