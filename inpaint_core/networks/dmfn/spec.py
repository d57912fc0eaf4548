"""What the network declares about itself."""

from __future__ import annotations

from typing import Any

from inpaint_core.networks.dmfn.config import CONFIGS, TABLE_2, DmfnLosses
from inpaint_core.networks.dmfn.taps import list_taps
from inpaint_core.networks.network_spec import NetworkSpec


def _build(config: Any) -> Any:
    from inpaint_core.networks.dmfn.network import Dmfn

    return Dmfn(config)


def _build_discriminator(config: Any, losses: Any) -> Any:
    if not losses.needs_discriminator:
        return None
    from inpaint_core.networks.dmfn.discriminator import Discriminator

    return Discriminator(config.width)


def _objective(*arguments: Any) -> Any:
    from inpaint_core.networks.dmfn.losses import DmfnObjective

    return DmfnObjective(*arguments)


def _least_batch(config: Any, side: int) -> int:
    return 2 if side <= 64 else 1  # the discriminator halves six times


SPEC = NetworkSpec(
    id="dmfn",
    configs=CONFIGS,
    losses=DmfnLosses,
    build=_build,
    objective=_objective,
    list_taps=list_taps,
    build_discriminator=_build_discriminator,
    least_batch=_least_batch,
    ablations={name: {"form": config.form} for name, config in TABLE_2.items()},
)
