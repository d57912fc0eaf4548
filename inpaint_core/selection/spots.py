"""Spots that do not belong to the scene: dust on the sensor, dirt, blemishes.

Spots are blobs, found over position and size as the extrema of differences of Gaussians
(Lindeberg, “Feature detection with automatic scale selection”, IJCV 1998; Lowe, “Distinctive image
features from scale-invariant keypoints”, IJCV 2004), that are round, closed, and stand out from
what is around them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from inpaint_core.contract.arrays import Pixels
from inpaint_core.contract.geometry import Rect
from inpaint_core.contract.progress import Progress
from inpaint_core.selection.grey import to_grey
from inpaint_core.selection.mark import Mark
from inpaint_core.selection.spot_looks import (
    judge_looks,
    measure_alone,
    measure_looks,
    measure_tint,
    read_profiles,
)

Floats = NDArray[np.float32]

_FIRST_SIDE = 3200  # the longer side of the photo at which the smallest spots are looked for
_SIGMAS = (1.13, 1.6, 2.26)
_RADII = (1.9, 2.7)  # of the blobs that stand out most between two of them, in samples
_LARGEST = 0.012  # radius, of the photo's longer side
_LEAST_CONTRAST = 1.5  # levels
_MOST_CANDIDATES = 3000  # of a size
_CONFIRMED = 0.4  # of the doubt is left when another photo has the spot too
_RIM = 1.15  # the mark's radius, relative to the spot's
_PLAIN = 1.5  # times the unrest around it: what is as strong is seen where it was clicked on


@dataclass(frozen=True)
class Spot:
    """A spot around (x, y) with its ``radius`` in pixels.

    ``contrast``: levels brighter (darker when negative) than its surroundings. ``certainty`` 0 ..
    1 grows with the contrast and falls with the unrest of the surroundings. ``seen_in``: how many
    other photos have a spot at the same place.
    """

    x: float
    y: float
    radius: float
    contrast: float
    certainty: float
    seen_in: int = 0

    def measure_away(self, point: tuple[float, float]) -> float:
        """The distance in pixels from its middle to ``point`` (x, y)."""
        return math.hypot(self.x - point[0], self.y - point[1])

    def blurs(self, other: Spot, most: float) -> bool:
        """Whether it may be what a larger size sees of ``other``, or that itself, which is up to
        ``most`` times as strong.
        """
        near = other.measure_away((self.x, self.y)) < 0.5 * self.radius
        return near and abs(other.contrast) <= most * abs(self.contrast)

    def draw(self, shape: tuple[int, int]) -> Mark | None:
        """A round mark with a soft edge that covers the spot; None outside of the photo (H, W)."""
        reach = self.radius * _RIM + 1.5
        bounds = (self.x - reach, self.y - reach, self.x + reach, self.y + reach)
        rect = Rect.from_bounds(
            math.floor(bounds[0]), math.floor(bounds[1]), math.ceil(bounds[2]), math.ceil(bounds[3])
        ).intersect(Rect.whole(shape))
        if rect.is_empty:
            return None
        y, x = np.mgrid[rect.y : rect.bottom, rect.x : rect.right].astype(np.float32)
        away = np.hypot(x + 0.5 - np.float32(self.x), y + 0.5 - np.float32(self.y))
        strength = np.clip(reach + 0.5 - away, 0, 1) * 255
        return Mark(rect, np.round(strength).astype(np.uint8), self.certainty)


def find_spots(pixels: Pixels, progress: Progress | None = None) -> list[Spot]:
    """All that may be a spot in ``pixels`` (H, W, 3) uint8 or uint16, the most certain first.

    Raises `Cancelled`.
    """
    return _drop_repeated(_list_spots(pixels, progress or Progress(), are_clear=True))


def _list_spots(pixels: Pixels, progress: Progress, are_clear: bool) -> list[Spot]:
    """The spots of all sizes, each as often as it was found; unless they ``are_clear``, those too
    that barely stand out from what is around them.
    """
    grey = to_grey(pixels)
    first = max(1, math.ceil(max(grey.shape) / _FIRST_SIDE))
    largest = max(_LARGEST * max(grey.shape), 8.0)
    found: list[Spot] = []
    step, level = first, np.asarray(_reduce(grey, first), np.float32)
    while _RADII[0] * step <= largest and min(level.shape) >= 24:
        progress.report(min(step / largest, 1.0))
        found += _find_in_octave(pixels, level, step, progress, are_clear)
        level, step = _reduce(level, 2), step * 2
    return found


def find_spot_at(
    pixels: Pixels, x: float, y: float, reach: float, progress: Progress | None = None
) -> Spot | None:
    """The spot that (x, y) lies in; else the one that stands out most within ``reach`` pixels,
    however little.

    Raises `Cancelled`.
    """
    progress = progress or Progress()
    whole = Rect.whole(pixels.shape)
    side = math.ceil(reach * 6 + 24)
    around = Rect(math.floor(x) - side, math.floor(y) - side, 2 * side, 2 * side).intersect(whole)
    if around.is_empty:
        return None
    part, at = pixels[around.slices], (x - around.x, y - around.y)
    found = _find_under(_list_spots(part, progress, are_clear=False), at, reach)
    if found is None:
        spots = find_spots(part, progress)
        near = [spot for spot in spots if spot.measure_away(at) <= max(reach, spot.radius)]
        found = max(near, key=lambda spot: abs(spot.contrast), default=None)
    return None if found is None else replace(found, x=found.x + around.x, y=found.y + around.y)


def _find_under(spots: list[Spot], at: tuple[float, float], reach: float) -> Spot | None:
    """The spot with a radius up to ``reach`` that ``at`` lies in and that stands out most."""
    others = [spot for spot in spots if spot.measure_away(at) > spot.radius]
    best: Spot | None = None
    for spot in spots:
        if not spot.measure_away(at) <= spot.radius <= reach:
            continue
        if best is not None and abs(spot.contrast) <= abs(best.contrast):
            continue
        # A larger size also sees what is stronger beside it, blurred.
        if not any(spot.blurs(other, math.inf) and not spot.blurs(other, 2) for other in others):
            best = spot
    if best is None:
        return None
    # The click may lie just beside the spot, and only in what a larger size sees of it.
    return max((s for s in spots if best.blurs(s, 2)), key=lambda spot: abs(spot.contrast))


def confirm_spots(
    spots: Sequence[Spot], others: Sequence[Sequence[Spot]], photo_side: int
) -> list[Spot]:
    """``spots`` of one photo, surer where ``others``, photos of the same size taken with the same
    camera, have a spot of the same kind at the same place: dust stays on the sensor.

    ``photo_side``: the longer side in pixels.
    """
    away = 0.002 * photo_side + 2
    confirmed = []
    for spot in spots:
        seen = sum(any(_is_same(spot, other, away) for other in photo) for photo in others)
        doubt = (1 - spot.certainty) * _CONFIRMED**seen
        confirmed.append(replace(spot, certainty=1 - doubt, seen_in=seen))
    return sorted(confirmed, key=lambda spot: -spot.certainty)


def least_certainty(sensitivity: float) -> float:
    """From which certainty on spots count at a ``sensitivity`` 0 .. 100."""
    return 0.85 - 0.005 * sensitivity


def _is_same(spot: Spot, other: Spot, away: float) -> bool:
    near = math.hypot(spot.x - other.x, spot.y - other.y) <= away + 0.5 * spot.radius
    return near and spot.contrast * other.contrast > 0 and 0.4 < spot.radius / other.radius < 2.5


def _find_in_octave(
    pixels: Pixels, level: Floats, step: int, progress: Progress, are_clear: bool
) -> list[Spot]:
    """The spots of two sizes in ``level`` (h, w), ``pixels`` (H, W, 3) reduced by ``step``."""
    blurred = [cv2.GaussianBlur(level, (0, 0), sigma) for sigma in _SIGMAS]
    spots = []
    for radius, fine, coarse in zip(_RADII, blurred, blurred[1:], strict=False):
        progress.check()
        difference = np.asarray(cv2.absdiff(fine, coarse), np.float32)
        unrest = cv2.blur(difference, (2 * round(6 * radius) + 1,) * 2)
        peaks = difference >= cv2.dilate(difference, np.ones((3, 3), np.uint8))
        if are_clear:
            peaks &= difference > 3 * unrest + np.float32(0.1 * _LEAST_CONTRAST)
        y, x = np.nonzero(peaks)
        if len(y) > _MOST_CANDIDATES:
            value = difference[y, x] / (unrest[y, x] + np.float32(0.2))
            strongest = np.argsort(-value, kind="stable")[:_MOST_CANDIDATES]
            y, x = y[strongest], x[strongest]
        if len(y):
            alone = measure_alone(difference, y, x, radius)
            least = 0.0 if are_clear else _PLAIN
            spots += _judge(pixels, np.asarray(fine, np.float32), y, x, alone, radius, step, least)
    return spots


def _judge(
    pixels: Pixels,
    level: Floats,
    y: NDArray[np.intp],
    x: NDArray[np.intp],
    alone: Floats,
    radius: float,
    step: int,
    least: float,
) -> list[Spot]:
    """Those of the blobs at ``y``, ``x`` (N,) that are closed and stronger than ``least`` times the
    unrest around them, with how sure they are.
    """
    profiles, inside = read_profiles(level, y, x, radius)
    y, x, alone, profiles = y[inside], x[inside], alone[inside], profiles[inside]
    if not len(y):
        return []
    looks = measure_looks(profiles)
    good = (looks.closed < 0.9) & (looks.round > 0) & (np.abs(looks.contrast) >= _LEAST_CONTRAST)
    good &= (looks.end > 0) & (np.abs(looks.contrast) >= least * looks.unrest)
    y, x, alone, looks = y[good], x[good], alone[good], looks.pick(good)
    tint = measure_tint(pixels, y, x, radius * step, step)
    certainty = judge_looks(looks, alone, tint, radius * step / max(pixels.shape[:2]))
    return [
        Spot(
            float((x[k] + 0.5) * step),
            float((y[k] + 0.5) * step),
            float(looks.end[k]) * radius * step,
            float(looks.contrast[k]),
            float(certainty[k]),
        )
        for k in range(len(y))
    ]


def _drop_repeated(spots: list[Spot]) -> list[Spot]:
    """One spot where several sizes found the same one: the smallest of the most certain."""
    kept: list[Spot] = []
    cells: dict[tuple[int, int], list[Spot]] = {}
    cell = max((spot.radius for spot in spots), default=1.0) * 2
    # A larger size sees a spot less sharply, and so makes it larger.
    for spot in sorted(spots, key=lambda s: (-round(10 * s.certainty), s.radius, s.y, s.x)):
        column, row = int(spot.x // cell), int(spot.y // cell)
        near = [
            other
            for c in (column - 1, column, column + 1)
            for r in (row - 1, row, row + 1)
            for other in cells.get((c, r), ())
        ]
        if all(math.hypot(spot.x - o.x, spot.y - o.y) > max(spot.radius, o.radius) for o in near):
            kept.append(spot)
            cells.setdefault((column, row), []).append(spot)
    return sorted(kept, key=lambda s: (-s.certainty, s.y, s.x))


def _reduce(level: NDArray[np.uint8] | Floats, step: int) -> Floats:
    """``level`` (h, w), reduced by ``step``."""
    if step == 1:
        return np.asarray(level, np.float32)
    size = (max(1, level.shape[1] // step), max(1, level.shape[0] // step))
    return np.asarray(cv2.resize(level, size, interpolation=cv2.INTER_AREA), np.float32)
