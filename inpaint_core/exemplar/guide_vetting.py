"""How far a guide is followed, and where: as far as the photo has what it shows.

A coarse fill is a guess. Where it is good, texture of the photo fits it about as well as texture
fits without it; where it is wrong, it asks for colours in places where no patch has them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from inpaint_core.contract.arrays import FloatImage
from inpaint_core.contract.progress import Progress
from inpaint_core.exemplar.block_threads import Team
from inpaint_core.exemplar.coarse_to_fine import Ascent, work
from inpaint_core.exemplar.guide_channels import WEIGHT, guide_channels
from inpaint_core.exemplar.pyramid import GUIDED, Level, with_guide_changed
from inpaint_core.exemplar.target_patches import Floats

TESTED = 1
"""The level at which a guide is put to the test: half of the native scale."""
WORSE = 1.1
"""How much worse, at most, patches may fit under a guide that is followed."""
HOPELESS = 1.8
"""How much worse, at most, for the guide to be tried in any other form, too."""

WORSE_HERE = (1.2, 1.6)
"""How much worse patches fit in a part of the hole from which on, and up to which, the guide is
doubted there."""
UNMET = (8.0, 16.0)
"""How far patches there are from the guide's colours, in 8-bit levels, from which on, and up to
which, it is doubted: what texture can show is no reason for doubt."""
SURE = 0.98
"""A guide followed in this share of the hole is not mended."""
LOST = 0.4
"""A guide followed in less than this is not worth mending."""

IGNORED = "Texture fits better without the network’s idea of the hole, so that was left out."
MENDED = (
    "In a part of the hole texture fits better without the network’s idea, so that was left out"
    " there."
)

_ATTEMPTS = 4  # without the guide, with it, mended, and with half of the trust


@dataclass(frozen=True, eq=False)
class _Begun:
    """A fill begun down to `TESTED`; ``misfits`` (T,) as `Targets.misfits`, ``notes`` what there is
    to say of its guide.
    """

    ascent: Ascent
    misfits: Floats
    notes: tuple[str, ...]

    @property
    def misfit(self) -> float:
        return self.ascent.reached.inside(self.misfits)


def vetted(
    levels: Sequence[Level], radius: int, seed: int, trust: float, team: Team, progress: Progress
) -> tuple[Ascent, Progress, tuple[str, ...]]:
    """A fill begun with the guide that the ``levels`` have, as far as it is worth its ``trust``.

    The fill is begun without the guide and with it, down to `TESTED`. Where patches in a part of
    the hole then fit worse with it and are far from its colours, the guide is mended: there it
    shows what the fill without it does. Taken is the first under which patches fit at most `WORSE`
    in the whole hole: the mended guide, the guide, the guide at half of its trust; else none.
    Returns the fill so far, the progress of what it has left to do, and what there is to say.
    Raises `Cancelled`.
    """
    last = min(TESTED, len(levels) - 1)
    each = work(levels, range(last, len(levels)))
    share = each / (_ATTEMPTS * each + work(levels, range(last)))
    made = 0

    def begun(ascent: Ascent, *notes: str) -> _Begun:
        nonlocal made
        ascent.to(last, progress.part(made * share, (made + 1) * share))
        made += 1
        return _Begun(ascent, ascent.reached.misfits(team), notes)

    def with_share(part: float, *notes: str) -> _Begun:
        return begun(Ascent(levels, radius, seed, team, part), *notes)

    free, full = with_share(0, IGNORED), with_share(1)

    def rivals() -> Iterator[_Begun]:
        if full.misfit > HOPELESS * free.misfit:
            return
        followed = _followed(free, full, trust)
        if LOST <= followed[levels[last].hole].mean() < SURE:
            mended = _mended(levels, last, followed, free.ascent.reached.colours, trust)
            yield begun(Ascent(mended, radius, seed, team), MENDED)
        yield full
        yield with_share(0.5)

    taken = next((each for each in rivals() if each.misfit <= WORSE * free.misfit), free)
    return taken.ascent, progress.part(made * share, 1), taken.notes


def _followed(free: _Begun, full: _Begun, trust: float) -> FloatImage:
    """(H, W) in [0, 1]: how far the guide of ``full`` is to be followed at each pixel."""
    without, under = (each.ascent.reached.around(each.misfits) for each in (free, full))
    targets = full.ascent.reached
    worse = np.interp(under / np.maximum(without, 1e-6), WORSE_HERE, (0, 1))
    unmet = np.interp(targets.around(targets.unmet()) / (WEIGHT * trust), UNMET, (0, 1))
    return np.asarray(1 - worse * unmet, np.float32)


def _mended(
    levels: Sequence[Level], number: int, followed: FloatImage, colours: FloatImage, trust: float
) -> list[Level]:
    """Copies of ``levels`` whose guide shows, where it is not ``followed``, the ``colours``
    (h, w, 3) of the level ``number`` filled without it.
    """
    level = levels[number]
    shown = guide_channels(colours, level.hole, colours, 1) * np.float32(trust)
    change = (1 - followed)[..., None] * (shown - level.f[..., GUIDED])
    change[~level.hole] = 0
    return [with_guide_changed(each, change) for each in levels]
