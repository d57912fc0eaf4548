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

LIMIT = 0.25
"""Differences above this (of the full range) are taken for true edges, which must not bleed."""


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
    wished = np.zeros_like(found)
    voices = np.zeros((found.shape[0], 1), np.float32)
    for ay, ax, sy, sx in ((py, px, 1, 1), (qy, qx, -1, -1)):
        cy, cx = ay + offsets[ay, ax, 0], ax + offsets[ay, ax, 1]
        ny, nx = cy + sy * dy, cx + sx * dx
        heard = hole[ay, ax] & (ny >= 0) & (nx >= 0)
        heard &= (ny < hole.shape[0]) & (nx < hole.shape[1])
        ny, nx = np.where(heard, ny, cy), np.where(heard, nx, cx)
        heard &= ~hole[ny, nx]
        wished += np.where(heard[:, None], (image[ny, nx] - image[cy, cx]) * sy, 0)
        voices += heard[:, None]
    step = np.where(voices > 0, wished / np.maximum(voices, 1) - found, 0)
    np.clip(step, -LIMIT, LIMIT, out=step)
    error[y, x] += step
    error[y + dy, x + dx] -= step
