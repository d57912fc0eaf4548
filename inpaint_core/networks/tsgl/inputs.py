"""The network's inputs and outputs, and how inputs are made from a photo."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from inpaint_core.contract.arrays import BoolMask, FloatImage
from inpaint_core.contract.errors import BadRequest
from inpaint_core.networks.inputs import NetworkInputs, NetworkOutput, hide_hole, to_tensor
from inpaint_core.networks.tsgl.config import SEMANTIC, STRUCTURE_PRIORS, Config, TsglConfig
from inpaint_core.priors.registry import priors


@dataclass(frozen=True, eq=False)
class Inputs(NetworkInputs):
    """``structure`` (B, C, H, W): the channels of the configuration's structure prior;
    ``structure_known``: ``known`` and the edges drawn inside the hole; ``texture`` (B, 3, H, W) in
    [-1, 1]: the smoothed image, None for networks without it.
    """

    structure: Tensor
    structure_known: Tensor
    texture: Tensor | None = None


@dataclass(frozen=True, eq=False)
class Output(NetworkOutput):
    """``edges`` (B, 1, H, W) in [0, 1], if asked for."""

    edges: Tensor | None = None


def mask_structure(inputs: Inputs, drawable: bool) -> Tensor:
    """The structure with its hole set to 0. Only edges can be drawn inside the photo's hole; the
    other channels are 0 there.
    """
    if not drawable:
        return torch.where(inputs.known > 0, inputs.structure, 0)
    edges = torch.where(inputs.structure_known > 0, inputs.structure[:, :1], 0)
    rest = torch.where(inputs.known > 0, inputs.structure[:, 1:], 0)
    return torch.cat([edges, rest], dim=1)


def prepare_inputs(
    image: FloatImage,
    hole: BoolMask,
    config: Config,
    drawn: BoolMask | None = None,
    computed: Mapping[str, NDArray[Any]] | None = None,
) -> Inputs:
    """A batch of one from a photo (h, w, 3) float32 RGB in [0, 1] and its hole (h, w) bool.

    ``drawn`` (h, w) bool: edges inside the hole that the fill must have. Priors are computed from
    the known part only; ``computed`` holds those that exist already, by id. Raises ValueError when
    edges are drawn for a structure prior without edges, `NothingToCopy` when nothing is known, and
    `BadRequest` when a semantic map is needed, which cannot be computed.
    """
    prior = STRUCTURE_PRIORS[config.structure_prior]
    if drawn is not None and not prior.drawable:
        raise ValueError(f"no edges can be drawn for the structure prior {config.structure_prior}")

    wrapped = wrap_levels(image) if takes_wrapped(config) else None

    def get_prior(name: str) -> NDArray[np.float32]:
        if wrapped is not None and name in WRAPPED:
            return np.asarray(priors()[name].run(wrapped, hole), np.float32)
        known = computed[name] if computed and name in computed else None
        if name == SEMANTIC:
            if known is None:
                raise BadRequest("engine.needs_semantic")
            known = np.where(hole[..., None], 0, known)
        return np.asarray(priors()[name].run(image, hole) if known is None else known, np.float32)

    parts = [np.atleast_3d(get_prior(name))[..., list(channels)] for name, channels in prior.parts]
    known = ~hole
    structure_known = known
    if drawn is not None:
        inside = drawn & hole
        structure_known = known | inside
        parts[0] = np.where(inside[..., None], np.float32(1), parts[0])
    texture = None
    if config.texture_prior != "none":
        texture = to_tensor(get_prior(config.texture_prior) * 2 - 1)
    return Inputs(
        image=hide_hole(image, hole),
        structure=to_tensor(np.concatenate(parts, axis=2)),
        known=to_tensor(known.astype(np.float32)),
        structure_known=to_tensor(structure_known.astype(np.float32)),
        texture=texture,
    )


WRAPPED = ("canny", "grey")
"""The priors that the released weights take from `wrap_levels`."""


def takes_wrapped(config: Config) -> bool:
    """Whether a network takes its structure from `wrap_levels`."""
    return isinstance(config, TsglConfig) and config.as_released


def wrap_levels(image: FloatImage) -> FloatImage:
    """A photo in [0, 1] as the published code turns it into whole levels before it looks for edges
    and brightness: it takes it as [-1, 1], and levels below 0 come out above 127.
    """
    levels = np.trunc((image * np.float32(2) - 1) * 255).astype(np.int64) % 256
    return np.asarray(levels / 255, np.float32)


def make_empty_inputs(config: Config, side: int) -> Inputs:
    """A batch of one of ``side`` by ``side`` pixels, of any values."""
    known = torch.empty(1, 1, side, side)
    return Inputs(
        image=torch.empty(1, 3, side, side),
        structure=torch.empty(1, STRUCTURE_PRIORS[config.structure_prior].channels, side, side),
        known=known,
        structure_known=known,
        texture=None if config.texture_prior == "none" else torch.empty(1, 3, side, side),
    )
