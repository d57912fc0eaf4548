"""Vanishing points: where the straight lines of the scene that share a direction meet in the photo.

Segments are found at several sizes, as long edges often come in pieces at one of them (Grompone von
Gioi et al. 2012), and vanishing points by hypothesis and test (RANSAC, Fischler, Bolles 1981): a
segment votes for a point that it aims at (Rother 2002). Every pair of the longest segments is a
hypothesis, so that nothing is drawn by chance.

Two questions are asked. Planes of the scene need all vanishing points of a view, and where exactly
they are: `find_vanishing_points` counts a segment the less the farther it aims aside. A family of
lines through a hole needs the one point that most lines lead to, outside of the hole, and the same
one on every machine: `find_common_point` counts in whole numbers.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from inpaint_core.contract.arrays import BoolMask, FloatImage
from inpaint_core.contract.geometry import Segment
from inpaint_core.contract.progress import Progress
from inpaint_core.local.compiled import compiled, vectorised
from inpaint_core.priors.lines import find_segments_at
from inpaint_core.raster.membrane import solve_membrane

Floats = NDArray[np.float64]
Floats32 = NDArray[np.float32]

LONGEST_SIDE = 1024  # segments are searched in a view reduced to this, and at parts of it
PARTS = (1.0, 1 / 2, 1 / 3, 1 / 4)
SHORTEST = 0.02  # of the view's diagonal
MOST_SEGMENTS = 500  # the longest ones

MOST_POINTS = 3
LONGEST_TRIED = 70
"""Every pair of this many of the longest segments is tried as the directions that meet."""
TOLERANCE = math.radians(1.6)
"""The largest angle between a segment and the way from its middle to its vanishing point."""
LEAST_APART = math.radians(1.0)  # between the two segments of a hypothesis
LONG = 0.06
"""Segments of this share of the view's diagonal and more are long."""
DRAWN_WEIGHT = 4.0
"""A line drawn by hand counts as one that is twice as long."""
_REFINEMENTS = 4

LONGEST_PAIRED = 48
"""Every pair of this many of the longest segments is tried as the lines of a family."""
MEMBER_ANGLE = math.radians(1.5)
"""Largest angle between a segment of a family and its direction to the vanishing point; 0.7 pixels
at its end are allowed on top, as short segments are less exact."""


@dataclass(frozen=True, eq=False)
class VanishingPoint:
    """``point`` (3,): homogeneous, in pixel-centre coordinates of the view; ``segments`` (n, 4),
    order x0, y0, x1, y1, that aim at it. ``significance``: their weight, the sum of squared
    lengths, over what it would be if the segments that aim at no other point had random
    directions; ``long``: the number of long ones.
    """

    point: Floats
    segments: Floats
    significance: float
    long: int


def find_view_segments(image: FloatImage, hole: BoolMask, progress: Progress) -> Floats:
    """Segments (n, 4) of the known part of ``image`` (h, w, 3) at several sizes, longest first."""
    height, width = hole.shape
    scale = min(1.0, LONGEST_SIDE / max(height, width))
    grey = np.asarray(cv2.cvtColor(np.clip(image, 0, 1), cv2.COLOR_RGB2GRAY), np.float32)
    covered = hole.astype(np.float32)
    if scale < 1:
        grey, covered = (_resize(plane, width, height, scale) for plane in (grey, covered))
    grey = solve_membrane(np.asarray(grey[..., None]), covered > 0, None, progress)[..., 0]
    shortest = SHORTEST * math.hypot(*grey.shape)
    found = []
    for part in PARTS:
        progress.check()
        here = (grey, covered) if part == 1 else _shrink_both(grey, covered, part)
        if min(here[0].shape) < 16:
            break
        segments = find_segments_at(here[0], here[1] > 0, max(shortest * part, 8.0))
        step = np.tile([width / here[0].shape[1], height / here[0].shape[0]], 2)
        found.append((segments.astype(np.float64) + 0.5) * step - 0.5)
    return sort_by_length(np.concatenate(found) if found else np.zeros((0, 4)))[:MOST_SEGMENTS]


