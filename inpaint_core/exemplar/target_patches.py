"""The patches of one scale that touch the hole, and the source that each of them matches."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from inpaint_core.contract.arrays import BoolMask, FloatImage
from inpaint_core.contract.geometry import Rect
from inpaint_core.exemplar import patch_kernels as kernels
from inpaint_core.exemplar import vote_kernels
from inpaint_core.exemplar.patch_kernels import Floats, Ints
from inpaint_core.exemplar.pyramid import GUIDED, VOTED, PyramidLevel, find_whole_patches
from inpaint_core.exemplar.thread_team import ThreadTeam
from inpaint_core.local.vectors import LANES
from inpaint_core.raster.distance import measure_distance

CONFIDENCE = 3.0
"""The weight of a vote falls with this power of its depth in the hole, so that the known border is
continued inwards. Newson et al. 2014 (section 3.4) use 1.3 ** -depth, whose fills are further from
the truth (patch distance 9.9 against 8.5 on 32 photos); 4 ** -depth is closer (7.9) but leaves a
ridge where the fronts meet."""

REUSE = 0.3
REUSE_FREE = 2.0
"""A source used more than `REUSE_FREE` times costs this share of the median distance more per
further use (occurrence penalty of Kaspar et al., "Self Tuning Texture Optimization", 2015)."""

GRAIN = 5.0
"""Contrast, in 8-bit levels, that counts as none."""

CONTRAST = 1.0
GUIDED_CONTRAST = 1.75
"""The power of a match's contrast by which its cost is divided, without and with a guide. Without
one, nothing else keeps small objects of strong contrast out of plain surroundings."""

AVERAGE_SIGMA_SHARE = 1 / 16
"""Standard deviation of `TargetPatches.average_around`, as a share of the short side."""

_SAMPLED = 4096  # values from which quantiles are read

_VOTES = 4096  # pixels of the hole in the rows of a block, about

_ROWS = 32  # of a block whose contrast is measured

_PEEL_WORK = 3_000_000  # patch comparisons of one onion peel, about 0.1 s


class TargetPatches:
    """Matches of the patches of ``level`` with radius ``r``; the level's hole is filled in place.

    Patches lie wholly inside the image: a pixel near the photo's border is covered by patches whose
    centres are a radius away from the border.
    """

    def __init__(self, level: PyramidLevel, r: int) -> None:
        self._level, self._r = level, r
        self._power = np.float32(GUIDED_CONTRAST if level.guided else CONTRAST)
        self._flat = level.f.reshape(-1)
        height, width, channels = level.shape
        self._q = np.zeros(self._flat.size + LANES, np.int16)
        kernels.quantise(self._flat, self._q)
        self._means = np.zeros((height, width, kernels.MEANS), np.uint8)
        self._average_patches(Rect.whole(level.hole.shape))
        self._mask = kernels.build_row_mask(channels, r)
        inside = np.zeros((height, width), bool)
        inside[r : height - r, r : width - r] = True
        box = np.ones((2 * r + 1, 2 * r + 1), np.uint8)
        touched = cv2.dilate(level.hole.astype(np.uint8), box) > 0
        self._box = Rect.bounding(touched & inside)
        self.valid: BoolMask = find_whole_patches(level.source, r)
        self._barred = np.where(self.valid, np.float32(0), np.float32(np.inf))
        self.sources = np.flatnonzero(self.valid)
        self.ys, self.xs = _find_points(touched & inside)
        self.index: Ints = np.full((height, width), -1, np.int32)
        self.index[self.ys, self.xs] = np.arange(self.ys.size, dtype=np.int32)
        self.match: Ints = np.full((self.ys.size, 2), -1, np.int32)
        self.cost: Floats = np.zeros(self.ys.size, np.float32)
        self._contrast: Floats | None = None
        self.py, self.px = _find_points(level.hole)
        self._starts, self._pixel_starts = (_find_rows(y, height) for y in (self.ys, self.py))
        # A line through the hole counts as its border, so that both sides are made to fit it.
        unsure = level.hole & ~level.line
        depth = measure_distance(np.pad(unsure, 1))[1:-1, 1:-1][self.ys, self.xs]
        self._confidence: Floats = np.power(1 + depth, -CONFIDENCE, dtype=np.float32)
        self._alignment = level.alignment.read_at(level.hole, self.ys, self.xs, r)

    def find_nearest(self, y: Ints, x: Ints) -> Ints:
        """The number of the target whose centre is closest to each pixel, or -1."""
        height, width, _ = self._level.shape
        r = self._r
        return np.asarray(self.index[np.clip(y, r, height - r - 1), np.clip(x, r, width - r - 1)])

    def carry(self, coarser: TargetPatches) -> None:
        """Take over the matches of the next coarser level, with doubled offsets."""
        j = coarser.find_nearest(self.ys // 2, self.xs // 2)
        offset = coarser.match[j] - np.stack([coarser.ys[j], coarser.xs[j]], 1)
        guess = np.stack([self.ys, self.xs], 1) + 2 * offset
        self.match = np.where(j[:, None] >= 0, guess, -1).astype(np.int32)

    def complete(self, seed: int, team: ThreadTeam) -> None:
        """Replace every match that is not a source by a random source."""
        patches = self._level.shape, self._r, self.valid, self.sources, self.match
        team.run(self.ys.size, kernels.complete, *patches, seed)

    def search(self, radius: int, forward: bool, seed: int, team: ThreadTeam) -> None:
        """One pass of PatchMatch, with random search from ``radius`` pixels down to one."""
        before = self.match.copy()
        self._average_patches(self._box)
        penalty = self._measure_reuse()
        team.run(
            self.ys.size, kernels.search, self._q, self._mask, self._level.shape, self._r,
            self.ys, self.xs, self.index, self.match, self.cost, before,
            self._means.reshape(-1), penalty, *self._alignment, radius, forward, seed,
        )  # fmt: skip

    def _average_patches(self, box: Rect) -> None:
        """Renew the means of the patches around the pixels of ``box``."""
        whole = Rect.whole(self._level.hole.shape)
        read = box.grow(self._r).intersect(whole)
        steps = self._q[: self._flat.size].reshape(self._level.shape)[read.slices]
        first = cv2.convertScaleAbs(steps[..., : kernels.MEANS], alpha=1 / kernels.STEPS)
        side = 2 * self._r + 1
        own = box.translate(-read.x, -read.y).slices
        self._means[box.slices] = cv2.blur(first, (side, side))[own]

    def _find_places(self) -> NDArray[np.int32]:
        """The flat indices (T,) of the matches."""
        return self.match[:, 0] * np.int32(self._level.shape[1]) + self.match[:, 1]

    def _measure_reuse(self) -> Floats:
        """What it costs to use each source once more, infinite elsewhere: (H * W,)."""
        height, width, _ = self._level.shape
        uses = np.zeros((height, width), np.float32)
        kernels.count_uses(self._find_places(), uses.reshape(-1))
        side = 2 * self._r + 1
        cost = np.asarray(cv2.boxFilter(uses, -1, (side, side)), np.float32)
        cost -= np.float32(REUSE_FREE)
        np.maximum(cost, 0, out=cost)
        cost *= np.float32(REUSE * _read_quantile(self.cost, 0.5))
        cost += self._barred
        return cost.reshape(-1)

    def vote(self, team: ThreadTeam, relative: bool = False) -> None:
        """Rebuild the hole from all matches (Wexler et al. 2007, equation 3). ``relative``: costs
        count relative to the contrast of the matches.
        """
        cost, least = (self._relative(team), GRAIN**-self._power) if relative else (self.cost, 1.0)
        sigma = max(_read_quantile(cost, 0.75), least)
        weight = cost * np.float32(-1 / sigma)
        np.exp(weight, out=weight)
        # Floored, so that poor matches still count where there are no others (no weight is 0).
        np.maximum(weight, np.float32(1e-6), out=weight)
        weight *= self._confidence
        team.run(
            self._level.shape[0], vote_kernels.vote, self._flat, self._q, self._level.shape,
            self._r, VOTED, self.xs, self._starts, self.match, weight, self.px, self._pixel_starts,
            block=max(4, _VOTES * self._level.shape[0] // self.py.size),
        )  # fmt: skip

    @property
    def colours(self) -> FloatImage:
        """The photo with the current fill: (H, W, 3) in 8-bit levels."""
        return np.ascontiguousarray(self._level.f[..., :3])

    def measure_misfits(self, team: ThreadTeam) -> Floats:
        """How far each patch is from its match, relative to the match's contrast, as flat patches
        fit easily: (T,), the root mean square difference of their colours divided by the standard
        deviation of the match's colours plus `GRAIN`.
        """
        distance = np.zeros(self.ys.size, np.float32)
        team.run(
            self.ys.size, kernels.measure_colour_distance, self._flat, self._level.shape, self._r,
            self.ys, self.xs, self.match, distance,
        )  # fmt: skip
        return np.asarray(distance / self._measure_contrast(team)[self._find_places()], np.float32)

    def _relative(self, team: ThreadTeam) -> Floats:
        """The costs (T,) divided by a power of the matches' contrast. A voted hole is a mean and so
        too flat, and by cost alone flat patches fit it best.
        """
        contrast = self._measure_contrast(team)[self._find_places()]
        return np.asarray(self.cost * contrast**-self._power, np.float32)

    def _measure_contrast(self, team: ThreadTeam) -> Floats:
        """The standard deviation of the colours in the patch around each pixel plus `GRAIN`,
        (H * W,). Valid for sources, whose patches never change, so it is measured once.
        """
        if self._contrast is None:
            height, width, _ = self._level.shape
            self._contrast = np.zeros(height * width, np.float32)
            team.run(
                height, vote_kernels.measure_contrast, self._flat, self._level.shape, self._r,
                self._contrast, block=_ROWS,
            )  # fmt: skip
            self._contrast += np.float32(GRAIN)
        return self._contrast

    def average_inside(self, values: Floats) -> float:
        """The mean of the ``values`` (T,) of patches centred in the hole, or of all patches if none
        is (a hole at the photo's border).
        """
        centred = self._level.hole[self.ys, self.xs]
        return float((values[centred] if centred.any() else values).mean())

    def measure_guide_distance(self) -> Floats:
        """How far the guide in each patch is from the guide in its match: (T,), the root mean
        square difference of mean colours, in the unit of ``f``.
        """
        mean = self._patch_means(np.ascontiguousarray(self._level.f[..., GUIDED]))
        y, x = self.match.T
        apart = mean[self.ys, self.xs] - mean[y, x]
        return np.asarray(np.sqrt((apart * apart).mean(axis=1)), np.float32)

    def average_around(self, values: Floats) -> FloatImage:
        """The mean of the ``values`` (T,) of patches centred in the hole near each pixel, (H, W),
        with Gaussian weights of standard deviation `AVERAGE_SIGMA_SHARE`.
        """
        hole = self._level.hole
        sigma = max(min(hole.shape) * AVERAGE_SIGMA_SHARE, 1)
        planes = np.zeros((*hole.shape, 2), np.float32)  # values, and weights
        inside = hole[self.ys, self.xs]
        planes[self.ys[inside], self.xs[inside], 0] = values[inside]
        planes[self.ys[inside], self.xs[inside], 1] = 1
        soft = cv2.GaussianBlur(planes, (0, 0), sigma, borderType=cv2.BORDER_CONSTANT)
        return np.asarray(soft[..., 0] / np.maximum(soft[..., 1], 1e-6), np.float32)

    def _patch_means(self, image: FloatImage) -> FloatImage:
        """The mean of ``image`` over the patch around each pixel: (H, W, C)."""
        side = 2 * self._r + 1
        return np.asarray(cv2.blur(image, (side, side)), np.float32)

    def pick_offsets(self, team: ThreadTeam) -> Ints:
        """Offsets (H, W, 2), order dy, dx, from each hole pixel to the pixel to copy; 0 elsewhere.

        That is its place in the match of the best patch, by cost relative to contrast.
        """
        height, width, _ = self._level.shape
        chosen = np.zeros((self.py.size, 2), np.int32)
        team.run(
            self.py.size, vote_kernels.pick, self._level.shape, self._r, self.index, self.match,
            self._relative(team), self.py, self.px, chosen,
        )  # fmt: skip
        offsets = np.zeros((height, width, 2), np.int32)
        offsets[self.py, self.px] = chosen - np.stack([self.py, self.px], 1)
        return offsets

    def peel(self, team: ThreadTeam) -> None:
        """Fill the hole from the border inwards, layer by layer, lines first; each pixel from the
        best match over the pixels known so far (Newson et al. 2014, section 3.4.1).
        """
        level, r = self._level, self._r
        height, width, _ = level.shape
        known = (~level.hole).astype(np.float32)
        step = max(1, self.sources.size * self.py.size // _PEEL_WORK)
        sources = self.sources[::step]
        cross = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))
        on_lines = True
        while True:
            rim = (known == 0) & (cv2.dilate(known, cross) > 0)
            on_lines = on_lines and bool((rim & level.line).any())
            py, px = _find_points(rim & level.line if on_lines else rim)
            if py.size == 0:
                kernels.quantise(self._flat, self._q)
                return
            match = np.zeros((py.size, 2), np.int32)
            cy, cx = np.clip(py, r, height - r - 1), np.clip(px, r, width - r - 1)
            layer = self._flat, level.shape, r, VOTED, known, sources, py, px, self.index[cy, cx]
            team.run(py.size, kernels.peel, *layer, *self._alignment, match, block=64)
            level.f[py, px, :VOTED] = level.f[match[:, 0] + py - cy, match[:, 1] + px - cx, :VOTED]
            known[py, px] = 1
            self.match[self.index[cy, cx]] = match


def _read_quantile(values: Floats, share: float) -> float:
    """The value below which this share of ``values`` (T,) lies, from about `_SAMPLED` of them."""
    sample = values[:: max(1, values.size // _SAMPLED)]
    k = int(share * (sample.size - 1))
    return float(np.partition(sample, k)[k])


def _find_points(mask: BoolMask) -> tuple[Ints, Ints]:
    ys, xs = np.nonzero(mask)
    return ys.astype(np.int32), xs.astype(np.int32)


def _find_rows(ys: Ints, height: int) -> Ints:
    """Where each row starts in the sorted ``ys``, and the end of the last: (height + 1,)."""
    return np.searchsorted(ys, np.arange(height + 1)).astype(np.int32)
