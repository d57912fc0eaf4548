"""A fill on its way from the coarsest scale to the native one."""

from __future__ import annotations

from collections.abc import Sequence

from inpaint_core.contract.progress import Progress
from inpaint_core.exemplar.block_threads import Team
from inpaint_core.exemplar.pyramid import Level, with_trust
from inpaint_core.exemplar.target_patches import Ints, Targets

PASSES = (6, 14, 20)
"""Passes of search and vote at native scale, at half of it, and at each coarser one."""

REACH = 64
"""Pixels up to which the native scale is searched at random: what matches is known by then."""

FINE = 1
"""The number of the coarsest level on which costs count relative to the contrast of the match."""


def work(levels: Sequence[Level], numbers: range) -> int:
    """What filling the levels of these ``numbers`` takes: pixels times passes."""
    return sum(int(levels[number].hole.sum()) * _passes(number) for number in numbers)


class Ascent:
    """Fills ``levels`` (native first) from the last one up, with patches of ``radius``.

    ``share``: on copies that trust their guide so much less, with 0 not at all; None: in place.
    """

    def __init__(
        self,
        levels: Sequence[Level],
        radius: int,
        seed: int,
        team: Team,
        share: float | None = None,
    ) -> None:
        self._levels, self._radius, self._seed = levels, radius, seed
        self._team, self._share = team, share
        self._targets: Targets | None = None
        self._next = len(levels) - 1

    def to(self, last: int, progress: Progress) -> None:
        """Fill all levels down to the number ``last``. Raises `Cancelled`."""
        total, done = float(work(self._levels, range(last, self._next + 1))), 0.0
        for number in range(self._next, last - 1, -1):
            own = work(self._levels, range(number, number + 1)) / total
            self._fill(number, progress.part(done, done + own))
            done += own
        self._next = last - 1

    @property
    def reached(self) -> Targets:
        """The patches of the last level filled."""
        assert self._targets is not None
        return self._targets

    def picked(self) -> Ints:
        """Offsets (H, W, 2), order dy, dx, from each hole pixel to the pixel to copy; else 0."""
        return self.reached.picked(self._team)

    def _fill(self, number: int, progress: Progress) -> None:
        level, coarser, team = self._levels[number], self._targets, self._team
        fine = number <= FINE
        if self._share is not None:
            level = with_trust(level, self._share)
        self._targets = targets = Targets(level, self._radius)
        if coarser is None:
            targets.peel(team)
        else:
            targets.carry(coarser)
        targets.complete(self._seed + number, team)
        if coarser is not None:
            targets.vote(team, relative=fine)
        reach = REACH if number == 0 else max(level.hole.shape)
        for step in range(_passes(number)):
            progress.report(step / _passes(number), "Copying texture")
            seed = (self._seed * 1009 + number) * 1009 + step
            targets.search(reach, step % 2 == 0, seed, team)
            targets.vote(team, relative=fine)


def _passes(number: int) -> int:
    return PASSES[min(number, len(PASSES) - 1)]
