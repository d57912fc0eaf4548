"""Weights files of the PConv U-Net as two projects publish it, one for torch, one for Keras, with
random numbers, and plain computations of both from their names; apart from the program's own.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

_MEAN = torch.tensor([0.485, 0.456, 0.406]).view(1, 3, 1, 1)
_DEVIATION = torch.tensor([0.229, 0.224, 0.225]).view(1, 3, 1, 1)
WIDTHS = (64, 128, 256, 512, 512, 512, 512, 512)


def list_shapes(widths: tuple[int, ...]) -> list[tuple[int, int, int]]:
    """Inputs, outputs and kernel of each level, down and then up."""
    all_widths = (3, *widths)
    kernels = (7, 5, 5, *(3,) * len(widths))
    levels = range(1, len(all_widths))
    down = [(all_widths[k - 1], all_widths[k], kernels[k - 1]) for k in levels]
    up = [(all_widths[k] + all_widths[k - 1], all_widths[k - 1], 3) for k in reversed(levels)]
    return down + up


def published_for_torch(widths: tuple[int, ...]) -> dict[str, Tensor]:
    torch.manual_seed(len(widths))
    tensors: dict[str, Tensor] = {}
    count = len(widths)
    places = [f"enc_{k}" for k in range(1, count + 1)]
    places += [f"dec_{k}" for k in range(count, 0, -1)]
    for name, (inputs, outputs, kernel) in zip(places, list_shapes(widths), strict=True):
        shape = (outputs, inputs, kernel, kernel)
        # The layer divides by the number of known values.
        tensors[f"{name}.conv.input_conv.weight"] = (
            torch.randn(shape) * (2 * kernel**2 * inputs) ** 0.5
        )
        tensors[f"{name}.conv.mask_conv.weight"] = torch.ones(shape)
        if name == "dec_1":
            tensors[f"{name}.conv.input_conv.weight"] *= 0.1
            tensors[f"{name}.conv.input_conv.bias"] = torch.randn(outputs) * 0.1
        elif name != "enc_1":
            tensors |= _norm(f"{name}.bn", outputs)
    return tensors


def _norm(name: str, channels: int) -> dict[str, Tensor]:
    return {
        f"{name}.weight": torch.rand(channels) * 0.2 + 0.9,
        f"{name}.bias": torch.randn(channels) * 0.1,
        f"{name}.running_mean": torch.randn(channels) * 0.1,
        f"{name}.running_var": torch.rand(channels) + 0.5,
        f"{name}.num_batches_tracked": torch.tensor(9),
    }


def published_for_keras(widths: tuple[int, ...], first: int = 1) -> dict[str, Tensor]:
    """By the paths that Keras gives datasets, without “:0”. ``first``: number of the first layer,
    which depends on what was made before in the same session.
    """
    torch.manual_seed(len(widths) + 1)
    tensors: dict[str, Tensor] = {}
    shapes = list_shapes(widths)
    norm = 0
    for k, (inputs, outputs, kernel) in enumerate(shapes):
        name = f"p_conv2d_{first + k}"
        tensors[f"{name}/{name}/img_kernel"] = (
            torch.randn(kernel, kernel, inputs, outputs) * (2 * inputs) ** 0.5 / kernel
        )
        tensors[f"{name}/{name}/bias"] = torch.randn(outputs) * 0.1
        if k in (0, len(shapes) - 1):
            continue
        if k < len(widths):
            name = f"EncBN{k}"
        else:
            name = f"batch_normalization_{first + norm}"
            norm += 1
        tensors[f"{name}/{name}/gamma"] = torch.rand(outputs) * 0.2 + 0.9
        tensors[f"{name}/{name}/beta"] = torch.randn(outputs) * 0.1
        tensors[f"{name}/{name}/moving_mean"] = torch.randn(outputs) * 0.1
        tensors[f"{name}/{name}/moving_variance"] = torch.rand(outputs) + 0.5
    tensors["outputs_img/outputs_img/kernel"] = torch.randn(1, 1, 3, 3)
    tensors["outputs_img/outputs_img/bias"] = torch.randn(3) * 0.1
    return tensors


def fill_as_torch(tensors: dict[str, Tensor], levels: int, image: Tensor, hole: Tensor) -> Tensor:
    """The picture in [0, 1], unbounded; ``image`` (1, 3, H, W) in [0, 1], ``hole`` (1, 1, H, W)."""

    def level(name: str, x: Tensor, mask: Tensor, stride: int) -> tuple[Tensor, Tensor]:
        weight = tensors[f"{name}.conv.input_conv.weight"]
        bias = tensors.get(f"{name}.conv.input_conv.bias")
        padding = weight.shape[-1] // 2
        count = F.conv2d(mask, tensors[f"{name}.conv.mask_conv.weight"], None, stride, padding)
        y = F.conv2d(x * mask, weight, None, stride, padding) / count.clamp(min=1)
        if bias is not None:
            y = y + bias.view(1, -1, 1, 1)
        y, mask = torch.where(count > 0, y, 0), (count > 0).float()
        if f"{name}.bn.weight" in tensors:
            values = [tensors[f"{name}.bn.{each}"] for each in
                      ("running_mean", "running_var", "weight", "bias")]  # fmt: skip
            y = F.batch_norm(y, *values)
        return y, mask

    x, mask = (image - _MEAN) / _DEVIATION * (1 - hole), (1 - hole).expand(1, 3, -1, -1)
    skips = []
    for k in range(1, levels + 1):
        skips.append((x, mask))
        x, mask = level(f"enc_{k}", x, mask, 2)
        x = F.relu(x)
    for k in range(levels, 0, -1):
        skip, skip_mask = skips.pop()
        x, mask = (F.interpolate(each, scale_factor=2, mode="nearest") for each in (x, mask))
        x, mask = level(f"dec_{k}", torch.cat([x, skip], 1), torch.cat([mask, skip_mask], 1), 1)
        x = F.leaky_relu(x, 0.2) if k > 1 else x
    return x * _DEVIATION + _MEAN


def fill_as_keras(
    tensors: dict[str, Tensor], levels: int, first: int, image: Tensor, hole: Tensor
) -> Tensor:
    """The picture in [0, 1]; ``image`` (1, 3, H, W) in [0, 1], ``hole`` (1, 1, H, W) 1 or 0."""

    def get(layer: str, name: str) -> Tensor:
        return tensors[f"{layer}/{layer}/{name}"]

    def partial(k: int, x: Tensor, mask: Tensor, stride: int) -> tuple[Tensor, Tensor]:
        layer = f"p_conv2d_{first + k}"
        kernel = get(layer, "img_kernel").permute(3, 2, 0, 1)
        side = kernel.shape[-1]
        count = F.conv2d(mask, torch.ones_like(kernel), None, stride, side // 2)
        ratio = side**2 / (count + 1e-8) * count.clamp(0, 1)
        y = F.conv2d(x * mask, kernel, None, stride, side // 2) * ratio
        return y + get(layer, "bias").view(1, -1, 1, 1), count.clamp(0, 1)

    def norm(layer: str, x: Tensor) -> Tensor:
        values = [get(layer, n) for n in ("moving_mean", "moving_variance", "gamma", "beta")]
        return F.batch_norm(x, *values, eps=1e-3)

    x, mask = image * (1 - hole) + hole, (1 - hole).expand(1, 3, -1, -1)
    skips = []
    for k in range(levels):
        skips.append((x, mask))
        x, mask = partial(k, x, mask, 2)
        x = F.relu(norm(f"EncBN{k}", x) if k > 0 else x)
    for k in range(levels):
        skip, skip_mask = skips.pop()
        x, mask = (F.interpolate(each, scale_factor=2, mode="nearest") for each in (x, mask))
        both, known = torch.cat([skip, x], 1), torch.cat([skip_mask, mask], 1)
        x, mask = partial(levels + k, both, known, 1)
        if k < levels - 1:
            x = norm(f"batch_normalization_{first + k}", x)
        x = F.leaky_relu(x, 0.2)
    kernel = get("outputs_img", "kernel").permute(3, 2, 0, 1)
    return torch.sigmoid(F.conv2d(x, kernel, get("outputs_img", "bias")))
