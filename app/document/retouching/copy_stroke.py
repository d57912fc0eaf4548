"""Brush strokes that copy from another place: as it is, or in the colours of the new place."""

from __future__ import annotations

from functools import partial

import numpy as np
from numpy.typing import NDArray

from app.document.layer_tiles import TileKey, merge_tiles, tile_rect, tiles_in
from app.document.open_edit import OpenEdit
from app.document.restoration import Colours, cover_restored
from app.document.retouching.colour_change import find_colour_change
from app.document.retouching.copy_placement import CopyPlacement
from app.document.stroke import Stroke
from inpaint_core.contract.geometry import Rect
from inpaint_core.raster.mix_pixels import mix_pixels


class CopyStroke(Stroke):
    """Copies as ``placement`` says, from the photo as it was before the stroke.

    What lies beyond the photo is not copied. Pixels that the brush does not touch stay bit for bit.
    """

    def __init__(
        self,
        editing: OpenEdit,
        shape: tuple[int, int],
        size: float,
        hardness: float,
        placement: CopyPlacement,
    ) -> None:
        super().__init__(editing, "pixels", shape, size, hardness)
        self.placement = placement
        self._shape = shape

    def _apply(self, rect: Rect, strength: NDArray[np.uint8]) -> None:
        self._write(rect, strength, self._read_copy(rect))

    def _read_before(self, rect: Rect) -> Colours:
        read, has_alpha = self._editing.read_before, self._editing.has_alpha
        return Colours(read("pixels", rect), read("alpha", rect) if has_alpha else None)

    def _read_copy(self, rect: Rect) -> Colours:
        editing, placement = self._editing, self.placement
        read = partial(placement.read_copy, rect, self._shape)
        pixels = read(partial(editing.read_before, "pixels"))
        if not editing.has_alpha:
            return Colours(pixels, None)
        return Colours(pixels, read(partial(editing.read_before, "alpha")))

    def _write(self, rect: Rect, strength: NDArray[np.uint8], copied: Colours) -> None:
        before = self._read_before(rect)
        inside = self.placement.find_inside(rect, self._shape)
        useful = np.where(inside, strength, np.uint8(0))
        alphas = None
        if before.alpha is not None and copied.alpha is not None:
            alphas = (before.alpha, copied.alpha)
        now = Colours(*mix_pixels(before.pixels, copied.pixels, useful, alphas))
        cover_restored(self._editing, rect, before, now)
        self._editing.write("pixels", rect, now.pixels)
        if now.alpha is not None:
            self._editing.write("alpha", rect, now.alpha)


class HealingStroke(CopyStroke):
    """Copies the texture; the end of the stroke gives it the colours and the light around it."""

    def __init__(
        self,
        editing: OpenEdit,
        shape: tuple[int, int],
        size: float,
        hardness: float,
        placement: CopyPlacement,
    ) -> None:
        super().__init__(editing, shape, size, hardness, placement)
        self._touched: dict[TileKey, Rect] = {}

    def _apply(self, rect: Rect, strength: NDArray[np.uint8]) -> None:
        super()._apply(rect, strength)
        for key in tiles_in(rect):
            part = tile_rect(key, self._shape).intersect(rect)
            self._touched[key] = self._touched.get(key, part).union(part)

    def finish(self) -> None:
        """Adapt the colours of what was copied."""
        if not self._touched:
            return
        change = find_colour_change(
            self._strength, merge_tiles(self._touched), self._read_before, self._read_copy,
            lambda rect: self.placement.find_inside(rect, self._shape),
        )  # fmt: skip
        for rect in self._touched.values():
            copied = self._read_copy(rect)
            full = int(np.iinfo(copied.pixels.dtype).max)
            adapted = copied.pixels + change.read(rect) * np.float32(full)
            pixels = np.rint(np.clip(adapted, 0, full)).astype(copied.pixels.dtype)
            self._write(rect, self._strength[rect.slices], Colours(pixels, copied.alpha))
