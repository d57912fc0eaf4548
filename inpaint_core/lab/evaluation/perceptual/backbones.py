"""The classifiers whose feature maps are compared: SqueezeNet 1.1, AlexNet and VGG-16.

SqueezeNet: Iandola et al. (2016); AlexNet: Krizhevsky et al. (NeurIPS 2012), in torchvision's
variant; VGG-16: Simonyan and Zisserman (ICLR 2015). Key names are torchvision's.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from inpaint_core.contract.errors import WeightsUnavailable
from inpaint_core.networks.checkpoint.read_checkpoint import open_checkpoint

BackboneKind = Literal["squeeze", "alex", "vgg"]

# Layers by their number in torchvision's “features”: c = 3x3 or larger convolution and ReLU,
# f = fire module, p = 3x3 pooling of stride 2, q = 2x2 pooling; * = compared.
LAYERS: Mapping[BackboneKind, str] = {
    "squeeze": "0c* 2p 3f 4f* 5p 6f 7f* 8p 9f* 10f* 11f* 12f*",
    "alex": "0c* 2p 3c* 5p 6c* 8c* 10c*",
    "vgg": "0c 2c* 4q 5c 7c* 9q 10c 12c 14c* 16q 17c 19c 21c* 23q 24c 26c 28c*",
}

_FIRE_PARTS = ("squeeze", "expand1x1", "expand3x3")


class Backbone(nn.Module):
    """Feature maps of a classifier without its last layers.

    ``weights``: tensors by torchvision's key names; others are ignored. Raises KeyError when one
    is missing.
    """

    def __init__(self, kind: BackboneKind, weights: Mapping[str, Tensor]) -> None:
        super().__init__()
        self.kind = kind
        self._steps = [
            (step.rstrip("*")[-1], f"features.{step.rstrip('*')[:-1]}", step.endswith("*"))
            for step in LAYERS[kind].split()
        ]
        for action, layer, _ in self._steps:
            names = [f"{layer}.{part}" for part in _FIRE_PARTS] if action == "f" else [layer]
            if action in "cf":
                for name in names:
                    for value in ("weight", "bias"):
                        key = f"{name}.{value}"
                        self.register_buffer(key.replace(".", "_"), weights[key].float())

    def forward(self, x: Tensor) -> list[Tensor]:
        """The compared maps (B, C, h, w), first to last, of normalised pictures (B, 3, H, W)."""
        maps = []
        for action, layer, is_compared in self._steps:
            if action == "p":
                x = F.max_pool2d(x, 3, 2, ceil_mode=self.kind == "squeeze")
            elif action == "q":
                x = F.max_pool2d(x, 2, 2)
            elif action == "f":
                squeezed = self._convolve(x, f"{layer}.squeeze")
                parts = [self._convolve(squeezed, f"{layer}.expand{k}x{k}") for k in (1, 3)]
                x = torch.cat(parts, dim=1)
            else:
                x = self._convolve(x, layer)
            if is_compared:
                maps.append(x)
        return maps

    def _convolve(self, x: Tensor, layer: str) -> Tensor:
        """Convolution and ReLU; only the first layer of SqueezeNet and AlexNet has a stride."""
        name = layer.replace(".", "_")
        weight, bias = self.get_buffer(f"{name}_weight"), self.get_buffer(f"{name}_bias")
        stride, padding = 1, weight.shape[-1] // 2
        if layer == "features.0" and self.kind != "vgg":
            stride, padding = (2, 0) if self.kind == "squeeze" else (4, 2)
        return F.relu(F.conv2d(x, weight, bias, stride, padding))


SQUEEZENET_MEAN_BGR = (104.0, 117.0, 123.0)
"""What is subtracted from blue, green and red in 8-bit levels before SqueezeNet."""


def load_squeezenet(path: Path) -> Backbone:
    """SqueezeNet 1.1 from a file of ``torch.save`` with torchvision's key names
    (``features.0.weight`` ..). Raises `WeightsUnavailable` when it is missing or something else.
    """
    try:
        return Backbone("squeeze", read_tensors(path, "features"))
    except (LookupError, RuntimeError) as error:
        raise WeightsUnavailable("lab.damaged_features_file", name=path.name) from error


def read_tensors(path: Path, kind: Literal["features", "lpips", "inception"]) -> dict[str, Any]:
    """The tensors of a file of ``torch.save`` by name. Raises `WeightsUnavailable`, which asks for
    a file of this ``kind``.
    """
    if not path.is_file():
        raise WeightsUnavailable(f"lab.no_{kind}_file", path=path)
    try:
        with open_checkpoint(path) as checkpoint:
            stored = checkpoint.tensors.items()
            return {name: torch.from_numpy(tensor.read()) for name, tensor in stored}
    except WeightsUnavailable as error:
        raise WeightsUnavailable(f"lab.damaged_{kind}_file", name=path.name) from error
