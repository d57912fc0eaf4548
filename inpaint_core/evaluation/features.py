"""SqueezeNet feature distance: how alike two pictures look to a network.

SqueezeNet 1.1 (Iandola et al., 2016) trained on ImageNet; feature maps compared as in Zhang et
al., "The Unreasonable Effectiveness of Deep Features as a Perceptual Metric" (CVPR 2018), but
without their learned weights per channel: so it is not LPIPS and is not called so.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from inpaint_core.contract import BoolMask
from inpaint_core.errors import WeightsUnavailable
from inpaint_core.evaluation.metrics import Composite
from inpaint_core.geometry import Rect

if TYPE_CHECKING:
    from torch import Tensor

FIRES = (3, 4, 6, 7, 9, 10, 11, 12)
POOLS = (2, 5, 8)
TAPS = (1, 4, 7, 9, 10, 11, 12)
MEAN_BGR = (104.0, 117.0, 123.0)
MARGIN = 96
"""Known pixels around the hole that the network sees: the reach of its deepest layer is 95."""
STRIDE = 16


class FeatureDistance:
    """The network from one weights file; call it with a truth, a filled photo and a hole.

    The file holds torchvision's key names (``features.0.weight`` ..). Raises
    `WeightsUnavailable` when it is missing or something else.
    """

    def __init__(self, path: Path) -> None:
        import torch

        hint = "Give the file of SqueezeNet 1.1 features with torchvision's key names."
        if not path.is_file():
            raise WeightsUnavailable(f"There is no weights file at “{path}”.", hint)
        try:
            state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
            wanted = ["features.0"]
            for fire in FIRES:
                parts = ("squeeze", "expand1x1", "expand3x3")
                wanted += [f"features.{fire}.{part}" for part in parts]
            self._weights = {
                name: (state[f"{name}.weight"], state[f"{name}.bias"]) for name in wanted
            }
        except Exception as error:  # torch.load raises half a dozen kinds for a damaged file
            raise WeightsUnavailable(
                f"“{path.name}” does not hold SqueezeNet 1.1 features.", hint
            ) from error

    def __call__(self, truth: Composite, filled: Composite, hole: BoolMask) -> float:
        """The distance inside the hole: 0 for equal pictures, no upper unit.

        At seven layers the feature vectors are scaled to length 1, their squared difference is
        averaged over the hole (the hole scaled to the layer's size by area gives the weights),
        and the layers are summed.
        """
        import torch

        crop = _crop(hole)
        if crop.empty:
            return 0.0
        pair = np.stack([truth[crop.slices], filled[crop.slices]])[..., ::-1].astype(np.float32)
        pair -= np.array(MEAN_BGR, np.float32)
        area = hole[crop.slices].astype(np.float32)
        total = 0.0
        with torch.inference_mode():
            batch = torch.from_numpy(np.ascontiguousarray(pair.transpose(0, 3, 1, 2)))
            for maps in self._taps(batch):
                unit = maps / (maps.norm(dim=1, keepdim=True) + 1e-10)
                difference = (unit[0] - unit[1]).square().sum(dim=0).numpy()
                height, width = difference.shape
                weight = cv2.resize(area, (width, height), interpolation=cv2.INTER_AREA)
                total += float((difference * weight).sum() / max(float(weight.sum()), 1e-12))
        return total

    def _taps(self, x: Tensor) -> list[Tensor]:
        """Feature maps (2, C, h, w) after the layers `TAPS`."""
        from torch.nn import functional as F

        x = F.relu(F.conv2d(x, *self._weights["features.0"], stride=2))
        found = [x]
        for layer in range(2, 13):
            if layer in POOLS:
                x = F.max_pool2d(x, 3, 2, ceil_mode=True)
            else:
                x = self._fire(x, f"features.{layer}")
            if layer in TAPS:
                found.append(x)
        return found

    def _fire(self, x: Tensor, name: str) -> Tensor:
        import torch
        from torch.nn import functional as F

        x = F.relu(F.conv2d(x, *self._weights[f"{name}.squeeze"]))
        narrow = F.relu(F.conv2d(x, *self._weights[f"{name}.expand1x1"]))
        wide = F.relu(F.conv2d(x, *self._weights[f"{name}.expand3x3"], padding=1))
        return torch.cat([narrow, wide], dim=1)


def _crop(hole: BoolMask) -> Rect:
    """The hole's box with a margin, on multiples of the network's stride, inside the photo."""
    box = Rect.bounding(hole)
    if box.empty:
        return box
    left, top = ((v - MARGIN) // STRIDE * STRIDE for v in (box.x, box.y))
    right, bottom = (-(-(v + MARGIN) // STRIDE) * STRIDE for v in (box.right, box.bottom))
    return Rect.from_bounds(left, top, right, bottom).intersect(Rect.whole(hole.shape))
