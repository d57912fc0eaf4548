"""Whether a network works with the weights that it was given, told without a reference."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import torch
from torch import nn

from inpaint_core.contract.errors import WeightsUnavailable
from inpaint_core.networks.inputs import NetworkInputs
from inpaint_core.networks.network_spec import NetworkSpec

_SIDE = 128
_LARGEST_HALF = 65_504.0
_LEAST_STEP = 1 / 255
_RANGE = 1.5  # of a picture in [-1, 1]; a network without a bound at its end may overshoot


@torch.inference_mode()
def check_network(network: nn.Module, spec: NetworkSpec, config: Any) -> None:
    """Raises `WeightsUnavailable` when a fill by a network with this ``spec`` and ``config`` is not
    finite, out of range or of one colour.
    """
    inputs = _make_inputs(spec, config)
    image = network(inputs).image
    sound = bool(torch.isfinite(image).all()) and float(image.abs().max()) <= _RANGE
    if not sound or float(image.std(dim=(-2, -1)).max()) == 0:
        raise WeightsUnavailable("weights.does_not_work")


@torch.inference_mode()
def bears_half_precision(network: nn.Module, spec: NetworkSpec, config: Any) -> bool:
    """Whether weights rounded to half precision change no pixel of a fill by a level of 255."""
    if any(float(p.abs().max()) > _LARGEST_HALF for p in network.parameters()):
        return False
    rounded = copy.deepcopy(network)
    for parameter in rounded.parameters():
        parameter.copy_(parameter.half().float())
    inputs = _make_inputs(spec, config)
    change = (network(inputs).image - rounded(inputs).image).abs().max()
    return float(change) < 2 * _LEAST_STEP


def _make_inputs(spec: NetworkSpec, config: Any) -> NetworkInputs:
    """A picture with a slope, an edge and noise, and a hole in its middle."""
    multiple = spec.multiple(config)
    side = -(-_SIDE // multiple) * multiple
    rng = np.random.default_rng(0)
    ramp = np.linspace(0, 1, side, dtype=np.float32)
    picture = (ramp[None, :] + ramp[:, None]) / 2 + np.float32(0.15) * (ramp > 0.5)
    noise = rng.random((side, side, 3), np.float32) * np.float32(0.05)
    hole = np.zeros((side, side), bool)
    hole[side // 3 : -side // 3, side // 3 : -side // 3] = True
    truth = np.clip(picture[..., None] + noise, 0, 1)
    return spec.make_sample(config, spec.losses(), rng, truth, hole).inputs
