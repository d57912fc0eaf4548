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
    torch._foreach_lerp_(list(mean.parameters()), list(net.parameters()), weight)
    torch._foreach_copy_(list(mean.buffers()), list(net.buffers()))
