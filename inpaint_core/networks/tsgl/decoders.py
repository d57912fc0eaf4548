"""The decoders: one for the picture, and auxiliary ones that complete the edges.

The edge decoders make the structure maps learn the edges.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from inpaint_core.networks.blocks.partial_convolution import PartialConv2d

Maps = list[tuple[Tensor, Tensor]]


def concatenate_maps(maps: Sequence[Tensor]) -> Tensor:
    """``maps`` (B, C, H, W) joined along their channels, in channels-last order if the first is.

    `torch.cat` loses that layout if one of them has a single channel, and the next convolution then
    copies everything. The gradient of each map is made contiguous instead of a slice of the whole,
    for which batch norm would take several times longer.
    """
    if not maps[0].is_contiguous(memory_format=torch.channels_last):
        return torch.cat(list(maps), dim=1)
    rows = [_make_gradient_contiguous(m).permute(0, 2, 3, 1) for m in maps]
    return torch.cat(rows, dim=3).permute(0, 3, 1, 2)


def _make_gradient_contiguous(x: Tensor) -> Tensor:
    """``x`` itself; its gradient is made contiguous."""
    if x.requires_grad and x.shape[1] > 1:
        x = x.view_as(x)
        last = torch.channels_last
        x.register_hook(lambda g: g.contiguous(memory_format=last))  # type: ignore[no-untyped-call]
    return x


class PictureDecoder(nn.Module):
    """Six maps to the picture: transposed convolutions with a skip from each map."""

    def __init__(self, maps: tuple[int, ...], widths: tuple[int, ...]) -> None:
        super().__init__()
        skips = (0, *maps[4::-1])  # none, then maps 5, 4, 3, 2, 1
        inputs = [a + b for a, b in zip((maps[5], *widths), skips, strict=True)]
        outputs = (*widths, 3)
        self.ups = nn.ModuleList(
            nn.ConvTranspose2d(a, b, 4, 2, 1) for a, b in zip(inputs, outputs, strict=True)
        )
        self.norms = nn.ModuleList(nn.BatchNorm2d(width) for width in widths)

    def forward(self, maps: list[Tensor]) -> Tensor:
        """Six maps at H/2 .. H/64 -> (B, 3, H, W) in [-1, 1]."""
        x = maps[5]
        for k, up in enumerate(self.ups):
            x = F.relu(x) if k == 0 else F.relu_(concatenate_maps([x, maps[5 - k]]))
            x = up(x)  # twice as large
            if k < len(self.norms):
                x = self.norms[k](x)
        return torch.tanh(x)


class PartialUnit(nn.Module):
    """Partial convolution, batch norm, (leaky) ReLU."""

    def __init__(self, inputs: int, outputs: int, *, stride: int = 1, slope: float = 0.0) -> None:
        super().__init__()
        self.conv = PartialConv2d(inputs, outputs, 3, stride)
        self.norm = nn.BatchNorm2d(outputs)
        self.slope = slope

    def forward(self, x: Tensor, known: Tensor) -> tuple[Tensor, Tensor]:
        """(B, C, H, W), (B, 1, H, W) -> both, half as large where it has a stride of 2."""
        x, known = self.conv(x, known)
        return F.leaky_relu(self.norm(x), self.slope), known


class PublishedEdgeDecoder(nn.Module):
    """The edge decoder of the published code: down to 1/128 and up again, 53.5 M parameters."""

    def __init__(self, widths: tuple[int, ...]) -> None:
        super().__init__()
        last = widths[4]
        self.downs = nn.ModuleList(PartialUnit(last, last, stride=2) for _ in range(2))
        ups = (last, last, last, last, *widths[3::-1])  # H/64, H/32, H/16, then H/8 .. H
        self.ups = nn.ModuleList(PartialUnit(a, b, slope=0.2) for a, b in pairwise(ups))
        first = widths[0]
        self.refine = nn.Sequential(
            nn.Conv2d(first, first, 3, padding=1, bias=False),
            nn.BatchNorm2d(first),
            nn.ReLU(),
            nn.Conv2d(first, first, 3, padding=1, bias=False),
            nn.BatchNorm2d(first),
        )
        self.last = nn.Conv2d(first, 1, 1)

    def forward(self, maps: Maps, size: torch.Size) -> Tensor:
        """Five structure maps with their masks -> edges (B, 1, H, W) in [0, 1]."""
        x, known = maps[4]
        sizes = [size] + [m.shape[-2:] for m, _ in maps]
        for down in self.downs:
            x, known = down(x, known)  # H/64, H/128
            sizes.append(x.shape[-2:])
        for up, larger in zip(self.ups, sizes[-2::-1], strict=True):
            x = F.interpolate(x, size=larger, mode="bilinear")
            x, known = up(x, F.interpolate(known, size=larger, mode="nearest"))
        return torch.sigmoid(self.last(F.relu(x + self.refine(x))))


class SlimEdgeDecoder(nn.Module):
    """From the last structure map up, a hundredth of the published decoder's size.

    Unlike the published one it also sees the known part of the finer maps: known edges, including
    drawn ones, need not pass through H/32, and every map learns to hold them.
    """

    def __init__(self, maps: tuple[int, ...], widths: tuple[int, ...] = (128, 64, 32, 16)) -> None:
        super().__init__()
        inputs = [a + b + 1 for a, b in zip((maps[4], *widths), maps[3::-1], strict=False)]
        self.ups = nn.ModuleList(
            nn.Conv2d(a, b, 3, padding=1, bias=False) for a, b in zip(inputs, widths, strict=True)
        )
        self.norms = nn.ModuleList(nn.BatchNorm2d(width) for width in widths)
        self.last = nn.Conv2d(widths[-1], 1, 3, padding=1)

    def forward(self, maps: Maps, size: torch.Size) -> Tensor:
        """Five structure maps with their masks -> edges (B, 1, H, W) in [0, 1]."""
        x, known = maps[4]
        x = x * known.to(x.dtype)
        for (finer, finer_known), up, norm in zip(maps[3::-1], self.ups, self.norms, strict=True):
            x = F.interpolate(x, size=finer.shape[-2:], mode="bilinear")  # H/16 .. H/2
            finer_known = finer_known.to(x.dtype)
            x = F.leaky_relu(norm(up(concatenate_maps([x, finer * finer_known, finer_known]))), 0.2)
        x = F.interpolate(x, size=size, mode="bilinear")  # H
        return torch.sigmoid(self.last(x))
