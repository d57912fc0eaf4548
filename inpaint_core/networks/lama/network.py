"""The generator of LaMa.

Source: Suvorov et al., "Resolution-robust large mask inpainting with Fourier convolutions" (WACV
2022), section 2.1, in the layout of the weights that its authors published: nine blocks
("LaMa-Fourier") or eighteen ("Big LaMa").
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from inpaint_core.networks.blocks.fourier_convolution import FourierBlock, Pair

MULTIPLE = 8
WIDTH = 64
SPLIT = (128, 384)
"""Local and global channels of the body: three quarters see the whole image at once."""


class LamaGenerator(nn.Module):
    """Three halvings, ``blocks`` Fourier blocks at 1/8, three doublings."""

    def __init__(self, blocks: int) -> None:
        super().__init__()
        self.stem = ConvolutionUnit(4, WIDTH, 7, 1)
        self.downs = nn.ModuleList(
            ConvolutionUnit(WIDTH * scale, 2 * WIDTH * scale, 3, 2) for scale in (1, 2)
        )
        self.split = SplitDown(4 * WIDTH, *SPLIT)
        self.blocks = nn.ModuleList(FourierBlock(*SPLIT) for _ in range(blocks))
        self.ups = nn.ModuleList(UpUnit(2 * WIDTH * scale, WIDTH * scale) for scale in (4, 2, 1))
        self.last = nn.Conv2d(WIDTH, 3, 7, padding=3, padding_mode="reflect")

    def forward(self, image: Tensor, hole: Tensor) -> Tensor:
        """``image`` (B, 3, H, W) in [0, 1] and ``hole`` (B, 1, H, W), 1 = fill, with sides that are
        multiples of 8 and at least 16 -> (B, 3, H, W) in [0, 1]. Raises ValueError for others.
        """
        if any(side % MULTIPLE or side < 2 * MULTIPLE for side in image.shape[-2:]):
            raise ValueError(f"sides must be multiples of {MULTIPLE}, and at least {2 * MULTIPLE}")
        x = self.stem(torch.cat([image * (1 - hole), hole], dim=1))
        for down in self.downs:
            x = down(x)
        pair = self.split(x)
        for block in self.blocks:
            pair = block(pair)
        x = torch.cat(pair, dim=1)
        for up in self.ups:
            x = up(x)
        return torch.sigmoid(self.last(x))


class ConvolutionUnit(nn.Module):
    """Convolution with reflected border, batch norm, ReLU."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(
            inputs, outputs, kernel, stride, kernel // 2, padding_mode="reflect", bias=False
        )
        self.norm = nn.BatchNorm2d(outputs)

    def forward(self, x: Tensor) -> Tensor:
        """(B, inputs, H, W) -> (B, outputs, H / stride, W / stride)."""
        return F.relu(self.norm(self.conv(x)))


class SplitDown(nn.Module):
    """The halving that splits the channels into local and global ones."""

    def __init__(self, inputs: int, local: int, glob: int) -> None:
        super().__init__()
        self.local = ConvolutionUnit(inputs, local, 3, 2)
        self.glob = ConvolutionUnit(inputs, glob, 3, 2)

    def forward(self, x: Tensor) -> Pair:
        """(B, inputs, H, W) -> (B, local, H / 2, W / 2) and (B, global, H / 2, W / 2)."""
        return self.local(x), self.glob(x)


class UpUnit(nn.Module):
    """Transposed convolution, batch norm, ReLU."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.conv = nn.ConvTranspose2d(inputs, outputs, 3, 2, 1, output_padding=1)
        self.norm = nn.BatchNorm2d(outputs)

    def forward(self, x: Tensor) -> Tensor:
        """(B, inputs, H, W) -> (B, outputs, 2 H, 2 W)."""
        return F.relu(self.norm(self.conv(x)))
