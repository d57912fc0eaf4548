"""What a network declares about itself, so that the training loop, the engines and the tools need
to know none of them by name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

from inpaint_core.contract.arrays import BoolMask, FloatImage
from inpaint_core.contract.specs import TapPoint

if TYPE_CHECKING:
    import torch
    from numpy.random import Generator
    from torch import nn

    from inpaint_core.networks.blocks.cost import NetworkCost
    from inpaint_core.networks.inputs import Batch, NetworkInputs
    from inpaint_core.networks.loaded_network import LoadedNetwork
    from inpaint_core.networks.objective import Objective


@dataclass(frozen=True)
class LossSettings:
    """The settings of a network's losses: the keys of a training file that are its own. A derived
    class has a field with a default for each.
    """

    @property
    def needs_features(self) -> str | None:
        """The name of a setting for which a classifier's features are needed, or None."""
        return None

    def check(self) -> None:
        """Raises `BadRequest` for settings that contradict each other."""


@dataclass(frozen=True)
class ReconstructionLosses(LossSettings):
    """``known`` and ``hole`` weigh the absolute error, ``perceptual`` that of SqueezeNet's maps."""

    known: float = 1.0
    hole: float = 1.0
    perceptual: float = 0.0

    @property
    def needs_features(self) -> str | None:
        """“perceptual” if that has a weight."""
        return "perceptual" if self.perceptual else None


def _make_photo_sample(
    config: Any, losses: Any, rng: Generator, truth: FloatImage, hole: BoolMask
) -> Batch:
    from inpaint_core.networks.inputs import make_photo_sample

    return make_photo_sample(truth, hole)


def _make_photo_inputs(config: Any, side: int) -> NetworkInputs:
    import torch

    from inpaint_core.networks.inputs import NetworkInputs

    return NetworkInputs(torch.empty(1, 3, side, side), torch.empty(1, 1, side, side))


def _load(network: nn.Module, device: str, dtype: torch.dtype) -> LoadedNetwork:
    from inpaint_core.networks.loaded_network import LoadedNetwork

    return LoadedNetwork(network, device, dtype)


@dataclass(frozen=True)
class NetworkSpec:
    """One network in all its variants.

    ``configs``: its configurations by id, frozen dataclasses with a field ``id``, which no other
    network uses, and an attribute ``multiple``: what both sides of an image must be a multiple of.
    ``losses``: the class of its loss settings. The rest are functions; those that need torch import
    it when they are called. ``build(config)``: the network with fresh weights, whose ``forward``
    takes `NetworkInputs` and returns a `NetworkOutput`, or classes derived from them.
    ``objective``: called with the arguments of `Objective`. ``list_taps(config)``: the maps that
    can be looked at.

    A network that sees only the photo and its hole, and gives only a picture, needs no more.
    ``build_discriminator(config, losses)``: fresh, or None. ``make_sample(config, losses, rng,
    truth, hole)``: a batch of one from a picture (h, w, 3) float32 in [0, 1] and a hole (h, w)
    bool. ``make_inputs(config, side)``: inputs of any values, ``side`` by ``side`` pixels.
    ``load(network, device, dtype)``: the network made ready for use. ``least_batch(config, side)``:
    the fewest crops of that side to train on at once, as batch normalisation needs two values per
    channel. ``list_priors(config)`` and ``list_products(config)``: ids of the priors that it takes
    and of the by-products that it gives (see `GeneratorSpec`). ``bears_float16(config)``: whether
    its values stay in the range of float16; the sums of a Fourier transform do not.
    ``add_map(config)``: a function that puts a map of what things are, (h, w, 3) float32 in [0, 1],
    into a sample; None for a network that takes none. ``ablations``: rows of the paper's tables by
    its own names, each the values of a configuration that it changes, as in a training file.
    ``longest(config)``: the longest side of an image, None for any.
    """

    id: str
    configs: Mapping[str, Any]
    losses: type[LossSettings]
    build: Callable[[Any], nn.Module]
    objective: Callable[..., Objective]
    list_taps: Callable[[Any], tuple[TapPoint, ...]]
    build_discriminator: Callable[[Any, Any], nn.Module | None] = lambda config, losses: None
    make_sample: Callable[[Any, Any, Generator, FloatImage, BoolMask], Batch] = _make_photo_sample
    make_inputs: Callable[[Any, int], NetworkInputs] = _make_photo_inputs
    load: Callable[[nn.Module, str, torch.dtype], LoadedNetwork] = _load
    least_batch: Callable[[Any, int], int] = lambda config, side: 1
    list_priors: Callable[[Any], tuple[str, ...]] = lambda config: ()
    list_products: Callable[[Any], tuple[str, ...]] = lambda config: ()
    bears_float16: Callable[[Any], bool] = lambda config: True
    add_map: Callable[[Any], Callable[[Batch, FloatImage], Batch] | None] = lambda config: None
    ablations: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    longest: Callable[[Any], int | None] = lambda config: None

    def multiple(self, config: Any) -> int:
        """What both sides of an image must be a multiple of."""
        multiple: int = config.multiple
        return multiple

    def measure_cost(self, config: Any, side: int = 512) -> NetworkCost:
        """The cost of filling one picture of ``side`` by ``side`` pixels, or of the only size that
        the network takes, from shapes alone; parts that only training needs are not among the macs.
        Imports torch.
        """
        only = self.longest(config)
        return _measure_cost(self.build, self.make_inputs, config, only or side)


@cache
def _measure_cost(
    build: Callable[[Any], nn.Module],
    make_inputs: Callable[[Any, int], NetworkInputs],
    config: Any,
    side: int,
) -> NetworkCost:
    from inpaint_core.networks.blocks.cost import measure_fill

    return measure_fill(lambda: build(config), lambda: make_inputs(config, side))