def _shrink_both(grey: FloatImage, covered: FloatImage, part: float) -> tuple[FloatImage, ...]:
    height, width = grey.shape
    return tuple(_resize(plane, width, height, part) for plane in (grey, covered))


def _resize(plane: FloatImage, width: int, height: int, scale: float) -> FloatImage:
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(cv2.resize(plane, size, interpolation=cv2.INTER_AREA), np.float32)


def sort_by_length(segments: Floats) -> Floats:
    """Segments (n, 4), longest first."""
    return segments[np.argsort(-measure_lengths(segments), kind="stable")]


def measure_lengths(segments: Floats) -> Floats:
    """The lengths (n,) of segments (n, 4)."""
    return np.hypot(segments[:, 2] - segments[:, 0], segments[:, 3] - segments[:, 1])


def find_vanishing_points(
    segments: Floats, drawn: Sequence[Segment], shape: tuple[int, int]
) -> tuple[tuple[VanishingPoint, ...], Floats]:
    """At most `MOST_POINTS` vanishing points of ``segments`` (n, 4), longest first, and lines
    ``drawn`` by hand, in a view of ``shape`` (H, W), the one with the most weight first; and the
    segments (m, 4) that aim at none of them.
    """
    by_hand = np.array([[s.x0, s.y0, s.x1, s.y1] for s in drawn], float).reshape(-1, 4)
    by_hand = by_hand[measure_lengths(by_hand) > 0]
    rest = np.concatenate([by_hand, segments])
    factor = np.where(np.arange(len(rest)) < len(by_hand), DRAWN_WEIGHT, 1.0)
    centre, unit = np.array([shape[1] - 1, shape[0] - 1]) / 2, math.hypot(*shape) / 2
    rest = (rest - np.tile(centre, 2)) / unit
    weights = measure_lengths(rest) ** 2 * factor
    order = np.argsort(-weights, kind="stable")
    rest, weights = rest[order], weights[order]
    points: list[VanishingPoint] = []
    back = np.array([[unit, 0, centre[0]], [0, unit, centre[1]], [0, 0, 1]])
    while len(rest) >= 3 and len(points) < MOST_POINTS:
        point = _find_best(rest, weights)
        if point is None:
            break
        aimed = _measure_angles(rest, point[None])[0] < TOLERANCE
        if np.count_nonzero(aimed) < 3:
            break
        chance = 2 * TOLERANCE / math.pi * float(weights.sum())
        long = int(np.count_nonzero(measure_lengths(rest[aimed]) >= 2 * LONG))
        own = rest[aimed] * unit + np.tile(centre, 2)
        significance = float(weights[aimed].sum()) / chance
        points.append(VanishingPoint(back @ point, own, significance, long))
        rest, weights = rest[~aimed], weights[~aimed]
    return tuple(points), rest * unit + np.tile(centre, 2)


def _find_best(segments: Floats, weights: Floats) -> Floats | None:
    """The vanishing point (3,) that the most weight aims at, refined; segments sorted by weight."""
    tried = segments[:LONGEST_TRIED]
    lines = _cross_ends(tried)
    first, second = np.triu_indices(len(tried), 1)
    way = tried[:, 2:] - tried[:, :2]
    way /= np.linalg.norm(way, axis=1, keepdims=True)
    sine = np.abs(way[first, 0] * way[second, 1] - way[first, 1] * way[second, 0])
    beside = np.abs(_measure_offset(tried, first, second))
    # Two pieces of one line meet anywhere on it.
    usable = (sine > math.sin(LEAST_APART)) | (beside > 0.05)
    points = np.cross(lines[first[usable]], lines[second[usable]])
    size = np.linalg.norm(points, axis=1)
    points = points[size > 1e-9] / size[size > 1e-9, None]
    if not len(points):
        return None
    votes = _count_votes(points, segments, weights, math.sin(TOLERANCE) ** 2)
    best: Floats = points[int(votes.argmax())]
    for _ in range(_REFINEMENTS):
        best = _refine(segments, weights, best)
    return best


