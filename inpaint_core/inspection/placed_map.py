"""A map that lies on the photo, and maps of several tiles put together to one."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from inpaint_core.contract.geometry import Rect
from inpaint_core.inspection.tile_place import Extent, Place

Values = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Laid:
    """``values`` (h, w), or (h, w, 3) for colours in [0, 1], spread evenly over the rectangle
    ``extent`` of the photo. Only what lies in ``crop`` says something about it. NaN: no tile.
    """

    values: Values
    extent: Extent
    crop: Rect

    def cell(self, x: int, y: int) -> tuple[int, int] | None:
        """Row and column of the map's pixel at the photo's pixel (x, y); None outside the crop."""
        if not (self.crop.x <= x < self.crop.right and self.crop.y <= y < self.crop.bottom):
            return None
        left, top, right, bottom = self.extent
        h, w = self.values.shape[:2]
        row = math.floor((y + 0.5 - top) * h / (bottom - top))
        column = math.floor((x + 0.5 - left) * w / (right - left))
        return (row, column) if 0 <= row < h and 0 <= column < w else None

    def at(self, x: int, y: int) -> Values | None:
        """The value, () or (3,), at the photo's pixel (x, y); None where the map has none."""
        cell = self.cell(x, y)
        if cell is None or np.isnan(self.values[cell]).any():
            return None
        return np.asarray(self.values[cell], np.float32)

    def photo_at(self, row: int, column: int) -> tuple[float, float]:
        """The place (x, y) on the photo of the middle of a pixel of the map."""
        left, top, right, bottom = self.extent
        h, w = self.values.shape[:2]
        return left + (column + 0.5) * (right - left) / w, top + (row + 0.5) * (bottom - top) / h

    def over(self, rect: Rect, smooth: bool = False) -> Values:
        """The values at the pixels of a rectangle of the photo, (rect.h, rect.w) or with colours:
        the nearest, or interpolated. NaN where the map has none.
        """
        x, y = np.arange(rect.x, rect.right) + 0.5, np.arange(rect.y, rect.bottom) + 0.5
        return self.sampled(x, y, smooth)

    def sampled(
        self, x: NDArray[np.floating[Any]], y: NDArray[np.floating[Any]], smooth: bool = True
    ) -> Values:
        """The values (len(y), len(x)) at the places of the photo with these coordinates."""
        left, top, right, bottom = self.extent
        h, w = self.values.shape[:2]
        u = (x - left) * w / (right - left) - 0.5
        v = (y - top) * h / (bottom - top) - 0.5
        inside = ((v >= -0.5) & (v <= h - 0.5))[:, None] & ((u >= -0.5) & (u <= w - 0.5))[None]
        if not smooth:  # done here: OpenCV rounds a place half way to either side
            rows, columns = (
                np.clip(np.floor(at + 0.5), 0, size - 1).astype(np.intp)
                for at, size in ((v, h), (u, w))
            )
            out = np.asarray(self.values[rows[:, None], columns[None]], np.float32)
        else:
            across = np.broadcast_to(np.clip(u, 0, w - 1), inside.shape).astype(np.float32)
            down = np.broadcast_to(np.clip(v, 0, h - 1)[:, None], inside.shape).astype(np.float32)
            found = cv2.remap(self.values, across, down, cv2.INTER_LINEAR)
            out = np.asarray(found, np.float32)
        out[~inside] = np.nan
        return out


def put_together(tiles: Sequence[tuple[Place, Values]], stride: int) -> Laid:
    """The maps (h, w) or (h, w, 3) of the tiles of one crop at one size as one map.

    Its pixels are ``stride`` x ``stride`` of the crop at that size. Where tiles overlap their
    values are blended; each counts less towards its edges. Raises ValueError for no tile.
    """
    if not tiles:
        raise ValueError("no tile to lay on the photo")
    first, values = tiles[0]
    height, width = -(-first.height // stride), -(-first.width // stride)
    whole = replace(first, tile=Rect(0, 0, first.width, first.height))
    extent = whole.extent((height, width), stride)
    if len(tiles) == 1 and (first.tile.x, first.tile.y) == (0, 0):
        h, w = values.shape[:2]
        if h >= height and w >= width:
            return Laid(values[:height, :width], extent, first.crop)
    depth = values.shape[2:]
    total = np.zeros((height, width, *depth), np.float32)
    weight = np.zeros((height, width), np.float32)
    for place, plane in tiles:
        used = (-(-place.tile.h // stride), -(-place.tile.w // stride))
        plane = plane[: used[0], : used[1]]
        tent = _tent(plane.shape[0])[:, None] * _tent(plane.shape[1])[None]
        shift = np.array([[1, 0, place.tile.x / stride], [0, 1, place.tile.y / stride]])
        weighted = plane * (tent[..., None] if depth else tent)
        for grid, part in ((total, weighted), (weight, tent)):
            grid += cv2.warpAffine(part.astype(np.float32), shift, (width, height))
    shares = weight[..., None] if depth else weight
    out = np.full_like(total, np.nan)
    np.divide(total, shares, out=out, where=np.broadcast_to(shares > 1e-3, total.shape))
    return Laid(out, extent, first.crop)


def _tent(length: int) -> Values:
    """How much each pixel of a row counts: its distance from the nearer end."""
    at = np.arange(length, dtype=np.float32) + np.float32(0.5)
    return np.asarray(np.minimum(at, length - at), np.float32)
