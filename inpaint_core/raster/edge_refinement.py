"""The border of a region that was found small, brought to the edges of the photo.

A guided filter (He, Sun and Tang, “Guided image filtering”, TPAMI 2013) with the photo's colours as
its guide, computed small and applied large as in He and Sun, “Fast guided filter” (2015).
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from inpaint_core.contract.arrays import FloatImage, Pixels

_TILE = 512  # pixels a side that are computed at once
_BOX = 9  # pixels of the small image that the filter looks at
_SMOOTHNESS = 1e-3
"""Variance of colours (0 .. 1) from which the guided filter keeps an edge."""


def refine_edge(region: FloatImage, small: NDArray[np.uint8], image: Pixels) -> NDArray[np.uint8]:
    """The strength (H, W) 0 .. 255 of ``region`` at the size of ``image`` (H, W, 3) uint8 or
    uint16, near its border linear in the colours.

    ``region`` (h, w) 0 .. 1; ``small`` (h, w, 3): the image at the region's size.
    """
    fields = _fit_colours(region, small)
    reach = np.ones((_BOX, _BOX), np.uint8)
    nearest, farthest = cv2.dilate(region, reach), cv2.erode(region, reach)
    height, width = image.shape[:2]
    out = np.empty((height, width), np.uint8)
    # In tiles: most of them lie wholly inside or outside, and float32 images of a whole photo
    # would take a gigabyte.
    for top in range(0, height, _TILE):
        for left in range(0, width, _TILE):
            rows, columns = slice(top, top + _TILE), slice(left, left + _TILE)
            near = _cover_small(region.shape, image.shape, top, left)
            if nearest[near].max() < 0.02:
                out[rows, columns] = 0
                continue
            if farthest[near].min() > 0.98:
                out[rows, columns] = 255
                continue
            part = image[rows, columns]
            if part.dtype == np.uint16:
                part = (part >> 8).astype(np.uint8)
            at = (left, top, part.shape[1], part.shape[0])
            strength = _enlarge(fields[..., 3], image.shape, at)
            for channel in range(3):
                slope = _enlarge(fields[..., channel], image.shape, at)
                colour = np.asarray(part[..., channel], np.float32)
                cv2.multiply(slope, colour, slope, 1 / 255)
                cv2.add(strength, slope, strength)
            # Twice as steep: the filter's edge is a little wider than the photo's.
            out[rows, columns] = np.clip(strength * 510 - 127, 0, 255)
    return out


def _fit_colours(region: FloatImage, small: NDArray[np.uint8]) -> FloatImage:
    """Slopes for each colour and an offset (h, w, 4) that give ``region`` in any neighbourhood."""
    box = (_BOX, _BOX)
    guide = small.astype(np.float32) * np.float32(1 / 255)
    mean, level = cv2.blur(guide, box), cv2.blur(region, box)
    along = cv2.blur(guide * region[..., None], box) - mean * level[..., None]
    products = np.empty((*region.shape, 3, 3), np.float32)
    for one in range(3):
        for other in range(one, 3):
            both = cv2.blur(guide[..., one] * guide[..., other], box)
            both = both - mean[..., one] * mean[..., other]
            products[..., one, other] = products[..., other, one] = both
    products += np.eye(3, dtype=np.float32) * np.float32(_SMOOTHNESS)
    slopes = np.linalg.solve(products, along[..., None])[..., 0]
    offset = level - (slopes * mean).sum(axis=2)
    return np.asarray(cv2.blur(np.dstack([slopes, offset]), box), np.float32)


def _cover_small(
    small: tuple[int, ...], large: tuple[int, ...], top: int, left: int
) -> tuple[slice, slice]:
    """The pixels of the small image that a tile of the large one lies in."""
    slices = []
    for start, few, many in ((top, small[0], large[0]), (left, small[1], large[1])):
        low = min(start * few // many, few - 1)
        high = -(-min(start + _TILE, many) * few // many)
        slices.append(slice(max(low - 1, 0), min(high + 1, few)))
    return slices[0], slices[1]


def _enlarge(
    field: FloatImage, shape: tuple[int, ...], at: tuple[int, int, int, int]
) -> FloatImage:
    """The part ``at`` (x, y, width, height) of ``field`` (h, w) enlarged to ``shape`` (H, W)."""
    across, down = field.shape[1] / shape[1], field.shape[0] / shape[0]
    # Maps pixel centres to the small image.
    matrix = np.array(
        [[across, 0, (at[0] + 0.5) * across - 0.5], [0, down, (at[1] + 0.5) * down - 0.5]]
    )
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    enlarged = cv2.warpAffine(
        field, matrix, (at[2], at[3]), flags=flags, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(enlarged, np.float32)
