"""What the numbers of a mask mean: which level is keep, and which is remove."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from inpaint_core.contract.arrays import Pixels

FLOOR, LOSSY_FLOOR = 8, 16
"""Levels (of 255) next to keep and to remove that count as these: mattes of networks and lossy
files hardly ever reach 0 and 255. Lossy formats at quality 75 go some 20 levels astray."""

_MOST_NOISE = 24  # levels of 255
_NOISY = 0.4  # share of what is near an end without being there; wide soft edges have less
_TOLERANCE = 0.05  # of the range between keep and remove, around each of the two
_LEAST_RANGE = 16 / 255  # between two levels that are not the mask's only values
_BEYOND = 0.02  # share of pixels outside of the two levels
_OFF_AXIS = 0.12  # distance of a colour from the line between the two, in parts of its length
_STRIP = 1 << 23  # pixels


@dataclass(frozen=True)
class MaskLevels:
    """The two levels of a mask, and the ``least`` and ``most`` that occur, all of 0..``full``.

    ``are_two``: nearly all pixels have one of two levels, ``keep`` and ``remove``, or lie on an
    edge between the two. Otherwise every value is a strength of its own, and the levels are 0 and
    ``full``. Strengths (0 .. 255) of at most ``floor``, or within ``ceiling`` of 255, count as the
    end.
    """

    keep: int
    remove: int
    least: int
    most: int
    full: int
    are_two: bool
    floor: int
    ceiling: int

    def make_table(self) -> NDArray[np.uint8]:
        """The strength (0 keep .. 255 remove) of each value 0..``full``, soft edges kept."""
        values = np.arange(self.full + 1, dtype=np.float64)
        strengths = np.rint(np.clip((values - self.keep) / (self.remove - self.keep), 0, 1) * 255)
        strengths[strengths <= self.floor] = 0
        strengths[strengths >= 255 - self.ceiling] = 255
        return strengths.astype(np.uint8)

    def recolour(self, darker: float, brighter: float) -> MaskLevels:
        """The levels that were found between two colours, as the brightness of these."""
        keep, remove = (
            round(darker + (brighter - darker) * level / self.full)
            for level in (self.keep, self.remove)
        )
        return replace(self, keep=keep, remove=remove, are_two=True)


def find_levels(light: Pixels, floor: int = FLOOR) -> MaskLevels:
    """The levels of a mask's brightness (H, W), whatever its two numbers are.

    A mask with just two values has these as its levels. One with more has two levels where most
    of its darker and most of its brighter half lie close together, and no third level stands out.
    """
    full = int(np.iinfo(light.dtype).max)
    counts = count_values(light)
    values = np.flatnonzero(counts)
    least, most = int(values[0]), int(values[-1])
    ends = _find_noise(counts, floor), _find_noise(counts[::-1], floor)
    usual = MaskLevels(0, full, least, most, full, False, *ends)
    if len(values) == 1:
        return usual
    if len(values) == 2:
        return MaskLevels(least, most, least, most, full, True, floor, floor)
    middle = (least + most) // 2
    keep, remove = _median(counts[: middle + 1]), middle + 1 + _median(counts[middle + 1 :])
    margin = floor * full / 255
    if keep <= margin and remove >= full - margin:
        return usual
    if remove - keep < _LEAST_RANGE * full or not _are_plateaus(counts, keep, remove, middle):
        return usual
    floor = max(floor, round(255 * _TOLERANCE))
    return MaskLevels(keep, remove, least, most, full, True, floor, floor)


def _find_noise(counts: NDArray[np.int64], floor: int) -> int:
    """How many levels (of 255) from the first value on are noise: at least ``floor``, and more
    where noise is spread over most of the values' half at that end.
    """
    unit = (len(counts) - 1) / 255
    near = counts[: int(_MOST_NOISE * unit) + 1]
    is_most = near.sum() >= counts[: len(counts) // 2].sum() / 2
    if not is_most or near[round(unit) :].sum() < _NOISY * near.sum():
        return floor
    reach = int(np.searchsorted(np.cumsum(near), near.sum() * 0.995))
    return min(max(floor, int(np.ceil(reach / unit)) + 1), _MOST_NOISE)


def _are_plateaus(counts: NDArray[np.int64], keep: int, remove: int, middle: int) -> bool:
    unit = (len(counts) - 1) / 255
    reach = int((remove - keep) * _TOLERANCE)
    if remove - keep >= 32 * unit:
        reach = max(reach, int(3 * unit))  # as lossy files have it
    dark = int(counts[max(keep - reach, 0) : keep + reach + 1].sum())
    bright = int(counts[remove - reach : remove + reach + 1].sum())
    if 2 * dark < counts[: middle + 1].sum() or 2 * bright < counts[middle + 1 :].sum():
        return False
    above, below = counts[remove + 2 * reach + 1 :].sum(), counts[: max(keep - 2 * reach, 0)].sum()
    if above > _BEYOND * bright or below > _BEYOND * dark:
        return False
    between = counts[keep + 2 * reach + 1 : remove - 2 * reach]
    width = max(reach, 1)
    peaks = np.add.reduceat(between, np.arange(0, len(between), width)) if len(between) else between
    return bool(peaks.max(initial=0) <= min(dark, bright) / 4)


def count_values(values: Pixels) -> NDArray[np.int64]:
    """How often each value occurs, (256,) or (65536,); in strips, as counting takes much memory."""
    size = int(np.iinfo(values.dtype).max) + 1
    counts = np.zeros(size, np.int64)
    for rows in _strips(values):
        counts += np.bincount(values[rows].ravel(), minlength=size)
    return counts


def _median(counts: NDArray[np.int64]) -> int:
    return int(np.searchsorted(np.cumsum(counts), counts.sum() / 2))


def measure_between_colours(pixels: Pixels) -> tuple[NDArray[np.uint8], float, float] | None:
    """Where each pixel (H, W, 3) lies between a mask's two colours: (H, W) from 0, the darker, to
    255, the brighter, and the brightness of both. None where there are not two colours.

    Nearly all pixels must be blends of the two. Red on black is a mask just as white on black.
    """
    full, most = int(np.iinfo(pixels.dtype).max), int(pixels.max())
    if _colourfulness(pixels) < 0.1 * most or most == 0:
        return None  # grey, or as good as
    scale = 1.0 if full == 255 else most / 255
    counts = np.zeros(1 << 24, np.int64)
    for rows in _strips(pixels):
        counts += np.bincount(_pack(pixels[rows], scale).ravel(), minlength=1 << 24)
    found = np.flatnonzero(counts)
    weights = counts[found]
    colours = np.stack((found >> 16, found >> 8 & 255, found & 255), axis=1).astype(np.float32)
    first = _commonest(colours, weights)
    distances = np.linalg.norm(colours - first, axis=1)
    far = distances > distances.max() / 2
    if not far.any():
        return None
    keep, remove = sorted((first, _commonest(colours[far], weights[far])), key=_luma)
    axis = remove - keep
    length = float(np.linalg.norm(axis))
    part = (colours - keep) @ (axis / length**2)
    beside = np.linalg.norm(colours - keep - part[:, np.newaxis] * axis, axis=1)
    off = weights[beside > _OFF_AXIS * length].sum()
    if off > 0.02 * weights.sum() or off > 0.35 * weights[distances > 0.1 * length].sum():
        return None
    table = np.zeros(1 << 24, np.uint8)
    table[found] = np.rint(np.clip(part, 0, 1) * 255)
    along = np.empty(pixels.shape[:2], np.uint8)
    for rows in _strips(pixels):
        along[rows] = table[_pack(pixels[rows], scale)]
    to_255 = scale * 255 / full
    return along, _luma(keep) * to_255, _luma(remove) * to_255


def _colourfulness(pixels: Pixels) -> int:
    red, green, blue = cv2.split(pixels)
    return max(int(cv2.absdiff(one, two).max()) for one, two in ((red, green), (green, blue)))


def _pack(pixels: Pixels, scale: float) -> NDArray[np.uint32]:
    """Each colour, divided by ``scale``, as one number of 24 bits."""
    values = pixels if scale == 1 else np.rint(pixels / scale)
    red, green, blue = (values[..., channel].astype(np.uint32) for channel in range(3))
    return np.asarray(red << 16 | green << 8 | blue, np.uint32)


def _commonest(colours: NDArray[np.float32], weights: NDArray[np.int64]) -> NDArray[np.float32]:
    """The mean (3,) of the colours in the fullest of 32 x 32 x 32 cells."""
    width = max(float(colours.max()) / 31, 1)
    cells = (colours / width).astype(np.int64) @ np.array((1024, 32, 1))
    here = cells == np.bincount(cells, weights).argmax()
    return np.asarray(np.average(colours[here], axis=0, weights=weights[here]), np.float32)


def _luma(colour: NDArray[np.float32]) -> float:
    return float(colour @ np.array((0.299, 0.587, 0.114), np.float32))


def _strips(values: Pixels) -> Iterator[slice]:
    step = max(1, _STRIP // values.shape[1])
    return (slice(top, top + step) for top in range(0, values.shape[0], step))
