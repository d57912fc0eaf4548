"""Whether a network works with the weights that it was given, told without a reference."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from inpaint_core.contract.errors import WeightsUnavailable
from inpaint_core.networks.inputs import NetworkInputs
from inpaint_core.networks.network_spec import NetworkSpec
from inpaint_core.photo.formats.png.png_writer import encode_png
from inpaint_core.photo.photo import Photo

_SIDE = 128
_LARGEST_HALF = 65_504.0
_LEAST_STEP = 1 / 255
_RANGE = 1.5  # of a picture in [-1, 1]; a network without a bound at its end may overshoot


_HOLE_LEVEL = 0.5  # of what is drawn where the hole is


@dataclass(frozen=True, eq=False)
class Tested:
    """The ``inputs`` of a test, and the picture that the network made of them, ``after`` (1, 3, h,
    w) in [-1, 1].
    """

    inputs: NetworkInputs
    after: Tensor


@torch.inference_mode()
def check_network(
    network: nn.Module, spec: NetworkSpec, config: Any, is_published: bool = True
) -> Tested:
    """Let a network with this ``spec`` and ``config`` fill a test picture.

    Raises `WeightsUnavailable` when the picture is not finite or of one colour, or out of range in
    the hole, as nothing else of it is used; what to do about it depends on whether the weights are
    ``is_published`` or of one's own training.
    """
    inputs = _make_inputs(spec, config)
    image = network(inputs).image
    painted = image[(inputs.known == 0).expand_as(image)]
    sound = bool(torch.isfinite(image).all()) and float(painted.abs().max()) <= _RANGE
    if not sound or float(image.std(dim=(-2, -1)).max()) == 0:
        if is_published:
            raise WeightsUnavailable("weights.does_not_work")
        raise WeightsUnavailable("weights.not_trained")
    return Tested(inputs, image)


def draw_test(tested: Tested) -> bytes:
    """A PNG file: the test picture with a grey hole, and beside it the same with the fill."""
    hole, before = tested.inputs.known == 0, (tested.inputs.image + 1) / 2
    pictures = [
        torch.where(hole, inside, before)[0].clamp(0, 1).permute(1, 2, 0).cpu().numpy()
        for inside in (torch.full_like(before, _HOLE_LEVEL), (tested.after + 1) / 2)
    ]
    both = np.concatenate(pictures, axis=1)
    return encode_png(Photo(np.ascontiguousarray(np.rint(both * 255).astype(np.uint8))))


@torch.inference_mode()
def bears_half_precision(network: nn.Module, tested: Tested) -> bool:
    """Whether weights rounded to half precision change no pixel of the test by a level of 255."""
    if any(float(p.abs().max()) > _LARGEST_HALF for p in network.parameters()):
        return False
    rounded = copy.deepcopy(network)
    for parameter in rounded.parameters():
        parameter.copy_(parameter.half().float())
    change = (tested.after - rounded(tested.inputs).image).abs().max()
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
