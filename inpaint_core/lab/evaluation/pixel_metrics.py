"""PSNR, SSIM, L1 and sharpness of a filled photo against the truth.

All work on 8-bit RGB composites: two arrays (H, W, 3) uint8 that differ inside the hole only.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from inpaint_core.contract.arrays import BoolMask

Composite = NDArray[np.uint8]

SSIM_WINDOW = 11
SSIM_SIGMA = 1.5
SSIM_REACH = SSIM_WINDOW // 2
"""Pixels further than this from every difference have an SSIM of exactly 1."""

FLAT = 0.25
"""Gradient energy (8-bit levels squared) below which a region counts as flat."""


def psnr(squared_error: float) -> float:
    """Peak signal-to-noise ratio in dB for a mean squared error in 8-bit levels squared.

    Infinite where there is no error.
    """
    return float("inf") if squared_error == 0 else float(10 * np.log10(255**2 / squared_error))


def ssim_map(truth: Composite, filled: Composite) -> NDArray[np.float32]:
    """Structural similarity per pixel: (H, W), at most 1.

    Wang et al., "Image Quality Assessment: From Error Visibility to Structural Similarity" (IEEE
    TIP 2004): Gaussian window of 11x11 with sigma 1.5, K1 = 0.01, K2 = 0.03, range 255,
    population covariance, edges mirrored (edge pixel repeated), mean over the three channels.
    """
    size = (SSIM_WINDOW, SSIM_WINDOW)

    def smooth(values: NDArray[np.float64]) -> NDArray[np.float64]:
        out = cv2.GaussianBlur(values, size, SSIM_SIGMA, borderType=cv2.BORDER_REFLECT)
        return np.asarray(out, np.float64)

    # Doubles: variances are small differences of squares up to 65,025.
    a, b = truth.astype(np.float64), filled.astype(np.float64)
    mean_a, mean_b = smooth(a), smooth(b)
    var_a = smooth(a * a) - mean_a * mean_a
    var_b = smooth(b * b) - mean_b * mean_b
    covariance = smooth(a * b) - mean_a * mean_b
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    top = (2 * mean_a * mean_b + c1) * (2 * covariance + c2)
    bottom = (mean_a**2 + mean_b**2 + c1) * (var_a + var_b + c2)
    return np.asarray((top / bottom).mean(axis=2), np.float32)


def luminance(image: Composite) -> NDArray[np.float32]:
    """Rec. 601 luma (H, W) in 8-bit levels."""
    return image.astype(np.float32) @ np.array([0.299, 0.587, 0.114], np.float32)


def gradient_energy(image: Composite, hole: BoolMask) -> float:
    """Mean squared difference of luma between neighbouring pixels that both lie in ``hole``.

    0 where the hole has no two neighbours.
    """
    luma = luminance(image)
    across = (luma[:, 1:] - luma[:, :-1])[hole[:, 1:] & hole[:, :-1]]
    down = (luma[1:] - luma[:-1])[hole[1:] & hole[:-1]]
    count = across.size + down.size
    total = float(np.square(across).sum(dtype=np.float64) + np.square(down).sum(dtype=np.float64))
    return total / count if count else 0.0


def sharpness(truth: Composite, filled: Composite, hole: BoolMask) -> float:
    """Gradient energy of the fill divided by that of the truth: 1 is ideal, a blur is below 1.

    Both are floored at `FLAT`, so that two flat areas compare as equally sharp.
    """
    fill, true = gradient_energy(filled, hole), gradient_energy(truth, hole)
    return max(fill, FLAT) / max(true, FLAT)
