"""What the network declares about itself."""

from __future__ import annotations

from typing import Any

from inpaint_core.networks.lama.config import CONFIGS, LamaLosses
from inpaint_core.networks.lama.taps import list_taps
from inpaint_core.networks.network_spec import NetworkSpec


def _build(config: Any) -> Any:
    from inpaint_core.networks.lama.network import Lama

    return Lama(config)


def _objective(*arguments: Any) -> Any:
    from inpaint_core.networks.reconstruction_objective import ReconstructionObjective

    return ReconstructionObjective(*arguments)


SPEC = NetworkSpec(
    id="lama",
    configs=CONFIGS,
    losses=LamaLosses,
    build=_build,
    objective=_objective,
    list_taps=list_taps,
    bears_float16=lambda config: False,
)
