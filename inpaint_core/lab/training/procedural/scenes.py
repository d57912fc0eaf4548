"""Draws one procedural picture of a random kind, seen through a camera."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import cv2
import numpy as np
from numpy.random import Generator

from inpaint_core.contract.arrays import FloatImage
from inpaint_core.lab.training.procedural.dead_leaves import draw_dead_leaves
from inpaint_core.lab.training.procedural.facades import draw_facade
from inpaint_core.lab.training.procedural.fences import draw_bars, draw_fence, draw_stripes
from inpaint_core.lab.training.procedural.landscapes import draw_landscape
from inpaint_core.lab.training.procedural.planes import draw_planes

Scene = Callable[[Generator, int], FloatImage]

SCENES: Mapping[Scene, float] = MappingProxyType(
    {
        draw_dead_leaves: 0.22,
        draw_planes: 0.3,
        draw_stripes: 0.1,
        draw_landscape: 0.18,
        draw_facade: 0.2,
    }
)
"""The share of each kind among the pictures."""

FENCED, BARRED = 0.12, 0.2
"""The shares of pictures with a fence, or else with bars, in front."""


def draw_picture(rng: Generator, side: int) -> FloatImage:
    """A picture (side, side, 3) float32 in [0, 1]; a pure function of the state of ``rng``."""
    kinds = list(SCENES)
    drawn = kinds[int(rng.choice(len(kinds), p=list(SCENES.values())))](rng, side)
    before = rng.random()
    if before < FENCED:
        drawn = draw_fence(rng, side, np.clip(drawn, 0, 1))
    elif before < FENCED + BARRED:
        drawn = draw_bars(rng, side, np.clip(drawn, 0, 1))
    return apply_camera(rng, drawn)


_LUMA = np.array((0.299, 0.587, 0.114), np.float32)


def apply_camera(rng: Generator, picture: FloatImage) -> FloatImage:
    """``picture`` (side, side, 3) under uneven, coloured light, exposed as by a camera, slightly
    out of focus and with sensor noise; float32 in [0, 1].
    """
    side = picture.shape[0]
    grid = rng.standard_normal((3, 3), np.float32)
    waves = np.asarray(cv2.resize(grid, (side, side), interpolation=cv2.INTER_CUBIC))
    light = np.exp(waves * np.float32(rng.uniform(0.02, 0.16)))
    warm = rng.normal(0, 0.06)
    tint = np.exp(np.array([warm, rng.normal(0, 0.015), -warm])) * _meter_exposure(rng, picture)
    lit = picture * (light[..., None] * tint.astype(np.float32))
    blur = rng.uniform(1.2, 2.5) if rng.random() < 0.05 else rng.uniform(0.25, 0.8)
    lit = cv2.GaussianBlur(lit, (0, 0), blur * max(side / 256, 1.0))
    lit = np.clip(lit, 0, 1)
    if rng.random() < 0.8:
        lit = _add_noise(rng, lit)
    return np.asarray(np.clip(lit, 0, 1), np.float32)


def _meter_exposure(rng: Generator, picture: FloatImage) -> float:
    """A factor for medium brightness without losing highlights, metered at some points."""
    metered = picture[2::5, 2::5] @ _LUMA
    wanted = np.clip(rng.normal(0.42, 0.12), 0.12, 0.75)
    middle, high = float(metered.mean()), float(np.quantile(metered, 0.97))
    # Not all the way: what is dark may stay a little dark.
    factor = (wanted / max(middle, 0.01)) ** 0.75
    return float(min(factor, 1.02 / max(high, 0.01)))


def _add_noise(rng: Generator, lit: FloatImage) -> FloatImage:
    """Add photon noise: proportional to the root of the brightness, mostly colourless."""
    side = lit.shape[0]
    strength = np.float32(rng.exponential(0.005))
    grey = rng.standard_normal((side, side, 1), np.float32)
    half = max(side // 2, 1)
    coarse = rng.standard_normal((half, half, 3), np.float32)
    stain = cv2.resize(coarse, (side, side), interpolation=cv2.INTER_LINEAR)
    return np.asarray(lit + strength * np.sqrt(lit + 0.1) * (grey + np.float32(0.6) * stain))
