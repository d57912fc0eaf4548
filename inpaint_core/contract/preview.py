"""What a fill looks like before it is done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inpaint_core.contract.arrays import Pixels
from inpaint_core.contract.geometry import Rect


@dataclass(frozen=True, eq=False)
class FillPreview:
    """What some holes look like so far; it replaces an earlier one with the same ``rect``.

    ``rect`` of the photo bounds the holes. ``pixels`` (h, w, 3), in the depth and the numbers of
    the request's image, cover the ``extent`` (left, top, right, bottom) of the photo, in its pixels
    and with fractions: a smaller picture is coarser. ``strength`` (h, w) uint8 covers ``rect``, at
    the photo's own scale or, of large holes, smaller: 0 where the photo stays as it is .. 255 where
    the fill replaces it, as in `InpaintResult`; 0 in holes that are not meant. ``opacity`` (h, w)
    uint8, of the same size as ``pixels``, is the fill's in a transparent photo, otherwise None.
    """

    rect: Rect
    pixels: Pixels
    extent: tuple[float, float, float, float]
    strength: NDArray[np.uint8]
    opacity: NDArray[np.uint8] | None = None


OnPreview = Callable[[FillPreview], None]
