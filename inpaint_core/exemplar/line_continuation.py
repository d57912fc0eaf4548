"""Straight lines that run through the hole: found and joined; lines as guide channels.

A line segment that ends at the hole is joined with one that ends there on the other side when
both lie on one line and separate the same colours (Sun, Yuan, Jia, Shum, "Image Completion with
Structure Propagation", 2005, where the user draws the line; Huang et al., "Image Completion using
Planar Structure Guidance", 2014, for lines as guidance).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import combinations, pairwise
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from inpaint_core.contract.arrays import BoolMask, FloatImage
from inpaint_core.contract.geometry import Rect
from inpaint_core.contract.progress import Progress
from inpaint_core.raster.membrane import relax

Points = NDArray[np.float32]
"""(n, 2) or (2,) float32, order x, y."""

LONGEST_SIDE = 1024  # lines are looked for in a view reduced to this
NEAR = 8.0  # px between a segment's end and the hole
SHORTEST = 14.0  # px of a segment
ANGLE = math.radians(2.5)  # between two segments that are one line, and to the line that joins them
REACH = 6.0  # a line is joined over a gap of at most this many times its known part
COLOUR = 0.12  # mean difference of the colours beside two segments that are one line
BESIDE = 3.0  # px from a segment to where its colours are read

WIDTH = 4.0
"""Standard deviation, in pixels of each scale, of the profile of a line in its channels."""


@dataclass(frozen=True, eq=False)
class End:
    """A segment that ends at the hole: ``near`` its end there, ``far`` the other, (x, y) each."""

    near: Points
    far: Points

    @property
    def inwards(self) -> Points:
        """Unit vector from the far end to the hole."""
        d = self.near - self.far
        return np.asarray(d / np.linalg.norm(d), np.float32)


def found(image: FloatImage, hole: BoolMask, progress: Progress) -> tuple[Points, ...]:
    """Lines (4, 2) of ``image`` (h, w, 3) in [0, 1] that the hole interrupts: far end, end at the
    hole, end on the other side, far end.
    """
    small, covered, step = reduced(image, hole)
    away = cv2.distanceTransform((~covered).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_5)
    distance = np.asarray(away, np.float32)
    ends = []
    for a, b in _segments(small, covered, progress):
        ends += [
            end for end in (_trimmed(a, b, distance), _trimmed(b, a, distance)) if end is not None
        ]
    return tuple((line + 0.5) * step - 0.5 for line in _joined(ends, small, covered))


def reduced(image: FloatImage, hole: BoolMask) -> tuple[FloatImage, BoolMask, Points]:
    """``image`` and ``hole`` at the size at which lines are looked for, and how many pixels of the
    photo one of theirs is wide and high.
    """
    height, width = hole.shape
    scale = LONGEST_SIDE / max(height, width)
    if scale >= 1:
        return image, hole, _point(1, 1)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    covered = cv2.resize(hole.astype(np.float32), size, interpolation=cv2.INTER_AREA) > 0
    small = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.float32)
    return small, covered, _point(width / size[0], height / size[1])


def _segments(image: FloatImage, hole: BoolMask, progress: Progress) -> NDArray[np.float32]:
    """Line segments (n, 2, 2) in and around the hole: two ends of (x, y) each."""
    none = np.zeros((0, 2, 2), np.float32)
    box = Rect.bounding(hole).grow(round(max(hole.shape) / 4)).intersect(Rect.whole(hole.shape))
    if box.empty or hole[box.slices].all():
        return none
    # Across the hole the photo is made smooth, so that the hole's outline is no line itself.
    grey = cv2.cvtColor(np.clip(image[box.slices], 0, 1), cv2.COLOR_RGB2GRAY)
    luma = relax(np.asarray(grey[..., None], np.float32), hole[box.slices], None, progress)[..., 0]
    lines = cv2.createLineSegmentDetector().detect(np.rint(luma * 255).astype(np.uint8))[0]
    if lines is None:
        return none
    return np.asarray(lines.reshape(-1, 2, 2) + _point(box.x, box.y), np.float32)


def _point(x: float, y: float) -> Points:
    return np.array([x, y], np.float32)


def _trimmed(far: Points, near: Points, away: NDArray[np.float32]) -> End | None:
    """The known part of a segment from ``far`` towards ``near``, if it leads into the hole."""
    length = float(np.linalg.norm(near - far))
    if length < 1 or _at(away, far) <= BESIDE:
        return None
    inwards = (near - far) / length
    steps = np.arange(0, length + NEAR + 1, dtype=np.float32)
    distance = np.array([_at(away, far + inwards * s) for s in steps])
    inside = np.flatnonzero(distance == 0)
    if inside.size == 0 or inside[0] < SHORTEST or inside[0] > length + NEAR:
        return None
    if not (distance[inside[0] :][:3] == 0).all():
        return None
    known = far + inwards * np.float32(inside[0] - 1)
    return End(np.asarray(known, np.float32), far)


def _at(plane: NDArray[np.float32], point: Points) -> float:
    return float(plane[_pixel(point, plane)])


def _pixel(point: Points, plane: NDArray[Any]) -> tuple[int, int]:
    """The row and column of ``plane`` closest to ``point``."""
    x = min(max(round(float(point[0])), 0), plane.shape[1] - 1)
    y = min(max(round(float(point[1])), 0), plane.shape[0] - 1)
    return y, x


def _joined(ends: list[End], image: FloatImage, hole: BoolMask) -> list[Points]:
    """The best pairs of ends that are one line; every end is used once."""
    pairs = []
    for a, b in combinations(range(len(ends)), 2):
        error = _mismatch(ends[a], ends[b])
        if error < 1 and _across(ends[a], ends[b], hole):
            colour = _colour_change(ends[a], ends[b], image)
            if colour < COLOUR:
                pairs.append((error + colour / COLOUR, a, b))
    lines, used = [], set[int]()
    for _, a, b in sorted(pairs):
        if a not in used and b not in used:
            used |= {a, b}
            lines.append(np.stack([ends[a].far, ends[a].near, ends[b].near, ends[b].far]))
    return lines


def _mismatch(a: End, b: End) -> float:
    """How far two ends are from being one line; below 1 they are. Angles count less over a short
    gap, where a pixel's error of an end point turns the joining line.
    """
    gap = b.near - a.near
    distance = float(np.linalg.norm(gap))
    known = min(float(np.linalg.norm(end.near - end.far)) for end in (a, b))
    if not 2 <= distance <= REACH * known:
        return math.inf
    allowed = ANGLE + math.atan2(1.0, distance)
    across = gap / distance
    turns = (_angle(a.inwards, across), _angle(-b.inwards, across), _angle(a.inwards, -b.inwards))
    return max(turns) / allowed


def _angle(u: Points, v: Points) -> float:
    return math.acos(min(max(float(u @ v), -1.0), 1.0))


def _across(a: End, b: End, hole: BoolMask) -> bool:
    """True when the way from one end to the other leads through the hole nearly everywhere."""
    steps = np.linspace(0, 1, 33, dtype=np.float32)[1:-1, None]
    x, y = np.rint(a.near + (b.near - a.near) * steps).astype(int).T
    return bool(hole[y, x].mean() > 0.75)


def _colour_change(a: End, b: End, image: FloatImage) -> float:
    """Mean colour difference between the two ends, left with left and right with right."""
    normal = _point(-a.inwards[1], a.inwards[0])
    change = [
        np.abs(_beside(a, normal * side, image) - _beside(b, normal * side, image)).mean()
        for side in (BESIDE, -BESIDE)
    ]
    return float(max(change))


def _beside(end: End, shift: Points, image: FloatImage) -> FloatImage:
    steps = np.linspace(0, 1, 9, dtype=np.float32)[:, None]
    reach = min(1.0, 40.0 / float(np.linalg.norm(end.far - end.near)))
    x, y = np.rint(end.near + (end.far - end.near) * reach * steps + shift).astype(int).T
    x, y = np.clip(x, 0, image.shape[1] - 1), np.clip(y, 0, image.shape[0] - 1)
    return np.asarray(image[y, x].mean(axis=0), np.float32)


def channels(distance: NDArray[np.float32], weight: float) -> FloatImage:
    """Guide channels (h, w, 2), in 8-bit levels, of height ``weight``, of the `signed_distance`
    (h, w) to the lines.

    Seen across, the first is odd and the second even, so that they say on which side of a line a
    pixel lies and how far away; both fade out.
    """
    bell = np.exp(-0.5 * np.square(distance / WIDTH), dtype=np.float32)
    odd = distance / WIDTH * bell * np.float32(math.exp(0.5))
    return np.stack([odd, bell], axis=2) * np.float32(weight)


def signed_distance(
    lines: tuple[Points, ...], shape: tuple[int, int], scale: float
) -> NDArray[np.float32]:
    """Distance (h, w), in pixels of a level ``scale`` as large as the photo, to the nearest of
    ``lines``, negative to its left; 1000 away from all, as only a band along each is visited.
    """
    reach = 4 * WIDTH
    out = np.full(shape, np.float32(1e3))
    for line in lines:
        points = (line + 0.5) * np.float32(scale) - 0.5
        way = points[-1] - points[0]
        if way[np.argmax(np.abs(way))] < 0:  # one direction, so that sides can be compared
            points = points[::-1]
        for a, b in pairwise(points):
            lo, hi = np.minimum(a, b) - reach, np.maximum(a, b) + reach
            box = Rect.from_bounds(
                *np.floor(lo).astype(int), *np.ceil(hi).astype(int) + 1
            ).intersect(Rect.whole(shape))
            length = float(np.linalg.norm(b - a))
            if box.empty or length < 1e-3:
                continue
            y, x = np.mgrid[box.slices].astype(np.float32)
            u = (b - a) / length
            along = (x - a[0]) * u[0] + (y - a[1]) * u[1]
            beside = (y - a[1]) * u[0] - (x - a[0]) * u[1]
            here = out[box.slices]
            nearer = (along >= -0.5) & (along <= length + 0.5) & (np.abs(beside) < np.abs(here))
            here[nearer] = beside[nearer]
    return out
