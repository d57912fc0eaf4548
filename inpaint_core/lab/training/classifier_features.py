"""The classifier whose feature maps the losses compare, with a gradient."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor, nn

from inpaint_core.lab.evaluation.perceptual.backbones import SQUEEZENET_MEAN_BGR, load_squeezenet


class ClassifierFeatures(nn.Module):
    """SqueezeNet 1.1 with the layers of the evaluation's feature distance: maps of 64, 128, 256,
    384, 384, 512 and 512 channels at 1/2, 1/4, 1/8 and four times 1/16 of the picture.

    Raises `WeightsUnavailable` when the file is missing or something else.
    """

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.network = load_squeezenet(path)
        self.register_buffer("mean", torch.tensor(SQUEEZENET_MEAN_BGR).view(1, 3, 1, 1))

    def forward(self, picture: Tensor) -> list[Tensor]:
        """The maps of a picture (B, 3, H, W) in [-1, 1]."""
        levels = (picture.float().flip(1) + 1) * 127.5 - self.get_buffer("mean")  # BGR, 8-bit
        maps: list[Tensor] = self.network(levels)
        return maps
