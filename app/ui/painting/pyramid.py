"""A picture at its own size, at a half, a quarter, ...: kept up to date rectangle by rectangle."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from inpaint_core.contract.geometry import Rect

Array = NDArray[np.uint8]

_SMALLEST = 256  # pixels; below this a further half-size level saves nothing
_TILE = 256  # pixels at a level's own size


def halve(values: Array) -> Array:
    """The mean of every 2x2 pixels of ``values`` (H, W[, C]); the last row or column of an odd
    number is taken twice. Returns (ceil(H/2), ceil(W/2)[, C]).
    """
    height, width = values.shape[:2]
    if height % 2 or width % 2:
        values = np.asarray(
            cv2.copyMakeBorder(values, 0, height % 2, 0, width % 2, cv2.BORDER_REPLICATE), np.uint8
        )
    size = ((width + 1) // 2, (height + 1) // 2)
    return np.asarray(cv2.resize(values, size, interpolation=cv2.INTER_AREA), np.uint8)


def shrink(rect: Rect, level: int) -> Rect:
    """The pixels of ``level`` that see anything of the full-size ``rect``."""
    step = 2**level
    return Rect.from_bounds(
        rect.x // step, rect.y // step, -(-rect.right // step), -(-rect.bottom // step)
    )


class Pyramid:
    """``base`` (H, W) or (H, W, C) uint8 and its halves. The base is shared, not copied.

    Pixel i of level k covers the base's pixels i * 2**k up to (i + 1) * 2**k, exactly.
    """

    def __init__(self, base: Array) -> None:
        self.levels = [base]
        while max(self.levels[-1].shape[:2]) > _SMALLEST:
            self.levels.append(halve(self.levels[-1]))

    def update(self, base: Array, rect: Rect) -> None:
        """Take over what changed in ``rect``; ``base`` may be another array of the same shape."""
        self.levels[0] = base
        for level in range(1, len(self.levels)):
            part = shrink(rect, level)
            self.levels[level][part.slices] = halve(self.below(level, part))

    def below(self, level: int, part: Rect) -> Array:
        """What ``part`` of ``level`` is made of, one level down."""
        under = self.levels[level - 1]
        return under[2 * part.y : 2 * part.bottom, 2 * part.x : 2 * part.right]

    def read(self, level: int, rect: Rect) -> Array:
        """The pixels of ``level`` in ``rect`` (in that level's pixels): a view, not a copy."""
        return self.levels[level][rect.slices]


class Patches:
    """Tiles that stand in for those of a pyramid, at every level from ``first`` on: what the
    pyramid was before it changed, or what is shown but not kept. The rest is the pyramid's.
    """

    def __init__(self, under: Pyramid, first: int = 0) -> None:
        self._under = under
        self._first = first
        self._tiles: dict[tuple[int, int, int], Array] = {}

    @property
    def nbytes(self) -> int:
        """Bytes that the tiles take."""
        return sum(tile.nbytes for tile in self._tiles.values())

    def hold(self, rect: Rect) -> None:
        """Keep what the pyramid shows in ``rect`` now; where something is kept already, that."""
        for level in range(self._first, len(self._under.levels)):
            for key, tile in self._keys(level, shrink(rect, level)):
                if key not in self._tiles:
                    self._tiles[key] = self._under.read(level, tile).copy()

    def write(self, rect: Rect, values: Array) -> None:
        """Show ``values`` in ``rect``. For patches from level 0 on."""
        self.hold(rect)
        self._put(0, rect, values)
        for level in range(1, len(self._under.levels)):
            part = shrink(rect, level)
            height, width = self._under.levels[level - 1].shape[:2]
            doubled = Rect(2 * part.x, 2 * part.y, 2 * part.w, 2 * part.h)
            doubled = doubled.intersect(Rect(0, 0, width, height))
            self._put(level, part, halve(self.read(level - 1, doubled)))

    def read(self, level: int, rect: Rect) -> Array:
        """The pixels of ``level`` in ``rect`` (in that level's pixels); not to be written to."""
        found = self._under.read(level, rect)
        copied = False
        for key, tile in self._keys(level, rect):
            if key not in self._tiles:
                continue
            if not copied:
                found, copied = found.copy(), True
            common = tile.intersect(rect)
            inside = common.translate(-tile.x, -tile.y).slices
            found[common.translate(-rect.x, -rect.y).slices] = self._tiles[key][inside]
        return found

    def _put(self, level: int, rect: Rect, values: Array) -> None:
        for key, tile in self._keys(level, rect):
            common = tile.intersect(rect)
            inside = common.translate(-tile.x, -tile.y).slices
            self._tiles[key][inside] = values[common.translate(-rect.x, -rect.y).slices]

    def _keys(self, level: int, rect: Rect) -> list[tuple[tuple[int, int, int], Rect]]:
        height, width = self._under.levels[level].shape[:2]
        return [
            (
                (level, row, column),
                Rect(column * _TILE, row * _TILE, _TILE, _TILE).intersect(
                    Rect(0, 0, width, height)
                ),
            )
            for row in range(rect.y // _TILE, -(-rect.bottom // _TILE))
            for column in range(rect.x // _TILE, -(-rect.right // _TILE))
        ]
