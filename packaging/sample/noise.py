"""Gradient noise and its octaves, faded out where a pixel is too coarse to show them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Field = NDArray[Any]  # float32 throughout; what NumPy's and OpenCV's stubs can follow
_SIZE = 256


def _gradients(seed: int) -> tuple[Field, Field]:
    angle = np.random.default_rng(seed).uniform(0, 2 * np.pi, (_SIZE, _SIZE))
    return np.cos(angle).astype(np.float32), np.sin(angle).astype(np.float32)


def gradient_noise(u: Field, v: Field, seed: int) -> Field:
    """Perlin noise at the points ``(u, v)``, about -0.7 to 0.7, one feature per unit."""
    gx, gy = _gradients(seed)
    iu, iv = np.floor(u), np.floor(v)
    fu, fv = (u - iu).astype(np.float32), (v - iv).astype(np.float32)
    iu, iv = iu.astype(np.int64), iv.astype(np.int64)

    def corner(du: int, dv: int) -> Field:
        at = (iv + dv) % _SIZE, (iu + du) % _SIZE
        return np.asarray(gx[at] * (fu - du) + gy[at] * (fv - dv))

    su, sv = (t * t * t * (t * (t * 6 - 15) + 10) for t in (fu, fv))
    upper = corner(0, 0) * (1 - su) + corner(1, 0) * su
    lower = corner(0, 1) * (1 - su) + corner(1, 1) * su
    return np.asarray(upper * (1 - sv) + lower * sv)


def fractal_noise(
    u: Field,
    v: Field,
    seed: int,
    count: int,
    footprint: Field | float = 0.0,
    gain: float = 0.5,
    ridged: bool = False,
) -> Field:
    """Fractal noise: ``count`` octaves, each ``gain`` times as strong as the one before.

    ``footprint``: a pixel's size in units of ``u`` and ``v``. Finer octaves fade out, as they do in
    a lens and on a sensor.
    """
    total = np.zeros(np.broadcast_shapes(np.shape(u), np.shape(v)), np.float32)
    for k in range(count):
        scale = 2.03**k
        visible = np.clip(1.6 - 2.4 * scale * np.asarray(footprint), 0, 1).astype(np.float32)
        layer = gradient_noise(u * scale + 17.3 * k, v * scale - 9.1 * k, seed + k)
        if ridged:
            layer = 0.35 - np.abs(layer)
        total += gain**k * visible * layer
    return total


def smooth_step(lo: float, hi: float, x: Field) -> Field:
    """0 below ``lo``, 1 above ``hi``, smooth in between."""
    t = np.clip((x - lo) / (hi - lo), 0, 1)
    return np.asarray(t * t * (3 - 2 * t), np.float32)


def mix(a: Field, b: Field, t: Field) -> Field:
    """``a`` where ``t`` is 0, ``b`` where it is 1; ``t`` (h, w) against colours (h, w, 3)."""
    return np.asarray(a + (b - a) * t[..., None], np.float32)


def rgb(red: float, green: float, blue: float) -> Field:
    """A colour in linear light."""
    return np.array([red, green, blue], np.float32)
