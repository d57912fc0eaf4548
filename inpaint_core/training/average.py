"""The running mean of a network's weights."""

from __future__ import annotations

import copy
from typing import TypeVar

import torch
from torch import nn

Net = TypeVar("Net", bound=nn.Module)


def copy_of(net: Net) -> Net:
    """A copy that is not trained."""
    return copy.deepcopy(net).eval().requires_grad_(False)


@torch.no_grad()
def move(mean: nn.Module, net: nn.Module, decay: float, step: int) -> None:
    """One step of ``mean`` towards ``net``; buffers are taken over.

    In the first steps it follows faster, or the start's noise would stay in it for long.
    """
    weight = 1 - min(decay, (1 + step) / (10 + step))
    for slow, weights in zip(mean.parameters(), net.parameters(), strict=True):
        slow.lerp_(weights.detach(), weight)
    for held, buffer in zip(mean.buffers(), net.buffers(), strict=True):
        held.copy_(buffer)
