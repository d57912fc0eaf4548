"""What the network declares about itself."""

from __future__ import annotations

from typing import Any

from inpaint_core.networks.network_spec import NetworkSpec
from inpaint_core.networks.tsgl.config import CONFIGS, TsglConfig, TsglLosses
from inpaint_core.networks.tsgl.taps import list_taps


def _multiple(config: Any) -> int:
    return 64 if isinstance(config, TsglConfig) else 32


def _build(config: Any) -> Any:
    from inpaint_core.networks.tsgl.network import build_network

    return build_network(config)


def _build_discriminator(config: Any, losses: Any) -> Any:
    from inpaint_core.networks.tsgl.network import build_discriminator

    return build_discriminator(config)


def _measure_cost(config: Any, side: int) -> Any:
    from inpaint_core.networks.tsgl.network import measure_cost

    return measure_cost(config, side)


def _make_sample(*arguments: Any) -> Any:
    from inpaint_core.networks.tsgl.samples import make_sample

    return make_sample(*arguments)


def _objective(*arguments: Any) -> Any:
    from inpaint_core.networks.tsgl.losses import TsglObjective

    return TsglObjective(*arguments)


def _load(*arguments: Any) -> Any:
    from inpaint_core.networks.tsgl.inference import LoadedTsgl

    return LoadedTsgl(*arguments)


def _list_taps(config: Any) -> Any:
    is_whole = isinstance(config, TsglConfig) and config.balance is not None
    return list_taps(config) if is_whole else ()


SPEC = NetworkSpec(
    id="tsgl",
    configs=CONFIGS,
    losses=TsglLosses,
    multiple=_multiple,
    build=_build,
    build_discriminator=_build_discriminator,
    measure_cost=_measure_cost,
    make_sample=_make_sample,
    objective=_objective,
    load=_load,
    list_taps=_list_taps,
)
