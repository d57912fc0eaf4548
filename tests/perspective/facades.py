"""Rendered façades in perspective, with the plane that they lie on."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from inpaint_core.contract.arrays import BoolMask, FloatImage
from inpaint_core.contract.geometry import Plane
from inpaint_core.contract.request import View

SHAPE = (300, 400)
CORNERS = ((20.0, 10.0), (380.0, 90.0), (380.0, 220.0), (20.0, 290.0))
"""Of the wall in the photo: far away on the right."""


def draw_tiles(seed: int = 0) -> FloatImage:
    """A wall of tiles with a red square each, from straight ahead, with grain."""
    cell = np.full((36, 36, 3), (0.75, 0.7, 0.6), np.float32)
    cv2.rectangle(cell, (2, 2), (33, 33), (0.45, 0.4, 0.38), -1)
    cv2.rectangle(cell, (10, 10), (25, 25), (0.75, 0.3, 0.25), -1)
    return _add_grain(np.tile(cell, (8, 14, 1)), seed)


def draw_board(seed: int = 0) -> FloatImage:
    """A chessboard from straight ahead, with grain."""
    side = 30
    cell = np.full((2 * side, 2 * side, 3), (0.8, 0.78, 0.7), np.float32)
    cell[:side, :side] = cell[side:, side:] = (0.25, 0.3, 0.4)
    return _add_grain(np.tile(cell, (5, 8, 1)), seed)


def _add_grain(wall: FloatImage, seed: int) -> FloatImage:
    grain = np.random.default_rng(seed).normal(0, 0.02, (*wall.shape[:2], 1))
    return np.asarray(np.clip(wall + grain, 0, 1), np.float32)


def draw_facade(wall: FloatImage | None = None) -> FloatImage:
    """A wall, by default of tiles, in perspective, in front of a plain sky."""
    wall = draw_tiles() if wall is None else wall
    height, width = wall.shape[:2]
    ends = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32) - 0.5
    matrix = cv2.getPerspectiveTransform(ends, np.array(CORNERS, np.float32))
    size = (SHAPE[1], SHAPE[0])
    seen = cv2.warpPerspective(wall, matrix, size, flags=cv2.INTER_AREA)
    inside = cv2.warpPerspective(np.ones((height, width), np.float32), matrix, size)[..., None]
    return np.asarray(seen * inside + np.float32([0.6, 0.75, 0.9]) * (1 - inside), np.float32)


def hole_at(x: int = 170, y: int = 110, w: int = 70, h: int = 80) -> BoolMask:
    hole = np.zeros(SHAPE, bool)
    hole[y : y + h, x : x + w] = True
    return hole


def facade_view(hole: BoolMask | None = None, wall: FloatImage | None = None, **more: Any) -> View:
    """The façade with a black hole, as the engine passes it."""
    hole = hole_at() if hole is None else hole
    image = draw_facade(wall)
    image[hole] = 0
    more.setdefault("source", ~hole)
    return View(image, hole, **more)


WALL = Plane(CORNERS)


def error_in(image: FloatImage, truth: FloatImage, hole: BoolMask) -> float:
    """The mean difference in the hole, of what is larger than the grain."""
    change: NDArray[Any] = cv2.GaussianBlur(image - truth, (0, 0), 1.5)
    return float(np.abs(change)[hole].mean())
