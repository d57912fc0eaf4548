"""Auxiliary decoders that complete the edges, so that the structure maps hold them."""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from inpaint_core.networks.blocks.memory_layout import beside
from inpaint_core.networks.blocks.partial_convolution import PartialConv2d

Maps = list[tuple[Tensor, Tensor]]


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
    """That of the published code: down to 1/128 and up again, 53.5 M parameters."""

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
    """From the last structure map up, a hundredth of the published one's size.

    Unlike the published one it is shown what is known of the finer maps too: then edges that are
    known, drawn ones among them, need not pass through H/32, and every map learns to hold them.
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
        for (finer, seen), up, norm in zip(maps[3::-1], self.ups, self.norms, strict=True):
            x = F.interpolate(x, size=finer.shape[-2:], mode="bilinear")  # H/16 .. H/2
            seen = seen.to(x.dtype)
            x = F.leaky_relu(norm(up(beside([x, finer * seen, seen]))), 0.2)
        x = F.interpolate(x, size=size, mode="bilinear")  # H
        return torch.sigmoid(self.last(x))
