"""Broken lines: how many straight edges stop at the hole, or begin inside it out of nothing.

People see these first. A mean over pixels hardly does: a rail that is cut by four pixels has almost
the right colours.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from inpaint_core.contract.arrays import BoolMask
from inpaint_core.lab.evaluation.pixel_metrics import Composite, luminance

OUTSIDE, INSIDE = 10, 8
"""Least lengths in pixels of a line before the border and, in the truth, behind it."""
FOLLOWED = 24
"""A line is followed this many pixels into the hole."""
ASIDE = 2
"""Pixels by which a continued line may be off its true place."""
CONTRAST = 0.4
"""Share of a line's contrast that its continuation must have."""
CONTINUED = 0.6
"""Share of its length on which a line must be found again."""
LONG = 12
"""Least length in pixels, inside the hole, of a line that comes from nowhere."""

_Plane = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class _Gradient:
    """Derivatives (H, W) of the smoothed luma, in 8-bit levels per pixel."""

    dx: _Plane
    dy: _Plane

    def read_along(self, points: _Plane, normal: _Plane, aside: int) -> NDArray[np.float32]:
        """The derivatives along ``normal`` (2,) at ``points`` (n, 2), x and y, moved by -``aside``
        to ``aside`` pixels along it: (n, 2 aside + 1).
        """
        height, width = self.dx.shape
        moves = np.arange(-aside, aside + 1, dtype=np.float32)
        places = np.rint(points[:, None] + moves[None, :, None] * normal).astype(int)
        x, y = np.clip(places[..., 0], 0, width - 1), np.clip(places[..., 1], 0, height - 1)
        return np.asarray(self.dx[y, x] * normal[0] + self.dy[y, x] * normal[1], np.float32)


def count_broken_lines(truth: Composite, filled: Composite, hole: BoolMask) -> int:
    """The number of broken lines in the ``hole`` (H, W) of ``filled`` (H, W, 3) uint8.

    A line is a segment found by LSD (Grompone von Gioi et al. 2012). It stops if it crosses the
    border in ``truth`` and is not found again behind the border in ``filled``, with the same
    direction and sign. It comes from nowhere if it has an end in the hole of ``filled`` and
    nothing like it is in ``truth``; the truth's lines of which nothing is in the fill are
    subtracted, as any texture has short edges in other places. 0 is ideal. Outside the hole
    both must be equal.
    """
    if not hole.any() or hole.all():
        return 0
    true, made = _measure_gradient(truth), _measure_gradient(filled)
    true_lines, made_lines = _find_lines(truth), _find_lines(filled)
    stopped = sum(_count_stops(line, hole, true, made) for line in true_lines)
    fresh = sum(_is_loose(line, hole) and not _is_in(line, hole, made, true) for line in made_lines)
    lost = sum(_is_loose(line, hole) and not _is_in(line, hole, true, made) for line in true_lines)
    return stopped + max(0, fresh - lost)


def _measure_gradient(image: Composite) -> _Gradient:
    smooth = cv2.GaussianBlur(luminance(image), (0, 0), 1.0)
    planes = (cv2.Sobel(smooth, cv2.CV_32F, *order, scale=0.125) for order in ((1, 0), (0, 1)))
    return _Gradient(*(np.asarray(plane, np.float32) for plane in planes))


def _find_lines(image: Composite) -> list[_Plane]:
    """Points (n, 2) of x, y along each segment, a pixel apart."""
    luma = np.rint(luminance(image)).astype(np.uint8)
    found = cv2.createLineSegmentDetector().detect(luma)[0]
    lines = []
    for a, b in () if found is None else found.reshape(-1, 2, 2):
        length = float(np.linalg.norm(b - a))
        if length >= LONG:
            steps = np.arange(0, length, dtype=np.float32)[:, None]
            lines.append(np.asarray(a + (b - a) / length * steps, np.float32))
    return lines


def _is_inside(line: _Plane, hole: BoolMask) -> BoolMask:
    x, y = np.rint(line).astype(int).T
    height, width = hole.shape
    return np.asarray(hole[np.clip(y, 0, height - 1), np.clip(x, 0, width - 1)])


def _find_normal(line: _Plane) -> _Plane:
    way = (line[-1] - line[0]) / np.linalg.norm(line[-1] - line[0])
    return np.array([-way[1], way[0]], np.float32)


def _count_stops(line: _Plane, hole: BoolMask, true: _Gradient, made: _Gradient) -> int:
    """How many of the line's ways into the hole it does not go on in ``made``."""
    stops = 0
    for points in (line, line[::-1]):
        inside = _is_inside(points, hole)
        for first in np.flatnonzero(inside[1:] & ~inside[:-1]) + 1:
            behind = points[first : first + FOLLOWED]
            rest = inside[first : first + FOLLOWED]
            length = len(rest) if rest.all() else int(rest.argmin())
            if first < OUTSIDE or inside[first - OUTSIDE : first].any() or length < INSIDE:
                continue
            normal = _find_normal(points)
            before = true.read_along(points[first - OUTSIDE : first], normal, 1)
            stops += not _is_found(behind[:length], normal, float(before[:, 1].mean()), made)
    return stops


def _is_found(points: _Plane, normal: _Plane, contrast: float, there: _Gradient) -> bool:
    steps = there.read_along(points, normal, ASIDE) * np.float32(np.sign(contrast))
    return bool((steps.max(axis=1) >= CONTRAST * abs(contrast)).mean() >= CONTINUED)


def _is_loose(line: _Plane, hole: BoolMask) -> bool:
    """Whether a line has an end in the hole and enough length there."""
    inside = _is_inside(line, hole)
    return bool(inside.sum() >= LONG and (inside[:3].all() or inside[-3:].all()))


def _is_in(line: _Plane, hole: BoolMask, own: _Gradient, other: _Gradient) -> bool:
    """Whether what ``own`` shows of a line inside the hole is in ``other`` as well."""
    points, normal = line[_is_inside(line, hole)], _find_normal(line)
    contrast = float(own.read_along(points, normal, 0).mean())
    return _is_found(points, normal, contrast, other)
