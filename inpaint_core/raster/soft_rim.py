"""Whether a mask ends on the edge of what it covers, and how much of that edge it leaves out.

The edge of an object is spread over a few pixels, by the lens, by sampling and by sharpening. A
mask that ends in the middle of them leaves a rim of the object's colour around the hole, which is
then copied and spread into it.
"""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from inpaint_core.contract.arrays import Pixels
from inpaint_core.contract.geometry import Rect
from inpaint_core.raster.soft_mask import SoftMask

DEPTH = 8
"""Pixels on each side of the mask's border that are looked at."""
WIDEST = DEPTH // 2
"""Pixels of a rim that can be told from what lies around it; of a wider one, these are found."""
NEAR = 2
"""An edge no farther than this from the border, in pixels, is on it."""
DISTINCT = 1.5
"""The step at the border counts as an edge where it is that many times any step farther away."""
LEAST_STEP = 12.0
"""And at least so high, in 8-bit levels."""
LEAST_SHARE = 0.5
"""A mask is tight where that share of its border lies on an edge; where N points of a border are
looked at, 1 / sqrt(N) more, as a short border may follow an edge of the photo by chance."""
LEAST_REST = 0.1
"""A rim is visible where at least this share of the object's contrast is left."""
_MOST_POINTS = 1024
_LEAST_POINTS = 24


def measure_soft_rim(image: Pixels, mask: SoftMask, part: Rect | None = None) -> int:
    """The width, in pixels, of the object's soft rim that lies outside of a tight ``mask``; 0 where
    the mask does not end on an edge, or leaves nothing of it out.

    ``image`` (H, W, 3) uint8 or uint16. Only pixels at full strength belong to the mask, so its
    fade is looked at as a part of the photo. Of a mask of several holes, only the borders that lie
    in the ``part`` are looked at. The result is at most `WIDEST`; if it is less, growing the mask
    by it leaves no rim.
    """
    profiles = _read_profiles(image, mask, mask.rect if part is None else part)
    if len(profiles) < _LEAST_POINTS:
        return 0
    on_edge = find_edges(profiles)
    if on_edge.mean() < LEAST_SHARE + 1 / math.sqrt(len(profiles)):
        return 0
    found = profiles[on_edge]
    inside, outside = found[:, :4].mean(axis=1), found[:, -4:].mean(axis=1)
    contrast = inside - outside
    rest = ((found - outside[:, None]) * contrast[:, None]).sum(axis=(0, 2))
    share = rest / np.square(contrast).sum()
    left = np.flatnonzero(share[DEPTH : DEPTH + WIDEST] >= LEAST_REST)
    return int(left[-1]) + 1 if left.size else 0


def find_edges(profiles: NDArray[np.float32]) -> NDArray[np.bool_]:
    """At which of the ``profiles`` (N, 2 * DEPTH, 3), from inside to outside, in 8-bit levels, the
    mask ends on an edge: (N,) bool.
    """
    soft = (profiles[:, :-1] + profiles[:, 1:]) / 2
    steps = np.sqrt(np.square(soft[:, 2:] - soft[:, :-2]).mean(axis=2))
    middle = steps.shape[1] // 2
    at_border = np.zeros(steps.shape[1], np.bool_)
    at_border[middle - NEAR : middle + NEAR + 1] = True
    own = steps[:, at_border].max(axis=1)
    far = at_border.copy()
    far[middle - NEAR - 1 : middle + NEAR + 2] = True  # a step is as wide as it is blurred
    other = steps[:, ~far].max(axis=1)
    return np.asarray((own >= LEAST_STEP) & (own >= DISTINCT * other))


def _read_profiles(image: Pixels, mask: SoftMask, part: Rect) -> NDArray[np.float32]:
    """The colours (N, 2 * DEPTH, 3) across the border of ``mask`` in the ``part``, in 8-bit levels,
    from inside to outside, at points spread over the border. Where another hole or the photo's end
    is near, there are none.
    """
    whole = Rect.whole(image.shape)
    rect = part.grow(DEPTH + 2).intersect(whole)
    full = mask.over(rect)
    np.equal(full, 255, out=full.view(np.bool_))  # in place: it may be as large as the photo
    y, x = _find_border(full)
    inner = part.translate(-rect.x, -rect.y)
    within = (y >= inner.y) & (y < inner.bottom) & (x >= inner.x) & (x < inner.right)
    y, x = y[within], x[within]
    step = max(1, y.size // _MOST_POINTS)
    y, x = y[::step], x[::step]
    down, across = _find_slope(full, y, x)
    length = np.hypot(down, across)
    at = np.arange(-DEPTH + 1, DEPTH + 1, dtype=np.float32)
    safe = np.maximum(length, np.float32(1e-6))
    py = np.rint(y[:, None] - at * (down / safe)[:, None]).astype(np.intp)
    px = np.rint(x[:, None] - at * (across / safe)[:, None]).astype(np.intp)
    inside = ((py >= 0) & (px >= 0) & (py < rect.h) & (px < rect.w)).all(axis=1) & (length > 0)
    py, px = py[inside], px[inside]
    covered = full[py, px] > 0
    straight = covered[:, :DEPTH].all(axis=1) & ~covered[:, DEPTH:].any(axis=1)
    py, px = py[straight], px[straight]
    scale = np.float32(255 / np.iinfo(image.dtype).max)
    return np.asarray(image[py + rect.y, px + rect.x] * scale, np.float32)


def _find_border(full: NDArray[np.uint8]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The rows and columns of the pixels of ``full`` (h, w), 0 or 1, that lie on its border. Only
    rows that hold any are looked at: a few spots may be a whole photo apart.
    """
    held = np.pad(full.any(axis=1), 1).astype(np.int8)
    first, last = (np.flatnonzero(np.diff(held) == step) for step in (1, -1))
    box, found = np.ones((3, 3), np.uint8), []
    for top, bottom in zip(first.tolist(), last.tolist(), strict=True):
        above = max(top - 1, 0)
        part = full[above : bottom + 1]
        y, x = np.nonzero(part & (cv2.erode(part, box) == 0))
        found.append(np.stack([y + above, x]))
    y, x = np.concatenate(found, axis=1) if found else np.zeros((2, 0), np.intp)
    return y, x


def _find_slope(
    mask: NDArray[np.uint8], y: NDArray[np.intp], x: NDArray[np.intp]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """How steeply the blurred ``mask`` rises downwards and to the right at each point (N,)."""
    reach = 3
    kernel, slope = cv2.getDerivKernels(0, 1, 2 * reach + 1)
    weights = np.asarray(slope * kernel.T, np.float32)
    dy, dx = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    rows = np.clip(y[:, None, None] + dy, 0, mask.shape[0] - 1)
    columns = np.clip(x[:, None, None] + dx, 0, mask.shape[1] - 1)
    windows = mask[rows, columns].astype(np.float32)
    down = np.einsum("nij,ij->n", windows, weights)
    return down, np.einsum("nij,ji->n", windows, weights)
