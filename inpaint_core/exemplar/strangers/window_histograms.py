"""What the window around each pixel shows: histograms of its colours and edges."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from inpaint_core.contract.arrays import BoolMask, FloatImage

LIGHTNESS = np.arange(0, 120, 20, dtype=np.float32)
CHROMA = np.arange(-56, 57, 14, dtype=np.float32)
"""Centres of the bins of L*, and of a* and b*; a value counts in the two bins next to it."""

SHARES = (0.2, 0.25, 0.25, 0.3)
"""What L*, a*, b* and the edges are worth; together 1."""

WEAK, STRONG = 8.0, 32.0
"""Gradients, in 8-bit levels per pixel, up to which an edge counts the less the weaker it is, and
from which it counts as strong."""


def measure_window_histograms(
    colours: FloatImage, known: BoolMask, radius: int
) -> NDArray[np.float32]:
    """The square root of each bin's share of the ``known`` (H, W) pixels in the window of
    ``radius`` around each pixel of ``colours`` (H, W, 3), in 8-bit levels: (H, W, bins).

    The scalar product of two is their Bhattacharyya coefficient: 1 for windows that show the same,
    0 for those that have nothing in common. Windows without a known pixel are 0.
    """
    within = np.clip(colours, 0, 255) / np.float32(255)
    lab = np.asarray(cv2.cvtColor(within, cv2.COLOR_RGB2Lab), np.float32)
    centres = (LIGHTNESS, CHROMA, CHROMA)
    bins = [_spread(lab[..., k], centres[k]) * np.float32(SHARES[k]) for k in range(3)]
    planes = np.concatenate([*bins, _measure_edges(colours) * np.float32(SHARES[3])], axis=2)
    planes *= known[..., None]
    count = _sum_windows(known.astype(np.float32)[..., None], radius)
    total = _sum_windows(planes, radius)
    return np.asarray(np.sqrt(np.maximum(total, 0) / np.maximum(count, 1)), np.float32)


def _spread(values: NDArray[np.float32], centres: NDArray[np.float32]) -> NDArray[np.float32]:
    """Shares (H, W, bins) of the bins that each value lies between, linearly."""
    held = np.clip(values, centres[0], centres[-1])[..., None]
    apart = np.abs(held - centres) / (centres[1] - centres[0])
    return np.asarray(np.maximum(1 - apart, 0), np.float32)


def _measure_edges(colours: FloatImage) -> NDArray[np.float32]:
    """Shares (H, W, 9) of four directions of weak edges, of strong ones, and of no edge."""
    luma = cv2.cvtColor(np.clip(colours, 0, 255), cv2.COLOR_RGB2GRAY)
    dx, dy = (cv2.Sobel(luma, cv2.CV_32F, *order, scale=0.125) for order in ((1, 0), (0, 1)))
    squared = dx * dx + dy * dy
    cosine, sine = dx * dx - dy * dy, 2 * dx * dy  # of twice the angle, times the square
    ways = np.stack([cosine, -cosine, sine, -sine], axis=2)
    ways = (np.maximum(ways, 0) / np.maximum(squared, 1e-6)[..., None]) ** 2  # together 1
    strength = np.sqrt(squared)[..., None]
    shown = np.minimum(strength / WEAK, 1)
    strong = np.clip((strength - WEAK) / (STRONG - WEAK), 0, 1)
    return np.concatenate([ways * shown * (1 - strong), ways * strong, 1 - shown], axis=2)


def _sum_windows(planes: NDArray[np.float32], radius: int) -> NDArray[np.float32]:
    side = (2 * radius + 1, 2 * radius + 1)
    out = np.empty_like(planes)
    for k in range(planes.shape[2]):  # OpenCV filters at most four planes at once
        plane = np.ascontiguousarray(planes[..., k])
        border = cv2.BORDER_CONSTANT
        out[..., k] = cv2.boxFilter(plane, -1, side, normalize=False, borderType=border)
    return out
