"""What becomes of a photo's transparency where something is removed."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from inpaint_core.contract.arrays import Pixels
from inpaint_core.contract.geometry import Rect
from inpaint_core.photo.photo import as_pixels
from inpaint_core.raster.membrane import relax
from inpaint_core.raster.soft_masks import soften


def continued(
    alpha: Pixels, mask: NDArray[np.uint8], grow: int, feather: float
) -> tuple[Rect, Pixels] | None:
    """``alpha`` (H, W) continued smoothly into the hole, so that no outline of what was there is
    left in it: where it differs, and its values there.

    ``mask`` (H, W), ``grow`` and ``feather`` as in `InpaintRequest`. None where alpha is the same
    everywhere in and around the hole, or known nowhere around it, and so stays as it is.
    """
    soft = soften(mask, grow, feather)
    if soft.rect.empty:
        return None
    # The surface depends on nothing but the pixels next to the hole.
    rect = soft.rect.grow(2).intersect(Rect.whole(alpha.shape))
    near = alpha[rect.slices]
    hole = soft.over(rect) > 0
    if near.min() == near.max() or hole.all():
        return None
    most = np.iinfo(alpha.dtype).max
    surface = relax((near.astype(np.float32) / np.float32(most))[..., None], hole)[..., 0]
    filled = np.rint(np.clip(surface, 0.0, 1.0) * most).astype(alpha.dtype)
    return rect, as_pixels(np.where(hole, filled, near))


def with_hole(
    alpha: Pixels | None, mask: NDArray[np.uint8], grow: int, feather: float
) -> Pixels | None:
    """The whole of alpha (H, W) as the filled photo has it: see `continued`; None without one."""
    if alpha is None:
        return None
    found = continued(alpha, mask, grow, feather)
    if found is None:
        return alpha
    rect, values = found
    out = alpha.copy()
    out[rect.slices] = values
    return out
