"""The beach: rippled sand in low light, wet near the water, with a drift line and pebbles."""

from __future__ import annotations

import numpy as np
import sky
from noise import Field, fractal_noise, mix, rgb, smooth_step
from scene import EYE, FOCAL, SKYLIGHT, SUN, SUNLIGHT, Rays, find_shoreline


def _height(x: Field, z: Field, footprint: Field, dry: Field) -> Field:
    """Height of the sand in metres."""
    dunes = 0.10 * fractal_noise(x * 0.22, z * 0.22, 100, 3, footprint * 0.22)
    hollows = fractal_noise(x * 1.5, z * 1.5, 110, 6, footprint * 1.5, gain=0.50)
    bend = fractal_noise(x * 0.7, z * 0.7, 120, 3, footprint * 0.7)
    phase = 2 * np.pi * (z * 2.5 + x * 0.9 + 1.8 * bend)
    ripples = np.sin(phase + 0.5 * np.sin(phase)) * smooth_step(-0.25, 0.25, bend + 0.2)
    ripples *= np.clip(1.4 - 8 * footprint, 0, 1)
    return dunes + dry * (0.040 * hollows + 0.0095 * ripples)


def render_sand(rays: Rays, shade: Field) -> Field:
    """The sand: (h, w, 3) in linear light. ``shade`` (h, w): 1 where the sun is hidden."""
    x, z = rays.ground()
    # A pixel is long in z and narrow in x; the mean of the two keeps the detail across.
    footprint = z * np.sqrt(z / EYE) / FOCAL
    off = find_shoreline(x) - z  # metres up from the water's edge
    edge = off + 0.9 * fractal_noise(x * 0.5, z * 0.5, 130, 3, footprint * 0.5)
    dry = smooth_step(1.2, 3.6, edge)
    e = 0.012
    base = _height(x, z, footprint, dry)
    hx = (_height(x + e, z, footprint, dry) - base) / e
    hz = (_height(x, z + e, footprint, dry) - base) / e
    facing = (-hx * SUN[0] + SUN[1] - hz * SUN[2]) / np.sqrt(1 + hx**2 + hz**2)
    # Neighbouring slopes light each other, so no hollow is entirely without sun.
    sun = np.maximum(facing, 0.08) * (1 - shade)
    grain = fractal_noise(x * 14, z * 14, 140, 5, footprint * 14, gain=0.85)
    specks = np.random.default_rng(17).normal(0, 1, x.shape).astype(np.float32)
    specks *= 0.10 * np.sqrt(x.size / 1e6)  # the oversampling averages them
    tone = fractal_noise(x * 0.9, z * 0.9, 150, 5, footprint * 0.9)
    albedo = rgb(0.66, 0.55, 0.40) * (1 + 0.22 * grain + 0.20 * tone + specks)[..., None]
    albedo = albedo * (1 - 0.5 * _drift(x, z, edge, footprint)[..., None])
    open_sky = 0.86 + 0.5 * np.clip(base * 2, -0.2, 0.2) - 0.10 * shade
    colour = albedo * (sun[..., None] * SUNLIGHT * 1.55 + open_sky[..., None] * SKYLIGHT)
    wet = albedo * 0.42 * (sun[..., None] * SUNLIGHT * 1.3 + SKYLIGHT)
    mirror = sky.colour_clear_sky(np.abs(rays.dy) * 1.0 + 0.02, rays.dx)
    shine = 0.62 * smooth_step(1.5, 0.1, edge) * (1 - np.minimum(np.abs(rays.dy) * 2.2, 1)) ** 2
    wet = mix(wet.astype(np.float32), mirror, shine)
    return mix(wet, colour.astype(np.float32), dry)


def _drift(x: Field, z: Field, edge: Field, footprint: Field) -> Field:
    """Coverage of the dark line of weed and shell that the last tide left."""
    near = np.exp(-(((edge - 4.3) / 0.42) ** 2)) + 0.35 * np.exp(-(((edge - 6.4) / 0.9) ** 2))
    bits = fractal_noise(x * 5.5, z * 3.5, 160, 5, footprint * 4, gain=0.75)
    return near * smooth_step(0.06, 0.30, bits)
