"""Reconstruction of texture from structure, on the global and the local side.

Source: TSGL, equations 6 to 8. The global side normalises each channel over the image, the local
side each pixel over its channels; the guide then controls the denormalisation, pixel by pixel.
"""

from __future__ import annotations

from dataclasses import replace

from torch import Tensor, nn
from torch.nn import functional as F

from inpaint_core.networks.blocks.convolution_weights import spectral_conv
from inpaint_core.networks.blocks.normalisation import ConditionalNorm, InstanceNorm, PositionalNorm
from inpaint_core.networks.tsgl.config import Branch, GlobalNorm


def compute_residual(previous: Tensor, current: Tensor) -> Tensor:
    """The detail lost by halving (equation 6's F_de): ``previous`` (B, C, 2H, 2W) minus ``current``
    (B, C, H, W) enlarged twice.
    """
    return previous - F.interpolate(current, size=previous.shape[-2:], mode="nearest")


def compute_halved_residual(previous: Tensor, current: Tensor) -> Tensor:
    """`compute_residual` at ``current``'s own size, reduced bilinearly with aligned corners.

    From 2H pixels to H this filter reads, for each pixel, the two that were enlarged from it: the
    enlarged map comes out unchanged, so only ``previous`` needs to be reduced.
    """
    size = current.shape[-2:]
    return F.interpolate(previous, size=size, mode="bilinear", align_corners=True) - current


def select_branches(
    branches: tuple[Branch, ...], stage: int, double_from: int
) -> tuple[Branch, ...]:
    """The branches of ``stage`` (1 ..); before stage ``double_from`` none is repeated."""
    return branches if stage >= double_from else tuple(replace(b, repeat=1) for b in branches)


class GuidedConv(nn.Module):
    """Conditional normalisation, leaky ReLU, 3x3 convolution."""

    def __init__(self, norm: nn.Module, channels: int, condition: int, hidden: int) -> None:
        super().__init__()
        self.norm = ConditionalNorm(norm, channels, condition, hidden)
        self.conv = spectral_conv(channels, channels, 3)

    def forward(self, x: Tensor, condition: Tensor) -> Tensor:
        """``x`` (B, C, H, W), ``condition`` (B, C', any size) -> (B, C, H, W)."""
        return self.conv(F.leaky_relu_(self.norm(x, condition), 0.2))  # type: ignore[no-any-return]


class GuidanceBranch(nn.Module):
    """The steps of one branch in a row, all under the same guide."""

    def __init__(
        self, branch: Branch, channels: int, condition: int, hidden: int, global_norm: GlobalNorm
    ) -> None:
        super().__init__()

        def norm() -> nn.Module:
            if branch.side == "local":
                return PositionalNorm()
            if global_norm == "batch":
                return nn.BatchNorm2d(channels, affine=False)
            return InstanceNorm(channels)

        self.steps = nn.ModuleList(
            GuidedConv(norm(), channels, condition, hidden) for _ in range(branch.repeat)
        )

    def forward(self, x: Tensor, condition: Tensor) -> Tensor:
        """``x`` (B, C, H, W), ``condition`` (B, C', any size) -> (B, C, H, W)."""
        for step in self.steps:
            x = step(x, condition)
        return x


class Guidance(nn.Module):
    """The sum of all branches of one stage; the texture itself if there is none.

    ``identity``: the texture is added too. ``conditions``: channels of the structure and of the
    residual.
    """

    def __init__(
        self,
        branches: tuple[Branch, ...],
        channels: int,
        conditions: tuple[int, int],
        hidden: int,
        global_norm: GlobalNorm,
        *,
        identity: bool = False,
    ) -> None:
        super().__init__()
        sizes = {"structure": conditions[0], "residual": conditions[1], "texture": channels}
        self.identity = identity or not branches
        self.guides = [branch.guide for branch in branches]
        self.branches = nn.ModuleList(
            GuidanceBranch(branch, channels, sizes[branch.guide], hidden, global_norm)
            for branch in branches
        )

    def forward(self, texture: Tensor, structure: Tensor, lost: Tensor) -> Tensor:
        """``texture`` (B, C, H, W); ``structure`` and the ``lost`` residual at any size."""
        conditions = {"structure": structure, "residual": lost, "texture": texture}
        maps = [
            branch(texture, conditions[guide])
            for guide, branch in zip(self.guides, self.branches, strict=True)
        ]
        if self.identity:
            maps.append(texture)
        return sum(maps[1:], start=maps[0])  # type: ignore[no-any-return]
