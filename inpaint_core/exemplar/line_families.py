"""Families of lines: parallel or concurrent lines that the hole interrupts, continued together.

The lines of a family share a vanishing point, perhaps at infinity. Where a pixel's own line through
that point crosses a fixed normal is its *position* across the family, the same all along a slat, a
rail or a row of tiles. A line that arrives at the hole is followed at its position; it crosses the
hole if the same edge goes on behind it. Where lines cross the hole, patches are copied from places
of about the same position, so that each line is continued by itself, both edges of a beam together,
and none is invented that ends at one side.

Huang, Kang, Ahuja, Kopf, "Image Completion using Planar Structure Guidance" (2014) use vanishing
points for completion.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from inpaint_core.contract.arrays import BoolMask, FloatImage
from inpaint_core.exemplar.line_continuation import LineEnd, Points
from inpaint_core.perspective.vanishing_points import find_common_point, find_members

MOST = 3
"""Families that are looked for."""
NEAREST = 0.75
"""A vanishing point nearer to the middle of the hole than this share of its size is none."""

BEYOND = 14
"""Pixels behind the hole on which an edge must go on."""
ASIDE = (2.5, 0.012)
"""Pixels by which it may be aside there, and the share of the way through the hole on top."""
SAME = 0.45
"""The share of an edge's contrast that it must have there on average."""
FAINT = 0.02
"""Edges of less contrast, of the full range from pixel to pixel over two, are not followed."""
WAY = 8.0
"""The longest way through the hole, in lengths of the known part."""

LINES = 2
"""A family has at least so many lines that cross the hole."""
SHARE = 0.1
"""And at least this share of the length of all lines that end at the hole."""
MANY = 4
"""With so many it holds weakly in all of the hole."""
REGULAR = (8, 0.15, 0.6)
"""Lines are regular if, of so many gaps, at most this much off the median, at least this share is;
then each is continued by its neighbours as well."""
BAND = 0.02
"""How far from a line its family holds fully, as a share of the view; it fades over as much."""
GAP = 0.4
"""Between two lines closer than this share of the view, their family holds with `BETWEEN`."""
BETWEEN, ELSEWHERE = 0.6, 0.15
"""Strengths of a family between its lines, and in the rest of the hole."""

_FAR = np.float32(1e6)
_Plane = NDArray[np.float32]


@dataclass(frozen=True)
class Crossing:
    """A line that crosses the hole: its position across the family, and where along the family it
    enters and leaves, in pixels. ``rises``: whether it is brighter towards larger positions.
    """

    position: float
    first: float
    last: float
    rises: bool

    def continues(self, other: Crossing) -> bool:
        """Whether both are the same line, seen from the two sides of the hole."""
        near = abs(self.position - other.position) <= ASIDE[0] and self.rises == other.rises
        return near and min(self.last, other.last) > max(self.first, other.first)

    def join(self, other: Crossing) -> Crossing:
        """The same line with both crossings' reach, in the middle of their positions."""
        middle = (self.position + other.position) / 2
        ends = min(self.first, other.first), max(self.last, other.last)
        return Crossing(middle, *ends, self.rises)


