"""Colours as surfaces have them: correlated channels, few hues to a scene, seldom pure."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from inpaint_core.contract.arrays import FloatImage

# Share, and red, green and blue relative to each other.
_HUES = np.array(
    [
        (0.34, 1.00, 0.97, 0.92),  # stone, plaster, cloud
        (0.20, 1.00, 0.80, 0.58),  # wood, earth, sand
        (0.15, 0.80, 0.92, 0.50),  # leaves, grass
        (0.15, 0.76, 0.89, 1.00),  # sky, shade, water
        (0.09, 1.00, 0.66, 0.54),  # brick, skin, rust
        (0.03, 1.00, 0.30, 0.25),  # paints
        (0.02, 0.30, 0.50, 1.00),
        (0.02, 1.00, 0.85, 0.25),
    ]
)
_LUMA = np.array((0.299, 0.587, 0.114))


def palette(rng: Generator, count: int, moods: int = 4, vivid: float = 1.0) -> FloatImage:
    """Colours (count, 3) in [0.02, 0.97], variants of ``moods`` hues at most.
    ``vivid``: 1 as it comes, 0 grey.

    Variants of one hue differ in brightness mostly, as one material lit in several ways does.
    """
    kinds = rng.choice(len(_HUES), size=moods, p=_HUES[:, 0])
    # A weight to the power of a chance: between grey and the pure hue.
    hue = _HUES[kinds, 1:] ** (vivid * rng.uniform(0.1, 1.0, (moods, 1)))
    hue = hue * np.exp(rng.normal(0, 0.05, (moods, 3)))
    light = rng.beta(1.4, 1.7, moods)
    which = rng.integers(moods, size=count)
    levels = np.clip(light[which] * np.exp(rng.normal(0, 0.3, count)), 0.03, 0.95)
    ratio = hue[which] * np.exp(rng.normal(0, 0.03, (count, 3)))
    colours = levels[:, None] * ratio / (ratio @ _LUMA)[:, None]
    return np.asarray(np.clip(colours, 0.02, 0.97), np.float32)
