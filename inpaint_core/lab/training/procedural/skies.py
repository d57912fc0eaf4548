"""Skies: bright near the horizon, darker above, with clouds or without."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from inpaint_core.contract.arrays import FloatImage
from inpaint_core.lab.training.procedural.noise import fractal

# Colours above and at the horizon: clear, dull, evening, haze.
_KINDS = np.array(
    [
        [(0.30, 0.50, 0.80), (0.72, 0.83, 0.93)],
        [(0.62, 0.65, 0.70), (0.80, 0.81, 0.82)],
        [(0.28, 0.32, 0.50), (0.95, 0.66, 0.42)],
        [(0.52, 0.66, 0.82), (0.93, 0.92, 0.89)],
    ],
    np.float32,
)


def sky(rng: Generator, side: int) -> FloatImage:
    """A sky (side, side, 3), the horizon at its lower edge or below it."""
    high, low = _KINDS[int(rng.choice(len(_KINDS), p=[0.4, 0.25, 0.1, 0.25]))]
    jitter = np.exp(rng.normal(0, 0.08, (2, 1))).astype(np.float32)
    down = np.linspace(0, 1, side, dtype=np.float32)[:, None, None] ** np.float32(
        rng.uniform(0.7, 1.8)
    )
    picture = np.broadcast_to(high * jitter[0] * (1 - down) + low * jitter[1] * down,
                              (side, side, 3)).copy()  # fmt: skip
    if rng.random() < 0.55:
        field = fractal(rng, side, rng.uniform(0.15, 0.6) * side, 6, rng.uniform(1, 3))
        soft = rng.uniform(0.8, 2.5)
        share = np.clip((field - rng.uniform(-0.5, 0.9)) / soft, 0, 1)[..., None]
        white = np.float32(rng.uniform(0.78, 0.97)) - np.float32(0.12) * share
        picture += np.float32(rng.uniform(0.3, 0.9)) * share * (white - picture)
    return picture
