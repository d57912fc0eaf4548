"""Where a pixel that is copied by hand comes from: moved, mirrored, turned and scaled."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from inpaint_core.contract.geometry import Rect


@dataclass(frozen=True)
class CopyPlacement:
    """The photo's point ``source`` (x, y) is copied to ``target``, and everything around it along
    with it: first left and right swapped if ``is_mirrored``, then turned clockwise by ``rotation``
    degrees, and ``scale`` times as large.

    Coordinates as in `Stroke`.
    """

    source: tuple[float, float]
    target: tuple[float, float]
    rotation: float = 0.0
    scale: float = 1.0
    is_mirrored: bool = False

    @property
    def matrix(self) -> NDArray[np.float64]:
        """(2, 3): from a point of the copy to the one that it shows. Without rotation and scaling
        whole pixels meet, so that these are copied bit for bit.
        """
        (x, y), (u, v) = self.source, self.target
        side = -1 if self.is_mirrored else 1
        if self.is_exact:
            return np.array([[side, 0, round(x - side * u)], [0, 1, round(y - v)]], np.float64)
        angle = math.radians(self.rotation)
        cos, sin = math.cos(angle) / self.scale, math.sin(angle) / self.scale
        return np.array(
            [
                [side * cos, side * sin, x - side * (cos * u + sin * v)],
                [-sin, cos, y + sin * u - cos * v],
            ],
            np.float64,
        )

    @property
    def is_exact(self) -> bool:
        """True without rotation and scaling: every pixel of the copy is one of the photo."""
        return self.rotation % 360 == 0 and self.scale == 1

    def find_source(self, x: float, y: float) -> tuple[float, float]:
        """The point that the copy shows at (x, y)."""
        u, v = self.matrix @ (x, y, 1.0)
        return float(u), float(v)

    def find_bounds(self, rect: Rect) -> Rect:
        """The smallest rectangle around what a copy in ``rect`` shows, also beyond the photo."""
        corners = np.array(
            [(x, y, 1.0) for x in (rect.x, rect.right) for y in (rect.y, rect.bottom)]
        )
        points = corners @ self.matrix.T
        low, high = np.floor(points.min(axis=0)), np.ceil(points.max(axis=0))
        return Rect.from_bounds(int(low[0]), int(low[1]), int(high[0]), int(high[1]))

    def find_inside(self, rect: Rect, shape: tuple[int, int]) -> NDArray[np.bool_]:
        """(h, w): where a copy in ``rect`` shows points that lie in a photo of ``shape`` (H, W)."""
        if self.is_exact and Rect.whole(shape).contains(self.find_bounds(rect)):
            return np.ones((rect.h, rect.w), np.bool_)
        a, b = self.matrix
        x = np.arange(rect.x, rect.right) + 0.5
        y = (np.arange(rect.y, rect.bottom) + 0.5)[:, np.newaxis]
        u, v = a[0] * x + a[1] * y + a[2], b[0] * x + b[1] * y + b[2]
        inside: NDArray[np.bool_] = (u >= 0) & (u <= shape[1]) & (v >= 0) & (v <= shape[0])
        return inside

    def read_copy(
        self, rect: Rect, shape: tuple[int, int], read: Callable[[Rect], NDArray[Any]]
    ) -> NDArray[Any]:
        """What a copy in ``rect`` shows, (h, w, ...) of the layer's dtype, 0 where `find_inside`
        says no. ``read(rect)`` returns the layer, of ``shape`` (H, W, ...), in a rectangle of the
        photo.

        Turned and scaled pixels are interpolated (bicubic), and made smooth before they shrink.
        """
        whole = Rect.whole(shape)
        if self.is_exact:
            wanted = self.find_bounds(rect)
            there = wanted.intersect(whole)
            source = read(there if not there.is_empty else Rect(0, 0, 1, 1))
            out = np.zeros((rect.h, rect.w, *source.shape[2:]), source.dtype)
            if not there.is_empty:
                out[there.translate(-wanted.x, -wanted.y).slices] = source
            return np.ascontiguousarray(out[:, ::-1]) if self.is_mirrored else out
        sigma = 0.5 * math.sqrt(max(self.scale**-2 - 1, 0))
        around = self.find_bounds(rect).grow(3 + math.ceil(3 * sigma)).intersect(whole)
        source = read(around if not around.is_empty else Rect(0, 0, 1, 1))
        if around.is_empty:
            return np.zeros((rect.h, rect.w, *source.shape[2:]), source.dtype)
        if sigma:
            source = cv2.GaussianBlur(source, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE)
        # From the middles of the copy's pixels to those of the source.
        moves = self.matrix.copy()
        moves[:, 2] += moves[:, :2] @ (rect.x + 0.5, rect.y + 0.5)
        moves[:, 2] -= (around.x + 0.5, around.y + 0.5)
        out = cv2.warpAffine(
            source,
            moves,
            (rect.w, rect.h),
            flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_REPLICATE,
        )
        out[~self.find_inside(rect, shape)] = 0
        return out
