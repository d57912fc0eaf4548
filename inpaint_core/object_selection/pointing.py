"""What a person pointed at, and what was found there. Needs no torch."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from inpaint_core.contract.arrays import FloatImage
from inpaint_core.contract.geometry import Rect

_FINER = 4  # times the resolution of a region: outlines are drawn without its stairs


@dataclass(frozen=True)
class Click:
    """A click on the photo's point (x, y), where pixel (0, 0) covers 0..1: on the object, or on
    something else that shall not be taken for a part of it.
    """

    x: float
    y: float
    is_wanted: bool = True


@dataclass(frozen=True)
class Pointing:
    """How an object is pointed at: clicks in their order, and a box around it if one was drawn."""

    clicks: tuple[Click, ...] = ()
    box: Rect | None = None

    def add(self, click: Click) -> Pointing:
        """The same with one click more."""
        return replace(self, clicks=(*self.clicks, click))


@dataclass(frozen=True)
class FoundObject:
    """What was found in the part ``view`` of a photo: ``share`` (h, w) 0 .. 1, reduced; 0.5 is its
    border.
    """

    view: Rect
    share: FloatImage

    @property
    def bounds(self) -> Rect:
        """The rectangle of the photo that the region lies in, to the accuracy of ``share``."""
        box = Rect.bounding(self.share > 0.5)
        if box.is_empty:
            return Rect(0, 0, 0, 0)
        down, across = self.view.h / self.share.shape[0], self.view.w / self.share.shape[1]
        return Rect.from_bounds(
            self.view.x + int(box.x * across),
            self.view.y + int(box.y * down),
            self.view.x + min(-int(-box.right * across // 1), self.view.w),
            self.view.y + min(-int(-box.bottom * down // 1), self.view.h),
        )

    def list_outlines(self) -> list[NDArray[np.float64]]:
        """Closed outlines (N, 2) as (x, y) in the photo, to the accuracy of ``share``."""
        height, width = self.share.shape
        size = width * _FINER, height * _FINER
        fine = cv2.resize(self.share, size, interpolation=cv2.INTER_LINEAR)
        inside = np.pad((fine > 0.5).astype(np.uint8), 1)
        found, _ = cv2.findContours(inside, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
        scale = np.array([self.view.w / size[0], self.view.h / size[1]])
        corner = np.array([self.view.x, self.view.y])
        return [
            (cv2.approxPolyDP(line, 0.8, True).reshape(-1, 2) - 0.5) * scale + corner
            for line in found
        ]
