"""What two other papers have in the place of the balance module (TSGL's table VII): attention
found between places of a deep map fills the holes of shallower ones.

Sources: Zeng et al., "Learning pyramid-context encoder network for high-quality image inpainting"
(PENNet, CVPR 2019), attention transfer network; Yi et al., "Contextual residual aggregation for
ultra high-resolution image inpainting" (HiFill, CVPR 2020), attention computing and transfer. Both
compare 3x3 patches by the cosine of their angle. TSGL does not say which of their parts it took;
these are the parts that link the layers of an encoder.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

PATCH = 3
SHARPNESS = 10.0
"""Scales cosines before the softmax, as in the published code of both."""
RATES = (1, 2, 4, 8)
SHARED_FROM = 4
"""HiFill's scores come from this map, at 1/16: of 32 x 32 places at 512, as published."""
_NEVER = -1e4
"""Added to the scores of unknown places: their weights are 0, and equal where nothing is known."""


def shrink_known(known: Tensor, like: Tensor) -> Tensor:
    """(B, 1, H, W) -> (B, 1, h, w) at the size of the map ``like``: 1 where more than half of a
    place is known, else 0.
    """
    share = F.adaptive_avg_pool2d(known.float(), (like.shape[-2], like.shape[-1]))
    return (share > 0.5).to(like.dtype)


def attend_to_known(deep: Tensor, known: Tensor) -> Tensor:
    """How much each place of a map looks like each known one: (B, C, h, w), (B, 1, h, w) ->
    (B, h * w, h * w), rows with sum 1.
    """
    patches = F.normalize(F.unfold(deep, PATCH, padding=PATCH // 2), dim=1)  # (B, 9C, h * w)
    scores = SHARPNESS * (patches.transpose(1, 2) @ patches)
    return (scores + (1 - known.flatten(1)[:, None]) * _NEVER).softmax(dim=-1)


def fill_holes(shallow: Tensor, weights: Tensor, known: Tensor, *, overlap: bool) -> Tensor:
    """A shallower map with its holes filled: each place of the deep map stands for a square of it,
    and gets the mean of all squares under its row of ``weights``.

    ``shallow`` (B, C, rh, rw), ``weights`` (B, h * w, h * w), ``known`` (B, 1, h, w). Squares are
    r wide, or with ``overlap`` 2r, which are averaged. Known places stay as they are.
    """
    size = (shallow.shape[-2], shallow.shape[-1])
    rate = size[0] // known.shape[-2]
    side = 2 * rate if overlap else rate
    padding = (side - rate) // 2
    squares = F.unfold(shallow, side, padding=padding, stride=rate)  # (B, C * side², h * w)
    hole = 1 - known.flatten(1)[:, None]
    squares = squares + hole * (squares @ weights.transpose(1, 2) - squares)
    if overlap:
        ones = torch.ones_like(shallow[:1, :1])
        covers = F.unfold(ones, side, padding=padding, stride=rate)
        count = F.fold(covers, size, side, padding=padding, stride=rate)
        filled = F.fold(squares, size, side, padding=padding, stride=rate) / count
    else:
        filled = F.fold(squares, size, side, stride=rate)
    return torch.where(F.interpolate(known, size=size) > 0, shallow, filled)


class DilatedContext(nn.Module):
    """Dilated 3x3 convolutions side by side, which share the channels out among them."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        shares = [len(range(k, channels, len(RATES))) for k in range(len(RATES))]
        self.convs = nn.ModuleList(
            nn.Conv2d(channels, share, 3, padding=rate, dilation=rate)
            for share, rate in zip(shares, RATES, strict=True)
            if share
        )

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> the same."""
        return F.relu(torch.cat([conv(x) for conv in self.convs], dim=1))


class PyramidTransfer(nn.Module):
    """PENNet's: from the deepest map on, each is filled by the attention within the one below it,
    which was filled before, and then sees wider and wider surroundings.
    """

    def __init__(self, widths: tuple[int, ...]) -> None:
        super().__init__()
        self.contexts = nn.ModuleList(DilatedContext(width) for width in widths[:-1])

    def forward(self, maps: list[Tensor], known: Tensor) -> list[Tensor]:
        """Six maps at H/2 .. H/64 and ``known`` (B, 1, H, W) -> six maps of the same shapes, the
        last unchanged.
        """
        out = [maps[-1]]
        for shallow, context in zip(maps[-2::-1], reversed(self.contexts), strict=True):
            deep = out[0]
            valid = shrink_known(known, deep)
            weights = attend_to_known(deep, valid)
            out.insert(0, context(fill_holes(shallow, weights, valid, overlap=True)))
        return out


class GatedConvolution(nn.Module):
    """A 3x3 convolution under a gate of a single channel, HiFill's light-weight form."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels, channels, 3, padding=1)
        self.gate = nn.Conv2d(channels, 1, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> the same."""
        return F.elu(self.conv(x)) * torch.sigmoid(self.gate(x))


class SharedAttention(nn.Module):
    """HiFill's: attention is found once, at 1/16, and fills every shallower map."""

    def __init__(self, widths: tuple[int, ...]) -> None:
        super().__init__()
        self.gated = nn.ModuleList(GatedConvolution(w) for w in widths[: SHARED_FROM - 1])

    def forward(self, maps: list[Tensor], known: Tensor) -> list[Tensor]:
        """Six maps at H/2 .. H/64 and ``known`` (B, 1, H, W) -> six maps of the same shapes, the
        last three unchanged.
        """
        deep = maps[SHARED_FROM - 1]
        valid = shrink_known(known, deep)
        weights = attend_to_known(deep, valid)
        filled = [
            gated(fill_holes(shallow, weights, valid, overlap=False))
            for shallow, gated in zip(maps, self.gated, strict=False)
        ]
        return [*filled, *maps[SHARED_FROM - 1 :]]
