"""Photos drawn by the tests, in which every wire, spot, letter and shadow is known."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Photo = NDArray[np.uint8]
Mask = NDArray[np.bool_]

_FINER = 8


def draw_sky(seed: int, height: int = 300, width: int = 420, noise: float = 2.0) -> Photo:
    """A sky that gets brighter downwards, with noise."""
    rng = np.random.default_rng(seed)
    y = np.linspace(0, 1, height)[:, None, None]
    sky = np.array([120.0, 160, 210]) * (1 - y) + np.array([190.0, 205, 225]) * y
    values = np.broadcast_to(sky, (height, width, 3)) + rng.normal(0, noise, (height, width, 1))
    return np.clip(values, 0, 255).astype(np.uint8)


def draw_ground(seed: int, height: int = 300, width: int = 420) -> Photo:
    """Sand or grass: a plain colour with texture."""
    rng = np.random.default_rng(seed)
    grain = cv2.GaussianBlur(rng.normal(0, 30, (height, width)).astype(np.float32), (0, 0), 1.5)
    values = np.array([170.0, 150, 110]) + grain[..., None]
    return np.clip(values, 0, 255).astype(np.uint8)


def blend(photo: Photo, coverage: Photo, colour: tuple[float, float, float]) -> Photo:
    """``photo`` with ``colour`` where ``coverage`` 0 .. 255 says."""
    share = coverage[..., None].astype(np.float32) / 255
    return np.round(photo * (1 - share) + np.float32(colour) * share).astype(np.uint8)


def draw_wire(
    photo: Photo,
    start: tuple[float, float],
    end: tuple[float, float],
    sag: float,
    width: int,
    colour: tuple[float, float, float] = (40, 40, 45),
) -> tuple[Photo, Mask]:
    """``photo`` with a sagging wire of exactly this ``width``, and where that is."""
    height, length = photo.shape[:2]
    t = np.linspace(0, 1, 200)
    x = start[0] + (end[0] - start[0]) * t
    y = start[1] + (end[1] - start[1]) * t + 4 * sag * t * (1 - t)
    points = np.round(np.stack([x, y], axis=1) * _FINER).astype(np.int32).reshape(-1, 1, 2)
    # Large and then reduced: OpenCV's own smooth lines are up to 2.4 pixels too wide.
    fine = np.zeros((height * _FINER, length * _FINER), np.uint8)
    cv2.polylines(fine, [points], False, 255, width * _FINER)
    coverage = cv2.resize(fine, (length, height), interpolation=cv2.INTER_AREA)
    return blend(photo, coverage, colour), coverage > 100


def draw_spot(photo: Photo, x: float, y: float, radius: float, share: float) -> Photo:
    """``photo`` darker by ``share`` in a soft disc."""
    rows, columns = np.mgrid[: photo.shape[0], : photo.shape[1]]
    away = np.hypot(columns + 0.5 - x, rows + 0.5 - y) / radius
    dark = share / (1 + np.exp(np.minimum((away - 1) * 6, 50)))
    return np.round(photo * (1 - dark[..., None])).astype(np.uint8)


def draw_text(
    photo: Photo, text: str, at: tuple[int, int], colour: tuple[float, float, float]
) -> tuple[Photo, Mask]:
    """``photo`` with ``text`` whose first letter stands at ``at``, and where that is."""
    coverage = np.zeros(photo.shape[:2], np.uint8)
    cv2.putText(coverage, text, at, cv2.FONT_HERSHEY_SIMPLEX, 0.9, 255, 2, cv2.LINE_AA)
    return blend(photo, coverage, colour), coverage > 127
