"""Whether a network works with the weights that it was given, told without a reference."""

from __future__ import annotations

import copy

import torch
from torch import nn

from inpaint_core.contract.errors import WeightsUnavailable
from inpaint_core.networks.inputs import NetworkInputs

_SIDE = 128
_LARGEST_HALF = 65_504.0
_LEAST_STEP = 1 / 255
_RANGE = 1.5  # of a picture in [-1, 1]; a network without a bound at its end may overshoot


@torch.inference_mode()
def check_network(network: nn.Module, multiple: int) -> None:
    """Raises `WeightsUnavailable` when a fill is not finite, out of range or of one colour.
    ``multiple``: of both sides of an image.
    """
    inputs = _make_inputs(multiple)
    image = network(inputs).image
    sound = bool(torch.isfinite(image).all()) and float(image.abs().max()) <= _RANGE
    if not sound or float(image.std(dim=(-2, -1)).max()) == 0:
        raise WeightsUnavailable("weights.does_not_work")


@torch.inference_mode()
def bears_half_precision(network: nn.Module, multiple: int) -> bool:
    """Whether weights rounded to half precision change no pixel of a fill by a level of 255."""
    if any(float(p.abs().max()) > _LARGEST_HALF for p in network.parameters()):
        return False
    rounded = copy.deepcopy(network)
    for parameter in rounded.parameters():
        parameter.copy_(parameter.half().float())
    inputs = _make_inputs(multiple)
    change = (network(inputs).image - rounded(inputs).image).abs().max()
    return float(change) < 2 * _LEAST_STEP


def _make_inputs(multiple: int) -> NetworkInputs:
    """A picture with a slope, an edge and noise, and a hole in its middle."""
    side = -(-_SIDE // multiple) * multiple
    generator = torch.Generator().manual_seed(0)
    ramp = torch.linspace(-1, 1, side)
    image = (ramp[None, :] + ramp[:, None]) / 2 + (ramp > 0) * 0.3
    noise = torch.rand(1, 3, side, side, generator=generator) * 0.1
    known = torch.ones(1, 1, side, side)
    known[..., side // 3 : -side // 3, side // 3 : -side // 3] = 0
    return NetworkInputs((image + noise).clamp(-1, 1) * known, known)
