"""What a configuration costs: found on shapes alone, without weights or computing."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import torch

from inpaint_core.networks.blocks.counts import macs, parameters
from inpaint_core.networks.tsgl.config import STRUCTURE_PRIORS, Config
from inpaint_core.networks.tsgl.inputs import Inputs
from inpaint_core.networks.tsgl.network import build


@dataclass(frozen=True)
class Cost:
    """``parameters``: learned values, those of the edge decoder too; ``macs``:
    multiply-accumulates of one fill, without the edge decoder, which a fill does not need.
    """

    parameters: int
    macs: int


@cache
def cost(config: Config, side: int = 512) -> Cost:
    """The cost of filling one picture of ``side`` by ``side`` pixels, a multiple of 64."""
    with torch.device("meta"):
        net = build(config).eval()
        known = torch.empty(1, 1, side, side)
        inputs = Inputs(
            image=torch.empty(1, 3, side, side),
            structure=torch.empty(1, STRUCTURE_PRIORS[config.structure_prior].channels, side, side),
            known=known,
            structure_known=known,
            texture=None if config.texture_prior == "none" else torch.empty(1, 3, side, side),
        )
        return Cost(parameters(net), macs(lambda: net(inputs)))
