"""The sea: waves as a sum of sines, lit by the sky they mirror; breakers and foam at the shore."""

from __future__ import annotations

import numpy as np
import sky
from noise import Field, fractal_noise, mix, rgb, smooth_step
from scene import FOCAL, SUN, SUNLIGHT, Rays, find_shoreline


def _slopes(x: Field, z: Field, footprint: Field) -> tuple[Field, Field, Field]:
    """Slope of the water along x and z, and the variance of the waves too fine to see."""
    rng = np.random.default_rng(7)
    sx, sz = np.zeros_like(x), np.zeros_like(x)
    lost = np.zeros_like(x)
    wander = fractal_noise(x * 0.05, z * 0.05, 30, 2, footprint * 0.05)
    for length in np.geomspace(0.18, 14.0, 44):
        heading = np.radians(rng.normal(-95, 36))
        k = 2 * np.pi / length
        steepness = 0.032 * (length / 2.0) ** -0.15
        kx, kz = k * np.cos(heading), k * np.sin(heading)
        phase = kx * x + kz * z + rng.uniform(0, 2 * np.pi) + 2.4 * wander * min(length, 3)
        seen = np.clip(1.5 - 2.5 * footprint / length * abs(np.sin(heading)), 0, 1)
        slope = steepness * np.cos(phase) * seen
        sx += slope * np.cos(heading)
        sz += slope * np.sin(heading)
        lost += 0.5 * steepness**2 * (1 - seen**2)
    return sx, sz, lost


def render_sea(rays: Rays) -> tuple[Field, Field]:
    """The water below the horizon: (h, w, 3) in linear light, and its coverage (h, w)."""
    x, z = rays.ground()
    footprint = z * z / (1.7 * FOCAL)
    far = smooth_step(40, 900, z)
    sx, sz, lost = _slopes(np.clip(x, -4000, 4000), np.minimum(z, 4000), footprint)
    off = z - find_shoreline(x)  # metres out from the water's edge
    chop = np.clip(off / 9, 0.18, 1)
    sx, sz = sx * chop, sz * chop
    # Waves too fine to see still tilt what is mirrored: their fronts face the eye.
    tilt = np.sqrt(lost) * 0.9 + 0.05
    grazing = np.abs(rays.dy)
    facing = np.maximum(grazing - sz + 0.4 * tilt, 0.012)
    above = np.clip(grazing + 2 * (-sz) + 2 * 0.55 * tilt, 0.004, 1.2)
    fresnel = np.clip(0.02 + 0.98 * (1 - np.minimum(facing, 1)) ** 5 / (1 + 6 * tilt), 0, 1)
    reflected = sky.colour_clear_sky(above, rays.dx + 2 * sx)
    gleam = fractal_noise(x * 0.02 + 5, z * 0.012, 33, 3, footprint * 0.02)
    reflected = reflected * (1 + 0.22 * gleam[..., None])
    depth = smooth_step(0, 26, off)
    shallow = rgb(0.27, 0.255, 0.185)
    deep = rgb(0.035, 0.105, 0.125)
    body = mix(
        np.broadcast_to(shallow, reflected.shape), np.broadcast_to(deep, reflected.shape), depth
    )
    body = body * (1 + 2.2 * np.clip(-sz, -0.12, 0.12)[..., None])
    water = mix(body, reflected, fresnel)
    # Far out everything fades into the haze, but the horizon stays a line.
    water = mix(water, np.broadcast_to(rgb(0.36, 0.42, 0.47), water.shape), 0.45 * far)
    water, wet = _foam(water, x, z, off, footprint)
    return water, wet


def _foam(water: Field, x: Field, z: Field, off: Field, footprint: Field) -> tuple[Field, Field]:
    """Breakers, lace and the edge of the swash, laid over ``water``."""
    light = SUNLIGHT * SUN[1] * 1.1 + rgb(0.42, 0.45, 0.50)
    bend = fractal_noise(x * 0.16, z * 0.05, 20, 4)
    lace = fractal_noise(x * 2.2, z * 1.3, 21, 5, footprint * 1.3, gain=0.62, ridged=True)
    lumps = fractal_noise(x * 5.0, z * 3.0, 22, 4, footprint * 3.0)
    total = np.zeros_like(x)
    for at, width, strength, seed in (
        (3.4, 0.55, 1.0, 24),
        (9.0, 0.7, 0.95, 26),
        (21.0, 1.1, 0.8, 28),
    ):
        along = fractal_noise(x * 0.045 + seed, x * 0, seed, 3)
        crest = off - at - 1.6 * bend
        # Steep front towards the shore, a torn trail behind it.
        line = smooth_step(-0.22, 0.05, crest) * smooth_step(width * 2.6, width * 0.3, crest)
        total += strength * line * smooth_step(-0.06, 0.16, along + 0.16 * lumps)
        shadow = np.exp(-(((crest + 0.45) / 0.4) ** 2)) * smooth_step(-0.10, 0.14, along)
        water = water * (1 - 0.42 * shadow[..., None])
    trail = smooth_step(0.62, 0.10, np.abs(off - 1.4 - bend) / 2.2) * smooth_step(
        0.06, 0.34, lace + 0.12 * bend
    )
    swash = smooth_step(0.10, -0.02, np.abs(off - 0.10 - 0.05 * lumps)) * 0.95
    total = np.clip(total + 0.75 * trail + swash, 0, 1) * smooth_step(-0.05, 0.02, off)
    foam = light * (0.80 + 0.42 * lumps[..., None])
    water = mix(water, foam.astype(np.float32), np.clip(total * (0.78 + 0.5 * lumps), 0, 0.97))
    return water, smooth_step(-0.03, 0.03, off)
