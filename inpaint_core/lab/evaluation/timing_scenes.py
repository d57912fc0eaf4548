"""Photos of our own making for measuring time: texture at every scale, so that no stage gets off
lightly, and no copyright.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from inpaint_core.contract.arrays import BoolMask
from inpaint_core.lab.evaluation.pixel_metrics import Composite

HORIZON = 0.35


def scene(megapixels: float, seed: int = 0) -> Composite:
    """A 3:2 photo (H, W, 3) uint8 of about so many megapixels: sky with clouds, hills, a meadow
    whose grain grows towards the viewer, and sensor noise. The same for the same arguments.
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


def blob(shape: tuple[int, int], pixels: int) -> BoolMask:
    """A hole (H, W) of very nearly so many pixels, somewhat below the middle: a standing object
    across the horizon. It reaches the photo's edges where it must; at most the photo less a pixel.
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
    """Smooth noise (H, W) of mean 0 and a spread of about 1, from cells of ``cell`` pixels down."""
    total = np.zeros((height, width), np.float32)
    strength = 1.0
    for _ in range(octaves):
        grid = (max(2, round(height / cell)), max(2, round(width / cell)))
        values = rng.standard_normal(grid, dtype=np.float32)
        total += strength * cv2.resize(values, (width, height), interpolation=cv2.INTER_CUBIC)
        strength *= 0.6
        cell = max(cell / 2, 1.0)
    return total
