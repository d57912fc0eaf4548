"""What the network declares about itself."""

from __future__ import annotations

from typing import Any

from inpaint_core.networks.lama.config import CONFIGS, MULTIPLE, LamaLosses
from inpaint_core.networks.lama.taps import list_taps
from inpaint_core.networks.network_spec import NetworkSpec


def _multiple(config: Any) -> int:
    return MULTIPLE


def _build(config: Any) -> Any:
    from inpaint_core.networks.lama.network import Lama

    return Lama(config)


def _build_discriminator(config: Any, losses: Any) -> Any:
    return None


def _measure_cost(config: Any, side: int) -> Any:
    from inpaint_core.networks.lama.network import measure_cost

    return measure_cost(config, side)


def _make_sample(config: Any, losses: Any, rng: Any, truth: Any, hole: Any) -> Any:
    from inpaint_core.networks.inputs import make_photo_sample

    return make_photo_sample(truth, hole)


def _objective(*arguments: Any) -> Any:
    from inpaint_core.networks.reconstruction_objective import ReconstructionObjective

    return ReconstructionObjective(*arguments)


def _load(network: Any, device: str, dtype: Any) -> Any:
    import torch

    from inpaint_core.networks.loaded_network import LoadedNetwork

    # Sums over a whole spectrum exceed the range of float16: fills came out black with it.
    return LoadedNetwork(network, device, torch.bfloat16 if dtype is torch.float16 else dtype)


SPEC = NetworkSpec(
    id="lama",
    configs=CONFIGS,
    losses=LamaLosses,
    multiple=_multiple,
    build=_build,
    build_discriminator=_build_discriminator,
    measure_cost=_measure_cost,
    make_sample=_make_sample,
    objective=_objective,
    load=_load,
    list_taps=list_taps,
)
