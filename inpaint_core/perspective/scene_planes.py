"""The planes of the scene, from pairs of vanishing points, and where in the view each one lies.

A plane is likely where segments of both of its directions lie, and none of other directions (after
Huang, Kang, Ahuja, Kopf, "Image Completion using Planar Structure Guidance", 2014, section 4.1).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import cv2
import numpy as np

from inpaint_core.contract.arrays import BoolMask, FloatImage
from inpaint_core.contract.geometry import Plane
from inpaint_core.contract.progress import Progress
from inpaint_core.contract.request import View
from inpaint_core.perspective.vanishing_points import (
    LONG,
    Floats,
    VanishingPoint,
    find_vanishing_points,
    find_view_segments,
    measure_lengths,
)
from inpaint_core.raster.distance import measure_distance
from inpaint_core.raster.membrane import solve_membrane

MAP_SIDE = 160  # the longest side of the maps of likelihood
SPREAD = 0.05
"""A segment speaks for its surroundings: standard deviation as a share of the map's diagonal."""
SPACING = 0.15
"""Segments this share of the diagonal apart are half convincing."""
NO_PLANE = 0.06
"""The likelihood of no plane at all, where that of a plane is at most 1."""
CLUTTER = 0.5
"""What segments that aim at no vanishing point weigh, compared with those that do."""
LIKELY = 0.25  # a pixel belongs to a plane from this likelihood on


@dataclass(frozen=True, eq=False)
class ScenePlane:
    """A plane by two vanishing points (3,), homogeneous, in pixel-centre coordinates of the view.

    ``side``: 1 or -1, on which side of its vanishing line the plane is seen. ``likelihood`` (h, w)
    float32 in [0, 1], at any size of the view. ``significance`` and ``long`` as in
    `VanishingPoint`, the smaller of the two. ``is_given``: set by a person.
    """

    first: Floats
    second: Floats
    side: int
    likelihood: FloatImage
    significance: float = math.inf
    long: int = 0
    is_given: bool = False

    @property
    def horizon(self) -> Floats:
        """The vanishing line (3,); positive at the points of the plane."""
        line = np.cross(self.first, self.second)
        return np.asarray(line / np.linalg.norm(line) * self.side)

    def scale(self, sx: float, sy: float) -> ScenePlane:
        """The plane in a view scaled by ``sx``, ``sy`` about the corner of pixel (0, 0)."""
        change = np.array([[sx, 0, (sx - 1) / 2], [0, sy, (sy - 1) / 2], [0, 0, 1]])
        first, second = (change @ point for point in (self.first, self.second))
        return replace(self, first=first, second=second)

    def find_pixels(self, shape: tuple[int, int]) -> BoolMask:
        """The pixels (H, W) of a view of ``shape`` that are likely to belong to the plane."""
        return self.measure_likelihood(shape) >= LIKELY

    def measure_likelihood(self, shape: tuple[int, int]) -> FloatImage:
        """How likely each pixel of a view of ``shape`` belongs to the plane: (H, W) in [0, 1]."""
        if self.likelihood.shape == shape:
            return self.likelihood
        size = (shape[1], shape[0])
        return np.asarray(cv2.resize(self.likelihood, size), np.float32)


def take_given_planes(planes: Sequence[Plane], hole: BoolMask) -> tuple[ScenePlane, ...]:
    """Planes set by hand, for every connected part of ``hole`` (h, w) that they reach into.

    The corners say how a surface lies, and not where it ends: it takes all of such a part, and is
    copied from everywhere on this side of its horizon. A pixel between several planes belongs to
    the one whose corners are nearest.
    """
    shape = hole.shape
    inside = [_fill_polygon(np.array(plane.corners), shape) for plane in planes]
    away = [_measure_distance(each) for each in inside]
    _, labels = cv2.connectedComponents(hole.astype(np.uint8), connectivity=8)
    taken = []
    for number, plane in enumerate(planes):
        touched = np.setdiff1d(np.unique(labels[inside[number]]), [0])
        own = ~hole | np.isin(labels, touched)
        for other, distance in enumerate(away):
            if other != number:
                nearer = distance < away[number] if other > number else distance <= away[number]
                own &= ~nearer
        corners = np.array([[x, y, 1.0] for x, y in plane.corners])
        sides = [np.cross(corners[k], corners[(k + 1) % 4]) for k in range(4)]
        first, second = np.cross(sides[0], sides[2]), np.cross(sides[1], sides[3])
        first, second = (point / np.linalg.norm(point) for point in (first, second))
        side = 1 if np.cross(first, second) @ corners.mean(axis=0) > 0 else -1
        found = ScenePlane(first, second, side, np.zeros(shape, np.float32), is_given=True)
        line = found.horizon
        y, x = np.ogrid[: shape[0], : shape[1]]
        own &= line[0] * x + line[1] * y + line[2] > 0
        if touched.size:
            taken.append(replace(found, likelihood=own.astype(np.float32)))
    return tuple(taken)


def _measure_distance(mask: BoolMask) -> FloatImage:
    """The distance to the nearest pixel of ``mask`` (h, w), infinite where there is none."""
    if not mask.any():
        return np.full(mask.shape, np.inf, np.float32)
    return measure_distance(~mask)


