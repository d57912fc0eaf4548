"""What becomes of a photo's transparency where something is removed."""

from __future__ import annotations

import numpy as np

from inpaint_core.contract.arrays import Pixels
from inpaint_core.contract.geometry import Rect
from inpaint_core.photo.photo import as_pixels
from inpaint_core.raster.membrane import solve_membrane
from inpaint_core.raster.soft_mask import SoftMask

_CONTEXT = 2
"""The surface depends on nothing but the pixels next to the hole."""


def needed_around(rect: Rect, shape: tuple[int, ...]) -> Rect:
    """The part of alpha that decides how it continues into a hole in ``rect``."""
    return rect.grow(_CONTEXT).intersect(Rect.whole(shape))


def continue_alpha(alpha: Pixels, mask: SoftMask) -> Pixels | None:
    """``alpha`` (H, W) continued smoothly into what the ``mask`` reaches, so that no outline of
    what was there is left in it: its values (h, w) in ``mask.rect``.

    None where alpha is the same everywhere in and around the hole, or known nowhere around it,
    and so stays as it is.
    """
    if mask.rect.is_empty:
        return None
    rect = needed_around(mask.rect, alpha.shape)
    near = alpha[rect.slices]
    hole = mask.over(rect) > 0
    if near.min() == near.max() or hole.all():
        return None
    most = np.iinfo(alpha.dtype).max
    surface = solve_membrane((near.astype(np.float32) / np.float32(most))[..., None], hole)[..., 0]
    filled = np.rint(np.clip(surface, 0.0, 1.0) * most).astype(alpha.dtype)
    inside = mask.rect.translate(-rect.x, -rect.y)
    return as_pixels(np.where(hole, filled, near)[inside.slices])
