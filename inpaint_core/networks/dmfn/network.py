"""The generator: down to a quarter, eight dense multi-scale fusion blocks, and up again."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from inpaint_core.networks.blocks.convolution_weights import initialise
from inpaint_core.networks.blocks.normalisation import InstanceNorm
from inpaint_core.networks.dmfn.blocks import build_block
from inpaint_core.networks.dmfn.config import DmfnConfig
from inpaint_core.networks.inputs import NetworkInputs, NetworkOutput


class ConvolutionUnit(nn.Module):
    """Convolution, instance norm unless it is the first of all, ReLU."""

    def __init__(
        self, inputs: int, outputs: int, kernel: int = 3, stride: int = 1, *, normal: bool = True
    ) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2)
        self.norm = InstanceNorm(outputs) if normal else None

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, C', H / stride, W / stride)."""
        x = self.conv(x)
        return F.relu(x if self.norm is None else self.norm(x))


class UpUnit(nn.Module):
    """A transposed convolution that doubles, and a 3x3 one, each with instance norm and ReLU."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.up = nn.ConvTranspose2d(inputs, outputs, 4, 2, 1)
        self.norm = InstanceNorm(outputs)
        self.after = ConvolutionUnit(outputs, outputs)

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, C', 2H, 2W)."""
        return self.after(F.relu(self.norm(self.up(x))))  # type: ignore[no-any-return]


class Dmfn(nn.Module):
    """The generator. Instance norms see the whole picture, so tiles of it come out differently."""

    def __init__(self, config: DmfnConfig) -> None:
        super().__init__()
        self.config = config
        width = config.width
        self.encoder = nn.ModuleList(
            [
                ConvolutionUnit(4, width, 5, normal=False),
                ConvolutionUnit(width, 2 * width, stride=2),
                ConvolutionUnit(2 * width, 2 * width),
                ConvolutionUnit(2 * width, 4 * width, stride=2),
            ]
        )
        self.blocks = nn.ModuleList(
            build_block(4 * width, config.form) for _ in range(config.blocks)
        )
        self.decoder = nn.ModuleList(
            [
                ConvolutionUnit(4 * width, 4 * width),
                UpUnit(4 * width, 2 * width),
                UpUnit(2 * width, width),
            ]
        )
        self.last = nn.Conv2d(width, 3, 3, padding=1)
        initialise(self)

    def forward(self, inputs: NetworkInputs) -> NetworkOutput:
        """One batch whose sides are multiples of 4. Raises ValueError for other sides."""
        multiple = self.config.multiple
        if any(side % multiple for side in inputs.image.shape[-2:]):
            raise ValueError(f"sides must be multiples of {multiple}")
        image = torch.where(inputs.known > 0, inputs.image, 0)
        x = torch.cat([image, (1 - inputs.known).to(image.dtype)], dim=1)
        for part in (*self.encoder, *self.blocks, *self.decoder):
            x = part(x)
        return NetworkOutput(torch.tanh(self.last(x)))
