"""The encoder of structure (SFE): what completed edges and lines add to the picture's network.

Source: Dong, Cao, Fu (CVPR 2022), section 3.4, in the layout of their code, in which the two
convolutions to 1/4 and 1/8 have no gate.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from inpaint_core.networks.zits.config import ZitsConfig


class GatedConvolution(nn.Module):
    """A convolution to twice the channels: one half, times the sigmoid of the other."""

    def __init__(self, conv: nn.Conv2d | nn.ConvTranspose2d) -> None:
        super().__init__()
        self.conv = conv

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, C', H', W'), C' half of the convolution's channels."""
        value, gate = self.conv(x).chunk(2, dim=1)
        return value * torch.sigmoid(gate)  # type: ignore[no-any-return]


class EncoderUnit(nn.Module):
    """A convolution, batch norm, ReLU."""

    def __init__(self, conv: nn.Module, channels: int) -> None:
        super().__init__()
        self.conv, self.norm = conv, nn.BatchNorm2d(channels)

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, C', H', W')."""
        return F.relu(self.norm(self.conv(x)))


class DilatedBlock(nn.Module):
    """A 3x3 convolution of every second pixel and a plain one, with an identity around them."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.far = nn.Conv2d(channels, channels, 3, padding=2, dilation=2, padding_mode="reflect")
        self.near = nn.Conv2d(channels, channels, 3, padding=1, padding_mode="reflect")
        self.far_norm, self.near_norm = nn.BatchNorm2d(channels), nn.BatchNorm2d(channels)

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> the same."""
        y = F.relu(self.far_norm(self.far(x)))
        return x + self.near_norm(self.near(y))  # type: ignore[no-any-return]


class StructureEncoder(nn.Module):
    """Down to 1/8 and up again; four maps on the way up are what it gives."""

    def __init__(self, config: ZitsConfig) -> None:
        super().__init__()
        width = config.width
        wide = nn.Conv2d(3, 2 * width, 7, padding=3, padding_mode="reflect")
        self.downs = nn.ModuleList(
            [
                EncoderUnit(GatedConvolution(wide), width),
                EncoderUnit(GatedConvolution(nn.Conv2d(width, 4 * width, 4, 2, 1)), 2 * width),
                EncoderUnit(nn.Conv2d(2 * width, 4 * width, 4, 2, 1), 4 * width),
                EncoderUnit(nn.Conv2d(4 * width, 8 * width, 4, 2, 1), 8 * width),
            ]
        )
        self.blocks = nn.ModuleList(DilatedBlock(8 * width) for _ in range(config.encoder_blocks))
        self.ups = nn.ModuleList(
            EncoderUnit(GatedConvolution(nn.ConvTranspose2d(2 * c, 2 * c, 4, 2, 1)), c)
            for c in (4 * width, 2 * width, width)
        )

    def forward(self, maps: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """``maps`` (B, 3, H, W) in [0, 1], edges, lines and the hole -> maps of width, 2, 4 and 8
        times width channels at H, H/2, H/4 and H/8.
        """
        x = maps
        for layer in (*self.downs, *self.blocks):
            x = layer(x)
        found = [x]
        for up in self.ups:
            x = up(x)
            found.append(x)
        eighth, quarter, half, whole = found
        return whole, half, quarter, eighth
