"""Two hourglasses that describe every place of a photo.

Source: Xue et al., "Holistically-attracted wireframe parsing" (CVPR 2020), in the layout of the
weights that the authors of ZITS published.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

CHANNELS = 256
STACKS = 2
OUTPUTS = (3, 1, 1, 2, 2)
"""Maps of the heads: three angles, distance, its residual, junction or not, a junction's offset."""

_DEPTH = 4
_HEAD = 64
_LARGE = 256
"""A map of at least this side is halved once more on the way in."""


class ResidualUnit(nn.Module):
    """Three convolutions, each after batch norm and ReLU, with an identity around them."""

    def __init__(self, inputs: int, middle: int) -> None:
        super().__init__()
        outputs = 2 * middle
        self.norms = nn.ModuleList(nn.BatchNorm2d(c) for c in (inputs, middle, middle))
        self.convs = nn.ModuleList(
            [
                nn.Conv2d(inputs, middle, 1),
                nn.Conv2d(middle, middle, 3, padding=1),
                nn.Conv2d(middle, outputs, 1),
            ]
        )
        self.widen = None if inputs == outputs else nn.Conv2d(inputs, outputs, 1)

    def forward(self, x: Tensor) -> Tensor:
        """(B, inputs, H, W) -> (B, 2 middle, H, W)."""
        y = x
        for norm, conv in zip(self.norms, self.convs, strict=True):
            y = conv(F.relu(norm(y)))
        return y + (x if self.widen is None else self.widen(x))


def _make_unit() -> ResidualUnit:
    return ResidualUnit(CHANNELS, CHANNELS // 2)


class Hourglass(nn.Module):
    """Units at H to H / 16 and back, with one beside them at each size."""

    def __init__(self) -> None:
        super().__init__()
        self.beside, self.before, self.after = (
            nn.ModuleList(_make_unit() for _ in range(_DEPTH)) for _ in range(3)
        )
        self.inmost = _make_unit()

    def forward(self, x: Tensor, level: int = 0) -> Tensor:
        """(B, 256, H, W) -> the same; sides are multiples of 16."""
        y = self.before[level](F.max_pool2d(x, 2))
        y = self.inmost(y) if level == _DEPTH - 1 else self.forward(y, level + 1)
        y = F.interpolate(self.after[level](y), scale_factor=2.0, mode="nearest")
        return self.beside[level](x) + y  # type: ignore[no-any-return]


class Heads(nn.Module):
    """A small branch for each kind of output."""

    def __init__(self) -> None:
        super().__init__()
        self.wide = nn.ModuleList(nn.Conv2d(CHANNELS, _HEAD, 3, padding=1) for _ in OUTPUTS)
        self.narrow = nn.ModuleList(nn.Conv2d(_HEAD, count, 1) for count in OUTPUTS)

    def forward(self, x: Tensor) -> Tensor:
        """(B, 256, H, W) -> (B, 9, H, W)."""
        pairs = zip(self.wide, self.narrow, strict=True)
        return torch.cat([narrow(F.relu(wide(x))) for wide, narrow in pairs], dim=1)


class Backbone(nn.Module):
    """The second hourglass sees what the first one found."""

    def __init__(self) -> None:
        super().__init__()
        self.stem, self.stem_norm = nn.Conv2d(3, 64, 7, 2, 3), nn.BatchNorm2d(64)
        self.layers = nn.ModuleList(
            [ResidualUnit(64, 64), ResidualUnit(128, 128), ResidualUnit(256, 128)]
        )
        self.hourglasses = nn.ModuleList(Hourglass() for _ in range(STACKS))
        self.units = nn.ModuleList(_make_unit() for _ in range(STACKS))
        self.mixes = nn.ModuleList(nn.Conv2d(CHANNELS, CHANNELS, 1) for _ in range(STACKS))
        self.mix_norms = nn.ModuleList(nn.BatchNorm2d(CHANNELS) for _ in range(STACKS))
        self.heads = nn.ModuleList(Heads() for _ in range(STACKS))
        self.from_mix = nn.Conv2d(CHANNELS, CHANNELS, 1)
        self.from_heads = nn.Conv2d(sum(OUTPUTS), CHANNELS, 1)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """A normalised photo (B, 3, 512, 512) -> raw outputs (B, 9, 128, 128) and what describes
        each place, (B, 256, 128, 128), of the last stack.
        """
        x = self.layers[0](F.relu(self.stem_norm(self.stem(x))))
        if x.shape[-1] >= _LARGE:
            x = F.max_pool2d(x, 2)
        x = self.layers[2](self.layers[1](x))
        for stack in range(STACKS):
            y = self.units[stack](self.hourglasses[stack](x))
            y = F.relu(self.mix_norms[stack](self.mixes[stack](y)))
            found = self.heads[stack](y)
            if stack < STACKS - 1:
                x = x + self.from_mix(y) + self.from_heads(found)
        return found, y
