"""Exemplar synthesis of one view, from the coarsest scale to the finest.

Wexler, Shechtman, Irani 2007 (voting), Barnes et al. 2009 (search), Newson et al. 2014 and 2017
(texture features, onion peel, confidence).
"""

from __future__ import annotations

from inpaint_core.contract import Fill, View
from inpaint_core.errors import NothingToCopy
from inpaint_core.exemplar.ascent import Ascent, work
from inpaint_core.exemplar.pyramid import Level, build, whole_patches
from inpaint_core.exemplar.seam import level_out
from inpaint_core.exemplar.threads import Team
from inpaint_core.progress import Progress

RADII = (3, 2, 1)
"""Radii of patches: the largest of which the photo has a whole one."""

TESTED = 1
"""The level at which a guide is put to the test: half of the native scale."""
WORSE = 1.1
"""How much worse, at most, patches may fit under a guide that is followed."""
SHARES = (1, 0.5)
"""Shares of a guide's trust that are put to the test; the first that passes is taken."""
IGNORED = "Texture fits better without the network’s idea of the hole, so that was left out."


def synthesise(view: View, progress: Progress) -> Fill:
    """Fill ``view.hole`` with texture copied from ``view.source``.

    A guide that is not fully trusted is put to the test: the fill is begun without it, too, and
    where patches at `TESTED` then fit clearly better, the photo does not have what the guide shows.
    It is then trusted less, and if that does no better, left out, which a note says.

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
    notes: tuple[str, ...] = ()
    with Team(progress) as team:
        ascent, rest = Ascent(levels, radius, view.seed, team), progress
        if view.guide is not None and view.trust < 1:
            rivals = [Ascent(levels, radius, view.seed, team, share) for share in (0, *SHARES)]
            ascent, rest = _fitting(rivals, levels, progress)
            if ascent is rivals[0]:
                notes = (IGNORED,)
        ascent.to(0, rest)
        offsets = ascent.picked()
    progress.report(1, "Levelling the seams")
    filled = level_out(view.image, view.hole, offsets, progress)
    return Fill(filled, products={"offsets": offsets}, notes=notes)


def _fitting(
    rivals: list[Ascent], levels: list[Level], progress: Progress
) -> tuple[Ascent, Progress]:
    """Fill all levels down to `TESTED` with the first of the ``rivals``, which has no guide, and
    with each of the others until one fits; returns that or else the first, and the progress of
    what it has left to do.
    """
    last = min(TESTED, len(levels) - 1)
    each = work(levels, range(last, len(levels)))
    share = each / (len(rivals) * each + work(levels, range(last)))
    free = rivals[0]
    free.to(last, progress.part(0, share))
    most = WORSE * free.misfit()
    for number, rival in enumerate(rivals[1:], start=1):
        rival.to(last, progress.part(number * share, (number + 1) * share))
        if rival.misfit() <= most:
            return rival, progress.part((number + 1) * share, 1)
    return free, progress.part(len(rivals) * share, 1)
