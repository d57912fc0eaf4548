"""Inception-v3 as FID uses it: the features before its classifier.

Szegedy et al., "Rethinking the Inception Architecture for Computer Vision" (CVPR 2016), with the
pooling of the network that FID was first computed with (Heusel et al., NeurIPS 2017): averages do
not count the padding, and the last block takes the maximum. Key names are torchvision's, which name
modules by their kernels.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

Shape = int | tuple[int, int]


class Conv(nn.Module):
    """Convolution, batch normalisation, ReLU. Same size at stride 1 unless ``valid``."""

    def __init__(
        self, inputs: int, outputs: int, kernel: Shape, stride: int = 1, valid: bool = False
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
    """Parallel branches, each a chain of convolutions by name; their outputs are concatenated.

    ``chains``: the names of each branch in order; a tuple of two names is a fork. The last branch
    is the pooling, followed by a convolution if ``pool`` names one.
    """

    def __init__(
        self,
        convs: dict[str, Conv],
        chains: tuple[tuple[str | tuple[str, str], ...], ...],
        pool: str | None,
        kind: str,
    ) -> None:
        super().__init__()
        for name, conv in convs.items():
            self.add_module(name, conv)
        self.chains, self.pool, self.kind = chains, pool, kind

    def forward(self, x: Tensor) -> Tensor:
        """The channels of all branches at their common size."""
        ends = []
        for chain in self.chains:
            y = x
            for step in chain:
                if isinstance(step, tuple):
                    y = torch.cat([self.get_submodule(name)(y) for name in step], dim=1)
                else:
                    y = self.get_submodule(step)(y)
            ends.append(y)
        if self.kind == "mean":
            pooled = F.avg_pool2d(x, 3, 1, 1, count_include_pad=False)
        else:
            pooled = F.max_pool2d(x, 3, 1, 1) if self.kind == "max" else F.max_pool2d(x, 3, 2)
        ends.append(pooled if self.pool is None else self.get_submodule(self.pool)(pooled))
        return torch.cat(ends, dim=1)


def _fine(inputs: int, pooled: int, n: int) -> Block:
    return Block(
        {
            "branch1x1": Conv(inputs, 64 // n, 1),
            "branch5x5_1": Conv(inputs, 48 // n, 1),
            "branch5x5_2": Conv(48 // n, 64 // n, 5),
            "branch3x3dbl_1": Conv(inputs, 64 // n, 1),
            "branch3x3dbl_2": Conv(64 // n, 96 // n, 3),
            "branch3x3dbl_3": Conv(96 // n, 96 // n, 3),
            "branch_pool": Conv(inputs, pooled, 1),
        },
        (
            ("branch1x1",),
            ("branch5x5_1", "branch5x5_2"),
            ("branch3x3dbl_1", "branch3x3dbl_2", "branch3x3dbl_3"),
        ),
        "branch_pool",
        "mean",
    )


def _shrink(inputs: int, n: int) -> Block:
    return Block(
        {
            "branch3x3": Conv(inputs, 384 // n, 3, 2),
            "branch3x3dbl_1": Conv(inputs, 64 // n, 1),
            "branch3x3dbl_2": Conv(64 // n, 96 // n, 3),
            "branch3x3dbl_3": Conv(96 // n, 96 // n, 3, 2),
        },
        (("branch3x3",), ("branch3x3dbl_1", "branch3x3dbl_2", "branch3x3dbl_3")),
        None,
        "shrink",
    )


def _crossed(inputs: int, inner: int, n: int) -> Block:
    outputs, row, column = 192 // n, (1, 7), (7, 1)
    double = tuple(f"branch7x7dbl_{i}" for i in range(1, 6))
    return Block(
        {
            "branch1x1": Conv(inputs, outputs, 1),
            "branch7x7_1": Conv(inputs, inner, 1),
            "branch7x7_2": Conv(inner, inner, row),
            "branch7x7_3": Conv(inner, outputs, column),
            double[0]: Conv(inputs, inner, 1),
            double[1]: Conv(inner, inner, column),
            double[2]: Conv(inner, inner, row),
            double[3]: Conv(inner, inner, column),
            double[4]: Conv(inner, outputs, row),
            "branch_pool": Conv(inputs, outputs, 1),
        },
        (("branch1x1",), ("branch7x7_1", "branch7x7_2", "branch7x7_3"), double),
        "branch_pool",
        "mean",
    )


def _shrink_again(inputs: int, n: int) -> Block:
    middle = 192 // n
    return Block(
        {
            "branch3x3_1": Conv(inputs, middle, 1),
            "branch3x3_2": Conv(middle, 320 // n, 3, 2),
            "branch7x7x3_1": Conv(inputs, middle, 1),
            "branch7x7x3_2": Conv(middle, middle, (1, 7)),
            "branch7x7x3_3": Conv(middle, middle, (7, 1)),
            "branch7x7x3_4": Conv(middle, middle, 3, 2),
        },
        (
            ("branch3x3_1", "branch3x3_2"),
            tuple(f"branch7x7x3_{i}" for i in range(1, 5)),
        ),
        None,
        "shrink",
    )


def _forked(inputs: int, kind: str, n: int) -> Block:
    wide = 384 // n
    return Block(
        {
            "branch1x1": Conv(inputs, 320 // n, 1),
            "branch3x3_1": Conv(inputs, wide, 1),
            "branch3x3_2a": Conv(wide, wide, (1, 3)),
            "branch3x3_2b": Conv(wide, wide, (3, 1)),
            "branch3x3dbl_1": Conv(inputs, 448 // n, 1),
            "branch3x3dbl_2": Conv(448 // n, wide, 3),
            "branch3x3dbl_3a": Conv(wide, wide, (1, 3)),
            "branch3x3dbl_3b": Conv(wide, wide, (3, 1)),
            "branch_pool": Conv(inputs, 192 // n, 1),
        },
        (
            ("branch1x1",),
            ("branch3x3_1", ("branch3x3_2a", "branch3x3_2b")),
            ("branch3x3dbl_1", "branch3x3dbl_2", ("branch3x3dbl_3a", "branch3x3dbl_3b")),
        ),
        "branch_pool",
        kind,
    )


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
        self.Mixed_5b = _fine(192 // n, 32 // n, n)
        self.Mixed_5c = _fine(256 // n, 64 // n, n)
        self.Mixed_5d = _fine(288 // n, 64 // n, n)
        self.Mixed_6a = _shrink(288 // n, n)
        for letter, inner in (("b", 128), ("c", 160), ("d", 160), ("e", 192)):
            self.add_module(f"Mixed_6{letter}", _crossed(768 // n, inner // n, n))
        self.Mixed_7a = _shrink_again(768 // n, n)
        self.Mixed_7b = _forked(1280 // n, "mean", n)
        self.Mixed_7c = _forked(2048 // n, "max", n)

    def forward(self, x: Tensor) -> Tensor:
        """Features of pictures of at least 75x75 pixels; FID uses 299x299."""
        for name, layer in self.named_children():
            if name in ("Conv2d_3b_1x1", "Mixed_5b"):
                x = F.max_pool2d(x, 3, 2)
            x = layer(x)
        return x.mean(dim=(2, 3))
