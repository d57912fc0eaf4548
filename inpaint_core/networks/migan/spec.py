"""What the network declares about itself."""

from __future__ import annotations

from typing import Any

from inpaint_core.networks.migan.config import CONFIGS, MiganLosses
from inpaint_core.networks.migan.taps import list_taps
from inpaint_core.networks.network_spec import NetworkSpec


def _build(config: Any) -> Any:
    from inpaint_core.networks.migan.network import Migan

    return Migan(config)


def _objective(*arguments: Any) -> Any:
    from inpaint_core.networks.reconstruction_objective import ReconstructionObjective

    return ReconstructionObjective(*arguments)


SPEC = NetworkSpec(
    id="migan",
    configs=CONFIGS,
    losses=MiganLosses,
    build=_build,
    objective=_objective,
    list_taps=list_taps,
    longest=lambda config: config.multiple,
)