def _fill_polygon(corners: Floats, shape: tuple[int, int]) -> BoolMask:
    y, x = np.ogrid[: shape[0], : shape[1]]
    inside: list[BoolMask] = []
    for k in range(4):
        (ax, ay), (bx, by) = corners[k], corners[(k + 1) % 4]
        inside.append((bx - ax) * (y - ay) - (by - ay) * (x - ax) >= 0)
    return np.asarray(np.logical_and.reduce(inside) | np.logical_and.reduce([~s for s in inside]))


def find_planes(
    view: View, progress: Progress, significance: float = 0.0, long: int = 0
) -> tuple[ScenePlane, ...]:
    """The planes of ``view`` that its segments, and lines drawn in it, speak for, if both of their
    directions have at least this ``significance`` and so many ``long`` segments; the most likely in
    its hole first. Raises `Cancelled`.
    """
    shape = view.hole.shape
    if view.hole.all():
        return ()
    segments = find_view_segments(view.image, view.hole, progress)
    # A segment is of one direction only.
    lengths = measure_lengths(segments)
    if len(view.lines) + np.count_nonzero(lengths >= LONG * math.hypot(*shape)) < 2 * long:
        return ()
    points, others = find_vanishing_points(segments, view.lines, shape)
    is_sure = [point.significance >= significance and point.long >= long for point in points]
    if sum(is_sure) < 2:
        return ()
    factor = min(1.0, MAP_SIDE / max(shape))
    size = (max(1, round(shape[1] * factor)), max(1, round(shape[0] * factor)))
    hole = cv2.resize(view.hole.astype(np.float32), size, interpolation=cv2.INTER_AREA) > 0.5
    if hole.all():
        return ()
    support = [_map_support(point.segments, shape, hole) for point in points]
    clutter = _map_support(others, shape, hole)
    pairs = list(combinations(range(len(points)), 2))
    products = [support[a] * support[b] for a, b in pairs]
    total = np.sum(products, axis=0) + (CLUTTER * clutter) ** 2 + np.float32(NO_PLANE)
    found = []
    for (a, b), product in zip(pairs, products, strict=True):
        progress.check()
        if not (is_sure[a] and is_sure[b]):
            continue
        likelihood = solve_membrane((product / total)[..., None], hole, None, progress)[..., 0]
        pair = points[a], points[b]
        found += _split_at_horizon(pair, likelihood, view.hole.shape, hole)
    return tuple(sorted(found, key=lambda plane: -float(plane.likelihood[hole].sum())))


def _split_at_horizon(
    pair: tuple[VanishingPoint, VanishingPoint],
    likelihood: FloatImage,
    shape: tuple[int, int],
    hole: BoolMask,
) -> list[ScenePlane]:
    """The plane on either side of its vanishing line, as far as it reaches into the hole."""
    height, width = likelihood.shape
    x = (np.arange(width) + 0.5) * shape[1] / width - 0.5
    y = (np.arange(height) + 0.5) * shape[0] / height - 0.5
    found = []
    for side in (1, -1):
        plane = ScenePlane(
            pair[0].point, pair[1].point, side, likelihood,
            min(point.significance for point in pair), min(point.long for point in pair),
        )  # fmt: skip
        line = plane.horizon
        seen = line[0] * x[None] + line[1] * y[:, None] + line[2] > 0
        own = np.where(seen, likelihood, np.float32(0))
        if (own[hole] >= LIKELY).any():
            found.append(
                ScenePlane(plane.first, plane.second, side, own, plane.significance, plane.long)
            )
    return found


def _map_support(segments: Floats, shape: tuple[int, int], hole: BoolMask) -> FloatImage:
    """How strongly segments (n, 4) of a view of ``shape`` speak for each pixel of a map of it: as
    ``hole``, [0, 1].
    """
    height, width = hole.shape
    step = np.array([width / shape[1], height / shape[0]])
    start, end = ((segments.reshape(-1, 2, 2) + 0.5) * step - 0.5).transpose(1, 0, 2)
    length = np.hypot(*(end - start).T)
    count = np.maximum(np.ceil(2 * length).astype(int), 1)
    own = np.repeat(np.arange(len(segments)), count)
    share = (np.arange(len(own)) - (np.cumsum(count) - count)[own] + 0.5) / count[own]
    x, y = np.rint(start[own] + share[:, None] * (end - start)[own]).astype(int).T
    x, y = np.clip(x, 0, width - 1), np.clip(y, 0, height - 1)
    drawn = np.bincount(y * width + x, (length / count)[own], minlength=height * width)
    diagonal = math.hypot(width, height)
    known = (~hole).astype(np.float32)
    planes = np.stack([drawn.reshape(height, width).astype(np.float32) * known, known], axis=2)
    soft = cv2.GaussianBlur(planes, (0, 0), SPREAD * diagonal, borderType=cv2.BORDER_CONSTANT)
    density = soft[..., 0] / np.maximum(soft[..., 1], 1e-3)
    return np.asarray(1 - np.exp2(-density * np.float32(SPACING * diagonal)), np.float32)
