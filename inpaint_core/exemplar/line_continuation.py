"""Straight lines that the hole interrupts, and lines as channels in which patches are compared.

A line segment that ends at the hole is joined with one that ends at its other side when both lie on
one line and separate the same colours (Sun, Yuan, Jia, Shum, "Image Completion with Structure
Propagation", 2005, where the user draws the line; Huang et al., "Image Completion using Planar
Structure Guidance", 2014, for lines as guidance).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import combinations, pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from inpaint_core.contract.arrays import BoolMask, FloatImage
from inpaint_core.contract.geometry import Rect
from inpaint_core.contract.progress import Progress
from inpaint_core.raster.membrane import solve_membrane

Points = NDArray[np.float32]
"""(n, 2) or (2,) float32, order x, y."""

LONGEST_SIDE = 1024  # lines are searched in a view reduced to this
MAX_END_DISTANCE = 8.0  # px between a segment's end and the hole
SHORTEST = 14.0  # px of a segment
ANGLE = math.radians(2.5)  # between two segments of one line, and to the line that joins them
MAX_GAP_RATIO = 6.0  # the longest gap that a line is joined over, in lengths of its known part
COLOUR = 0.12  # mean difference of the colours beside two segments of one line
BESIDE = 3.0  # px from a segment to where its colours are read

WIDTH = 4.0
"""Standard deviation of a line's profile in its channels, in pixels of each scale."""


@dataclass(frozen=True, eq=False)
class LineEnd:
    """A segment that ends at the hole: ``near`` is that end, ``far`` the other one, (x, y) each."""

    near: Points
    far: Points

    @property
    def length(self) -> float:
        """The length of the known part, in pixels."""
        return float(np.linalg.norm(self.near - self.far))

    @property
    def inwards(self) -> Points:
        """Unit vector from the far end to the hole."""
        d = self.near - self.far
        return np.asarray(d / np.linalg.norm(d), np.float32)


def find_interrupted_lines(
    image: FloatImage, hole: BoolMask, progress: Progress
) -> tuple[Points, ...]:
    """Lines (4, 2) of ``image`` (h, w, 3) in [0, 1] that the hole interrupts: far end, end at the
    hole, end on the other side, far end.
    """
    small, covered, step = shrink_for_lines(image, hole)
    ends, _ = find_line_ends(small, covered, progress)
    return join_ends(ends, small, covered, step)


def find_line_ends(
    small: FloatImage, covered: BoolMask, progress: Progress
) -> tuple[list[LineEnd], NDArray[np.float32]]:
    """The segments of an image (h, w, 3) that end at its hole (h, w), and all segments (n, 2, 2) in
    and around it. Raises `Cancelled`.
    """
    away = cv2.distanceTransform((~covered).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_5)
    distance = np.asarray(away, np.float32)
    segments = _detect_segments(small, covered, progress)
    half = np.linalg.norm(segments[:, 1] - segments[:, 0], axis=1) / 2
    reachable = _read_values(distance, segments.mean(axis=1)) < 1.1 * (half + MAX_END_DISTANCE) + 2
    ways = (way for a, b in segments[reachable] for way in ((a, b), (b, a)))
    trimmed = (_trim_to_hole(far, near, distance) for far, near in ways)
    return [end for end in trimmed if end is not None], segments


def shrink_for_lines(image: FloatImage, hole: BoolMask) -> tuple[FloatImage, BoolMask, Points]:
    """``image`` and ``hole`` at the size at which lines are searched, and the width and height of
    one of their pixels in pixels of the photo.
    """
    height, width = hole.shape
    scale = LONGEST_SIDE / max(height, width)
    if scale >= 1:
        return image, hole, _point(1, 1)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    covered = cv2.resize(hole.astype(np.float32), size, interpolation=cv2.INTER_AREA) > 0
    small = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.float32)
    return small, covered, _point(width / size[0], height / size[1])


def _detect_segments(image: FloatImage, hole: BoolMask, progress: Progress) -> NDArray[np.float32]:
    """Line segments (n, 2, 2) in and around the hole: two ends of (x, y) each."""
    none = np.zeros((0, 2, 2), np.float32)
    box = Rect.bounding(hole).grow(round(max(hole.shape) / 4)).intersect(Rect.whole(hole.shape))
    if box.is_empty or hole[box.slices].all():
        return none
    # The hole is filled smoothly, so that its outline is not detected as lines.
    grey = cv2.cvtColor(np.clip(image[box.slices], 0, 1), cv2.COLOR_RGB2GRAY)
    plane = np.asarray(grey[..., None], np.float32)
    luma = solve_membrane(plane, hole[box.slices], None, progress)
    lines = cv2.createLineSegmentDetector().detect(np.rint(luma[..., 0] * 255).astype(np.uint8))[0]
    if lines is None:
        return none
    return np.asarray(lines.reshape(-1, 2, 2) + _point(box.x, box.y), np.float32)


def _point(x: float, y: float) -> Points:
    return np.array([x, y], np.float32)


def _trim_to_hole(far: Points, near: Points, away: NDArray[np.float32]) -> LineEnd | None:
    """The known part of a segment from ``far`` towards ``near``, if it leads into the hole."""
    length = float(np.linalg.norm(near - far))
    if length < 1:
        return None
    inwards = (near - far) / length
    steps = np.arange(0, length + MAX_END_DISTANCE + 1, dtype=np.float32)
    distance = _read_values(away, far + inwards * steps[:, None])
    if distance[0] <= BESIDE:
        return None
    inside = np.flatnonzero(distance == 0)
    if inside.size == 0 or inside[0] < SHORTEST or inside[0] > length + MAX_END_DISTANCE:
        return None
    if not (distance[inside[0] :][:3] == 0).all():
        return None
    known = far + inwards * np.float32(inside[0] - 1)
    return LineEnd(np.asarray(known, np.float32), far)


