"""The cross-layer balance module, which makes early maps (texture) and late maps (structure) agree.

Source: TSGL, section III-B6 and equations 9 to 12, after Liu et al., "Rethinking image inpainting
via a mutual encoder-decoder with feature equalizations" (ECCV 2020). It works at 1/8 of the image.
In the range term each pixel sees its 3x3 neighbours, weighted by a softmax over these nine.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from inpaint_core.networks.blocks.normalisation import InstanceNorm
from inpaint_core.networks.blocks.partial_convolution import PartialConv2d
from inpaint_core.networks.tsgl.config import Balance

SIGMA = 1.5
REDUCTION = 16


class Fusion(nn.Module):
    """Texture maps 1 to 5 to maps 1 to 5, and all of those to map 6 at half the size of map 5."""

    def __init__(self, width: int, widths: tuple[int, ...]) -> None:
        super().__init__()
        self.heads = nn.ModuleList(nn.Conv2d(width, out, 1) for out in widths[:5])
        self.last = nn.Conv2d(sum(widths[:5]), widths[5], 3, stride=2, padding=1)

    def forward(self, textures: list[Tensor]) -> list[Tensor]:
        """(B, C, H/2 .. H/32) -> six maps at H/2 .. H/64."""
        maps = [F.relu_(head(t)) for head, t in zip(self.heads, textures, strict=True)]
        size = maps[-1].shape[-2:]
        same = [F.interpolate(m, size=size, mode="bilinear", align_corners=True) for m in maps[:-1]]
        last = F.relu_(self.last(torch.cat([*same, maps[-1]], dim=1)))  # H/64
        return [*maps, last]


class ChannelGate(nn.Module):
    """Scales each channel by a function of all channels' means (squeeze and excitation)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.squeeze = nn.Conv2d(channels, channels // REDUCTION, 1)
        self.excite = nn.Conv2d(channels // REDUCTION, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> the same."""
        mean = x.mean(dim=(2, 3), keepdim=True)
        return x * torch.sigmoid(self.excite(F.relu(self.squeeze(mean))))


def build_gaussian_matrix(length: int, like: Tensor) -> Tensor:
    """Row i holds the weights of a Gaussian about i, with sum 1: (length, length)."""
    place = torch.arange(length, dtype=torch.float32, device=like.device)
    weight = torch.exp(-((place[:, None] - place[None]) ** 2) / (2 * SIGMA**2))
    return (weight / weight.sum(dim=1, keepdim=True)).to(like.dtype)


def average_spatially(x: Tensor) -> Tensor:
    """Each pixel as the mean of the whole map under a Gaussian about it (equation 10).

    A Gaussian of the distance is the product of one per axis, and so is the sum of its weights: two
    small matrix products give the mean, border included.
    """
    height, width = x.shape[-2:]
    return build_gaussian_matrix(height, x) @ x @ build_gaussian_matrix(width, x).T


def average_by_likeness(x: Tensor, over_places: bool = False) -> Tensor:
    """Each pixel as the mean of its 3x3 neighbours weighted by likeness (equation 11).

    Likeness is the mean over channels of the product of both sigmoids, 0 outside the map.
    ``over_places``: the weights of each of the nine directions, over all pixels, have the sum 1.
    """
    height, width = x.shape[-2:]
    own = torch.sigmoid(x)
    around, values = F.pad(own, (1, 1, 1, 1)), F.pad(x, (1, 1, 1, 1))
    places = [(slice(r, r + height), slice(c, c + width)) for r in range(3) for c in range(3)]
    likeness = [(own * around[..., r, c]).mean(dim=1, keepdim=True) for r, c in places]
    scores = torch.cat(likeness, dim=1)  # (B, 9, H, W)
    weights = (
        scores.flatten(2).softmax(dim=2).view_as(scores) if over_places else scores.softmax(dim=1)
    )
    out = torch.zeros_like(x)
    for k, (r, c) in enumerate(places):
        out = torch.addcmul(out, weights[:, k : k + 1], values[..., r, c])
    return out


def misread(x: Tensor) -> Tensor:
    """The values of a map (B, C, H, W), pixel by pixel, read as if they came channel by channel."""
    return x.flatten(2).transpose(1, 2).reshape(x.shape)


class Equalisation(nn.Module):
    """Channel gate, then the spatial and the range mean, concatenated and merged (equation 12).

    ``as_released``: both means are `misread`, and likeness is weighed over places.
    """

    def __init__(self, channels: int, as_released: bool = False) -> None:
        super().__init__()
        self.as_released = as_released
        self.gate = ChannelGate(channels)
        self.merge = nn.Conv2d(2 * channels, channels, 1, bias=False)
        self.norm = InstanceNorm(channels)

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> the same."""
        x = self.gate(x)
        means = [average_spatially(x), average_by_likeness(x, self.as_released)]
        if self.as_released:
            means = [misread(mean) for mean in means]
        y = self.merge(torch.cat(means, dim=1))
        return F.leaky_relu_(self.norm(y), 0.2)


def convolution_unit(
    inputs: int, outputs: int, *, halve: bool = False, active: bool = True
) -> nn.Sequential:
    """1x1 convolution, or a 4x4 one that halves, with instance norm and leaky ReLU."""
    kernel, stride, padding = (4, 2, 1) if halve else (1, 1, 0)
    conv = nn.Conv2d(inputs, outputs, kernel, stride, padding, bias=False)
    unit = nn.Sequential(conv, InstanceNorm(outputs))
    return unit.append(nn.LeakyReLU(0.2, inplace=True)) if active else unit


class DividedConv2d(nn.Module):
    """A partial convolution as the published code has it: it never sees a hole, and the kernels
    that should count what is known hold any numbers; the result of each channel is divided by
    their sum, at borders by that of the part inside.
    """

    def __init__(self, inputs: int, outputs: int, kernel: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, kernel, 1, kernel // 2, bias=False)
        self.register_buffer("divisor", torch.ones(outputs, 1, kernel, kernel))

    def forward(self, x: Tensor, known: Tensor) -> tuple[Tensor, Tensor]:
        """(B, C, H, W) -> (B, C', H, W); ``known`` comes back."""
        ones = torch.ones(1, 1, *x.shape[-2:], dtype=torch.float32, device=x.device)
        divisor = self.get_buffer("divisor").float()
        total = F.conv2d(ones, divisor, padding=divisor.shape[-1] // 2)
        factor = torch.where(total == 0, 0.0, 1 / total)
        return (self.conv(x).float() * factor).to(x.dtype), known


class Stream(nn.Module):
    """Partial convolutions of one kernel size in a row; ``as_released``: see `DividedConv2d`."""

    def __init__(self, width: int, kernel: int, depth: int, as_released: bool = False) -> None:
        super().__init__()
        kind = DividedConv2d if as_released else PartialConv2d
        self.convs = nn.ModuleList(kind(width, width, kernel) for _ in range(depth))
        self.norms = nn.ModuleList(InstanceNorm(width, affine=True) for _ in range(depth))

    def forward(self, x: Tensor, known: Tensor) -> Tensor:
        """(B, C, H, W), (B, 1, H, W) -> (B, C, H, W)."""
        for conv, norm in zip(self.convs, self.norms, strict=True):
            x, known = conv(x, known)
            x = F.leaky_relu_(norm(x), 0.2)
        return x


class BalanceModule(nn.Module):
    """Adds to each of six maps information from the other five."""

    def __init__(self, config: Balance, widths: tuple[int, ...], as_released: bool = False) -> None:
        super().__init__()
        width, fused = config.width, config.fused
        if len(set(widths[3:])) != 1 or len(config.kernels) != 3:
            raise ValueError("the last three maps must have equal widths, and three streams")
        self.holes = config.holes
        self.early = nn.ModuleList(
            [
                nn.Sequential(
                    convolution_unit(widths[0], widths[1], halve=True),
                    convolution_unit(widths[1], width, halve=True),
                ),
                convolution_unit(widths[1], width, halve=True),
                convolution_unit(widths[2], width),
            ]
        )
        self.late = convolution_unit(widths[3], width)
        self.reduce = convolution_unit(3 * width, width)
        self.streams = nn.ModuleList(
            Stream(width, k, config.depth, as_released) for k in config.kernels
        )
        self.join = convolution_unit(2 * width, fused)
        self.equalise = Equalisation(fused, as_released)
        self.back = nn.ModuleList(
            [
                *(nn.Conv2d(fused, out, 1, bias=False) for out in widths[:3]),
                convolution_unit(fused, widths[3], halve=True, active=False),
                nn.Sequential(
                    convolution_unit(fused, fused, halve=True),
                    convolution_unit(fused, widths[4], halve=True, active=False),
                ),
                nn.Sequential(
                    convolution_unit(fused, fused, halve=True),
                    convolution_unit(fused, fused, halve=True),
                    convolution_unit(fused, widths[5], halve=True, active=False),
                ),
            ]
        )
        self.norms = nn.ModuleList(InstanceNorm(out) for out in widths[:3])

    def forward(self, maps: list[Tensor], known: Tensor) -> list[Tensor]:
        """Six maps at H/2 .. H/64 and ``known`` (B, 1, H, W) -> six maps of the same shapes.

        The published code applies a leaky ReLU to the maps first; here they are outputs of a ReLU.
        """
        grid = (maps[2].shape[-2], maps[2].shape[-1])  # H/8
        early = [head(m) for head, m in zip(self.early, maps[:3], strict=True)]
        late = [self.late(F.interpolate(m, size=grid, mode="bilinear")) for m in maps[3:]]
        if self.holes:
            known = (F.adaptive_avg_pool2d(known.float(), grid) > 0.5).float()
        else:
            known = known.new_ones(len(known), 1, *grid)
        both = [self._streams(self.reduce(torch.cat(g, dim=1)), known) for g in (late, early)]
        fused = self.equalise(self.join(torch.cat(both, dim=1)))
        out = []
        for k, (back, original) in enumerate(zip(self.back, maps, strict=True)):
            y = back(fused)
            if k < 3:
                # A 1x1 convolution and a bilinear enlargement commute; in this order there are up
                # to 16 times fewer products.
                y = F.interpolate(y, size=original.shape[-2:], mode="bilinear")
                y = F.leaky_relu_(self.norms[k](y), 0.2)
            out.append(original + y)
        return out

    def _streams(self, group: Tensor, known: Tensor) -> Tensor:
        return self.reduce(torch.cat([s(group, known) for s in self.streams], dim=1))  # type: ignore[no-any-return]
