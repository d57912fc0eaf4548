"""A weights file as LaMa's authors publish it, with random numbers: the names and shapes are
written out here from the description of the published network, apart from the program's own.
"""

from __future__ import annotations

import torch
from torch import Tensor


def published_lama(blocks: int, width: int = 64) -> dict[str, Tensor]:
    """Every tensor of the published generator by its name there, from "model." on."""
    torch.manual_seed(blocks)
    local, glob = 2 * width, 6 * width
    tensors: dict[str, Tensor] = {}

    def conv(name: str, *shape: int) -> None:
        fan = shape[1] * shape[2] * shape[3]
        tensors[f"{name}.weight"] = torch.randn(shape) * (2 / fan) ** 0.5

    def norm(name: str, channels: int) -> None:
        tensors[f"{name}.weight"] = torch.rand(channels) * 0.2 + 0.9
        tensors[f"{name}.bias"] = torch.randn(channels) * 0.05
        tensors[f"{name}.running_mean"] = torch.randn(channels) * 0.05
        tensors[f"{name}.running_var"] = torch.rand(channels) + 0.5
        tensors[f"{name}.num_batches_tracked"] = torch.tensor(7)

    conv("model.1.ffc.convl2l", width, 4, 7, 7)
    norm("model.1.bn_l", width)
    for place in (2, 3):
        channels = width << (place - 1)
        conv(f"model.{place}.ffc.convl2l", channels, channels // 2, 3, 3)
        norm(f"model.{place}.bn_l", channels)
    conv("model.4.ffc.convl2l", local, 4 * width, 3, 3)
    conv("model.4.ffc.convl2g", glob, 4 * width, 3, 3)
    norm("model.4.bn_l", local)
    norm("model.4.bn_g", glob)
    for block in range(5, 5 + blocks):
        for half in ("conv1", "conv2"):
            name = f"model.{block}.{half}"
            conv(f"{name}.ffc.convl2l", local, local, 3, 3)
            conv(f"{name}.ffc.convl2g", glob, local, 3, 3)
            conv(f"{name}.ffc.convg2l", local, glob, 3, 3)
            conv(f"{name}.ffc.convg2g.conv1.0", glob // 2, glob, 1, 1)
            norm(f"{name}.ffc.convg2g.conv1.1", glob // 2)
            conv(f"{name}.ffc.convg2g.fu.conv_layer", glob, glob, 1, 1)
            norm(f"{name}.ffc.convg2g.fu.bn", glob)
            conv(f"{name}.ffc.convg2g.conv2", glob, glob // 2, 1, 1)
            norm(f"{name}.bn_l", local)
            norm(f"{name}.bn_g", glob)
            for last in ("bn_l", "bn_g"):  # so that the sum over many blocks stays small
                tensors[f"{name}.{last}.weight"] *= 0.1
    for up in range(3):
        place, channels = 6 + blocks + 3 * up, 8 * width >> up
        tensors[f"model.{place}.weight"] = torch.randn(channels, channels // 2, 3, 3) * 0.03
        tensors[f"model.{place}.bias"] = torch.randn(channels // 2) * 0.1
        norm(f"model.{place + 1}", channels // 2)
    conv(f"model.{16 + blocks}", 3, width, 7, 7)
    tensors[f"model.{16 + blocks}.bias"] = torch.randn(3) * 0.1
    return tensors


def fill_as_published(
    tensors: dict[str, Tensor], blocks: int, image: Tensor, hole: Tensor
) -> Tensor:
    """The published network computed plainly from its tensors: ``image`` (1, 3, H, W) in [0, 1],
    ``hole`` (1, 1, H, W) with 1 = fill -> (1, 3, H, W) in [0, 1].
    """
    F = torch.nn.functional

    def norm(x: Tensor, name: str) -> Tensor:
        mean, var, weight, bias = (
            tensors[f"{name}.{part}"][:, None, None]
            for part in ("running_mean", "running_var", "weight", "bias")
        )
        return F.relu((x - mean) / torch.sqrt(var + 1e-5) * weight + bias)

    def conv(x: Tensor, name: str, stride: int = 1) -> Tensor:
        weight = tensors[f"{name}.weight"]
        pad = weight.shape[-1] // 2
        if pad:
            x = F.pad(x, (pad,) * 4, "reflect")
        return F.conv2d(x, weight, tensors.get(f"{name}.bias"), stride)

    def spectral(x: Tensor, name: str) -> Tensor:
        x = norm(conv(x, f"{name}.conv1.0"), f"{name}.conv1.1")
        waves = torch.fft.rfftn(x, dim=(-2, -1), norm="ortho")
        batch, channels, height, half = waves.shape
        both = torch.stack((waves.real, waves.imag), dim=2).reshape(
            batch, 2 * channels, height, half
        )
        both = norm(conv(both, f"{name}.fu.conv_layer"), f"{name}.fu.bn")
        both = both.reshape(batch, channels, 2, height, half)
        waves = torch.complex(both[:, :, 0], both[:, :, 1])
        back = torch.fft.irfftn(waves, s=x.shape[-2:], dim=(-2, -1), norm="ortho")
        return conv(x + back, f"{name}.conv2")

    x = torch.cat([image * (1 - hole), hole], dim=1)
    x = norm(conv(x, "model.1.ffc.convl2l"), "model.1.bn_l")
    for place in (2, 3):
        x = norm(conv(x, f"model.{place}.ffc.convl2l", 2), f"model.{place}.bn_l")
    near = norm(conv(x, "model.4.ffc.convl2l", 2), "model.4.bn_l")
    far = norm(conv(x, "model.4.ffc.convl2g", 2), "model.4.bn_g")
    for block in range(5, 5 + blocks):
        before = near, far
        for half in ("conv1", "conv2"):
            name = f"model.{block}.{half}"
            to_near = conv(near, f"{name}.ffc.convl2l") + conv(far, f"{name}.ffc.convg2l")
            to_far = conv(near, f"{name}.ffc.convl2g") + spectral(far, f"{name}.ffc.convg2g")
            near, far = norm(to_near, f"{name}.bn_l"), norm(to_far, f"{name}.bn_g")
        near, far = near + before[0], far + before[1]
    x = torch.cat([near, far], dim=1)
    for up in range(3):
        place = 6 + blocks + 3 * up
        weight, bias = tensors[f"model.{place}.weight"], tensors[f"model.{place}.bias"]
        x = norm(F.conv_transpose2d(x, weight, bias, 2, 1, 1), f"model.{place + 1}")
    return torch.sigmoid(conv(x, f"model.{16 + blocks}"))