@vectorised
def _count_votes(points: Floats, segments: Floats, weights: Floats, tolerance: float) -> Floats:
    """The ``weights`` of the segments (n, 4) that aim at each of ``points`` (m, 3), (m,): each
    counts 1 less the square of the sine of its angle over ``tolerance``.
    """
    votes = np.zeros(len(points))
    for i in range(len(points)):
        px, py, pz = points[i]
        total = 0.0
        for k in range(len(segments)):
            x0, y0, x1, y1 = segments[k]
            dx, dy = x1 - x0, y1 - y0
            wx, wy = px - pz * (x0 + x1) / 2, py - pz * (y0 + y1) / 2
            cross = wx * dy - wy * dx
            size = (wx * wx + wy * wy) * (dx * dx + dy * dy)
            total += weights[k] * max(1 - cross * cross / (max(size, 1e-30) * tolerance), 0.0)
        votes[i] = total
    return votes


def _measure_offset(segments: Floats, first: NDArray[np.intp], second: NDArray[np.intp]) -> Floats:
    """The distance of the middle of each ``second`` from the line of each ``first``."""
    start, way = segments[first, :2], segments[first, 2:] - segments[first, :2]
    to = (segments[second, :2] + segments[second, 2:]) / 2 - start
    return (way[:, 0] * to[:, 1] - way[:, 1] * to[:, 0]) / np.hypot(way[:, 0], way[:, 1])


def _cross_ends(segments: Floats | Floats32) -> Floats:
    """The lines (n, 3) through segments, their normals of length 1."""
    ones = np.ones((len(segments), 1))
    lines = np.cross(np.hstack([segments[:, :2], ones]), np.hstack([segments[:, 2:], ones]))
    return np.asarray(lines / np.maximum(np.hypot(lines[:, 0], lines[:, 1]), 1e-12)[:, None])


def _measure_ways(segments: Floats, points: Floats) -> Floats:
    """From the middle of each segment to each of ``points`` (m, 3), of any length: (m, n, 2)."""
    middle = (segments[:, :2] + segments[:, 2:]) / 2
    return points[:, None, :2] - points[:, None, 2:] * middle[None]


def _measure_angles(segments: Floats, points: Floats) -> Floats:
    """The angle between each segment and its way to each of ``points`` (m, 3): (m, n)."""
    way = _measure_ways(segments, points)
    along = segments[:, 2:] - segments[:, :2]
    cross = np.abs(way[..., 0] * along[:, 1] - way[..., 1] * along[:, 0])
    dot = np.abs(way[..., 0] * along[:, 0] + way[..., 1] * along[:, 1])
    return np.arctan2(cross, dot)


def _refine(segments: Floats, weights: Floats, point: Floats) -> Floats:
    """One step of reweighted least squares on the angles."""
    aimed = _measure_angles(segments, point[None])[0] < TOLERANCE
    if np.count_nonzero(aimed) < 2:
        return point
    way = _measure_ways(segments[aimed], point[None])[0]
    lines = _cross_ends(segments[aimed])
    share = weights[aimed] / np.maximum((way**2).sum(axis=1), 1e-12)
    moment = (lines * share[:, None]).T @ lines
    found = np.linalg.eigh(moment)[1][:, 0]
    return np.asarray(found if found @ point >= 0 else -found)


