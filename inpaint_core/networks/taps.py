"""Recording of a network's feature maps while it runs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from inpaint_core.contract.specs import TapPoint

if TYPE_CHECKING:
    from torch import Tensor, nn

FeatureMap = NDArray[np.float16]


@contextmanager
def record_taps(network: nn.Module, taps: Iterable[TapPoint]) -> Iterator[dict[str, FeatureMap]]:
    """Within the block, the latest map (B, C, H, W) of each tap of ``network``, by its name.

    Maps are float16 on the CPU whatever the network computes in, clipped to float16's range. The
    network's results stay the same, bit by bit. The hooks are always removed on exit. Raises
    AttributeError for a module that does not exist.
    """
    maps: dict[str, FeatureMap] = {}
    handles = []
    try:
        for tap in taps:
            module = network.get_submodule(tap.module)
            # A hook that returned a value would replace its argument; these return None.
            if tap.at == "input":
                handles.append(module.register_forward_pre_hook(partial(_record_input, tap, maps)))
            else:
                handles.append(module.register_forward_hook(partial(_record_output, tap, maps)))
        yield maps
    finally:
        for handle in handles:
            handle.remove()


def _record_input(
    tap: TapPoint, maps: dict[str, FeatureMap], module: nn.Module, arguments: Any
) -> None:
    maps[tap.name] = _copy(tap, arguments)


def _record_output(
    tap: TapPoint, maps: dict[str, FeatureMap], module: nn.Module, arguments: Any, result: Any
) -> None:
    maps[tap.name] = _copy(tap, result)


def _copy(tap: TapPoint, value: Any) -> FeatureMap:
    for item in tap.part:
        value = value[item]
    import torch

    tensor: Tensor = value.detach()
    largest = float(np.finfo(np.float16).max)
    # A copy, even if it is float16 already, clipped. Only then is it brought into NumPy's order, so
    # that half as many bytes are moved and leave a GPU.
    half = tensor.to(torch.float16, copy=True).clamp_(-largest, largest)
    copied: FeatureMap = half.contiguous().cpu().numpy()
    return copied
