"""The encoders: partial convolutions for structure, masked attention for texture.

The attention is contextual, in shifted windows. Source: TSGL, equations 3 and 4; windows after Liu
et al., "Swin transformer" (ICCV 2021). As in the published code there is no layer norm, no position
bias and no skip around the attention.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from inpaint_core.networks.blocks.partial_convolution import (
    EqualisedLinear,
    PartialConv2d,
    PartialEqualisedConv2d,
)
from inpaint_core.networks.tsgl.config import TsglConfig

STRUCTURE_KERNELS = (7, 5, 5, 3, 3)

_APART = 100.0
"""What Swin subtracts from the score of a token that is no neighbour."""


class StructureEncoder(nn.Module):
    """Five maps, each half as wide and high as the one before, and the mask of each."""

    def __init__(self, inputs: int, widths: tuple[int, ...]) -> None:
        super().__init__()
        sides = zip((inputs, *widths), widths, STRUCTURE_KERNELS, strict=False)
        self.convs = nn.ModuleList(PartialConv2d(a, b, k, stride=2) for a, b, k in sides)
        self.norms = nn.ModuleList(nn.BatchNorm2d(width) for width in widths[1:])

    def forward(
        self, x: Tensor, known: Tensor, meet: Callable[[int, Tensor], Tensor]
    ) -> list[tuple[Tensor, Tensor]]:
        """``x`` (B, C, H, W), ``known`` (B, 1, H, W) float32 -> [(map, known), ...].

        Each map becomes what ``meet(stage, map)`` returns, stages from 0, before the next is made.
        """
        maps = []
        for stage, conv in enumerate(self.convs):
            x, known = conv(x, known)  # H/2
            if stage > 0:  # a norm in the first stage would remove the image's brightness
                x = self.norms[stage - 1](x)
            x = meet(stage, F.relu_(x))
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
        # Equation 4 scales tau with the scores: at four heads of 45 channels, 100 comes to 14.9.
        inside = config.tau_form == "inside"
        penalty = config.tau / math.sqrt(width // config.heads) if inside else config.tau
        self.merge = PartialEqualisedConv2d(width, width, down=True)
        self.blocks = nn.ModuleList(
            MaskedAttention(
                width, config.heads, window, window // 2 * (k % 2), penalty, config.as_released
            )
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


def split_windows(x: Tensor, side: int) -> Tensor:
    """(B, H, W, C) -> (B * windows, side * side, C), window by window."""
    batch, height, width, channels = x.shape
    x = x.view(batch, height // side, side, width // side, side, channels)
    return x.transpose(2, 3).reshape(-1, side * side, channels)


def join_windows(x: Tensor, side: int, height: int, width: int) -> Tensor:
    """The inverse of `split_windows`: -> (B, H, W, C)."""
    x = x.view(-1, height // side, width // side, side, side, x.shape[-1])
    return x.transpose(2, 3).reshape(-1, height, width, x.shape[-1])


def find_neighbours(height: int, width: int, side: int, shift: int, device: torch.device) -> Tensor:
    """Which tokens of a window are neighbours in the map: (windows, side², side²) bool.

    Rolling a map by ``shift`` brings opposite borders into one window.
    """

    def strips(length: int) -> Tensor:
        place = torch.arange(length, device=device)
        return (place >= length - side).long() + (place >= length - shift).long()

    if shift == 0:
        strip = torch.zeros(height, width, dtype=torch.long, device=device)
    else:
        strip = 3 * strips(height)[:, None] + strips(width)[None]
    label = split_windows(strip[None, ..., None], side)[..., 0]  # (windows, side²)
    return label[:, :, None] == label[:, None, :]


class MaskedAttention(nn.Module):
    """One block: tokens attend to the known ones of their window, then two dense layers.

    ``penalty``: subtracted from the scaled score of an unknown token. ``across``: as in Swin's and
    the published code, a token attends to those from the other side of the image too, at a score
    less by 100, and counts as known with any of its window.
    """

    def __init__(
        self,
        width: int,
        heads: int,
        window: int,
        shift: int,
        penalty: float,
        across: bool = False,
    ) -> None:
        super().__init__()
        self.heads, self.window, self.shift, self.penalty = heads, window, shift, penalty
        self.across = across
        self.query, self.key = EqualisedLinear(width, width), EqualisedLinear(width, width)
        self.value, self.project = EqualisedLinear(width, width), EqualisedLinear(width, width)
        self.fuse = EqualisedLinear(2 * width, width, activated=True)
        self.expand = EqualisedLinear(width, 2 * width, activated=True)
        self.contract = EqualisedLinear(2 * width, width)

    def forward(self, x: Tensor, known: Tensor) -> tuple[Tensor, Tensor]:
        """``x`` (B, H, W, C), ``known`` (B, H, W, 1) float32 1 or 0; H, W multiples of the window.

        Both keep their size. A token becomes known when one that it may attend to is known.
        """
        height, width = x.shape[1:3]
        shift = self.shift if min(height, width) > self.window else 0  # one window holds everything
        if shift:
            x, known = (t.roll((-shift, -shift), (1, 2)) for t in (x, known))
        together = find_neighbours(height, width, self.window, shift, x.device)
        tokens, valid = split_windows(x, self.window), split_windows(known, self.window)
        attended, valid = self._attend(tokens, valid, together)
        y = self.contract(self.expand(self.fuse(torch.cat([tokens, attended], dim=-1))))
        x, known = (join_windows(t, self.window, height, width) for t in (y, valid))
        if shift:
            x, known = (t.roll((shift, shift), (1, 2)) for t in (x, known))
        return x, known

    def _attend(self, tokens: Tensor, valid: Tensor, together: Tensor) -> tuple[Tensor, Tensor]:
        count, size, width = tokens.shape
        depth = width // self.heads

        def split(t: Tensor) -> Tensor:
            return t.view(count, size, self.heads, depth).transpose(1, 2)  # (count, heads, size, d)

        # In half precision the lower bound of the divisor would round to 0.
        unit = F.normalize(tokens.float(), dim=-1).to(tokens.dtype)
        query, key, value = self.query(unit), self.key(unit), self.value(tokens)
        offset = -self.penalty * (1 - valid).to(value.dtype).view(-1, len(together), 1, size)
        if self.across:
            offset = offset - _APART * (~together).to(offset.dtype)
            together = torch.ones_like(together)
        # Minus infinity instead of Swin's -100: a token whose neighbours are all unknown must
        # not attend to the other side of the image. It can always attend to itself.
        offset = offset.masked_fill(~together, -torch.inf).view(count, 1, size, size)
        query, key, value = split(query), split(key), split(value)
        if query.requires_grad:  # with its gradient, fused attention takes 15 % longer
            scores = query @ key.transpose(-1, -2) / math.sqrt(depth) + offset
            mixed = scores.softmax(dim=-1) @ value
        else:  # without, 4 to 9 times less
            mixed = F.scaled_dot_product_attention(query, key, value, offset)
        mixed = mixed.transpose(1, 2).reshape(count, size, width)
        with torch.no_grad():
            reach = together.float() @ valid.view(-1, len(together), size, 1)
        return self.project(mixed), (reach > 0).float().view(count, size, 1)
