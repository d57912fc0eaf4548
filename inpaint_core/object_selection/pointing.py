"""What a person pointed at, and what was found there. Needs no torch."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from inpaint_core.contract.arrays import BoolMask, FloatImage
from inpaint_core.contract.geometry import Rect

_FINER = 4  # times the resolution of a region: outlines are drawn without its stairs
_POINTS, _BESIDE = 12, 0.05  # around an outline, and how far from it, of its longer side
_WIDENED = 0.1  # of its longer side: how far an outline is drawn around clicks beyond it
_DRAWN = 160  # pixels of the longer side at which their places are found


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
    """How an object is pointed at: clicks in their order, and what was drawn around it before them:
    the points (x, y) of a loop, or the corners of a box.
    """

    clicks: tuple[Click, ...] = ()
    outline: tuple[tuple[float, float], ...] = ()

    @property
    def box(self) -> Rect | None:
        """The rectangle around the outline, if one was drawn."""
        if not self.outline:
            return None
        across, down = zip(*self.outline, strict=True)
        corner = math.floor(min(across)), math.floor(min(down))
        return Rect.from_bounds(*corner, math.ceil(max(across)), math.ceil(max(down)))

    def widen(self) -> Pointing:
        """The same with an outline around the clicks on the object that lie beyond it, too."""
        if not self.outline:
            return self
        line = np.array(self.outline, np.float32)
        points = list(self.outline)
        for x, y in ((click.x, click.y) for click in self.clicks if click.is_wanted):
            if cv2.pointPolygonTest(line, (x, y), False) < 0:
                aside = _WIDENED * float(np.ptp(line, axis=0).max())
                points += [(x + i * aside, y + j * aside) for i in (-1, 1) for j in (-1, 1)]
        if len(points) == len(self.outline):
            return self
        hull = cv2.convexHull(np.array(points, np.float32))[:, 0]
        return replace(self, outline=tuple((x, y) for x, y in hull.tolist()))

    def draw_outline(self, view: Rect, shape: tuple[int, int]) -> BoolMask:
        """What the outline encloses, in a map of ``shape`` of the part ``view`` of the photo."""
        out = np.zeros(shape, np.uint8)
        scale = np.array([shape[1] / view.w, shape[0] / view.h])
        points = (np.array(self.outline) - (view.x, view.y)) * scale * 16 - 8  # in sixteenths
        cv2.fillPoly(out, [np.rint(points).astype(np.int32)], 1, shift=4)
        return out > 0

    def list_points_beside(self, view: Rect) -> list[tuple[float, float]]:
        """Points (x, y) of the photo in ``view``, all around the outline and a little outside of
        it; none without an outline.
        """
        box = self.box
        if box is None or box.is_empty:
            return []
        margin = _BESIDE * max(box.w, box.h)
        grown = box.grow(math.ceil(margin) + 1)
        scale = _DRAWN / max(grown.w, grown.h)
        shape = max(round(grown.h * scale), 4), max(round(grown.w * scale), 4)
        reach = max(round(margin * scale), 1)
        disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1,) * 2)
        solid = cv2.dilate(self.draw_outline(grown, shape).astype(np.uint8), disc)
        contours, _ = cv2.findContours(solid, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
        if not contours:
            return []
        line = max(contours, key=len)[:, 0]
        chosen = line[np.arange(_POINTS) * len(line) // _POINTS] + 0.5
        places = chosen / (shape[1], shape[0]) * (grown.w, grown.h) + (grown.x, grown.y)
        return [
            (x, y)
            for x, y in places.tolist()
            if view.x <= x < view.right and view.y <= y < view.bottom
        ]

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
