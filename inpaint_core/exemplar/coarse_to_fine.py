"""A fill from the coarsest level of the pyramid to the native one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np

from inpaint_core.contract.arrays import BoolMask
from inpaint_core.contract.message import Message
from inpaint_core.contract.progress import Progress
from inpaint_core.exemplar.patch_kernels import Ints
from inpaint_core.exemplar.pyramid import (
    LEAST_SOURCES,
    PyramidLevel,
    find_whole_patches,
    with_trust,
)
from inpaint_core.exemplar.target_patches import TargetPatches
from inpaint_core.exemplar.thread_team import ThreadTeam

PASSES = (6, 14, 20)
"""Passes of search and vote at native scale, at half of it, and at each coarser scale."""

NATIVE_SEARCH_RADIUS = 64
"""Radius of the random search at native scale, in pixels: good matches are already known."""

FINE = 1
"""The coarsest level on which costs count relative to the contrast of the match."""

LEAST_LEFT = 0.7
"""Share of the pixels to copy from that must remain when some are left out."""
LEAST_SHARE = 0.25
"""Share of a pixel at a coarser scale from which it counts as left out."""


def count_work(levels: Sequence[PyramidLevel], numbers: range) -> int:
    """The work of filling the levels with these ``numbers``: pixels times passes."""
    return sum(int(levels[number].hole.sum()) * _count_passes(number) for number in numbers)


class CoarseToFineFill:
    """Fills ``levels`` (native first) from the last one up, with patches of ``radius``.

    ``trust_factor``: fill copies whose trust in the guide is multiplied by it, 0 = without guide;
    None: fill the levels themselves.
    """

    def __init__(
        self,
        levels: Sequence[PyramidLevel],
        radius: int,
        seed: int,
        team: ThreadTeam,
        trust_factor: float | None = None,
    ) -> None:
        self._levels, self._radius, self._seed = levels, radius, seed
        self._team, self._trust_factor = team, trust_factor
        self._targets: TargetPatches | None = None
        self._next = len(levels) - 1

    def fill_to(self, last: int, progress: Progress) -> None:
        """Fill all levels down to the number ``last``. Raises `Cancelled`."""
        total, done = float(count_work(self._levels, range(last, self._next + 1))), 0.0
        for number in range(self._next, last - 1, -1):
            own = count_work(self._levels, range(number, number + 1)) / total
            self._fill(number, progress.part(done, done + own))
            done += own
        self._next = last - 1

    @property
    def targets(self) -> TargetPatches:
        """The patches of the level that was filled last."""
        assert self._targets is not None
        return self._targets

    def pick_offsets(self) -> Ints:
        """As `TargetPatches.pick_offsets`, of the level that was filled last."""
        return self.targets.pick_offsets(self._team)

    def without(self, left_out: BoolMask) -> CoarseToFineFill | None:
        """The same fill, not yet begun, that copies nothing from where ``left_out`` (h, w), at any
        scale, is True. Scales that then have too little to copy from are left out too; None if that
        is one of the two finest.
        """
        levels: list[PyramidLevel] = []
        for level in self._levels:
            height, width = level.hole.shape
            size = (width, height)
            shares = cv2.resize(left_out.astype(np.float32), size, interpolation=cv2.INTER_AREA)
            source = level.source & (shares < LEAST_SHARE)
            count = np.count_nonzero(find_whole_patches(source, self._radius))
            enough = np.count_nonzero(level.source) * LEAST_LEFT <= np.count_nonzero(source)
            if not enough or count < LEAST_SOURCES:
                break
            levels.append(replace(level, source=source))
        if len(levels) <= min(FINE, len(self._levels) - 1):
            return None
        return CoarseToFineFill(levels, self._radius, self._seed, self._team, self._trust_factor)

    def _fill(self, number: int, progress: Progress) -> None:
        level, coarser, team = self._levels[number], self._targets, self._team
        fine = number <= FINE
        if self._trust_factor is not None:
            level = with_trust(level, self._trust_factor)
        self._targets = targets = TargetPatches(level, self._radius)
        if coarser is None:
            targets.peel(team)
        else:
            targets.carry(coarser)
        targets.complete(self._seed + number, team)
        if coarser is not None:
            targets.vote(team, relative=fine)
        reach = NATIVE_SEARCH_RADIUS if number == 0 else max(level.hole.shape)
        passes = _count_passes(number)
        colours = level.f[..., :3]  # not a copy: they change with every vote
        for step in range(passes):
            progress.report(step / passes, Message("engine.copying_texture"))
            seed = (self._seed * 1009 + number) * 1009 + step
            targets.search(reach, step % 2 == 0, seed, team)
            targets.vote(team, relative=fine)
            progress.preview(lambda: colours, 0.5**number, 255.0)


def _count_passes(number: int) -> int:
    return PASSES[min(number, len(PASSES) - 1)]
