"""What repeats around the hole: posts of a railing, windows of a row, bricks of a course.

He and Sun, "Statistics of Patch Offsets for Image Completion" (2012), complete a photo with its few
dominant offsets. Here the dominant offset is sought along each band of the photo by itself, as the
posts of one railing stand closer than those of the next: the least shift at which the band's known
part matches itself. Patches are then copied from places in the same phase of it, so that repeated
things stay in step and whole.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from inpaint_core.contract.arrays import BoolMask, FloatImage
from inpaint_core.exemplar.line_continuation import Points
from inpaint_core.local.compiled import vectorised

SIDE = 512
"""Bands are read at about this many samples along the view."""
APART = 2
"""Samples from one band to the next."""
THICK = 10
"""Bands that are averaged; a repetition holds over as many at least."""
SHORTEST = 8
"""The least period, in samples."""
OVERLAP = 0.12
"""A shift counts if at least this share of the band is known at both of its places."""
PLAIN = 1.5 / 255
"""Bands whose mean deviation from their slow changes is less have nothing to repeat."""
SHOWN = 0.5
"""A shift counts if the samples compared deviate at least this share of the usual: where the only
post falls on the hole, plain walls are alike at any shift."""
LIKE = (0.75, 0.45)
"""Differences at the period, relative to those at any shift, at which the strength is 0 and 1."""
MOST_TIMES = 12
"""Up to so many periods are used to measure one."""

_Plane = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Repetition:
    """Periods along the unit vector ``way`` (x, y), for bands across it: a band's middle is at
    ``places`` (n,) from ``origin``; ``periods`` (n,) are 0 where nothing repeats, ``strengths``
    (n,) are 0 to 1. All in pixels of an image whose pixels are ``scale`` pixels of the photo wide.
    """

    origin: Points
    way: Points
    places: _Plane
    periods: _Plane
    strengths: _Plane
    scale: float

    def measure_along(self, x: _Plane, y: _Plane) -> _Plane:
        """How far along the way places of the photo are, in the photo's pixels."""
        u, v = self._centre(x, y)
        return np.asarray((u * self.way[0] + v * self.way[1]) * self.scale, np.float32)

    def read_bands(self, x: _Plane, y: _Plane) -> tuple[_Plane, _Plane]:
        """The period at places of the photo, in the photo's pixels, and its strength."""
        u, v = self._centre(x, y)
        across = v * self.way[0] - u * self.way[1]
        band = np.clip(np.searchsorted(self.places, across), 0, len(self.places) - 1)
        return self.periods[band] * np.float32(self.scale), self.strengths[band]

    def _centre(self, x: _Plane, y: _Plane) -> tuple[_Plane, _Plane]:
        half, scale = np.float32(0.5), np.float32(self.scale)
        return (
            (x + half) / scale - half - self.origin[0],
            (y + half) / scale - half - self.origin[1],
        )


def find_repetition(image: FloatImage, hole: BoolMask, way: Points, scale: float) -> Repetition:
    """What repeats along ``way`` in the bands of ``image`` (h, w, 3) in [0, 1] that cross ``hole``
    (h, w).
    """
    rows, columns = np.nonzero(hole)
    origin = np.array([columns.mean(), rows.mean()], np.float32)
    step = max(1.0, max(hole.shape) / SIDE)
    height, width = hole.shape
    corners = np.array([[0, 0], [width, 0], [0, height], [width, height]], np.float32) - origin
    ends = corners @ way
    across = (rows - origin[1]) * way[0] - (columns - origin[0]) * way[1]
    places = np.arange(across.min(), across.max() + 1, APART * step, dtype=np.float32)
    along = np.arange(ends.min(), ends.max(), step, dtype=np.float32)
    x = (origin[0] + along * way[0] - places[:, None] * way[1]).astype(np.float32)
    y = (origin[1] + along * way[1] + places[:, None] * way[0]).astype(np.float32)
    values, known = _read_bands(image, hole, x, y, step)
    periods, strengths = _find_runs(_compare_shifts(values, known), len(along))
    return Repetition(origin, way, places, periods * np.float32(step), strengths, scale)


