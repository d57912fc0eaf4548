"""Exemplar synthesis of one view, from the coarsest scale to the finest.

Wexler, Shechtman, Irani 2007 (voting), Barnes et al. 2009 (search), Newson et al. 2014 and 2017
(texture features, onion peel, confidence).
"""

from __future__ import annotations

from inpaint_core.contract import Fill, View
from inpaint_core.errors import NothingToCopy
from inpaint_core.exemplar.pyramid import build, whole_patches
from inpaint_core.exemplar.seam import level_out
from inpaint_core.exemplar.targets import Targets
from inpaint_core.exemplar.threads import Team
from inpaint_core.progress import Progress

RADII = (3, 2, 1)
"""Radii of patches: the largest of which the photo has a whole one."""
PASSES = (6, 14, 20)
"""Passes of search and vote at native scale, at half of it, and at each coarser one."""

REACH = 64
"""Pixels up to which the native scale is searched at random: what matches is known by then."""


def synthesise(view: View, progress: Progress) -> Fill:
    """Fill ``view.hole`` with texture copied from ``view.source``.

    The fill is deterministic by ``view.seed`` whatever the number of threads. Its product
    "offsets" (h, w, 2) int32 says for each hole pixel how far away (dy, dx) the pixel is that was
    copied. Raises `NothingToCopy` where no whole patch may be copied from.
    """
    radius = next((r for r in RADII if whole_patches(view.source, r).any()), None)
    if radius is None:
        raise NothingToCopy(
            "No part of the photo is left that may be copied from.",
            "Paint over less of it, or protect less of it.",
        )
    progress.report(0, "Reading the photo's texture and lines")
    levels = build(view, radius, progress)
    passes = [PASSES[min(k, len(PASSES) - 1)] for k in range(len(levels))]
    work = [int(level.hole.sum()) * n for level, n in zip(levels, passes, strict=True)]
    total, done = float(sum(work)), 0.0
    with Team(progress) as team:
        targets: Targets | None = None
        for number in range(len(levels) - 1, -1, -1):
            level, coarser = levels[number], targets
            targets = Targets(level, radius)
            if coarser is None:
                targets.peel(team)
            else:
                targets.carry(coarser)
            targets.complete(view.seed + number, team)
            if coarser is not None:
                targets.vote(team)
            reach = REACH if number == 0 else max(level.hole.shape)
            for step in range(passes[number]):
                progress.report(done / total, "Copying texture")
                seed = (view.seed * 1009 + number) * 1009 + step
                targets.search(reach, step % 2 == 0, seed, team)
                targets.vote(team)
                done += work[number] / passes[number]
        assert targets is not None
        offsets = targets.picked(team)
    progress.report(1, "Levelling the seams")
    filled = level_out(view.image, view.hole, offsets, progress)
    return Fill(filled, products={"offsets": offsets})
