"""Partial convolutions, over known pixels only, and layers with equalised learning rate.

Sources: Liu et al., "Image inpainting for irregular holes using partial convolutions" (ECCV 2018),
equations 1 and 2; Karras et al., "Analyzing and improving the image quality of StyleGAN" (CVPR
2020); the partial form of the latter as in Li et al., "MAT" (CVPR 2022). All channels share one
mask, so the known share of a window is computed for one channel only, at a fraction of the cost.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

SLOPE = 0.2

GAIN = math.sqrt(2)
"""The factor that keeps the average magnitude through a leaky ReLU. It is applied to the weights
and biases, which are fewer than the pixels: f(g x) = g f(x) for every g > 0."""


@torch.no_grad()
def known_share(known: Tensor, kernel: int, stride: int, padding: int) -> Tensor:
    """The known share of each window: (B, 1, H', W') float32 in [0, 1].

    ``known`` (B, 1, H, W), 1 known, 0 hole; outside the map counts as hole.
    """
    return F.avg_pool2d(known.float(), kernel, stride, padding)


def rescale(share: Tensor, dtype: torch.dtype) -> Tensor:
    """The factor for a sum over a window: 1 / ``share``, and 0 where nothing is known."""
    return torch.where(share > 0, share.reciprocal(), 0.0).to(dtype)


class PartialConv2d(nn.Module):
    """(x, known) -> (y, known at y's size); y is 0 where nothing in a window is known."""

    def __init__(
        self, inputs: int, outputs: int, kernel: int, stride: int = 1, *, bias: bool = False
    ) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False)
        self.bias = nn.Parameter(torch.zeros(outputs)) if bias else None

    def forward(self, x: Tensor, known: Tensor) -> tuple[Tensor, Tensor]:
        """``x`` (B, C, H, W), ``known`` (B, 1, H, W) float32; x is not read where known is 0.

        x must be finite in the hole too, as 0 times infinity is not a number.
        """
        kernel, stride = self.conv.kernel_size[0], self.conv.stride[0]
        share = known_share(known, kernel, stride, kernel // 2)
        y = self.conv(x * known.to(x.dtype))
        y = y * rescale(share, y.dtype)
        after = (share > 0).float()
        if self.bias is not None:
            y = y + self.bias.view(1, -1, 1, 1) * after.to(y.dtype)
        return y, after


class PairedPartialConv2d(nn.Module):
    """A partial convolution of two concatenated maps, each with a mask of its own.

    A window's known share is that of all its values: the mean of both maps' shares, weighted by
    their channels. The result is known where anything in either window is.
    """

    def __init__(
        self, inputs: int, others: int, outputs: int, kernel: int, *, bias: bool = False
    ) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inputs + others, outputs, kernel, 1, kernel // 2, bias=False)
        self.bias = nn.Parameter(torch.zeros(outputs)) if bias else None

    def forward(
        self, x: Tensor, known: Tensor, other: Tensor, other_known: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Maps (B, C, H, W) and (B, C', H, W) with masks (B, 1, H, W) float32 -> one of each; maps
        must be finite in their holes.
        """
        kernel = self.conv.kernel_size[0]
        shares = [known_share(mask, kernel, 1, kernel // 2) for mask in (known, other_known)]
        counts = x.shape[1], other.shape[1]
        share = (shares[0] * counts[0] + shares[1] * counts[1]) / sum(counts)
        both = torch.cat([x * known.to(x.dtype), other * other_known.to(other.dtype)], dim=1)
        y = self.conv(both)
        y = y * rescale(share, y.dtype)
        after = (share > 0).float()
        if self.bias is not None:
            y = y + self.bias.view(1, -1, 1, 1) * after.to(y.dtype)
        return y, after


def blur(x: Tensor, padding: int) -> Tensor:
    """``x`` (B, C, H, W) filtered by [1, 3, 3, 1] / 8 along both axes, after zero padding."""
    channels = x.shape[1]
    taps = torch.tensor([1.0, 3.0, 3.0, 1.0], dtype=x.dtype, device=x.device) / 8
    taps = taps.expand(channels, 1, 4)
    x = F.conv2d(x, taps.unsqueeze(-1), padding=(padding, 0), groups=channels)
    return F.conv2d(x, taps.unsqueeze(-2), padding=(0, padding), groups=channels)


class EqualisedConv2d(nn.Module):
    """Convolution whose weights have variance 1 and are scaled at use, then a leaky ReLU.

    ``down``: halves both (even) sides after a low-pass filter.
    """

    def __init__(self, inputs: int, outputs: int, kernel: int = 3, *, down: bool = False) -> None:
        super().__init__()
        self.kernel, self.down = kernel, down
        self.weight = nn.Parameter(torch.randn(outputs, inputs, kernel, kernel))
        self.bias = nn.Parameter(torch.zeros(outputs))
        self.scale = 1 / math.sqrt(inputs * kernel * kernel)

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, C', H, W), or half of both sides."""
        weight, bias = self.weight * (GAIN * self.scale), GAIN * self.bias
        if self.down:
            x = blur(x, self.kernel // 2 + 1)
            return F.leaky_relu(F.conv2d(x, weight, bias, stride=2), SLOPE)
        return F.leaky_relu(F.conv2d(x, weight, bias, padding=self.kernel // 2), SLOPE)


class PartialEqualisedConv2d(EqualisedConv2d):
    """The same for a map with holes: the result is divided by the known share of each window.

    Unlike in `PartialConv2d` the input is not masked again (holes are 0 from the layer before) and
    the bias is scaled too.
    """

    def masked(self, x: Tensor, known: Tensor) -> tuple[Tensor, Tensor]:
        """``x`` (B, C, H, W), ``known`` (B, 1, H, W) float32 -> both at the new size."""
        share = known_share(known, self.kernel, 2 if self.down else 1, self.kernel // 2)
        y = self(x)
        return y * rescale(share, y.dtype), (share > 0).float()


class EqualisedLinear(nn.Module):
    """Dense layer over the last axis; ``activated``: followed by a leaky ReLU."""

    def __init__(self, inputs: int, outputs: int, *, activated: bool = False) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(outputs, inputs))
        self.bias = nn.Parameter(torch.zeros(outputs))
        self.scale, self.activated = 1 / math.sqrt(inputs), activated

    def forward(self, x: Tensor) -> Tensor:
        """(..., C) -> (..., C')."""
        if not self.activated:
            return F.linear(x, self.weight * self.scale, self.bias)
        return F.leaky_relu(F.linear(x, self.weight * (GAIN * self.scale), GAIN * self.bias), SLOPE)
