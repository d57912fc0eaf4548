"""Gradient-domain composition of copied pixels: no colour step, the grain stays.

Where two neighbouring pixels were copied from different places, the photo says twice what their
difference should be: at the source of the one and at the source of the other. The fill is changed
by the smoothest surface that makes its differences agree with that (Perez, Gangnet, Blake 2003;
Pritch, Kav-Venaki, Peleg, "Shift-Map Image Editing", 2009).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from inpaint_core.contract import BoolMask, FloatImage
from inpaint_core.geometry import Rect
from inpaint_core.membrane import relax

_Ints = NDArray[np.intp]

EDGE = 0.25
"""Steps well above this (of the full range) are taken for true edges, whose colours must not bleed
into the fill; the influence of a step falls beyond it (a redescending estimator)."""


def level_out(image: FloatImage, hole: BoolMask, offsets: NDArray[np.int32]) -> FloatImage:
    """``image`` (h, w, 3) in [0, 1] with its hole filled by copying with ``offsets`` (h, w, 2),
    order dy, dx, and the steps between differently copied pixels and at the border levelled out.
    """
    out = image.copy()
    y, x = np.nonzero(hole)
    out[y, x] = image[y + offsets[y, x, 0], x + offsets[y, x, 1]]
    box = Rect.bounding(hole).grow(1).intersect(Rect.whole(hole.shape))
    if box.empty:
        return out
    error = np.zeros((box.h, box.w, image.shape[2]), np.float32)
    for axis in (0, 1):
        _add_steps(error, out, hole, offsets, box, axis)
    inner = hole[box.slices]
    change = relax(np.zeros_like(error), inner, error)
    out[box.slices][inner] += change[inner]
    return out


def _add_steps(
    error: FloatImage,
    image: FloatImage,
    hole: BoolMask,
    offsets: NDArray[np.int32],
    box: Rect,
    axis: int,
) -> None:
    """Add to ``error`` the wished minus the found difference between neighbours along ``axis``."""
    dy, dx = (1, 0) if axis == 0 else (0, 1)
    first = Rect(box.x, box.y, box.w - dx, box.h - dy)
    second = first.translate(dx, dy)
    apart = (offsets[first.slices] != offsets[second.slices]).any(axis=2)
    y, x = np.nonzero((hole[first.slices] | hole[second.slices]) & apart)
    py, px = y + first.y, x + first.x
    qy, qx = py + dy, px + dx
    found = image[qy, qx] - image[py, px]
    one, heard_one = _difference(image, hole, offsets, (py, px), (dy, dx))
    two, heard_two = _difference(image, hole, offsets, (qy, qx), (-dy, -dx))
    # The mean of two grains is a flatter grain: the larger of the two differences is taken
    # ("mixing gradients", Perez et al., equation 12).
    wished = np.where(np.abs(one) >= np.abs(two), one, -two)
    step = np.where((heard_one | heard_two)[:, None], wished - found, 0)
    size = np.abs(step).max(axis=1, keepdims=True)
    step /= 1 + (size / EDGE) ** 4
    error[y, x] += step
    error[y + dy, x + dx] -= step


def _difference(
    image: FloatImage,
    hole: BoolMask,
    offsets: NDArray[np.int32],
    at: tuple[_Ints, _Ints],
    towards: tuple[int, int],
) -> tuple[FloatImage, BoolMask]:
    """By how much the neighbour ``towards`` differs where the pixels ``at`` were copied from.

    0 and False where a pixel was not copied or its source has no known neighbour there.
    """
    y, x = at
    cy, cx = y + offsets[y, x, 0], x + offsets[y, x, 1]
    ny, nx = cy + towards[0], cx + towards[1]
    inside = (ny >= 0) & (nx >= 0) & (ny < hole.shape[0]) & (nx < hole.shape[1])
    ny, nx = np.where(inside, ny, cy), np.where(inside, nx, cx)
    heard = hole[y, x] & inside & ~hole[ny, nx]
    return np.where(heard[:, None], image[ny, nx] - image[cy, cx], np.float32(0)), heard
