"""PSNR, SSIM, coarse error, sharpness and patch distance of a filled photo against the truth.

All take 8-bit RGB composites: two arrays (H, W, 3) uint8 that differ inside the hole only.
"""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from inpaint_core.contract.arrays import BoolMask

Composite = NDArray[np.uint8]

SSIM_WINDOW = 11
SSIM_SIGMA = 1.5
SSIM_REACH = SSIM_WINDOW // 2
"""Pixels further than this from every difference have an SSIM of exactly 1."""

COARSE_SIDE = 512
"""Coarse errors are measured in photos reduced to at most this longer side, so that a blur means
the same in each."""
COARSE_BLUR = 6.0
"""The standard deviation, in pixels, of the blur after which an error counts as coarse."""

FLAT = 0.25
"""Gradient energy (8-bit levels squared) below which a region counts as flat."""


def psnr(squared_error: float) -> float:
    """Peak signal-to-noise ratio in dB for a mean squared error in 8-bit levels squared.

    Infinite if there is no error.
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

    0 if the hole has no two neighbours.
    """
    luma = luminance(image)
    across = (luma[:, 1:] - luma[:, :-1])[hole[:, 1:] & hole[:, :-1]]
    down = (luma[1:] - luma[:-1])[hole[1:] & hole[:-1]]
    count = across.size + down.size
    total = float(np.square(across).sum(dtype=np.float64) + np.square(down).sum(dtype=np.float64))
    return total / count if count else 0.0


def sharpness(truth: Composite, filled: Composite, hole: BoolMask) -> float:
    """Gradient energy of the fill divided by that of the truth: 1 is ideal, a blur is below 1.

    Both are at least `FLAT`, so that two flat areas count as equally sharp.
    """
    fill, true = gradient_energy(filled, hole), gradient_energy(truth, hole)
    return max(fill, FLAT) / max(true, FLAT)


def coarse_error(truth: Composite, filled: Composite, hole: BoolMask) -> float:
    """How far the colours of the fill are from the truth's where details do not count: the root
    mean square, in 8-bit levels over the hole and the three channels, of the error after a Gaussian
    blur of `COARSE_BLUR`, in the photo reduced to at most `COARSE_SIDE`.

    Texture and the exact place of an edge hardly matter; which surface is where does.
    """
    error = np.where(hole[..., None], filled.astype(np.float32) - truth, np.float32(0))
    inside = hole.astype(np.float32)
    scale = COARSE_SIDE / max(hole.shape)
    if scale < 1:
        size = (max(round(hole.shape[1] * scale), 1), max(round(hole.shape[0] * scale), 1))
        error = np.asarray(cv2.resize(error, size, interpolation=cv2.INTER_AREA), np.float32)
        inside = np.asarray(cv2.resize(inside, size, interpolation=cv2.INTER_AREA), np.float32)
    soft = cv2.GaussianBlur(error, (0, 0), COARSE_BLUR, borderType=cv2.BORDER_REFLECT)
    squared = (np.square(soft, dtype=np.float64).mean(axis=2) * inside).sum() / inside.sum()
    return float(np.sqrt(squared))


SIDE = 7
PROJECTIONS = 256
SEED = 20_240_101
MOST_PATCHES = 8192
"""Beyond this many hole pixels an even sample of them is taken, to bound the time."""


@cache
def _directions() -> NDArray[np.float32]:
    """(7*7*3, 256): random unit vectors, the same on every run."""
    directions = np.random.default_rng(SEED).standard_normal((SIDE * SIDE * 3, PROJECTIONS))
    return np.asarray(directions / np.linalg.norm(directions, axis=0), np.float32)


def _project_patches(
    image: Composite, rows: NDArray[np.intp], columns: NDArray[np.intp]
) -> NDArray[np.float32]:
    """The patches around the given pixels projected on every direction, each sorted: (256, N).

    The photo is mirrored at its edges.
    """
    half = SIDE // 2
    padded = cv2.copyMakeBorder(image, half, half, half, half, cv2.BORDER_REFLECT_101)
    windows = np.lib.stride_tricks.sliding_window_view(padded, (SIDE, SIDE), axis=(0, 1))
    patches = windows[rows, columns].reshape(len(rows), -1).astype(np.float32)
    values = np.ascontiguousarray((patches @ _directions()).T)
    values.sort(axis=1)
    return values


def patch_distance(truth: Composite, filled: Composite, hole: BoolMask) -> float:
    """How far the 7x7 RGB patches of the fill are from those of the truth, in 8-bit levels.

    Patches are those centred in the hole; their position does not matter: the right texture in
    another place measures near 0, a blur does not. The mean absolute difference of quantiles along
    256 fixed random unit vectors (Rabin et al., "Wasserstein Barycenter and Its Application to
    Texture Mixing", SSVM 2011). 0 for equal pictures and for an empty hole.
    """
    rows, columns = np.nonzero(hole)
    if len(rows) == 0:
        return 0.0
    if len(rows) > MOST_PATCHES:
        chosen = np.linspace(0, len(rows) - 1, MOST_PATCHES).astype(np.intp)
        rows, columns = rows[chosen], columns[chosen]
    a, b = _project_patches(truth, rows, columns), _project_patches(filled, rows, columns)
    return float(np.abs(a - b).mean(dtype=np.float64))
