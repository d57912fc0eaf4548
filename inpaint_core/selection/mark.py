"""A mark: a small part of the photo that a search found, to be looked at before it is removed."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from inpaint_core.contract.geometry import Rect


@dataclass(frozen=True, eq=False)
class Mark:
    """``strength`` (h, w) 0 .. 255, uint8: how strongly each pixel of ``rect``, which lies in the
    photo, is to be masked. ``certainty`` 0 .. 1: how surely it is what was searched for.
    """

    rect: Rect
    strength: NDArray[np.uint8]
    certainty: float = 1.0

    def is_near(self, x: float, y: float, reach: float) -> bool:
        """Whether some pixel of the mark lies in the square ``reach`` pixels around (x, y)."""
        around = Rect.from_bounds(
            math.floor(x - reach), math.floor(y - reach), math.ceil(x + reach), math.ceil(y + reach)
        ).intersect(self.rect)
        part = around.translate(-self.rect.x, -self.rect.y)
        return not around.is_empty and bool(self.strength[part.slices].any())

    def list_outlines(self) -> list[NDArray[np.float64]]:
        """Closed outlines (N, 2) as (x, y) in the photo, within a pixel of the mark's border."""
        covered = np.pad((self.strength > 127).astype(np.uint8), 1)
        found, _ = cv2.findContours(covered, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
        corner = np.array([self.rect.x - 0.5, self.rect.y - 0.5])
        return [cv2.approxPolyDP(line, 0.7, True).reshape(-1, 2) + corner for line in found]


def cut_to_mark(strength: NDArray[np.uint8], rect: Rect, certainty: float = 1.0) -> Mark | None:
    """The mark of what is not 0 in ``strength`` (h, w), which lies at ``rect``; None of nothing."""
    inner = Rect.bounding(strength)
    if inner.is_empty:
        return None
    part = np.ascontiguousarray(strength[inner.slices])
    return Mark(inner.translate(rect.x, rect.y), part, certainty)


def draw_marks(marks: Iterable[Mark], shape: tuple[int, int]) -> NDArray[np.uint8]:
    """The mask (H, W) 0 .. 255 of ``shape`` that holds all ``marks``."""
    return draw_marks_in(marks, Rect.whole(shape))


def draw_marks_in(marks: Iterable[Mark], rect: Rect) -> NDArray[np.uint8]:
    """The same in ``rect`` (h, w) of the photo, in which all ``marks`` lie."""
    mask = np.zeros((rect.h, rect.w), np.uint8)
    for mark in marks:
        part = mask[mark.rect.translate(-rect.x, -rect.y).slices]
        np.maximum(part, mark.strength, out=part)
    return mask
