"""Looking at what a network computes while it computes it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from inpaint_core.registry import TapPoint

if TYPE_CHECKING:
    from torch import Tensor, nn

FeatureMap = NDArray[np.float16]


@contextmanager
def tapped(network: nn.Module, taps: Iterable[TapPoint]) -> Iterator[dict[str, FeatureMap]]:
    """Within the block, the latest map (B, C, H, W) of each tap of ``network``, by its name.

    Maps are float16 on the CPU whatever the network computes in; what is too large for float16
    becomes its largest number. The network's results stay as they are, bit by bit. The hooks are
    taken off on the way out, whatever happened. Raises AttributeError for a module that is not
    there.
    """
    found: dict[str, FeatureMap] = {}
    handles = []
    try:
        for tap in taps:
            module = network.get_submodule(tap.module)
            # A hook that returned a value would replace what it was shown; these return None.
            if tap.at == "input":
                handles.append(module.register_forward_pre_hook(partial(_before, tap, found)))
            else:
                handles.append(module.register_forward_hook(partial(_after, tap, found)))
        yield found
    finally:
        for handle in handles:
            handle.remove()


def _before(tap: TapPoint, found: dict[str, FeatureMap], module: nn.Module, given: Any) -> None:
    found[tap.name] = _copy(tap, given)


def _after(
    tap: TapPoint, found: dict[str, FeatureMap], module: nn.Module, given: Any, result: Any
) -> None:
    found[tap.name] = _copy(tap, result)


def _copy(tap: TapPoint, value: Any) -> FeatureMap:
    for item in tap.part:
        value = value[item]
    tensor: Tensor = value.detach()
    largest = float(np.finfo(np.float16).max)
    copied: FeatureMap = tensor.float().clamp(-largest, largest).half().cpu().contiguous().numpy()
    return copied
