"""What the network declares about itself."""

from __future__ import annotations

from typing import Any

from inpaint_core.networks.dmfn.config import CONFIGS, DmfnLosses
from inpaint_core.networks.dmfn.taps import list_taps
from inpaint_core.networks.network_spec import NetworkSpec


def _multiple(config: Any) -> int:
    return 4


def _least_batch(config: Any, side: int) -> int:
    return 2 if side <= 64 else 1  # the discriminator halves six times


def _build(config: Any) -> Any:
    from inpaint_core.networks.dmfn.network import Dmfn

    return Dmfn(config)


def _build_discriminator(config: Any, losses: Any) -> Any:
    if not losses.needs_discriminator:
        return None
    from inpaint_core.networks.dmfn.discriminator import Discriminator

    return Discriminator(config.width)


def _measure_cost(config: Any, side: int) -> Any:
    from inpaint_core.networks.dmfn.network import measure_cost

    return measure_cost(config, side)


def _make_sample(config: Any, losses: Any, rng: Any, truth: Any, hole: Any) -> Any:
    from inpaint_core.networks.inputs import make_photo_sample

    return make_photo_sample(truth, hole)


def _objective(*arguments: Any) -> Any:
    from inpaint_core.networks.dmfn.losses import DmfnObjective

    return DmfnObjective(*arguments)


def _load(*arguments: Any) -> Any:
    from inpaint_core.networks.loaded_network import LoadedNetwork

    return LoadedNetwork(*arguments)


SPEC = NetworkSpec(
    id="dmfn",
    configs=CONFIGS,
    losses=DmfnLosses,
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
