"""The network: an encoder and a decoder of partial convolutions, with skips of maps and masks.

The layout is the paper's for 512 pixels and, with seven levels, for 256. Pictures are normalised by
the mean and deviation of ImageNet's, and 0 in the hole.
"""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from inpaint_core.networks.blocks.partial_convolution import PairedPartialConv2d, PartialConv2d
from inpaint_core.networks.inputs import NetworkInputs, NetworkOutput
from inpaint_core.networks.pconv.config import PconvConfig

KERNELS = (7, 5, 5)
"""Of the first levels; 3 from there on."""
SLOPE = 0.2

_MEAN = (0.485, 0.456, 0.406)
_DEVIATION = (0.229, 0.224, 0.225)


def normalise(picture: Tensor) -> Tensor:
    """(B, 3, H, W) in [-1, 1] -> mean 0 and variance 1 over ImageNet's photos."""
    return ((picture + 1) / 2 - _colour(_MEAN, picture)) / _colour(_DEVIATION, picture)


def denormalise(picture: Tensor) -> Tensor:
    """The inverse of `normalise`."""
    return (picture * _colour(_DEVIATION, picture) + _colour(_MEAN, picture)) * 2 - 1


def _colour(values: tuple[float, float, float], like: Tensor) -> Tensor:
    return torch.tensor(values, dtype=like.dtype, device=like.device).view(1, 3, 1, 1)


class EncoderLevel(nn.Module):
    """Halves: partial convolution, batch norm except in the first level, ReLU."""

    def __init__(
        self, inputs: int, outputs: int, kernel: int, *, first: bool, bias: bool = False
    ) -> None:
        super().__init__()
        self.conv = PartialConv2d(inputs, outputs, kernel, 2, bias=bias)
        self.norm = None if first else nn.BatchNorm2d(outputs)

    def forward(self, x: Tensor, known: Tensor) -> tuple[Tensor, Tensor]:
        """(B, C, H, W), (B, 1, H, W) -> both at half of the size."""
        x, known = self.conv(x, known)
        return F.relu(x if self.norm is None else self.norm(x)), known


class DecoderLevel(nn.Module):
    """Doubles, joins the skip, 3x3 partial convolution; batch norm and leaky ReLU except in the
    last level, which has a bias instead.
    """

    def __init__(
        self, inputs: int, skip: int, outputs: int, upsampling: str, *, last: bool
    ) -> None:
        super().__init__()
        self.upsampling = upsampling
        self.conv = PairedPartialConv2d(inputs, skip, outputs, 3, bias=last)
        self.norm = None if last else nn.BatchNorm2d(outputs)

    def forward(
        self, x: Tensor, known: Tensor, skip: Tensor, skip_known: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Maps (B, C, h, w) and (B, C', 2h, 2w) with their masks -> a map and a mask at 2h x 2w."""
        x = F.interpolate(x, scale_factor=2, mode=self.upsampling)
        known = F.interpolate(known, scale_factor=2, mode="nearest")
        x, known = self.conv(x, known, skip, skip_known)
        return x if self.norm is None else F.leaky_relu(self.norm(x), SLOPE), known


class PconvUnet(nn.Module):
    """Every level passes its map and its mask on, and both to its counterpart in the decoder; the
    last one sees the photo and the hole themselves, so it can copy what is known.
    """

    def __init__(self, config: PconvConfig) -> None:
        super().__init__()
        self.config = config
        self.is_keras = config.form == "keras"
        widths = (3, *config.widths)
        rest = (3,) * (len(config.widths) - len(KERNELS))
        self.encoder = nn.ModuleList(
            EncoderLevel(a, b, kernel, first=k == 0, bias=k == 0 and self.is_keras)
            for k, ((a, b), kernel) in enumerate(
                zip(pairwise(widths), (*KERNELS, *rest), strict=True)
            )
        )
        self.decoder = nn.ModuleList(
            DecoderLevel(widths[k], widths[k - 1], widths[k - 1], config.upsampling, last=k == 1)
            for k in range(len(config.widths), 0, -1)
        )
        self.last = nn.Conv2d(3, 3, 1) if self.is_keras else None
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight)

    def forward(self, inputs: NetworkInputs) -> NetworkOutput:
        """One batch whose sides are multiples of `PconvConfig.multiple`; the picture can exceed
        [-1, 1]. Raises ValueError for other sides.
        """
        if any(side % self.config.multiple for side in inputs.image.shape[-2:]):
            raise ValueError(f"sides must be multiples of {self.config.multiple}")
        known = inputs.known
        colours = (inputs.image + 1) / 2 if self.is_keras else normalise(inputs.image)
        x = torch.where(known > 0, colours, 0)
        skips = []
        for level in self.encoder:
            skips.append((x, known))
            x, known = level(x, known)
        for level in self.decoder:
            x, known = level(x, known, *skips.pop())
        if self.last is not None:
            x = torch.sigmoid(self.last(F.leaky_relu(x, SLOPE)))
            return NetworkOutput(x * 2 - 1)
        return NetworkOutput(denormalise(x))

    def freeze_encoder_norms(self) -> None:
        """Let the encoder's batch normalisations keep their statistics and weights in training."""
        for module in self.encoder.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.eval().requires_grad_(False)
