"""What the network declares about itself."""

from __future__ import annotations

from typing import Any

from inpaint_core.networks.network_spec import NetworkSpec
from inpaint_core.networks.pconv.config import CONFIGS, PconvLosses
from inpaint_core.networks.pconv.taps import list_taps


def _multiple(config: Any) -> int:
    multiple: int = config.multiple
    return multiple


def _least_batch(config: Any, side: int) -> int:
    return 2 if side <= config.multiple else 1  # the deepest map has a single pixel


def _build(config: Any) -> Any:
    from inpaint_core.networks.pconv.network import PconvUnet

    return PconvUnet(config)


def _build_discriminator(config: Any, losses: Any) -> Any:
    return None  # the losses are the classifier's


def _measure_cost(config: Any, side: int) -> Any:
    from inpaint_core.networks.pconv.network import measure_cost

    return measure_cost(config, side)


def _make_sample(config: Any, losses: Any, rng: Any, truth: Any, hole: Any) -> Any:
    from inpaint_core.networks.inputs import make_photo_sample

    return make_photo_sample(truth, hole)


def _objective(*arguments: Any) -> Any:
    from inpaint_core.networks.pconv.losses import PconvObjective

    return PconvObjective(*arguments)


def _load(*arguments: Any) -> Any:
    from inpaint_core.networks.loaded_network import LoadedNetwork

    return LoadedNetwork(*arguments)


SPEC = NetworkSpec(
    id="pconv",
    configs=CONFIGS,
    losses=PconvLosses,
    multiple=_multiple,
    build=_build,
    build_discriminator=_build_discriminator,
    measure_cost=_measure_cost,
    make_sample=_make_sample,
    objective=_objective,
    load=_load,
    list_taps=list_taps,
    least_batch=_least_batch,
)
