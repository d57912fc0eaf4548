"""A transposed convolution that doubles both sides, as LaMa and the networks after it have it."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional as F


class DoublingUnit(nn.Module):
    """Transposed convolution, batch norm, ReLU."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.conv = nn.ConvTranspose2d(inputs, outputs, 3, 2, 1, output_padding=1)
        self.norm = nn.BatchNorm2d(outputs)

    def forward(self, x: Tensor) -> Tensor:
        """(B, inputs, H, W) -> (B, outputs, 2 H, 2 W)."""
        return F.relu(self.norm(self.conv(x)))
