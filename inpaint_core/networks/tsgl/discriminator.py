"""Discriminators, which tell whether each patch of a picture is real. Used in training only."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional as F

from inpaint_core.networks.blocks.convolution_weights import spectral_conv

Judged = tuple[Tensor, list[Tensor]]
"""Scores (B, 1, h, w), higher for real, and the intermediate maps for feature matching."""


class Discriminator(nn.Module):
    """That of the 256 network: 5x5 convolutions with spectral normalisation."""

    def __init__(self, width: int = 64) -> None:
        super().__init__()
        widths = (3, width, 2 * width, 4 * width, 8 * width)
        self.convs = nn.ModuleList(
            spectral_conv(a, b, 5, stride, padding=1, bias=False)
            for a, b, stride in zip(widths, widths[1:], (2, 2, 2, 1), strict=False)
        )
        self.last = nn.Conv2d(widths[-1], 1, 5, padding=1)

    def forward(self, x: Tensor) -> Judged:
        """``x`` (B, 3, H, W) in [-1, 1]."""
        maps = []
        for conv in self.convs:
            x = F.leaky_relu(conv(x), 0.2)
            maps.append(x)
        return self.last(x), maps
