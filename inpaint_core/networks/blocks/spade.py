"""Normalisation whose scale and offset are read off another map, pixel by pixel.

Source: Park et al., "Semantic image synthesis with spatially-adaptive normalization" (CVPR 2019).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class ConditionalNorm(nn.Module):
    """``norm(x) * (1 + gamma(condition)) + beta(condition)``.

    ``norm`` has no scale and offset of its own. With 1 + gamma the fresh layer is close to the
    plain normalisation; the TSGL paper's equation 6 has gamma alone.
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
        read = F.relu(self.shared(condition))
        # One convolution with the filters of both: fewer and better filled ones are faster.
        both = self.gamma, self.beta
        weight = torch.cat([conv.weight for conv in both])
        bias = torch.cat([conv.bias for conv in both if conv.bias is not None])
        gamma, beta = F.conv2d(read, weight, bias, padding=1).chunk(2, dim=1)
        return self.norm(x) * (1 + gamma) + beta  # type: ignore[no-any-return]
