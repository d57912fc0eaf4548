"""The picture's network (FTR): LaMa with a plain stem, to which structure is added.

Source: Dong, Cao, Fu (CVPR 2022), sections 3.4 and 3.5, and Suvorov et al. (WACV 2022), in the
layout of the former's code.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from inpaint_core.networks.blocks.doubling_unit import DoublingUnit
from inpaint_core.networks.blocks.fourier_convolution import FourierBlock
from inpaint_core.networks.zits.config import ZitsConfig


class PictureNetwork(nn.Module):
    """Three halvings, Fourier blocks at 1/8, three doublings.

    Unlike LaMa's, its halvings pad with zeros, have biases and do not split the channels.
    """

    def __init__(self, config: ZitsConfig) -> None:
        super().__init__()
        width = config.width
        self.stem = nn.Conv2d(4, width, 7, padding=3, padding_mode="reflect")
        self.downs = nn.ModuleList(nn.Conv2d(width * s, 2 * width * s, 3, 2, 1) for s in (1, 2, 4))
        self.norms = nn.ModuleList(nn.BatchNorm2d(width * s) for s in (1, 2, 4, 8))
        self.split = config.split
        self.blocks = nn.ModuleList(FourierBlock(*config.split) for _ in range(config.blocks))
        self.ups = nn.ModuleList(DoublingUnit(2 * width * s, width * s) for s in (4, 2, 1))
        self.last = nn.Conv2d(width, 3, 7, padding=3, padding_mode="reflect")

    def forward(
        self,
        picture: Tensor,
        hole: Tensor,
        position: Tensor | None = None,
        structure: Sequence[Tensor] = (),
    ) -> Tensor:
        """A picture (B, 3, H, W) in [-1, 1] from one in [0, 1], which is not seen where ``hole``
        (B, 1, H, W) is 1. ``position`` (B, width, H, W) is added before the first normalisation,
        ``structure`` before each halving and the blocks: four maps at H .. H/8, or none.
        """
        x = self.stem(torch.cat([torch.where(hole > 0, 0, picture), hole], dim=1))
        if position is not None:
            x = x + position
        x = F.relu(self.norms[0](x))
        for k, down in enumerate(self.downs):
            x = F.relu(self.norms[k + 1](down(_add(x, structure, k))))
        local, glob = torch.split(_add(x, structure, 3), list(self.split), dim=1)
        pair = local, glob
        for block in self.blocks:
            pair = block(pair)
        x = torch.cat(pair, dim=1)
        for up in self.ups:
            x = up(x)
        return torch.tanh(self.last(x))


def _add(x: Tensor, maps: Sequence[Tensor], number: int) -> Tensor:
    return x + maps[number] if maps else x