@dataclass(frozen=True, eq=False)
class LineFamily:
    """``origin`` (x, y) is the middle of the hole and ``point`` (3,) the vanishing point
    from there, homogeneous, its first two parts of length 1; the ``crossings`` are
    sorted by position. All are in an image whose pixels are ``scale`` pixels of the photo wide.
    """

    origin: Points
    point: Points
    crossings: tuple[Crossing, ...] = ()
    scale: float = 1.0

    def measure_period(self) -> float:
        """The distance from line to line, in the photo's pixels, if it is about the same for most
        of many lines; else 0.
        """
        gaps = [
            np.diff([line.position for line in self.crossings if line.rises == rises])
            for rises in (False, True)
        ]
        apart = np.concatenate(gaps)
        if len(apart) < REGULAR[0]:
            return 0.0
        usual = float(np.median(apart))
        alike = np.abs(apart - usual) <= REGULAR[1] * usual
        if alike.mean() < REGULAR[2]:
            return 0.0
        return float(apart[alike].mean()) * self.scale

    def measure_position(self, x: _Plane, y: _Plane) -> _Plane:
        """The position across the family of places of the photo, in the photo's pixels; 1e6 times
        as much beyond the vanishing point. ``x`` and ``y`` are broadcast.
        """
        return self._locate(x, y)[0] * np.float32(self.scale)

    def _locate(self, x: _Plane, y: _Plane) -> tuple[_Plane, _Plane]:
        """The positions across and along the family, in pixels of the reduced image."""
        a, b, c = (np.float32(value) for value in self.point)
        scale = np.float32(self.scale)
        u = (x + np.float32(0.5)) / scale - np.float32(0.5) - self.origin[0]
        v = (y + np.float32(0.5)) / scale - np.float32(0.5) - self.origin[1]
        dx, dy = a - c * u, b - c * v
        ahead = dx * a + dy * b
        seen = ahead > 0.05
        across = np.where(seen, (dx * v - dy * u) / np.where(seen, ahead, np.float32(1)), _FAR)
        return np.asarray(across, np.float32), np.asarray(u * a + v * b, np.float32)

    def find_direction(self, place: Points) -> Points:
        """Unit vector (x, y) along the family at a place of the reduced image."""
        way = self.point[:2] - self.point[2] * (place - self.origin)
        return np.asarray(way / max(float(np.hypot(*way)), 1e-9), np.float32)

    def measure_strength(self, x: _Plane, y: _Plane, side: float) -> _Plane:
        """How strongly the family holds at places ``x``, ``y`` (n,) in the hole of a photo whose
        longest side is ``side``: (n,), 0 to 1.
        """
        position, along = self._locate(x, y)
        size = side / self.scale
        band = max(BAND * size, 6.0)
        strength = np.zeros(x.shape, np.float32)
        if len(self.crossings) >= MANY:
            strength[np.abs(position) < _FAR] = ELSEWHERE
        for line in self.crossings:
            near = np.clip(2 - 2 * np.abs(position - line.position) / band, 0, 1)
            near[(along < line.first - 4) | (along > line.last + 4)] = 0
            strength = np.maximum(strength, near)
        for one, other in zip(self.crossings, self.crossings[1:], strict=False):
            if other.position - one.position <= GAP * size:
                first, last = min(one.first, other.first), max(one.last, other.last)
                inside = (position > one.position) & (position < other.position)
                inside &= (along >= first - 4) & (along <= last + 4)
                strength[inside] = np.maximum(strength[inside], BETWEEN)
        return strength


def find_families(
    ends: list[LineEnd], segments: _Plane, image: FloatImage, hole: BoolMask, scale: float
) -> tuple[LineFamily, ...]:
    """The families of the lines that cross the ``hole`` (h, w) of ``image`` (h, w, 3) in [0, 1],
    the one of most lines first.

    ``ends`` and ``segments`` (n, 2, 2) as `find_line_ends` returns them; a pixel of the image is
    ``scale`` pixels of the photo wide.
    """
    if not ends:
        return ()
    rows, columns = np.nonzero(hole)
    origin = np.array([columns.mean(), rows.mean()], np.float32)
    reach = NEAREST * float(max(np.ptp(rows), np.ptp(columns)) + 1)
    grey = cv2.cvtColor(np.clip(image, 0, 1), cv2.COLOR_RGB2GRAY)
    soft = np.asarray(cv2.GaussianBlur(grey, (0, 0), 1.0), np.float32)
    families: list[LineFamily] = []
    left, rest = list(ends), segments - origin
    least = SHARE * sum(end.length for end in ends)
    for _ in range(2 * MOST):
        point = find_common_point(rest, reach)
        if point is None or len(families) == MOST:
            break
        rest = rest[~find_members(point[None], rest)[0]]
        pieces = np.stack([np.stack([end.far, end.near]) for end in left]) - origin
        own = [
            end
            for end, is_own in zip(left, find_members(point[None], pieces)[0], strict=True)
            if is_own
        ]
        family = LineFamily(origin, point, scale=scale)
        crossings = _find_crossings(own, family, soft, hole)
        if len(crossings) >= LINES and sum(end.length for end in own) >= least:
            families.append(LineFamily(origin, point, crossings, scale))
            left = [end for end in left if all(end is not other for other in own)]
            if not left:
                break
    return tuple(sorted(families, key=lambda family: -len(family.crossings)))


