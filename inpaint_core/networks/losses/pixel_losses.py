"""Losses on the pixels of a picture, weighted by where the hole is."""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional as F


def reconstruction_loss(
    found: Tensor, truth: Tensor, known: Tensor, hole: float, rest: float
) -> Tensor:
    """Mean absolute error, weighted ``hole`` inside the hole and ``rest`` outside.

    Both are means over all pixels, so a larger hole counts for more (TSGL's published code; Liu et
    al., ECCV 2018).
    """
    error = (found.float() - truth).abs()
    return hole * (error * (1 - known)).mean() + rest * (error * known).mean()


def total_variation(picture: Tensor, known: Tensor) -> Tensor:
    """The mean absolute difference of horizontal neighbours plus that of vertical ones, of those
    pairs that lie in the hole grown by one pixel; both are means over all pairs of ``picture``
    (B, 3, H, W), ``known`` is (B, 1, H, W) (Liu et al., ECCV 2018).
    """
    hole = F.max_pool2d(1 - known, 3, 1, 1)
    across = (
        (picture[..., :, 1:] - picture[..., :, :-1]).abs() * hole[..., :, 1:] * hole[..., :, :-1]
    )
    down = (picture[..., 1:, :] - picture[..., :-1, :]).abs() * hole[..., 1:, :] * hole[..., :-1, :]
    return across.mean() + down.mean()
