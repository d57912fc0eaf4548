"""What a request replaces: the painted mask, grown and feathered as far as the photo bears it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inpaint_core.contract.arrays import BoolMask
from inpaint_core.contract.geometry import Rect
from inpaint_core.contract.message import Message
from inpaint_core.contract.request import InpaintRequest
from inpaint_core.engine.context_crops import find_holes, find_sources
from inpaint_core.raster.soft_mask import SoftMask, soften, soften_sparing
from inpaint_core.raster.soft_rim import DEPTH, measure_soft_rim

MOST_WIDENED = 8
"""Pixels by which a hole grows by itself, at most."""
_NEAR = 64  # pixels around the holes, in which there are almost always some to copy from


@dataclass(frozen=True, eq=False)
class EffectiveMask:
    """The ``mask`` that is filled. ``notes`` say by how much it grew by itself, and ``warnings``
    where less was grown or feathered than asked for, or what it covers is left around it.
    """

    mask: SoftMask
    notes: tuple[Message, ...] = ()
    warnings: tuple[Message, ...] = ()


def find_effective_mask(request: InpaintRequest) -> EffectiveMask:
    """The mask that the ``request`` replaces.

    Where nobody says by how much it grows, each hole whose mask ends on the edge of what it covers
    grows over the rest of that edge, at most by `MOST_WIDENED` pixels, but not over what is
    protected or marked to be copied from.
    """
    options = request.options
    mask, grow, feather = soften_sparing(request.mask, options.grow or 0, options.feather)
    notes: tuple[Message, ...] = ()
    warnings: tuple[Message, ...] = ()
    if options.grow is not None and grow != options.grow:
        warnings += (Message("engine.less_grown", wanted=options.grow, used=grow),)
    if feather == 0 < options.feather:
        warnings += (Message("engine.not_feathered", wanted=options.feather),)
    elif feather != options.feather:
        warnings += (Message("engine.less_feathered", wanted=options.feather, used=feather),)
    if options.grow is None:
        mask, grow = _grow_over_rims(request, mask, feather)
        if grow > 0:
            notes += (Message("engine.widened", pixels=grow),)
    return EffectiveMask(mask, notes, (*warnings, *_find_rest(request, mask, max(grow, 0))))


def _grow_over_rims(
    request: InpaintRequest, mask: SoftMask, feather: float
) -> tuple[SoftMask, int]:
    """The ``mask`` with each hole grown until nothing is left of the soft edge of what it covers,
    and the most that a hole was grown by, in pixels.
    """
    whole = Rect.whole(request.mask.shape)
    rims = {hole: _measure_rim(request, hole) for hole in find_holes(mask)}
    most = max(rims.values(), default=0)
    if most == 0:
        return mask, 0
    reach = most + math.ceil(feather) + 1
    around = mask.rect.grow(reach).intersect(whole)
    strength = mask.over(around)
    for hole, rim in rims.items():
        if rim > 0:
            near = hole.grow(reach).intersect(whole)
            here = near.translate(-around.x, -around.y).slices
            grown = soften(_cut_out(request.mask, hole, near), rim, feather)
            wider = grown.over(Rect.whole((near.h, near.w)))
            np.maximum(strength[here], wider, out=strength[here])
    spared = _find_spared(request, around)
    if spared is not None:
        strength[spared] = mask.over(around)[spared]
    bounds = Rect.bounding(strength)
    inside = strength[bounds.slices].copy()
    grown = SoftMask(bounds.translate(around.x, around.y), inside)
    return (grown, most) if _leaves_sources(request, grown) else (mask, 0)


def _measure_rim(request: InpaintRequest, hole: Rect) -> int:
    """By how many pixels the holes within the rectangle ``hole`` have to grow."""
    near = hole.grow(2 * MOST_WIDENED + DEPTH).intersect(Rect.whole(request.mask.shape))
    if _is_transparent(request, near):
        return 0
    image, painted = request.image[near.slices], request.mask[near.slices]
    rim = 0
    while rim < MOST_WIDENED:
        grown = soften(painted, rim, 0)
        part = hole.grow(rim).intersect(near).translate(-near.x, -near.y)
        more = measure_soft_rim(image, grown, part)
        if more == 0:
            break
        rim = min(rim + more, MOST_WIDENED)
    return rim


def _cut_out(mask: NDArray[np.uint8], hole: Rect, near: Rect) -> NDArray[np.uint8]:
    """The painted ``mask`` in ``near``, without what lies outside of ``hole``."""
    out = np.zeros((near.h, near.w), np.uint8)
    out[hole.translate(-near.x, -near.y).slices] = mask[hole.slices]
    return out


def _find_spared(request: InpaintRequest, rect: Rect) -> BoolMask | None:
    """Where (h, w) in ``rect`` no hole grows by itself; None where that is nowhere."""
    protect, source = request.options.protect, request.options.source
    spared = None if protect is None else protect[rect.slices]
    if source is not None:
        spared = source[rect.slices] if spared is None else spared | source[rect.slices]
    return spared


def _leaves_sources(request: InpaintRequest, mask: SoftMask) -> bool:
    """Whether the photo has a pixel to copy from."""
    whole = Rect.whole(request.mask.shape)
    near = mask.rect.grow(_NEAR).intersect(whole)
    return any(bool(find_sources(request, mask, rect).any()) for rect in (near, whole))


def _find_rest(request: InpaintRequest, mask: SoftMask, grown: int) -> tuple[Message, ...]:
    """A warning where the ``mask``, which was ``grown`` already, ends on the edge of what it covers
    and leaves a rim of that.
    """
    if mask.rect.is_empty:
        return ()
    near = mask.rect.grow(DEPTH + 2).intersect(Rect.whole(request.mask.shape))
    rim = 0 if _is_transparent(request, near) else measure_soft_rim(request.image, mask)
    return () if rim == 0 else (Message("engine.tight_mask", pixels=grown + rim),)


def _is_transparent(request: InpaintRequest, rect: Rect) -> bool:
    """Whether something in ``rect`` is: the colours of what is invisible say nothing."""
    if request.alpha is None:
        return False
    return bool(request.alpha[rect.slices].min() < np.iinfo(request.alpha.dtype).max)
