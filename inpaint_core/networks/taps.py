"""Looking at what a network computes while it computes it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from inpaint_core.contract.geometry import Rect
from inpaint_core.contract.specs import GeneratorSpec, TapPoint
from inpaint_core.contract.view import View

if TYPE_CHECKING:
    from torch import Tensor, nn

FeatureMap = NDArray[np.float16]


@dataclass(frozen=True, eq=False)
class Pass:
    """One pass of a generator over one tile, about to begin.

    ``net`` is what the generator's ``build`` returned, ``view`` what it is given: the tile, padded
    at the bottom and the right, with its priors. The tile is the rectangle ``tile`` of the photo's
    rectangle ``crop`` scaled to ``size`` (width, height), and the hole inside ``inner`` is what it
    fills. ``number`` counts the passes over a crop; after out-of-memory it begins at 0 again.
    """

    spec: GeneratorSpec
    net: Any
    view: View
    crop: Rect
    size: tuple[int, int]
    tile: Rect
    inner: Rect
    number: int


Watch = Callable[[Pass], AbstractContextManager[None]]
"""What is around every pass of a generator while somebody looks."""


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
    import torch

    tensor: Tensor = value.detach()
    largest = float(np.finfo(np.float16).max)
    # A copy, even of what is float16 already; what became infinite is cut off. Only then is it put
    # into the order of NumPy: half as many bytes are moved, and leave a GPU.
    half = tensor.to(torch.float16, copy=True).clamp_(-largest, largest)
    copied: FeatureMap = half.contiguous().cpu().numpy()
    return copied
