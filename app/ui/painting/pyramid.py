"""A picture at full, half, quarter size and so on, updated rectangle by rectangle."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from inpaint_core.contract.geometry import Rect

ByteImage = NDArray[np.uint8]
"""(H, W) or (H, W, C)."""

_SMALLEST = 256  # pixels; a further level below this saves nothing
_TILE = 256  # pixels of a level


def halve(values: ByteImage) -> ByteImage:
    """The means of 2x2 pixels of ``values`` (H, W[, C]): (ceil(H/2), ceil(W/2)[, C]). The last row
    or column of an odd number counts twice.
    """
    height, width = values.shape[:2]
    if height % 2 or width % 2:
        values = np.asarray(
            cv2.copyMakeBorder(values, 0, height % 2, 0, width % 2, cv2.BORDER_REPLICATE), np.uint8
        )
    size = ((width + 1) // 2, (height + 1) // 2)
    return np.asarray(cv2.resize(values, size, interpolation=cv2.INTER_AREA), np.uint8)


def shrink_rect(rect: Rect, level: int) -> Rect:
    """The pixels of ``level`` that cover any of the full-size ``rect``."""
    step = 2**level
    return Rect.from_bounds(
        rect.x // step, rect.y // step, -(-rect.right // step), -(-rect.bottom // step)
    )


class Pyramid:
    """``base`` (H, W) or (H, W, C) uint8 and its smaller levels. The base is shared, not copied.

    Pixel i of level k covers the base's pixels i * 2**k up to (i + 1) * 2**k, exactly.
    """

    def __init__(self, base: ByteImage) -> None:
        self.levels = [base]
        while max(self.levels[-1].shape[:2]) > _SMALLEST:
            self.levels.append(halve(self.levels[-1]))

    def update(self, base: ByteImage, rect: Rect) -> None:
        """Adopt a change in ``rect``; ``base`` may be another array of the same shape."""
        self.levels[0] = base
        for level in range(1, len(self.levels)):
            part = shrink_rect(rect, level)
            finer = self.levels[level - 1]
            source = finer[2 * part.y : 2 * part.bottom, 2 * part.x : 2 * part.right]
            self.levels[level][part.slices] = halve(source)

    def read(self, level: int, rect: Rect) -> ByteImage:
        """The pixels of ``level`` in ``rect`` (in pixels of the level): a view, not a copy."""
        return self.levels[level][rect.slices]


class PyramidPatches:
    """Tiles that replace parts of a pyramid at every level from ``first`` on: its state before a
    change, or a preview. Elsewhere the pyramid itself is read.
    """

    def __init__(self, under: Pyramid, first: int = 0) -> None:
        self._pyramid = under
        self._first = first
        self._tiles: dict[tuple[int, int, int], ByteImage] = {}

    @property
    def nbytes(self) -> int:
        """The memory of the tiles in bytes."""
        return sum(tile.nbytes for tile in self._tiles.values())

    def hold(self, rect: Rect) -> None:
        """Store the state of the pyramid in ``rect``, where nothing is stored yet."""
        for level in range(self._first, len(self._pyramid.levels)):
            for key, tile in self._tiles_in(level, shrink_rect(rect, level)):
                if key not in self._tiles:
                    self._tiles[key] = self._pyramid.read(level, tile).copy()

    def write(self, rect: Rect, values: ByteImage) -> None:
        """Store ``values`` in ``rect``. Needs ``first`` = 0."""
        self.hold(rect)
        self._write_level(0, rect, values)
        for level in range(1, len(self._pyramid.levels)):
            part = shrink_rect(rect, level)
            height, width = self._pyramid.levels[level - 1].shape[:2]
            doubled = Rect(2 * part.x, 2 * part.y, 2 * part.w, 2 * part.h)
            doubled = doubled.intersect(Rect(0, 0, width, height))
            self._write_level(level, part, halve(self.read(level - 1, doubled)))

    def read(self, level: int, rect: Rect) -> ByteImage:
        """The pixels of ``level`` in ``rect`` (in pixels of the level); read-only."""
        pixels = self._pyramid.read(level, rect)
        is_copied = False
        for key, tile in self._tiles_in(level, rect):
            if key not in self._tiles:
                continue
            if not is_copied:
                pixels, is_copied = pixels.copy(), True
            common = tile.intersect(rect)
            inside = common.translate(-tile.x, -tile.y).slices
            pixels[common.translate(-rect.x, -rect.y).slices] = self._tiles[key][inside]
        return pixels

    def _write_level(self, level: int, rect: Rect, values: ByteImage) -> None:
        for key, tile in self._tiles_in(level, rect):
            common = tile.intersect(rect)
            inside = common.translate(-tile.x, -tile.y).slices
            self._tiles[key][inside] = values[common.translate(-rect.x, -rect.y).slices]

    def _tiles_in(self, level: int, rect: Rect) -> list[tuple[tuple[int, int, int], Rect]]:
        height, width = self._pyramid.levels[level].shape[:2]
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
