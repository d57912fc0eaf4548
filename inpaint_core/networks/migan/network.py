"""The generator of MI-GAN.

Source: Sargsyan et al., "MI-GAN: a simple baseline for image inpainting on mobile devices" (ICCV
2023), in the layout of the weights that its authors published: separable convolutions down to 4
pixels and up again, with a picture that is refined at every scale (StyleGAN2's skips) and noise
that is the same for every picture. The noise ties it to one size.
"""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from inpaint_core.networks.inputs import NetworkInputs, NetworkOutput
from inpaint_core.networks.migan.config import MiganConfig

SLOPE = 0.2
GAIN = 2**0.5
BOUND = 256.0
TAPS = (1 / 8, 3 / 8, 3 / 8, 1 / 8)
"""The low-pass filter along each axis, before halving and after doubling."""


def activate(x: Tensor) -> Tensor:
    """Leaky ReLU that keeps the average magnitude, bounded."""
    return (F.leaky_relu(x, SLOPE) * GAIN).clamp(-BOUND, BOUND)


def _filter(x: Tensor) -> Tensor:
    taps = torch.tensor(TAPS, dtype=x.dtype, device=x.device)
    return torch.outer(taps, taps).expand(x.shape[1], 1, 4, 4)


def halve(x: Tensor) -> Tensor:
    """(B, C, H, W) -> (B, C, H / 2, W / 2), after a low-pass filter with zeros around."""
    return F.conv2d(x, _filter(x), stride=2, padding=1, groups=x.shape[1])


def double(x: Tensor) -> Tensor:
    """(B, C, H, W) -> (B, C, 2 H, 2 W): zeros between the pixels, then the filter times 4."""
    return F.conv_transpose2d(x, 4 * _filter(x), stride=2, padding=1, groups=x.shape[1])


class Noise(nn.Module):
    """Adds the same picture of noise to every channel."""

    picture: Tensor

    def __init__(self, side: int) -> None:
        super().__init__()
        self.register_buffer("picture", torch.randn(side, side))
        self.strength = nn.Parameter(torch.zeros(()))

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, side, side) -> the same."""
        return x + (self.strength * self.picture).to(x.dtype)


class SeparableUnit(nn.Module):
    """A 3x3 convolution of each channel and a 1x1 one of all, both activated. ``scale``: halves
    between the two, or doubles after them; ``noise``: the side of a map to which noise is added.
    """

    def __init__(self, inputs: int, outputs: int, scale: float = 1, noise: int = 0) -> None:
        super().__init__()
        self.each = nn.Conv2d(inputs, inputs, 3, padding=1, groups=inputs)
        self.mix = nn.Conv2d(inputs, outputs, 1, bias=False)
        self.scale = scale
        self.noise = Noise(noise) if noise else None

    def forward(self, x: Tensor) -> Tensor:
        """(B, inputs, H, W) -> (B, outputs, scale * H, scale * W)."""
        x = activate(self.each(x))
        x = self.mix(halve(x) if self.scale < 1 else x)
        x = double(x) if self.scale > 1 else x
        return activate(x if self.noise is None else self.noise(x))


class EncoderBlock(nn.Module):
    """Two units; the first one's map is passed to the decoder."""

    def __init__(self, inputs: int, outputs: int, *, last: bool) -> None:
        super().__init__()
        self.stay = SeparableUnit(inputs, inputs)
        self.down = SeparableUnit(inputs, outputs, 1 if last else 0.5)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """(B, inputs, H, W) -> (B, outputs, H / 2, W / 2), the same at H in the last block, and
        (B, inputs, H, W).
        """
        stay = self.stay(x)
        return self.down(stay), stay


class DecoderBlock(nn.Module):
    """Two units, the encoder's map added between them, and what they add to the picture.
    ``side``: of its maps; 0 for the first one, which neither doubles nor adds noise.
    """

    def __init__(self, inputs: int, outputs: int, side: int) -> None:
        super().__init__()
        self.up = SeparableUnit(inputs, outputs, 2 if side else 1, side)
        self.stay = SeparableUnit(outputs, outputs, 1, side)
        self.picture = nn.Conv2d(outputs, 3, 1)

    def forward(self, x: Tensor, skip: Tensor) -> tuple[Tensor, Tensor]:
        """(B, inputs, h, w) and (B, outputs, H, W) -> (B, outputs, H, W) and (B, 3, H, W)."""
        x = self.stay(self.up(x) + skip)
        return x, self.picture(x)


class Migan(nn.Module):
    """Down to 4 pixels and up again, with skips at every scale."""

    def __init__(self, config: MiganConfig) -> None:
        super().__init__()
        self.config = config
        widths = [config.channels(side) for side in config.sides]
        self.start = nn.Conv2d(4, widths[0], 1)
        self.encoder = nn.ModuleList(
            EncoderBlock(a, b, last=k == len(widths) - 1)
            for k, (a, b) in enumerate(pairwise([*widths, widths[-1]]))
        )
        up = widths[::-1]
        sides = (0, *config.sides[-2::-1])
        self.decoder = nn.ModuleList(
            DecoderBlock(a, b, side)
            for (a, b), side in zip(pairwise([up[0], *up]), sides, strict=True)
        )

    def forward(self, inputs: NetworkInputs) -> NetworkOutput:
        """One batch of the configuration's side; others raise ValueError.

        The published network takes the mask, 0.5 where known and -0.5 in the hole, and then the
        photo in [-1, 1] with 0 in the hole; its picture can exceed [-1, 1].
        """
        side = self.config.side
        if tuple(inputs.image.shape[-2:]) != (side, side):
            raise ValueError(f"pictures must have {side} by {side} pixels")
        photo = torch.where(inputs.known > 0, inputs.image, 0)
        x = torch.cat([inputs.known.to(photo.dtype) - 0.5, photo], dim=1)
        # On a CPU, doubling takes eight times longer in the other order.
        x = x.contiguous(memory_format=torch.channels_last)
        x, skips = activate(self.start(x)), []
        for block in self.encoder:
            x, skip = block(x)
            skips.append(skip)
        picture: Tensor | None = None
        for block in self.decoder:
            x, change = block(x, skips.pop())
            picture = change if picture is None else double(picture) + change
        assert picture is not None
        return NetworkOutput(picture)
