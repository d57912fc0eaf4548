"""The opacity of what was filled in a transparent photo."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from inpaint_core.contract.arrays import BoolMask
from inpaint_core.contract.progress import Progress
from inpaint_core.raster.membrane import solve_membrane


def fill_opacity(
    opacity: NDArray[np.float32],
    hole: BoolMask,
    offsets: NDArray[np.int32] | None,
    progress: Progress,
) -> NDArray[np.float32]:
    """``opacity`` (h, w) in [0, 1] with its ``hole`` (h, w) filled as the colours were.

    Where they were copied with ``offsets`` (h, w, 2), order dy, dx, opacity comes from the same
    pixels, without steps between those from different places; what was copied from wholly visible
    or invisible pixels stays that. Without offsets it is continued smoothly. Raises `Cancelled`.
    """
    known = np.where(hole, np.float32(0), opacity)[..., None]
    if offsets is None or not offsets.any():
        return np.clip(solve_membrane(known, hole, None, progress)[..., 0], 0, 1)
    from inpaint_core.exemplar.seam_levelling import level_seams

    out = level_seams(known, hole, offsets, progress)[..., 0]
    y, x = np.nonzero(hole)
    copied = known[y + offsets[y, x, 0], x + offsets[y, x, 1], 0]
    is_partly_visible = (copied > 0) & (copied < 1)
    out[y, x] = np.where(is_partly_visible, np.clip(out[y, x], 0, 1), copied)
    return out
