"""Drawing tools for rendered scenes (coordinates, surfaces with colour and grain, noise), and a
landscape for measuring time, with texture at every scale to keep all stages busy.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from inpaint_core.contract.arrays import BoolMask
from inpaint_core.lab.evaluation.pixel_metrics import Composite

Surface = NDArray[np.float32]

HORIZON = 0.35  # of the landscape


@dataclass(frozen=True, eq=False)
class SceneCoordinates:
    """Coordinates (H, W) of the enlarged drawing in units of its height, 0 in the middle."""

    x: Surface
    y: Surface

    def turned(self, angle: float) -> SceneCoordinates:
        """The same points in axes turned by ``angle`` radians."""
        c, s = np.float32(np.cos(angle)), np.float32(np.sin(angle))
        return SceneCoordinates(self.x * c + self.y * s, self.y * c - self.x * s)

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width."""
        return self.x.shape[0], self.x.shape[1]


SceneFunction = Callable[[SceneCoordinates, np.random.Generator], Surface]
"""Draws a scene (H, W, 3) in 8-bit levels whose structure passes through the middle."""


def pick_colours(rng: np.random.Generator, count: int) -> Surface:
    """Muted colours (count, 3) of clearly different brightness, in random order."""
    light = np.linspace(70, 205, count) + rng.uniform(-12, 12, count)
    tint = rng.uniform(-22, 22, (count, 3))
    return rng.permutation(light[:, None] + tint).astype(np.float32)


def paint_surfaces(which: NDArray[np.int64], rng: np.random.Generator, count: int) -> Surface:
    """A picture of surfaces by number, each with its own texture."""
    height, width = which.shape
    picture = pick_colours(rng, count)[which]
    for number in range(count):
        cell = float(rng.uniform(4, 40))
        grain = smooth_noise(rng, height, width, cell, 3) * rng.uniform(1, 5)
        picture += (grain * (which == number))[..., None]
    return picture


def render_landscape(megapixels: float, seed: int = 0) -> Composite:
    """A 3:2 photo (H, W, 3) uint8 of about this many megapixels: sky with clouds, hills, a meadow
    whose grain grows towards the viewer, and sensor noise. Deterministic.
    """
    height = max(16, round((megapixels * 1e6 / 1.5) ** 0.5))
    width = max(16, round(height * 1.5))
    rng = np.random.default_rng(seed)
    coarse = smooth_noise(rng, height, width, cell=height / 4, octaves=4)
    fine = smooth_noise(rng, height, width, cell=max(height / 60, 4.0), octaves=4)
    y = np.linspace(0, 1, height, dtype=np.float32)[:, None]
    skyline = HORIZON + 0.05 * coarse[round(HORIZON * height)]
    ground = y > skyline[None, :]
    depth = np.clip((y - HORIZON) / (1 - HORIZON), 0, 1)
    sky = 215 - 60 * (1 - y) + 25 * coarse
    meadow = 105 + 22 * coarse + (15 + 25 * depth) * fine
    light = np.where(ground, meadow, sky)
    light += rng.standard_normal((height, width), dtype=np.float32) * 2
    picture = np.empty((height, width, 3), np.uint8)
    for channel, (of_sky, of_ground) in enumerate(((0.8, 0.85), (0.92, 1.0), (1.1, 0.5))):
        tint = np.where(ground, np.float32(of_ground), np.float32(of_sky))
        picture[..., channel] = np.clip(light * tint + 0.5, 0, 255)
    return picture


def draw_blob(shape: tuple[int, int], pixels: int) -> BoolMask:
    """A hole (H, W) of almost exactly this many pixels, somewhat below the middle, like an object
    standing across the horizon. It may reach the photo's edges; one pixel always stays known.
    """
    height, width = shape
    y, x = np.mgrid[:height, :width].astype(np.float32)
    distance = ((x - 0.5 * width) / 0.8) ** 2 + (y - 0.55 * height) ** 2
    count = min(max(pixels, 1), height * width - 1)
    limit = np.partition(distance, count - 1, axis=None)[count - 1]
    return np.asarray(distance <= limit)


def smooth_noise(
    rng: np.random.Generator, height: int, width: int, cell: float, octaves: int
) -> NDArray[np.float32]:
    """Smooth noise (H, W) of mean 0 and spread about 1; ``cell``: pixels of the largest waves."""
    total = np.zeros((height, width), np.float32)
    strength = 1.0
    for _ in range(octaves):
        grid = (max(2, round(height / cell)), max(2, round(width / cell)))
        values = rng.standard_normal(grid, dtype=np.float32)
        total += strength * cv2.resize(values, (width, height), interpolation=cv2.INTER_CUBIC)
        strength *= 0.6
        cell = max(cell / 2, 1.0)
    return total
