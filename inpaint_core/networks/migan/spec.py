"""What the network declares about itself."""

from __future__ import annotations

from typing import Any

from inpaint_core.networks.migan.config import CONFIGS, MiganLosses
from inpaint_core.networks.migan.taps import list_taps
from inpaint_core.networks.network_spec import NetworkSpec


def _side(config: Any) -> int:
    side: int = config.side
    return side


def _build(config: Any) -> Any:
    from inpaint_core.networks.migan.network import Migan

    return Migan(config)


def _build_discriminator(config: Any, losses: Any) -> Any:
    return None


def _measure_cost(config: Any, side: int) -> Any:
    from inpaint_core.networks.migan.network import measure_cost

    return measure_cost(config)  # it has one side


def _make_sample(config: Any, losses: Any, rng: Any, truth: Any, hole: Any) -> Any:
    from inpaint_core.networks.inputs import make_photo_sample

    return make_photo_sample(truth, hole)


def _objective(*arguments: Any) -> Any:
    from inpaint_core.networks.reconstruction_objective import ReconstructionObjective

    return ReconstructionObjective(*arguments)


def _load(*arguments: Any) -> Any:
    from inpaint_core.networks.loaded_network import LoadedNetwork

    return LoadedNetwork(*arguments)


SPEC = NetworkSpec(
    id="migan",
    configs=CONFIGS,
    losses=MiganLosses,
    multiple=_side,
    longest=_side,
    build=_build,
    build_discriminator=_build_discriminator,
    measure_cost=_measure_cost,
    make_sample=_make_sample,
    objective=_objective,
    load=_load,
    list_taps=list_taps,
)
