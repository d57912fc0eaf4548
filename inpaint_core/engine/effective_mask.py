"""What a request replaces: the painted mask, grown and feathered as far as the photo bears it."""

from __future__ import annotations

import numpy as np

from inpaint_core.contract.geometry import Rect
from inpaint_core.contract.message import Message
from inpaint_core.contract.request import InpaintRequest
from inpaint_core.raster.soft_mask import SoftMask, soften_sparing
from inpaint_core.raster.soft_rim import DEPTH, measure_soft_rim


def find_effective_mask(request: InpaintRequest) -> tuple[SoftMask, tuple[Message, ...]]:
    """The mask that is filled, and warnings where less was grown or feathered than asked for."""
    options = request.options
    mask, grow, feather = soften_sparing(request.mask, options.grow, options.feather)
    warnings: tuple[Message, ...] = ()
    if grow != options.grow:
        warnings += (Message("engine.less_grown", wanted=options.grow, used=grow),)
    if feather == 0 < options.feather:
        warnings += (Message("engine.not_feathered", wanted=options.feather),)
    elif feather != options.feather:
        warnings += (Message("engine.less_feathered", wanted=options.feather, used=feather),)
    return mask, warnings


def find_tight_mask(request: InpaintRequest, mask: SoftMask) -> tuple[Message, ...]:
    """A warning where the ``mask`` ends on the edge of what it covers and leaves a rim of that."""
    if mask.rect.is_empty:
        return ()
    if request.alpha is not None:
        near = mask.rect.grow(DEPTH + 2).intersect(Rect.whole(request.alpha.shape))
        if request.alpha[near.slices].min() < np.iinfo(request.alpha.dtype).max:
            return ()  # the colours of what is invisible say nothing
    rim = measure_soft_rim(request.image, mask)
    if rim == 0:
        return ()
    return (Message("engine.tight_mask", pixels=max(request.options.grow, 0) + rim),)
