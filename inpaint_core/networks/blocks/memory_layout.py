"""Concatenation of maps in the memory layout that convolutions are fast in."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor


def concatenate_maps(maps: Sequence[Tensor]) -> Tensor:
    """``maps`` (B, C, H, W) joined along their channels, in channels-last order if the first is.

    `torch.cat` loses that layout if one of them has a single channel, and the next convolution then
    copies everything. The gradient of each map is made contiguous instead of a slice of the whole,
    for which batch norm would take several times longer.
    """
    if not maps[0].is_contiguous(memory_format=torch.channels_last):
        return torch.cat(list(maps), dim=1)
    rows = [_make_gradient_contiguous(m).permute(0, 2, 3, 1) for m in maps]
    return torch.cat(rows, dim=3).permute(0, 3, 1, 2)


def _make_gradient_contiguous(x: Tensor) -> Tensor:
    """``x`` itself; its gradient is made contiguous."""
    if x.requires_grad and x.shape[1] > 1:
        x = x.view_as(x)
        x.register_hook(_contiguous)  # type: ignore[no-untyped-call]
    return x


def _contiguous(gradient: Tensor) -> Tensor:
    return gradient.contiguous(memory_format=torch.channels_last)
