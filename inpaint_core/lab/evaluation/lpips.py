"""LPIPS: learned perceptual image patch similarity, version 0.1.

Zhang et al., "The Unreasonable Effectiveness of Deep Features as a Perceptual Metric" (CVPR 2018):
distances of unit-length feature vectors, weighted per channel by learned linear heads. The two
files are the user's: a backbone trained on ImageNet with torchvision's key names, and the heads
that were learned on it. A backbone in another framework's channel order or value range gives
numbers that are no LPIPS, and that cannot be seen from the file.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from inpaint_core.contract.arrays import BoolMask
from inpaint_core.contract.errors import InpaintError, WeightsUnavailable
from inpaint_core.lab.evaluation.pixel_metrics import Composite

if TYPE_CHECKING:
    from torch import Tensor

SHIFT, SCALE = (-0.030, -0.088, -0.188), (0.458, 0.448, 0.450)
"""ImageNet's mean and spread for RGB in [-1, 1]."""

# Layers by their number in torchvision's “features”: c = 3x3 or larger convolution and ReLU,
# f = fire module, p = 3x3 pooling of stride 2, q = 2x2 pooling; * = compared.
PLANS = {
    "squeeze": "0c* 2p 3f 4f* 5p 6f 7f* 8p 9f* 10f* 11f* 12f*",
    "alex": "0c* 2p 3c* 5p 6c* 8c* 10c*",
    "vgg": "0c 2c* 4q 5c 7c* 9q 10c 12c 14c* 16q 17c 19c 21c* 23q 24c 26c 28c*",
}
SMALLEST = 64
"""Sides below this leave nothing of a picture in the deepest layer."""

_HINT = (
    "Give a SqueezeNet 1.1, AlexNet or VGG-16 file with torchvision's key names, and the heads "
    "that were learned on it (lin0.model.1.weight ..)."
)


class Lpips:
    """LPIPS of whole pictures; which of the three backbones it is, is seen from the file.

    Raises `WeightsUnavailable` when a file is missing, something else, or of another backbone.
    """

    def __init__(self, backbone: Path, heads: Path) -> None:
        import torch

        self._state = _state(backbone)
        held = _state(heads)
        first = self._state.get("features.0.weight")
        if first is None or first.ndim != 4:
            raise WeightsUnavailable(f"“{backbone.name}” is no backbone for LPIPS.", _HINT)
        squeeze = "features.3.squeeze.weight" in self._state
        self.kind = "squeeze" if squeeze else "alex" if first.shape[-1] == 11 else "vgg"
        self._seen: tuple[Composite, list[Tensor]] | None = None
        try:
            count = PLANS[self.kind].count("*")
            self._heads = [held[f"lin{i}.model.1.weight"].float() for i in range(count)]
            blank = np.zeros((SMALLEST, SMALLEST, 3), np.uint8)
            with torch.inference_mode():
                maps = self._unit(blank)
            if [m.shape[1] for m in maps] != [h.shape[1] for h in self._heads]:
                raise LookupError("channels")
        except InpaintError:
            raise
        except (LookupError, RuntimeError, AttributeError) as error:
            raise WeightsUnavailable(
                f"“{backbone.name}” and “{heads.name}” do not belong together.", _HINT
            ) from error

    def __call__(self, truth: Composite, filled: Composite, hole: BoolMask) -> float:
        """The distance of two pictures (H, W, 3) uint8, 0 for equal ones: at every layer the mean
        over the whole picture, as LPIPS has it, summed over layers. ``hole`` is not looked at.
        """
        import torch

        with torch.inference_mode():
            if self._seen is None or not np.array_equal(self._seen[0], truth):
                self._seen = (truth.copy(), self._unit(truth))
            total = 0.0
            pairs = zip(self._seen[1], self._unit(filled), self._heads, strict=True)
            for true, fill, head in pairs:
                total += float(((true - fill).square() * head).sum(dim=1).mean())
        return total

    def _unit(self, picture: Composite) -> list[Tensor]:
        """Feature maps (1, C, h, w), every feature vector of length 1 (or 0)."""
        return [
            m / (m.square().sum(dim=1, keepdim=True).sqrt() + 1e-10)
            for m in self._maps(_input(picture))
        ]

    def _maps(self, x: Tensor) -> list[Tensor]:
        from torch.nn import functional as F

        found = []
        for step in PLANS[self.kind].split():
            number, what = step.rstrip("*")[:-1], step.rstrip("*")[-1]
            if what == "p":
                x = F.max_pool2d(x, 3, 2, ceil_mode=self.kind == "squeeze")
            elif what == "q":
                x = F.max_pool2d(x, 2, 2)
            elif what == "f":
                x = self._fire(x, f"features.{number}")
            else:
                x = self._conv(x, f"features.{number}")
            if step.endswith("*"):
                found.append(x)
        return found

    def _conv(self, x: Tensor, name: str) -> Tensor:
        from torch.nn import functional as F

        weight, bias = self._state[f"{name}.weight"], self._state[f"{name}.bias"]
        stride, padding = 1, weight.shape[-1] // 2
        if name == "features.0" and self.kind != "vgg":
            stride, padding = (2, 0) if self.kind == "squeeze" else (4, 2)
        return F.relu(F.conv2d(x, weight, bias, stride, padding))

    def _fire(self, x: Tensor, name: str) -> Tensor:
        import torch

        x = self._conv(x, f"{name}.squeeze")
        return torch.cat([self._conv(x, f"{name}.expand{k}x{k}") for k in (1, 3)], dim=1)


def _input(picture: Composite) -> Tensor:
    """(H, W, 3) uint8 -> (1, 3, H, W) as torchvision's networks were trained on."""
    import torch

    values = torch.from_numpy(picture.astype(np.float32) / 127.5 - 1)
    values = (values - torch.tensor(SHIFT)) / torch.tensor(SCALE)
    return values.permute(2, 0, 1)[None].contiguous()


def _state(path: Path) -> dict[str, Any]:
    """The tensors of a file of ``torch.save``. Raises `WeightsUnavailable`."""
    import torch

    if not path.is_file():
        raise WeightsUnavailable(f"There is no weights file at “{path}”.", _HINT)
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
        return {name: value for name, value in state.items() if hasattr(value, "shape")}
    except Exception as error:  # torch.load raises half a dozen kinds for a damaged file
        raise WeightsUnavailable(f"“{path.name}” does not hold weights.", _HINT) from error
