"""How large a network is and how much it computes, without computing it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode


def parameters(module: nn.Module) -> int:
    """Number of values that are learned."""
    return sum(p.numel() for p in module.parameters())


def macs(call: Callable[[], Any]) -> int:
    """Multiply-accumulates of the convolutions and matrix products in ``call()``.

    Transposed convolutions are counted at their input's size, which is what they cost. With
    modules and tensors on the device "meta" nothing is computed and no memory is needed.
    """
    counter = FlopCounterMode(display=False)
    with torch.no_grad(), counter:
        call()
    return int(counter.get_total_flops()) // 2
