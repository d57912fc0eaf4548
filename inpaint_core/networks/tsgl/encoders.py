"""The encoders: partial convolutions for structure, masked attention for texture."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from inpaint_core.networks.blocks.equalised_convolution import PartialEqualisedConv2d
from inpaint_core.networks.blocks.partial_convolution import PartialConv2d
from inpaint_core.networks.tsgl.attention import MaskedAttention
from inpaint_core.networks.tsgl.config import TsglConfig

STRUCTURE_KERNELS = (7, 5, 5, 3, 3)


class StructureEncoder(nn.Module):
    """Five maps, each half as wide and high as the one before, and the mask of each."""

    def __init__(self, inputs: int, widths: tuple[int, ...]) -> None:
        super().__init__()
        sides = zip((inputs, *widths), widths, STRUCTURE_KERNELS, strict=False)
        self.convs = nn.ModuleList(PartialConv2d(a, b, k, stride=2) for a, b, k in sides)
        self.norms = nn.ModuleList(nn.BatchNorm2d(width) for width in widths[1:])

    def forward(self, x: Tensor, known: Tensor) -> list[tuple[Tensor, Tensor]]:
        """``x`` (B, C, H, W), ``known`` (B, 1, H, W) float32 -> [(map, known), ...]."""
        maps = []
        for stage, conv in enumerate(self.convs):
            x, known = conv(x, known)  # H/2
            if stage > 0:  # a norm in the first stage would remove the image's brightness
                x = self.norms[stage - 1](x)
            x = F.relu(x)
            maps.append((x, known))
        return maps


class TextureHead(nn.Module):
    """The masked image to one map at its own size and one at half of it."""

    def __init__(self, inputs: int, width: int) -> None:
        super().__init__()
        self.first = PartialEqualisedConv2d(inputs, width)
        self.second = PartialEqualisedConv2d(width, width, down=True)

    def forward(self, x: Tensor, known: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """(B, C, H, W), (B, 1, H, W) -> map at H, map at H/2, known at H/2."""
        full, known = self.first.masked(x, known)
        half, known = self.second.masked(full, known)  # H/2
        return full, half, known


class TextureStage(nn.Module):
    """Halve, attend ``depth`` times, convolve, and add the halved map."""

    def __init__(self, config: TsglConfig, depth: int) -> None:
        super().__init__()
        width, window = config.width, config.window
        self.window = window
        self.merge = PartialEqualisedConv2d(width, width, down=True)
        self.blocks = nn.ModuleList(
            MaskedAttention(width, config.heads, window, window // 2 * (k % 2), config.tau)
            for k in range(depth)
        )
        self.conv = PartialEqualisedConv2d(width, width)

    def forward(self, x: Tensor, known: Tensor | None) -> tuple[Tensor, Tensor | None]:
        """``x`` (B, C, H, W), ``known`` (B, 1, H, W) or None = all -> both at H/2."""
        if known is None:
            merged = self.merge(x)  # H/2
            return merged + self.conv(self._attend(merged, None)[0]), None
        merged, known = self.merge.masked(x, known)  # H/2
        y, known = self._attend(merged, known)
        y, known = self.conv.masked(y, known)
        return merged + y, known

    def _attend(self, x: Tensor, known: Tensor | None) -> tuple[Tensor, Tensor]:
        """The blocks on a map padded with unknown tokens to whole windows."""
        height, width = x.shape[-2:]
        if known is None:
            known = torch.ones_like(x[:, :1], dtype=torch.float32)
        pad = (0, -width % self.window, 0, -height % self.window)
        x, known = F.pad(x, pad), F.pad(known, pad)
        x, known = x.permute(0, 2, 3, 1), known.permute(0, 2, 3, 1)  # (B, H, W, C)
        for block in self.blocks:
            x, known = block(x.contiguous(), known.contiguous())
        x, known = x.permute(0, 3, 1, 2), known.permute(0, 3, 1, 2)  # (B, C, H, W)
        return x[..., :height, :width], known[..., :height, :width]
