"""A loss on what a classifier sees: SqueezeNet's features of the fill against the truth's.

Source: Johnson, Alahi, Fei-Fei, "Perceptual losses for real-time style transfer" (ECCV 2016), with
the network, layers and unit vectors of the evaluation's feature distance.
"""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from inpaint_core.contract.errors import WeightsUnavailable
from inpaint_core.lab.evaluation.squeezenet import FIRES, MEAN_BGR, POOLS, TAPS

_LAST = max(TAPS)


class Perceptual(nn.Module):
    """SqueezeNet 1.1 from a file with torchvision's key names; it is not trained.

    Raises `WeightsUnavailable` when the file is missing or something else.
    """

    def __init__(self, path: Path) -> None:
        super().__init__()
        names = ["features.0"]
        names += [f"features.{k}.{p}" for k in FIRES for p in ("squeeze", "expand1x1", "expand3x3")]
        hint = "Give the file of SqueezeNet 1.1 features with torchvision's key names."
        if not path.is_file():
            raise WeightsUnavailable(f"There is no weights file at “{path}”.", hint)
        try:
            state = torch.load(path, map_location="cpu", weights_only=True)
            found = {name: (state[f"{name}.weight"], state[f"{name}.bias"]) for name in names}
        except Exception as error:  # torch.load raises half a dozen kinds for a damaged file
            raise WeightsUnavailable(
                f"“{path.name}” does not hold SqueezeNet 1.1 features.", hint
            ) from error
        self.convs = nn.ModuleDict()
        for name, (weight, bias) in found.items():
            outputs, inputs, kernel, _ = weight.shape
            stride = 2 if name == "features.0" else 1
            padding = kernel // 2 if stride == 1 else 0
            conv = nn.Conv2d(inputs, outputs, kernel, stride, padding)
            conv.load_state_dict({"weight": weight, "bias": bias})
            self.convs[name.replace(".", "_")] = conv
        self.requires_grad_(False)
        self.register_buffer("mean", torch.tensor(MEAN_BGR).view(1, 3, 1, 1))

    def forward(self, found: Tensor, truth: Tensor) -> Tensor:
        """The distance of two pictures (B, 3, H, W) in [-1, 1]: at each layer the mean over the
        pixels of the squared difference of feature vectors of length 1; the layers summed.
        """
        with torch.no_grad():
            wanted = self._maps(truth)
        pairs = zip(self._maps(found), wanted, strict=True)
        return torch.stack([(a - b).square().sum(dim=1).mean() for a, b in pairs]).sum()

    def _maps(self, picture: Tensor) -> list[Tensor]:
        x = (picture.float().flip(1) + 1) * 127.5 - self.get_buffer("mean")  # BGR, 8-bit levels
        x = F.relu(self.convs["features_0"](x))
        maps = [x]
        for layer in range(2, _LAST + 1):
            if layer in POOLS:
                x = F.max_pool2d(x, 3, 2, ceil_mode=True)
            else:
                narrow = F.relu(self.convs[f"features_{layer}_squeeze"](x))
                parts = (f"features_{layer}_expand{side}" for side in ("1x1", "3x3"))
                x = F.relu(torch.cat([self.convs[part](narrow) for part in parts], dim=1))
            if layer in TAPS:
                maps.append(x)
        return [F.normalize(m, dim=1, eps=1e-6) for m in maps]
