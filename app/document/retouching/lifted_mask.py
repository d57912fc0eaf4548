"""A mask, or a connected part of it, that is moved, turned and scaled."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from app.document.retouching.copy_placement import CopyPlacement
from inpaint_core.contract.geometry import Rect

Point = tuple[float, float]


@dataclass(frozen=True, eq=False)
class LiftedMask:
    """``values`` (h, w), 0 .. 255, of a mask in ``rect``."""

    rect: Rect
    values: NDArray[np.uint8]

    @classmethod
    def whole(cls, mask: NDArray[np.uint8]) -> LiftedMask | None:
        """All of a mask (H, W); None if it is empty."""
        rect = Rect.bounding(mask)
        return None if rect.is_empty else cls(rect, mask[rect.slices].copy())

    @classmethod
    def part_at(cls, mask: NDArray[np.uint8], point: Point) -> LiftedMask | None:
        """The connected part of a mask (H, W) at a ``point`` (x, y); None if nothing is there."""
        x, y = math.floor(point[0]), math.floor(point[1])
        if not (0 <= x < mask.shape[1] and 0 <= y < mask.shape[0]) or not mask[y, x]:
            return None
        painted = (mask > 0).view(np.uint8)
        _, marked, _, found = cv2.floodFill(painted, None, (x, y), 2, flags=8)
        rect = Rect(*map(int, found))
        part = np.asarray(marked, np.uint8)[rect.slices] == 2
        return cls(rect, np.where(part, mask[rect.slices], np.uint8(0)))

    @property
    def middle(self) -> Point:
        """The middle of the rectangle, which it is turned and scaled around."""
        return self.rect.x + self.rect.w / 2, self.rect.y + self.rect.h / 2

    def read(self, rect: Rect) -> NDArray[np.uint8]:
        """A copy of the values in any ``rect``, 0 outside of its own."""
        out = np.zeros((rect.h, rect.w), np.uint8)
        both = self.rect.intersect(rect)
        if not both.is_empty:
            inside = both.translate(-self.rect.x, -self.rect.y).slices
            out[both.translate(-rect.x, -rect.y).slices] = self.values[inside]
        return out

    def find_corners(self, placement: CopyPlacement) -> list[Point]:
        """Where the rectangle's corners come to lie, in order around it."""
        matrix = cv2.invertAffineTransform(placement.matrix)
        left, top, right, bottom = self.rect.x, self.rect.y, self.rect.right, self.rect.bottom
        corners = ((left, top), (right, top), (right, bottom), (left, bottom))
        return [(float(u), float(v)) for u, v in (matrix @ (x, y, 1.0) for x, y in corners)]

    def place(
        self, mask: NDArray[np.uint8], placement: CopyPlacement
    ) -> tuple[Rect, NDArray[np.uint8]]:
        """The ``mask`` (H, W) that it was lifted from, with it put elsewhere: the rectangle that
        changes, and the values (h, w) in it. What comes to lie beyond the photo is cut off.
        """
        corners = np.array(self.find_corners(placement))
        low, high = np.floor(corners.min(axis=0)), np.ceil(corners.max(axis=0))
        whole = Rect.whole(mask.shape)
        target = Rect.from_bounds(int(low[0]), int(low[1]), int(high[0]), int(high[1]))
        target = target.grow(1).intersect(whole)
        changed = self.rect.union(target)
        values = mask[changed.slices].copy()
        left = values[self.rect.translate(-changed.x, -changed.y).slices]
        left[self.values > 0] = 0
        if not target.is_empty:
            moved = placement.read_copy(target, (mask.shape[0], mask.shape[1]), self.read)
            there = values[target.translate(-changed.x, -changed.y).slices]
            np.maximum(there, moved, out=there)
        return changed, values
