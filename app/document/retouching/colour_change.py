"""How copied texture must change its colours to fit where it is put, while a stroke goes on."""

from __future__ import annotations

import math
from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from app.document.layer_tiles import TileKey, tile_rect, tiles_in
from app.document.restoration import Colours
from inpaint_core.contract.arrays import BoolMask, FloatImage
from inpaint_core.contract.geometry import Rect
from inpaint_core.raster.composition import to_float, weigh_differences
from inpaint_core.raster.membrane import solve_membrane

_CELLS_ACROSS = 8
"""Cells across the brush: the change is smooth, so that more of them would show nothing."""
_SMALLEST_CELL, _LARGEST_CELL = 2, 64  # pixels; powers of two, so that tiles hold whole cells
_RING = 8
"""Pixels around a stroke that say which colours are there, and at least two cells."""
_MOST_CELLS = 12_000
"""What is solved again for every move: some 6 ms."""
_MOST_CELLS_AT_END = 64_000
_MARGIN = 4 * _CELLS_ACROSS
"""Cells around what is new that are solved again in a long stroke. In a strip of width d, what
happens at a distance x counts exp(-pi x / d)."""
_BLUR_SHARE, _BLUR_LEAST, _BLUR_MOST = 0.1, 6.0, 32.0
"""How far differences are averaged along the stroke, in pixels, as `level_colours` does."""
_TRUST = 0.03  # share of the ring that must agree for a change to count at least half


