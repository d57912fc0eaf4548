"""The six maps that the balance module and the decoder work on."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class Fusion(nn.Module):
    """Texture maps 1 to 5 to maps 1 to 5, and all of these to map 6 at half the size of map 5."""

    def __init__(self, width: int, widths: tuple[int, ...]) -> None:
        super().__init__()
        self.heads = nn.ModuleList(nn.Conv2d(width, out, 1) for out in widths[:5])
        self.last = nn.Conv2d(sum(widths[:5]), widths[5], 3, stride=2, padding=1)

    def forward(self, textures: list[Tensor]) -> list[Tensor]:
        """(B, C, H/2 .. H/32) -> six maps at H/2 .. H/64."""
        maps = [F.relu(head(t)) for head, t in zip(self.heads, textures, strict=True)]
        size = maps[-1].shape[-2:]
        same = [F.interpolate(m, size=size, mode="bilinear", align_corners=True) for m in maps[:-1]]
        last = F.relu(self.last(torch.cat([*same, maps[-1]], dim=1)))  # H/64
        return [*maps, last]
