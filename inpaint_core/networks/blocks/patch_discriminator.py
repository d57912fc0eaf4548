"""The discriminator of patches that LaMa, ZITS and TSGL's 512 variant are trained with."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional as F


class PatchDiscriminator(nn.Module):
    """4x4 convolutions with batch norm (Wang et al., "pix2pixHD", CVPR 2018, as in LaMa)."""

    def __init__(self, width: int = 64) -> None:
        super().__init__()
        widths = (3, width, 2 * width, 4 * width, 8 * width, 8 * width)
        self.convs = nn.ModuleList(
            nn.Conv2d(a, b, 4, stride, 2)
            for a, b, stride in zip(widths, widths[1:], (2, 2, 2, 2, 1), strict=False)
        )
        self.norms = nn.ModuleList(nn.BatchNorm2d(w) for w in widths[2:])
        self.last = nn.Conv2d(widths[-1], 1, 4, 1, 2)

    def forward(self, x: Tensor) -> tuple[Tensor, list[Tensor]]:
        """``x`` (B, 3, H, W) in [-1, 1] -> scores (B, 1, h, w), higher for real, and the maps of
        the five convolutions before them.
        """
        maps = []
        for k, conv in enumerate(self.convs):
            x = conv(x)
            x = F.leaky_relu(self.norms[k - 1](x) if k > 0 else x, 0.2)
            maps.append(x)
        return self.last(x), maps
