"""Normalisations that torch lacks or does not allow."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

EPSILON = 1e-5


class InstanceNorm(nn.Module):
    """Each channel of each image to mean 0 and variance 1 over its pixels.

    Unlike `nn.InstanceNorm2d` it accepts a map of one pixel (and returns 0), as the coarsest map of
    a small image is one. ``affine``: learns a scale and an offset per channel.
    """

    def __init__(self, channels: int, *, affine: bool = False) -> None:
        super().__init__()
        self.channels = channels
        self.weight = nn.Parameter(torch.ones(channels)) if affine else None
        self.bias = nn.Parameter(torch.zeros(channels)) if affine else None

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> the same."""
        if x.device.type != "cpu" or x[0, 0].numel() == 1:
            return torch.group_norm(x, self.channels, self.weight, self.bias, EPSILON)
        # On the CPU, group norm with one channel per group takes up to 30 times longer than batch
        # norm of one image, most of all backwards, in channels-last order and bfloat16.
        weight, bias = self.weight, self.bias
        images = [
            torch.batch_norm(image, weight, bias, None, None, True, 0.0, EPSILON, False)
            for image in torch.split(x, 1)
        ]
        return images[0] if len(images) == 1 else torch.cat(images)


class PositionalNorm(nn.Module):
    """Each pixel to mean 0 and variance 1 over its channels (TSGL, equation 8)."""

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> the same."""
        channels = x.shape[1]
        # The variance is divided by channels - 1 here, by channels in a layer norm.
        ratio = (channels - 1) / channels
        scale = torch.full((channels,), math.sqrt(ratio), dtype=x.dtype, device=x.device)
        y = F.layer_norm(x.permute(0, 2, 3, 1), (channels,), scale, eps=EPSILON * ratio)
        return y.permute(0, 3, 1, 2)


class ConditionalNorm(nn.Module):
    """``norm(x) * (1 + gamma(condition)) + beta(condition)``, pixel by pixel.

    Source: Park et al., "Semantic image synthesis with spatially-adaptive normalization" (CVPR
    2019). ``norm`` has no scale and offset of its own. With 1 + gamma the fresh layer is close to
    the plain normalisation; the TSGL paper's equation 6 has gamma alone.
    """

    def __init__(self, norm: nn.Module, channels: int, condition: int, hidden: int) -> None:
        super().__init__()
        self.norm = norm
        self.shared = nn.Conv2d(condition, hidden, 3, padding=1)
        self.gamma = nn.Conv2d(hidden, channels, 3, padding=1)
        self.beta = nn.Conv2d(hidden, channels, 3, padding=1)

    def forward(self, x: Tensor, condition: Tensor) -> Tensor:
        """``x`` (B, C, H, W); ``condition`` (B, C', H', W') of any size, resized to x."""
        if condition.shape[-2:] != x.shape[-2:]:
            condition = F.interpolate(condition, size=x.shape[-2:], mode="nearest")
        hidden = F.relu_(self.shared(condition))
        # One convolution with the filters of both is faster than two.
        both = self.gamma, self.beta
        weight = torch.cat([conv.weight for conv in both])
        bias = torch.cat([conv.bias for conv in both if conv.bias is not None])
        gamma, beta = F.conv2d(hidden, weight, bias, padding=1).chunk(2, dim=1)
        normal = self.norm(x)
        return torch.addcmul(normal, normal, gamma).add_(beta)
