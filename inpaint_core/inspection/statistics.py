"""A map in figures: inside the hole, in the ring around it, outside; and layer against layer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from inpaint_core.contract.arrays import BoolMask
from inpaint_core.contract.specs import TapPoint
from inpaint_core.inspection.reduction import Features, Plane, reduce

RING = 2
"""Map pixels that the ring around the hole is wide."""

_NEVER_ZERO = 1e-6
"""The share of an even distribution that is mixed in: a divergence from nothing is infinite."""


@dataclass(frozen=True)
class Region:
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
class Statistics:
    """Inside the hole, in the ring around it, and outside both."""

    inside: Region
    ring: Region
    outside: Region

    @property
    def filled(self) -> float:
        """median inside / median outside: near 0 while the hole is empty, near 1 once it is as
        lively as the rest. NaN where either has no pixel or the rest is silent.

        Medians, as a partial convolution makes the few values at the hole's border up to as many
        times larger as its window has pixels (49 in the first layer), which would hide the rest.
        """
        return self.lively(self.inside)

    def lively(self, region: Region) -> float:
        """The median of a region as a multiple of that outside."""
        return region.median / self.outside.median if self.outside.median > 0 else float("nan")


def share_of(hole: BoolMask, shape: tuple[int, int]) -> Plane:
    """How much of each pixel of a map of ``shape`` (h, w) the hole (H, W) bool takes, 0 to 1.

    Map and hole cover the same rectangle.
    """
    height, width = shape
    small = cv2.resize(hole.astype(np.float32), (width, height), interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.float32)


def regions(hole: BoolMask, shape: tuple[int, int]) -> tuple[BoolMask, BoolMask, BoolMask]:
    """The hole, the ring and the rest on a map of ``shape`` (h, w), each (h, w) bool.

    A map pixel is inside where the hole takes half of it or more. The ring is what is at most
    `RING` map pixels from a pixel that the hole touches, and not inside.
    """
    share = share_of(hole, shape)
    inside = share >= 0.5
    kernel = np.ones((2 * RING + 1, 2 * RING + 1), np.uint8)
    near = cv2.dilate((share > 0).astype(np.uint8), kernel) > 0
    ring = np.asarray(near & ~inside)
    return inside, ring, ~(inside | ring)


def statistics(maps: Sequence[tuple[Features, BoolMask]]) -> Statistics:
    """The figures of one tap over all its tiles: ``maps`` are pairs of a map (C, h, w) and the
    hole (H, W) bool over the same rectangle.
    """
    found = [regions(hole, (m.shape[1], m.shape[2])) for m, hole in maps]
    return Statistics(
        *(
            _region([m[:, each[k]] for (m, _), each in zip(maps, found, strict=True)])
            for k in range(3)
        )
    )


def _region(parts: Sequence[Features]) -> Region:
    """``parts`` are (C, n) each, n pixels of one tile."""
    pixels = sum(part.shape[1] for part in parts)
    if pixels == 0:
        return Region(0, *[float("nan")] * 5)
    values = np.concatenate([part.astype(np.float32) for part in parts], axis=1)
    norms = np.sqrt(np.square(values).sum(axis=0))
    return Region(
        pixels,
        float(values.mean(dtype=np.float64)),
        float(values.std(dtype=np.float64)),
        float(np.sqrt(np.square(values).mean(dtype=np.float64))),
        float(np.median(norms)),
        float(np.mean(norms == 0)),
    )


def divergence_map(earlier: Features, later: Features) -> Plane:
    """Where the activity of two layers is placed differently: p ln(p / q), (h, w), in nats.

    p and q are the L2 norms of the channels of ``earlier`` and ``later`` (C, h, w, each with its
    own C and size, over the same rectangle), brought to the smaller size of both by area and
    divided by their sum. Its sum is the Kullback-Leibler divergence D(p || q), which is never
    negative; single pixels can be. Source: the comparison of adjacent layers in the TSGL paper's
    figures 9, 10 and 12; the distributions are ours, so that layers of any width can be compared.
    """
    shape = (min(earlier.shape[1], later.shape[1]), min(earlier.shape[2], later.shape[2]))
    p, q = (_placed(m, shape) for m in (earlier, later))
    return np.asarray(p * np.log(p / q), np.float32)


def divergence(earlier: Features, later: Features) -> float:
    """The Kullback-Leibler divergence of two layers in nats: the sum of `divergence_map`."""
    return float(divergence_map(earlier, later).sum(dtype=np.float64))


def _placed(features: Features, shape: tuple[int, int]) -> Plane:
    """The share (h, w) of a map's activity in each pixel; the sum is 1."""
    loud = reduce(features, "norm").astype(np.float64)
    if loud.shape != shape:
        loud = np.asarray(cv2.resize(loud, shape[::-1], interpolation=cv2.INTER_AREA))
    total = loud.sum()
    even = np.full(shape, 1 / loud.size)
    share = loud / total if total > 0 else even
    return np.asarray((1 - _NEVER_ZERO) * share + _NEVER_ZERO * even)


def chains(taps: Sequence[TapPoint]) -> tuple[tuple[TapPoint, ...], ...]:
    """The taps that follow each other in one part of the network, as "local-1" and "local-2"; in
    the order they were declared in, parts of a single tap left out.
    """
    parts: dict[str, list[TapPoint]] = {}
    for tap in taps:
        part, _, number = tap.name.rpartition("-")
        parts.setdefault(part if number.isdigit() else tap.name, []).append(tap)
    return tuple(tuple(part) for part in parts.values() if len(part) > 1)
