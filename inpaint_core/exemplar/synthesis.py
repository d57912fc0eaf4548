"""Exemplar synthesis of one view, from the coarsest scale to the finest.

Wexler, Shechtman, Irani 2007 (voting), Barnes et al. 2009 (search), Newson et al. 2014 and 2017
(texture features, onion peel, confidence).
"""

from __future__ import annotations

from inpaint_core.contract.errors import NothingToCopy
from inpaint_core.contract.progress import Progress
from inpaint_core.contract.view import Fill, View
from inpaint_core.exemplar.block_threads import Team
from inpaint_core.exemplar.coarse_to_fine import Ascent
from inpaint_core.exemplar.guide_vetting import vetted
from inpaint_core.exemplar.pyramid import build, whole_patches
from inpaint_core.exemplar.seam_levelling import level_out

RADII = (3, 2, 1)
"""Radii of patches: the largest of which the photo has a whole one."""


def synthesise(view: View, progress: Progress) -> Fill:
    """Fill ``view.hole`` with texture copied from ``view.source``.

    A guide that is not fully trusted is put to the test (`vetting`). Where it is left out, a note
    says so.

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
            ascent, rest, notes = vetted(levels, radius, view.seed, view.trust, team, progress)
        ascent.to(0, rest)
        offsets = ascent.picked()
    progress.report(1, "Levelling the seams")
    filled = level_out(view.image, view.hole, offsets, progress)
    return Fill(filled, products={"offsets": offsets}, notes=notes)
