"""The structure encoder: partial convolutions down to 1/32 of the image."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional as F

from inpaint_core.networks.blocks.partial_convolution import PartialConv2d

KERNELS = (7, 5, 5, 3, 3)


class StructureEncoder(nn.Module):
    """Five maps, each half as wide and high as the one before, and the mask of each."""

    def __init__(self, inputs: int, widths: tuple[int, ...]) -> None:
        super().__init__()
        sides = zip((inputs, *widths), widths, KERNELS, strict=False)
        self.convs = nn.ModuleList(PartialConv2d(a, b, k, stride=2) for a, b, k in sides)
        self.norms = nn.ModuleList(nn.BatchNorm2d(width) for width in widths[1:])

    def forward(self, x: Tensor, known: Tensor) -> list[tuple[Tensor, Tensor]]:
        """``x`` (B, C, H, W), ``known`` (B, 1, H, W) float32 -> [(map, known), ...]."""
        found = []
        for stage, conv in enumerate(self.convs):
            x, known = conv(x, known)  # H/2
            if stage > 0:  # a first norm would take the image's brightness away
                x = self.norms[stage - 1](x)
            x = F.relu(x)
            found.append((x, known))
        return found
