"""The classifier whose feature maps the losses compare, with a gradient."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from inpaint_core.contract.arrays import FloatImage
from inpaint_core.lab.evaluation.perceptual.backbones import SQUEEZENET_MEAN_BGR, load_squeezenet
from inpaint_core.networks.inputs import to_tensor


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

    @torch.inference_mode()
    def read_maps(self, picture: FloatImage) -> list[NDArray[np.float32]]:
        """The maps (C, h, w) of a picture (h, w, 3) in [0, 1]."""
        return [m[0].numpy() for m in self(to_tensor(picture * 2 - 1))]