def find_members(points: Floats32, segments: Floats32) -> BoolMask:
    """Which ``segments`` (n, 2, 2) lead to each of the vanishing ``points`` (m, 3): (m, n)."""
    way = segments[:, 1] - segments[:, 0]
    length = np.maximum(np.hypot(way[:, 0], way[:, 1]), np.float32(1e-6))
    middle = segments.mean(axis=1)
    to_x = points[:, :1] - points[:, 2:] * middle[None, :, 0]
    to_y = points[:, 1:2] - points[:, 2:] * middle[None, :, 1]
    sine = np.abs(way[:, 0] * to_y - way[:, 1] * to_x)
    sine /= length * np.maximum(np.hypot(to_x, to_y), np.float32(1e-9))
    return np.asarray(sine <= MEMBER_ANGLE + 0.7 / length)


@compiled
def _count_weights(
    points: Floats32, segments: Floats32, weights: NDArray[np.int64]
) -> NDArray[np.int64]:
    """The sum of the ``weights`` of the segments that `find_members` finds for each point."""
    totals = np.zeros(len(points), np.int64)
    ways = segments[:, 1] - segments[:, 0]
    middles = (segments[:, 0] + segments[:, 1]) / np.float32(2)
    for k in range(len(segments)):
        dx, dy = ways[k]
        x, y = middles[k]
        length = max(np.sqrt(dx * dx + dy * dy), np.float32(1e-6))
        allowed = (np.float32(MEMBER_ANGLE) * length + np.float32(0.7)) ** 2
        for i in range(len(points)):
            to_x = points[i, 0] - points[i, 2] * x
            to_y = points[i, 1] - points[i, 2] * y
            cross = dx * to_y - dy * to_x
            if cross * cross <= allowed * (to_x * to_x + to_y * to_y):
                totals[i] += weights[k]
    return totals


def find_common_point(segments: Floats32, reach: float) -> Floats32 | None:
    """The vanishing point to which the segments (n, 2, 2) of most length squared lead, unless it
    is within ``reach`` of the origin. Short tile edges would bias it by their number.
    """
    if len(segments) < 3:
        return None
    way = segments[:, 1] - segments[:, 0]
    weight = np.square(way).sum(axis=1)
    longest = np.argsort(-weight, kind="stable")[:LONGEST_PAIRED]
    lines = _cross_ends(segments[longest].reshape(-1, 4) / np.float32(reach))
    one, other = np.triu_indices(len(longest), 1)
    meets = np.cross(lines[one], lines[other])
    parallel = np.concatenate([way[longest], np.zeros((len(longest), 1))], axis=1)
    points = _normalise(np.concatenate([parallel, meets]), reach)
    if not len(points):
        return None
    # Sums of whole numbers do not depend on the order in which they are added.
    scores = _count_weights(points, segments, np.rint(weight).astype(np.int64))
    best: Floats32 = points[int(np.argmax(scores))]
    near = find_members(best[None], segments)[0]
    lines = (
        _cross_ends(segments[near].reshape(-1, 4) / np.float32(reach))
        * np.sqrt(weight[near])[:, None]
    )
    square = np.array([[(lines[:, i] * lines[:, j]).sum() for j in range(3)] for i in range(3)])
    refined = _normalise(np.linalg.eigh(square)[1][:, :1].T, reach)
    if len(refined):
        score = int(np.rint(weight[find_members(refined, segments)[0]]).sum())
        best = refined[0] if score >= 0.9 * int(scores.max()) else best
    return best


def _normalise(points: NDArray[np.float64], reach: float) -> Floats32:
    """Points in units of ``reach`` as points in pixels with the direction of length 1, pointing
    right or down; without those nearer than one unit.
    """
    length = np.hypot(points[:, 0], points[:, 1])
    points = points[(length > 1e-9) & (np.abs(points[:, 2]) <= length)]
    points = points / np.hypot(points[:, :1], points[:, 1:2])
    main = np.take_along_axis(points, np.argmax(np.abs(points[:, :2]), axis=1)[:, None], axis=1)
    points = points * np.where(main < 0, -1.0, 1.0)
    points[:, 2] /= reach
    return np.asarray(points, np.float32)
