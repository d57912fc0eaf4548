"""Whether a file that was written holds what it should, outside of what was filled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from inpaint_core.contract import Pixels

_BAND = 256  # rows compared at once


@dataclass(frozen=True)
class Check:
    """What reading the file again showed, outside of what was filled.

    ``pixels`` were compared, ``differing`` are not as they should be, by ``mean`` levels on the
    average of all and by ``most`` at the most, of ``levels``. ``lossless``: none may differ.
    ``converted``: the comparison is with the photo after the conversion that was asked for.
    """

    pixels: int
    differing: int
    mean: float
    most: int
    levels: int
    lossless: bool
    converted: bool


def compared(
    pixels: Pixels,
    original: Pixels,
    want: Pixels,
    found: Pixels,
    *,
    lossless: bool,
    converted: bool,
) -> Check:
    """Compare the file's pixels ``found`` with those it should have, ``want``, where ``pixels``
    are still the ``original`` ones. All (H, W, 3), the latter two at the file's depth.

    Without a conversion ``want`` is the original's own numbers there.
    """
    import numpy as np

    count = differing = most = 0
    total = 0.0
    for top in range(0, len(want), _BAND):
        rows = slice(top, top + _BAND)
        outside = (pixels[rows] == original[rows]).all(axis=2)
        step = np.abs(found[rows].astype(np.int32) - want[rows].astype(np.int32))[outside]
        count += len(step)
        differing += int(np.count_nonzero(step.any(axis=1)))
        most = max(most, int(step.max(initial=0)))
        total += float(step.sum(dtype=np.float64))
    return Check(
        pixels=count,
        differing=differing,
        mean=total / (3 * count) if count else 0.0,
        most=most,
        levels=int(np.iinfo(found.dtype).max),
        lossless=lossless,
        converted=converted or original.dtype != found.dtype,
    )
