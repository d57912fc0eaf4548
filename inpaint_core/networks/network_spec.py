"""What a network declares about itself, so that the training loop, the engines and the tools need
to know none of them by name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from inpaint_core.contract.arrays import BoolMask, FloatImage
from inpaint_core.contract.specs import TapPoint

if TYPE_CHECKING:
    import torch
    from numpy.random import Generator
    from torch import nn

    from inpaint_core.networks.blocks.cost import NetworkCost
    from inpaint_core.networks.inputs import Batch
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


@dataclass(frozen=True)
class NetworkSpec:
    """One network in all its variants.

    ``configs``: its configurations by id, frozen dataclasses with a field ``id``; no other network
    has one of the same id. ``losses``: the class of its loss settings. The rest are functions,
    which import torch when they are called. ``multiple(config)``: what both sides of an image must
    be a multiple of; ``build(config)``: the network with fresh weights, whose ``forward`` takes
    `NetworkInputs` and returns a `NetworkOutput`, or classes derived from them;
    ``build_discriminator(config, losses)``: fresh, or None; ``measure_cost(config, side)``: of one
    fill of ``side`` by ``side`` pixels. ``make_sample(config, losses, rng, truth, hole)``: a batch
    of one from a picture (h, w, 3) float32 in [0, 1] and a hole (h, w) bool. ``objective``: called
    with the arguments of `Objective`. ``load(network, device, dtype)``: the network made ready for
    use. ``least_batch(config, side)``: the fewest crops of that side to train on at once, as batch
    normalisation needs two values per channel. ``longest(config)``: the longest side of an image,
    None for any. ``list_taps(config)``: the maps that can be recorded.
    """

    id: str
    configs: Mapping[str, Any]
    losses: type[LossSettings]
    multiple: Callable[[Any], int]
    build: Callable[[Any], nn.Module]
    build_discriminator: Callable[[Any, Any], nn.Module | None]
    measure_cost: Callable[[Any, int], NetworkCost]
    make_sample: Callable[[Any, Any, Generator, FloatImage, BoolMask], Batch]
    objective: Callable[..., Objective]
    load: Callable[[nn.Module, str, torch.dtype], LoadedNetwork]
    least_batch: Callable[[Any, int], int] = lambda config, side: 1
    longest: Callable[[Any], int | None] = lambda config: None
    list_taps: Callable[[Any], tuple[TapPoint, ...]] = lambda config: ()
