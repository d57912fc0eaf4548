"""Weights files as MI-GAN's authors publish them, with random numbers, and a plain computation of
the published network from their names; apart from the program's own.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

_LOW = torch.outer(torch.tensor([1.0, 3, 3, 1]), torch.tensor([1.0, 3, 3, 1])) / 64


def list_sides(side: int) -> list[int]:
    return [2**k for k in range(side.bit_length() - 1, 1, -1)]


def published_migan(
    side: int, *, inserting: bool = False, capacity: int = 32768, widest: int = 512
) -> dict[str, Tensor]:
    """Every tensor by its published name. ``inserting``: the earlier form, which inserts zeros with
    a transposed convolution; the later one multiplies by a lattice of ones and zeros.
    """
    torch.manual_seed(side)

    def count_channels(side: int) -> int:
        return min(capacity // side, widest)

    tensors: dict[str, Tensor] = {}

    def conv(name: str, *shape: int, bias: bool = True) -> None:
        fan = shape[1] * shape[2] * shape[3]
        tensors[f"{name}.weight"] = torch.randn(shape) / fan**0.5
        if bias:
            tensors[f"{name}.bias"] = torch.randn(shape[0]) * 0.1

    def unit(name: str, inputs: int, outputs: int) -> None:
        conv(f"{name}.conv1", inputs, 1, 3, 3)
        conv(f"{name}.conv2", outputs, inputs, 1, 1, bias=False)

    def doubling(name: str, channels: int, size: int) -> None:
        lattice = torch.tensor([[1.0, 0], [0, 0]])
        if inserting:
            tensors[f"{name}.insert_zeros.weight"] = lattice.repeat(channels, 1, 1, 1)
        else:
            tensors[f"{name}.filter_const"] = lattice.repeat(1, 1, size // 2, size // 2)
        tensors[f"{name}.filter.weight"] = (4 * _LOW).repeat(channels, 1, 1, 1)

    sides = list_sides(side)
    for here, below in zip(sides, [*sides[1:], 4], strict=True):
        name, inputs = f"encoder.b{here}", count_channels(here)
        if here == side:
            conv(f"{name}.fromrgb", inputs, 4, 1, 1)
        unit(f"{name}.conv1", inputs, inputs)
        unit(f"{name}.conv2", inputs, count_channels(below))
        if here > 4:
            filters = _LOW.repeat(inputs, 1, 1, 1)
            tensors[f"{name}.conv2.downsample.filter.weight"] = filters
    above = count_channels(4)
    for here in sides[::-1]:
        name, channels = f"synthesis.b{here}", count_channels(here)
        unit(f"{name}.conv1", above, channels)
        unit(f"{name}.conv2", channels, channels)
        conv(f"{name}.torgb", 3, channels, 1, 1)
        if here > 4:
            doubling(f"{name}.conv1.upsample", channels, here)
            doubling(f"{name}.upsample", 3, here)
            for half in ("conv1", "conv2"):
                tensors[f"{name}.{half}.noise_const"] = torch.randn(here, here)
                tensors[f"{name}.{half}.noise_strength"] = torch.tensor(0.1)
        tensors[f"{name}.torgb.weight"] *= 0.02
        above = channels
    return tensors


def fill_as_published(tensors: dict[str, Tensor], side: int, image: Tensor, hole: Tensor) -> Tensor:
    """The published network's picture in [-1, 1]; ``image`` (1, 3, H, W) in [-1, 1], ``hole``
    (1, 1, H, W) 1 or 0.
    """

    def conv(x: Tensor, name: str, groups: int = 1) -> Tensor:
        weight, bias = tensors[f"{name}.weight"], tensors.get(f"{name}.bias")
        return F.conv2d(x, weight, bias, padding=weight.shape[-1] // 2, groups=groups)

    def active(x: Tensor) -> Tensor:
        return (F.leaky_relu(x, 0.2) * 2**0.5).clamp(-256, 256)

    def double(x: Tensor, name: str) -> Tensor:
        if f"{name}.filter_const" in tensors:
            x = F.interpolate(x, scale_factor=2, mode="nearest") * tensors[f"{name}.filter_const"]
        else:
            zeros = tensors[f"{name}.insert_zeros.weight"]
            x = F.conv_transpose2d(x, zeros, stride=2, groups=x.shape[1])
        weight = tensors[f"{name}.filter.weight"]
        return F.conv2d(F.pad(x, (2, 1, 2, 1)), weight, groups=x.shape[1])

    def unit(x: Tensor, name: str) -> Tensor:
        x = active(conv(x, f"{name}.conv1", x.shape[1]))
        low = tensors.get(f"{name}.downsample.filter.weight")
        if low is not None:
            x = F.conv2d(x, low, stride=2, padding=1, groups=x.shape[1])
        x = conv(x, f"{name}.conv2")
        if f"{name}.upsample.filter.weight" in tensors:
            x = double(x, f"{name}.upsample")
        if f"{name}.noise_const" in tensors:
            x = x + tensors[f"{name}.noise_const"] * tensors[f"{name}.noise_strength"]
        return active(x)

    known = 1 - hole
    x = active(conv(torch.cat([known - 0.5, image * known], 1), f"encoder.b{side}.fromrgb"))
    skips = {}
    for here in list_sides(side):
        skips[here] = unit(x, f"encoder.b{here}.conv1")
        x = unit(skips[here], f"encoder.b{here}.conv2")
    picture: Tensor | None = None
    for here in list_sides(side)[::-1]:
        name = f"synthesis.b{here}"
        x = unit(unit(x, f"{name}.conv1") + skips[here], f"{name}.conv2")
        change = conv(x, f"{name}.torgb")
        picture = change if picture is None else double(picture, f"{name}.upsample") + change
    assert picture is not None
    return picture
