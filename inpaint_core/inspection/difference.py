"""Map against map, run against run."""

from __future__ import annotations

import numpy as np

from inpaint_core.inspection.colour_maps import Scale, scale_of
from inpaint_core.inspection.placed_map import Laid


def difference(one: Laid, other: Laid) -> Laid:
    """``other`` minus ``one``, on the pixels of ``one``; NaN where either has no value.

    Maps of other sizes or extents are interpolated. Raises ValueError when one map is in colours
    and the other is not.
    """
    if one.values.shape[2:] != other.values.shape[2:]:
        raise ValueError("colours against values")
    if one.extent == other.extent and one.values.shape == other.values.shape:
        return Laid(other.values - one.values, one.extent, one.crop)
    h, w = one.values.shape[:2]
    left, top, right, bottom = one.extent
    x = left + (np.arange(w) + 0.5) * (right - left) / w
    y = top + (np.arange(h) + 0.5) * (bottom - top) / h
    return Laid(other.sampled(x, y) - one.values, one.extent, one.crop)


def common_scale(*maps: Laid) -> Scale:
    """One scale from the smallest to the largest value of all maps."""
    return scale_of(np.concatenate([m.values.ravel() for m in maps]))
