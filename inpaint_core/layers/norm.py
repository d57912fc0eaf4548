"""Normalisations that torch lacks or refuses."""

from __future__ import annotations

import torch
from torch import Tensor, nn

EPSILON = 1e-5


class InstanceNorm(nn.Module):
    """Each channel of each image to mean 0 and variance 1 over its pixels.

    Unlike `nn.InstanceNorm2d` it takes a map of one pixel too (and returns 0): the coarsest map of
    a small image is one. ``affine``: learns a scale and an offset per channel.
    """

    def __init__(self, channels: int, *, affine: bool = False) -> None:
        super().__init__()
        self.channels = channels
        self.weight = nn.Parameter(torch.ones(channels)) if affine else None
        self.bias = nn.Parameter(torch.zeros(channels)) if affine else None

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> the same."""
        return torch.group_norm(x, self.channels, self.weight, self.bias, EPSILON)


class PositionalNorm(nn.Module):
    """Each pixel to mean 0 and variance 1 over its channels (TSGL, equation 8)."""

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> the same."""
        variance, mean = torch.var_mean(x, dim=1, correction=1, keepdim=True)
        return (x - mean) * torch.rsqrt(variance + EPSILON)
