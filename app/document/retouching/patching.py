"""Healing a region with another one: its texture, in the colours and the light of the region."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from app.document.restoration import Colours, cover_restored
from inpaint_core.contract.geometry import Rect
from inpaint_core.contract.request import Fill
from inpaint_core.raster.composition import level_colours, to_float
from inpaint_core.raster.mix_pixels import mix_pixels

if TYPE_CHECKING:
    from app.document.open_edit import OpenEdit

_RING = 8
"""Pixels around the region that say which colours are there."""


def heal_region(
    editing: OpenEdit, rect: Rect, strength: NDArray[np.uint8], move: tuple[int, int]
) -> None:
    """Copy into ``rect``, as strong as ``strength`` (h, w) 0 .. 255, what lies ``move`` (x, y)
    pixels from there, without the smooth difference of the colours around both (`level_colours`).

    What lies beyond the photo is not copied. Pixels of strength 0 stay bit for bit.
    """
    across, down = move
    whole = Rect.whole(editing.shape)
    reached = whole.intersect(whole.translate(-across, -down))
    inside, box = rect.intersect(reached), rect.grow(_RING).intersect(reached)
    if inside.is_empty:
        return
    share = np.zeros((box.h, box.w), np.uint8)
    part = strength[inside.translate(-rect.x, -rect.y).slices]
    share[inside.translate(-box.x, -box.y).slices] = part
    before = _read(editing, box)
    copied = _read(editing, box.translate(across, down))
    image, source = to_float(before.pixels), to_float(copied.pixels)
    for alpha in (before.alpha, copied.alpha):
        if alpha is not None:  # colours that cannot be seen say nothing
            image[alpha == 0] = source[alpha == 0]
    levelled = level_colours(image, share > 0, Fill(image=source, overlap=_RING))
    depth = before.pixels.dtype
    white = np.float32(np.iinfo(depth).max)
    healed = np.rint(np.clip(levelled, 0, 1) * white).astype(depth)
    alphas = None
    if before.alpha is not None and copied.alpha is not None:
        alphas = (before.alpha, copied.alpha)
    now = Colours(*mix_pixels(before.pixels, healed, share, alphas))
    cover_restored(editing, box, before, now)
    editing.write("pixels", box, now.pixels)
    if now.alpha is not None:
        editing.write("alpha", box, now.alpha)


def _read(editing: OpenEdit, rect: Rect) -> Colours:
    read = partial(editing.read_before, rect=rect)
    return Colours(read("pixels"), read("alpha") if editing.has_alpha else None)