class ColourChange:
    """The smooth change of what ``read_copy(rect)`` returns that makes it go on with what was
    there, ``read_before(rect)``, around a stroke of a brush of ``size`` pixels.

    The differences around the stroke, averaged along it, are spread over it as the smoothest
    surface (Pérez, Gangnet, Blake, "Poisson Image Editing", SIGGRAPH 2003, equation 5, on averaged
    differences): the light fits then, and the grain stays the copied one. It is known for square
    cells, each of which is read once, so that a move of the brush costs as much in a photo of 60
    megapixels as in a small one. ``find_inside(rect)``: where there is something to copy.
    """

    def __init__(
        self,
        shape: tuple[int, int],
        size: float,
        read_before: Callable[[Rect], Colours],
        read_copy: Callable[[Rect], Colours],
        find_inside: Callable[[Rect], BoolMask],
    ) -> None:
        self._shape = shape
        self._read_before, self._read_copy = read_before, read_copy
        self._find_inside = find_inside
        wanted = max(size / _CELLS_ACROSS, _SMALLEST_CELL)
        self.cell = min(2 ** int(math.log2(wanted)), _LARGEST_CELL)
        self._ring = max(2, math.ceil(_RING / self.cell))
        height, width = (-(-side // self.cell) for side in shape)
        self._all = Rect(0, 0, width, height)
        self._stroke = Rect(0, 0, 0, 0)  # around all of the stroke, in cells
        self._is_wide = False  # somewhere wider than the brush, in a stroke that is long
        # The system allocates only the pages that are written to.
        self._hole = np.zeros((height, width), np.bool_)
        self._is_read = np.zeros((height, width), np.bool_)
        self._known = np.zeros((height, width), np.float32)  # share of a cell
        self._difference = np.zeros((height, width, 3), np.float32)
        self._surface = np.zeros((height, width, 3), np.float32)
        self._shown = np.zeros((height, width, 3), np.float32)  # the surface when it was last read
        self._stale: dict[TileKey, float] = {}  # by how much tiles differ from that

    def align(self, rect: Rect) -> Rect:
        """``rect`` of the photo, grown to whole cells."""
        return self._to_pixels(self._to_cells(rect))

    def add(self, rect: Rect, strength: NDArray[np.uint8]) -> None:
        """The stroke has come to have ``strength`` (h, w) 0 .. 255 in ``rect``, whole cells."""
        cells = self._to_cells(rect)
        near = cells.grow(self._ring + 1).intersect(self._all)
        self._stroke = self._stroke.union(cells)
        touched = _shrink((strength > 0).astype(np.float32), self.cell) > 0
        self._hole[cells.slices] |= touched
        unread = Rect.bounding(~self._is_read[near.slices])
        if not unread.is_empty:
            self._read_differences(unread.translate(near.x, near.y))

    def solve(self, new: Rect, is_last: bool = False) -> None:
        """Find the change after ``new``, whole cells, was added: all of it, or in a long stroke
        what that changes. ``is_last``: also what strokes beside each other changed far away.
        """
        near = self._stroke.grow(self._ring + 1).intersect(self._all)
        most = _MOST_CELLS_AT_END if is_last else _MOST_CELLS
        if near.area <= most:
            self._solve(near, 1, near)
        elif not is_last:
            window = self._to_cells(new).grow(_MARGIN).intersect(near)
            self._solve(window, math.ceil(math.sqrt(window.area / most)), near)
            self._is_wide |= bool(_find_wide(self._hole[window.slices]).any())
        elif self._is_wide:
            self._solve(near, math.ceil(math.sqrt(near.area / most)), near, only_wide=True)

    def list_stale(self, tolerance: float) -> list[TileKey]:
        """The tiles of the photo whose change, the share of white, was found anew since they were
        read, and differs by more than ``tolerance``; where it differs most first.
        """
        stale = sorted(((most, key) for key, most in self._stale.items()), reverse=True)
        return [key for most, key in stale if most > tolerance]

    def read(self, rect: Rect, white: int) -> FloatImage:
        """(h, w, 3) float32, ``white`` times the share of white: the change for every pixel of
        ``rect``, which lies in whole cells of the stroke.
        """
        cells = self._to_cells(rect)
        self._shown[cells.slices] = self._surface[cells.slices]
        around = cells.grow(1).intersect(self._all)
        values = self._surface[around.slices] * np.float32(white)
        scale, half = 1 / self.cell, 0.5 - 0.5 / self.cell
        moves = np.array(
            [
                [scale, 0, rect.x * scale - around.x - half],
                [0, scale, rect.y * scale - around.y - half],
            ]
        )
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        found = cv2.warpAffine(
            values, moves, (rect.w, rect.h), flags=flags, borderMode=cv2.BORDER_REPLICATE
        )
        return np.asarray(found, np.float32)

    def mark_read(self, key: TileKey) -> None:
        """All of the stroke in a tile was read."""
        self._stale.pop(key, None)

    # -- cells ---------------------------------------------------------------------------------

    def _to_cells(self, rect: Rect) -> Rect:
        step = self.cell
        return Rect.from_bounds(
            rect.x // step, rect.y // step, -(-rect.right // step), -(-rect.bottom // step)
        )

    def _to_pixels(self, cells: Rect) -> Rect:
        step = self.cell
        rect = Rect(cells.x * step, cells.y * step, cells.w * step, cells.h * step)
        return rect.intersect(Rect.whole(self._shape))

    def _find_stale(self, window: Rect) -> None:
        """Note by how much the tiles in ``window`` differ from what was read."""
        moved = np.abs(self._surface[window.slices] - self._shown[window.slices]).max(axis=2)
        hole = self._hole[window.slices]
        # What is read is interpolated between neighbours.
        moved = np.asarray(cv2.dilate(np.where(hole, moved, np.float32(0)), np.ones((3, 3))))
        moved[~hole] = 0
        for key in tiles_in(self._to_pixels(window)):
            cells = self._to_cells(tile_rect(key, self._shape)).intersect(window)
            part = moved[cells.translate(-window.x, -window.y).slices]
            self._stale[key] = max(float(part.max()), 0.0)

    def _read_differences(self, cells: Rect) -> None:
        rect = self._to_pixels(cells)
        before, copied = self._read_before(rect), self._read_copy(rect)
        known = self._find_inside(rect)
        for alpha in (before.alpha, copied.alpha):
            if alpha is not None:  # colours that cannot be seen say nothing
                known = known & (alpha > 0)
        difference = to_float(before.pixels) - to_float(copied.pixels)
        self._difference[cells.slices] = _shrink(difference, self.cell)
        self._is_read[cells.slices] = True
        self._known[cells.slices] = _shrink(known.astype(np.float32), self.cell)

    # -- the surface ---------------------------------------------------------------------------

    def _solve(self, window: Rect, step: int, near: Rect, only_wide: bool = False) -> None:
        """Find the surface in ``window`` with ``step`` x ``step`` cells as one. Beyond the window,
        but ``near`` the stroke, it stays as it is. ``only_wide``: so it does where the stroke is no
        wider than its brush, as that was solved more finely.
        """
        hole, surface = self._hole[window.slices], self._surface[window.slices]
        size = np.ones((2 * self._ring + 1, 2 * self._ring + 1), np.uint8)
        around = np.asarray(cv2.dilate(hole.astype(np.uint8), size), np.bool_)
        ring = around & ~hole & (self._known[window.slices] > np.float32(0.999))
        if not ring.any():
            return
        difference = self._difference[window.slices]
        pixels = math.sqrt(np.count_nonzero(hole)) * self.cell
        blur = min(max(_BLUR_SHARE * pixels, _BLUR_LEAST), _BLUR_MOST) / (self.cell * step)
        weight = np.where(ring, weigh_differences(difference, ring), np.float32(0))
        share = _blur(_shrink(weight, step), blur)
        ring_share = _blur(_shrink(ring.astype(np.float32), step), blur)
        total = _blur(_shrink(difference * weight[..., None], step), blur)
        mean = total / (share + _TRUST * ring_share + np.float32(1e-6))[..., None]
        small_hole = _shrink(hole.astype(np.float32), step) > np.float32(0.999)
        if not (ring | hole)[around].all():
            small_hole |= ring_share < np.float32(1e-3)  # there, nothing can be compared
        held = self._find_held(window, near)
        if held.any():
            small_held = _shrink(held.astype(np.float32), step) > 0
            mean[small_held] = _shrink(surface, step)[small_held]
            small_hole &= ~small_held
        if small_hole.all():
            small_hole[ring_share == ring_share.max()] = False
        found = solve_membrane(np.asarray(mean, np.float32), small_hole)
        chosen = around & ~held
        if step > 1:
            high, wide = found.shape[0] * step, found.shape[1] * step
            found = np.asarray(cv2.resize(found, (wide, high), interpolation=cv2.INTER_LINEAR))
            found = found[: hole.shape[0], : hole.shape[1]]
        if only_wide:
            chosen &= _find_wide(hole)
        surface[chosen] = found[chosen]
        self._find_stale(window)

    def _find_held(self, window: Rect, near: Rect) -> BoolMask:
        """Where (h, w) the surface is kept: in the stroke at the window's border, unless that is
        the border of everything.
        """
        inner = Rect.from_bounds(
            window.x + (window.x > near.x),
            window.y + (window.y > near.y),
            window.right - (window.right < near.right),
            window.bottom - (window.bottom < near.bottom),
        )
        held = self._hole[window.slices].copy()
        held[inner.translate(-window.x, -window.y).slices] = False
        return held


def _find_wide(hole: BoolMask) -> BoolMask:
    """Where the stroke is wider than its brush, and around that."""
    deep = cv2.distanceTransform(hole.astype(np.uint8), cv2.DIST_L2, 3) > _CELLS_ACROSS
    reach = np.ones((4 * _CELLS_ACROSS + 1, 4 * _CELLS_ACROSS + 1), np.uint8)
    return np.asarray(cv2.dilate(deep.astype(np.uint8), reach), np.bool_)


def _shrink(plane: NDArray[np.float32], step: int) -> NDArray[np.float32]:
    """The mean of each ``step`` x ``step`` block; the border is repeated to complete the last."""
    if step == 1:
        return plane
    bottom, right = -plane.shape[0] % step, -plane.shape[1] % step
    even = cv2.copyMakeBorder(plane, 0, bottom, 0, right, cv2.BORDER_REPLICATE)
    size = (even.shape[1] // step, even.shape[0] // step)
    return np.asarray(cv2.resize(even, size, interpolation=cv2.INTER_AREA), np.float32)


def _blur(plane: NDArray[np.float32], sigma: float) -> NDArray[np.float32]:
    return np.asarray(
        cv2.GaussianBlur(plane, (0, 0), max(sigma, 0.3), borderType=cv2.BORDER_REPLICATE),
        np.float32,
    )
