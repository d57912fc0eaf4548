"""Inception-v3 as FID uses it: the features before its classifier.

Szegedy et al., "Rethinking the Inception Architecture for Computer Vision" (CVPR 2016), with the
pooling of the network that FID was first computed with (Heusel et al., NeurIPS 2017): averages do
not count the padding, and the last block takes the maximum. Key names are torchvision's, which name
modules by their kernels.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

KernelSize = int | tuple[int, int]


class Conv(nn.Module):
    """Convolution, batch normalisation, ReLU. Same size at stride 1 unless ``valid``."""

    def __init__(
        self, inputs: int, outputs: int, kernel: KernelSize, stride: int = 1, valid: bool = False
    ) -> None:
        super().__init__()
        high, wide = (kernel, kernel) if isinstance(kernel, int) else kernel
        padding = (0, 0) if valid or stride > 1 else (high // 2, wide // 2)
        self.conv = nn.Conv2d(inputs, outputs, (high, wide), stride, padding, bias=False)
        self.bn = nn.BatchNorm2d(outputs, eps=0.001)

    def forward(self, x: Tensor) -> Tensor:
        """(B, inputs, H, W) -> (B, outputs, H', W')."""
        return F.relu(self.bn(self.conv(x)))


class Block(nn.Module):
    """Parallel branches, each a chain of convolutions; their outputs are concatenated.

    ``branches``: the convolutions of each chain as (outputs, kernel, stride if not 1); a list of
    two is a fork. A last branch pools (``kind`` "mean", "max" or "shrink"), followed by a
    convolution to ``pooled`` channels if there are any. ``slim`` divides all numbers of channels.
    """

    def __init__(
        self, slim: int, inputs: int, kind: str, pooled: int = 0, **branches: tuple[Any, ...]
    ) -> None:
        super().__init__()
        self.kind, self.chains = kind, list[list[list[str]]]()
        for branch, convs in branches.items():
            chain: list[list[str]] = []
            width = inputs
            for number, conv in enumerate(convs, 1):
                fork = conv if isinstance(conv, list) else [conv]
                place = branch if len(convs) == 1 else f"{branch}_{number}"
                chain.append([f"{place}{letter}" for letter in ("ab" if len(fork) > 1 else [""])])
                for name, (outputs, *shape) in zip(chain[-1], fork, strict=True):
                    self.add_module(name, Conv(width // slim, outputs // slim, *shape))
                width = outputs
            self.chains.append(chain)
        if pooled:
            self.branch_pool = Conv(inputs // slim, pooled // slim, 1)

    def forward(self, x: Tensor) -> Tensor:
        """The channels of all branches at their common size."""
        ends = []
        for chain in self.chains:
            y = x
            for names in chain:
                y = torch.cat([self.get_submodule(name)(y) for name in names], dim=1)
            ends.append(y)
        if self.kind == "mean":
            pooled = F.avg_pool2d(x, 3, 1, 1, count_include_pad=False)
        else:
            pooled = F.max_pool2d(x, 3, 1, 1) if self.kind == "max" else F.max_pool2d(x, 3, 2)
        ends.append(self.branch_pool(pooled) if hasattr(self, "branch_pool") else pooled)
        return torch.cat(ends, dim=1)


_ROW, _COLUMN = (1, 7), (7, 1)
_FORK = [(384, (1, 3)), (384, (3, 1))]


def _fine(slim: int, inputs: int, pooled: int) -> Block:
    return Block(
        slim, inputs, "mean", pooled,
        branch1x1=((64, 1),),
        branch5x5=((48, 1), (64, 5)),
        branch3x3dbl=((64, 1), (96, 3), (96, 3)),
    )  # fmt: skip


def _crossed(slim: int, inner: int) -> Block:
    return Block(
        slim, 768, "mean", 192,
        branch1x1=((192, 1),),
        branch7x7=((inner, 1), (inner, _ROW), (192, _COLUMN)),
        branch7x7dbl=((inner, 1), (inner, _COLUMN), (inner, _ROW), (inner, _COLUMN), (192, _ROW)),
    )  # fmt: skip


def _forked(slim: int, inputs: int, kind: str) -> Block:
    return Block(
        slim, inputs, kind, 192,
        branch1x1=((320, 1),),
        branch3x3=((384, 1), _FORK),
        branch3x3dbl=((448, 1), (384, 3), _FORK),
    )  # fmt: skip


class Inception(nn.Module):
    """Pictures (B, 3, H, W) in [-1, 1] -> features (B, 2048). ``slim`` (at most 16) divides all
    widths, for tests: the full network has 22 million weights.
    """

    def __init__(self, slim: int = 1) -> None:
        super().__init__()
        n = slim
        self.Conv2d_1a_3x3 = Conv(3, 32 // n, 3, 2)
        self.Conv2d_2a_3x3 = Conv(32 // n, 32 // n, 3, valid=True)
        self.Conv2d_2b_3x3 = Conv(32 // n, 64 // n, 3)
        self.Conv2d_3b_1x1 = Conv(64 // n, 80 // n, 1)
        self.Conv2d_4a_3x3 = Conv(80 // n, 192 // n, 3, valid=True)
        self.Mixed_5b = _fine(n, 192, 32)
        self.Mixed_5c = _fine(n, 256, 64)
        self.Mixed_5d = _fine(n, 288, 64)
        double = ((64, 1), (96, 3), (96, 3, 2))
        self.Mixed_6a = Block(n, 288, "shrink", branch3x3=((384, 3, 2),), branch3x3dbl=double)
        for letter, inner in (("b", 128), ("c", 160), ("d", 160), ("e", 192)):
            self.add_module(f"Mixed_6{letter}", _crossed(n, inner))
        long = ((192, 1), (192, _ROW), (192, _COLUMN), (192, 3, 2))
        self.Mixed_7a = Block(n, 768, "shrink", branch3x3=((192, 1), (320, 3, 2)), branch7x7x3=long)
        self.Mixed_7b = _forked(n, 1280, "mean")
        self.Mixed_7c = _forked(n, 2048, "max")

    def forward(self, x: Tensor) -> Tensor:
        """Features of pictures of at least 75x75 pixels; FID uses 299x299."""
        for name, layer in self.named_children():
            if name in ("Conv2d_3b_1x1", "Mixed_5b"):
                x = F.max_pool2d(x, 3, 2)
            x = layer(x)
        return x.mean(dim=(2, 3))
