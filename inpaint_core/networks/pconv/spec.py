"""What the network declares about itself."""

from __future__ import annotations

from typing import Any

from inpaint_core.networks.network_spec import NetworkSpec
from inpaint_core.networks.pconv.config import CONFIGS, PconvLosses
from inpaint_core.networks.pconv.taps import list_taps


def _build(config: Any) -> Any:
    from inpaint_core.networks.pconv.network import PconvUnet

    return PconvUnet(config)


def _objective(*arguments: Any) -> Any:
    from inpaint_core.networks.pconv.losses import PconvObjective

    return PconvObjective(*arguments)


def _least_batch(config: Any, side: int) -> int:
    return 2 if side <= config.multiple else 1  # the deepest map has a single pixel


SPEC = NetworkSpec(
    id="pconv",
    configs=CONFIGS,
    losses=PconvLosses,
    build=_build,
    objective=_objective,
    list_taps=list_taps,
    least_batch=_least_batch,
)
