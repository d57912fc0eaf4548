"""Brush strokes that copy from another place: as it is, or in the colours of the new place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from app.document.layer_tiles import TileKey, tile_rect, tiles_in
from app.document.open_edit import OpenEdit
from app.document.restoration import Colours, cover_restored
from app.document.retouching.colour_change import ColourChange
from app.document.retouching.copy_origin import CopyOrigin
from app.document.retouching.copy_placement import CopyPlacement
from app.document.stroke import Stroke
from inpaint_core.contract.geometry import Rect
from inpaint_core.raster.mix_pixels import mix_pixels

if TYPE_CHECKING:
    from app.document.document import Document

_VISIBLE = 0.5 / 255
"""By how much of white the change may be off."""
_MOST_PIXELS = 300_000
"""Pixels elsewhere in the stroke that are adapted anew for every move: some 10 ms."""


class CopyStroke(Stroke):
    """Copies as ``placement`` says, from the photo as it was before the stroke or, if given, from
    the ``other`` one.

    What lies beyond the photo is not copied. Pixels that the brush does not touch stay bit for bit.
    ``opacity`` 0 .. 1 is how much of the copy is seen where the brush has its full strength; going
    over the same place again within a stroke does not add to it.
    """

    def __init__(
        self,
        editing: OpenEdit,
        shape: tuple[int, int],
        size: float,
        hardness: float,
        placement: CopyPlacement,
        opacity: float = 1.0,
        other: Document | None = None,
    ) -> None:
        super().__init__(editing, "pixels", shape, size, hardness)
        self._origin = CopyOrigin(editing, placement, other)
        self._opacity = opacity
        self._shape = shape

    def _apply(self, rect: Rect, strength: NDArray[np.uint8]) -> None:
        self._write(rect, strength, self._origin.read(rect))

    def _read_before(self, rect: Rect) -> Colours:
        read, has_alpha = self._editing.read_before, self._editing.has_alpha
        return Colours(read("pixels", rect), read("alpha", rect) if has_alpha else None)

    def _write(self, rect: Rect, strength: NDArray[np.uint8], copied: Colours) -> None:
        before = self._read_before(rect)
        share = self._origin.find_share(rect)
        useful = np.asarray(cv2.multiply(strength, share, scale=1 / 255), np.uint8)
        if self._opacity < 1:
            useful = np.asarray(cv2.convertScaleAbs(useful, alpha=self._opacity), np.uint8)
        alphas = None
        if before.alpha is not None and copied.alpha is not None:
            alphas = (before.alpha, copied.alpha)
        now = Colours(*mix_pixels(before.pixels, copied.pixels, useful, alphas))
        cover_restored(self._editing, rect, before, now)
        self._editing.write("pixels", rect, now.pixels)
        if now.alpha is not None:
            self._editing.write("alpha", rect, now.alpha)


class HealingStroke(CopyStroke):
    """Copies the texture in the colours and the light of the new place, which are found anew after
    every move.
    """

    def __init__(
        self,
        editing: OpenEdit,
        shape: tuple[int, int],
        size: float,
        hardness: float,
        placement: CopyPlacement,
        opacity: float = 1.0,
        other: Document | None = None,
    ) -> None:
        super().__init__(editing, shape, size, hardness, placement, opacity, other)
        self._change = ColourChange(
            shape,
            size,
            self._read_before,
            self._origin.read,
            self._origin.find_inside,
        )
        self._touched: dict[TileKey, Rect] = {}
        self._new: dict[TileKey, Rect] = {}  # drawn, but not shown yet

    def _apply(self, rect: Rect, strength: NDArray[np.uint8]) -> None:
        rect = self._change.align(rect)
        self._change.add(rect, self._strength[rect.slices])
        for key in tiles_in(rect):
            part = tile_rect(key, self._shape).intersect(rect)
            self._touched[key] = self._touched.get(key, part).union(part)
            self._new[key] = self._new.get(key, part).union(part)

    def show(self) -> None:
        """Adapt what was drawn, and a part of what that changes elsewhere in the stroke."""
        self._adapt(_MOST_PIXELS)

    def finish(self) -> None:
        """Adapt all of the stroke."""
        self._adapt(None)

    def _adapt(self, most_pixels: int | None) -> None:
        """Find the change and write what is new, and elsewhere what is visibly off, but no more
        than ``most_pixels``.
        """
        new, self._new = self._new, {}
        if not self._touched or (most_pixels is not None and not new):
            return
        around = Rect(0, 0, 0, 0)
        for rect in new.values():
            around = around.union(rect)
        self._change.solve(around, is_last=most_pixels is None)
        written = 0
        for key in self._change.list_stale(_VISIBLE):
            written += self._touched[key].area
            if most_pixels is not None and written > most_pixels:
                break
            self._write_adapted(self._touched[key])
            self._change.mark_read(key)
            new.pop(key, None)
        for rect in new.values():
            self._write_adapted(rect)

    def _write_adapted(self, rect: Rect) -> None:
        copied = self._origin.read(rect)
        depth = copied.pixels.dtype
        change = self._change.read(rect, int(np.iinfo(depth).max))
        # OpenCV rounds to nearest and keeps to the range.
        kind = cv2.CV_8U if depth == np.uint8 else cv2.CV_16U
        pixels = np.asarray(cv2.add(copied.pixels, change, dtype=kind), depth)
        self._write(rect, self._strength[rect.slices], Colours(pixels, copied.alpha))
