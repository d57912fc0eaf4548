"""The picture decoder: transposed convolutions with a skip from each balanced map."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from inpaint_core.networks.blocks.memory_layout import beside


class Decoder(nn.Module):
    """Six maps to the picture."""

    def __init__(self, maps: tuple[int, ...], widths: tuple[int, ...]) -> None:
        super().__init__()
        skips = (0, *maps[4::-1])  # none, then maps 5, 4, 3, 2, 1
        inputs = [a + b for a, b in zip((maps[5], *widths), skips, strict=True)]
        outputs = (*widths, 3)
        self.ups = nn.ModuleList(
            nn.ConvTranspose2d(a, b, 4, 2, 1) for a, b in zip(inputs, outputs, strict=True)
        )
        self.norms = nn.ModuleList(nn.BatchNorm2d(width) for width in widths)

    def forward(self, maps: list[Tensor]) -> Tensor:
        """Six maps at H/2 .. H/64 -> (B, 3, H, W) in [-1, 1]."""
        x = maps[5]
        for k, up in enumerate(self.ups):
            if k > 0:
                x = beside([x, maps[5 - k]])
            x = up(F.relu(x))  # twice as large
            if k < len(self.norms):
                x = self.norms[k](x)
        return torch.tanh(x)
