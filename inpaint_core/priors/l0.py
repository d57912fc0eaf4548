"""A photo without fine texture, with few and sharp changes of colour.

Source: Xu, Lu, Xu, Jia, "Image smoothing via L0 gradient minimization" (SIGGRAPH Asia 2011),
algorithm 1: alternates between choosing the gradients to keep (equation 12) and solving for the
photo that fits them best (equation 8, in the frequency domain), with a growing weight on the fit.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from inpaint_core.contract.arrays import BoolMask, FloatImage
from inpaint_core.contract.progress import Progress
from inpaint_core.contract.specs import PriorSpec
from inpaint_core.raster.membrane import solve_membrane

if TYPE_CHECKING:
    from torch import Tensor

STRENGTH = 0.02
_GROWTH = 2.0
_HEAVIEST = 1e5


def smooth_l0(
    image: FloatImage,
    hole: BoolMask,
    strength: float = STRENGTH,
    progress: Progress | None = None,
) -> FloatImage:
    """The smoothed photo (h, w, 3) float32 in [0, 1], 0 inside the hole.

    ``image`` (h, w, 3) float32 RGB in [0, 1]; ``hole`` (h, w) bool: first filled by a smooth
    surface, so that its border does not count as a change of colour. ``strength`` is the paper's
    lambda. Raises `NothingToCopy` when nothing is known, `Cancelled` when ``progress`` is
    cancelled.
    """
    start = np.ascontiguousarray(solve_membrane(image, hole).transpose(2, 0, 1))
    smooth: NDArray[Any] = start
    size = start.shape[1:]
    wanted = np.fft.rfft2(start)
    gain = _compute_gain(size)
    beta = 2 * strength
    while beta < _HEAVIEST:
        if progress is not None:
            progress.check()
        # Forward differences that wrap around the border, as in the frequency domain.
        dx, dy = (np.roll(smooth, -1, axis) - smooth for axis in (2, 1))
        flat = (np.square(dx) + np.square(dy)).sum(axis=0) < strength / beta
        dx[:, flat] = 0
        dy[:, flat] = 0
        inflow = np.roll(dx, 1, 2) - dx + np.roll(dy, 1, 1) - dy
        spectrum = (wanted + np.float32(beta) * np.fft.rfft2(inflow)) / (
            1 + np.float32(beta) * gain
        )
        smooth = np.fft.irfft2(spectrum, s=size)
        beta *= _GROWTH
    out = np.clip(smooth.transpose(1, 2, 0), 0, 1)
    return np.where(hole[..., None], 0, out).astype(np.float32)


def smooth_l0_batch(images: Tensor, strength: float = STRENGTH) -> Tensor:
    """As `smooth_l0`, without a hole, for (B, 3, H, W) float32 in [0, 1] on its own device."""
    import torch

    size = images.shape[-2:]
    smooth, wanted = images, torch.fft.rfft2(images)
    gain = torch.from_numpy(_compute_gain(size)).to(images.device)
    beta = 2 * strength
    while beta < _HEAVIEST:
        dx, dy = (smooth.roll(-1, axis) - smooth for axis in (-1, -2))
        stays = (dx.square() + dy.square()).sum(dim=1, keepdim=True) >= strength / beta
        dx, dy = dx * stays, dy * stays
        inflow = dx.roll(1, -1) - dx + dy.roll(1, -2) - dy
        spectrum = (wanted + beta * torch.fft.rfft2(inflow)) / (1 + beta * gain)
        smooth = torch.fft.irfft2(spectrum, s=size)
        beta *= _GROWTH
    return smooth.clamp(0, 1)


def _compute_gain(size: Sequence[int]) -> FloatImage:
    """The gain of forward and then backward differences along both axes at each frequency of
    `rfft2`: (h, w // 2 + 1).
    """
    rows, columns = (2 - 2 * np.cos(2 * np.pi * np.fft.fftfreq(side)) for side in size)
    return np.asarray(rows[:, None] + columns[: size[1] // 2 + 1], np.float32)


SPEC = PriorSpec(
    id="l0",
    title="Flat colours (L0)",
    summary="The photo without fine texture: few, sharp changes of colour.",
    channels=3,
    run=smooth_l0,
    paper="Xu, Lu, Xu, Jia 2011",
)
