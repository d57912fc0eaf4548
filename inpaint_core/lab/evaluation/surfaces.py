"""What rendered scenes are drawn with: coordinates, and surfaces with colour and grain."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inpaint_core.lab.evaluation.timing_scenes import smooth_noise

Surface = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Space:
    """Coordinates (H, W) of the large drawing in units of the photo's height, 0 in the middle."""

    x: Surface
    y: Surface

    def turned(self, angle: float) -> Space:
        """The same points in axes turned by ``angle`` radians."""
        c, s = np.float32(np.cos(angle)), np.float32(np.sin(angle))
        return Space(self.x * c + self.y * s, self.y * c - self.x * s)

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width."""
        return self.x.shape[0], self.x.shape[1]


def colours(rng: np.random.Generator, count: int) -> Surface:
    """Muted colours (count, 3) of clearly different brightness, in random order."""
    light = np.linspace(70, 205, count) + rng.uniform(-12, 12, count)
    tint = rng.uniform(-22, 22, (count, 3))
    return rng.permutation(light[:, None] + tint).astype(np.float32)


def painted(which: NDArray[np.int64], rng: np.random.Generator, count: int) -> Surface:
    """Surfaces by number as a picture, each with texture of its own."""
    height, width = which.shape
    picture = colours(rng, count)[which]
    for number in range(count):
        cell = float(rng.uniform(4, 40))
        grain = smooth_noise(rng, height, width, cell, 3) * rng.uniform(1, 5)
        picture += (grain * (which == number))[..., None]
    return picture


Drawing = Callable[[Space, np.random.Generator], Surface]
"""A scene (H, W, 3) in 8-bit levels whose structure goes through the middle."""
