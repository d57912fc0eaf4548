"""The size of a network and its amount of computation, without running it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode


@dataclass(frozen=True)
class NetworkCost:
    """``parameters``: number of learned values; ``macs``: multiply-accumulates of one fill."""

    parameters: int
    macs: int


def count_parameters(module: nn.Module) -> int:
    """The number of learned values."""
    return sum(p.numel() for p in module.parameters())


def count_macs(call: Callable[[], Any]) -> int:
    """The multiply-accumulates of the convolutions and matrix products in ``call()``.

    Transposed convolutions are counted at their input's size, which is their cost. With modules and
    tensors on the device "meta" nothing is computed and no memory is needed.
    """
    counter = FlopCounterMode(display=False)
    with torch.no_grad(), counter:
        call()
    return int(counter.get_total_flops()) // 2


def measure_fill(build: Callable[[], nn.Module], make_inputs: Callable[[], Any]) -> NetworkCost:
    """The cost of the network that ``build()`` gives for the inputs that ``make_inputs()`` gives,
    found from shapes alone, without weights.
    """
    with torch.device("meta"):
        net, inputs = build().eval(), make_inputs()
        return NetworkCost(count_parameters(net), count_macs(lambda: net(inputs)))