def _find_crossings(
    ends: list[LineEnd], family: LineFamily, soft: _Plane, hole: BoolMask
) -> tuple[Crossing, ...]:
    found = [_follow(end, family, soft, hole) for end in ends]
    crossings: list[Crossing] = []
    for each in sorted((c for c in found if c is not None), key=lambda c: (c.position, c.first)):
        twin = next((k for k, other in enumerate(crossings) if other.continues(each)), None)
        if twin is None:
            crossings.append(each)
        else:
            crossings[twin] = crossings[twin].join(each)
    return tuple(sorted(crossings, key=lambda c: c.position))


def _follow(end: LineEnd, family: LineFamily, soft: _Plane, hole: BoolMask) -> Crossing | None:
    """The line of ``end`` through the hole, if its edge goes on behind the hole."""
    ahead = family.find_direction(end.near)
    turn = 1 if float(ahead @ end.inwards) > 0 else -1
    known = end.length
    out = _leave_hole(end.near, family, turn, hole, WAY * known)
    if out is None:
        return None
    before = end.near - ahead * turn * np.linspace(3, min(known, 30), 10, dtype=np.float32)[:, None]
    slopes = _read_slopes(soft, before, ahead, 1).mean(axis=0)
    contrast = float(slopes[np.argmax(np.abs(slopes))])
    way = family.find_direction(out)
    beyond = out + way * turn * np.arange(2, 2 + BEYOND, dtype=np.float32)[:, None]
    if abs(contrast) < FAINT / 2 or not _are_known(beyond, hole):
        return None
    aside = round(ASIDE[0] + ASIDE[1] * float(np.linalg.norm(out - end.near)))
    after = _read_slopes(soft, beyond, way, aside) * np.float32(math.copysign(1, contrast))
    best = int(np.argmax(after.mean(axis=0)))
    steady = float((after[:, best] >= 0.25 * abs(contrast)).mean())
    if float(after[:, best].mean()) < SAME * abs(contrast) or steady < 0.8:
        return None
    places = np.stack([end.near, out])
    inner = LineFamily(family.origin, family.point)
    position, along = inner._locate(places[:, 0], places[:, 1])
    middle = float(position.mean()) + (best - aside) / 2
    return Crossing(middle, float(along.min()), float(along.max()), contrast > 0)


def _leave_hole(
    start: Points, family: LineFamily, turn: int, hole: BoolMask, longest: float
) -> Points | None:
    """Where the line of the family through ``start`` leaves the hole for more than a few pixels, if
    that is in the image and not farther than ``longest``.
    """
    height, width = hole.shape
    place, inside, left = start, 0, 0
    out = start
    while inside <= longest:
        place = place + family.find_direction(place) * np.float32(turn)
        x, y = round(float(place[0])), round(float(place[1]))
        if not (0 <= x < width and 0 <= y < height):
            return None
        left = 0 if hole[y, x] else left + 1
        inside += hole[y, x]
        if left == 1:
            out = place
        if left > 5:
            return np.asarray(out, np.float32) if inside > 2 else None
    return None


def _are_known(places: _Plane, hole: BoolMask) -> bool:
    x, y = np.rint(places).astype(int).T
    inside = (x >= 0) & (y >= 0) & (x < hole.shape[1]) & (y < hole.shape[0])
    return bool(inside.all() and hole[y, x].mean() < 0.3)


def _read_slopes(soft: _Plane, places: _Plane, way: Points, aside: int) -> _Plane:
    """Differences per pixel to the right of ``way``, at ``places`` (n, 2) moved there by -``aside``
    to ``aside`` pixels: (n, 2 aside + 1).
    """
    normal = np.array([-way[1], way[0]], np.float32)
    moves = np.arange(-aside - 1, aside + 2, dtype=np.float32)
    x, y = (places[:, None] + moves[:, None] * normal).transpose(2, 0, 1).astype(np.float32)
    values = cv2.remap(soft, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray((values[:, 2:] - values[:, :-2]) / 2, np.float32)
