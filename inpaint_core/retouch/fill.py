"""The one call that most programs need: a photo and a mask in, the filled photo out."""

from __future__ import annotations

from dataclasses import replace
from typing import overload

import numpy as np
from numpy.typing import NDArray

from inpaint_core.contract.arrays import BoolMask, Pixels
from inpaint_core.contract.options import FillOptions
from inpaint_core.contract.progress import Progress
from inpaint_core.engine.engine import Engine
from inpaint_core.photo.photo import Photo
from inpaint_core.retouch.retouch import Retouch


@overload
def fill(
    photo: Photo,
    mask: NDArray[np.uint8] | BoolMask,
    options: FillOptions[BoolMask] | None = None,
    *,
    engine: Engine | None = None,
    progress: Progress | None = None,
) -> Photo: ...


@overload
def fill(
    photo: Pixels,
    mask: NDArray[np.uint8] | BoolMask,
    options: FillOptions[BoolMask] | None = None,
    *,
    engine: Engine | None = None,
    progress: Progress | None = None,
) -> Pixels: ...


def fill(
    photo: Photo | Pixels,
    mask: NDArray[np.uint8] | BoolMask,
    options: FillOptions[BoolMask] | None = None,
    *,
    engine: Engine | None = None,
    progress: Progress | None = None,
) -> Photo | Pixels:
    """Fill what the mask marks, as ``inpaint fill`` does.

    ``photo`` is a `Photo`, or an RGB array (H, W, 3) of uint8 or uint16 in sRGB; what is returned
    is a new one of the same kind. ``mask`` (H, W) is bool, or uint8 from 0 (keep) to 255 (fill).
    The masks of ``options`` are (H, W) bool; None stands for the defaults. An ``engine`` that is
    passed again keeps the networks that it has loaded; ``progress`` hears how far the fill is and
    can cancel it. Raises an `InpaintError` that says what is wrong, or `Cancelled`.
    """
    given = photo if isinstance(photo, Photo) else Photo(photo)
    alpha = None if given.alpha is None else given.alpha.copy()
    retouch = Retouch(replace(given, pixels=given.pixels.copy(), alpha=alpha))
    strength = mask if mask.dtype == np.uint8 else mask.astype(np.uint8) * np.uint8(255)
    retouch.fill(
        np.asarray(strength, np.uint8),
        FillOptions() if options is None else options,
        Engine() if engine is None else engine,
        Progress() if progress is None else progress,
    )
    filled, _ = retouch.finish()
    return filled if isinstance(photo, Photo) else filled.pixels
