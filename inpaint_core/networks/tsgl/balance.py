"""The cross-layer balance module: early maps (texture) and late maps (structure) made to agree.

Source: TSGL, section III-C, after Liu et al. (ECCV 2020). It works at 1/8 of the image.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from inpaint_core.networks.blocks.normalisation import InstanceNorm
from inpaint_core.networks.blocks.partial_convolution import PartialConv2d
from inpaint_core.networks.tsgl.config import Balance
from inpaint_core.networks.tsgl.equalisation import Equalisation


def unit(inputs: int, outputs: int, *, halve: bool = False, active: bool = True) -> nn.Sequential:
    """1x1 convolution, or a 4x4 one that halves, with instance norm and leaky ReLU."""
    kernel, stride, padding = (4, 2, 1) if halve else (1, 1, 0)
    parts: list[nn.Module] = [
        nn.Conv2d(inputs, outputs, kernel, stride, padding, bias=False),
        InstanceNorm(outputs),
    ]
    return nn.Sequential(*parts, nn.LeakyReLU(0.2)) if active else nn.Sequential(*parts)


class Stream(nn.Module):
    """Partial convolutions of one kernel size in a row."""

    def __init__(self, width: int, kernel: int, depth: int) -> None:
        super().__init__()
        self.convs = nn.ModuleList(PartialConv2d(width, width, kernel) for _ in range(depth))
        self.norms = nn.ModuleList(InstanceNorm(width, affine=True) for _ in range(depth))

    def forward(self, x: Tensor, known: Tensor) -> Tensor:
        """(B, C, H, W), (B, 1, H, W) -> (B, C, H, W)."""
        for conv, norm in zip(self.convs, self.norms, strict=True):
            x, known = conv(x, known)
            x = F.leaky_relu(norm(x), 0.2)
        return x


class BalanceModule(nn.Module):
    """Adds to each of six maps what it should know of the other five."""

    def __init__(self, config: Balance, widths: tuple[int, ...]) -> None:
        super().__init__()
        width, fused = config.width, config.fused
        if len(set(widths[3:])) != 1 or len(config.kernels) != 3:
            raise ValueError("the last three maps share a convolution, and so do three streams")
        self.holes = config.holes
        self.early = nn.ModuleList(
            [
                nn.Sequential(
                    unit(widths[0], widths[1], halve=True), unit(widths[1], width, halve=True)
                ),
                unit(widths[1], width, halve=True),
                unit(widths[2], width),
            ]
        )
        self.late = unit(widths[3], width)
        self.reduce = unit(3 * width, width)
        self.streams = nn.ModuleList(Stream(width, k, config.depth) for k in config.kernels)
        self.join = unit(2 * width, fused)
        self.equalise = Equalisation(fused)
        self.back = nn.ModuleList(
            [
                *(nn.Conv2d(fused, out, 1, bias=False) for out in widths[:3]),
                unit(fused, widths[3], halve=True, active=False),
                nn.Sequential(
                    unit(fused, fused, halve=True),
                    unit(fused, widths[4], halve=True, active=False),
                ),
                nn.Sequential(
                    unit(fused, fused, halve=True),
                    unit(fused, fused, halve=True),
                    unit(fused, widths[5], halve=True, active=False),
                ),
            ]
        )
        self.norms = nn.ModuleList(InstanceNorm(out) for out in widths[:3])

    def forward(self, maps: list[Tensor], known: Tensor) -> list[Tensor]:
        """Six maps at H/2 .. H/64 and ``known`` (B, 1, H, W) -> six maps of the same shapes.

        The published code applies a leaky ReLU to the maps first; they come out of a ReLU.
        """
        grid = (maps[2].shape[-2], maps[2].shape[-1])  # H/8
        early = [head(m) for head, m in zip(self.early, maps[:3], strict=True)]
        late = [self.late(F.interpolate(m, size=grid, mode="bilinear")) for m in maps[3:]]
        seen = F.adaptive_avg_pool2d(known.float(), grid) > 0.5 if self.holes else None
        seen = known.new_ones(len(known), 1, *grid) if seen is None else seen.float()
        both = [self._streams(self.reduce(torch.cat(g, dim=1)), seen) for g in (late, early)]
        fused = self.equalise(self.join(torch.cat(both, dim=1)))
        out = []
        for k, (back, original) in enumerate(zip(self.back, maps, strict=True)):
            y = back(fused)
            if k < 3:
                # A 1x1 convolution and a bilinear enlargement may change places: up to 16 times
                # fewer products this way round.
                y = F.interpolate(y, size=original.shape[-2:], mode="bilinear")
                y = F.leaky_relu(self.norms[k](y), 0.2)
            out.append(original + y)
        return out

    def _streams(self, group: Tensor, known: Tensor) -> Tensor:
        return self.reduce(torch.cat([s(group, known) for s in self.streams], dim=1))  # type: ignore[no-any-return]
