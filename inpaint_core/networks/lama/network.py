"""The generator of LaMa.

Source: Suvorov et al., "Resolution-robust large mask inpainting with Fourier convolutions" (WACV
2022), section 2.1, in the layout of the weights that its authors published: nine blocks
("LaMa-Fourier") or eighteen ("Big LaMa").
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from inpaint_core.networks.blocks.doubling_unit import DoublingUnit
from inpaint_core.networks.blocks.fourier_convolution import FourierBlock, Pair
from inpaint_core.networks.inputs import NetworkInputs, NetworkOutput
from inpaint_core.networks.lama.config import MULTIPLE, LamaConfig


class Lama(nn.Module):
    """Three halvings, Fourier blocks at 1/8, three doublings."""

    def __init__(self, config: LamaConfig) -> None:
        super().__init__()
        self.config = config
        width = config.width
        self.stem = ConvolutionUnit(4, width, 7, 1)
        self.downs = nn.ModuleList(
            ConvolutionUnit(width * scale, 2 * width * scale, 3, 2) for scale in (1, 2)
        )
        self.split = SplitDown(4 * width, *config.split)
        self.blocks = nn.ModuleList(FourierBlock(*config.split) for _ in range(config.blocks))
        self.ups = nn.ModuleList(
            DoublingUnit(2 * width * scale, width * scale) for scale in (4, 2, 1)
        )
        self.last = nn.Conv2d(width, 3, 7, padding=3, padding_mode="reflect")

    def forward(self, inputs: NetworkInputs) -> NetworkOutput:
        """One batch whose sides are multiples of 8 and at least 16; others raise ValueError.

        The published network takes the photo in [0, 1] with 0 in the hole, beside a mask that is 1
        in the hole, and returns a picture in [0, 1].
        """
        sides = inputs.image.shape[-2:]
        if any(side % MULTIPLE or side < 2 * MULTIPLE for side in sides):
            raise ValueError(f"sides must be multiples of {MULTIPLE}, and at least {2 * MULTIPLE}")
        return NetworkOutput(self.decode(self.encode(inputs)))

    def encode(self, inputs: NetworkInputs) -> Pair:
        """(B, local, H / 8, W / 8) and (B, global, H / 8, W / 8), the maps after the halvings."""
        hole = (1 - inputs.known).to(inputs.image.dtype)
        photo = (inputs.image + 1) / 2 * (1 - hole)
        x = self.stem(torch.cat([photo, hole], dim=1))
        for down in self.downs:
            x = down(x)
        return self.split(x)  # type: ignore[no-any-return]

    def decode(self, pair: Pair) -> Tensor:
        """From those maps to the picture (B, 3, H, W) in [-1, 1]."""
        for block in self.blocks:
            pair = block(pair)
        x = torch.cat(pair, dim=1)
        for up in self.ups:
            x = up(x)
        return torch.sigmoid(self.last(x)) * 2 - 1


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
