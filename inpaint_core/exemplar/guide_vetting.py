"""Test of a guide: it is followed only as far as the photo has what it shows.

A guide is a guess. Where it is good, texture of the photo fits about as well with it as without;
where it is wrong, it asks for colours that no patch has.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from inpaint_core.contract.arrays import FloatImage
from inpaint_core.contract.message import Message
from inpaint_core.contract.progress import Progress
from inpaint_core.contract.request import WORST_RATIO
from inpaint_core.exemplar.coarse_to_fine import CoarseToFineFill, count_work
from inpaint_core.exemplar.patch_kernels import Floats
from inpaint_core.exemplar.pyramid import (
    GUIDED,
    WEIGHT,
    PyramidLevel,
    build_guide_channels,
    with_guide_changed,
)
from inpaint_core.exemplar.thread_team import ThreadTeam

TESTED = 1
"""The level at which a guide is tested: half of the native scale."""
HOPELESS_RATIO = 1.8
"""Beyond this ratio no weaker form of the guide is tried, unless it would be followed as it is."""

LOCAL_RATIO = (1.2, 1.6)
"""Doubt in a part of the hole grows from 0 to 1 while the ratio of misfits there grows over this
range."""
LOCAL_DISTANCE = (8.0, 16.0)
"""And while the patches' distance from the guide's colours grows over this range, in 8-bit levels:
a guide that texture can match is not doubted."""
SURE = 0.98
"""A guide followed in this share of the hole is not mended."""
LOST = 0.4
"""A guide followed in less than this share is not worth mending."""

IGNORED = Message("engine.guide_ignored")
MENDED = Message("engine.guide_mended")

_ATTEMPTS = 4  # without the guide, with it, mended, and with half the trust


@dataclass(frozen=True, eq=False)
class Attempt:
    """A fill down to the level `TESTED`; ``misfits`` (T,) as `TargetPatches.measure_misfits`
    returns them, ``notes`` about its guide.
    """

    fill: CoarseToFineFill
    misfits: Floats
    notes: tuple[Message, ...]

    @property
    def misfit(self) -> float:
        """The mean misfit in the hole."""
        return self.fill.targets.average_inside(self.misfits)


def vet_guide(
    levels: Sequence[PyramidLevel],
    radius: int,
    seed: int,
    trust: float,
    team: ThreadTeam,
    progress: Progress,
    worst_ratio: float = WORST_RATIO,
) -> tuple[CoarseToFineFill, Progress, tuple[Message, ...]]:
    """Begin a fill with the guide of the ``levels``, as far as it deserves its ``trust``.

    The fill is made without and with the guide, down to `TESTED`. In parts of the hole where
    patches fit worse with the guide and are far from its colours, the guide is mended: there it
    shows what the fill without it does. The first of these whose misfit is at most ``worst_ratio``
    times the misfit without a guide is used: the mended guide, the guide, the guide at half its
    trust; otherwise none. Returns the fill so far, the progress for the rest of it, and notes.
    Raises `Cancelled`.
    """
    last = min(TESTED, len(levels) - 1)
    work = count_work(levels, range(last, len(levels)))
    share = work / (_ATTEMPTS * work + count_work(levels, range(last)))
    made = 0

    def attempt(fill: CoarseToFineFill, *notes: Message) -> Attempt:
        nonlocal made
        part = progress.part(made * share, (made + 1) * share)
        # What comes out without the guide is worse than the guide, which was shown before.
        fill.fill_to(last, part.with_previews(None) if made == 0 else part)
        made += 1
        return Attempt(fill, fill.targets.measure_misfits(team), notes)

    def attempt_with_trust(factor: float, *notes: Message) -> Attempt:
        return attempt(CoarseToFineFill(levels, radius, seed, team, factor), *notes)

    free, full = attempt_with_trust(0, IGNORED), attempt_with_trust(1)

    def candidates() -> Iterator[Attempt]:
        if full.misfit > max(HOPELESS_RATIO, worst_ratio) * free.misfit:
            return
        followed = find_followed_share(free, full, trust)
        if LOST <= followed[levels[last].hole].mean() < SURE:
            mended = mend_guide(levels, last, followed, free.fill.targets.colours, trust)
            yield attempt(CoarseToFineFill(mended, radius, seed, team), MENDED)
        yield full
        yield attempt_with_trust(0.5)

    worst = worst_ratio * free.misfit
    chosen = next((each for each in candidates() if each.misfit <= worst), free)
    return chosen.fill, progress.part(made * share, 1), chosen.notes


def find_followed_share(free: Attempt, full: Attempt, trust: float) -> FloatImage:
    """How far to follow the guide of ``full`` at each pixel: (H, W) in [0, 1]."""
    without, under = (each.fill.targets.average_around(each.misfits) for each in (free, full))
    targets = full.fill.targets
    worse = np.interp(under / np.maximum(without, 1e-6), LOCAL_RATIO, (0, 1))
    distance = targets.average_around(targets.measure_guide_distance()) / (WEIGHT * trust)
    far = np.interp(distance, LOCAL_DISTANCE, (0, 1))
    return np.asarray(1 - worse * far, np.float32)


def mend_guide(
    levels: Sequence[PyramidLevel],
    number: int,
    followed: FloatImage,
    colours: FloatImage,
    trust: float,
) -> list[PyramidLevel]:
    """Copies of ``levels`` whose guide is replaced, where it is not ``followed``, by the
    ``colours`` (h, w, 3) of the level ``number`` filled without it.
    """
    level = levels[number]
    shown = build_guide_channels(colours, level.hole, colours, 1) * np.float32(trust)
    change = (1 - followed)[..., None] * (shown - level.f[..., GUIDED])
    change[~level.hole] = 0
    return [with_guide_changed(each, change) for each in levels]
