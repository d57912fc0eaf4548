"""Partial convolution: a convolution over known pixels only.

Source: Liu et al., "Image inpainting for irregular holes using partial convolutions" (ECCV 2018),
equations 1 and 2. All channels share one mask, so the known share of a window is computed for one
channel only, at a fraction of the cost.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F


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
