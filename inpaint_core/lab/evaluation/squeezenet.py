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

from inpaint_core.contract.arrays import BoolMask
from inpaint_core.contract.errors import WeightsUnavailable
from inpaint_core.contract.geometry import Rect
from inpaint_core.lab.evaluation.pixel_metrics import Composite

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

        self._seen: tuple[Composite, list[Tensor]] | None = None
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
        crop = _crop(hole)
        if crop.empty:
            return 0.0
        area = hole[crop.slices].astype(np.float32)
        total = 0.0
        pairs = zip(self._truth(truth[crop.slices]), self._unit(filled[crop.slices]), strict=True)
        for true, fill in pairs:
            difference = np.asarray((true - fill).square().sum(dim=0))
            height, width = difference.shape
            weight = cv2.resize(area, (width, height), interpolation=cv2.INTER_AREA)
            total += float((difference * weight).sum() / max(float(weight.sum()), 1e-12))
        return total

    def _truth(self, crop: Composite) -> list[Tensor]:
        """`_unit` that remembers its last answer: one truth is compared with many fills."""
        if self._seen is None or not np.array_equal(self._seen[0], crop):
            self._seen = (crop.copy(), self._unit(crop))
        return self._seen[1]

    def _unit(self, crop: Composite) -> list[Tensor]:
        """Feature maps (C, h, w) of a picture, every feature vector of length 1 (or 0)."""
        import torch

        picture = crop[..., ::-1].astype(np.float32) - np.array(MEAN_BGR, np.float32)
        batch = torch.from_numpy(np.ascontiguousarray(picture.transpose(2, 0, 1)[None]))
        # So small a network gains little from threads, and waiting for each other on busy cores
        # made it seven times slower (4 s instead of 32 s for 24 fills); also one order of sums.
        threads = torch.get_num_threads()
        torch.set_num_threads(1)
        try:
            with torch.inference_mode():
                maps = [found[0] for found in self._taps(batch)]
                return [m / (m.norm(dim=0, keepdim=True) + 1e-10) for m in maps]
        finally:
            torch.set_num_threads(threads)

    def _taps(self, x: Tensor) -> list[Tensor]:
        """Feature maps (1, C, h, w) after the layers `TAPS`."""
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
