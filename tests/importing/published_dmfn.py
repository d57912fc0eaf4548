"""A weights file as DMFN's authors publish it, with random numbers, and a plain computation of the
published network from its names; apart from the program's own.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

_RATES = (1, 2, 4, 8)


def published_dmfn(width: int = 64) -> dict[str, Tensor]:
    """Every tensor by its published name."""
    torch.manual_seed(width)
    tensors: dict[str, Tensor] = {}

    def conv(name: str, outputs: int, inputs: int, kernel: int) -> None:
        tensors[f"{name}.weight"] = torch.randn(outputs, inputs, kernel, kernel) / (
            kernel * inputs**0.5
        )
        tensors[f"{name}.bias"] = torch.randn(outputs) * 0.1

    conv("encoder.0.conv", width, 4, 5)
    for k, (a, b) in enumerate(((1, 2), (2, 2), (2, 4)), 1):
        conv(f"encoder.{k}.conv", b * width, a * width, 3)
    for block in range(8):
        name = f"blocks.{block}"
        conv(f"{name}.c1", width, 4 * width, 3)
        for k in range(1, 5):
            conv(f"{name}.d{k}", width, width, 3)
        conv(f"{name}.c2", 4 * width, 4 * width, 3)
    conv("decoder.0.conv", 4 * width, 4 * width, 3)
    for k, outputs in ((1, 2 * width), (2, width)):
        tensors[f"decoder.{k}.deconv.weight"] = torch.randn(2 * outputs, outputs, 4, 4) * 0.1
        tensors[f"decoder.{k}.deconv.bias"] = torch.randn(outputs) * 0.1
        conv(f"decoder.{k}.conv.conv", outputs, outputs, 3)
    conv("decoder.3.conv", 3, width, 3)
    return tensors


def fill_as_published(tensors: dict[str, Tensor], image: Tensor, hole: Tensor) -> Tensor:
    """The picture in [-1, 1]; ``image`` (1, 3, H, W) in [-1, 1], ``hole`` (1, 1, H, W) 1 or 0."""

    def conv(x: Tensor, name: str, stride: int = 1, rate: int = 1) -> Tensor:
        weight = tensors[f"{name}.weight"]
        padding = weight.shape[-1] // 2 * rate
        return F.conv2d(x, weight, tensors[f"{name}.bias"], stride, padding, rate)

    def active(x: Tensor) -> Tensor:
        return F.relu(F.instance_norm(x))

    x = F.relu(conv(torch.cat([image * (1 - hole), hole], 1), "encoder.0.conv"))
    for k, stride in ((1, 2), (2, 1), (3, 2)):
        x = active(conv(x, f"encoder.{k}.conv", stride))
    for block in range(8):
        name = f"blocks.{block}"
        y = active(conv(x, f"{name}.c1"))
        sums: list[Tensor] = []
        for k, rate in enumerate(_RATES, 1):
            found = conv(y, f"{name}.d{k}", rate=rate)
            sums.append(sums[-1] + found if sums else found)
        x = x + F.instance_norm(conv(active(torch.cat(sums, 1)), f"{name}.c2"))
    x = active(conv(x, "decoder.0.conv"))
    for k in (1, 2):
        weight, bias = tensors[f"decoder.{k}.deconv.weight"], tensors[f"decoder.{k}.deconv.bias"]
        x = active(F.conv_transpose2d(x, weight, bias, 2, 1))
        x = active(conv(x, f"decoder.{k}.conv.conv"))
    return torch.tanh(conv(x, "decoder.3.conv"))
