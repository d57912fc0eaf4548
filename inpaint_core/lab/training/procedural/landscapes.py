"""Landscapes: a sky, hills behind hills, fields or water, sometimes a road or a shore."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from inpaint_core.contract.arrays import FloatImage
from inpaint_core.lab.training.procedural.canvas import ShapeCanvas, draw_palette
from inpaint_core.lab.training.procedural.noise import fractal_noise, sample_mirrored

# Colours overhead and at the horizon: clear, dull, evening, haze.
_KINDS = np.array(
    [
        [(0.30, 0.50, 0.80), (0.72, 0.83, 0.93)],
        [(0.62, 0.65, 0.70), (0.80, 0.81, 0.82)],
        [(0.28, 0.32, 0.50), (0.95, 0.66, 0.42)],
        [(0.52, 0.66, 0.82), (0.93, 0.92, 0.89)],
    ],
    np.float32,
)


def draw_sky(rng: Generator, side: int) -> FloatImage:
    """A sky (side, side, 3), bright near the horizon at or below its lower edge, darker above."""
    high, low = _KINDS[int(rng.choice(len(_KINDS), p=[0.4, 0.25, 0.1, 0.25]))]
    jitter = np.exp(rng.normal(0, 0.08, (2, 1))).astype(np.float32)
    down = np.linspace(0, 1, side, dtype=np.float32)[:, None, None] ** np.float32(
        rng.uniform(0.7, 1.8)
    )
    picture = np.broadcast_to(high * jitter[0] * (1 - down) + low * jitter[1] * down,
                              (side, side, 3)).copy()  # fmt: skip
    if rng.random() < 0.55:
        field = fractal_noise(rng, side, rng.uniform(0.15, 0.6) * side, 6, rng.uniform(1, 3))
        soft = rng.uniform(0.8, 2.5)
        share = np.clip((field - rng.uniform(-0.5, 0.9)) / soft, 0, 1)[..., None]
        white = np.float32(rng.uniform(0.78, 0.97)) - np.float32(0.12) * share
        picture += np.float32(rng.uniform(0.3, 0.9)) * share * (white - picture)
    return picture


_POINTS = 96
_HILLS, _GROUND, _ROAD, _SHORE = 1, 5, 6, 9


def draw_landscape(rng: Generator, side: int) -> FloatImage:
    """A landscape (side, side, 3)."""
    tilt, level = rng.normal(0, 0.04), rng.uniform(0.2, 0.75)
    x = np.linspace(-0.2, 1.2, _POINTS)
    horizon = level + tilt * (x - 0.5)
    behind = draw_sky(rng, side)
    canvas = ShapeCanvas(side, draw_palette(rng, 12, 4, 0.7))
    canvas.roughen(rng, 1.5)
    canvas.grain[_GROUND:] = 0  # `_ground_light` adds a texture that gets finer with distance
    haze = behind[min(int(level * side), side - 1)].mean(axis=0)
    hills = int(rng.choice([0, 1, 2, 3], p=[0.3, 0.3, 0.25, 0.15]))
    for number in range(hills):
        label, near = _HILLS + number, (number + 1) / (hills + 1)
        height = rng.uniform(0.03, 0.25) * (1.2 - near)
        ridge = horizon - height * _ridge_heights(rng, x)
        canvas.colours[label] += (1 - near) * 0.8 * (haze - canvas.colours[label])
        canvas.grain[label] *= near
        canvas.polygon(label, _outline_below(x, ridge))
    canvas.polygon(_GROUND, _outline_below(x, horizon))
    canvas.shade(_GROUND, np.array([[0.5, 1.0]]), np.array([[0.0, rng.normal(-0.2, 0.25)]]))
    if rng.random() < 0.4:
        _draw_road(rng, canvas, level)
    if rng.random() < 0.3:
        shore = horizon + rng.uniform(0.03, 0.3) + rng.normal(0, 0.15) * (x - 0.5)
        shore += rng.exponential(0.01) * _ridge_heights(rng, x)
        canvas.polygon(_SHORE, _outline_below(x, shore))
    drawn = canvas.picture(rng, behind)
    return drawn * _ground_light(rng, side, level, tilt)[..., None]


def _ground_light(rng: Generator, side: int, level: float, tilt: float) -> FloatImage:
    """The light (side, side) of uneven ground below the horizon; 1 above it."""
    at = (np.arange(side, dtype=np.float32) + np.float32(0.5)) / np.float32(side)
    middle = at - np.float32(0.5)
    depth = 1 / np.maximum(at[:, None] - np.float32(level) - np.float32(tilt) * middle, 0.004)
    texture = fractal_noise(rng, 128, rng.uniform(4, 40), 5, rng.uniform(0.7, 4))
    fine = np.float32(rng.uniform(20, 80))
    beside = np.float32(rng.uniform(30, 98)) + fine * middle * depth  # no mirror in the middle
    away = np.float32(rng.uniform(0.3, 1)) * fine * depth
    grain = sample_mirrored(texture, beside, away)
    # A pixel's footprint on the ground, in texels, along the line of sight.
    fade = 1 / np.maximum(fine * depth * depth / side, 1)
    strength = np.where(depth < 240, np.float32(min(rng.exponential(0.13), 0.35)), 0)
    return np.asarray(np.maximum(1 + strength * fade * grain, 0.2), np.float32)


def _outline_below(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
    """The outline of everything below a curve."""
    curve = np.stack([x, y], axis=1)
    return np.concatenate([curve, [(x[-1], 1.2), (x[0], 1.2)]])


def _ridge_heights(rng: Generator, x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Heights of a range of hills, 0 to about 2, rough at all scales."""
    waves = 2.0 ** np.arange(6)
    strength = rng.normal(0, 1, 6) * rng.uniform(0.3, 0.65) ** np.arange(6)
    phase = rng.uniform(0, 2 * np.pi, 6)
    wave = (strength[:, None] * np.sin(2.2 * waves[:, None] * x + phase[:, None])).sum(axis=0)
    return np.asarray(np.maximum(0.6 + 0.6 * wave, 0.0))


def _draw_road(rng: Generator, canvas: ShapeCanvas, level: float) -> None:
    """Draw a road to a point on the horizon, with verges and perhaps a centre line."""
    far = np.array([rng.uniform(0.1, 0.9), level])
    middle, width = rng.uniform(-0.3, 1.3), rng.uniform(0.25, 0.9)
    verge, dash = rng.uniform(0.04, 0.25), rng.uniform(0.015, 0.04)

    def wedge(label: int, left: float, right: float) -> None:
        ends = [(middle + part * width, 1.1) for part in (left, right)]
        thin = 0.01 * np.array([left, right])
        tops = [(far[0] + thin[1], far[1]), (far[0] + thin[0], far[1])]
        canvas.polygons([label], np.array([[*ends, *tops]]))

    wedge(_ROAD, -0.5 - verge, 0.5 + verge)
    wedge(_ROAD + 1, -0.5, 0.5)
    canvas.shade(_ROAD + 1, np.array([[0.5, 1.0]]), np.array([[0.0, rng.normal(-0.2, 0.2)]]))
    if rng.random() < 0.6:
        canvas.colours[_ROAD + 2] = rng.uniform(0.7, 0.92)
        wedge(_ROAD + 2, -dash, dash)
