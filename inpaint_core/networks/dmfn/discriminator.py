"""The discriminator, with a branch for the whole picture and one for a crop around the hole."""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from inpaint_core.networks.blocks.convolution_weights import initialise

GRID = 4
"""Side of the maps that end each branch."""
SIDES = (256, 128)
"""Of the whole picture and of the crop."""


class Branch(nn.Module):
    """5x5 convolutions of stride 2 with batch norm, and a linear layer on the last map.

    The published network is for one size. A picture of another size ends in a map of another size,
    which is averaged down, or repeated up, to 4x4.
    """

    def __init__(self, widths: tuple[int, ...]) -> None:
        super().__init__()
        self.convs = nn.ModuleList(nn.Conv2d(a, b, 5, 2, 2) for a, b in pairwise((3, *widths)))
        self.norms = nn.ModuleList(nn.BatchNorm2d(b) for b in widths)
        self.last = nn.Linear(widths[-1] * GRID * GRID, widths[-1])

    def forward(self, x: Tensor) -> tuple[Tensor, list[Tensor]]:
        """``x`` (B, 3, H, W) in [-1, 1] -> (B, C) and the map after each convolution."""
        maps = []
        for conv, norm in zip(self.convs, self.norms, strict=True):
            x = F.leaky_relu(norm(conv(x)), 0.2)
            maps.append(x)
        return self.last(F.adaptive_avg_pool2d(x, GRID).flatten(1)), maps


class Discriminator(nn.Module):
    """One score for a picture and the crop of it that holds the hole; 36.7 million parameters."""

    def __init__(self, width: int = 64) -> None:
        super().__init__()
        deep = (width, 2 * width, 4 * width, 8 * width, 8 * width)
        self.whole, self.local = Branch((*deep, 8 * width)), Branch(deep)
        self.score = nn.Linear(16 * width, 1)
        initialise(self)

    def forward(self, picture: Tensor, crop: Tensor) -> tuple[Tensor, list[Tensor]]:
        """Both (B, 3, H, W) in [-1, 1] -> scores (B, 1), higher for real, and the maps of the
        crop's branch.
        """
        seen, _ = self.whole(picture)
        near, maps = self.local(crop)
        return self.score(F.leaky_relu(torch.cat([seen, near], dim=1), 0.2)), maps
