"""Channel and bilateral equalisation of one map.

Source: TSGL, equations 9 to 12, after Liu et al., "Rethinking image inpainting via a mutual
encoder-decoder with feature equalizations" (ECCV 2020). As written there each pixel of the range
term looks at its 3x3 neighbours, and the weights are a softmax over these nine.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from inpaint_core.networks.blocks.normalisation import InstanceNorm

SIGMA = 1.5
REDUCTION = 16


class ChannelGate(nn.Module):
    """Each channel is scaled by what all channels' means say (squeeze and excitation)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.squeeze = nn.Conv2d(channels, channels // REDUCTION, 1)
        self.excite = nn.Conv2d(channels // REDUCTION, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> the same."""
        mean = x.mean(dim=(2, 3), keepdim=True)
        return x * torch.sigmoid(self.excite(F.relu(self.squeeze(mean))))


def gaussian_matrix(length: int, like: Tensor) -> Tensor:
    """(length, length), row i the weights of a Gaussian about i, each row with sum 1."""
    place = torch.arange(length, dtype=torch.float32, device=like.device)
    weight = torch.exp(-((place[:, None] - place[None]) ** 2) / (2 * SIGMA**2))
    return (weight / weight.sum(dim=1, keepdim=True)).to(like.dtype)


def spatial(x: Tensor) -> Tensor:
    """Each pixel as the mean of the whole map under a Gaussian about it (equation 10).

    A Gaussian of the distance is the product of one per axis, and so are the sums that its
    weights are divided by: two small matrix products are the whole sum, border included.
    """
    height, width = x.shape[-2:]
    return gaussian_matrix(height, x) @ x @ gaussian_matrix(width, x).T


def ranged(x: Tensor) -> Tensor:
    """Each pixel as the mean of its 3x3 neighbours, weighted by likeness (equation 11).

    Likeness is the mean over channels of the product of their sigmoids; 0 outside the map.
    """
    height, width = x.shape[-2:]
    own = torch.sigmoid(x)
    around, values = F.pad(own, (1, 1, 1, 1)), F.pad(x, (1, 1, 1, 1))
    places = [(slice(r, r + height), slice(c, c + width)) for r in range(3) for c in range(3)]
    likeness = [(own * around[..., r, c]).mean(dim=1, keepdim=True) for r, c in places]
    weights = torch.cat(likeness, dim=1).softmax(dim=1)  # (B, 9, H, W)
    out = torch.zeros_like(x)
    for k, (r, c) in enumerate(places):
        out = out + weights[:, k : k + 1] * values[..., r, c]
    return out


class Equalisation(nn.Module):
    """Channel gate, then the spatial and the range mean side by side, merged (equation 12)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.gate = ChannelGate(channels)
        self.merge = nn.Conv2d(2 * channels, channels, 1, bias=False)
        self.norm = InstanceNorm(channels)

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> the same."""
        x = self.gate(x)
        y = self.merge(torch.cat([spatial(x), ranged(x)], dim=1))
        return F.leaky_relu(self.norm(y), 0.2)
