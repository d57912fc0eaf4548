"""What the network declares about itself."""

from __future__ import annotations

from typing import Any

from inpaint_core.networks.network_spec import NetworkSpec
from inpaint_core.networks.zits.config import ABLATIONS, CONFIGS, ZitsLosses
from inpaint_core.networks.zits.taps import list_taps


def _build(config: Any) -> Any:
    from inpaint_core.networks.zits.network import Zits

    return Zits(config)


def _build_discriminator(config: Any, losses: Any) -> Any:
    if not losses.needs_discriminator:
        return None
    from inpaint_core.networks.blocks.patch_discriminator import PatchDiscriminator

    return PatchDiscriminator(config.width)


def _make_inputs(*arguments: Any) -> Any:
    from inpaint_core.networks.zits.inputs import make_empty_inputs

    return make_empty_inputs(*arguments)


def _make_sample(*arguments: Any) -> Any:
    from inpaint_core.networks.zits.samples import make_sample

    return make_sample(*arguments)


def _objective(*arguments: Any) -> Any:
    from inpaint_core.networks.zits.losses import ZitsObjective

    return ZitsObjective(*arguments)


def _load(*arguments: Any) -> Any:
    from inpaint_core.networks.zits.inference import LoadedZits

    return LoadedZits(*arguments)


SPEC = NetworkSpec(
    id="zits",
    configs=CONFIGS,
    losses=ZitsLosses,
    build=_build,
    objective=_objective,
    list_taps=list_taps,
    build_discriminator=_build_discriminator,
    make_inputs=_make_inputs,
    make_sample=_make_sample,
    load=_load,
    list_products=lambda config: () if config.structure == "none" else ("edges", "wireframe"),
    bears_float16=lambda config: False,
    ablations=ABLATIONS,
)
