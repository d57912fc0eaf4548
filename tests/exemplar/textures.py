"""Pictures, holes and views that the exemplar tests share."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from inpaint_core.contract.arrays import BoolMask, FloatImage
from inpaint_core.contract.request import View


def box(shape: tuple[int, int], y: int, x: int, h: int, w: int) -> BoolMask:
    """True in a rectangle."""
    hole = np.zeros(shape, bool)
    hole[y : y + h, x : x + w] = True
    return hole


def view(image: FloatImage, hole: BoolMask, **more: Any) -> View:
    """The photo with a black hole, as the engine passes it."""
    image = np.array(image, np.float32)
    image[hole] = 0
    more.setdefault("source", ~hole)
    return View(image, hole, **more)


def noise(shape: tuple[int, int], sigma: float, mean: float, contrast: float, seed: int = 0) -> Any:
    """Grey noise (h, w) of a grain size and contrast."""
    plane = np.random.default_rng(seed).standard_normal(shape).astype(np.float32)
    if sigma > 0:
        plane = np.asarray(cv2.GaussianBlur(plane, (0, 0), sigma), np.float32)
    return np.clip(mean + contrast * plane / plane.std(), 0, 1).astype(np.float32)


def grey(plane: NDArray[Any]) -> FloatImage:
    """(h, w) as (h, w, 3)."""
    return np.repeat(plane.astype(np.float32)[..., None], 3, axis=2)


def two_tone(shape: tuple[int, int], border: NDArray[Any] | float, grain: float = 0.02) -> Any:
    """Sky over ground, the border at row ``border`` (per column or one for all), with grain."""
    y = np.arange(shape[0], dtype=np.float32)[:, None]
    ground = np.clip(y - np.broadcast_to(border, (shape[1],))[None] + 0.5, 0, 1)[..., None]
    sky, earth = np.float32([0.55, 0.7, 0.9]), np.float32([0.35, 0.3, 0.2])
    picture = sky * (1 - ground) + earth * ground
    rng = np.random.default_rng(1)
    return (picture + grain * rng.standard_normal((*shape, 1))).clip(0, 1).astype(np.float32)
