"""Maps in figures: statistics by region, divergence between layers, spatial frequencies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from inpaint_core.contract.arrays import BoolMask
from inpaint_core.contract.specs import TapPoint
from inpaint_core.inspection.reduction import Features, Plane, reduce_channels

RING = 2
"""Width of the ring around the hole in map pixels."""

_NEVER_ZERO = 1e-6
"""The share of a uniform distribution mixed in, as a divergence from 0 is infinite."""


@dataclass(frozen=True)
class RegionStatistics:
    """Values of all channels in one region: how many ``pixels`` of the map it has, the values'
    ``mean``, standard deviation ``std`` and root mean square ``rms``; the ``median`` over pixels of
    the channels' L2 norm, and the share of pixels whose channels are all exactly 0 (``silent``).
    NaN where the region has no pixel.
    """

    pixels: int
    mean: float
    std: float
    rms: float
    median: float
    silent: float


@dataclass(frozen=True)
class MapStatistics:
    """Inside the hole, in the ring around it, and outside both."""

    inside: RegionStatistics
    ring: RegionStatistics
    outside: RegionStatistics

    @property
    def filled(self) -> float:
        """Median inside / median outside: near 0 while the hole is empty, near 1 once it is as
        active as the rest. NaN if either has no pixel or the rest is silent.

        Medians, because a partial convolution makes the few values at the hole's border larger by
        up to the number of pixels in its window (49 in the first layer), which would hide the rest.
        """
        return self.relative_activity(self.inside)

    def relative_activity(self, region: RegionStatistics) -> float:
        """The median of a region divided by that outside."""
        return region.median / self.outside.median if self.outside.median > 0 else float("nan")


def hole_share(hole: BoolMask, shape: tuple[int, int]) -> Plane:
    """How much of each pixel of a map of ``shape`` (h, w) the hole (H, W) bool covers, 0 to 1.

    Map and hole cover the same rectangle.
    """
    height, width = shape
    small = cv2.resize(hole.astype(np.float32), (width, height), interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.float32)


def find_regions(hole: BoolMask, shape: tuple[int, int]) -> tuple[BoolMask, BoolMask, BoolMask]:
    """The hole, the ring and the rest on a map of ``shape`` (h, w), each (h, w) bool.

    A map pixel is inside if the hole covers half of it or more. The ring is everything else at
    most `RING` map pixels from a pixel that the hole touches.
    """
    share = hole_share(hole, shape)
    inside = share >= 0.5
    kernel = np.ones((2 * RING + 1, 2 * RING + 1), np.uint8)
    near = cv2.dilate((share > 0).astype(np.uint8), kernel) > 0
    ring = np.asarray(near & ~inside)
    return inside, ring, ~(inside | ring)


def measure_map(maps: Sequence[tuple[Features, BoolMask]]) -> MapStatistics:
    """The figures of one tap over all its tiles: ``maps`` are pairs of a map (C, h, w) and the
    hole (H, W) bool over the same rectangle.
    """
    found = [find_regions(hole, (m.shape[1], m.shape[2])) for m, hole in maps]
    return MapStatistics(
        *(
            _measure_region([m[:, each[k]] for (m, _), each in zip(maps, found, strict=True)])
            for k in range(3)
        )
    )


def _measure_region(parts: Sequence[Features]) -> RegionStatistics:
    """``parts`` are (C, n) each, n pixels of one tile."""
    pixels = sum(part.shape[1] for part in parts)
    if pixels == 0:
        return RegionStatistics(0, *[float("nan")] * 5)
    values = np.concatenate([part.astype(np.float32) for part in parts], axis=1)
    norms = np.sqrt(np.square(values).sum(axis=0))
    return RegionStatistics(
        pixels,
        float(values.mean(dtype=np.float64)),
        float(values.std(dtype=np.float64)),
        float(np.sqrt(np.square(values).mean(dtype=np.float64))),
        float(np.median(norms)),
        float(np.mean(norms == 0)),
    )


def divergence_map(earlier: Features, later: Features) -> Plane:
    """Where two layers distribute their activity differently: p ln(p / q), (h, w), in nats.

    p and q are the L2 norms over the channels of ``earlier`` and ``later`` (C, h, w, each with its
    own C and size, over the same rectangle), resized by area to the smaller size and normalised to
    sum 1. The sum of the map is the Kullback-Leibler divergence D(p || q), which is never negative,
    although single pixels can be. The TSGL paper compares vectors of channels instead, see
    `inpaint_core.inspection.figures.channel_vectors`; this is ours, so that layers of any width can
    be compared.
    """
    shape = (min(earlier.shape[1], later.shape[1]), min(earlier.shape[2], later.shape[2]))
    p, q = (_activity_share(m, shape) for m in (earlier, later))
    return np.asarray(p * np.log(p / q), np.float32)


def divergence(earlier: Features, later: Features) -> float:
    """The Kullback-Leibler divergence of two layers in nats: the sum of `divergence_map`."""
    return float(divergence_map(earlier, later).sum(dtype=np.float64))


def _activity_share(features: Features, shape: tuple[int, int]) -> Plane:
    """The share (h, w) of a map's activity in each pixel; the sum is 1."""
    loud = reduce_channels(features, "norm").astype(np.float64)
    if loud.shape != shape:
        loud = np.asarray(cv2.resize(loud, shape[::-1], interpolation=cv2.INTER_AREA))
    total = loud.sum()
    even = np.full(shape, 1 / loud.size)
    share = loud / total if total > 0 else even
    return np.asarray((1 - _NEVER_ZERO) * share + _NEVER_ZERO * even)


def find_chains(taps: Sequence[TapPoint]) -> tuple[tuple[TapPoint, ...], ...]:
    """The taps grouped by part of the network, such as "local-1" and "local-2", in the order of
    declaration; parts with a single tap are left out.
    """
    parts: dict[str, list[TapPoint]] = {}
    for tap in taps:
        part, _, number = tap.name.rpartition("-")
        parts.setdefault(part if number.isdigit() else tap.name, []).append(tap)
    return tuple(tuple(part) for part in parts.values() if len(part) > 1)


def spectrum(features: Features) -> Plane:
    """ln(1 + |F|), (h, w), the zero frequency at ``[h // 2, w // 2]``.

    ``features`` (h, w), or (C, h, w): then |F| is the mean of the channels' magnitudes. F is the
    discrete Fourier transform without a factor. Source: the TSGL paper's figures 9 and 16.
    """
    maps = features[None] if features.ndim == 2 else features
    total = np.zeros(maps.shape[1:])
    for plane in maps:  # one at a time: all channels at once would be gigabytes of complex numbers
        total += np.abs(np.fft.fft2(plane.astype(np.float64)))
    return np.asarray(np.log1p(np.fft.fftshift(total / len(maps))), np.float32)
