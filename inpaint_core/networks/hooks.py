"""Hooks on a network while it runs: recording its feature maps, and cancelling a forward pass."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from inpaint_core.contract.progress import Progress
from inpaint_core.contract.specs import TapPoint

if TYPE_CHECKING:
    import torch
    from torch import Tensor, nn


FeatureMap = NDArray[np.float16] | NDArray[np.float32]
"""Half precision, except where a map's values are beyond its range."""


@contextmanager
def record_taps(network: nn.Module, taps: Iterable[TapPoint]) -> Iterator[dict[str, FeatureMap]]:
    """Within the block, the latest map (B, C, H, W) of each tap of ``network``, by its name.

    Maps are on the CPU and float16 whatever the network computes in; those with values beyond
    float16's range are float32. The network's results stay the same, bit by bit. The hooks are
    always removed on exit. Raises AttributeError for a module that does not exist.
    """
    maps: dict[str, FeatureMap] = {}
    handles = []
    try:
        for tap in taps:
            module = network.get_submodule(tap.module)
            # A hook that returned a value would replace its argument; these return None.
            is_input = tap.at == "input"
            add = module.register_forward_pre_hook if is_input else module.register_forward_hook
            handles.append(add(partial(_record, tap, maps)))
        yield maps
    finally:
        for handle in handles:
            handle.remove()


def _record(tap: TapPoint, maps: dict[str, FeatureMap], module: nn.Module, *values: Any) -> None:
    """``values`` are the module's arguments and, after it has run, its result."""
    value = values[-1]
    for item in tap.part:
        value = value[item]
    import torch

    tensor: Tensor = value.detach()
    # The deepest maps of the network that ships reach 1e9. Clipped, 94 % of one were equal, and its
    # figures wrong; in float32 they take little, as they are the smallest.
    low, high = torch.aminmax(tensor)
    is_wide = max(-float(low), float(high)) > float(np.finfo(np.float16).max)
    kind = torch.float32 if is_wide else torch.float16
    # A copy, even if it is of this kind already. Only then is it brought into NumPy's order, so
    # that half as many bytes are moved and leave a GPU.
    maps[tap.name] = tensor.to(kind, copy=True).contiguous().cpu().numpy()


@contextmanager
def cancellable(net: Any, progress: Progress) -> Iterator[None]:
    """Raise `Cancelled` before the next leaf module of ``net`` runs once ``progress`` is cancelled.

    ``net`` is what a generator's ``build`` returned: a module, or a mapping, list or tuple of
    modules. The hooks are always removed on exit. Imports torch.
    """

    def check(module: torch.nn.Module, arguments: Any) -> None:
        progress.check()  # returns None: a value would replace the module's input

    handles = [leaf.register_forward_pre_hook(check) for leaf in _find_leaves(net)]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


def _find_leaves(net: Any) -> Iterator[torch.nn.Module]:
    import torch

    if isinstance(net, torch.nn.Module):
        yield from (module for module in net.modules() if not any(True for _ in module.children()))
    elif isinstance(net, Mapping):
        for value in net.values():
            yield from _find_leaves(value)
    elif isinstance(net, (list, tuple)):
        for value in net:
            yield from _find_leaves(value)
