"""How copied texture must change its colours to fit where it is put."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from app.document.restoration import Colours
from inpaint_core.contract.arrays import BoolMask, FloatImage
from inpaint_core.contract.geometry import Rect
from inpaint_core.contract.request import Fill
from inpaint_core.raster.composition import level_colours, to_float

_RING = 8
"""Pixels around a stroke that say which colours are there."""
_MOST_PIXELS = 1 << 20
"""Of more than that, the change is found at a reduced size: it is smooth."""
_STRIP = 256  # rows of the reduced size that are read at a time


@dataclass(frozen=True, eq=False)
class ColourChange:
    """What to add to copied colours in ``bounds`` of the photo: ``values`` (h, w, 3) float32, the
    share of white, one for every ``step`` x ``step`` pixels.
    """

    bounds: Rect
    step: int
    values: FloatImage

    def read(self, rect: Rect) -> FloatImage:
        """(h, w, 3): the change for every pixel of ``rect``, which lies in the bounds."""
        if self.step == 1:
            return self.values[rect.translate(-self.bounds.x, -self.bounds.y).slices]
        scale, half = 1 / self.step, 0.5 - 0.5 / self.step
        moves = np.array(
            [
                [scale, 0, (rect.x - self.bounds.x) * scale - half],
                [0, scale, (rect.y - self.bounds.y) * scale - half],
            ]
        )
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        found = cv2.warpAffine(
            self.values, moves, (rect.w, rect.h), flags=flags, borderMode=cv2.BORDER_REPLICATE
        )
        return np.asarray(found, np.float32)


def find_colour_change(
    strength: NDArray[np.uint8],
    rects: Sequence[Rect],
    read_before: Callable[[Rect], Colours],
    read_copy: Callable[[Rect], Colours],
    find_inside: Callable[[Rect], BoolMask],
) -> ColourChange:
    """The smooth change of what ``read_copy(rect)`` returns that makes it go on with what was
    there, ``read_before(rect)``, around a stroke of ``strength`` (H, W) 0 .. 255 inside ``rects``.

    The differences around the stroke, averaged along it, are spread over it as the smoothest
    surface (`level_colours`): the light fits then, and the grain stays the copied one.
    ``find_inside(rect)``: where there is something to copy.
    """
    bounds = Rect(0, 0, 0, 0)
    for rect in rects:
        bounds = bounds.union(rect)
    whole = Rect.whole(strength.shape)
    step = max(math.ceil(math.sqrt(bounds.area / _MOST_PIXELS)), 1)
    bounds = bounds.grow((_RING + 2) * step).intersect(whole)
    parts = []
    for top in range(bounds.y, bounds.bottom, _STRIP * step):
        strip = Rect(bounds.x, top, bounds.w, _STRIP * step).intersect(bounds)
        before, copied = read_before(strip), read_copy(strip)
        known = find_inside(strip)
        for alpha in (before.alpha, copied.alpha):
            if alpha is not None:  # colours that cannot be seen say nothing
                known = known & (alpha > 0)
        planes = (
            to_float(before.pixels),
            to_float(copied.pixels),
            strength[strip.slices] > 0,
            known,
        )
        parts.append([_shrink(plane.astype(np.float32), step) for plane in planes])
    there, new, touched, seen = (np.concatenate(plane) for plane in zip(*parts, strict=True))
    # A cell wider, so that between the cells nothing is mixed with what is not changed.
    hole = np.asarray(cv2.dilate((touched > 0).astype(np.uint8), np.ones((3, 3))), np.bool_)
    around = cv2.dilate(hole.astype(np.uint8), np.ones((2 * _RING + 1, 2 * _RING + 1))) > 0
    known = seen > np.float32(0.999)
    ring = around & ~hole & known
    if not ring.any():
        return ColourChange(bounds, step, np.zeros_like(new))
    usual = (there[ring] - new[ring]).mean(axis=0)
    there[~known] = new[~known] + usual
    values = level_colours(there, hole, Fill(image=new, overlap=_RING)) - new
    return ColourChange(bounds, step, np.asarray(values, np.float32))


def _shrink(plane: NDArray[np.float32], step: int) -> NDArray[np.float32]:
    """The mean of each ``step`` x ``step`` block; the border is repeated to complete the last."""
    if step == 1:
        return plane
    bottom, right = -plane.shape[0] % step, -plane.shape[1] % step
    even = cv2.copyMakeBorder(plane, 0, bottom, 0, right, cv2.BORDER_REPLICATE)
    size = (even.shape[1] // step, even.shape[0] // step)
    return np.asarray(cv2.resize(even, size, interpolation=cv2.INTER_AREA), np.float32)
