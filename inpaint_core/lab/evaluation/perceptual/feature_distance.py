"""How alike two pictures look to a network: SqueezeNet feature distance and LPIPS 0.1.

Both compare feature maps as Zhang et al., "The Unreasonable Effectiveness of Deep Features as a
Perceptual Metric" (CVPR 2018). Feature distance takes SqueezeNet 1.1 trained on ImageNet without
their learned weights per channel, so it is not LPIPS. LPIPS takes two files of the user's: a
backbone trained on ImageNet with torchvision's key names, and the linear heads that were learned on
it. A backbone in another framework's channel order or value range gives numbers that are not LPIPS,
and the file does not show it.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np

from inpaint_core.contract.arrays import BoolMask
from inpaint_core.contract.errors import WeightsUnavailable
from inpaint_core.contract.geometry import Rect
from inpaint_core.lab.evaluation.pixel_metrics import Composite

if TYPE_CHECKING:
    from torch import Tensor

MARGIN = 96
"""Known pixels around the hole that the network sees: the reach of its deepest layer is 95."""
STRIDE = 16


class FeatureDistance:
    """The network from one weights file; call it with a truth, a filled photo and a hole.

    Raises `WeightsUnavailable` when the file is missing or something else.
    """

    def __init__(self, path: Path) -> None:
        from inpaint_core.lab.evaluation.perceptual.backbones import load_squeezenet

        self._network = load_squeezenet(path)
        self._last_truth: tuple[Composite, list[Tensor]] | None = None

    def __call__(self, truth: Composite, filled: Composite, hole: BoolMask) -> float:
        """The distance inside the hole: 0 for equal pictures, without a unit.

        At seven layers the feature vectors are scaled to length 1, their squared difference is
        averaged over the hole (the hole scaled to the layer's size by area gives the weights),
        and the layers are summed.
        """
        crop = _crop_around(hole)
        if crop.is_empty:
            return 0.0
        area = hole[crop.slices].astype(np.float32)
        total = 0.0
        true_maps = self._unit_maps_of_truth(truth[crop.slices])
        for true, fill in zip(true_maps, self._unit_maps(filled[crop.slices]), strict=True):
            difference = np.asarray((true - fill).square().sum(dim=0))
            height, width = difference.shape
            weight = cv2.resize(area, (width, height), interpolation=cv2.INTER_AREA)
            total += float((difference * weight).sum() / max(float(weight.sum()), 1e-12))
        return total

    def _unit_maps_of_truth(self, crop: Composite) -> list[Tensor]:
        """`_unit_maps`, keeping the last result: one truth is compared with many fills."""
        if self._last_truth is None or not np.array_equal(self._last_truth[0], crop):
            self._last_truth = (crop.copy(), self._unit_maps(crop))
        return self._last_truth[1]

    def _unit_maps(self, crop: Composite) -> list[Tensor]:
        """Feature maps (C, h, w) of a picture, every feature vector of length 1 (or 0)."""
        import torch

        from inpaint_core.lab.evaluation.perceptual.backbones import SQUEEZENET_MEAN_BGR

        picture = crop[..., ::-1].astype(np.float32) - np.array(SQUEEZENET_MEAN_BGR, np.float32)
        batch = torch.from_numpy(np.ascontiguousarray(picture.transpose(2, 0, 1)[None]))
        # A network this small gains little from threads, and their waiting for each other on busy
        # cores made it seven times slower (32 s instead of 4 s for 24 fills). One thread also
        # fixes the order of sums.
        threads = torch.get_num_threads()
        torch.set_num_threads(1)
        try:
            with torch.inference_mode():
                maps = [each[0] for each in self._network(batch)]
                return [m / (m.norm(dim=0, keepdim=True) + 1e-10) for m in maps]
        finally:
            torch.set_num_threads(threads)


def _crop_around(hole: BoolMask) -> Rect:
    """The hole's box with a margin, on multiples of the network's stride, inside the photo."""
    box = Rect.bounding(hole)
    if box.is_empty:
        return box
    left, top = ((v - MARGIN) // STRIDE * STRIDE for v in (box.x, box.y))
    right, bottom = (-(-(v + MARGIN) // STRIDE) * STRIDE for v in (box.right, box.bottom))
    return Rect.from_bounds(left, top, right, bottom).intersect(Rect.whole(hole.shape))


SHIFT, SCALE = (-0.030, -0.088, -0.188), (0.458, 0.448, 0.450)
"""ImageNet's mean and spread for RGB in [-1, 1]."""

SMALLEST = 64
"""Sides below this leave nothing of a picture in the deepest layer."""


class Lpips:
    """LPIPS of whole pictures; the backbone's kind follows from the tensors in its file.

    Raises `WeightsUnavailable` when a file is missing, something else, or of another backbone.
    """

    def __init__(self, backbone: Path, heads: Path) -> None:
        import torch

        from inpaint_core.lab.evaluation.perceptual.backbones import (
            Backbone,
            BackboneKind,
            read_tensors,
        )

        weights, held = read_tensors(backbone, "lpips"), read_tensors(heads, "lpips")
        first = weights.get("features.0.weight")
        if first is None or first.ndim != 4:
            raise WeightsUnavailable("lab.wrong_backbone", name=backbone.name)
        is_squeezenet = "features.3.squeeze.weight" in weights
        self.kind: BackboneKind = (
            "squeeze" if is_squeezenet else "alex" if first.shape[-1] == 11 else "vgg"
        )
        self._last_truth: tuple[Composite, list[Tensor]] | None = None
        try:
            self._network = Backbone(self.kind, weights)
            with torch.inference_mode():
                maps = self._unit_maps(np.zeros((SMALLEST, SMALLEST, 3), np.uint8))
            self._heads = [held[f"lin{i}.model.1.weight"].float() for i in range(len(maps))]
            if [m.shape[1] for m in maps] != [h.shape[1] for h in self._heads]:
                raise LookupError("channels")
        except (LookupError, RuntimeError, AttributeError) as error:
            raise WeightsUnavailable(
                "lab.wrong_heads", backbone=backbone.name, heads=heads.name
            ) from error

    def __call__(self, truth: Composite, filled: Composite, hole: BoolMask) -> float:
        """The distance of two pictures (H, W, 3) uint8, 0 for equal ones: at every layer the mean
        over the whole picture, as LPIPS has it, summed over layers. ``hole`` is ignored.
        """
        import torch

        with torch.inference_mode():
            if self._last_truth is None or not np.array_equal(self._last_truth[0], truth):
                self._last_truth = (truth.copy(), self._unit_maps(truth))
            total = 0.0
            pairs = zip(self._last_truth[1], self._unit_maps(filled), self._heads, strict=True)
            for true, fill, head in pairs:
                total += float(((true - fill).square() * head).sum(dim=1).mean())
        return total

    def _unit_maps(self, picture: Composite) -> list[Tensor]:
        """Feature maps (1, C, h, w), every feature vector of length 1 (or 0)."""
        return [
            m / (m.square().sum(dim=1, keepdim=True).sqrt() + 1e-10)
            for m in self._network(_normalise(picture))
        ]


def _normalise(picture: Composite) -> Tensor:
    """(H, W, 3) uint8 -> (1, 3, H, W) as torchvision's networks were trained on."""
    import torch

    values = torch.from_numpy(picture.astype(np.float32) / 127.5 - 1)
    values = (values - torch.tensor(SHIFT)) / torch.tensor(SCALE)
    return values.permute(2, 0, 1)[None].contiguous()
