"""Exemplar synthesis of one view, from the coarsest scale to the finest.

Wexler, Shechtman, Irani 2007 (voting), Barnes et al. 2009 (search), Newson et al. 2014 and 2017
(texture features, onion peel, confidence).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from inpaint_core.contract.message import Message
from inpaint_core.contract.progress import Progress
from inpaint_core.contract.request import UNTESTED, Fill, View
from inpaint_core.exemplar.coarse_to_fine import CoarseToFineFill, count_work
from inpaint_core.exemplar.guide_vetting import TESTED, vet_guide
from inpaint_core.exemplar.plane_synthesis import fill_planes
from inpaint_core.exemplar.pyramid import PyramidLevel, build_pyramid, choose_radius
from inpaint_core.exemplar.seam_levelling import join_pieces
from inpaint_core.exemplar.strangers.copied_strangers import find_copied_strangers
from inpaint_core.exemplar.thread_team import ThreadTeam
from inpaint_core.raster.membrane import solve_membrane
from inpaint_core.raster.spots import holds_only_spots

SMOOTH = Message("engine.too_few_sources")
LIGHT_ADAPTED = Message("engine.light_adapted")
WITHOUT_STRANGERS = Message("engine.strangers_left_out")

MOST_REFILLS = 2
"""How often a hole is filled again without the strangers of the fill before."""
HELD = Message("engine.kept_regular")
LEAST_HELD = 0.1
"""The mean strength in the hole from which it is said: 8 of 20 photos, with holes anywhere."""


def synthesise(view: View, progress: Progress) -> Fill:
    """Fill ``view.hole`` with texture copied from ``view.source``.

    Planes in perspective are filled first (`plane_synthesis`), then the rest. A guide that is not
    fully trusted is tested first (`guide_vetting`); notes say where it was left out, and whether
    light was adapted. Unless a person chose the source or the guide is fully trusted, things that
    occur once in the photo are not copied into the middle of the hole (`copied_strangers`), and a
    note says so. The fill depends on ``view.seed`` but not on the number of threads.

    The by-product "offsets" (h, w, 2) int32 is the offset (dy, dx) from each hole pixel to the
    pixel that was copied; where "perspective" (h, w) bool is True, to the pixel nearest to where
    it was read. Where there is too little to copy from, the hole is filled with the smoothest
    surface, the offsets are 0 and a warning says so. Raises `NothingToCopy` when no pixel is
    known, `Cancelled`.
    """
    radius = choose_radius(view.source, int(np.count_nonzero(view.hole)))
    if radius is None:
        smooth = solve_membrane(view.image, view.hole, None, progress)
        offsets = np.zeros((*view.hole.shape, 2), np.int32)
        products = {"offsets": offsets, "perspective": np.zeros(view.hole.shape, bool)}
        return Fill(smooth, products=products, warnings=(SMOOTH,))
    planes = fill_planes(view, progress)
    image, offsets, notes = planes.image, planes.offsets, planes.notes
    rest = replace(view, image=image, hole=view.hole & ~planes.filled)
    if rest.hole.any():
        fill = _fill_rest(rest, radius, progress.part(planes.done, 1))
        image, notes = fill.image, notes + fill.notes
        offsets = np.where(rest.hole[..., None], fill.products["offsets"], offsets)
    progress.report(1)
    return Fill(image, products={"offsets": offsets, "perspective": planes.filled}, notes=notes)


def _fill_rest(view: View, radius: int, progress: Progress) -> Fill:
    """Fill what lies on no plane, or on one that is not in perspective."""
    offsets, notes = _find_offsets(view, radius, progress)
    progress.report(1, Message("engine.levelling_seams"))
    joined = join_pieces(view.image, view.hole, offsets, progress)
    notes += (LIGHT_ADAPTED,) * joined.is_light_adapted
    return Fill(joined.image, products={"offsets": offsets}, notes=notes)


def _find_offsets(
    view: View, radius: int, progress: Progress
) -> tuple[NDArray[np.int32], tuple[Message, ...]]:
    """From where each pixel of the hole is copied: (h, w, 2), order dy, dx; and notes."""
    progress.report(0, Message("engine.reading_texture"))
    levels = build_pyramid(view, radius, progress)
    notes: tuple[Message, ...] = ()
    with ThreadTeam(progress) as team:
        fill, rest = CoarseToFineFill(levels, radius, view.seed, team), progress
        if view.guide is not None and view.trust < 1 and view.worst_ratio < UNTESTED:
            how = (radius, view.seed, view.trust)
            fill, rest, notes = vet_guide(levels, *how, team, progress, view.worst_ratio)
        if not view.is_source_chosen and (view.guide is None or view.trust < 1):
            fill, rest, left_out = _leave_out_strangers(fill, levels, rest)
            notes += left_out
        fill.fill_to(0, rest)
        offsets = fill.pick_offsets()
    if levels[0].alignment.mean_strength >= LEAST_HELD:
        notes += (HELD,)
    return offsets, notes


def _leave_out_strangers(
    fill: CoarseToFineFill, levels: Sequence[PyramidLevel], progress: Progress
) -> tuple[CoarseToFineFill, Progress, tuple[Message, ...]]:
    """The ``fill`` down to half of the native scale, without things that occur once in the photo
    and were copied although the hole's border does not ask for them; the progress for the rest of
    it, and notes. Raises `Cancelled`.
    """
    if len(levels) <= TESTED + 1 or holds_only_spots(levels[0].hole):
        return fill, progress, ()  # no room for a thing
    work = count_work(levels, range(TESTED, len(levels)))
    share = work / (work + count_work(levels, range(TESTED)))
    done, notes = 0.0, tuple[Message, ...]()
    left_out = np.zeros(levels[TESTED].hole.shape, bool)
    for refills in range(MOST_REFILLS + 1):
        end = done + share * (1 - done)
        fill.fill_to(TESTED, progress.part(done, end))
        done = end
        if refills == MOST_REFILLS:
            break
        found = find_copied_strangers(
            fill.targets.colours, levels[TESTED].hole, fill.pick_offsets()
        )
        left_out |= found
        another = fill.without(left_out) if found.any() else None
        if another is None:
            break
        fill, notes = another, (WITHOUT_STRANGERS,)
    return fill, progress.part(done, 1), notes
