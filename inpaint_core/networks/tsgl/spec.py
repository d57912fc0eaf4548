"""What the network declares about itself."""

from __future__ import annotations

from typing import Any

from inpaint_core.networks.network_spec import NetworkSpec
from inpaint_core.networks.tsgl.ablations import ABLATIONS
from inpaint_core.networks.tsgl.config import (
    CONFIGS,
    RELEASED_SIDE,
    SEMANTIC,
    STRUCTURE_PRIORS,
    Config,
    LamaConfig,
    TsglConfig,
    TsglLosses,
)
from inpaint_core.networks.tsgl.taps import list_taps


def _build(config: Any) -> Any:
    from inpaint_core.networks.tsgl.network import build_network

    return build_network(config)


def _build_discriminator(config: Any, losses: Any) -> Any:
    from inpaint_core.networks.tsgl.network import build_discriminator

    return build_discriminator(config)


def _make_inputs(config: Any, side: int) -> Any:
    from inpaint_core.networks.tsgl.inputs import make_empty_inputs

    return make_empty_inputs(config, side)


def _make_sample(*arguments: Any) -> Any:
    from inpaint_core.networks.tsgl.samples import make_sample

    return make_sample(*arguments)


def _add_map(config: Config) -> Any:
    if config.structure_prior != SEMANTIC:
        return None
    from inpaint_core.networks.tsgl.samples import add_semantic_map

    return add_semantic_map


def _objective(*arguments: Any) -> Any:
    from inpaint_core.networks.tsgl.losses import TsglObjective

    return TsglObjective(*arguments)


def _load(*arguments: Any) -> Any:
    from inpaint_core.networks.tsgl.inference import LoadedTsgl

    return LoadedTsgl(*arguments)


def _list_priors(config: Config) -> tuple[str, ...]:
    parts = STRUCTURE_PRIORS[config.structure_prior].parts
    # The released weights see edges and brightness of other levels: no other place has them.
    own = isinstance(config, TsglConfig) and config.as_released
    structure = () if own else tuple(name for name, _ in parts if name != SEMANTIC)
    return structure if config.texture_prior == "none" else (*structure, config.texture_prior)


SPEC = NetworkSpec(
    id="tsgl",
    configs=CONFIGS,
    losses=TsglLosses,
    build=_build,
    objective=_objective,
    list_taps=list_taps,
    build_discriminator=_build_discriminator,
    make_sample=_make_sample,
    make_inputs=_make_inputs,
    add_map=_add_map,
    load=_load,
    list_priors=_list_priors,
    list_products=lambda config: ("edges",),
    bears_float16=lambda config: not isinstance(config, LamaConfig),
    ablations=ABLATIONS,
    longest=lambda config: (
        RELEASED_SIDE if isinstance(config, TsglConfig) and config.as_released else None
    ),
)