def _read_bands(
    image: FloatImage, hole: BoolMask, x: _Plane, y: _Plane, step: float
) -> tuple[_Plane, _Plane]:
    """Luma without its slow changes along each band, 0 where unknown, and 1 where known."""
    grey = cv2.cvtColor(np.clip(image, 0, 1), cv2.COLOR_RGB2GRAY)
    if step > 1:
        grey = cv2.GaussianBlur(grey, (0, 0), step / 2)
    values = cv2.remap(grey, x, y, cv2.INTER_LINEAR)
    seen = (~hole).astype(np.float32)
    share = cv2.remap(seen, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=[0])
    known = (share > 0.99).astype(np.float32)
    window = (x.shape[1] // 8 | 1, 1)
    total = cv2.boxFilter(values * known, -1, window, normalize=False)
    count = cv2.boxFilter(known, -1, window, normalize=False)
    return np.asarray((values - total / np.maximum(count, 1)) * known, np.float32), known


def _compare_shifts(values: _Plane, known: _Plane) -> _Plane:
    """For shifts of `SHORTEST` samples and more, in each band, over samples so far apart: the sum
    of their differences, of their own sizes, and their number, (3, shifts, bands).
    """
    last = max(SHORTEST + 1, values.shape[1] // 2)
    sums = np.zeros((3, last - SHORTEST, len(values)), np.float32)
    _add_differences(values, known, sums)
    window = (min(THICK | 1, 2 * len(values) - 1), 1)
    return np.stack([cv2.blur(each, window) for each in sums])


@vectorised
def _add_differences(values: _Plane, known: _Plane, sums: _Plane) -> None:
    bands, length = values.shape
    for k in range(sums.shape[1]):
        shift = SHORTEST + k
        for band in range(bands):
            one, other = values[band, shift:], values[band, : length - shift]
            here, there = known[band, shift:], known[band, : length - shift]
            apart, size, count = np.float32(0), np.float32(0), np.float32(0)
            for n in range(length - shift):
                both = here[n] * there[n]
                apart += abs(one[n] - other[n]) * both
                size += (abs(one[n]) + abs(other[n])) * both
                count += both
            sums[0, k, band], sums[1, k, band], sums[2, k, band] = apart, size, count


def _find_runs(sums: _Plane, length: int) -> tuple[_Plane, _Plane]:
    """The period and its strength in each band: found in single bands, then measured over the run
    of neighbouring bands of about the same period, so that it is the same in all of them.
    """
    bands = sums.shape[2]
    first = [
        _find_period(sums[..., band], length)[0] if may_repeat else 0.0
        for band, may_repeat in enumerate(_find_candidates(sums, length))
    ]
    periods, strengths = np.zeros(bands, np.float32), np.zeros(bands, np.float32)
    start = 0
    while start < bands:
        end = start
        while end < bands and first[end] > 0 and _are_alike(first[start : end + 1]):
            end += 1
        if end - start >= THICK:
            mean = sums[..., start:end].mean(axis=2)
            periods[start:end], strengths[start:end] = _find_period(mean, length)
        start = max(end, start + 1)
    return periods, strengths


def _find_candidates(sums: _Plane, length: int) -> BoolMask:
    """The bands in which `_find_period` may find a period, all at once: (bands,)."""
    differences, sizes, counts = sums
    known = counts >= OVERLAP * length
    size = sizes / np.maximum(counts, 1)
    known &= size >= SHOWN * _find_medians(size, known)
    mean = differences / np.maximum(sizes, 1e-6)
    lowest = np.where(known, mean, np.float32(np.inf)).min(axis=0)
    return np.asarray(lowest < LIKE[0] * _find_medians(mean, known) * 1.001)


def _find_medians(values: _Plane, known: BoolMask) -> _Plane:
    """The medians (bands,) of the ``known`` values (shifts, bands), infinite where none is."""
    order = np.sort(np.where(known, values, np.float32(np.inf)), axis=0)
    count = np.count_nonzero(known, axis=0)
    at = np.stack([np.maximum(count - 1, 0) // 2, np.minimum(count // 2, len(values) - 1)])
    return np.asarray(np.take_along_axis(order, at, axis=0).mean(axis=0), np.float32)


def _are_alike(periods: list[float]) -> bool:
    return abs(periods[-1] - float(np.median(periods))) <= 0.06 * periods[0] + 1


def _find_period(sums: _Plane, length: int) -> tuple[float, float]:
    """The period of a band, in samples, and its strength; 0 and 0 if there is none."""
    differences, sizes, counts = sums
    known = counts >= OVERLAP * length
    if not known.any():
        return 0.0, 0.0
    size = sizes / np.maximum(counts, 1)
    usual = float(np.median(size[known]))
    if usual < 2 * PLAIN:
        return 0.0, 0.0
    known &= size >= SHOWN * usual
    mean = differences / np.maximum(sizes, 1e-6)
    ratio = np.where(known, mean / np.median(mean[known]), np.float32(np.inf))
    lowest = float(ratio.min())
    dips = np.flatnonzero((ratio[1:-1] <= ratio[:-2]) & (ratio[1:-1] < ratio[2:])) + 1
    dips = dips[ratio[dips] < lowest + 0.35 * (1 - lowest)]
    if lowest >= LIKE[0] or not dips.size or ratio[: dips[0]].max() < 0.9:
        return 0.0, 0.0
    period, times = _refine_period(ratio, int(dips[0]), lowest + 0.5 * (1 - lowest))
    here = float(ratio[dips[0]])
    if times < 2 and here > LIKE[1]:  # once is no repetition, unless it is the very same
        return 0.0, 0.0
    return period, float(np.clip((LIKE[0] - here) / (LIKE[0] - LIKE[1]), 0, 1))


def _refine_period(ratio: _Plane, dip: int, highest: float) -> tuple[float, int]:
    """The period from the farthest multiple of it at which the band still matches itself."""
    period, seen = float(dip + SHORTEST), 1
    for times in range(2, MOST_TIMES + 1):
        middle = round(period * times) - SHORTEST
        if middle + 3 > len(ratio):
            break
        nearest = middle - 2 + int(np.argmin(ratio[middle - 2 : middle + 3]))
        if np.isinf(ratio[nearest]):
            continue
        if ratio[nearest] > highest:
            break
        period, seen = (nearest + SHORTEST) / times, times
    return period, seen
