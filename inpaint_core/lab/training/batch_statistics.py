"""Running statistics of networks over the batches of one step."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import nn


class Statistics:
    """The buffers of ``nets``, from before a step of ``count`` batches on.

    ``sums``: what the floating-point ones held after each batch, added up and divided by
    ``count``. Counters (integers) are the same after every batch.
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
        """What the buffers held before the step."""
        torch._foreach_copy_(self._buffers, self._before)

    @torch.no_grad()
    def collect(self) -> None:
        """Take in what the buffers hold after a batch."""
        torch._foreach_add_(self.sums, self._floats, alpha=1 / self._count)

    @torch.no_grad()
    def settle(self) -> None:
        """The mean over all batches of the step, which `sums` must hold by now."""
        torch._foreach_copy_(self._floats, self.sums)
