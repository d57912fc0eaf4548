"""Running averages: of a network's weights over steps, of its statistics over a step's batches."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from typing import TypeVar

import torch
from torch import nn

Net = TypeVar("Net", bound=nn.Module)


def copy_frozen(net: Net) -> Net:
    """A copy in evaluation mode whose weights need no gradient."""
    return copy.deepcopy(net).eval().requires_grad_(False)


@torch.no_grad()
def update_average(mean: nn.Module, net: nn.Module, decay: float, step: int) -> None:
    """Move ``mean`` one step towards ``net``; buffers are copied.

    In the first steps it follows faster, or the initial noise would stay in it for long.
    """
    weight = 1 - min(decay, (1 + step) / (10 + step))
    torch._foreach_lerp_(list(mean.parameters()), list(net.parameters()), weight)
    _copy(list(mean.buffers()), list(net.buffers()))


class BatchStatistics:
    """The buffers of ``nets`` during a step of ``count`` batches.

    ``sums``: the floating-point buffers after each batch, summed and divided by ``count``.
    Counters (integers) are the same after every batch.
    """

    @torch.no_grad()
    def __init__(self, nets: Iterable[nn.Module], count: int) -> None:
        self._count = count
        self._buffers = [buffer for net in nets for buffer in net.buffers()]
        self._before = [buffer.clone() for buffer in self._buffers]
        self._floats = [buffer for buffer in self._buffers if buffer.is_floating_point()]
        self.sums = [torch.zeros_like(buffer) for buffer in self._floats]

    @torch.no_grad()
    def rewind(self) -> None:
        """Set the buffers back to their values before the step."""
        _copy(self._buffers, self._before)

    @torch.no_grad()
    def collect(self) -> None:
        """Add the buffers' values after a batch."""
        if self.sums:
            torch._foreach_add_(self.sums, self._floats, alpha=1 / self._count)

    @torch.no_grad()
    def settle(self) -> None:
        """Set the buffers to the mean over the step's batches, all of which `sums` must hold."""
        _copy(self._floats, self.sums)


def _copy(into: list[torch.Tensor], values: list[torch.Tensor]) -> None:
    """Copy tensor by tensor; a network without normalisation statistics has none."""
    if into:
        torch._foreach_copy_(into, values)
