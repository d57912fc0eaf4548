"""Where a tile and the pixels of its maps lie on the photo."""

from __future__ import annotations

import math
from dataclasses import dataclass

from inpaint_core.contract.geometry import Rect
from inpaint_core.networks.taps import Pass

Extent = tuple[float, float, float, float]
"""Left, top, right, bottom on the photo; the pixel (x, y) covers x .. x+1, y .. y+1."""


@dataclass(frozen=True, slots=True)
class Place:
    """A tile: the rectangle ``tile`` of the photo's rectangle ``crop`` at another size, ``width`` x
    ``height``. It fills the hole inside ``inner``, a rectangle of the same scaled crop.

    The map of a tap with a stride lies on the tile with one pixel on ``stride`` x ``stride`` of the
    tile's, from its top left corner on.
    """

    crop: Rect
    width: int
    height: int
    tile: Rect
    inner: Rect

    @classmethod
    def of(cls, seen: Pass) -> Place:
        """The place of a generator's pass."""
        return cls(seen.crop, *seen.size, seen.tile, seen.inner)

    @property
    def whole(self) -> bool:
        """True where the tile is all of the scaled crop."""
        return self.tile.contains(Rect(0, 0, self.width, self.height))

    @property
    def scale(self) -> tuple[float, float]:
        """Tile pixels per photo pixel, across and down."""
        return self.width / self.crop.w, self.height / self.crop.h

    def extent(self, shape: tuple[int, int], stride: int) -> Extent:
        """What a map of ``shape`` (h, w) covers of the photo. It may reach beyond the crop: tiles
        are padded at the bottom and the right.
        """
        sx, sy = self.scale
        left, top = self.crop.x + self.tile.x / sx, self.crop.y + self.tile.y / sy
        return left, top, left + shape[1] * stride / sx, top + shape[0] * stride / sy

    def pixel(self, x: int, y: int, stride: int = 1) -> tuple[int, int]:
        """Row and column of the map's pixel that the middle of the photo's pixel (x, y) lies on;
        they may lie beyond the map.
        """
        sx, sy = self.scale
        column = ((x + 0.5 - self.crop.x) * sx - self.tile.x) / stride
        row = ((y + 0.5 - self.crop.y) * sy - self.tile.y) / stride
        return math.floor(row), math.floor(column)

    def fills(self, x: int, y: int) -> bool:
        """True where the tile fills the photo's pixel (x, y), if that is hole."""
        row, column = self.pixel(x, y)
        at = self.tile.translate(column, row)
        inner = self.inner
        return inner.x <= at.x < inner.right and inner.y <= at.y < inner.bottom
