"""The dense multi-scale fusion block (DMFN, section 3.1 and figure 2), in every published form."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from inpaint_core.networks.blocks.normalisation import InstanceNorm
from inpaint_core.networks.dmfn.config import BlockForm

RATES = (1, 2, 4, 8)


class FusionBlock(nn.Module):
    """A 3x3 convolution to a quarter of the channels, four dilated ones beside each other, their
    outputs added up from the smallest rate to the largest and concatenated, and a convolution that
    fuses them, with an identity around all.

    “paper”: every sum goes through a 3x3 convolution K, which the next one starts from, and the
    fusing convolution is 1x1. “released”: the sums are taken as they are, without normalisation
    after the dilated convolutions, and the fusing convolution is 3x3. “no_k”: “paper” with the sums
    as they are; “no_combination”: without sums.
    """

    def __init__(self, channels: int, form: BlockForm) -> None:
        super().__init__()
        quarter = channels // 4
        self.form = form
        self.reduce = nn.Conv2d(channels, quarter, 3, padding=1)
        self.branches = nn.ModuleList(
            nn.Conv2d(quarter, quarter, 3, padding=rate, dilation=rate) for rate in RATES
        )
        self.sums = nn.ModuleList(
            nn.Conv2d(quarter, quarter, 3, padding=1) if form == "paper" else nn.Identity()
            for _ in RATES[1:]
        )
        kernel = 3 if form == "released" else 1
        self.fuse = nn.Conv2d(channels, channels, kernel, padding=kernel // 2)
        self.reduce_norm, self.branch_norm = InstanceNorm(quarter), InstanceNorm(quarter)
        self.join_norm, self.fuse_norm = InstanceNorm(channels), InstanceNorm(channels)

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> the same."""
        y = F.relu(self.reduce_norm(self.reduce(x)))
        scales = [self._activate(branch(y)) for branch in self.branches]
        if self.form != "no_combination":
            for k, combine in enumerate(self.sums, start=1):
                scales[k] = combine(scales[k - 1] + scales[k])
        joined = F.relu(self.join_norm(torch.cat(scales, dim=1)))
        return x + self.fuse_norm(self.fuse(joined))  # type: ignore[no-any-return]

    def _activate(self, x: Tensor) -> Tensor:
        return x if self.form == "released" else F.relu(self.branch_norm(x))


class SingleRateBlock(nn.Module):
    """The block with one rate of dilation.

    The paper gives its number of parameters (803,392 for 256 channels) and no figure. This has that
    number: a dilated convolution of all channels, to every quarter of which the reduced map of the
    other forms is added, and a 1x1 convolution.
    """

    def __init__(self, channels: int, rate: int) -> None:
        super().__init__()
        quarter = channels // 4
        self.reduce = nn.Conv2d(channels, quarter, 3, padding=1)
        self.dilated = nn.Conv2d(channels, channels, 3, padding=rate, dilation=rate)
        self.fuse = nn.Conv2d(channels, channels, 1)
        self.reduce_norm = InstanceNorm(quarter)
        self.join_norm, self.fuse_norm = InstanceNorm(channels), InstanceNorm(channels)

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> the same."""
        y = F.relu(self.reduce_norm(self.reduce(x)))
        joined = F.relu(self.join_norm(self.dilated(x) + y.repeat(1, 4, 1, 1)))
        return x + self.fuse_norm(self.fuse(joined))  # type: ignore[no-any-return]


def build_block(channels: int, form: BlockForm) -> FusionBlock | SingleRateBlock:
    """A block of one of the forms of the paper's table 2, or of the published code."""
    if form == "rate_2":
        return SingleRateBlock(channels, 2)
    if form == "rate_8":
        return SingleRateBlock(channels, 8)
    return FusionBlock(channels, form)
