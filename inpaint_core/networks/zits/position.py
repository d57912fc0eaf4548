"""The masking positional encoding (MPE): how far a pixel of the hole is from what is known, and in
which direction.

Source: Dong, Cao, Fu (CVPR 2022), section 3.5, in the layout of their code.
"""

from __future__ import annotations

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from inpaint_core.contract.arrays import BoolMask
from inpaint_core.contract.errors import NothingToCopy

DISTANCES = 128
"""Distances that are told apart, 0 among them; longer ones count as the last."""

DIRECTIONS = ("up left", "down left", "up right", "down right")
"""Of the known part, seen from a pixel of the hole."""


def measure_positions(hole: BoolMask) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """For each pixel of a ``hole`` (h, w) bool the distance (h, w) from what is known, in steps to
    any of eight neighbours, at most 127, and the `DIRECTIONS` (h, w, 4), 0 or 1, from which the
    last of these steps can come; both are 0 outside of it.

    They are what growing the known part by a 3x3 box, step by step, gives; a step comes from a
    direction if one of the three neighbours there was reached before, where neighbours beyond the
    border are those that it mirrors. Raises `NothingToCopy` when nothing is known.
    """
    if hole.all():
        raise NothingToCopy("engine.no_known_pixels")
    distance = cv2.distanceTransform(hole.astype(np.uint8), cv2.DIST_C, 3)
    around = cv2.copyMakeBorder(distance, 1, 1, 1, 1, cv2.BORDER_REFLECT_101)
    h, w = hole.shape
    nearer = [
        np.minimum.reduce(
            [
                around[1 + dy : 1 + dy + h, 1 + dx : 1 + dx + w]
                for dy, dx in ((down, 0), (0, right), (down, right))
            ]
        )
        < distance
        for right in (-1, 1)
        for down in (-1, 1)
    ]
    return (
        np.minimum(distance, np.float32(DISTANCES - 1)),
        np.stack(nearer, axis=2).astype(np.float32),
    )


class MaskingPositions(nn.Module):
    """A table of sine and cosine waves for the distance, and learned vectors for directions; each
    is multiplied by a learned number that begins with 0.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.register_buffer("waves", make_waves(DISTANCES, channels), persistent=False)
        self.directions = nn.Parameter(torch.randn(len(DIRECTIONS), channels))
        self.distance_alpha = nn.Parameter(torch.zeros(()))
        self.direction_alpha = nn.Parameter(torch.zeros(()))

    def forward(self, distance: Tensor, direction: Tensor) -> Tensor:
        """``distance`` (B, 1, H, W), whole numbers, and ``direction`` (B, 4, H, W), 0 or 1 ->
        (B, channels, H, W).
        """
        waves = self.get_buffer("waves").to(self.directions.dtype)
        far = waves[distance[:, 0].float().round().long()]
        where = direction.permute(0, 2, 3, 1).to(self.directions.dtype) @ self.directions
        encoded = far * self.distance_alpha + where * self.direction_alpha
        return encoded.permute(0, 3, 1, 2)


def make_waves(count: int, channels: int) -> Tensor:
    """(count, channels): in row p the sines of p / 10000^(2 k / channels) for every k below half
    of the channels, then their cosines.
    """
    place = torch.arange(count, dtype=torch.float64)[:, None]
    angle = place / 10_000 ** (2 * torch.arange(channels // 2, dtype=torch.float64) / channels)
    return torch.cat([torch.sin(angle), torch.cos(angle)], dim=1).float()
