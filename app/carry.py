"""Edges that a hole interrupts, carried through it: curves from where one goes in to where it
comes out again.

An edge that ends at the hole is joined with one that ends there elsewhere when a gentle bend leads
from one to the other and both separate the same colours. The engine does so by itself for straight
lines; this is for bends too, and for a person to see and correct before the fill.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from inpaint_core.geometry import Rect
from inpaint_core.masks import soften
from inpaint_core.priors.canny import canny
from inpaint_core.progress import Progress

if TYPE_CHECKING:
    from app.looks import Knobs, Sight

Points = NDArray[np.float64]
"""(n, 2) or (2,), order x, y."""

NEAR = 4.0  # px between the hole and the end of an edge that leads into it
REACH = 16.0  # px of an edge, from the hole, that tell where it is heading
SHORTEST = 7.0  # px that it must come nearer to the hole on that way
BEND = math.radians(30)  # between an edge at the hole and the straight way to its other end
STRAIGHT = math.radians(5)  # a bend that may as well be none
COLOUR = 0.15  # mean difference of the colours beside two edges that are one
BESIDE = 3.0  # px from an edge to where its colours are read
INSIDE = 0.9  # share of a curve that must lie in the hole


@dataclass(frozen=True, eq=False)
class End:
    """Where an edge meets the hole: the point ``at``, the unit vector ``inwards``, and the mean
    colours (3,) to its ``left`` and ``right``, seen inwards.
    """

    at: Points
    inwards: Points
    left: Points
    right: Points


@dataclass(frozen=True, eq=False)
class Carried:
    """``values`` (h, w) uint8, 255 on the edges, in the rectangle ``rect`` of the photo; ``count``:
    how many edges they are.
    """

    rect: Rect
    values: NDArray[np.uint8]
    count: int


def strokes(curves: tuple[Points, ...], shape: tuple[int, int], width: int) -> Carried:
    """The curves (n, 2) as strokes of ``width`` pixels on a photo of ``shape`` (H, W)."""
    if not curves:
        return Carried(Rect(0, 0, 0, 0), np.zeros((0, 0), np.uint8), 0)
    points = np.concatenate(curves)
    low, high = np.floor(points.min(axis=0)).astype(int), np.ceil(points.max(axis=0)).astype(int)
    rect = Rect.from_bounds(*(low - width), *(high + width + 1)).intersect(Rect.whole(shape))
    values = np.zeros((rect.h, rect.w), np.uint8)
    corner = np.array([rect.x, rect.y])
    # The photo's pixel (x, y) covers x .. x + 1: OpenCV's is the point (x, y).
    lines = [np.rint((curve - 0.5 - corner) * 16).astype(np.int32) for curve in curves]
    cv2.polylines(values, lines, False, 255, width, cv2.LINE_8, 4)
    return Carried(rect, values, len(curves))


def carried(sight: Sight, knobs: Knobs, progress: Progress) -> tuple[Points, ...]:
    """Curves (n, 2) in the photo's coordinates through the hole in sight, for the edges that the
    Structure panel shows with these ``knobs``. Raises `Cancelled`, and `NothingToCopy` where all
    that is in sight is to be filled.
    """
    progress.check()
    scale = 0.5**sight.level
    soft = soften(sight.mask, round(sight.grow * scale), sight.feather * scale)
    height, width = sight.mask.shape
    hole = np.asarray(soft.over(Rect(0, 0, width, height)) > 0)
    if not hole.any():
        return ()
    image = np.asarray(sight.pixels, np.float32) / np.float32(255)
    edges = canny(image, hole, knobs.sigma, knobs.low, knobs.high)
    progress.check()
    curves = joined(ends(edges, hole, image), hole)
    left, top, right, bottom = sight.extent
    step = np.array([(right - left) / width, (bottom - top) / height])
    return tuple((curve + 0.5) * step + (left, top) for curve in curves)


def ends(
    edges: NDArray[np.bool_], hole: NDArray[np.bool_], image: NDArray[np.float32]
) -> list[End]:
    """The ends at the hole (h, w) bool of ``edges`` (h, w) bool that lead into it; colours are
    those of ``image`` (h, w, 3).
    """
    away = np.asarray(cv2.distanceTransform((~hole).astype(np.uint8), cv2.DIST_L2, 5), np.float64)
    band = edges & (away <= REACH + NEAR)
    _, label = cv2.connectedComponents(band.astype(np.uint8), connectivity=8)
    _, touching = cv2.connectedComponents((band & (away <= NEAR)).astype(np.uint8), connectivity=8)
    parts = np.asarray(touching)
    found = []
    for part in range(1, int(parts.max(initial=0)) + 1):
        rows, columns = np.nonzero(parts == part)
        nearest = int(np.argmin(away[rows, columns]))
        near = np.array([columns[nearest], rows[nearest]], np.float64)
        own = np.asarray(label) == np.asarray(label)[rows[0], columns[0]]
        y, x = np.nonzero(own)
        points = np.stack([x, y], axis=1).astype(np.float64)
        close = np.hypot(*(points - near).T) <= REACH
        end = _end(points[close], near, away, image)
        if end is not None:
            found.append(end)
    return found


def _end(
    points: Points, near: Points, away: NDArray[np.float64], image: NDArray[np.float32]
) -> End | None:
    """What the ``points`` (n, 2) of an edge that comes to the hole at ``near`` say."""
    distance = away[points[:, 1].astype(int), points[:, 0].astype(int)]
    if len(points) < SHORTEST or np.ptp(distance) < SHORTEST:
        return None  # it runs along the hole, or is a mere dot
    middle = points.mean(axis=0)
    _, spread, axes = np.linalg.svd(points - middle, full_matrices=False)
    if spread[1] > 0.35 * spread[0]:
        return None  # several edges meet here: which one leads in?
    inwards = axes[0] if axes[0] @ (near - middle) > 0 else -axes[0]
    start = middle + inwards * ((near - middle) @ inwards)
    for steps in range(math.ceil(2 * NEAR)):
        x, y = np.rint(start + inwards * steps).astype(int)
        if not (0 <= x < away.shape[1] and 0 <= y < away.shape[0]):
            return None
        if away[y, x] == 0:
            normal = np.array([inwards[1], -inwards[0]])  # to the left, as y points down
            left, right = (_colour(points + normal * s * BESIDE, away, image) for s in (1, -1))
            return End(start + inwards * steps, inwards, left, right)
    return None


def _colour(places: Points, away: NDArray[np.float64], image: NDArray[np.float32]) -> Points:
    """The mean colour at the places that are in the picture and known; NaN where none is."""
    x, y = np.rint(places).astype(int).T
    inside = (x >= 0) & (x < image.shape[1]) & (y >= 0) & (y < image.shape[0])
    x, y = x[inside], y[inside]
    known = away[y, x] > 0
    if not known.any():
        return np.full(3, np.nan)
    return np.asarray(image[y[known], x[known]].mean(axis=0), np.float64)


def joined(found: list[End], hole: NDArray[np.bool_]) -> list[Points]:
    """Curves (n, 2) between the ends that belong together, the best first; each is used once."""
    pairs = []
    for a, b in combinations(range(len(found)), 2):
        cost = _cost(found[a], found[b])
        if cost < math.inf:
            curve = _curve(found[a], found[b])
            x, y = np.rint(curve).astype(int).T
            x, y = np.clip(x, 0, hole.shape[1] - 1), np.clip(y, 0, hole.shape[0] - 1)
            if hole[y, x].mean() >= INSIDE:
                pairs.append((cost, a, b, curve))
    used: set[int] = set()
    curves = []
    for _, a, b, curve in sorted(pairs, key=lambda pair: pair[0]):
        if not {a, b} & used:
            used |= {a, b}
            curves.append(curve)
    return curves


def _cost(a: End, b: End) -> float:
    """How unlike one edge two ends are; infinite where they cannot be one."""
    way = b.at - a.at
    length = float(np.linalg.norm(way))
    if length < NEAR:
        return math.inf
    bends = (_angle(a.inwards, way / length), _angle(b.inwards, -way / length))
    # What is to the left when one goes in is to the right when one looks in from the other side.
    colours = [np.abs(a.left - b.right).mean(), np.abs(a.right - b.left).mean()]
    change = max((c for c in colours if math.isfinite(c)), default=0.0)
    if max(bends) > BEND or change > COLOUR:
        return math.inf
    if _turn(a.inwards, way) * _turn(way, -b.inwards) < 0 and min(bends) > STRAIGHT:
        return math.inf  # a double bend: two edges that pass each other
    return sum(bends) / BEND + float(change) / COLOUR


def _curve(a: End, b: End) -> Points:
    """From one end to the other, beginning and ending in their directions: a cubic of Hermite's."""
    length = float(np.linalg.norm(b.at - a.at))
    t = np.linspace(0, 1, max(round(length), 2))[:, None]
    start, stop = a.inwards * length, -b.inwards * length
    return np.asarray(
        (2 * t**3 - 3 * t**2 + 1) * a.at
        + (t**3 - 2 * t**2 + t) * start
        + (3 * t**2 - 2 * t**3) * b.at
        + (t**3 - t**2) * stop
    )


def _turn(u: Points, v: Points) -> float:
    """Positive where one turns right from ``u`` to ``v``."""
    return float(u[0] * v[1] - u[1] * v[0])


def _angle(u: Points, v: Points) -> float:
    return math.acos(min(max(float(u @ v), -1.0), 1.0))
