"""The evening sky with its clouds, and a hazy headland on the horizon."""

from __future__ import annotations

import numpy as np
from noise import Field, fractal_noise, mix, rgb, smooth_step
from scene import Rays

_HEIGHTS = np.array([0.0, 0.035, 0.10, 0.20, 0.40, 1.0])  # tangent of the elevation
_COLOURS = np.array(
    [
        [0.92, 0.66, 0.49],
        [0.86, 0.70, 0.58],
        [0.58, 0.62, 0.66],
        [0.33, 0.46, 0.64],
        [0.19, 0.33, 0.56],
        [0.11, 0.23, 0.46],
    ]
)


def colour_clear_sky(height: Field, side: Field) -> Field:
    """Colour of the cloudless sky at ``height`` (tangent of the elevation), warmer to the left."""
    colour = np.stack([np.interp(height, _HEIGHTS, _COLOURS[:, c]) for c in range(3)], axis=-1)
    glow = np.exp(-np.maximum(height, 0) * 9) * np.clip(0.5 - side, 0, 1.2)
    return np.asarray(colour + glow[..., None] * rgb(0.20, 0.10, 0.02), np.float32)


def render_sky(rays: Rays) -> Field:
    """The sky above the horizon: (h, w, 3), linear light."""
    dy = np.maximum(rays.dy, 2e-4)
    colour = colour_clear_sky(dy, rays.dx)
    # A layer of cloud one unit above the eye, seen in perspective.
    u, v = rays.dx / (dy + 0.05), 1.0 / (dy + 0.05)
    footprint = (1 / 1600) / (dy + 0.05) ** 2 * 0.55
    warp = fractal_noise(u * 0.5, v * 0.5, 40, 3, footprint * 0.5)
    cu, cv = u * 0.62 + 0.9 * warp, v * 0.40 + 0.5 * warp
    fine = footprint * 0.4

    def density(cu: Field, cv: Field) -> Field:
        patches = fractal_noise(cu * 0.45 + 3.1, cv * 0.45, 60, 2)
        return fractal_noise(cu, cv, 50, 7, fine, gain=0.55) + 0.8 * patches

    here = density(cu, cv)
    cover = smooth_step(0.02, 0.62, here) * (0.25 + 0.75 * smooth_step(0.0, 0.08, dy))
    # Light comes from the left: where the cloud thins out towards it, the cloud is lit.
    lit = smooth_step(-0.22, 0.30, here - density(cu - 0.20, cv + 0.10) + 0.05)
    bright = rgb(1.12, 0.86, 0.68)
    shade = rgb(0.50, 0.46, 0.52)
    cloud = mix(np.broadcast_to(shade, colour.shape), np.broadcast_to(bright, colour.shape), lit)
    haze = np.exp(-dy * 14)
    cloud = mix(cloud, colour * 1.04, haze)
    colour = mix(colour, cloud, cover * 0.92)
    # High streaks of ice cloud.
    streak = fractal_noise(u * 0.30 + v * 0.25, v * 1.1 - u * 0.2, 70, 5, footprint, gain=0.6)
    veil = smooth_step(0.05, 0.75, streak) * 0.30 * smooth_step(0.03, 0.16, dy)
    return mix(colour, np.broadcast_to(rgb(0.98, 0.84, 0.76), colour.shape), veil)


def add_headland(rays: Rays, colour: Field) -> Field:
    """A distant cape on the right, half lost in the haze, laid over ``colour``."""
    along = smooth_step(0.18, 0.50, rays.dx)
    x = rays.dx * 60
    ridge = along * (
        0.016 + 0.010 * fractal_noise(x * 0.10, x * 0, 80, 6)
    ) + 0.0022 * fractal_noise(x * 1.1, x * 0 + 4, 90, 4) * smooth_step(0.10, 0.3, along)
    alpha = smooth_step(-0.0004, 0.0004, ridge - rays.dy) * smooth_step(0.02, 0.06, along)
    slopes = fractal_noise(x * 0.9, rays.dy * 900, 95, 5)
    land = rgb(0.35, 0.33, 0.37) * (1 + 0.35 * slopes[..., None])
    foot = np.exp(-np.maximum(rays.dy, 0) / 0.006)
    land = mix(land, colour, 0.38 + 0.35 * foot)
    return mix(colour, land, alpha)
