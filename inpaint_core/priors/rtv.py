"""A photo without its texture, which is separated from structure by windowed gradients.

Source: Xu, Yan, Xia, Jia, "Structure extraction from texture via relative total variation"
(SIGGRAPH Asia 2012), equations 6 to 10.
"""

from __future__ import annotations

import math

import cv2
import numpy as np

from inpaint_core.contract.arrays import BoolMask, FloatImage
from inpaint_core.contract.progress import Progress
from inpaint_core.contract.specs import PriorSpec
from inpaint_core.raster.membrane import solve_membrane

_ROUNDS = 4
_WINDOWED = 1e-3  # the paper's epsilon
_PLAIN = 0.02  # the paper's epsilon_s
_STEPS = 100
_CLOSE_ENOUGH = 1e-3  # of the right-hand side's length


def smooth_rtv(
    image: FloatImage,
    hole: BoolMask,
    strength: float = 0.005,
    sigma: float = 3.0,
    progress: Progress | None = None,
) -> FloatImage:
    """The photo's structure (h, w, 3) float32 in [0, 1], 0 inside the hole.

    ``image`` (h, w, 3) float32 RGB in [0, 1]; ``hole`` (h, w) bool: first filled by a smooth
    surface. ``strength`` is the paper's lambda, ``sigma`` the size of the window in pixels, about
    that of the texture. Raises `NothingToCopy` when nothing is known, `Cancelled` when ``progress``
    is cancelled.
    """
    target = solve_membrane(image, hole)
    smooth = target
    for _ in range(_ROUNDS):
        across, down = (strength * w for w in _compute_weights(smooth, sigma))
        smooth = _solve(target, smooth, across, down, progress)
        sigma = max(sigma / 2, 0.5)
    return np.where(hole[..., None], 0, np.clip(smooth, 0, 1)).astype(np.float32)


def _compute_differences(image: FloatImage) -> tuple[FloatImage, FloatImage]:
    """Differences to the right and the lower neighbour: (h, w - 1, c) and (h - 1, w, c)."""
    return image[:, 1:] - image[:, :-1], image[1:] - image[:-1]


def _compute_weights(image: FloatImage, sigma: float) -> list[FloatImage]:
    """The cost of a squared difference along both axes: (h, w - 1, 1) and (h - 1, w, 1)."""
    side = 2 * math.ceil(3 * sigma) + 1
    weights = []
    for difference in _compute_differences(image):
        if difference.size == 0:
            weights.append(difference[..., :1])
            continue
        # Differences of alternating sign, which is texture, cancel out in the window.
        summed = cv2.GaussianBlur(difference, (side, side), sigma).reshape(difference.shape)
        inner = 1 / (np.abs(summed).mean(axis=2) + _WINDOWED)
        outer = cv2.GaussianBlur(inner, (side, side), sigma).reshape(inner.shape)
        weights.append((outer / (np.abs(difference).mean(axis=2) + _PLAIN))[..., None])
    return weights


def _apply(x: FloatImage, across: FloatImage, down: FloatImage) -> FloatImage:
    """The system of equation 10: the photo plus the weighted Laplacian."""
    out = x.copy()
    right, lower = _compute_differences(x)
    right *= across
    lower *= down
    out[:, 1:] += right
    out[:, :-1] -= right
    out[1:] += lower
    out[:-1] -= lower
    return out


def _solve(
    target: FloatImage,
    x: FloatImage,
    across: FloatImage,
    down: FloatImage,
    progress: Progress | None = None,
) -> FloatImage:
    """Conjugate gradients from ``x``, preconditioned by the diagonal; all colours at once."""
    diagonal = np.ones((*target.shape[:2], 1), np.float32)
    diagonal[:, 1:] += across
    diagonal[:, :-1] += across
    diagonal[1:] += down
    diagonal[:-1] += down
    x = x.copy()
    rest = target - _apply(x, across, down)
    scaled = np.asarray(rest / diagonal, np.float32)
    direction = scaled
    before = float(np.vdot(rest, scaled))
    limit = _CLOSE_ENOUGH**2 * float(np.vdot(target, target / diagonal))
    for _ in range(_STEPS):
        if before <= limit:
            break
        if progress is not None:
            progress.check()
        image = _apply(direction, across, down)
        step = np.float32(before / float(np.vdot(direction, image)))
        x += step * direction
        rest = rest - step * image
        scaled = np.asarray(rest / diagonal, np.float32)
        now = float(np.vdot(rest, scaled))
        direction = scaled + np.float32(now / before) * direction
        before = now
    return x


SPEC = PriorSpec(
    id="rtv",
    title="Structure (RTV)",
    summary="The photo without texture, which differs from structure in how gradients agree.",
    channels=3,
    run=smooth_rtv,
    paper="Xu, Yan, Xia, Jia 2012",
)
