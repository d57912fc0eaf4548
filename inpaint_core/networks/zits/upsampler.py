"""The upsampler of structure (SSU): a map of edges or lines at twice its size, still sharp.

Source: Dong, Cao, Fu (CVPR 2022), section 3.3, in the layout of their code.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from inpaint_core.networks.zits.config import ZitsConfig

SHIFT = SCALE = 2.0
"""A map is σ(scale (logit + shift)) in use; where the picture's network is trained, both are drawn
from 1.5 to 3."""

_CODE = 32  # channels on the way back to the map's own size


class StructureUpsampler(nn.Module):
    """Learned on lines only, as Canny's edges differ from size to size; used on both."""

    def __init__(self, config: ZitsConfig) -> None:
        super().__init__()
        width = config.upsampler_width
        self.convs = nn.ModuleList(
            [
                nn.Conv2d(1, width, 7, padding=3, padding_mode="reflect"),
                nn.Conv2d(width, width, 3, padding=1),
                nn.Conv2d(width, width, 3, padding=1),
            ]
        )
        self.last = nn.Conv2d(width, 1, 3, padding=1)
        self.back = nn.ModuleList([nn.Conv2d(1, _CODE, 4, 2, 1), nn.Conv2d(_CODE, 1, 3, padding=1)])

    def forward(self, maps: Tensor) -> Tensor:
        """``maps`` (B, 1, H, W) in [0, 1] -> logits (B, 1, 2 H, 2 W)."""
        x = F.interpolate(maps, scale_factor=2.0, mode="bilinear", align_corners=False)
        for conv in self.convs:
            x = F.relu(conv(x))
        return self.last(x)  # type: ignore[no-any-return]

    def shrink(self, logits: Tensor) -> Tensor:
        """Logits (B, 1, 2 H, 2 W) at the size (B, 1, H, W) that they came from; in training only,
        where they must tell of the same lines.
        """
        return self.back[1](F.relu(self.back[0](logits)))  # type: ignore[no-any-return]


def sharpen(logits: Tensor, shift: float = SHIFT, scale: float = SCALE) -> Tensor:
    """A map in [0, 1] from the upsampler's logits."""
    return torch.sigmoid((logits + shift) * scale)
