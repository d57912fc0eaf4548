from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from inpaint_core.cli import main


def scene(height: int = 64, width: int = 96, seed: int = 5) -> np.ndarray:
    """A noisy gradient (height, width, 3) uint8: no two pixels of a row are expected alike."""
    rng = np.random.default_rng(seed)
    ramp = np.linspace(40, 180, width)[None, :, None] + np.linspace(0, 40, height)[:, None, None]
    return np.clip(ramp + rng.normal(0, 12, (height, width, 3)), 0, 255).astype(np.uint8)


@dataclass
class Shot:
    """A photo with a mask on disk, and a name for the result."""

    folder: Path
    photo: Path
    mask: Path
    out: Path
    pixels: np.ndarray
    hole: np.ndarray

    def fill(self, *more: str | Path, engine: str = "harmonic") -> int:
        return main(
            [str(a) for a in ("fill", self.photo, "--mask", self.mask, "--out", self.out)]
            + ["--engine", engine, *map(str, more)]
        )

    def far(self, distance: int = 8) -> np.ndarray:
        """True where neither the hole nor its feather can reach."""
        ys, xs = np.nonzero(self.hole)
        far = np.ones(self.hole.shape, bool)
        far[
            max(ys.min() - distance, 0) : ys.max() + distance + 1,
            max(xs.min() - distance, 0) : xs.max() + distance + 1,
        ] = False
        return far


def make_shot(folder: Path, name: str = "photo.png", out: str = "out.png") -> Shot:
    pixels = scene()
    hole = np.zeros(pixels.shape[:2], np.uint8)
    hole[24:40, 40:60] = 255
    shot = Shot(folder, folder / name, folder / "mask.png", folder / out, pixels, hole > 0)
    Image.fromarray(pixels).save(shot.photo)
    Image.fromarray(hole).save(shot.mask)
    return shot