def _read_values(plane: NDArray[np.float32], points: Points) -> NDArray[np.float32]:
    """The values (n,) of a plane at the pixels nearest to ``points`` (n, 2), inside its border."""
    x, y = np.rint(points).astype(int).T
    at = np.clip(y, 0, plane.shape[0] - 1), np.clip(x, 0, plane.shape[1] - 1)
    return np.asarray(plane[at], np.float32)


def join_ends(
    ends: list[LineEnd], image: FloatImage, hole: BoolMask, step: Points
) -> tuple[Points, ...]:
    """The best pairs of ends that form one line, as lines (4, 2) of the photo; every end is used
    once. A pixel of the image is ``step`` (x, y) pixels of the photo.
    """
    pairs = []
    for a, b in combinations(range(len(ends)), 2):
        error = _measure_mismatch(ends[a], ends[b])
        if error < 1 and _leads_through(ends[a], ends[b], hole):
            colour = _measure_colour_change(ends[a], ends[b], image)
            if colour < COLOUR:
                pairs.append((error + colour / COLOUR, a, b))
    lines, used = [], set[int]()
    for _, a, b in sorted(pairs):
        if a not in used and b not in used:
            used |= {a, b}
            lines.append(np.stack([ends[a].far, ends[a].near, ends[b].near, ends[b].far]))
    return tuple((line + 0.5) * step - 0.5 for line in lines)


def _measure_mismatch(a: LineEnd, b: LineEnd) -> float:
    """The deviation of two ends from one line; below 1 they form one. Angles count less over a
    short gap, where an error of one pixel at an end turns the joining line.
    """
    gap = b.near - a.near
    distance = float(np.linalg.norm(gap))
    known = min(a.length, b.length)
    if not 2 <= distance <= MAX_GAP_RATIO * known:
        return math.inf
    allowed = ANGLE + math.atan2(1.0, distance)
    across = gap / distance
    pairs = (a.inwards, across), (-b.inwards, across), (a.inwards, -b.inwards)
    return max(math.acos(min(max(float(u @ v), -1.0), 1.0)) for u, v in pairs) / allowed


def _leads_through(a: LineEnd, b: LineEnd, hole: BoolMask) -> bool:
    """Whether the way from one end to the other is almost entirely in the hole."""
    steps = np.linspace(0, 1, 33, dtype=np.float32)[1:-1, None]
    x, y = np.rint(a.near + (b.near - a.near) * steps).astype(int).T
    return bool(hole[y, x].mean() > 0.75)


def _measure_colour_change(a: LineEnd, b: LineEnd, image: FloatImage) -> float:
    """Mean colour difference between the two ends, left with left and right with right."""
    normal = _point(-a.inwards[1], a.inwards[0])
    sides = (normal * BESIDE, normal * -BESIDE)
    read = [[_read_colour_beside(end, side, image) for end in (a, b)] for side in sides]
    return float(max(np.abs(one - other).mean() for one, other in read))


def _read_colour_beside(end: LineEnd, shift: Points, image: FloatImage) -> FloatImage:
    steps = np.linspace(0, 1, 9, dtype=np.float32)[:, None]
    reach = min(1.0, 40.0 / end.length)
    x, y = np.rint(end.near + (end.far - end.near) * reach * steps + shift).astype(int).T
    x, y = np.clip(x, 0, image.shape[1] - 1), np.clip(y, 0, image.shape[0] - 1)
    return np.asarray(image[y, x].mean(axis=0), np.float32)


def build_line_channels(distance: NDArray[np.float32], weight: float) -> FloatImage:
    """Line channels (h, w, 2), in 8-bit levels up to ``weight``, from the signed distance (h, w) to
    the lines.

    Across a line the first is odd and the second even, so that they tell on which side of the line
    a pixel lies and how far away; both fade out.
    """
    bell = np.exp(-0.5 * np.square(distance / WIDTH), dtype=np.float32)
    odd = distance / WIDTH * bell * np.float32(math.exp(0.5))
    return np.stack([odd, bell], axis=2) * np.float32(weight)


def measure_signed_distance(
    lines: tuple[Points, ...], shape: tuple[int, int], scale: float
) -> NDArray[np.float32]:
    """Distance (h, w) to the nearest of ``lines``, negative on its left, in pixels of a level
    ``scale`` times as large as the photo; 1000 outside a band along each line.
    """
    reach = 4 * WIDTH
    out = np.full(shape, np.float32(1e3))
    for line in lines:
        points = (line + 0.5) * np.float32(scale) - 0.5
        direction = points[-1] - points[0]
        if direction[np.argmax(np.abs(direction))] < 0:  # so that sides can be compared
            points = points[::-1]
        for a, b in pairwise(points):
            lo, hi = np.minimum(a, b) - reach, np.maximum(a, b) + reach
            around = Rect.from_bounds(*np.floor(lo).astype(int), *np.ceil(hi).astype(int) + 1)
            box = around.intersect(Rect.whole(shape))
            length = float(np.linalg.norm(b - a))
            if box.is_empty or length < 1e-3:
                continue
            y, x = np.mgrid[box.slices].astype(np.float32)
            u = (b - a) / length
            along = (x - a[0]) * u[0] + (y - a[1]) * u[1]
            beside = (y - a[1]) * u[0] - (x - a[0]) * u[1]
            here = out[box.slices]
            nearer = (along >= -0.5) & (along <= length + 0.5) & (np.abs(beside) < np.abs(here))
            here[nearer] = beside[nearer]
    return out
