"""Priors with adjustable settings, and as pictures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from inpaint_core.contract.arrays import BoolMask, FloatImage
from inpaint_core.inspection.map_picture import Rgb
from inpaint_core.priors.canny import find_canny_edges
from inpaint_core.priors.l0 import STRENGTH, smooth_l0
from inpaint_core.priors.lines import find_segments
from inpaint_core.priors.registry import priors


@dataclass(frozen=True)
class PriorSettings:
    """``sigma`` in pixels and the thresholds ``low`` and ``high`` of the edges (see
    `priors.canny`); ``strength`` of the L0 smoothing (lambda of `priors.l0`); ``shortest`` line in
    pixels.
    """

    sigma: float = 2.0
    low: float = 0.1
    high: float = 0.2
    strength: float = STRENGTH
    shortest: float = 12.0


def compute_prior(
    name: str, image: FloatImage, hole: BoolMask, settings: PriorSettings | None = None
) -> NDArray[Any]:
    """The prior ``name`` of a photo or a part of it, as `registry.PriorSpec` describes it.

    ``image`` (h, w, 3) float32 in [0, 1], ``hole`` (h, w) bool. ``settings`` None: as networks are
    given it. Raises KeyError for an unknown name, `NothingToCopy` when nothing is known.
    """
    chosen = PriorSettings() if settings is None else settings
    if name == "canny":
        return find_canny_edges(image, hole, chosen.sigma, chosen.low, chosen.high)
    if name == "l0":
        return smooth_l0(image, hole, chosen.strength)
    if name == "lines":
        return find_segments(image, hole, chosen.shortest)
    return priors()[name].run(image, hole)


def draw_prior(name: str, values: NDArray[Any], shape: tuple[int, ...]) -> Rgb:
    """A prior as a picture (h, w, 3) of the photo's ``shape``: edges and lines white on black,
    colours and brightness unchanged, a gradient by its magnitude with the largest white.
    """
    h, w = shape[:2]
    if priors()[name].channels == 0:
        out = np.zeros((h, w), np.uint8)
        for x0, y0, x1, y1 in np.asarray(values, np.float64):
            ends = ((round(x0), round(y0)), (round(x1), round(y1)))
            cv2.line(out, *ends, 255, 1)
        return np.repeat(out[..., None], 3, axis=2)
    plane = np.asarray(values, np.float32)
    if plane.ndim == 3 and plane.shape[2] != 3:
        size = np.sqrt(np.square(plane).sum(axis=2))
        plane = size / max(float(size.max(initial=0)), 1e-6)
    if plane.shape[:2] != (h, w):
        plane = np.asarray(cv2.resize(plane, (w, h), interpolation=cv2.INTER_NEAREST))
    even = np.rint(np.clip(plane, 0, 1) * 255).astype(np.uint8)
    return np.repeat(even[..., None], 3, axis=2) if even.ndim == 2 else even
