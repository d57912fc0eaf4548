"""Maps placed on the photo: from tiles to one map per crop, and differences of two maps."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from inpaint_core.contract.geometry import Rect
from inpaint_core.contract.specs import GeneratorPass

Values = NDArray[np.float32]

Extent = tuple[float, float, float, float]
"""Left, top, right, bottom on the photo; the pixel (x, y) covers x .. x+1, y .. y+1."""


@dataclass(frozen=True, slots=True)
class TilePlace:
    """Where a tile lies: the rectangle ``tile`` of the photo's rectangle ``crop`` scaled to
    ``width`` x ``height``. It fills the hole inside ``inner``, a rectangle of the same scaled crop.

    One pixel of a tap's map covers ``stride`` x ``stride`` pixels of the tile, from its top left
    corner on.
    """

    crop: Rect
    width: int
    height: int
    tile: Rect
    inner: Rect

    @classmethod
    def from_pass(cls, made: GeneratorPass) -> TilePlace:
        """The place of a generator's pass."""
        return cls(made.crop, *made.size, made.tile, made.inner)

    @property
    def is_whole(self) -> bool:
        """True where the tile is all of the scaled crop."""
        return self.tile.contains(Rect(0, 0, self.width, self.height))

    @property
    def scale(self) -> tuple[float, float]:
        """Tile pixels per photo pixel, across and down."""
        return self.width / self.crop.w, self.height / self.crop.h

    def extent(self, shape: tuple[int, int], stride: int) -> Extent:
        """The part of the photo that a map of ``shape`` (h, w) covers. It may reach beyond the
        crop, as tiles are padded at the bottom and on the right.
        """
        sx, sy = self.scale
        left, top = self.crop.x + self.tile.x / sx, self.crop.y + self.tile.y / sy
        return left, top, left + shape[1] * stride / sx, top + shape[0] * stride / sy

    def pixel(self, x: int, y: int, stride: int = 1) -> tuple[int, int]:
        """Row and column of the map's pixel under the middle of the photo's pixel (x, y), possibly
        outside the map.
        """
        sx, sy = self.scale
        column = ((x + 0.5 - self.crop.x) * sx - self.tile.x) / stride
        row = ((y + 0.5 - self.crop.y) * sy - self.tile.y) / stride
        return math.floor(row), math.floor(column)

    def fills(self, x: int, y: int) -> bool:
        """True if the tile fills the photo's pixel (x, y) where that is in the hole."""
        row, column = self.pixel(x, y)
        at = self.tile.translate(column, row)
        inner = self.inner
        return inner.x <= at.x < inner.right and inner.y <= at.y < inner.bottom


@dataclass(frozen=True, eq=False)
class PlacedMap:
    """``values`` (h, w), or (h, w, 3) for colours in [0, 1], spread evenly over the rectangle
    ``extent`` of the photo. Only the part in ``crop`` is meaningful. NaN: no tile.
    """

    values: Values
    extent: Extent
    crop: Rect

    @classmethod
    def on_photo(cls, values: NDArray[Any], rect: Rect) -> PlacedMap:
        """A map with one value for each pixel of ``rect``."""
        return cls(np.asarray(values, np.float32), (rect.x, rect.y, rect.right, rect.bottom), rect)

    def value_at(self, x: int, y: int) -> Values | None:
        """The value, () or (3,), at the photo's pixel (x, y); None outside of the crop and of all
        tiles.
        """
        if not (self.crop.x <= x < self.crop.right and self.crop.y <= y < self.crop.bottom):
            return None
        left, top, right, bottom = self.extent
        h, w = self.values.shape[:2]
        row = math.floor((y + 0.5 - top) * h / (bottom - top))
        column = math.floor((x + 0.5 - left) * w / (right - left))
        if not (0 <= row < h and 0 <= column < w) or np.isnan(self.values[row, column]).any():
            return None
        return np.asarray(self.values[row, column], np.float32)

    def to_photo(self, row: int, column: int) -> tuple[float, float]:
        """The photo's coordinates (x, y) of the middle of a pixel of the map."""
        left, top, right, bottom = self.extent
        h, w = self.values.shape[:2]
        return left + (column + 0.5) * (right - left) / w, top + (row + 0.5) * (bottom - top) / h

    def sample(
        self, x: NDArray[np.floating[Any]], y: NDArray[np.floating[Any]], smooth: bool = True
    ) -> Values:
        """The values (len(y), len(x)), or with a third axis for colours, at these places of the
        photo: the nearest, or interpolated. NaN where the map has none.
        """
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


def merge_tiles(tiles: Sequence[tuple[TilePlace, Values]], stride: int) -> PlacedMap:
    """Merge the maps (h, w) or (h, w, 3) of one crop's tiles at one size.

    A pixel of the result covers ``stride`` x ``stride`` of the scaled crop. Overlapping tiles are
    blended, each counting less towards its edges. Raises ValueError for no tile.
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
            return PlacedMap(values[:height, :width], extent, first.crop)
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
    return PlacedMap(out, extent, first.crop)


def _tent(length: int) -> Values:
    """The blending weight of each pixel of a row: its distance from the nearer end."""
    at = np.arange(length, dtype=np.float32) + np.float32(0.5)
    return np.asarray(np.minimum(at, length - at), np.float32)


def subtract_maps(one: PlacedMap, other: PlacedMap) -> PlacedMap:
    """``other`` minus ``one``, on the pixels of ``one``; NaN where either has no value.

    Maps of other sizes or extents are interpolated. Raises ValueError when one map is in colours
    and the other is not.
    """
    if one.values.shape[2:] != other.values.shape[2:]:
        raise ValueError("colours against values")
    if one.extent == other.extent and one.values.shape == other.values.shape:
        return PlacedMap(other.values - one.values, one.extent, one.crop)
    h, w = one.values.shape[:2]
    left, top, right, bottom = one.extent
    x = left + (np.arange(w) + 0.5) * (right - left) / w
    y = top + (np.arange(h) + 0.5) * (bottom - top) / h
    return PlacedMap(other.sample(x, y) - one.values, one.extent, one.crop)
