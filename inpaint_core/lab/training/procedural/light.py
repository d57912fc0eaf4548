"""What light, lens and sensor do to a drawn picture."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.random import Generator

from inpaint_core.contract.arrays import FloatImage
from inpaint_core.lab.training.procedural.noise import smooth

_LUMA = np.array((0.299, 0.587, 0.114), np.float32)


def photographed(rng: Generator, picture: FloatImage) -> FloatImage:
    """``picture`` (side, side, 3) under uneven, coloured light, exposed as a camera does, a little
    out of focus and with sensor noise; float32 in [0, 1].
    """
    side = picture.shape[0]
    light = np.exp(smooth(rng, side) * np.float32(rng.uniform(0.02, 0.16)))
    warm = rng.normal(0, 0.06)
    tint = np.exp(np.array([warm, rng.normal(0, 0.015), -warm])) * _exposure(rng, picture)
    lit = picture * (light[..., None] * tint.astype(np.float32))
    blur = rng.uniform(1.2, 2.5) if rng.random() < 0.05 else rng.uniform(0.25, 0.8)
    lit = cv2.GaussianBlur(lit, (0, 0), blur * max(side / 256, 1.0))
    lit = np.clip(lit, 0, 1)
    if rng.random() < 0.8:
        lit = _noisy(rng, lit)
    return np.asarray(np.clip(lit, 0, 1), np.float32)


def _exposure(rng: Generator, picture: FloatImage) -> float:
    """A factor for a medium brightness, unless highlights would be lost; it meters some points."""
    metered = picture[2::5, 2::5] @ _LUMA
    wanted = np.clip(rng.normal(0.42, 0.12), 0.12, 0.75)
    middle, high = float(metered.mean()), float(np.quantile(metered, 0.97))
    # Half way, in stops: what is dark may stay a little dark.
    factor = (wanted / max(middle, 0.01)) ** 0.75
    return float(min(factor, 1.02 / max(high, 0.01)))


def shadow(rng: Generator, side: int) -> FloatImage:
    """A factor (side, side): the shadow of something with straight edges, softly bounded."""
    count = int(rng.integers(3, 6))
    angle = np.sort(rng.uniform(0, 2 * np.pi, count))
    corners = rng.uniform(0.2, 0.9) * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    corners = (corners + rng.uniform(-0.1, 1.1, 2)) * side
    plane = np.ones((side, side), np.float32)
    depth = float(rng.uniform(0.45, 0.8))
    cv2.fillPoly(plane, [np.rint(corners).astype(np.int32)], depth)
    soft = float(rng.uniform(0.004, 0.03)) * side
    return np.asarray(cv2.GaussianBlur(plane, (0, 0), max(soft, 0.6)), np.float32)


def _noisy(rng: Generator, lit: FloatImage) -> FloatImage:
    """Photon noise: it grows with the root of the brightness; little of it is coloured."""
    side = lit.shape[0]
    strength = np.float32(rng.exponential(0.005))
    grey = rng.standard_normal((side, side, 1), np.float32)
    half = max(side // 2, 1)
    coarse = rng.standard_normal((half, half, 3), np.float32)
    stain = cv2.resize(coarse, (side, side), interpolation=cv2.INTER_LINEAR)
    return np.asarray(lit + strength * np.sqrt(lit + 0.1) * (grey + np.float32(0.6) * stain))
