"""How a published file names and arranges the tensors of a network of ours. Needs no torch."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


def keep(value: Array) -> Array:
    """The value as it is."""
    return value


@dataclass(frozen=True)
class Source:
    """What a tensor of ours is made from: the published ``names``, whose values ``make`` takes in
    this order.
    """

    names: tuple[str, ...]
    make: Callable[..., Array] = keep


@dataclass(frozen=True)
class Dropped:
    """Published tensors that are left out: those whose names match the regular expression
    ``pattern``. ``holds``: what must be true of their values, where the network has them built in.
    """

    pattern: str
    holds: Callable[[Array], bool] | None = None


@dataclass(frozen=True)
class NameMap:
    """``layers``: the published name of each layer of ours, whose tensors have the same last names;
    ``tensors``: tensors of ours, by name, that are found elsewhere; ``dropped``: what is left out.
    """

    layers: Mapping[str, str]
    tensors: Mapping[str, Source] = field(default_factory=dict)
    dropped: tuple[Dropped, ...] = ()

    def find_source(self, name: str) -> Source:
        """What our tensor ``name`` is made from. Raises KeyError for a layer that is not known."""
        if name in self.tensors:
            return self.tensors[name]
        layer, _, last = name.rpartition(".")
        return Source((f"{self.layers[layer]}.{last}",))


_FOURIER = {
    "local_to_local": "ffc.convl2l",
    "local_to_global": "ffc.convl2g",
    "global_to_local": "ffc.convg2l",
    "global_to_global.squeeze": "ffc.convg2g.conv1.0",
    "global_to_global.squeeze_norm": "ffc.convg2g.conv1.1",
    "global_to_global.frequency": "ffc.convg2g.fu.conv_layer",
    "global_to_global.frequency_norm": "ffc.convg2g.fu.bn",
    "global_to_global.widen": "ffc.convg2g.conv2",
    "local_norm": "bn_l",
    "global_norm": "bn_g",
}


def list_fourier_names(
    ours: str, theirs: str, halves: tuple[str, str] = ("conv1", "conv2")
) -> Iterator[tuple[str, str]]:
    """The layers of a Fourier block as LaMa's authors name them, whom others follow, except for the
    names of its two ``halves``.
    """
    for half, published in zip(("first", "second"), halves, strict=True):
        for layer, name in _FOURIER.items():
            yield f"{ours}.{half}.{layer}", f"{theirs}.{published}.{name}"


def fold_spectral_norm(weight: Array, left: Array, right: Array) -> Array:
    """A convolution's weight divided by its largest singular value, as torch's old spectral norm
    finds it from the vectors that it keeps (Miyato et al., 2018).
    """
    matrix = weight.reshape(len(weight), -1).astype(np.float64)
    return np.asarray(weight / (left.astype(np.float64) @ matrix @ right.astype(np.float64)))


def hold_ones(value: Array) -> bool:
    """Whether every value is 1."""
    return bool((value == 1).all())
