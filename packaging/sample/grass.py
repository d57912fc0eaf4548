"""Marram grass in the corners of the foreground, blade by blade."""

from __future__ import annotations

import cv2
import numpy as np
from noise import Field, rgb
from scene import EYE, FOCAL, HORIZON, WIDTH

_TINTS = (
    rgb(0.30, 0.30, 0.13),
    rgb(0.40, 0.35, 0.18),
    rgb(0.20, 0.24, 0.10),
    rgb(0.60, 0.48, 0.27),
)
_WARM = rgb(1.25, 1.05, 0.85)


def _tufts(rng: np.random.Generator) -> list[tuple[float, float, float]]:
    """Feet of the tufts: x, z in metres, and size."""
    found = []
    for _ in range(60):
        z = rng.uniform(3.2, 6.6)
        x = -0.5 * z + rng.normal(-0.15, 0.42)
        found.append((x, z, rng.uniform(0.7, 1.15)))
    for _ in range(46):
        z = rng.uniform(3.2, 5.4)
        x = 0.5 * z + rng.normal(0.22, 0.34)
        found.append((x, z, rng.uniform(0.6, 1.0)))
    return sorted(found, key=lambda tuft: -tuft[1])


def draw_grass(image: Field, oversampling: int) -> None:
    """Draw the grass into ``image`` (h, w, 3), linear light, in place."""
    rng = np.random.default_rng(11)
    tufts = _tufts(rng)
    _shade(image, tufts, oversampling)
    for x, z, size in tufts:
        scale = FOCAL / z * oversampling
        foot_y = (HORIZON + EYE * FOCAL / z) * oversampling
        foot_x = (WIDTH / 2) * oversampling + x * scale
        for _ in range(int(rng.integers(34, 60))):
            length = size * rng.uniform(0.16, 0.68) * scale
            lean = rng.normal(0.22, 0.45)
            t = np.linspace(0, 1, 16)
            px = foot_x + rng.normal(0, 0.085) * scale + length * lean * (0.25 * t + 0.75 * t**2)
            root = foot_y + rng.normal(0, 0.045) * scale
            py = root - length * (t - 0.30 * abs(lean) * t**2.2)
            tint = _TINTS[rng.integers(len(_TINTS))] * rng.uniform(0.75, 1.25)
            width = rng.uniform(0.0035, 0.0065) * scale
            for k in range(len(t) - 1):
                light = 0.42 + 0.95 * t[k] ** 0.8
                colour = tuple(float(c) for c in tint * light * _WARM)
                thick = max(1, round(width * (1 - 0.85 * t[k])))
                ends = np.rint([px[k : k + 2], py[k : k + 2]]).astype(int).T
                cv2.line(image, ends[0].tolist(), ends[1].tolist(), colour, thick)


def _shade(image: Field, tufts: list[tuple[float, float, float]], oversampling: int) -> None:
    """Darken the sand under the tufts and to their right, where their shadow falls."""
    light = np.ones(image.shape[:2], np.float32)
    for x, z, size in tufts:
        scale = FOCAL / z * oversampling
        foot = (WIDTH / 2 * oversampling + (x + 0.10) * scale, HORIZON * oversampling + EYE * scale)
        axes = (0.26 * size * scale, 0.055 * size * scale)
        blot = np.zeros_like(light)
        cv2.ellipse(blot, [round(v) for v in foot], [round(v) for v in axes], 0, 0, 360, 1.0, -1)
        light *= 1 - 0.30 * blot
    soft = cv2.GaussianBlur(light, (0, 0), 7.0 * oversampling)
    image *= np.maximum(soft, 0.32)[..., None]
